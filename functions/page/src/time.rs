//! Times. The server does not know the reader's zone: it says them in UTC, and the script tells them anew.

use jiff::Timestamp;
use maud::{Markup, html};

/// A moment.
pub(crate) fn time(at: Timestamp) -> Markup {
    let words = at.strftime("%e %B %Y, %H:%M UTC").to_string();
    html! { time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) { (words.trim_start()) } }
}

/// A moment in a table, in as few letters as tell it.
pub(crate) fn day_and_time(at: Timestamp) -> Markup {
    let words = at.strftime("%e %b %Y, %H:%M").to_string();
    html! { time data-short datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) { (words.trim_start()) } }
}
