//! The front page of whoever is not signed in: what Gusset is, who it is for, and what it looks like.

use gusset_adapters::{
    html::{self, Viewer},
    http::{Answer, Incoming},
};
use gusset_domain::return_to::own_page;
use lambda_http::http::StatusCode;
use maud::{Markup, html};

use crate::{estimating, url_encoded};

/// A row of the picture: numbers, subject, tool, direction, status and its class, and when.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const ROWS: [Row; 6] = [
    (
        "31 → 214",
        "Riser 2 has no sleeve at level 4",
        "RFI",
        "Received",
        "good",
        "Delivered",
        "09:12",
    ),
    (
        "30 → –",
        "Conduit clashes with beam B4",
        "RFI",
        "Received",
        "wait",
        "Waiting",
        "09:05",
    ),
    (
        "118 → 77",
        "Which anchor at grid line 7?",
        "RFI",
        "Sent",
        "good",
        "Delivered",
        "08:47",
    ),
    (
        "–",
        "6 workers, 48 hours, formwork",
        "Working hours",
        "Sent",
        "good",
        "Delivered",
        "08:30",
    ),
    (
        "–",
        "Rain until noon, no crane",
        "Note",
        "Sent",
        "new",
        "Sending",
        "08:29",
    ),
    (
        "117 → –",
        "Slab opening at stair B",
        "RFI",
        "Sent",
        "bad",
        "Failed",
        "Yesterday",
    ),
];

/// The page. Signing in leads back to the page from which it was asked for.
pub(crate) fn page(incoming: &Incoming) -> Answer {
    let url = incoming.public_url();
    let return_to = own_page(incoming.query("return_to").as_deref());
    let sign_in = html! {
        a.button href={ (url) "/oauth/start?return_to=" (url_encoded(&return_to)) } { "Sign in with Procore" }
    };
    let body = html! {
        div.landing.wide {
            div.pitch {
                h1 { "Two companies, one building" }
                p.lead {
                    "Gusset connects your Procore project with the project of the company you work with. RFIs and Site Diary entries \
                     that one side creates arrive on the other, once, and stay."
                }
                div.actions { (sign_in) }
                p.hint { "You need Admin on the project's Admin tool to connect it." }
            }
            (picture())
        }
        div.reasons.wide {
            (reason("For general contractors", "See the RFIs of every trade in your own project, with your own numbers, manager and \
                due dates. Forty projects are one table: what needs you comes first."))
            (reason("For trades and consultants", "Work in your own Procore project. What your client has to know is sent \
                automatically, or only when you send it: that is your choice, for each connection and tool."))
            (reason("For whoever has to rely on it", "Each company keeps its own copies, also after you disconnect. Each item arrives \
                exactly once, and says what became of it, or who can help it on."))
        }
        section.estimators.wide {
            h2 { "Do you price work?" }
            p { "Drawings, specifications and documents of every project that you are invited to come into one bid calendar, and stay current." }
            p { a href={ (url) (estimating::FRONT) } { "For estimators: keep plans in sync" } }
        }
    };
    Answer::html(
        StatusCode::OK,
        html::page("RFIs and Site Diaries between companies", Viewer::Nobody, &url, &body),
    )
}

fn reason(title: &str, words: &str) -> Markup {
    html! { div { h2 { (title) } p { (words) } } }
}

/// The Activity of a connection, drawn from what the real page is made of. It is a picture: nothing in it can be pressed.
fn picture() -> Markup {
    html! {
        figure.picture role="img" aria-label="The Activity of a connection: a table of RFIs, working hours and notes, each with its number on both sides, and whether it was delivered, waits or failed." {
            div aria-hidden="true" {
                p.where { "Pier 9 Tower / Southside Electrical" }
                p.problem { span.badge.wait { "15 RFIs wait" } " Choose an RFI manager for Pier 9 Electrical" }
                div.rows {
                    @for (numbers, subject, tool, direction, class, status, at) in ROWS {
                        div {
                            span.numbers { (numbers) } b { (subject) } span.tool { (tool) " · " (direction) }
                            span class={ "badge " (class) } { (status) } span.at { (at) }
                        }
                    }
                }
            }
        }
    }
}
