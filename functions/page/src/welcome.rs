//! The front page: signing in, or one's projects.

use gusset_adapters::{
    html::{self, Viewer},
    http::{Answer, Incoming, Reply},
};
use gusset_domain::names::shown;
use gusset_domain::return_to::own_page;
use lambda_http::http::StatusCode;
use maud::{Markup, html};

use crate::{Page, connections::opening, estimating, url_encoded};

/// Signing in, or the projects of whoever is signed in.
pub(crate) async fn front(app: &Page, incoming: &Incoming) -> Reply {
    let url = incoming.public_url();
    let who = match app.sessions.signed_in(incoming).await {
        Ok(who) => who,
        Err(problem) if problem.status == 401 => return Ok(sign_in(incoming)),
        Err(problem) => return Err(problem),
    };
    let projects = match who.projects().await {
        Ok(projects) => projects,
        // Procore has revoked the session just now.
        Err(problem) if problem.status == 401 => return Ok(sign_in(incoming)),
        Err(problem) => return Err(problem),
    };
    let body = html! {
        h1 { "Your projects" }
        @if projects.is_empty() {
            p { "You have no active project in Procore. Once somebody adds you to one, it is listed here." }
        } @else {
            p { "Open a project to connect it with another company's." }
            ul.cards {
                @for project in &projects {
                    @let names = html! { (shown(&project.name)) " " span.company { (shown(&project.company_name)) } };
                    li {
                        @if who.has_opened(project.id) {
                            a href={ (url) "/projects/" (project.id) } { (names) }
                        } @else {
                            (opening(&url, project.id, &html! { button.card type="submit" { (names) } }))
                        }
                    }
                }
            }
        }
        (for_estimators(&url))
    };
    Ok(Answer::html(
        StatusCode::OK,
        html::page("Your projects", Viewer::Person(&who.person().name), &url, &body),
    ))
}

/// The way to what estimators come for.
fn for_estimators(url: &str) -> Markup {
    html! { p { a href={ (url) (estimating::FRONT) } { "For estimators: keep plans in sync" } } }
}

fn sign_in(incoming: &Incoming) -> Answer {
    let url = incoming.public_url();
    let return_to = own_page(incoming.query("return_to").as_deref());
    let body = html! {
        h1 { "Two companies, one building" }
        p {
            "Gusset connects your Procore project with the project of the company you work with. RFIs and Site Diary entries \
             that one side creates arrive on the other, once, and stay."
        }
        ul {
            li { "Each company keeps its own project, and its own copies." }
            li { "Nothing leaves your project unless you chose to send it." }
            li { "You see what became of each item." }
        }
        p { a.button href={ (url) "/oauth/start?return_to=" (url_encoded(&return_to)) } { "Sign in with Procore" } }
        p.hint { "You need Admin on the project's Admin tool to connect it." }
        (for_estimators(&url))
    };
    Answer::html(StatusCode::OK, html::page("Sign in", Viewer::Nobody, &url, &body))
}
