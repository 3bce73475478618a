//! App Integrations: the link to Procore, and how far the sync has come.

use gusset_adapters::{
    http::{Answer, Incoming, Problem, Reply},
    table::Table,
};
use gusset_domain::names::shown;
use gusset_domain::{
    ids::AccountId,
    integration::{Integration, Status},
    plans::{
        project::{PlanTool, SyncedProject},
        run::{AskedBy, Progress, Stage},
    },
};
use gusset_words::{say, say_html};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use super::{CALENDAR, INTEGRATIONS, Opened, Tab, updates};
use crate::{
    Page, live,
    project::Form,
    time::time,
    words::{number, size},
};

/// How long nothing may happen in a run until it is explained.
const QUIET: SignedDuration = SignedDuration::from_secs(4);

/// What the page is made from.
struct State {
    integration: Option<Integration>,
    run: Option<Progress>,
    projects: Vec<SyncedProject>,
    now: Timestamp,
}

impl State {
    async fn read(table: &Table, account: AccountId) -> Result<Self, Problem> {
        let integration = table.integration(account).await?;
        let projects = table.synced_projects(account).await?;
        Ok(Self {
            integration: integration.map(|found| found.integration),
            run: table.run(account, &projects).await?,
            projects,
            now: Timestamp::now(),
        })
    }

    fn is_connected(&self) -> bool {
        self.integration.as_ref().is_some_and(Integration::is_connected)
    }
}

/// The page.
pub(crate) async fn page(app: &Page, incoming: &Incoming) -> Reply {
    let opened = Opened::new(app, incoming).await?;
    let state = State::read(&app.accounts.table, opened.who.account).await?;
    let body = html! {
        h1 { (say!("integrations")) }
        div data-live={ (opened.url) (INTEGRATIONS) "/live" } { (parts(&opened.url, &state)) }
    };
    Ok(opened.page(incoming, say!("integrations"), Tab::Integrations, &body))
}

/// What changes on the page, for its script. Two reads and two queries.
pub(crate) async fn live(app: &Page, incoming: &Incoming) -> Reply {
    let who = app.accounts.signed_in(incoming).await?;
    let state = State::read(&app.accounts.table, who.account).await?;
    Ok::<Answer, Problem>(live::answer(incoming, parts(&incoming.public_url(), &state)))
}

fn parts(url: &str, state: &State) -> Markup {
    html! {
        div #integrations data-parts {
            (tile(url, state.integration.as_ref()))
            @if let Some(run) = state.run.as_ref().filter(|run| state.is_connected() || run.found > 0) { (progress(run, state)) }
            (troubles(url, state))
            @if !state.projects.is_empty() {
                (live::part("reached", "", &html! {
                    h2 { (say!("integrations-plans")) }
                    p { (say!("integrations-projects", count = state.projects.len(), number = number(state.projects.len() as u64))) }
                    div.actions { a.button.quiet href={ (url) (CALENDAR) } { (say!("integrations-calendar")) } }
                }))
            }
        }
    }
}

fn tile(url: &str, integration: Option<&Integration>) -> Markup {
    let (badge, words) = match integration.map(|integration| integration.status) {
        None => ("badge", say!("integration-none")),
        Some(Status::Connected) => ("badge good", say!("integration-connected")),
        Some(Status::Disconnected { .. }) => ("badge bad", say!("integration-disconnected")),
    };
    let body = html! {
        div.head {
            h2 #procore-name tabindex="-1" { (say!("integration")) }
            span class=(badge) { (words) }
        }
        @match integration {
            None => {
                p {
                    (say!("integration-what"))
                }
                (connect(url, say!("integration-connect")))
                p.hint { (say!("integration-hint")) }
            }
            Some(integration) => (known(url, integration)),
        }
    };
    live::part("procore", &say!("integration-says", status = words), &body)
}

fn connect(url: &str, words: &str) -> Markup {
    html! {
        div.actions {
            a.button href={ (url) "/oauth/start?connect=plans&return_to=" (INTEGRATIONS) } aria-describedby="procore-name" { (words) }
        }
    }
}

fn known(url: &str, integration: &Integration) -> Markup {
    let api = format!("{url}/api/account/integration");
    let form = |verb: &str, done| Form {
        action: format!("{api}/{verb}"),
        back: INTEGRATIONS,
        done,
    };
    let login = html! {
        dt { (say!("integration-login")) } dd { (say!("integration-login-is", name = shown(&integration.login.name), login = integration.login.login.as_str())) }
    };
    html! {
        @match integration.status {
            Status::Connected => {
                dl.facts {
                    (login)
                    dt { (say!("integration-since")) } dd { (time(integration.connected_at)) }
                }
                p { (say_html!("integration-refresh-what", refresh = refresh())) }
                div.actions { (form("refresh", "refreshing").button(say!("integration-refresh"), "", "procore-name")) }
                details #disconnect {
                    summary { (say!("integration-disconnect")) }
                    p { (say!("integration-disconnect-what")) }
                    (form("disconnect", "parted").button(say!("integration-disconnect-it"), "grave", "procore-name"))
                }
            }
            Status::Disconnected { ended_at, why } => {
                div.notice.wait {
                    strong { (say!("integration-ended")) }
                    p { (say!("integration-ended-why", why = why.words())) }
                }
                dl.facts {
                    (login)
                    dt { (say!("integration-was-connected")) } dd { (time(integration.connected_at)) }
                    dt { (say!("integration-was-disconnected")) } dd { (time(ended_at)) }
                }
                (connect(url, say!("integration-connect")))
                p.hint { (say!("integration-again")) }
            }
        }
    }
}

/// How far the latest run has come.
fn progress(run: &Progress, state: &State) -> Markup {
    let stage = run.stage(state.now);
    let ended = !state.is_connected() && matches!(stage, Stage::Looking | Stage::Copying);
    let done = run.copied + run.failed;
    let title = match stage {
        _ if ended => say!("run-ended"),
        Stage::Looking if run.found == 0 => say!("run-looking"),
        Stage::Looking | Stage::Copying => say!("run-copying"),
        Stage::Done => say!("run-done"),
        Stage::Incomplete => say!("run-incomplete"),
        Stage::Stopped => say!("run-stopped"),
    };
    let under_way = run.is_under_way(state.now) && !ended;
    // Read out at each quarter, rather than at each file.
    let says = match stage {
        Stage::Copying if under_way => {
            say!("run-says", title = title, percent = run.per_cent(state.now) / 25 * 25)
        }
        _ => title.to_owned(),
    };
    let body = html! {
        div.head {
            h2 #run-name tabindex="-1" { (title) }
            @if under_way && run.found > 0 { span.badge.new { (say!("run-percent", percent = run.per_cent(state.now))) } }
        }
        @if under_way {
            // The script asks more often while this is there.
            div.bar data-soon {
                @if run.found == 0 {
                    progress aria-labelledby="run-name" {}
                } @else {
                    progress max=(run.found) value=(done) aria-labelledby="run-name" { (say!("run-percent", percent = run.per_cent(state.now))) }
                }
            }
        }
        (counts(run))
        @if let Some(now) = run.now.as_deref().filter(|_| under_way) { p.now { (say!("run-now", plan = now)) } }
        @if under_way && state.now.duration_since(run.changed_at) > QUIET {
            p.hint { (say!("run-quiet")) }
        }
        @if let Some(problem) = &run.run.problem { p.notice { (problem) } }
        @if stage == Stage::Stopped && run.run.problem.is_none() {
            p.notice.wait { (say_html!("run-stopped-what", refresh = refresh())) }
        }
        @if stage == Stage::Incomplete {
            p.notice.wait {
                (say_html!("run-unread", count = run.projects_unread, number = number(run.projects_unread), refresh = refresh()))
            }
        }
        @if run.failed > 0 {
            p.notice.wait {
                (say_html!("run-failed", count = run.failed, number = number(run.failed), refresh = refresh()))
            }
        }
        p.hint {
            @match run.run.asked_by {
                AskedBy::Connect => (say_html!("run-by-connect", at = time(run.run.started_at))),
                AskedBy::Refresh => (say_html!("run-by-refresh", at = time(run.run.started_at))),
                AskedBy::Clock => (say_html!("run-by-clock", at = time(run.run.started_at))),
            }
        }
    };
    live::part("run", &says, &body)
}

fn counts(run: &Progress) -> Markup {
    html! {
        dl.figures {
            div { dt { (say!("run-files")) } dd { (number(run.copied)) @if run.found > 0 { small { " " (say!("run-of", number = number(run.found))) } } } }
            div { dt { (say!("run-data")) } dd { (size(run.bytes)) } }
            div {
                dt { (say!("run-projects")) }
                dd { (number(run.projects_listed)) @if let Some(found) = run.projects_found { small { " " (say!("run-of", number = number(found))) } } }
            }
        }
        @if run.found == 0 && run.stage(Timestamp::now()) == Stage::Done {
            p { (say!("run-nothing")) }
        }
    }
}

/// Projects, or parts of them, that could not be looked at.
fn troubles(url: &str, state: &State) -> Markup {
    let receives = |project: &&SyncedProject| project.receives_updates(state.integration.as_ref());
    let mut troubled: Vec<_> = state
        .projects
        .iter()
        .filter(receives)
        .filter(|project| {
            !project.is_whole()
                || !project.closed_tools.is_empty()
                || project.many_missing.is_some()
                || project.why_hourly().is_some()
        })
        .collect();
    troubled.sort_by_key(|project| (&project.project.name, project.project.id));
    if troubled.is_empty() {
        return html! {};
    }
    let body = html! {
        h2 { (say!("troubles")) }
        ul.plain {
            @for project in &troubled {
                li.trouble {
                    a href={ (url) "/estimating/projects/" (project.project.id) } { (shown(&project.project.name)) }
                    @if let Some(problem) = project.why_not_whole() { p { (problem) } }
                    @if let Some(hourly) = project.why_hourly() { p { (hourly) } }
                    @if let Some(missing) = &project.many_missing {
                        p { (say_html!("trouble-missing", title = updates::many_missing_title(missing), what = updates::many_missing(missing))) }
                    }
                    @if !project.closed_tools.is_empty() {
                        p { (say!("trouble-closed", tools = tools(&project.closed_tools))) }
                    }
                }
            }
        }
    };
    live::part("troubles", say!("troubles-says"), &body)
}

fn tools(closed: &[PlanTool]) -> String {
    closed.iter().map(|tool| tool.name()).collect::<Vec<_>>().join(", ")
}

/// The button that looks at everything, where a sentence names it.
fn refresh() -> Markup {
    html! { em { (say!("integration-refresh")) } }
}
