//! The frame around every page, and the style sheet, script and icon that pages load.

mod assets;

use gusset_domain::names::shown;
use gusset_words::say;
use lambda_http::http::StatusCode;
use maud::{DOCTYPE, Markup, html};

pub use assets::{Asset, asset};

use crate::http::{Answer, Problem};

/// Who looks at a page. The header says so, and signs that one out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer<'a> {
    /// Somebody who is not signed in, or of whom the page does not say.
    Nobody,
    /// Somebody who is signed in with Procore, by name.
    Person(&'a str),
    /// Somebody who is signed in to an estimating account, by e-mail address.
    Estimator(&'a str),
}

impl<'a> Viewer<'a> {
    /// Who it is, and the path that signs that one out.
    fn signed_in(self) -> Option<(&'a str, &'static str)> {
        match self {
            Self::Nobody => None,
            Self::Person(name) => Some((name, "/oauth/sign-out")),
            Self::Estimator(email) => Some((email, "/api/account/sign-out")),
        }
    }
}

/// A page in its frame.
#[must_use]
pub fn page(title: &str, viewer: Viewer<'_>, public_url: &str, body: &Markup) -> Markup {
    let address = |asset: &Asset| format!("{public_url}/assets/{}", asset.name);
    html! {
        (DOCTYPE)
        html lang=(gusset_words::language()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Gusset" }
                link rel="icon" type="image/svg+xml" href=(address(assets::icon()));
                link rel="stylesheet" href=(address(assets::style()));
                script defer src=(address(assets::script())) {}
            }
            body data-base=(public_url) {
                a.skip href="#main" { (say!("frame-skip")) }
                header {
                    a.brand href={ (public_url) "/" } { (mark()) "Gusset" }
                    @if let Some((who, sign_out)) = viewer.signed_in() {
                        form method="post" action={ (public_url) (sign_out) } {
                            span.person { (shown(who)) }
                            button.quiet type="submit" { (say!("frame-sign-out")) }
                        }
                    }
                }
                div #stopped.notice.stopped role="alert" hidden {}
                main #main tabindex="-1" { (body) }
                // What changes by itself is told here to who does not see it.
                div #announcer.unseen role="status" aria-live="polite" {}
            }
        }
    }
}

/// The plate that joins two beams.
fn mark() -> Markup {
    html! {
        svg viewBox="0 0 32 32" aria-hidden="true" {
            path fill="currentcolor" d="M3 3h8v18h18v8H3z" {}
            path d="M14 6v12h12z" {}
        }
    }
}

/// A problem as a page, with a way on.
#[must_use]
pub fn problem_page(problem: &Problem, public_url: &str, way_on: (&str, &str)) -> Answer {
    let body = html! {
        h1 { (problem.title) }
        p { (problem.detail) }
        p { a.button href={ (public_url) (way_on.0) } { (way_on.1) } }
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Answer::html(status, page(&problem.title, Viewer::Nobody, public_url, &body))
}
