//! The side that was asked accepts or declines.

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    chance,
    hooks::{Carried, HookError, Hooks},
    http::{Answer, Incoming, Nothing, Problem, Reply, serve},
    procore::{Authority, Procore, ProcoreError},
    sessions::{Admin, Sessions},
    table::ExtraWrites,
    terms::TermsBody,
};
use gusset_domain::{
    connection::{AccountSeeds, Change, Connection, ServiceUsers, Side},
    ids::UserId,
    names::shown,
    people::Project,
    service_account::Seed,
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;

struct Accept {
    sessions: Sessions,
    hooks: Hooks,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let hooks = Hooks::from_environment(&aws).await?;
        serve(
            Accept {
                sessions: Sessions::from_environment(&aws).await?,
                hooks,
            },
            handle,
        )
        .await
    })
}

async fn handle(app: Arc<Accept>, incoming: Arc<Incoming>) -> Reply {
    incoming.same_origin()?;
    let admin = app.sessions.admin(&incoming, incoming.project()?).await?;
    let (connection, side) = admin.connection(incoming.connection()?).await?;
    if incoming.resource().ends_with("/decline") {
        decline(&app, &incoming, &admin, &connection, side).await
    } else {
        accept(&app, &incoming, &admin, &connection, side).await
    }
}

/// Dies anywhere before the write: the request is still pending, and accepting again, declining or withdrawing finds
/// what is in place already and completes or removes it.
async fn accept(app: &Accept, incoming: &Incoming, admin: &Admin<'_>, connection: &Connection, side: Side) -> Reply {
    let terms: TermsBody = incoming.body()?;
    incoming.names_reviewer()?;
    let terms = terms.check(&admin.who, &connection.party(side).project).await?;
    let now = Timestamp::now();
    let seeds = seeds()?;
    let accepted = |users| {
        let accepted = connection.change(
            side,
            Change::Accept(terms.clone(), seeds, users),
            admin.who.person(),
            now,
        );
        accepted.map_err(|refusal| Problem::refused(&refusal, now))
    };
    // Refused, it is refused before anything is asked of Procore.
    accepted(ServiceUsers::default())?;
    let public_url = incoming.public_url();
    let ready = make_ready(app, connection, &public_url).await;
    let written = match ready {
        Ok(users) => {
            let accepted = accepted(users)?;
            let table = &app.sessions.table;
            let written = table
                .replace_connection(connection, &accepted, ExtraWrites::default())
                .await?;
            Ok(written.then_some(accepted))
        }
        Err(problem) => Err(problem),
    };
    // Dies here: connected, with both hooks in place. What follows is for the case that somebody removed one meanwhile.
    app.hooks
        .reconcile_both(&app.sessions.procore, &app.sessions.table, connection, &public_url)
        .await;
    match written? {
        Some(accepted) => Ok(Answer::ok(accepted.seen_from(side))),
        None => Err(admin.beaten(connection.id).await),
    }
}

/// What both sides' service accounts get their ids from. Both accounts are made by the write that connects, or not at
/// all.
fn seeds() -> Result<AccountSeeds, Problem> {
    Ok(AccountSeeds {
        requester: Seed(chance::bits()?),
        recipient: Seed(chance::bits()?),
    })
}

async fn decline(app: &Accept, incoming: &Incoming, admin: &Admin<'_>, connection: &Connection, side: Side) -> Reply {
    incoming.body::<Nothing>()?;
    let now = Timestamp::now();
    let declined = connection.change(side, Change::Decline, admin.who.person(), now);
    let declined = declined.map_err(|refusal| Problem::refused(&refusal, now))?;
    if !app
        .sessions
        .table
        .replace_connection(connection, &declined, ExtraWrites::default())
        .await?
    {
        return Err(admin.beaten(connection.id).await);
    }
    // An accept that died half-way may have left hooks.
    let public_url = incoming.public_url();
    app.hooks
        .reconcile_both(&app.sessions.procore, &app.sessions.table, connection, &public_url)
        .await;
    Ok(Answer::ok(declined.seen_from(side)))
}

/// Sees to it that our app is let into both projects, that both are active, and that both have our hook. Looks at both
/// before it touches either. Gives the users as whom the app acts there.
///
/// The app is let into both by then, so a refused hook lacks one permission, "Webhooks API". That keeps nobody from
/// connecting: the sweep finds what is new meanwhile, and puts the hook in place once it may.
async fn make_ready(app: &Accept, connection: &Connection, public_url: &str) -> Result<ServiceUsers, Problem> {
    let procore = &app.sessions.procore;
    let projects = [Side::Recipient, Side::Requester].map(|side| &connection.party(side).project);
    for project in projects {
        let seen = procore
            .project(Authority::ServiceAccount, project.company_id, project.id)
            .await;
        if !seen.map_err(|error| not_ready(error, project))?.active {
            return Err(inactive(project));
        }
    }
    for project in projects {
        let placed = app
            .hooks
            .ensure(procore, &app.sessions.table, project, public_url, Carried::AsRecorded)
            .await;
        match placed {
            Ok(()) => {}
            Err(HookError::Procore(ProcoreError::Forbidden(said))) => {
                tracing::warn!(project = %project.id, said, "Procore refuses a project's hook: it is left to the sweep");
            }
            Err(HookError::Procore(error)) => return Err(not_ready(error, project)),
            Err(HookError::Table(error)) => return Err(error.into()),
        }
    }
    let [recipient, requester] = projects;
    Ok(ServiceUsers {
        requester: service_user(procore, requester).await?,
        recipient: service_user(procore, recipient).await?,
    })
}

/// The user as whom our app acts in a project's company. Where Procore does not say, copies are known by their marker and
/// our record all the same.
async fn service_user(procore: &Procore, project: &Project) -> Result<Option<UserId>, Problem> {
    match procore.me_in(Authority::ServiceAccount, project.company_id).await {
        Ok(me) => Ok(Some(me.id)),
        Err(ProcoreError::Forbidden(_) | ProcoreError::NotFound) => Ok(None),
        Err(error) => Err(not_ready(error, project)),
    }
}

fn inactive(project: &Project) -> Problem {
    let detail = say!(
        "problem-project-inactive-detail-of",
        project = shown(&project.name),
        company = shown(&project.company_name)
    );
    Problem::new(
        StatusCode::CONFLICT,
        "project-inactive",
        say!("problem-project-inactive-title-of"),
        detail,
    )
    .with("project", project.id)
}

/// Says which company's admin has to do what.
fn not_ready(error: ProcoreError, project: &Project) -> Problem {
    let (company, name) = (shown(&project.company_name), shown(&project.name));
    let detail = match error {
        ProcoreError::Forbidden(said) => say!(
            "problem-app-not-permitted-detail",
            project = name,
            company = company,
            said = said
        ),
        ProcoreError::NotFound => say!(
            "problem-app-not-permitted-detail-unseen",
            project = name,
            company = company
        ),
        error => return error.into(),
    };
    let problem = Problem::new(
        StatusCode::CONFLICT,
        "app-not-permitted",
        say!("problem-app-not-permitted-title"),
        detail,
    );
    problem
        .with("project", project.id)
        .with("company", &project.company_name)
}
