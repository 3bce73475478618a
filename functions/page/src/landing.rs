//! The front page of whoever is not signed in: what Gusset is, who it is for, and what it looks like.

use gusset_adapters::{
    html::{self, Viewer},
    http::{Answer, Incoming},
};
use gusset_domain::return_to::own_page;
use gusset_words::say;
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

fn rows() -> [Row; 6] {
    [
        (
            "31 → 214",
            say!("picture-riser"),
            say!("picture-rfi"),
            say!("picture-received"),
            "good",
            say!("picture-delivered"),
            "09:12",
        ),
        (
            "30 → –",
            say!("picture-conduit"),
            say!("picture-rfi"),
            say!("picture-received"),
            "wait",
            say!("picture-waiting"),
            "09:05",
        ),
        (
            "118 → 77",
            say!("picture-anchor"),
            say!("picture-rfi"),
            say!("picture-sent"),
            "good",
            say!("picture-delivered"),
            "08:47",
        ),
        (
            "–",
            say!("picture-workers"),
            say!("picture-hours"),
            say!("picture-sent"),
            "good",
            say!("picture-delivered"),
            "08:30",
        ),
        (
            "–",
            say!("picture-rain"),
            say!("picture-note"),
            say!("picture-sent"),
            "new",
            say!("picture-sending"),
            "08:29",
        ),
        (
            "117 → –",
            say!("picture-slab"),
            say!("picture-rfi"),
            say!("picture-sent"),
            "bad",
            say!("picture-failed"),
            say!("picture-yesterday"),
        ),
    ]
}

/// The page. Signing in leads back to the page from which it was asked for.
pub(crate) fn page(incoming: &Incoming) -> Answer {
    let url = incoming.public_url();
    let return_to = own_page(incoming.query("return_to").as_deref());
    let sign_in = html! {
        a.button href={ (url) "/oauth/start?return_to=" (url_encoded(&return_to)) } { (say!("landing-sign-in")) }
    };
    let body = html! {
        div.landing.wide {
            div.pitch {
                h1 { (say!("landing-claim")) }
                p.lead {
                    (say!("landing-lead"))
                }
                div.actions { (sign_in) }
                p.hint { (say!("landing-admin")) }
            }
            (picture())
        }
        div.reasons.wide {
            (reason(say!("landing-contractors"), say!("landing-contractors-why")))
            (reason(say!("landing-trades"), say!("landing-trades-why")))
            (reason(say!("landing-relying"), say!("landing-relying-why")))
        }
        section.estimators.wide {
            h2 { (say!("landing-estimators")) }
            p { (say!("landing-estimators-why")) }
            p { a href={ (url) (estimating::FRONT) } { (say!("landing-estimators-link")) } }
        }
    };
    Answer::html(
        StatusCode::OK,
        html::page(say!("landing-title"), Viewer::Nobody, &url, &body),
    )
}

fn reason(title: &str, words: &str) -> Markup {
    html! { div { h2 { (title) } p { (words) } } }
}

/// The Activity of a connection, drawn from what the real page is made of. It is a picture: nothing in it can be pressed.
fn picture() -> Markup {
    html! {
        figure.picture role="img" aria-label=(say!("picture-label")) {
            div aria-hidden="true" {
                p.where { (say!("picture-where")) }
                p.problem { span.badge.wait { (say!("picture-wait")) } " " (say!("picture-mend")) }
                div.rows {
                    @for (numbers, subject, tool, direction, class, status, at) in rows() {
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
