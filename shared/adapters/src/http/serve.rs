//! Serving one endpoint or a few.

use std::{convert::Infallible, future::Future, sync::Arc};

use gusset_words::say;
use jiff::Timestamp;
use lambda_http::{Body, Request, Response, http::header, service_fn};
use maud::html;

use super::{Answer, Incoming, Notice, Problem, PublicUrl, redirect};
use crate::html::{self, Viewer};

/// What a handler gives.
pub type Reply = Result<Answer, Problem>;

/// Serves requests, one after the other, until Lambda ends the process.
///
/// A problem becomes a problem document. Only where the request was an HTML form's, sent by a person's browser, is the
/// person brought back to the page with the form, which then shows the problem.
///
/// # Errors
/// When Lambda's runtime interface cannot be reached.
pub async fn serve<S, H, F>(state: S, handle: H) -> Result<(), lambda_http::Error>
where
    S: Send + Sync + 'static,
    H: Fn(Arc<S>, Arc<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Reply> + Send,
{
    let state = Arc::new(state);
    let public_url = PublicUrl::from_environment();
    lambda_http::run(service_fn(move |request: Request| {
        let (state, handle, public_url) = (Arc::clone(&state), handle.clone(), public_url.clone());
        async move {
            let started = Timestamp::now();
            let incoming = Arc::new(Incoming::new(request, public_url));
            let reply = handle(state, Arc::clone(&incoming)).await;
            let (method, resource) = (incoming.method().as_str(), incoming.resource());
            let (answer, problem) = match reply {
                Ok(answer) => (came_back(&incoming, answer), None),
                Err(problem) => (refused(&incoming, &problem), Some(problem)),
            };
            let status = problem
                .as_ref()
                .map_or(answer.status().as_u16(), |problem| problem.status);
            let milliseconds = Timestamp::now().duration_since(started).as_millis();
            let kind = problem.as_ref().map(Problem::slug);
            let cause = problem.as_ref().and_then(Problem::cause);
            // At least one line for each request: what was asked, and how it ended. Never a value out of the request.
            if status >= 500 {
                tracing::error!(
                    method,
                    resource,
                    status,
                    milliseconds,
                    problem = kind,
                    cause,
                    "answered"
                );
            } else {
                tracing::info!(
                    method,
                    resource,
                    status,
                    milliseconds,
                    problem = kind,
                    cause,
                    "answered"
                );
            }
            Ok::<Response<Body>, Infallible>(answer.into_response())
        }
    }))
    .await
}

/// A person who sent a form wants a page back, not JSON.
fn came_back(incoming: &Incoming, answer: Answer) -> Answer {
    let json_for_form = incoming.is_form() && answer.is_for_programs() && wants_page(incoming);
    if json_for_form {
        redirect(format!("{}{}", incoming.public_url(), incoming.return_to())).with_cookies_of(answer)
    } else {
        answer
    }
}

fn refused(incoming: &Incoming, problem: &Problem) -> Answer {
    if !(incoming.is_form() && wants_page(incoming)) {
        return Answer::problem(problem);
    }
    // Another site's form is not offered once more as one of ours.
    if problem.is_procore_away() && incoming.same_origin().is_ok() {
        return sent_again(incoming, problem);
    }
    let back = redirect(format!("{}{}", incoming.public_url(), incoming.return_to()));
    back.cookie(Notice::cookie(problem, incoming))
}

/// A page with all that was typed, to be sent again once Procore answers.
fn sent_again(incoming: &Incoming, problem: &Problem) -> Answer {
    let (url, back) = (incoming.public_url(), incoming.return_to());
    // What follows says what the form did.
    let back = back.split(['?', '#']).next().unwrap_or("/");
    let body = html! {
        h1 { (problem.title) }
        p { (problem.detail) }
        p {
            (say!("again-kept")) " "
            @if let Some(seconds) = problem.wait_seconds() { (say!("again-wait", seconds = seconds)) }
        }
        form method="post" action={ (url) (incoming.path()) } {
            @for (name, value) in incoming.fields() { input type="hidden" name=(name) value=(value); }
            div.actions {
                button type="submit" { (say!("again-send")) }
                a.button.quiet href={ (url) (back) } { (say!("again-cancel")) }
            }
        }
    };
    let page = html::page(&problem.title, Viewer::Nobody, &url, &body);
    Answer::html(problem.status(), page).retried_after(problem)
}

fn wants_page(incoming: &Incoming) -> bool {
    incoming
        .header(header::ACCEPT)
        .is_some_and(|accept| accept.contains("text/html"))
}
