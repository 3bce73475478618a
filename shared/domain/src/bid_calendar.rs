//! The bid calendar: projects by when bids are due, as a month, as a list, and as an iCalendar feed.

use std::fmt::Write;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{integration::Integration, names::shown_within, plans::project::SyncedProject};

/// Projects in the order of the list: what is due next first, then what has no date, then what is past, the latest first.
pub fn sort(projects: &mut [SyncedProject], now: Timestamp) {
    projects.sort_by_key(|project| place(project, now));
}

fn place(project: &SyncedProject, now: Timestamp) -> (u8, i64, String, u64) {
    let name = project.project.name.to_lowercase();
    let (group, due) = match project.bid_due(now) {
        Some(due) if now <= due => (0, due.as_second()),
        None => (1, 0),
        Some(due) => (2, -due.as_second()),
    };
    (group, due, name, project.project.id.get())
}

/// Whether a project is among those that somebody searches for: each word is in its name, its company's, its number or a
/// bid package's title. Nothing searched for finds all.
#[must_use]
pub fn is_found(project: &SyncedProject, search: &str) -> bool {
    let packages = project.bid_packages.iter().map(|package| package.title.as_str());
    let names = [project.project.name.as_str(), project.project.company_name.as_str()];
    let hay = names
        .into_iter()
        .chain(packages)
        .collect::<Vec<_>>()
        .join("\n")
        .to_lowercase();
    let id = project.project.id.to_string();
    search
        .split_whitespace()
        .all(|word| hay.contains(&word.to_lowercase()) || id == word)
}

/// The days of the weeks that a month touches, Monday first, so that they fill whole rows of seven.
#[must_use]
pub fn weeks(month: Date) -> Vec<[Date; 7]> {
    let first = month.first_of_month();
    let before = i64::from(first.weekday().to_monday_zero_offset());
    let mut day = first.saturating_sub(jiff::Span::new().days(before));
    let mut weeks = Vec::new();
    while weeks.is_empty() || (day.month() == first.month() && day.year() == first.year()) {
        weeks.push(std::array::from_fn(|offset| {
            let offset = i64::try_from(offset).unwrap_or_default();
            day.saturating_add(jiff::Span::new().days(offset))
        }));
        day = day.saturating_add(jiff::Span::new().days(7));
    }
    weeks
}

/// What is due on a day, in a time zone, the earliest first.
#[must_use]
pub fn due_on<'a>(
    projects: &'a [SyncedProject],
    day: Date,
    zone: &TimeZone,
) -> Vec<(Timestamp, &'a SyncedProject, Option<String>)> {
    let mut due = Vec::new();
    for project in projects {
        for entry in project.due() {
            if entry.at.to_zoned(zone.clone()).date() == day {
                due.push((entry.at, project, entry.package.map(|(_, title)| title)));
            }
        }
    }
    due.sort_by_key(|(at, ..)| *at);
    due
}

/// The most bytes of a line of iCalendar, without its end (RFC 5545, 3.1).
const LONGEST_LINE: usize = 75;

/// The feed (RFC 5545): an event for all that is due. `host` makes the events' ids the world's only ones; `page` is the
/// address below which a project's plans are shown.
#[must_use]
pub fn feed(
    projects: &[SyncedProject],
    integration: Option<&Integration>,
    host: &str,
    page: &str,
    now: Timestamp,
) -> String {
    let mut feed = String::new();
    for line in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Gusset//Bid calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Bid calendar",
        // Two spellings of the same wish: ask again each hour.
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ] {
        push(&mut feed, line);
    }
    for project in projects {
        for due in project.due() {
            let name = shown_within(&project.project.name, 200);
            let (id, summary) = match &due.package {
                Some((id, title)) => (
                    format!("{id}"),
                    format!("Bids due: {name}, {}", shown_within(title, 200)),
                ),
                None => ("by-hand".to_owned(), format!("Bids due: {name}")),
            };
            let mut about = shown_within(&project.project.company_name, 200);
            if !project.receives_updates(integration) {
                about.push_str(". No longer receives updates from Procore.");
            }
            push(&mut feed, "BEGIN:VEVENT");
            push(&mut feed, &format!("UID:{}-{id}@{host}", project.project.id));
            push(&mut feed, &format!("DTSTAMP:{}", moment(now)));
            push(&mut feed, &format!("DTSTART:{}", moment(due.at)));
            push(&mut feed, &format!("SUMMARY:{}", value(&summary)));
            push(&mut feed, &format!("DESCRIPTION:{}", value(&about)));
            push(&mut feed, &format!("URL:{page}/{}", project.project.id));
            push(&mut feed, "TRANSP:TRANSPARENT");
            push(&mut feed, "END:VEVENT");
        }
    }
    push(&mut feed, "END:VCALENDAR");
    feed
}

fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text as a value (RFC 5545, 3.3.11). Nothing in it can end the line.
fn value(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => {
                value.push('\\');
                value.push(character);
            }
            '\n' => value.push_str("\\n"),
            other if other.is_control() => value.push(' '),
            other => value.push(other),
        }
    }
    value
}

/// Adds a line, folded where it is too long, between two characters.
fn push(feed: &mut String, line: &str) {
    let mut rest = line;
    let mut room = LONGEST_LINE;
    while rest.len() > room {
        let (now, later) = rest.split_at(rest.floor_char_boundary(room));
        let _ = write!(feed, "{now}\r\n ");
        rest = later;
        // The space at its beginning counts.
        room = LONGEST_LINE - 1;
    }
    feed.push_str(rest);
    feed.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        ids::{CompanyId, ProjectId, UserId},
        people::Project,
        plans::project::BidPackage,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn project(id: u64, name: &str, due: Option<i64>) -> SyncedProject {
        let project = Project {
            id: ProjectId::new(id).unwrap(),
            name: name.to_owned(),
            company_id: CompanyId::new(1001).unwrap(),
            company_name: "Harbour General Contractors".to_owned(),
        };
        let package = BidPackage {
            id: 5,
            title: "Roofing; flashing, gutters".to_owned(),
            due_at: due.map(at),
            missing_since: None,
        };
        SyncedProject {
            bid_packages: vec![package],
            ..SyncedProject::found(project, UserId::new(101).unwrap(), "Gina")
        }
    }

    #[test]
    fn what_is_due_next_comes_first_and_what_is_past_last() {
        let mut projects = [
            project(1, "past", Some(10)),
            project(2, "none", None),
            project(3, "later", Some(300)),
            project(4, "next", Some(200)),
            project(5, "long past", Some(5)),
        ];
        sort(&mut projects, at(100));
        let names: Vec<_> = projects.iter().map(|project| project.project.name.as_str()).collect();
        assert_eq!(names, ["next", "later", "none", "past", "long past"]);
    }

    #[test]
    fn every_word_that_is_searched_for_has_to_be_found() {
        let pier = project(20001, "Pier 9 Tower", None);
        for (search, expected) in [
            ("", true),
            ("pier", true),
            ("tower HARBOUR", true),
            ("gutters", true),
            ("20001", true),
            ("pier library", false),
            ("2000", false),
        ] {
            assert_eq!(is_found(&pier, search), expected, "{search:?}");
        }
    }

    #[test]
    fn a_month_fills_whole_weeks() {
        let november = weeks(date(2026, 11, 24));
        assert_eq!(november.len(), 6);
        assert_eq!(november[0][0], date(2026, 10, 26));
        assert_eq!(november[5][6], date(2026, 12, 6));
        assert_eq!(weeks(date(2027, 2, 10)).len(), 4);
    }

    #[test]
    fn the_feed_is_as_calendars_read_it() {
        let projects = [
            project(20001, "Pier 9 Tower", Some(1_795_539_600)),
            project(20002, "No date", None),
        ];
        insta::assert_snapshot!(feed(
            &projects,
            None,
            "gusset.example",
            "https://gusset.example/estimating/projects",
            at(0)
        ));
    }

    proptest! {
        #[test]
        fn nothing_in_a_name_can_leave_its_line(name: String, title: String) {
            let mut hostile = project(1, &name, Some(0));
            hostile.bid_packages[0].title = title;
            let feed = feed(&[hostile], None, "gusset.example", "https://gusset.example/p", at(0));
            prop_assert!(feed.ends_with("END:VCALENDAR\r\n"));
            let unfolded = feed.replace("\r\n ", "");
            let lines: Vec<&str> = unfolded.trim_end().split("\r\n").collect();
            prop_assert_eq!(lines.len(), 8 + 9 + 1);
            prop_assert!(feed.split("\r\n").all(|line| line.len() <= LONGEST_LINE && !line.contains(['\r', '\n'])));
        }

        #[test]
        fn each_day_of_a_month_is_there_once(year in 1970_i16..2200, month in 1_i8..13, day in 1_i8..29) {
            let month = date(year, month, day);
            let days: Vec<Date> = weeks(month).into_iter().flatten().collect();
            prop_assert!(days.windows(2).all(|pair| pair[0].tomorrow().unwrap() == pair[1]));
            let own = days.iter().filter(|day| (day.year(), day.month()) == (month.year(), month.month()));
            prop_assert_eq!(own.count(), month.days_in_month() as usize);
        }
    }
}
