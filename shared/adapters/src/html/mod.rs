//! The frame around every page, and the style sheet, script and icon that pages load.

mod assets;

use lambda_http::http::StatusCode;
use maud::{DOCTYPE, Markup, html};

pub use assets::{Asset, asset};

use crate::http::{Answer, Problem};

/// A page in its frame. `person` is the name of whoever is signed in.
#[must_use]
pub fn page(title: &str, person: Option<&str>, public_url: &str, body: &Markup) -> Markup {
    let address = |asset: &Asset| format!("{public_url}/assets/{}", asset.name);
    html! {
        (DOCTYPE)
        html lang="en" {
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
                a.skip href="#main" { "Skip to content" }
                header {
                    a.brand href={ (public_url) "/" } { "Gusset" }
                    @if let Some(person) = person {
                        form method="post" action={ (public_url) "/oauth/sign-out" } {
                            span.person { (person) }
                            button.quiet type="submit" { "Sign out" }
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

/// A problem as a page, with a way on.
#[must_use]
pub fn problem_page(problem: &Problem, public_url: &str, way_on: (&str, &str)) -> Answer {
    let body = html! {
        h1 { (problem.title) }
        p { (problem.detail) }
        p { a.button href={ (public_url) (way_on.0) } { (way_on.1) } }
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Answer::html(status, page(&problem.title, None, public_url, &body))
}
