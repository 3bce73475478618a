//! A month, day by day.
//!
//! The server does not know the reader's time zone: it puts everything on its day in UTC, and the script moves what is due
//! on another day where the reader is. So what is due on the days right before and after the weeks is there as well, out
//! of sight.

use gusset_domain::names::shown;
use gusset_domain::{
    bid_calendar::{due_on, weeks},
    plans::project::SyncedProject,
};
use gusset_words::say;
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use maud::{Markup, html};

use super::{Asked, Found, View, today};
use crate::estimating::updates;

fn weekdays() -> [&'static str; 7] {
    [
        say!("weekday-mon"),
        say!("weekday-tue"),
        say!("weekday-wed"),
        say!("weekday-thu"),
        say!("weekday-fri"),
        say!("weekday-sat"),
        say!("weekday-sun"),
    ]
}

/// The month of a day.
pub(super) fn month(url: &str, found: &Found, asked: &Asked, month: Date) -> Markup {
    let first = month.first_of_month();
    let (before, after) = (
        first.saturating_sub(Span::new().months(1)),
        first.saturating_add(Span::new().months(1)),
    );
    let weeks = weeks(month);
    let days: Vec<Date> = weeks.into_iter().flatten().collect();
    let name = |month: Date| month.strftime("%B %Y").to_string();
    let link = |to: Date| format!("{url}{}", asked.path(View::Month(to)));
    let outside = |day: Option<&Date>, step: i64| day.map(|day| day.saturating_add(Span::new().days(step)));
    let outside: Vec<Date> = [outside(days.first(), -1), outside(days.last(), 1)]
        .into_iter()
        .flatten()
        .collect();
    html! {
        section.calendar {
            div.head {
                h2 { (name(first)) }
                nav.steps aria-label=(say!("calendar-months")) {
                    a.button.quiet rel="prev" href=(link(before)) aria-label=(name(before)) { "←" }
                    a.button.quiet href=(link(today(found.now))) { (say!("calendar-today")) }
                    a.button.quiet rel="next" href=(link(after)) aria-label=(name(after)) { "→" }
                }
            }
            div.weekdays aria-hidden="true" { @for day in weekdays() { span { (day) } } }
            ol.month data-month {
                @for day in &days { (cell(url, found, *day, first)) }
            }
            ul.plain hidden data-outside { @for day in outside { @for entry in due_on(&found.projects, day, &TimeZone::UTC) { (entry_of(url, found, &entry)) } } }
            p.hint data-zone=(say!("calendar-zone")) { (say!("calendar-utc")) }
            @if found.projects.is_empty() && found.all > 0 { p { (say!("calendar-not-found", search = asked.search.as_str())) } }
        }
    }
}

fn cell(url: &str, found: &Found, day: Date, month: Date) -> Markup {
    let due = due_on(&found.projects, day, &TimeZone::UTC);
    let is_today = day == today(found.now);
    let other = (day.month(), day.year()) != (month.month(), month.year());
    html! {
        li.other[other].none[due.is_empty()] data-day=(day) aria-current=[is_today.then_some("date")] {
            time datetime=(day) { span.weekday { (day.strftime("%A")) " " } (day.day()) span.weekday { " " (day.strftime("%B")) } }
            ul.plain { @for entry in &due { (entry_of(url, found, entry)) } }
        }
    }
}

fn entry_of(url: &str, found: &Found, (at, project, package): &(Timestamp, &SyncedProject, Option<String>)) -> Markup {
    let stopped = !project.receives_updates(found.integration.as_ref());
    html! {
        li.entry.stopped[stopped] data-due=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) {
            a href={ (url) "/estimating/projects/" (project.project.id) } {
                span.clock { (at.strftime("%H:%M")) } " " (shown(&project.project.name))
                @if let Some(title) = package { span.company { (title) } }
            }
            @if stopped { (updates::mark(project, found.integration.as_ref())) }
        }
    }
}
