//! The projects as a list.

use gusset_domain::names::shown;
use gusset_domain::plans::project::{Due, SyncedProject};
use gusset_words::say;
use jiff::Timestamp;
use maud::{Markup, html};

use super::Found;
use crate::{
    estimating::updates,
    live,
    time::{time, until},
    words::number,
};

/// The lists: what is due, what has no date, and what is past.
pub(super) fn lists(url: &str, found: &Found, search: &str) -> Markup {
    let group = |wanted: Group| {
        let now = found.now;
        found
            .projects
            .iter()
            .filter(move |project| Group::of(project, now) == wanted)
    };
    let is_empty = |wanted| group(wanted).next().is_none();
    let nothing_found = found.projects.is_empty() && found.all > 0;
    html! {
        div data-box hidden[!nothing_found] {
            div #nothing-found data-parts {
                @if nothing_found { (live::empty("none", &html! { p { (say!("calendar-not-found", search = search)) } })) }
            }
        }
        @for (wanted, id) in Group::ALL {
            section data-box hidden[is_empty(wanted)] {
                h2 { (wanted.title()) }
                div id=(id) data-parts { @for project in group(wanted) { (row(url, project, found)) } }
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Due,
    NoDate,
    Past,
}

impl Group {
    const ALL: [(Self, &'static str); 3] = [(Self::Due, "due"), (Self::NoDate, "no-date"), (Self::Past, "past")];

    fn title(self) -> &'static str {
        match self {
            Self::Due => say!("calendar-due"),
            Self::NoDate => say!("calendar-no-date"),
            Self::Past => say!("calendar-past"),
        }
    }

    fn of(project: &SyncedProject, now: Timestamp) -> Self {
        match project.bid_due(now) {
            Some(due) if now <= due => Self::Due,
            None => Self::NoDate,
            Some(_) => Self::Past,
        }
    }
}

fn row(url: &str, project: &SyncedProject, found: &Found) -> Markup {
    let (it, due) = (&project.project, project.due());
    let next = due.iter().find(|due| found.now <= due.at).or_else(|| due.last());
    let body = html! {
        div.head {
            div {
                h3 tabindex="-1" { a href={ (url) "/estimating/projects/" (it.id) } { (shown(&it.name)) } }
                p.company { (shown(&it.company_name)) }
            }
            @if let Some(badge) = next.and_then(|next| until(next.at, found.now)) { (badge) }
        }
        @if let Some(next) = next { (line(next, due.len())) }
        @let mark = updates::mark(project, found.integration.as_ref());
        @if !mark.0.is_empty() { p { (mark) } }
    };
    live::part(&format!("project-{}", it.id), &shown(&it.name), &body)
}

fn line(next: &Due, all: usize) -> Markup {
    html! {
        p.due {
            (time(next.at))
            @match &next.package {
                Some((_, title)) => { " · " (title) }
                None => { " · " (say!("calendar-by-hand")) }
            }
            @if all > 1 { " · " (say!("calendar-others", count = all - 1, number = number(all as u64 - 1))) }
        }
    }
}
