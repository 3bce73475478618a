//! What waits for the person in any project, each with its button.

use gusset_domain::{
    names::shown,
    overview::{DAYS, Need, Task},
    people::Project,
};
use maud::{Markup, html};

use super::gather::Gathered;
use crate::{live, project::Form, words::many};

/// Tasks that are listed.
const MOST_TASKS: usize = 25;

/// The section. Hidden where nothing waits.
pub(super) fn section(url: &str, gathered: &Gathered) -> Markup {
    let mut tasks: Vec<(&Project, &Task)> = gathered
        .lines
        .iter()
        .filter_map(|line| Some((&line.project, line.overview.as_ref()?)))
        .flat_map(|(project, overview)| overview.tasks.iter().map(move |task| (project, task)))
        .collect();
    // The lines are sorted by need already.
    tasks.sort_by_key(|(_, task)| match task.need {
        Need::Answer => 0,
        Need::ChooseManager(_) => 1,
        Need::Release(_) => 2,
        Need::Inspect(_) => 3,
    });
    html! {
        section.inbox aria-labelledby="inbox-title" data-box hidden[tasks.is_empty()] {
            h2 #inbox-title { "Inbox" }
            ul.plain #inbox data-parts {
                @for (project, task) in tasks.iter().take(MOST_TASKS) { (item(url, project, task)) }
                @if tasks.len() > MOST_TASKS {
                    @let body = html! { "And " (tasks.len() - MOST_TASKS) " more: " a href={ (url) "/?show=needs-you" } { "all projects that need you" } };
                    li #inbox-more data-part=(live::fingerprint(&body.0)) { (body) }
                }
            }
        }
    }
}

fn item(url: &str, project: &Project, task: &Task) -> Markup {
    let (here, other) = (shown(&project.name), shown(&task.other.name));
    let base = format!("/projects/{}/connections/{}", project.id, task.connection);
    let kind = match task.need {
        Need::Answer => "answer",
        Need::ChooseManager(_) => "manager",
        Need::Release(_) => "held",
        Need::Inspect(_) => "failed",
    };
    let id = format!("{kind}-{}-{}", project.id, task.connection);
    let name = format!("name-{id}");
    let words = match task.need {
        Need::Answer => format!("{other} asks to connect with {here}"),
        Need::ChooseManager(count) => {
            let wait = if count == 1 { "waits" } else { "wait" };
            format!(
                "{} {wait}: choose an RFI manager for {other}",
                many(count.into(), "RFI", "RFIs")
            )
        }
        Need::Release(count) => {
            let wait = if count == 1 { "waits" } else { "wait" };
            format!(
                "{} {wait} for you: {here} and {other}",
                many(count.into(), "item", "items")
            )
        }
        Need::Inspect(count) => format!(
            "{} failed in the last {DAYS} days: {here} and {other}",
            many(count.into(), "item", "items")
        ),
    };
    let link = |rest: &str, words: &str| {
        html! { a.button.quiet href={ (url) (base) (rest) } aria-describedby=(name) { (words) } }
    };
    let decline = Form {
        action: format!("{url}/api{base}/decline"),
        back: "/",
        done: "declined",
    };
    let body = html! {
        div.words {
            p id=(name) { (words) }
            p.company {
                @match task.need {
                    Need::Answer => (shown(&task.other.company_name)),
                    Need::ChooseManager(_) => { "In " (here) },
                    Need::Release(_) | Need::Inspect(_) => (shown(&task.other.company_name)),
                }
            }
        }
        div.actions {
            @match task.need {
                Need::Answer => {
                    a.button href={ (url) (base) "/terms" } aria-describedby=(name) { "Accept…" }
                    details id={ "decline-" (id) } {
                        summary aria-describedby=(name) { "Decline…" }
                        (decline.button("Decline", "quiet", &name))
                    }
                }
                Need::ChooseManager(_) => {
                    // Whom Procore names for it is asked when somebody wants to choose: it costs a call for each connection.
                    a.button.quiet data-in-place href={ (url) (base) "/manager" } aria-describedby=(name) { "Choose RFI manager" }
                }
                Need::Release(_) => (link("?status=held", "See what waits")),
                Need::Inspect(_) => (link("?status=failed", "See what failed")),
            }
        }
    };
    html! {
        li class={ "task " (kind) } id=(id) data-part=(live::fingerprint(&body.0)) data-says=(words) { (body) }
    }
}
