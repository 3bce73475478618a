//! What the pages of one project share.

use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

use super::problem;
use crate::refusal::Refusal;
use crate::world::{Id, Person, Project, World};

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
            @for (path, name) in [("rfis", "RFIs"), ("site-diary", "Site Diary")] {
                a href={ "/projects/" (project.id) "/" (path) } aria-current=[(current == path).then_some("page")] { (name) }
            }
        }
    }
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
