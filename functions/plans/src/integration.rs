//! The account's link to a Procore login, and how far its sync has come.

use std::time::Duration;

use gusset_adapters::{
    accounts::Estimator,
    http::{Answer, Incoming, Nothing, Problem, Reply},
    sign_in,
};
use gusset_domain::{
    ids::{RunId, UserId},
    integration::{Integration, Status},
    plans::{
        job::{Job, Work},
        run::{AskedBy, Progress, Run, Stage},
    },
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Plans, unwatch::unwatch};

/// Where people come back to from Procore.
const PAGE: &str = "/estimating/integrations";

/// A run, and how far it has come.
#[derive(Serialize)]
struct RunShown<'a> {
    id: RunId,
    asked_by: AskedBy,
    started_at: Timestamp,
    changed_at: Timestamp,
    projects_found: Option<u64>,
    projects_listed: u64,
    found: u64,
    copied: u64,
    failed: u64,
    bytes: u64,
    now: Option<&'a str>,
    problem: Option<&'a str>,
    stage: Stage,
    per_cent: u64,
}

/// The link.
pub(crate) async fn show(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who(incoming).await?;
    Ok(Answer::ok(json!({"integration": shown(app, &who).await?})))
}

/// Begins to connect the account, for a program that sends the person's browser on by itself. A browser's link leads to
/// `/oauth/start?connect=plans`, which does the same.
pub(crate) async fn connect(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who_changes(incoming).await?;
    incoming.body::<Nothing>()?;
    let procore = &app.integrations.procore;
    let begun = sign_in::begin(app.table(), procore, incoming, PAGE.to_owned(), Some(who.account)).await?;
    Ok(Answer::ok(json!({"authorize_url": begun.address})).cookie(begun.cookie))
}

/// Ends the link, here and in Procore. What was synced stays.
pub(crate) async fn disconnect(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who_changes(incoming).await?;
    incoming.body::<Nothing>()?;
    let login = connected_login(app, &who).await?;
    unwatch(app, (who.account, login), &incoming.public_url()).await;
    // Where it has ended meanwhile, by Procore or by another click, it is as the person wanted it.
    app.integrations.disconnect(who.account, Timestamp::now()).await?;
    Ok(Answer::ok(json!({"integration": shown(app, &who).await?})))
}

/// Has everything looked at now, or joins the run that is under way.
pub(crate) async fn refresh(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who_changes(incoming).await?;
    incoming.body::<Nothing>()?;
    let login = connected_login(app, &who).await?;
    let now = Timestamp::now();
    let wanted = Run::begin(RunId(Uuid::now_v7()), AskedBy::Refresh, now);
    let (run, begun) = app.table().begin_run(who.account, &wanted, now).await?;
    if begun || run.may_be_forgotten(now) {
        let job = Job {
            account: who.account,
            login,
            run: Some(run.run.id),
            attempts: 0,
            work: Work::Discover { by_hand: true },
        };
        // Dies before this: nobody is at the run, which who refreshes a minute later finds out.
        app.queue.send(&[job], Duration::ZERO).await?;
    }
    Ok(Answer::json(
        StatusCode::ACCEPTED,
        json!({"run": run_shown(&run, true, now)}),
    ))
}

/// What an account is shown of its link: null where there never was one.
pub(crate) async fn shown(app: &Plans, who: &Estimator) -> Result<Value, Problem> {
    let Some(record) = app.table().integration(who.account).await? else {
        return Ok(Value::Null);
    };
    let projects = app.table().synced_projects(who.account).await?;
    let run = app.table().run(who.account, &projects).await?;
    let Integration {
        login, connected_at, ..
    } = &record.integration;
    let (status, ended_at, why) = match record.integration.status {
        Status::Connected => ("connected", None, None),
        Status::Disconnected { ended_at, why } => ("disconnected", Some(ended_at), Some(why.words())),
    };
    let connected = record.integration.is_connected();
    Ok(json!({
        "login": login.login,
        "name": login.name,
        "status": status,
        "connected_at": connected_at,
        "ended_at": ended_at,
        "why": why,
        "run": run.as_ref().map(|run| run_shown(run, connected, Timestamp::now())),
    }))
}

/// Nothing is done for an account that is not connected, whatever its last run had still to do.
fn run_shown(progress: &Progress, connected: bool, now: Timestamp) -> RunShown<'_> {
    let stage = match progress.stage(now) {
        Stage::Looking | Stage::Copying if !connected => Stage::Stopped,
        stage => stage,
    };
    let run = &progress.run;
    RunShown {
        id: run.id,
        asked_by: run.asked_by,
        started_at: run.started_at,
        changed_at: progress.changed_at,
        projects_found: progress.projects_found,
        projects_listed: progress.projects_listed,
        found: progress.found,
        copied: progress.copied,
        failed: progress.failed,
        bytes: progress.bytes,
        now: progress.now.as_deref(),
        problem: run.problem.as_deref(),
        stage,
        per_cent: progress.per_cent(now),
    }
}

async fn connected_login(app: &Plans, who: &Estimator) -> Result<UserId, Problem> {
    let record = app.table().integration(who.account).await?;
    let integration = record.map(|record| record.integration);
    let connected = integration
        .filter(Integration::is_connected)
        .ok_or_else(not_connected)?;
    Ok(connected.login.user)
}

fn not_connected() -> Problem {
    Problem::conflict(
        "not-connected",
        say!("problem-not-connected-title-plans"),
        say!("problem-not-connected-detail-plans"),
    )
}
