//! The account of whoever is signed in.

use gusset_adapters::{
    accounts::Estimator,
    http::{Answer, Incoming, Nothing, Problem, Reply, redirect},
};
use gusset_words::say;
use serde_json::json;

use crate::{Plans, integration};

/// The account.
pub(crate) async fn show(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who(incoming).await?;
    let account = app.accounts.table.account(who.account).await?;
    let account = account.ok_or_else(account_gone)?;
    shown(app, incoming, &who, account.calendar_generation).await
}

/// Gives the account's calendar another address. The former one stops at once.
pub(crate) async fn replace_calendar(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who_changes(incoming).await?;
    incoming.body::<Nothing>()?;
    let generation = app.accounts.table.replace_calendar(who.account).await?;
    let generation = generation.ok_or_else(account_gone)?;
    shown(app, incoming, &who, generation).await
}

/// Ends the session.
pub(crate) async fn sign_out(app: &Plans, incoming: &Incoming) -> Reply {
    incoming.same_origin()?;
    let gone = app.accounts.end(incoming).await?;
    Ok(redirect(format!("{}/estimating", incoming.public_url())).cookie(gone))
}

async fn shown(app: &Plans, incoming: &Incoming, who: &Estimator, calendar_generation: u64) -> Reply {
    let calendar = app
        .calendars
        .address(&incoming.public_url(), who.account, calendar_generation);
    let integration = integration::shown(app, who).await?;
    Ok(Answer::ok(
        json!({"email": who.email, "calendar_url": calendar, "integration": integration}),
    ))
}

fn account_gone() -> Problem {
    Problem::not_signed_in(say!("problem-not-signed-in-detail-gone"))
}
