//! What a form has done, said on the page to which it comes back; or what it did not do, and why.

use gusset_adapters::http::{Answer, Incoming, Notice};
use maud::{Markup, html};

/// What a form did. Its name stands in the address of the page to which the form comes back.
const DONE: &[(&str, &str)] = &[
    (
        "asked",
        "The request is on its way. You hear of the answer by mail, and see it here.",
    ),
    ("accepted", "The two projects are connected."),
    ("declined", "The request is declined."),
    ("reminded", "The reminder is sent."),
    ("withdrawn", "The request is withdrawn."),
    ("disconnected", "The projects are disconnected. What was copied stays."),
    ("saved", "Saved."),
    ("replaced", "The project has a new code. The old one has stopped."),
    (
        "webhook-secret",
        "The webhook secret is replaced. The previous one works for one more hour.",
    ),
    ("sent", "On its way. What becomes of each item is shown here."),
    ("retried", "Trying again. What becomes of it is shown here."),
    ("many", "Done. What becomes of each item is shown here."),
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
    Done(&'static str),
    /// It did not.
    Refused(Notice),
}

impl Said {
    /// What a request brings with it.
    pub(crate) fn of(incoming: &Incoming) -> Option<Self> {
        let done = || {
            let name = incoming.query("done")?;
            DONE.iter()
                .find(|(done, _)| *done == name)
                .map(|(_, words)| Self::Done(words))
        };
        Notice::of(incoming).map(Self::Refused).or_else(done)
    }

    /// The words, as the page shows them.
    pub(crate) fn shown(&self) -> Markup {
        match self {
            Self::Done(words) => html! { div.notice.good role="status" { p { (words) } } },
            Self::Refused(refused) => html! {
                div.notice role="alert" { strong { (refused.title) } p { (refused.detail) } }
            },
        }
    }

    /// The page's answer, which takes along what it says only once.
    pub(crate) fn said_once(&self, answer: Answer, incoming: &Incoming) -> Answer {
        match self {
            Self::Done(_) => answer,
            Self::Refused(_) => answer.cookie(Notice::said(incoming)),
        }
    }
}
