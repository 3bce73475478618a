//! A project's admin types another project's code, to ask for a connection.

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    http::{Answer, Incoming, Problem, Reply, serve},
    idempotency::once,
    sessions::{Admin, Sessions},
    settings,
    table::{ExtraWrites, connections::Asked, limits::Limited, projects::ProjectRecord},
    terms::{Reviewer, TermsBody},
};
use gusset_domain::{
    connection::{Connection, Side, may_ask},
    connection_code::{ConnectionCode, NotACode},
    ids::{ConnectionId, ProjectId, UserId},
    people::Actor,
    policy::NewConnections,
    send::{SendChoice, ShortChoice},
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde::Deserialize;

struct CreateConnection {
    sessions: Sessions,
    policy: NewConnections,
    contact: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    code: String,
    #[serde(default)]
    send: SendChoice,
    #[serde(default)]
    sends: Option<ShortChoice>,
    #[serde(default, deserialize_with = "gusset_adapters::terms::present")]
    rfi_manager_id: Option<Reviewer>,
    #[serde(default, deserialize_with = "gusset_adapters::terms::present")]
    accepts_rfis: Option<bool>,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let (policy, contact) = settings::new_connections()?;
        serve(
            CreateConnection {
                sessions: Sessions::from_environment(&aws).await?,
                policy,
                contact,
            },
            handle,
        )
        .await
    })
}

async fn handle(app: Arc<CreateConnection>, incoming: Arc<Incoming>) -> Reply {
    incoming.same_origin()?;
    let admin = app.sessions.admin(&incoming, incoming.project()?).await?;
    let by = admin.who.person().id;
    once(&app.sessions.table, &incoming, by, |id| {
        ask(&app, &incoming, &admin, ConnectionId(id))
    })
    .await
}

async fn ask(app: &CreateConnection, incoming: &Incoming, admin: &Admin<'_>, id: ConnectionId) -> Reply {
    let body: Body = incoming.body()?;
    incoming.names_reviewer()?;
    let now = Timestamp::now();
    may_connect(app, admin.project, now)?;
    let code: ConnectionCode = body
        .code
        .parse()
        .map_err(|wrong: NotACode| Problem::bad_field("code", wrong.to_string()))?;
    let requester = admin.opened().await?;
    let recipient = find(app, code, admin.project, admin.who.person().id, now).await?;

    let terms = TermsBody {
        send: body.send,
        sends: body.sends,
        rfi_manager_id: body.rfi_manager_id,
        accepts_rfis: body.accepts_rfis,
    };
    let terms = terms.check(&admin.who, &requester.project).await?;
    let asked = Actor {
        by: admin.who.person().clone(),
        at: now,
    };
    let connection = Connection::ask(id, requester.project, recipient.project, terms, asked)
        .map_err(|refused| Problem::ask_refused(&refused))?;
    let table = &app.sessions.table;
    let limited = [
        Limited::Inviter(connection.asked.by.id),
        Limited::Invited(connection.recipient.project.id),
    ];
    let counted = table.count_attempts(limited, now).await?;
    let counted = counted.map_err(|until| too_many_invitations(until, now))?;
    // Dies here: asked for or not. With an Idempotency-Key a repeat asks under the same id, and finds itself.
    let asked = table.ask(&connection, code, ExtraWrites::default()).await?;
    if !matches!(asked, Asked::Recorded) {
        table.give_back_attempts(counted).await;
    }
    match asked {
        Asked::Recorded => Ok(Answer::json(StatusCode::CREATED, connection.seen_from(Side::Requester))),
        Asked::CodeReplaced => Err(unknown_code()),
        Asked::TooSoon(until) => Err(asked_lately(until, now)),
        Asked::PairTaken(present) if present == id => {
            let (asked, side) = admin.connection(id).await?;
            Ok(Answer::json(StatusCode::CREATED, asked.seen_from(side)))
        }
        Asked::PairTaken(present) => Err(pair_taken(app, &connection, present).await?),
    }
}

/// What the stack's policy says to this project.
fn may_connect(app: &CreateConnection, project: ProjectId, now: Timestamp) -> Result<(), Problem> {
    let ruling = app.policy.ruling(project, &app.contact, now);
    match ruling.reason {
        None => Ok(()),
        Some(reason) => {
            let problem = Problem::new(
                StatusCode::FORBIDDEN,
                "connections-closed",
                say!("problem-connections-closed-title"),
                reason,
            );
            Err(problem.with("project", project))
        }
    }
}

/// Whose code it is. Each attempt is counted before it is made, and given back where it hits.
async fn find(
    app: &CreateConnection,
    code: ConnectionCode,
    project: ProjectId,
    user: UserId,
    now: Timestamp,
) -> Result<ProjectRecord, Problem> {
    let table = &app.sessions.table;
    let counted = table.count_attempts([Limited::Guesser(user), Limited::GuessingProject(project)], now);
    let counted = counted.await?.map_err(|until| {
        let detail = say!("problem-too-many-misses-detail", at = until.to_string());
        Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-misses",
            say!("problem-too-many-misses-title"),
            detail,
        )
        .retry_after(until.duration_since(now).unsigned_abs())
    })?;
    let found = match table.project_with_code(code).await? {
        Some(id) => table.project(id).await?,
        None => None,
    };
    match found {
        Some(found) => {
            table.give_back_attempts(counted).await;
            Ok(found)
        }
        None => Err(unknown_code()),
    }
}

async fn pair_taken(app: &CreateConnection, asked: &Connection, present: ConnectionId) -> Result<Problem, Problem> {
    let (asking, other) = (asked.requester.project.id, asked.recipient.project.id);
    let present = app.sessions.table.connection(asking, present).await?;
    Ok(match may_ask(asking, other, present.as_ref()) {
        Err(refused) => Problem::ask_refused(&refused),
        // It has ended between our two looks: asking again will do.
        Ok(()) => Problem::changed_meanwhile(),
    })
}

/// The same two projects: this one's request was withdrawn or declined a while ago.
fn asked_lately(until: Timestamp, now: Timestamp) -> Problem {
    let (title, why) = (say!("problem-asked-lately-title"), say!("problem-asked-lately-detail"));
    Problem::too_many("asked-lately", title, why, until, now)
}

fn too_many_invitations(until: Timestamp, now: Timestamp) -> Problem {
    let title = say!("problem-too-many-invitations-title");
    let why = say!("problem-too-many-invitations-detail");
    Problem::too_many("too-many-invitations", title, why, until, now)
}

fn unknown_code() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "unknown-code",
        say!("problem-unknown-code-title"),
        say!("problem-unknown-code-detail"),
    )
}
