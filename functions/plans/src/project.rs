//! The projects of the account's bid calendar.

use gusset_adapters::{
    accounts::Estimator,
    http::{Answer, Incoming, Problem, Reply},
};
use gusset_domain::{
    bid_calendar,
    integration::Integration,
    people::Project,
    plans::project::{Due, PlanTool, SyncedProject, due_at},
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use crate::Plans;

/// The longest text that is searched for, in bytes.
const LONGEST_SEARCH: usize = 200;

/// A project, as its account sees it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    project: &'a Project,
    bid_due_at: Option<Timestamp>,
    by_hand: bool,
    due: Vec<DueShown>,
    receives_updates: bool,
    why: Option<String>,
    login_name: &'a str,
    listed_at: Option<Timestamp>,
    closed_tools: &'a [PlanTool],
    hourly: Option<String>,
    problem: Option<String>,
    missing: Option<MissingShown>,
}

/// Many plans that Procore does not show, and that are kept as they are until that is certain.
#[derive(Serialize)]
struct MissingShown {
    count: usize,
    of: usize,
    since: Timestamp,
    believed_from: Timestamp,
}

#[derive(Serialize)]
struct DueShown {
    at: Timestamp,
    bid_package: Option<BidPackageShown>,
}

#[derive(Serialize)]
struct BidPackageShown {
    id: u64,
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    /// Left out, null, or a text.
    #[serde(default, deserialize_with = "present")]
    bid_due_at: Option<Option<String>>,
    time_zone: Option<String>,
}

/// Tells null from a field that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The projects, what is due next first, or those of them that are searched for.
pub(crate) async fn list(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who(incoming).await?;
    let (ask, search, now) = (incoming.paging()?, search(incoming)?, Timestamp::now());
    let integration = integration(app, &who).await?;
    let mut projects = app.table().synced_projects(who.account).await?;
    projects.retain(|project| bid_calendar::is_found(project, &search));
    bid_calendar::sort(&mut projects, now);
    let (page, next) = ask.in_order(projects, |project| project.project.id)?;
    let page: Vec<Shown<'_>> = page
        .iter()
        .map(|project| shown(project, integration.as_ref(), now))
        .collect();
    Ok(Answer::ok(json!({"projects": page, "next_cursor": next})))
}

/// One project.
pub(crate) async fn show(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who(incoming).await?;
    let project = app.project(&who, incoming).await?;
    answer(app, &who, &project).await
}

/// Sets by hand when bids are due, or leaves it to Procore again.
pub(crate) async fn change(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who_changes(incoming).await?;
    let mut project = app.project(&who, incoming).await?;
    if let Some(due) = wanted(incoming)? {
        app.table().set_bid_due(who.account, project.project.id, due).await?;
        project.bid_due_at = due;
    }
    answer(app, &who, &project).await
}

async fn answer(app: &Plans, who: &Estimator, project: &SyncedProject) -> Reply {
    let integration = integration(app, who).await?;
    Ok(Answer::ok(shown(project, integration.as_ref(), Timestamp::now())))
}

async fn integration(app: &Plans, who: &Estimator) -> Result<Option<Integration>, Problem> {
    let record = app.table().integration(who.account).await?;
    Ok(record.map(|record| record.integration))
}

fn search(incoming: &Incoming) -> Result<String, Problem> {
    let search = incoming.query("q").unwrap_or_default();
    if search.len() > LONGEST_SEARCH {
        let detail = format!("What is searched for has at most {LONGEST_SEARCH} bytes.");
        return Err(Problem::bad_field("q", detail));
    }
    Ok(search)
}

/// The date that is wanted, where one is: None in it leaves the date to Procore. A form's empty field is that, too.
fn wanted(incoming: &Incoming) -> Result<Option<Option<Timestamp>>, Problem> {
    let change: Change = incoming.body()?;
    match change.bid_due_at {
        None if incoming.is_left_empty("bid_due_at") => Ok(Some(None)),
        None => Ok(None),
        Some(None) => Ok(Some(None)),
        Some(Some(text)) => {
            let due = due_at(&text, change.time_zone.as_deref());
            due.map(|due| Some(Some(due)))
                .map_err(|wrong| Problem::bad_field("bid_due_at", wrong.to_string()))
        }
    }
}

fn shown<'a>(project: &'a SyncedProject, integration: Option<&Integration>, now: Timestamp) -> Shown<'a> {
    let due = |due: Due| DueShown {
        at: due.at,
        bid_package: due.package.map(|(id, title)| BidPackageShown { id, title }),
    };
    Shown {
        project: &project.project,
        bid_due_at: project.bid_due(now),
        by_hand: project.bid_due_at.is_some(),
        due: project.due().into_iter().map(due).collect(),
        receives_updates: project.receives_updates(integration),
        why: project.why_no_updates(integration),
        login_name: &project.login_name,
        listed_at: project.listed_at,
        closed_tools: &project.closed_tools,
        hourly: project.why_hourly().filter(|_| project.receives_updates(integration)),
        problem: project.why_not_whole(),
        missing: project.many_missing.as_ref().map(|many| MissingShown {
            count: many.count,
            of: many.of,
            since: many.since,
            believed_from: many.believed_from(),
        }),
    }
}
