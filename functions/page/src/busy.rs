//! What a page says while Procore does not answer, and when it looks again.

use gusset_adapters::sessions::Busy;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::time::time;

/// The notice. With the script, time counts down in it, and the page takes in what it lacks without losing what is typed or
/// ticked; without, there is a link to the page itself, whatever its address: a page that loads itself again would lose that.
pub(crate) fn notice(busy: Busy, now: Timestamp) -> Markup {
    html! {
        p {
            @match busy.since {
                Some(at) => { "Procore is busy, updated " (ago(at, now)) ". What is new there shows here once it answers." }
                None => "Procore is busy. What is missing here shows once it answers, and what you have typed or ticked stays.",
            }
            " " span.scripted { "Trying again in " span data-countdown { (busy.again_in) } " s." }
            noscript { " " a href="" { "Try again" } }
        }
    }
}

/// How long ago it was, where that is not long.
fn ago(at: Timestamp, now: Timestamp) -> Markup {
    let passed = now.duration_since(at);
    html! {
        @if passed < SignedDuration::from_mins(1) {
            "less than a minute ago"
        } @else if passed < SignedDuration::from_hours(1) {
            (passed.as_mins()) " min ago"
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
