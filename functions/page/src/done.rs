//! What a form has done, said on the page to which it comes back; or what it did not do, and why.

use gusset_adapters::http::{Answer, Incoming, Notice};
use maud::{Markup, html};

/// What a form did. Its name stands in the address of the page to which the form comes back.
const DONE: &[(&str, &str)] = &[
    (
        "asked",
        "Request sent. We'll email you the answer, and it will show here.",
    ),
    ("accepted", "The two projects are connected."),
    ("declined", "The request is declined."),
    ("reminded", "The reminder is sent."),
    ("withdrawn", "The request is withdrawn."),
    ("disconnected", "The projects are disconnected. What was copied stays."),
    ("paused", "Paused. What is new waits until you resume the connection."),
    ("resumed", "Resumed. What waited for that is being sent now."),
    ("saved", "Saved."),
    ("replaced", "The project has a new code. The old one has stopped."),
    (
        "webhook-secret",
        "The webhook secret is replaced. The previous one works for one more hour.",
    ),
    ("sent", "On its way. What becomes of each item is shown here."),
    ("retried", "Trying again. What becomes of it is shown here."),
    ("many", "Done. What becomes of each item is shown here."),
    ("view", "The view is saved."),
    ("view-deleted", "The view is deleted."),
    ("manager", "Saved. What waited for it goes on now."),
    (
        "deleted",
        "The service account is deleted. What arrives waits until it is made again.",
    ),
    ("refreshing", "Gusset looks for news in Procore now."),
    (
        "parted",
        "Procore is disconnected. Your projects and plans stay as they are.",
    ),
    (
        "calendar",
        "Your calendar has a new address. The former one has stopped: subscribe again where you use it.",
    ),
    (
        "packing",
        "The plans are being packed. The download shows here as soon as it is ready.",
    ),
    (
        "link",
        "We have sent you a link. It may take a minute, or lie in your spam folder.",
    ),
];

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
        let asked = incoming.query("done");
        let known = DONE.iter().find(|(done, _)| asked.as_deref() == Some(done));
        match Notice::of(incoming) {
            Some(notice) => Some(Self::Refused {
                name: known.map(|(name, _)| *name),
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
