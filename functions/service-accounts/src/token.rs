//! `POST /oauth/token`: client credentials for a bearer token (RFC 6749, section 4.4).
//!
//! What goes wrong is told as that RFC has it, because it is OAuth libraries that read it.

use gusset_adapters::{
    chance,
    http::{Answer, Incoming, Problem},
    table::Table,
};
use gusset_domain::service_account::{TOKEN_LASTS, Token};
use jiff::Timestamp;
use lambda_http::http::{StatusCode, header};
use serde_json::json;

use crate::request::{Credentials, Refused};

/// Answers a client.
pub(crate) async fn give(table: &Table, incoming: &Incoming) -> Answer {
    let answer = match Credentials::read(incoming) {
        Ok(credentials) => exchange(table, &credentials).await,
        Err(refused) => Ok(refuse(&refused)),
    };
    let answer = answer.unwrap_or_else(|problem| {
        tracing::error!(
            problem = problem.slug(),
            cause = problem.cause(),
            "a token was not given"
        );
        Answer::problem(&problem)
    });
    // A client whose library asks for text/html, as some do by default, gets no page either.
    answer.as_it_is()
}

/// If the process dies before it answers, nobody has the token: it stops with its time.
async fn exchange(table: &Table, credentials: &Credentials) -> Result<Answer, Problem> {
    let account = table
        .service_account_with(credentials.client, &credentials.secret)
        .await?;
    let Some(account) = account else {
        return Ok(refuse(&Refused::client()));
    };
    let (secret, now) = (chance::secret()?, Timestamp::now());
    let token = Token::new(&account, now);
    if !table.give_token(&account, &chance::hash(&secret), &token, now).await? {
        return Ok(refuse(&Refused::client()));
    }
    let answer = Answer::ok(json!({
        "access_token": secret,
        "token_type": "bearer",
        "expires_in": TOKEN_LASTS.as_secs(),
        "created_at": now.as_second(),
    }));
    Ok(answer.header(header::PRAGMA, "no-cache"))
}

fn refuse(refused: &Refused) -> Answer {
    let status = if refused.is_about_client() {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::BAD_REQUEST
    };
    let answer = Answer::json(
        status,
        json!({"error": refused.error, "error_description": refused.description}),
    );
    if refused.is_about_client() {
        answer.header(header::WWW_AUTHENTICATE, "Basic realm=\"gusset\"")
    } else {
        answer
    }
}
