//! People sign in with their Procore account, and out again.

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    html::problem_page,
    http::{Incoming, Problem, Reply, redirect, serve},
    procore::OauthError,
    sessions::Sessions,
    sign_in,
};
use gusset_domain::return_to::own_page;
use jiff::Timestamp;
use lambda_http::http::StatusCode;

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        serve(Sessions::from_environment(&aws).await?, handle).await
    })
}

async fn handle(sessions: Arc<Sessions>, incoming: Arc<Incoming>) -> Reply {
    let reply = match incoming.resource().as_str() {
        "/oauth/start" => start(&sessions, &incoming).await,
        "/oauth/callback" => callback(&sessions, &incoming).await,
        "/oauth/sign-out" => return sign_out(&sessions, &incoming).await,
        _ => return Err(Problem::not_found("page")),
    };
    // Only browsers come here, so what goes wrong is told on a page.
    reply.or_else(|problem| {
        tracing::warn!(
            problem = problem.slug(),
            cause = problem.cause(),
            "a sign-in did not succeed"
        );
        Ok(problem_page(
            &problem,
            &incoming.public_url(),
            ("/oauth/start", "Sign in again"),
        ))
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
    let (code, begun) = sign_in::came_back(&sessions.table, incoming, now).await?;
    let tokens = sessions
        .procore
        .exchange(&code, &sign_in::redirect_uri(incoming), now)
        .await
        .map_err(not_accepted)?;
    let session = sessions.begin(&tokens, incoming, now).await?;
    Ok(redirect(format!("{}{}", incoming.public_url(), begun.return_to)).cookie(session))
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
            "Procore did not accept the sign-in",
            "The code that Procore gave has been used or has expired.",
        ),
        OauthError::Procore(error) => error.into(),
    }
}
