//! A project's service accounts, and the tokens that programs get with them.

mod accounts;
mod request;
mod token;

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    http::{Incoming, Problem, Reply, serve},
    queue::Copies,
    sessions::Sessions,
};
use gusset_words::say;
use lambda_http::http::Method;

/// What the function works with.
struct ServiceAccounts {
    sessions: Sessions,
    copies: Copies,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let copies = Copies::from_environment(&aws)?;
        serve(
            ServiceAccounts {
                sessions: Sessions::from_environment(&aws).await?,
                copies,
            },
            handle,
        )
        .await
    })
}

async fn handle(app: Arc<ServiceAccounts>, incoming: Arc<Incoming>) -> Reply {
    let resource = incoming.resource();
    if resource == "/oauth/token" {
        return Ok(token::give(&app.sessions.table, &incoming).await);
    }
    if incoming.method() != Method::GET {
        incoming.same_origin()?;
    }
    let admin = app.sessions.admin(&incoming, incoming.project()?).await?;
    match (incoming.method(), resource.as_str()) {
        (&Method::GET, "/api/projects/{project}/service-accounts") => accounts::list(&app, &incoming, &admin).await,
        (&Method::POST, "/api/projects/{project}/service-accounts") => {
            accounts::make_again(&app, &incoming, &admin).await
        }
        (&Method::POST, "/api/projects/{project}/service-accounts/{account}/rotate") => {
            accounts::rotate(&app, &incoming, &admin).await
        }
        (&Method::PATCH, "/api/projects/{project}/service-accounts/{account}") => {
            accounts::rename(&app, &incoming, &admin).await
        }
        (&Method::DELETE, "/api/projects/{project}/service-accounts/{account}") => {
            accounts::delete(&app, &incoming, &admin).await
        }
        _ => Err(Problem::not_found(say!("thing-endpoint"))),
    }
}
