//! Procore tells of a change in a project's plans: verify, one query, one send, answer.

use std::time::Duration;

use gusset_adapters::{
    http::{Answer, Incoming, Problem, Reply},
    table::synced_projects::SyncedBy,
};
use gusset_domain::{
    ids::CompanyId,
    plans::job::{Job, Work},
    webhook::PlanEvent,
};
use jiff::Timestamp;
use lambda_http::http::{StatusCode, header};
use serde_json::json;

use crate::Plans;

/// How long a project is left alone after an event, so that a burst of them, as when a set of drawings is published, becomes
/// one look.
const BURST: Duration = Duration::from_secs(5);

/// If the process dies before it answers, Procore sends the event again. A project that was looked at since is not looked at
/// again.
pub(crate) async fn hear(app: &Plans, incoming: &Incoming) -> Reply {
    let company: CompanyId = incoming.path_id("company", "company")?;
    if !app
        .hooks
        .is_authentic_of_plans(company, incoming.header(header::AUTHORIZATION))
    {
        return Err(not_ours());
    }
    let event = PlanEvent::read(incoming.bytes()?)?;
    if event.company != company {
        return Err(Problem::bad_request(
            "The event is about another company than the hook's.",
        ));
    }
    let mut jobs = Vec::new();
    if event.resource.is_some() {
        let synced = app.table().synced_by(event.project).await?;
        // A company's secret is of no use for another company's projects.
        let synced = synced.into_iter().filter(|by| by.project.company_id == company);
        jobs.extend(synced.map(|by| look(by, Timestamp::now())));
    }
    app.queue.send(&jobs, BURST).await?;
    tracing::info!(event = event.id, project = %event.project, resource = ?event.resource, jobs = jobs.len(), "heard");
    Ok(Answer::ok(json!({"queued": jobs.len()})))
}

fn look(by: SyncedBy, now: Timestamp) -> Job {
    Job {
        account: by.account,
        login: by.login,
        run: None,
        attempts: 0,
        work: Work::Project {
            project: by.project,
            by_hand: false,
            asked_at: Some(now),
        },
    }
}

fn not_ours() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "wrong-webhook-secret",
        "Not a webhook of ours",
        "The webhook's Authorization header is not the one that Gusset gave to this company's hooks.",
    )
}
