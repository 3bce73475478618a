//! What is said where there is no page to show.

use gusset_adapters::{
    html::{self, Viewer},
    http::{Answer, Incoming, Problem, Reply, redirect},
    sessions::Busy,
};
use gusset_domain::ids::ProjectId;
use gusset_domain::names::shown;
use gusset_words::{say, say_html};
use lambda_http::http::{StatusCode, header};
use maud::{Markup, html};

use crate::{Page, estimating, url_encoded};

/// The most people who are named.
const MAX_NAMED: usize = 10;

/// The page of a problem. `parts` are those of the path.
pub(crate) async fn answer(app: &Page, incoming: &Incoming, parts: &[&str], problem: &Problem) -> Reply {
    let url = incoming.public_url();
    if problem.status == 401 && is_estimating(parts) {
        return Ok(redirect(format!("{url}{}", estimating::FRONT)));
    }
    if problem.status == 401 {
        let back = url_encoded(incoming.path());
        return Ok(redirect(format!("{url}/?return_to={back}")));
    }
    if problem.status >= 500 {
        tracing::error!(cause = problem.cause(), "a page could not be made");
    }
    let project = match parts {
        ["projects", project, ..] => project.parse().ok(),
        _ => None,
    };
    let (who, estimator) = if is_estimating(parts) {
        (None, app.accounts.signed_in(incoming).await.ok())
    } else {
        (app.sessions.signed_in(incoming).await.ok(), None)
    };
    let whom_to_ask = match (problem.slug(), project, &who) {
        ("not-admin", Some(project), Some(who)) => match who.admins_of(project).await {
            Ok(admins) => admins,
            Err(problem) if problem.status == 401 => {
                return Ok(redirect(format!("{url}/?return_to={}", url_encoded(incoming.path()))));
            }
            Err(_) => Vec::new(),
        },
        _ => Vec::new(),
    };
    let names: Vec<String> = whom_to_ask
        .iter()
        .map(|person| shown(&person.name))
        .take(MAX_NAMED)
        .collect();
    let body = html! {
        h1 { (problem.title) }
        p { (problem.detail) }
        @if let Some(seconds) = again_in(problem) { p { (say_html!("problem-reloads", seconds = html! { span data-countdown { (seconds) } })) } }
        @if !names.is_empty() {
            p { (say!("problem-admins")) }
            ul { @for name in &names { li { (name) } } }
        }
        (ways_on(&url, parts, problem, project))
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let viewer = match (&estimator, &who) {
        (Some(estimator), _) => Viewer::Estimator(estimator.email.as_str()),
        (None, Some(who)) => Viewer::Person(&who.person().name),
        (None, None) => Viewer::Nobody,
    };
    let page = html::page(&problem.title, viewer, &url, &body);
    let answer = Answer::html(status, page).retried_after(problem);
    Ok(match again_in(problem) {
        Some(seconds) => answer.header(header::REFRESH, seconds.to_string()),
        None => answer,
    })
}

/// After how many seconds a browser is to load the page again by itself, with or without its script: what Procore asked to
/// wait for is over then.
fn again_in(problem: &Problem) -> Option<u64> {
    Busy::of(problem, None).map(|busy| busy.again_in)
}

/// Whether it is a page of estimating accounts, to which one signs in in another way.
fn is_estimating(parts: &[&str]) -> bool {
    parts.first() == Some(&"estimating")
}

fn ways_on(url: &str, parts: &[&str], problem: &Problem, project: Option<ProjectId>) -> Markup {
    let inside = parts.len() > 2 && problem.slug() != "not-admin";
    html! {
        div.actions {
            @if problem.status >= 500 {
                // Of this very page: its path holds nothing but ids.
                a.button href={ (url) "/" (parts.join("/")) } { (say!("problem-again")) }
            }
            @if let Some(project) = project.filter(|_| inside) {
                a.button.quiet href={ (url) "/projects/" (project) } { (say!("problem-to-connections")) }
            }
            @if is_estimating(parts) {
                a.button.quiet href={ (url) (estimating::FRONT) } { (say!("problem-to-plans")) }
            } @else {
                a.button.quiet href={ (url) "/" } { (say!("problem-to-projects")) }
            }
        }
    }
}
