//! What waits for the person in any project, each with its button.

use gusset_domain::{
    names::shown,
    overview::{DAYS, Need, Task},
    people::Project,
};
use gusset_words::{say, say_html};
use maud::{Markup, html};

use super::gather::Gathered;
use crate::{live, project::Form, words::number};

/// Tasks that are listed.
const MAX_TASKS: usize = 25;

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
            h2 #inbox-title { (say!("inbox")) }
            ul.plain #inbox data-parts {
                @for (project, task) in tasks.iter().take(MAX_TASKS) { (item(url, project, task)) }
                @if tasks.len() > MAX_TASKS {
                    @let all = html! { a href={ (url) "/?show=needs-you" } { (say!("inbox-all")) } };
                    @let body = html! { (say_html!("inbox-more", count = tasks.len() as u64 - MAX_TASKS as u64, all = all)) };
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
        Need::Answer => say!("inbox-answer", other = other.as_str(), here = here.as_str()),
        Need::ChooseManager(count) => {
            say!(
                "inbox-manager",
                count = count,
                number = number(count.into()),
                other = other.as_str()
            )
        }
        Need::Release(count) => say!(
            "inbox-held",
            count = count,
            number = number(count.into()),
            here = here.as_str(),
            other = other
        ),
        Need::Inspect(count) => say!(
            "inbox-failed",
            count = count,
            number = number(count.into()),
            days = DAYS,
            here = here.as_str(),
            other = other
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
                    Need::ChooseManager(_) => (say!("inbox-in", here = here.as_str())),
                    Need::Release(_) | Need::Inspect(_) => (shown(&task.other.company_name)),
                }
            }
        }
        div.actions {
            @match task.need {
                Need::Answer => {
                    a.button href={ (url) (base) "/terms" } aria-describedby=(name) { (say!("inbox-accept")) }
                    details id={ "decline-" (id) } {
                        summary aria-describedby=(name) { (say!("inbox-decline")) }
                        (decline.button(say!("inbox-decline-it"), "quiet", &name))
                    }
                }
                Need::ChooseManager(_) => {
                    // Whom Procore names for it is asked when somebody wants to choose: it costs a call for each connection.
                    a.button.quiet data-in-place href={ (url) (base) "/manager" } aria-describedby=(name) { (say!("inbox-choose")) }
                }
                Need::Release(_) => (link("?status=held", say!("inbox-see-held"))),
                Need::Inspect(_) => (link("?status=failed", say!("inbox-see-failed"))),
            }
        }
    };
    html! {
        li class={ "task " (kind) } id=(id) data-part=(live::fingerprint(&body.0)) data-says=(words) { (body) }
    }
}
