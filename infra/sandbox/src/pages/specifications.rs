//! A project's specification book, and the form that publishes a section's new revision.

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

use super::attachments;
use super::project::{answer, attachments_field, button, former, tool_page};
use super::session::SignedIn;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::body::Body;
use crate::world::{Actor, Id, Level, Person, SpecificationSection, Tool, World};

const PATH: &str = "specifications";

pub(super) async fn show(State(app): State<App>, SignedIn(person): SignedIn, Path(project_id): Path<Id>) -> Response {
    page(&app.world(), &person, project_id, None, &Value::Null)
}

pub(super) async fn publish(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path(project_id): Path<Id>,
    mut body: Body,
) -> Response {
    let mut world = app.world();
    let files = body.attachments();
    let typed = body.values.get("specification_section").cloned().unwrap_or_default();
    let done = world.publish_specification(&Actor::by_hand(person.id), project_id, &typed, files);
    answer(done, project_id, PATH, |refusal| {
        page(&world, &person, project_id, Some(refusal), &typed)
    })
}

pub(super) async fn delete(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path((project_id, id)): Path<(Id, Id)>,
) -> Response {
    let mut world = app.world();
    let done = world.delete_specification(&Actor::by_hand(person.id), project_id, id);
    answer(done, project_id, PATH, |refusal| {
        page(&world, &person, project_id, Some(refusal), &Value::Null)
    })
}

fn page(world: &World, person: &Person, project_id: Id, refusal: Option<&Refusal>, typed: &Value) -> Response {
    tool_page(
        world,
        person,
        (project_id, Tool::Specifications, PATH),
        refusal,
        |project, level| {
            let mut sections: Vec<_> = project.specification_sections.values().collect();
            sections.sort_by(|one, other| one.number.cmp(&other.number));
            html! {
                table.stack {
                    thead { tr { th { "Section" } th { "Description" } th { "Rev." } th { "Issued" } th {} } }
                    tbody { @for section in sections { (row(world, project_id, section, level)) } }
                }
                @if level == Level::Admin { (form(project_id, typed)) }
            }
        },
    )
}

fn row(world: &World, project_id: Id, section: &SpecificationSection, level: Level) -> Markup {
    let revision = world.specification_revisions(project_id, section.id).last();
    html! {
        tr {
            td { (section.number) }
            td {
                @match revision.and_then(|revision| world.files.get(&revision.pdf?)) {
                    Some(file) => a href=(attachments::address(file)) { (section.description) }
                    None => (section.description)
                }
            }
            td { (revision.map_or("", |revision| &revision.revision)) }
            td { (revision.map(|revision| revision.issued_date.to_string()).unwrap_or_default()) }
            td {
                @if level == Level::Admin {
                    (button(&format!("/projects/{project_id}/specifications/{}/delete", section.id), "Delete"))
                }
            }
        }
    }
}

fn form(project_id: Id, typed: &Value) -> Markup {
    html! {
        form.sheet.card method="post" action={ "/projects/" (project_id) "/specifications" } enctype="multipart/form-data" {
            h2 { "Publish a new revision" }
            p.soft { "What is left empty stays as it was; without a PDF the sandbox writes one." }
            div.row {
                label { "Section number" input name="specification_section[number]" value=(former(typed, "number")) required; }
                label { "Description" input name="specification_section[description]" value=(former(typed, "description")); }
                label { "Revision" input name="specification_section[revision]" value=(former(typed, "revision")); }
                label { "Issued" input type="date" name="specification_section[issued_date]" value=(former(typed, "issued_date")); }
            }
            (attachments_field())
            button { "Publish a new revision" }
        }
    }
}
