//! What a page says while Procore does not answer, and when it looks again.

use gusset_adapters::sessions::Busy;
use gusset_words::{say, say_html};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::time::time;

/// The notice. With the script, time counts down in it, and the page takes in what it lacks without losing what is typed or
/// ticked; without, there is a link to the page itself, whatever its address: a page that loads itself again would lose that.
pub(crate) fn notice(busy: Busy, now: Timestamp) -> Markup {
    html! {
        p {
            @match busy.since {
                Some(at) => (say_html!("busy-since", ago = ago(at, now))),
                None => (say!("busy")),
            }
            " " span.scripted { (say_html!("busy-again", seconds = html! { span data-countdown { (busy.again_in) } })) }
            noscript { " " a href="" { (say!("busy-try")) } }
        }
    }
}

/// How long ago it was, where that is not long.
fn ago(at: Timestamp, now: Timestamp) -> Markup {
    let passed = now.duration_since(at);
    html! {
        @if passed < SignedDuration::from_mins(1) {
            (say!("busy-lately"))
        } @else if passed < SignedDuration::from_hours(1) {
            (say!("busy-minutes", minutes = passed.as_mins()))
        } @else {
            (time(at))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_since_when_a_page_is_as_it_is() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let words = |second| ago(at(0), at(second)).into_string();
        assert_eq!(words(59), "less than a minute ago");
        assert_eq!(words(60), "1 min ago");
        assert_eq!(words(3_599), "59 min ago");
        assert!(words(3_600).contains("1 Jan 1970, 00:00 UTC"));
    }
}
