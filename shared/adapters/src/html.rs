//! The frame around every page.

use lambda_http::http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use crate::http::{Answer, Problem};

/// A page in its frame. `person` is the name of whoever is signed in.
#[must_use]
pub fn page(title: &str, person: Option<&str>, public_url: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Gusset" }
                link rel="stylesheet" href={ (public_url) "/gusset.css" };
            }
            body {
                header {
                    a.brand href={ (public_url) "/" } { "Gusset" }
                    @if let Some(person) = person {
                        form method="post" action={ (public_url) "/oauth/sign-out" } {
                            span { (person) }
                            button.quiet type="submit" { "Sign out" }
                        }
                    }
                }
                main { (body) }
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
