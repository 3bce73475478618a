//! People sign in with their Procore account, and out again; and estimating accounts are connected to Procore.

mod connect;

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    accounts::Accounts,
    aws::Aws,
    html::problem_page,
    http::{Incoming, Problem, Reply, redirect, serve},
    integrations::Integrations,
    procore::{OauthError, Procore, Tokens},
    queue::PlanFiles,
    sessions::Sessions,
    sign_in::{self, Code, Door},
};
use gusset_domain::return_to::own_page;
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;

/// What the function works with.
struct OauthCallback {
    sessions: Sessions,
    accounts: Accounts,
    integrations: Integrations,
    queue: PlanFiles,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let app = OauthCallback {
            sessions: Sessions::from_environment(&aws).await?,
            accounts: Accounts::from_environment(&aws)?,
            integrations: Integrations::from_environment(&aws).await?,
            queue: PlanFiles::from_environment(&aws)?,
        };
        serve(app, handle).await
    })
}

async fn handle(app: Arc<OauthCallback>, incoming: Arc<Incoming>) -> Reply {
    let sessions = &app.sessions;
    let reply = match incoming.resource().as_str() {
        "/oauth/start" if incoming.query("connect").is_some() => return connect::start(&app, &incoming).await,
        "/oauth/start" => start(sessions, &incoming).await,
        "/oauth/callback" => callback(sessions, &incoming).await,
        "/oauth/callback/plans" => return connect::callback(&app, &incoming).await,
        "/oauth/sign-out" => return sign_out(sessions, &incoming).await,
        _ => return Err(Problem::not_found(say!("thing-page"))),
    };
    on_a_page(&incoming, reply, ("/oauth/start", "Sign in again"))
}

/// Only browsers come here, so what goes wrong is told on a page.
fn on_a_page(incoming: &Incoming, reply: Reply, way_on: (&str, &str)) -> Reply {
    reply.or_else(|problem| {
        tracing::warn!(
            problem = problem.slug(),
            cause = problem.cause(),
            "a sign-in did not succeed"
        );
        Ok(problem_page(&problem, &incoming.public_url(), way_on))
    })
}

/// Sends a person to Procore's sign-in.
async fn start(sessions: &Sessions, incoming: &Incoming) -> Reply {
    let return_to = own_page(incoming.query("return_to").as_deref());
    let begun = sign_in::begin(&sessions.table, &sessions.procore, incoming, return_to, None).await?;
    Ok(redirect(begun.address).cookie(begun.cookie))
}

/// A person comes back from Procore's sign-in.
async fn callback(sessions: &Sessions, incoming: &Incoming) -> Reply {
    let now = Timestamp::now();
    // What was begun is used up from here on: whatever fails now, the person starts anew, and nothing is left behind.
    let back = sign_in::came_back(&sessions.table, incoming, Door::SignIn, now).await?;
    let tokens = exchange(&sessions.procore, &back.code, now).await?;
    let session = sessions.begin(&tokens, incoming, now).await?;
    Ok(redirect(format!("{}{}", incoming.public_url(), back.return_to)).cookie(session))
}

/// The tokens for the code that a person came back with.
async fn exchange(procore: &Procore, code: &Code, now: Timestamp) -> Result<Tokens, Problem> {
    let tokens = procore.exchange(&code.code, &code.redirect_uri, &code.verifier, now);
    tokens.await.map_err(not_accepted)
}

async fn sign_out(sessions: &Sessions, incoming: &Incoming) -> Reply {
    incoming.same_origin()?;
    let gone = sessions.end(incoming).await?;
    Ok(redirect(format!("{}/", incoming.public_url())).cookie(gone))
}

fn not_accepted(error: OauthError) -> Problem {
    match error {
        OauthError::Refused => Problem::new(
            StatusCode::BAD_REQUEST,
            "sign-in-refused",
            say!("problem-sign-in-refused-title"),
            say!("problem-sign-in-refused-detail"),
        ),
        OauthError::Procore(error) => error.into(),
    }
}
