//! Estimating accounts, and the plans that are kept in sync for them.

mod account;
mod archive;
mod calendar;
mod file;
mod integration;
mod plan;
mod project;
mod sign_in;
mod unwatch;
mod webhook;

use std::{process::ExitCode, sync::Arc, time::Duration};

use gusset_adapters::{
    accounts::{Accounts, Calendars, Estimator},
    aws::Aws,
    hooks::Hooks,
    http::{Incoming, Problem, Reply, serve},
    integrations::Integrations,
    mail::Mailer,
    queue::PlanFiles,
    settings,
    storage::Storage,
    table::Table,
};
use gusset_domain::{
    email::EmailAddress,
    plans::{Plan, project::SyncedProject},
};
use gusset_words::say;
use lambda_http::http::Method;

/// What the function works with.
struct Plans {
    accounts: Accounts,
    calendars: Calendars,
    mailer: Mailer,
    integrations: Integrations,
    hooks: Hooks,
    queue: PlanFiles,
    storage: Storage,
    /// How long a link to a file works.
    links_last: Duration,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let from: EmailAddress = settings::required("MAIL_FROM")?.parse()?;
        let (calendars, integrations, hooks) = tokio::try_join!(
            Calendars::from_environment(&aws),
            Integrations::from_environment(&aws),
            Hooks::from_environment(&aws),
        )?;
        serve(
            Plans {
                accounts: Accounts::from_environment(&aws)?,
                calendars,
                mailer: Mailer::new(aws.ses(), &from),
                integrations,
                hooks,
                queue: PlanFiles::from_environment(&aws)?,
                storage: Storage::from_environment(&aws)?,
                links_last: settings::seconds("PLAN_LINK_SECONDS")?,
            },
            handle,
        )
        .await
    })
}

async fn handle(app: Arc<Plans>, incoming: Arc<Incoming>) -> Reply {
    let resource = incoming.resource();
    match (incoming.method(), resource.as_str()) {
        (&Method::POST, "/api/sign-in") => sign_in::ask(&app, &incoming).await,
        (&Method::GET, "/sign-in/{token}") => sign_in::page(&app, &incoming).await,
        (&Method::POST, "/sign-in/{token}") => sign_in::finish(&app, &incoming).await,
        (&Method::GET, "/api/account") => account::show(&app, &incoming).await,
        (&Method::POST, "/api/account/sign-out") => account::sign_out(&app, &incoming).await,
        (&Method::POST, "/api/account/calendar") => account::replace_calendar(&app, &incoming).await,
        (&Method::GET, "/api/account/integration") => integration::show(&app, &incoming).await,
        (&Method::POST, "/api/account/integration") => integration::connect(&app, &incoming).await,
        (&Method::DELETE, "/api/account/integration") => integration::disconnect(&app, &incoming).await,
        // HTML forms know no DELETE.
        (&Method::POST, "/api/account/integration/disconnect") => integration::disconnect(&app, &incoming).await,
        (&Method::POST, "/api/account/integration/refresh") => integration::refresh(&app, &incoming).await,
        (&Method::GET, "/api/account/projects") => project::list(&app, &incoming).await,
        (&Method::GET, "/api/account/projects/{project}") => project::show(&app, &incoming).await,
        // HTML forms know no PATCH.
        (&Method::PATCH | &Method::POST, "/api/account/projects/{project}") => project::change(&app, &incoming).await,
        (&Method::GET, "/api/account/projects/{project}/plans") => plan::list(&app, &incoming).await,
        (&Method::GET, "/api/account/projects/{project}/archive") => archive::show(&app, &incoming).await,
        (&Method::POST, "/api/account/projects/{project}/archive") => archive::pack(&app, &incoming).await,
        (&Method::GET, "/api/account/plans/{plan}") => plan::show(&app, &incoming).await,
        (&Method::PATCH | &Method::POST, "/api/account/plans/{plan}") => plan::change(&app, &incoming).await,
        (&Method::POST, "/api/account/plans/{plan}/autoname") => plan::autoname(&app, &incoming).await,
        (&Method::GET, "/api/account/plans/{plan}/file") => file::file(&app, &incoming).await,
        (&Method::GET, "/api/account/plans/{plan}/thumbnail") => file::thumbnail(&app, &incoming).await,
        (&Method::GET, "/calendar/{file}") => calendar::feed(&app, &incoming).await,
        (&Method::POST, "/webhooks/procore-plans/{company}") => webhook::hear(&app, &incoming).await,
        _ => Err(Problem::not_found(say!("thing-endpoint"))),
    }
}

impl Plans {
    fn table(&self) -> &Table {
        &self.accounts.table
    }

    /// Who looks at something.
    async fn who(&self, incoming: &Incoming) -> Result<Estimator, Problem> {
        self.accounts.signed_in(incoming).await
    }

    /// Who changes something: nobody whom another site's page makes do so.
    async fn who_changes(&self, incoming: &Incoming) -> Result<Estimator, Problem> {
        incoming.same_origin()?;
        self.accounts.signed_in(incoming).await
    }

    /// The project that the path names, if the account has it.
    async fn project(&self, who: &Estimator, incoming: &Incoming) -> Result<SyncedProject, Problem> {
        let found = self.table().synced_project(who.account, incoming.project()?).await?;
        found.ok_or_else(|| Problem::not_found(say!("thing-project")))
    }

    /// The plan that the path names, if the account has it.
    async fn plan(&self, who: &Estimator, incoming: &Incoming) -> Result<Plan, Problem> {
        let found = self
            .table()
            .plan(who.account, incoming.path_id("plan", say!("thing-plan"))?)
            .await?;
        found.ok_or_else(no_such_plan)
    }
}

fn no_such_plan() -> Problem {
    Problem::not_found(say!("thing-plan"))
}
