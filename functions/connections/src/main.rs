//! A person's projects; a project's code, webhook secret, connections and mails; what a side settles and pauses; the deliveries of a connection.

mod cadence;
mod deliveries;
mod notifications;
mod pauses;
mod views;
mod webhook_secret;

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    cadence_links::CadenceLinks,
    held::{self, Which},
    hooks::Hooks,
    http::{Answer, Incoming, Nothing, Problem, Reply, serve},
    mail::Mailer,
    queue::Copies,
    sessions::{Admin, Changed, Sessions},
    settings,
    terms::TermsBody,
};
use gusset_domain::{
    connection::{Change, Connection, View},
    email::EmailAddress,
    policy::NewConnections,
    send::{SendMode, Tool},
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::Method;
use serde_json::json;

use crate::notifications::Lists;

struct Connections {
    sessions: Sessions,
    links: CadenceLinks,
    hooks: Hooks,
    mailer: Mailer,
    copies: Copies,
    policy: NewConnections,
    contact: String,
}

const DELIVERIES: &str = "/api/projects/{project}/connections/{connection}/deliveries";

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let copies = Copies::from_environment(&aws)?;
        let (policy, contact) = settings::new_connections()?;
        let hooks = Hooks::from_environment(&aws).await?;
        let from: EmailAddress = settings::required("MAIL_FROM")?.parse()?;
        serve(
            Connections {
                sessions: Sessions::from_environment(&aws).await?,
                links: hooks.cadence_links(),
                hooks,
                mailer: Mailer::new(aws.ses(), &from),
                copies,
                policy,
                contact,
            },
            handle,
        )
        .await
    })
}

async fn handle(app: Arc<Connections>, incoming: Arc<Incoming>) -> Reply {
    let resource = incoming.resource();
    if resource == "/api/projects" {
        return projects(&app, &incoming).await;
    }
    if resource == DELIVERIES {
        return deliveries::of_connection(&app, &incoming).await;
    }
    if resource == "/notifications/{token}" {
        return notifications::answer(&app.sessions.table, &incoming).await;
    }
    if resource == "/emails/{token}" {
        return cadence::choose(&app.sessions.table, &app.links, &incoming).await;
    }
    let admin = app.sessions.admin(&incoming, incoming.project()?).await?;
    let lists = Lists {
        table: &app.sessions.table,
        mailer: &app.mailer,
    };
    match (incoming.method(), resource.as_str()) {
        (&Method::GET, "/api/projects/{project}") => project(&app, &admin).await,
        (&Method::POST, "/api/projects/{project}") => open(&app, &incoming, &admin).await,
        (&Method::POST, "/api/projects/{project}/code") => replace_code(&app, &incoming, &admin).await,
        (&Method::POST, "/api/projects/{project}/webhook-secret") => {
            webhook_secret::replace(&app.sessions, &app.hooks, &incoming, &admin).await
        }
        (&Method::GET, "/api/projects/{project}/deliveries") => deliveries::of_project(&app, &incoming, &admin).await,
        (&Method::POST, "/api/projects/{project}/views") => views::save(&app.sessions.table, &incoming, &admin).await,
        (&Method::POST, "/api/projects/{project}/views/delete") => {
            views::delete(&app.sessions.table, &incoming, &admin).await
        }
        (&Method::GET, "/api/projects/{project}/connections") => list(&app, &incoming, &admin).await,
        (&Method::GET, "/api/projects/{project}/connections/{connection}") => one(&incoming, &admin).await,
        // HTML forms know no PATCH.
        (&Method::PATCH | &Method::POST, "/api/projects/{project}/connections/{connection}") => {
            settle(&app, &incoming, &admin).await
        }
        (&Method::POST, "/api/projects/{project}/connections/{connection}/pause") => {
            pauses::pause(&incoming, &admin).await
        }
        (&Method::POST, "/api/projects/{project}/connections/{connection}/resume") => {
            pauses::resume(&app, &incoming, &admin).await
        }
        (&Method::GET, "/api/projects/{project}/notifications") => {
            notifications::show(&app.sessions.table, &admin).await
        }
        (&Method::PUT, "/api/projects/{project}/notifications") => lists.choose(&incoming, &admin).await,
        // HTML forms know no PUT.
        (&Method::POST, "/api/projects/{project}/notifications") => lists.choose_by_form(&incoming, &admin).await,
        (&Method::DELETE, "/api/projects/{project}/notifications") => {
            notifications::choose_default(&app.sessions.table, &incoming, &admin).await
        }
        _ => Err(Problem::not_found(say!("thing-endpoint"))),
    }
}

async fn projects(app: &Connections, incoming: &Incoming) -> Reply {
    let who = app.sessions.signed_in(incoming).await?;
    Ok(Answer::ok(json!({"projects": who.projects().await?})))
}

/// A project as it is. It has no code before an admin has opened it.
async fn project(app: &Connections, admin: &Admin<'_>) -> Reply {
    let (project, code) = admin.seen().await?;
    let managers = admin.who.potential_rfi_managers(&project).await?;
    Ok(Answer::ok(json!({
        "project": project,
        "code": code.map(|code| code.to_string()),
        "new_connections": app.policy.ruling(admin.project, &app.contact, Timestamp::now()),
        "potential_rfi_managers": managers,
    })))
}

/// Opens a project: it gets its code, and the admin its mails. Doing it again changes nothing.
async fn open(app: &Connections, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    incoming.same_origin()?;
    incoming.body::<Nothing>()?;
    admin.opened().await?;
    project(app, admin).await
}

async fn replace_code(app: &Connections, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    incoming.same_origin()?;
    let known = admin.opened().await?;
    let replaced = app
        .sessions
        .table
        .replace_code(admin.project, known.code, Timestamp::now())
        .await?;
    // Somebody else has replaced it this very moment: theirs is as new as ours would have been.
    let code = match replaced {
        Some(code) => code,
        None => admin.opened().await?.code,
    };
    Ok(Answer::ok(json!({"code": code.to_string()})))
}

async fn list(app: &Connections, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let ask = incoming.paging()?;
    let connections = app.sessions.table.connections(admin.project).await?;
    let views: Vec<View> = connections
        .iter()
        .filter_map(|connection| view(connection, admin))
        .collect();
    let (page, next) = ask.newest_first(views, |view| view.id);
    Ok(Answer::ok(json!({"connections": page, "next_cursor": next})))
}

fn view(connection: &Connection, admin: &Admin<'_>) -> Option<View> {
    connection.side_of(admin.project).map(|side| connection.seen_from(side))
}

async fn one(incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let (connection, side) = admin.connection(incoming.connection()?).await?;
    Ok(Answer::ok(connection.seen_from(side)))
}

/// Changes what this side sends and who reviews the RFIs that it gets. Two changes at once are both made, one after the other.
async fn settle(app: &Connections, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    incoming.same_origin()?;
    let body: TermsBody = incoming.body()?;
    incoming.names_reviewer()?;
    let (connection, side) = admin.connection(incoming.connection()?).await?;
    let terms = body.check(&admin.who, &connection.party(side).project).await?;
    let settle = |_: &Connection, _| Ok(Change::Settle(terms.clone()));
    let Changed { before, after, side } = admin.change((connection, side), settle).await?;
    let send_on = |which| held::send_on(&app.sessions.table, &app.copies, &after, which);
    if after.party(side).rfi_manager().is_some() {
        send_on(Which::Settled(side)).await?;
    }
    // Dies here: what waits is cancelled when it is tried again.
    if before.accepts(side, Tool::Rfis) && !after.accepts(side, Tool::Rfis) {
        send_on(Which::NotAccepted(side)).await?;
    }
    let off = |connection: &Connection, tool| connection.party(side).send.of(tool) == SendMode::Off;
    for tool in Tool::ALL {
        if off(&after, tool) && !off(&before, tool) {
            send_on(Which::SwitchedOff(side, tool)).await?;
        }
    }
    Ok(Answer::ok(after.seen_from(side)))
}
