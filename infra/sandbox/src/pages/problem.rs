//! What a page says when something could not be done.

use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::layout;
use crate::refusal::Refusal;
use crate::world::Person;

/// A page of its own for a refusal.
pub(super) fn page(person: &Person, refusal: &Refusal) -> Response {
    let content = html! {
        h1 { "This did not work" }
        (list(Some(refusal)))
        p { a href="/" { "To your projects" } }
    };
    (refusal.status(), layout("Problem", Some(person), &content)).into_response()
}

/// The complaints, above a form.
pub(super) fn list(refusal: Option<&Refusal>) -> Markup {
    html! {
        @for sentence in refusal.map(Refusal::sentences).unwrap_or_default() {
            p.problem role="alert" { (sentence) }
        }
    }
}
