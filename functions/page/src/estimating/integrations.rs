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
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use super::{CALENDAR, INTEGRATIONS, Opened, Tab, updates};
use crate::{
    Page, live,
    project::Form,
    time::time,
    words::{many, number, size},
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
        h1 { "App Integrations" }
        div data-live={ (opened.url) (INTEGRATIONS) "/live" } { (parts(&opened.url, &state)) }
    };
    Ok(opened.page(incoming, "App Integrations", Tab::Integrations, &body))
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
                    h2 { "Your plans" }
                    p { (many(state.projects.len() as u64, "project is", "projects are")) " in your bid calendar." }
                    div.actions { a.button.quiet href={ (url) (CALENDAR) } { "Open the Bid Calendar" } }
                }))
            }
        }
    }
}

fn tile(url: &str, integration: Option<&Integration>) -> Markup {
    let (badge, words) = match integration.map(|integration| integration.status) {
        None => ("badge", "Not connected"),
        Some(Status::Connected) => ("badge good", "Connected"),
        Some(Status::Disconnected { .. }) => ("badge bad", "Disconnected"),
    };
    let body = html! {
        div.head {
            h2 #procore-name tabindex="-1" { "Procore" }
            span class=(badge) { (words) }
        }
        @match integration {
            None => {
                p {
                    "Drawings, specifications and documents of all projects that you see in Procore come into your bid calendar, and "
                    "stay current. No project in Procore is changed."
                }
                (connect(url, "Connect"))
                p.hint { "It takes a Procore login with Admin on the Admin tool of its company. You can disconnect at any time, and keep what was synced." }
            }
            Some(integration) => (known(url, integration)),
        }
    };
    live::part("procore", &format!("Procore: {words}"), &body)
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
        dt { "Login" } dd { (shown(&integration.login.name)) " (" (integration.login.login) ")" }
    };
    html! {
        @match integration.status {
            Status::Connected => {
                dl.facts {
                    (login)
                    dt { "Connected since" } dd { (time(integration.connected_at)) }
                }
                p { "What changes in Procore is here within minutes. " em { "Refresh" } " looks at everything now." }
                div.actions { (form("refresh", "refreshing").button("Refresh", "", "procore-name")) }
                details #disconnect {
                    summary { "Disconnect…" }
                    p { "Gusset gives back its access to Procore, and plans are not updated any more. Your projects and plans stay." }
                    (form("disconnect", "parted").button("Disconnect", "grave", "procore-name"))
                }
            }
            Status::Disconnected { ended_at, why } => {
                div.notice.wait {
                    strong { "Plans are not updated any more" }
                    p { (why.words()) " Your projects and plans stay." }
                }
                dl.facts {
                    (login)
                    dt { "Connected" } dd { (time(integration.connected_at)) }
                    dt { "Disconnected" } dd { (time(ended_at)) }
                }
                (connect(url, "Connect"))
                p.hint { "The same login goes on where it stopped. Another one adds its projects to yours." }
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
        _ if ended => "The sync ended with the access",
        Stage::Looking if run.found == 0 => "Looking for plans",
        Stage::Looking | Stage::Copying => "Copying plans",
        Stage::Done => "Up to date",
        Stage::Incomplete => "Not everything could be read",
        Stage::Stopped => "The sync has stopped",
    };
    let under_way = run.is_under_way(state.now) && !ended;
    // Read out at each quarter, rather than at each file.
    let says = match stage {
        Stage::Copying if under_way => format!("{title}: {} %", run.per_cent(state.now) / 25 * 25),
        _ => title.to_owned(),
    };
    let body = html! {
        div.head {
            h2 #run-name tabindex="-1" { (title) }
            @if under_way && run.found > 0 { span.badge.new { (run.per_cent(state.now)) " %" } }
        }
        @if under_way {
            // The script asks more often while this is there.
            div.bar data-soon {
                @if run.found == 0 {
                    progress aria-labelledby="run-name" {}
                } @else {
                    progress max=(run.found) value=(done) aria-labelledby="run-name" { (run.per_cent(state.now)) " %" }
                }
            }
        }
        (counts(run))
        @if let Some(now) = run.now.as_deref().filter(|_| under_way) { p.now { "Now: " (now) } }
        @if under_way && state.now.duration_since(run.changed_at) > QUIET {
            p.hint { "Procore limits how much Gusset may ask at once. The sync pauses and continues automatically." }
        }
        @if let Some(problem) = &run.run.problem { p.notice { (problem) } }
        @if stage == Stage::Stopped && run.run.problem.is_none() {
            p.notice.wait { "Nothing has happened for more than an hour. " em { "Refresh" } " goes on with what is missing." }
        }
        @if stage == Stage::Incomplete {
            p.notice.wait {
                "In " (many(run.projects_unread, "project", "projects")) " something could not be read: see below. All else is here. "
                "Gusset tries again within the hour, and " em { "Refresh" } " tries now."
            }
        }
        @if run.failed > 0 {
            p.notice.wait {
                (many(run.failed, "file", "files")) " could not be copied. Each plan says why, on its project's page. "
                em { "Refresh" } " tries again."
            }
        }
        p.hint {
            @match run.run.asked_by {
                AskedBy::Connect => "Begun with the connection, ",
                AskedBy::Refresh => "Asked for by Refresh, ",
                AskedBy::Clock => "Begun by the clock, ",
            }
            (time(run.run.started_at))
        }
    };
    live::part("run", &says, &body)
}

fn counts(run: &Progress) -> Markup {
    html! {
        dl.figures {
            div { dt { "Files copied" } dd { (number(run.copied)) @if run.found > 0 { small { " of " (number(run.found)) } } } }
            div { dt { "Data" } dd { (size(run.bytes)) } }
            div {
                dt { "Projects looked at" }
                dd { (number(run.projects_listed)) @if let Some(found) = run.projects_found { small { " of " (number(found)) } } }
            }
        }
        @if run.found == 0 && run.stage(Timestamp::now()) == Stage::Done {
            p { "Nothing was new." }
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
        h2 { "What needs attention" }
        ul.plain {
            @for project in &troubled {
                li.trouble {
                    a href={ (url) "/estimating/projects/" (project.project.id) } { (shown(&project.project.name)) }
                    @if let Some(problem) = project.why_not_whole() { p { (problem) } }
                    @if let Some(hourly) = project.why_hourly() { p { (hourly) } }
                    @if let Some(missing) = &project.many_missing {
                        p { (updates::many_missing_title(missing)) ". " (updates::many_missing(missing)) }
                    }
                    @if !project.closed_tools.is_empty() {
                        p { "In Procore this login has no access to: " (tools(&project.closed_tools)) "." }
                    }
                }
            }
        }
    };
    live::part("troubles", "Something needs attention", &body)
}

fn tools(closed: &[PlanTool]) -> String {
    closed.iter().map(|tool| tool.name()).collect::<Vec<_>>().join(", ")
}
