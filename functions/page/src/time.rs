//! Times, in one form for each place: a moment, a moment in a table, a day, and how far away a day is.
//!
//! The server does not know the reader's zone: it says them in UTC, and the script tells them anew.

use gusset_words::say;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use maud::{Markup, html};

/// A moment.
pub(crate) fn time(at: Timestamp) -> Markup {
    html! { time datetime=(iso(at)) { (at.strftime("%-d %b %Y, %H:%M UTC").to_string()) } }
}

/// A moment in a table, in as few letters as tell it.
pub(crate) fn day_and_time(at: Timestamp) -> Markup {
    html! { time data-short datetime=(iso(at)) { (at.strftime("%-d %b %Y, %H:%M").to_string()) } }
}

/// A day.
pub(crate) fn day(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

/// How far away a moment is that is still to come; none where it is past.
pub(crate) fn until(at: Timestamp, now: Timestamp) -> Option<Markup> {
    let words = until_in_words(at, now)?;
    Some(html! { span.badge.new data-until=(iso(at)) { (words) } })
}

/// In hours, which are the same in each time zone, up to two days; and beyond in days of the calendar, as people count them.
fn until_in_words(at: Timestamp, now: Timestamp) -> Option<String> {
    let hours = u64::try_from(at.as_second() - now.as_second()).ok()? / 3600;
    let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    Some(match hours {
        0 => say!("until-now").to_owned(),
        1..48 => say!("until-hours", count = hours),
        _ => say!("until-days", days = (date(at) - date(now)).get_days()),
    })
}

fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn what_is_to_come_is_told_in_hours_and_then_in_days_of_the_calendar() {
        let now = at("2026-12-01T12:00:00Z");
        for (moment, words) in [
            ("2026-12-01T11:59:59Z", None),
            ("2026-12-01T12:00:10Z", Some("within the hour")),
            ("2026-12-01T13:00:00Z", Some("in 1 hour")),
            ("2026-12-03T11:00:00Z", Some("in 47 hours")),
            ("2026-12-14T09:00:00Z", Some("in 13 days")),
            ("2026-12-14T23:00:00Z", Some("in 13 days")),
            ("2026-12-15T00:00:00Z", Some("in 14 days")),
            ("2027-12-01T09:00:00Z", Some("in 365 days")),
        ] {
            assert_eq!(until_in_words(at(moment), now).as_deref(), words, "{moment}");
        }
    }

    #[test]
    fn each_place_has_its_form() {
        let moment = at("2026-11-06T09:05:00Z");
        assert!(time(moment).0.contains(">6 Nov 2026, 09:05 UTC<"));
        assert!(day_and_time(moment).0.contains(">6 Nov 2026, 09:05<"));
        assert_eq!(day(moment.to_zoned(TimeZone::UTC).date()), "6 Nov 2026");
    }
}
