//! Estimating accounts, and the plans that are kept in sync for them.

mod account;
mod sign_in;

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    accounts::{Accounts, Calendars},
    aws::Aws,
    http::{Incoming, Problem, Reply, serve},
    mail::Mailer,
    settings,
};
use gusset_domain::email::EmailAddress;
use lambda_http::http::Method;

/// What the function works with.
struct Plans {
    accounts: Accounts,
    calendars: Calendars,
    mailer: Mailer,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let from: EmailAddress = settings::required("MAIL_FROM")?.parse()?;
        serve(
            Plans {
                accounts: Accounts::from_environment(&aws)?,
                calendars: Calendars::from_environment(&aws).await?,
                mailer: Mailer::new(aws.ses(), &from),
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
        _ => Err(Problem::not_found("endpoint")),
    }
}
