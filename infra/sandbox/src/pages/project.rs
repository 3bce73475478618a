//! What the pages of one project share.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde_json::Value;

use super::{layout, problem};
use crate::refusal::Refusal;
use crate::world::{Id, Level, Person, Project, Tool, World};

/// The tools that have pages: what their addresses end in, and their names.
pub(super) const TOOLS: [(&str, &str); 6] = [
    ("rfis", "RFIs"),
    ("site-diary", "Site Diary"),
    ("drawings", "Drawings"),
    ("specifications", "Specifications"),
    ("documents", "Documents"),
    ("bidding", "Bidding"),
];

/// The project, if the person is in it.
pub(super) fn enter<'a>(world: &'a World, person: &Person, project_id: Id) -> Result<&'a Project, Box<Response>> {
    let project = world
        .project(project_id)
        .ok()
        .filter(|project| world.sees_project(person.id, project.id));
    project.ok_or_else(|| Box::new(problem::page(person, &Refusal::NotFound)))
}

/// The project's name and tools.
pub(super) fn tabs(world: &World, project: &Project, current: &str) -> Markup {
    let company = world
        .companies
        .get(&project.company_id)
        .map_or("", |company| &company.name);
    html! {
        p.soft { (company) }
        h1 { (project.name) }
        nav.tabs {
            @for (path, name) in TOOLS {
                a href={ "/projects/" (project.id) "/" (path) } aria-current=[(current == path).then_some("page")] { (name) }
            }
        }
    }
}

/// The page of a tool, for those who may read it: `content` is told the reader's level.
pub(super) fn tool_page(
    world: &World,
    person: &Person,
    (project_id, tool, path): (Id, Tool, &str),
    refusal: Option<&Refusal>,
    content: impl FnOnce(&Project, Level) -> Markup,
) -> Response {
    let project = match enter(world, person, project_id) {
        Ok(project) => project,
        Err(refused) => return *refused,
    };
    let level = world.project_level(person.id, project_id, tool);
    let page = html! {
        (tabs(world, project, path))
        (problem::list(refusal))
        @if level < Level::ReadOnly {
            p.soft { "You may not see this project's " (tool.friendly_name()) "." }
        } @else {
            (content(project, level))
        }
    };
    let status = refusal.map_or(StatusCode::OK, Refusal::status);
    (status, layout(tool.friendly_name(), Some(person), &page)).into_response()
}

/// Back to a tool's page after something was done there, or the page with what was refused.
pub(super) fn answer<T>(
    done: Result<T, Refusal>,
    project_id: Id,
    path: &str,
    page: impl FnOnce(&Refusal) -> Response,
) -> Response {
    match done {
        Ok(_) => Redirect::to(&format!("/projects/{project_id}/{path}")).into_response(),
        Err(refusal) => page(&refusal),
    }
}

/// A button that posts to an address.
pub(super) fn button(action: &str, text: &str) -> Markup {
    html! { form method="post" action=(action) { button.quiet { (text) } } }
}

/// The choice of a location.
pub(super) fn location_field(project: &Project, name: &str) -> Markup {
    html! {
        label {
            "Location"
            select name=(name) {
                option value="" { "–" }
                @for &id in project.locations.keys() { option value=(id) { (project.location_name(id)) } }
            }
        }
    }
}

pub(super) fn attachments_field() -> Markup {
    html! { label { "Attachments" input type="file" name="attachments[]" multiple; } }
}

/// What a form that was refused said in a field, so that nothing has to be typed twice.
pub(super) fn former<'a>(values: &'a Value, path: &str) -> &'a str {
    let mut place = values;
    for key in path.split('.') {
        let Some(inner) = place.get(key) else { return "" };
        place = inner;
    }
    place.as_str().unwrap_or_default()
}
