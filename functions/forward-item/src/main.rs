//! Procore tells of an item: verify, one query, one send, answer.

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    hooks::Hooks,
    http::{Answer, Incoming, Problem, Reply, serve},
    queue::Copies,
    settings,
    table::Table,
};
use gusset_domain::{
    delivery,
    webhook::{Event, Unreadable},
};
use lambda_http::http::{StatusCode, header};
use serde_json::json;

struct ForwardItem {
    table: Table,
    copies: Copies,
    hooks: Hooks,
    client_id: String,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let table = Table::new(aws.dynamodb(), settings::required("TABLE_NAME")?);
        let copies = Copies::new(aws.sqs(), settings::required("COPIES_QUEUE_URL")?);
        let hooks = Hooks::new(aws.secret(&settings::required("MASTER_SECRET_ARN")?).await?);
        let client_id = settings::required("PROCORE_CLIENT_ID")?;
        serve(
            ForwardItem {
                table,
                copies,
                hooks,
                client_id,
            },
            handle,
        )
        .await
    })
}

/// If the process dies before it answers, Procore sends the event again. What was queued twice is copied once.
async fn handle(app: Arc<ForwardItem>, incoming: Arc<Incoming>) -> Reply {
    let project = incoming.project()?;
    if !app.hooks.is_authentic(project, incoming.header(header::AUTHORIZATION)) {
        let detail = "The webhook's Authorization header is not the one that Gusset gave to this project's hook.";
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "wrong-webhook-secret",
            "Not a webhook of ours",
            detail,
        ));
    }
    let event = Event::read(incoming.bytes()?).map_err(unreadable)?;
    if event.project != project {
        return Err(Problem::bad_request(
            "The event is about another project than the hook's.",
        ));
    }
    let connections = app.table.live_connections(project).await?;
    let jobs = delivery::set_going(&event, &connections, &app.client_id);
    if let Some(company) = company(&connections, project) {
        app.copies.send(company, &jobs).await?;
    }
    tracing::info!(event = event.id, item = %event.item, tool = event.tool.map(|tool| tool.as_str()), jobs = jobs.len(), "heard");
    Ok(Answer::ok(json!({"queued": jobs.len()})))
}

fn company(
    connections: &[gusset_domain::connection::Connection],
    project: gusset_domain::ids::ProjectId,
) -> Option<gusset_domain::ids::CompanyId> {
    let connection = connections.first()?;
    Some(connection.party(connection.side_of(project)?).project.company_id)
}

fn unreadable(error: Unreadable) -> Problem {
    let slug = match error {
        Unreadable::NotJson => "not-json",
        Unreadable::UnknownVersion => "unknown-version",
        Unreadable::Field(_) => "bad-event",
    };
    Problem::new(
        StatusCode::BAD_REQUEST,
        slug,
        "The event cannot be read",
        error.to_string(),
    )
}
