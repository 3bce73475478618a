//! The parts of a page that the script keeps current, each with a fingerprint by which it is left alone or swapped.
//!
//! What the script asks for is made by the same functions as the page.

use std::hash::{DefaultHasher, Hash, Hasher};

use gusset_adapters::http::{Answer, Incoming};
use lambda_http::http::{StatusCode, header};
use maud::{Markup, html};

/// A part of a list: `id` is its own within the page, and `says` is read out when it changes or comes.
pub(crate) fn part(id: &str, says: &str, body: &Markup) -> Markup {
    html! { article id=(id) data-part=(fingerprint(&body.0)) data-says=(says) { (body) } }
}

/// As [`part`], where the body alone does not say whether it has changed: signed links are others each time. `of` is what
/// it was made from.
pub(crate) fn part_made_of(id: &str, says: &str, of: &impl Hash, body: &Markup) -> Markup {
    html! { article id=(id) data-part=(fingerprint(of)) data-says=(says) { (body) } }
}

/// What stands in a list without anything in it.
pub(crate) fn empty(id: &str, body: &Markup) -> Markup {
    html! { div id=(id) data-part=(fingerprint(&body.0)) { (body) } }
}

/// The answer to the script: the lists, or that nothing has changed since it asked last.
pub(crate) fn answer(incoming: &Incoming, lists: Markup) -> Answer {
    let of = fingerprint(&lists.0);
    answer_made_of(incoming, &of, lists)
}

/// As [`answer`], for lists with parts that are [made of](part_made_of) something else than what they show.
pub(crate) fn answer_made_of(incoming: &Incoming, of: &impl Hash, lists: Markup) -> Answer {
    let tag = format!("\"{}\"", fingerprint(of));
    if incoming.header(header::IF_NONE_MATCH) == Some(tag.as_str()) {
        Answer::not_modified(&tag)
    } else {
        Answer::html(StatusCode::OK, lists).header(header::ETAG, tag)
    }
}

/// What tells one thing from another.
pub(crate) fn fingerprint(of: &(impl Hash + ?Sized)) -> String {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
