//! People sign in with their Procore account, and out again.

use std::{process::ExitCode, sync::Arc, time::Duration};

use gusset_adapters::{
    aws::Aws,
    chance,
    html::problem_page,
    http::{Cookie, Incoming, Problem, Reply, redirect, serve},
    procore::OauthError,
    sessions::Sessions,
    table::sign_ins::SignIn,
};
use gusset_domain::return_to::own_page;
use jiff::Timestamp;
use lambda_http::http::StatusCode;

/// How long a person may take to sign in at Procore.
const SIGN_IN_LASTS: Duration = Duration::from_secs(10 * 60);

/// Carries the secret that binds a sign-in to the browser that started it.
const BROWSER_COOKIE: &str = "gusset_sign_in";

/// Longer values come from nobody's sign-in, and are not looked up.
const LONGEST_PARAMETER: usize = 2_048;

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
    let state = chance::secret()?;
    // A second tab keeps the first one's secret, so that both sign-ins can be finished.
    let browser = match incoming
        .cookie(BROWSER_COOKIE)
        .filter(|secret| secret.len() == state.len())
    {
        Some(secret) => secret.to_owned(),
        None => chance::secret()?,
    };
    let sign_in = SignIn {
        browser: chance::hash(&browser),
        return_to: own_page(incoming.query("return_to").as_deref()),
        expires_at: Timestamp::now().as_second() + i64::try_from(SIGN_IN_LASTS.as_secs()).unwrap_or_default(),
    };
    sessions.table.start_sign_in(&chance::hash(&state), &sign_in).await?;
    let procore = sessions.procore.sign_in_url(&redirect_uri(incoming), &state);
    Ok(redirect(procore.to_string()).cookie(Cookie {
        name: BROWSER_COOKIE,
        value: browser,
        path: "/",
        lasts: SIGN_IN_LASTS,
        secure: incoming.public_url().starts_with("https:"),
    }))
}

/// A person comes back from Procore's sign-in.
async fn callback(sessions: &Sessions, incoming: &Incoming) -> Reply {
    if incoming.query("error").is_some() {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "sign-in-declined",
            "You did not sign in",
            "Procore says that the sign-in was declined. Gusset needs your consent to act for you.",
        ));
    }
    let (Some(code), Some(state)) = (parameter(incoming, "code"), parameter(incoming, "state")) else {
        return Err(Problem::bad_request(
            "The address lacks what Procore adds to it after a sign-in.",
        ));
    };
    let browser = incoming.cookie(BROWSER_COOKIE).unwrap_or_default();
    let now = Timestamp::now();
    let sign_in = sessions
        .table
        .finish_sign_in(&chance::hash(&state), &chance::hash(browser), now)
        .await?;
    let sign_in = sign_in.ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "sign-in-expired",
            "This sign-in is not good any more",
            "It was used already, took longer than ten minutes, or was started in another browser.",
        )
    })?;
    // The state is used up from here on: whatever fails now, the person starts anew, and nothing is left behind.
    let tokens = sessions
        .procore
        .exchange(&code, &redirect_uri(incoming), now)
        .await
        .map_err(not_accepted)?;
    let session = sessions.begin(&tokens, incoming, now).await?;
    Ok(redirect(format!("{}{}", incoming.public_url(), sign_in.return_to)).cookie(session))
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

fn parameter(incoming: &Incoming, name: &str) -> Option<String> {
    incoming
        .query(name)
        .filter(|value| !value.is_empty() && value.len() <= LONGEST_PARAMETER)
}

fn redirect_uri(incoming: &Incoming) -> String {
    format!("{}/oauth/callback", incoming.public_url())
}
