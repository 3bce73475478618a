//! A project's RFIs, and the form for a new one.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::project::{attachments_field, enter, former, location_field, tabs};
use super::session::SignedIn;
use super::{layout, problem, rich_text};
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::body::Body;
use crate::world::{Actor, Id, Level, Person, Project, Rfi, Tool, World};

pub(super) async fn show(State(app): State<App>, SignedIn(person): SignedIn, Path(project_id): Path<Id>) -> Response {
    page(&app.world(), &person, project_id, None, &Value::Null)
}

pub(super) async fn create(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path(project_id): Path<Id>,
    mut body: Body,
) -> Response {
    let mut world = app.world();
    if let Err(refused) = enter(&world, &person, project_id) {
        return *refused;
    }
    let files = body.attachments();
    let typed = body.values.get("rfi").cloned().unwrap_or_default();
    let mut values = typed.clone();
    if let Some(text) = typed.pointer("/question/body").and_then(Value::as_str) {
        values["question"]["body"] = json!(rich_text::from_form(text));
    }
    match world.create_rfi(&Actor::by_hand(person.id), project_id, &values, files) {
        Ok(id) => Redirect::to(&format!("/projects/{project_id}/rfis/{id}")).into_response(),
        Err(refusal) => page(&world, &person, project_id, Some(&refusal), &typed),
    }
}

fn page(world: &World, person: &Person, project_id: Id, refusal: Option<&Refusal>, typed: &Value) -> Response {
    let project = match enter(world, person, project_id) {
        Ok(project) => project,
        Err(refused) => return *refused,
    };
    let level = world.project_level(person.id, project_id, Tool::Rfis);
    let rfis = world
        .rfis
        .values()
        .filter(|rfi| rfi.project_id == project_id && world.sees_rfi(person.id, rfi));
    let content = html! {
        (tabs(world, project, "rfis"))
        @if level < Level::ReadOnly {
            p.soft { "You may not see this project's RFIs." }
        } @else {
            table.stack {
                thead { tr { th { "No." } th { "Subject" } th { "Status" } th { "Manager" } th { "Due" } } }
                tbody { @for rfi in rfis { (row(world, rfi)) } }
            }
        }
        @if level >= Level::Standard {
            h2 #new { "New RFI" }
            (problem::list(refusal))
            (form(world, person, project, typed))
        } @else {
            (problem::list(refusal))
        }
    };
    let status = refusal.map_or(axum::http::StatusCode::OK, Refusal::status);
    (status, layout("RFIs", Some(person), &content)).into_response()
}

fn row(world: &World, rfi: &Rfi) -> Markup {
    let manager = world.people.get(&rfi.rfi_manager_id).map(Person::name);
    html! {
        tr {
            td { (rfi.number.as_deref().unwrap_or("–")) }
            td { a href={ "/projects/" (rfi.project_id) "/rfis/" (rfi.id) } { (rfi.subject) } @if rfi.private { " " span.tag { "private" } } }
            td { span class={ "tag " (rfi.status.name()) } { (rfi.status.translated()) } }
            td { (manager.unwrap_or_default()) }
            td { (rfi.due_date.map(|date| date.to_string()).unwrap_or_default()) }
        }
    }
}

fn form(world: &World, person: &Person, project: &Project, typed: &Value) -> Markup {
    let managers = project
        .members
        .keys()
        .copied()
        .filter(|&id| world.may_manage_rfis(id, project.id));
    let always_draft = world.project_level(person.id, project.id, Tool::Rfis) < Level::Admin
        && !world.acts_as_rfi_manager(person.id, project.id);
    html! {
        form.sheet.card method="post" action={ "/projects/" (project.id) "/rfis" } enctype="multipart/form-data" {
            label { "Subject" input name="rfi[subject]" value=(former(typed, "subject")) required; }
            label { "Question (text or HTML)" textarea name="rfi[question][body]" required { (former(typed, "question.body")) } }
            div.row {
                label {
                    "RFI manager"
                    select name="rfi[rfi_manager_id]" required {
                        @for manager in managers.filter_map(|id| world.people.get(&id)) {
                            option value=(manager.id) selected[former(typed, "rfi_manager_id") == manager.id.to_string()] { (manager.name()) }
                        }
                    }
                }
                label {
                    "Save as"
                    select name="rfi[draft]" {
                        @if !always_draft { option value="false" { "Open" } }
                        option value="true" { "Draft" }
                    }
                }
                label { "Due date" input type="date" name="rfi[due_date]" value=(former(typed, "due_date")); }
                label { "Reference" input name="rfi[reference]" value=(former(typed, "reference")); }
                label { "Drawing number" input name="rfi[drawing_number]" value=(former(typed, "drawing_number")); }
                (location_field(project, "rfi[location_id]"))
                label {
                    "Specification section"
                    select name="rfi[specification_section_id]" {
                        option value="" { "–" }
                        @for section in project.specification_sections.values() {
                            option value=(section.id) { (section.number) " " (section.description) }
                        }
                    }
                }
            }
            div.row {
                @for (name, title, unit) in [("cost_impact", "Cost impact", "Amount"), ("schedule_impact", "Schedule impact", "Days")] {
                    label {
                        (title)
                        select name={ "rfi[" (name) "][status]" } {
                            @for (value, text) in [("", "–"), ("yes_known", "Yes"), ("yes_unknown", "Yes (unknown)"), ("no_impact", "No"), ("tbd", "TBD"), ("n_a", "N/A")] {
                                option value=(value) { (text) }
                            }
                        }
                    }
                    label { (unit) input type="number" name={ "rfi[" (name) "][value]" } value=(former(typed, &format!("{name}.value"))); }
                }
            }
            label.check { input type="checkbox" name="rfi[private]" value="true"; "Private" }
            (attachments_field())
            button { "Create" }
        }
    }
}
