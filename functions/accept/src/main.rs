//! The side that was asked accepts or declines.

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    chance,
    envelope::Envelope,
    hooks::{HookError, Hooks},
    http::{Answer, Incoming, Problem, Reply, serve},
    procore::{Procore, ProcoreError},
    sessions::Sessions,
    settings,
    table::{Also, Table},
    terms::TermsBody,
};
use gusset_domain::{
    connection::{AccountSeeds, Change, Connection, Side},
    people::Project,
    service_account::Seed,
};
use jiff::Timestamp;
use lambda_http::http::StatusCode;

struct Accept {
    sessions: Sessions,
    hooks: Hooks,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let table = Table::new(aws.dynamodb(), settings::required("TABLE_NAME")?);
        let procore = Procore::from_environment(aws.secret(&settings::required("PROCORE_CLIENT_SECRET_ARN")?).await?)?;
        let envelope = Envelope::new(aws.kms(), settings::required("KMS_KEY_ID")?);
        let hooks = Hooks::new(aws.secret(&settings::required("MASTER_SECRET_ARN")?).await?);
        serve(
            Accept {
                sessions: Sessions::new(table, procore, envelope),
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
    let now = Timestamp::now();
    let change = if incoming.resource().ends_with("/decline") {
        incoming.body::<Nothing>()?;
        Change::Decline
    } else {
        let terms: TermsBody = incoming.body()?;
        let terms = terms.check(&admin.who, &connection.party(side).project).await?;
        Change::Accept(terms, seeds()?)
    };
    let accepts = matches!(change, Change::Accept(..));
    let changed = connection.change(side, change, admin.who.person(), now);
    let changed = changed.map_err(|refusal| Problem::refused(&refusal, now))?;
    if accepts {
        make_ready(&app, &connection, &incoming.public_url()).await?;
    }
    // If the process dies before this write the request is still pending, and accepting again finds what is in place. Both
    // service accounts are made by this write or not at all.
    if !app
        .sessions
        .table
        .replace_connection(&connection, &changed, Also::default())
        .await?
    {
        return Err(beaten(&app, &connection, side).await?);
    }
    Ok(Answer::ok(changed.seen_from(side)))
}

/// What both sides' service accounts get their ids from.
fn seeds() -> Result<AccountSeeds, Problem> {
    Ok(AccountSeeds {
        requester: Seed(chance::bits()?),
        recipient: Seed(chance::bits()?),
    })
}

/// A body without fields.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Sees to it that our app is installed and permitted in both projects, and that both have our hook.
async fn make_ready(app: &Accept, connection: &Connection, public_url: &str) -> Result<(), Problem> {
    let (procore, table) = (&app.sessions.procore, &app.sessions.table);
    for side in [Side::Recipient, Side::Requester] {
        let project = &connection.party(side).project;
        app.hooks
            .put_in_place(procore, table, project, public_url)
            .await
            .map_err(|error| not_ready(error, project))?;
    }
    Ok(())
}

/// Says which company's admin has to do what.
fn not_ready(error: HookError, project: &Project) -> Problem {
    let (company, name) = (&project.company_name, &project.name);
    let detail = match error {
        HookError::Table(error) => return error.into(),
        HookError::Procore(ProcoreError::Forbidden(said)) => format!(
            "Gusset is not let into the project {name} of {company}. An admin of {company} has to install the Gusset app in \
             Procore's App Management and permit it for this project. Then accept again. (Procore says: {said}.)"
        ),
        HookError::Procore(ProcoreError::NotFound) => format!(
            "Gusset cannot see the project {name} of {company}. An admin of {company} has to permit the Gusset app for this \
             project in Procore's App Management. Then accept again."
        ),
        HookError::Procore(error) => return error.into(),
    };
    let problem = Problem::new(
        StatusCode::CONFLICT,
        "app-not-permitted",
        "Gusset is not permitted in a project",
        detail,
    );
    problem
        .with("project", project.id)
        .with("company", &project.company_name)
}

/// Somebody else was faster: how it stands now.
async fn beaten(app: &Accept, connection: &Connection, side: Side) -> Result<Problem, Problem> {
    let present = app
        .sessions
        .table
        .connection(connection.party(side).project.id, connection.id)
        .await?;
    let status = present.map(|present| present.status(side));
    Ok(Problem::changed_meanwhile().with("connection_status", status))
}
