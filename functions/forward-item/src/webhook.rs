//! Procore tells of an item: verify, one query, one send, answer.

use gusset_adapters::http::{Answer, Incoming, Problem, Reply};
use gusset_domain::{
    connection::Connection,
    delivery,
    ids::{CompanyId, ProjectId},
    webhook::Event,
};
use jiff::Timestamp;
use lambda_http::http::{StatusCode, header};
use serde_json::json;

use crate::ForwardItem;

/// If the process dies before it answers, Procore sends the event again. What was queued twice is copied once.
pub(crate) async fn hear(app: &ForwardItem, incoming: &Incoming) -> Reply {
    let project = incoming.project()?;
    // What is forged costs no query.
    let shown = app.hooks.generation_of(project, incoming.header(header::AUTHORIZATION));
    let generation = shown.ok_or_else(not_ours)?;
    let event = Event::read(incoming.bytes()?)?;
    if event.project != project {
        return Err(Problem::bad_request(
            "The event is about another project than the hook's.",
        ));
    }
    if !delivery::can_set_going(&event, &app.client_id) {
        tracing::info!(event = event.id, item = %event.item, "heard, and nothing to do");
        return Ok(Answer::ok(json!({"queued": 0})));
    }
    let (connections, secret) = app.sessions.table.live_connections_and_secret(project).await?;
    if !secret.accepts(generation, Timestamp::now()) {
        return Err(not_ours());
    }
    let jobs = delivery::set_going(&event, &connections, &app.client_id);
    if let Some(company) = company(&connections, project) {
        app.copies.send(company, &jobs).await?;
    }
    tracing::info!(event = event.id, item = %event.item, tool = event.tool.map(|tool| tool.as_str()), jobs = jobs.len(), "heard");
    Ok(Answer::ok(json!({"queued": jobs.len()})))
}

fn not_ours() -> Problem {
    let detail = "The webhook's Authorization header is not the one that Gusset gave to this project's hook, or was replaced \
                  more than an hour ago.";
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "wrong-webhook-secret",
        "Not a webhook of ours",
        detail,
    )
}

fn company(connections: &[Connection], project: ProjectId) -> Option<CompanyId> {
    let connection = connections.first()?;
    Some(connection.party(connection.side_of(project)?).project.company_id)
}
