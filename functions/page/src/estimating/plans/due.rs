//! When a project's bids are due.

use gusset_domain::plans::project::SyncedProject;
use gusset_words::say;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::{
    project::Form,
    time::{time, until},
};

/// The section: the dates, and how to set one by hand.
pub(super) fn section(url: &str, project: &SyncedProject, now: Timestamp) -> Markup {
    let due = project.due();
    let id = project.project.id;
    let back = format!("/estimating/projects/{id}");
    let form = || Form {
        action: format!("{url}/api/account/projects/{id}"),
        back: &back,
        done: "saved",
    };
    let value = project.bid_due(now).map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string());
    html! {
        section.dates {
            h2 #dates { (say!("due")) }
            @if due.is_empty() { p { (say!("due-none")) } }
            ul.plain {
                @for due in &due {
                    li {
                        (time(due.at)) " "
                        span.company {
                            @match &due.package { Some((_, title)) => (title), None => (say!("due-by-hand")) }
                        } " "
                        @match until(due.at, now) {
                            Some(badge) => (badge),
                            None => span.badge { (say!("due-past")) },
                        }
                    }
                }
            }
            details #by-hand {
                summary { @if project.bid_due_at.is_some() { (say!("due-change")) } @else { (say!("due-set")) } }
                (form().with(&html! {
                    label for="bid_due_at" { (say!("due")) span data-zone={ " " (say!("due-zone")) } { " " (say!("due-utc")) } }
                    input #bid_due_at type="datetime-local" name="bid_due_at" required value=[value] data-utc;
                    // Of what is typed without the script.
                    input type="hidden" name="time_zone" value="UTC";
                    p.hint { (say!("due-hint")) }
                    button type="submit" { (say!("due-save")) }
                }))
                @if project.bid_due_at.is_some() {
                    (form().with(&html! {
                        input type="hidden" name="bid_due_at" value="";
                        button.quiet type="submit" { (say!("due-procore")) }
                    }))
                 }
            }
        }
    }
}
