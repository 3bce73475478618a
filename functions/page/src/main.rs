//! The pages that people see.

mod connections;
mod mails;
mod welcome;

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    html::problem_page,
    http::{Answer, Incoming, Problem, Reply, serve},
    sessions::Sessions,
    settings,
};
use gusset_domain::policy::NewConnections;

/// What pages are made from.
struct Page {
    sessions: Sessions,
    policy: NewConnections,
    contact: String,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let (policy, contact) = settings::new_connections()?;
        serve(
            Page {
                sessions: Sessions::from_environment(&aws).await?,
                policy,
                contact,
            },
            handle,
        )
        .await
    })
}

async fn handle(app: Arc<Page>, incoming: Arc<Incoming>) -> Reply {
    let path = incoming.path().trim_end_matches('/');
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let reply = match parts.as_slice() {
        [] => welcome::front(&app, &incoming).await,
        ["gusset.css"] => Ok(Answer::file("text/css; charset=utf-8", include_str!("gusset.css"))),
        ["openapi.json"] => Ok(Answer::file("application/json", include_str!("openapi.json"))),
        ["projects", project] => connections::page(&app, &incoming, project).await,
        // What is asked for below /api is asked for by a program.
        ["api", ..] => return Err(Problem::not_found("endpoint")),
        _ => Err(Problem::not_found("page")),
    };
    reply.or_else(|problem| problem_answer(&incoming, &problem))
}

fn problem_answer(incoming: &Incoming, problem: &Problem) -> Reply {
    if problem.status == 401 {
        let back = format!("/?return_to={}", url_encoded(incoming.path()));
        return Ok(gusset_adapters::http::redirect(format!(
            "{}{back}",
            incoming.public_url()
        )));
    }
    if problem.status >= 500 {
        tracing::error!(cause = problem.cause(), "a page could not be made");
    }
    Ok(problem_page(problem, &incoming.public_url(), ("/", "To your projects")))
}

fn url_encoded(path: &str) -> String {
    path.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || byte == b'/' {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
