//! What a form has done, said on the page to which it comes back; or what it did not do, and why.

use gusset_adapters::http::{Answer, Incoming, Notice};
use gusset_words::say;
use maud::{Markup, html};

/// What a form did, in words. Its name stands in the address of the page to which the form comes back.
fn done(name: &str) -> Option<&'static str> {
    Some(match name {
        "asked" => say!("done-asked"),
        "accepted" => say!("done-accepted"),
        "declined" => say!("done-declined"),
        "reminded" => say!("done-reminded"),
        "withdrawn" => say!("done-withdrawn"),
        "disconnected" => say!("done-disconnected"),
        "paused" => say!("done-paused"),
        "resumed" => say!("done-resumed"),
        "saved" => say!("done-saved"),
        "replaced" => say!("done-replaced"),
        "webhook-secret" => say!("done-webhook-secret"),
        "sent" => say!("done-sent"),
        "backfill" => say!("done-backfill"),
        "backfill-paused" => say!("done-backfill-paused"),
        "backfill-resumed" => say!("done-backfill-resumed"),
        "backfill-cancelled" => say!("done-backfill-cancelled"),
        "retried" => say!("done-retried"),
        "many" => say!("done-many"),
        "view" => say!("done-view"),
        "view-deleted" => say!("done-view-deleted"),
        "manager" => say!("done-manager"),
        "deleted" => say!("done-deleted"),
        "refreshing" => say!("done-refreshing"),
        "parted" => say!("done-parted"),
        "calendar" => say!("done-calendar"),
        "packing" => say!("done-packing"),
        "link" => say!("done-link"),
        _ => return None,
    })
}

/// What is said on top of a page about the form that led to it.
pub(crate) enum Said {
    /// It did it.
    Done {
        /// Its name in the address.
        name: String,
        /// What it did.
        words: &'static str,
    },
    /// It did not.
    Refused {
        /// The name in the address of what it was to do.
        name: Option<String>,
        /// Why it did not.
        notice: Notice,
    },
}

impl Said {
    /// What a request brings with it.
    pub(crate) fn of(incoming: &Incoming) -> Option<Self> {
        let known = incoming.query("done").and_then(|name| Some((done(&name)?, name)));
        match Notice::of(incoming) {
            Some(notice) => Some(Self::Refused {
                name: known.map(|(_, name)| name),
                notice,
            }),
            None => known.map(|(words, name)| Self::Done { name, words }),
        }
    }

    /// What was done, where something was.
    pub(crate) fn done(&self) -> Option<&str> {
        match self {
            Self::Done { name, .. } => Some(name),
            Self::Refused { .. } => None,
        }
    }

    /// What was not done, where something was not.
    pub(crate) fn refused(&self) -> Option<&str> {
        match self {
            Self::Done { .. } => None,
            Self::Refused { name, .. } => name.as_deref(),
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
