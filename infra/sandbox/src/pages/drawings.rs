//! A project's drawings, sheet by sheet, and the form that publishes a new revision.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::attachments;
use super::project::{answer, attachments_field, button, former, tool_page};
use super::session::SignedIn;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::body::Body;
use crate::world::plans::{Drawing, DrawingArea};
use crate::world::{Actor, Id, Level, Person, Project, Tool, World};

const PATH: &str = "drawings";

/// The sheet whose number the form begins with.
#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    number: Option<String>,
}

pub(super) async fn show(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path(project_id): Path<Id>,
    Query(chosen): Query<Chosen>,
) -> Response {
    page(
        &app.world(),
        &person,
        project_id,
        None,
        &json!({"number": chosen.number}),
    )
}

pub(super) async fn publish(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path(project_id): Path<Id>,
    mut body: Body,
) -> Response {
    let mut world = app.world();
    let files = body.attachments();
    let typed = body.values.get("drawing").cloned().unwrap_or_default();
    let done = world.publish_drawing(&Actor::by_hand(person.id), project_id, &typed, files);
    answer(done, project_id, PATH, |refusal| {
        page(&world, &person, project_id, Some(refusal), &typed)
    })
}

/// Marks a sheet as obsolete, or one that is as valid again.
pub(super) async fn obsolete(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path((project_id, id)): Path<(Id, Id)>,
) -> Response {
    let mut world = app.world();
    let obsolete = world.plans.drawings.get(&id).is_some_and(|drawing| drawing.obsolete);
    let change = json!({"obsolete": !obsolete});
    let done = world.update_drawing(&Actor::by_hand(person.id), project_id, id, &change);
    answer(done, project_id, PATH, |refusal| {
        page(&world, &person, project_id, Some(refusal), &Value::Null)
    })
}

pub(super) async fn delete(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path((project_id, id)): Path<(Id, Id)>,
) -> Response {
    let mut world = app.world();
    let done = world.delete_drawing(&Actor::by_hand(person.id), project_id, id);
    answer(done, project_id, PATH, |refusal| {
        page(&world, &person, project_id, Some(refusal), &Value::Null)
    })
}

fn page(world: &World, person: &Person, project_id: Id, refusal: Option<&Refusal>, typed: &Value) -> Response {
    tool_page(
        world,
        person,
        (project_id, Tool::Drawings, PATH),
        refusal,
        |project, level| {
            let areas = world.plans.areas.values().filter(|area| area.project_id == project_id);
            let areas: Vec<_> = areas.collect();
            html! {
                @if level == Level::Admin { (form(project, &areas, typed)) }
                @if areas.is_empty() { p.soft { "No drawings yet." } }
                @for area in &areas {
                    h2 { (area.name) }
                    table.stack {
                        thead { tr { th { "Sheet" } th { "Title" } th { "Discipline" } th { "Rev." } th { "Issued" } th {} } }
                        tbody {
                            @for drawing in world.plans.drawings.values().filter(|drawing| drawing.area_id == area.id) {
                                (row(world, drawing, level))
                            }
                        }
                    }
                }
            }
        },
    )
}

fn row(world: &World, drawing: &Drawing, level: Level) -> Markup {
    let plans = &world.plans;
    let discipline = plans.disciplines.get(&drawing.discipline_id);
    let revision = drawing
        .current_revision_id()
        .and_then(|id| plans.drawing_revisions.get(&id));
    let address = format!("/projects/{}/drawings/{}", drawing.project_id, drawing.id);
    html! {
        tr {
            td {
                @if let Some(file) = revision.and_then(|revision| world.files.get(&revision.thumbnail?)) {
                    img src=(attachments::address(file)) alt="" width="104" height="67" loading="lazy";
                }
                strong { (drawing.number) }
            }
            td {
                @match revision.and_then(|revision| world.files.get(&revision.pdf?)) {
                    Some(file) => a href=(attachments::address(file)) { (drawing.title) }
                    None => (drawing.title)
                }
                @if drawing.obsolete { " " span.tag { "obsolete" } }
                @if drawing.revision_ids.len() > 1 { br; small { (drawing.revision_ids.len() - 1) " former" } }
            }
            td { (discipline.map_or("", |discipline| &discipline.name)) }
            @if let Some(revision) = revision {
                td { (revision.revision_number) }
                td {
                    (revision.drawing_date)
                    @if let Some(set) = plans.sets.get(&revision.set_id) { br; small { (set.name) } }
                }
            }
            td {
                @if level == Level::Admin {
                    div.actions {
                        form method="get" action={ "/projects/" (drawing.project_id) "/drawings" } {
                            input type="hidden" name="number" value=(drawing.number);
                            button.quiet { "Revise" }
                        }
                        (button(&format!("{address}/obsolete"), if drawing.obsolete { "Mark valid" } else { "Mark obsolete" }))
                        (button(&format!("{address}/delete"), "Delete"))
                    }
                }
            }
        }
    }
}

fn form(project: &Project, areas: &[&DrawingArea], typed: &Value) -> Markup {
    html! {
        form.sheet.card #publish method="post" action={ "/projects/" (project.id) "/drawings" } enctype="multipart/form-data" {
            h2 { "Publish a new revision" }
            p.soft { "What is left empty stays as it was; without a PDF the sandbox draws one." }
            div.row {
                label { "Sheet number" input name="drawing[number]" value=(former(typed, "number")) required; }
                label { "Title" input name="drawing[title]" value=(former(typed, "title")); }
                label { "Revision" input name="drawing[revision]" value=(former(typed, "revision")); }
                label { "Drawing date" input type="date" name="drawing[drawing_date]" value=(former(typed, "drawing_date")); }
                label { "Set" input name="drawing[set]" value=(former(typed, "set")); }
                label {
                    "Area"
                    input name="drawing[area]" list="areas" value=(former(typed, "area"));
                    datalist #areas { @for area in areas { option value=(area.name) {} } }
                }
            }
            (attachments_field())
            button { "Publish a new revision" }
        }
    }
}
