//! What a form has done, said on the page to which it comes back; or what it did not do, and why.

use gusset_adapters::http::{Answer, Incoming, Notice};
use gusset_words::say;
use maud::{Markup, html};

/// What a form did. Its name stands in the address of the page to which the form comes back.
fn done(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "asked" => ("asked", say!("done-asked")),
        "accepted" => ("accepted", say!("done-accepted")),
        "declined" => ("declined", say!("done-declined")),
        "reminded" => ("reminded", say!("done-reminded")),
        "withdrawn" => ("withdrawn", say!("done-withdrawn")),
        "disconnected" => ("disconnected", say!("done-disconnected")),
        "paused" => ("paused", say!("done-paused")),
        "resumed" => ("resumed", say!("done-resumed")),
        "saved" => ("saved", say!("done-saved")),
        "replaced" => ("replaced", say!("done-replaced")),
        "webhook-secret" => ("webhook-secret", say!("done-webhook-secret")),
        "sent" => ("sent", say!("done-sent")),
        "backfill" => ("backfill", say!("done-backfill")),
        "backfill-paused" => ("backfill-paused", say!("done-backfill-paused")),
        "backfill-resumed" => ("backfill-resumed", say!("done-backfill-resumed")),
        "backfill-cancelled" => ("backfill-cancelled", say!("done-backfill-cancelled")),
        "retried" => ("retried", say!("done-retried")),
        "many" => ("many", say!("done-many")),
        "view" => ("view", say!("done-view")),
        "view-deleted" => ("view-deleted", say!("done-view-deleted")),
        "manager" => ("manager", say!("done-manager")),
        "deleted" => ("deleted", say!("done-deleted")),
        "refreshing" => ("refreshing", say!("done-refreshing")),
        "parted" => ("parted", say!("done-parted")),
        "calendar" => ("calendar", say!("done-calendar")),
        "packing" => ("packing", say!("done-packing")),
        "link" => ("link", say!("done-link")),
        _ => return None,
    })
}

/// What is said on top of a page about the form that led to it.
pub(crate) enum Said {
    /// It did it.
    Done {
        /// Its name in the address.
        name: &'static str,
        /// What it did.
        words: &'static str,
    },
    /// It did not.
    Refused {
        /// The name in the address of what it was to do.
        name: Option<&'static str>,
        /// Why it did not.
        notice: Notice,
    },
}

impl Said {
    /// What a request brings with it.
    pub(crate) fn of(incoming: &Incoming) -> Option<Self> {
        let known = incoming.query("done").and_then(|name| done(&name));
        match Notice::of(incoming) {
            Some(notice) => Some(Self::Refused {
                name: known.map(|(name, _)| name),
                notice,
            }),
            None => known.map(|(name, words)| Self::Done { name, words }),
        }
    }

    /// What was done, where something was.
    pub(crate) fn done(&self) -> Option<&'static str> {
        match self {
            Self::Done { name, .. } => Some(name),
            Self::Refused { .. } => None,
        }
    }

    /// What was not done, where something was not.
    pub(crate) fn refused(&self) -> Option<&'static str> {
        match self {
            Self::Done { .. } => None,
            Self::Refused { name, .. } => *name,
        }
    }

    /// The words, as the page shows them.
    pub(crate) fn shown(&self) -> Markup {
        match self {
            Self::Done { words, .. } => html! { div.notice.good role="status" data-news { p { (words) } } },
            Self::Refused { notice, .. } => html! {
                div.notice role="alert" { strong { (notice.title) } p { (notice.detail) } }
            },
        }
    }

    /// The page's answer, which takes along what it says only once.
    pub(crate) fn said_once(&self, answer: Answer, incoming: &Incoming) -> Answer {
        match self {
            Self::Done { .. } => answer,
            Self::Refused { .. } => answer.cookie(Notice::said(incoming)),
        }
    }
}
