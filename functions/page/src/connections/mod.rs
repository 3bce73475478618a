//! A project's connections.

mod add;
mod card;
mod manager;
mod requests;
mod send;
mod terms;

use gusset_adapters::http::{Answer, Incoming, Problem, Reply};
use gusset_domain::names::shown;
use gusset_domain::{
    connection::{Connection, Ending, Paused, Status, View},
    connection_code::ConnectionCode,
    ids::ProjectId,
    people::Person,
};
use gusset_words::say;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

pub(crate) use card::{obstacles, status_badge, story};
pub(crate) use manager::page as manager;
pub(crate) use send::page as send;
pub(crate) use terms::page as terms;

use crate::{
    Page, live,
    project::{Form, Opened, Tab},
};
use card::Cards;

/// The most ended connections that are listed, the newest.
const MAX_ENDED: usize = 50;

/// The Project Connections page.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str) -> Reply {
    let mut opened = Opened::new(app, incoming, project).await?;
    let project = opened.project().id;
    let connections = app.sessions.table.connections(project).await?;
    let now = Timestamp::now();
    let ruling = app.policy.ruling(project, &app.contact, now);
    let lists = lists(app, &opened.url, project, &connections, now).await?;
    let managers = match ruling.reason {
        None => managers(app, &mut opened).await,
        Some(_) => None,
    };
    let views = views(project, &connections);
    opened.said_while(|done| is_news(done, &views, now));
    // Who has a connection comes for it. Who has none, and whose form was refused, comes for this.
    let is_open = views.iter().all(|view| view.status == Status::Ended) || opened.is_refused(&["asked", "replaced"]);
    let body = html! {
        div.project.wide data-live={ (opened.url) (opened.path()) "/live" } {
            (lists.connections)
            details #connect.box open[is_open] {
                summary { (say!("connect")) }
                (code(&opened))
                (add::section(&opened, &ruling, managers.as_deref()))
            }
            (lists.history)
        }
    };
    Ok(opened.page(incoming, &shown(&opened.project().name), Tab::Connections, &body))
}

/// The lists of the page, for its script. Cheaper than the page: Procore is asked at most once a minute, for the person's
/// permission, and what the table has is one query.
pub(crate) async fn live(app: &Page, incoming: &Incoming, project: &str) -> Result<Answer, Problem> {
    let project = project.parse().map_err(|_| Problem::not_found(say!("thing-project")))?;
    app.sessions.onlooker(incoming, project).await?;
    let connections = app.sessions.table.connections(project).await?;
    let lists = lists(app, &incoming.public_url(), project, &connections, Timestamp::now()).await?;
    Ok(live::answer(incoming, html! { (lists.connections) (lists.history) }))
}

fn code(opened: &Opened<'_>) -> Markup {
    match opened.code {
        Some(code) => its_code(opened, code),
        None => html! {
            section {
                h2 { (say!("code")) }
                p { (say!("code-none")) }
                (opening(&opened.url, opened.project().id, "", &html! { button type="submit" { (say!("code-get")) } }))
            }
        },
    }
}

/// A form that opens a project and leads to `page` of it, as a link cannot: another site could have a browser follow that.
pub(crate) fn opening(url: &str, project: ProjectId, page: &str, button: &Markup) -> Markup {
    html! {
        form method="post" action={ (url) "/api/projects/" (project) } {
            input type="hidden" name="return_to" value={ "/projects/" (project) (page) };
            (button)
        }
    }
}

fn its_code(opened: &Opened<'_>, code: ConnectionCode) -> Markup {
    let (action, back) = (format!("{}/code", opened.api()), opened.path());
    let replace = Form {
        action,
        back: &back,
        done: "replaced",
    };
    html! {
        section {
            h2 { (say!("code")) }
            p { (say!("code-give")) }
            p #code.code { (code) }
            div.actions {
                button.scripted.quiet type="button" data-copy=(code) data-copies="code" { (say!("code-copy")) }
            }
            details #replace {
                summary { (say!("code-replace")) }
                p {
                    (say!("code-replace-what"))
                }
                (replace.button(say!("code-replace-it"), "quiet", "code"))
            }
        }
    }
}

/// Who may review RFIs in the project, as far as Procore says that now: the page is of use without.
async fn managers(app: &Page, opened: &mut Opened<'_>) -> Option<Vec<Person>> {
    let managers = app.managers.known(&opened.admin, &mut opened.busy).await;
    managers
        .inspect_err(|problem| tracing::info!(problem.detail, "Procore does not say who may manage RFIs"))
        .ok()
        .flatten()
}

/// A project's connections, as its side sees them.
fn views(project: ProjectId, connections: &[Connection]) -> Vec<View> {
    let view = |connection: &Connection| Some(connection.seen_from(connection.side_of(project)?));
    connections.iter().filter_map(view).collect()
}

/// For how long what a form did is told, on whatever address brings one back to the page.
const NEWS_FOR: SignedDuration = SignedDuration::from_mins(5);

/// Whether what a form did to a connection has just been done, and still holds: somebody may have done something else since.
fn is_news(done: &str, views: &[View], now: Timestamp) -> bool {
    let is_fresh = |at: Timestamp| now.duration_since(at) < NEWS_FOR;
    let any = |stands: &dyn Fn(&View) -> bool| views.iter().any(stands);
    let has_ended = |how: Ending| {
        any(&|view| {
            let again = |other: &View| other.status != Status::Ended && other.other.id == view.other.id;
            let ended = view.ended.as_ref();
            ended.is_some_and(|ended| ended.how == how && is_fresh(ended.stamp.at)) && !views.iter().any(again)
        })
    };
    match done {
        "asked" => any(&|view| view.status == Status::AwaitingResponse && is_fresh(view.asked.at)),
        "reminded" => any(&|view| view.remind_at.is_some_and(|earliest| now < earliest)),
        "accepted" => any(&|view| {
            view.status == Status::Connected && view.accepted.as_ref().is_some_and(|accepted| is_fresh(accepted.at))
        }),
        "declined" => has_ended(Ending::Declined),
        "withdrawn" => has_ended(Ending::Withdrawn),
        "disconnected" => has_ended(Ending::Disconnected),
        "paused" => any(&|view| {
            let ours = |paused: &Paused| paused.by_side == view.side && is_fresh(paused.stamp.at);
            view.paused.iter().any(ours)
        }),
        "resumed" => any(&|view| view.status == Status::Connected && !view.is_paused_by(view.side)),
        _ => true,
    }
}

/// What the script keeps current.
struct Lists {
    /// Requests, those to answer first, and connections.
    connections: Markup,
    /// What has ended.
    history: Markup,
}

async fn lists(
    app: &Page,
    url: &str,
    project: ProjectId,
    connections: &[Connection],
    now: Timestamp,
) -> Result<Lists, Problem> {
    let connected = connections.iter().filter(|it| it.connected_since().is_some());
    let projects = connected.flat_map(|it| [it.requester.project.id, it.recipient.project.id]);
    let unhooked = app.sessions.table.lacking_hooks(projects.collect()).await?;
    let mut views = views(project, connections);
    views.sort_by_key(|view| std::cmp::Reverse(view.id));
    let cards = Cards {
        url,
        project,
        back: format!("/projects/{project}"),
        now,
        unhooked: &unhooked,
        sweep_rate: &app.sweep_rate,
        ours: connections
            .iter()
            .find_map(|it| Some(&it.party(it.side_of(project)?).project)),
    };
    let all = |status| views.iter().filter(move |view: &&View| view.status == status);
    let is_alone = all(Status::Ended).count() == views.len();
    let ended = all(Status::Ended).count();
    Ok(Lists {
        connections: html! {
            (cards.requests("requests", say!("requests-to-answer"), all(Status::RequestPending)))
            section data-box hidden[!is_alone && all(Status::Connected).next().is_none()] {
                h2 { (say!("connections")) }
                div #connections data-parts {
                    @if is_alone {
                        (live::empty("no-connections", &html! {
                            p { (say!("connections-none")) }
                        }))
                    }
                    @for view in all(Status::Connected) { (cards.card(view)) }
                }
            }
            (cards.requests("asked", say!("requests-sent"), all(Status::AwaitingResponse)))
        },
        history: html! {
            details #history.box data-box hidden[ended == 0] {
                summary { (say!("history")) }
                div #ended data-parts {
                    @for view in all(Status::Ended).take(MAX_ENDED) { (cards.card(view)) }
                    @if ended > MAX_ENDED {
                        (live::empty("more-ended", &html! {
                            p.hint { (say!("history-cut", shown = MAX_ENDED, all = ended)) }
                        }))
                    }
                }
            }
        },
    })
}
