//! The specification book: its sections, their revisions, and the divisions that hold them.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::caller::Caller;
use super::listing::Listing;
use super::rows::Rows;
use super::views;
use crate::app::{Addresses, App};
use crate::refusal::Refusal;
use crate::world::plans::SpecificationRevision;
use crate::world::{Id, Tool, World};

/// `GET /rest/v1.0/specification_sections`
pub(super) async fn list(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Response, Refusal> {
    let project_id = listing.required_id("project_id")?;
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::Specifications)?;
    let sections = world.project(project_id)?.specification_sections.values();
    Rows::of(&listing, sections)
        .ids("id", |section| [section.id])?
        .sorted("number", |one, other| one.number.cmp(&other.number))
        .answer(|section| {
            let current = world.specification_revisions(project_id, section.id).last();
            json!({
                "id": section.id,
                "number": section.number,
                "description": section.description,
                "label": format!("{} - {}", section.number, section.description),
                "current_revision_id": current.map(|revision| revision.id),
            })
        })
}

/// `GET /rest/v1.0/specification_section_divisions`
pub(super) async fn divisions(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Response, Refusal> {
    let project_id = listing.required_id("project_id")?;
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::Specifications)?;
    let divisions = world.plans.divisions.values();
    Rows::of(&listing, divisions.filter(|division| division.project_id == project_id)).answer(|division| {
        json!({"id": division.id, "number": division.number, "description": division.description, "url": null})
    })
}

/// `GET /rest/v1.0/specification_section_revisions`: a division's; the current ones, unless all are asked for.
pub(super) async fn revisions(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Response, Refusal> {
    let project_id = listing.required_id("project_id")?;
    let division_id = listing.required_id("specification_section_division_id")?;
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::Specifications)?;
    let division = world.plans.divisions.get(&division_id);
    division
        .filter(|division| division.project_id == project_id)
        .ok_or(Refusal::NotFound)?;
    let all = listing.truth("all_revisions");
    Rows::of(&listing, world.plans.specification_revisions.values())
        .keep(|revision| revision.division_id == division_id)
        .keep(|revision| all || world.is_current_specification(revision))
        .answer(|revision| view(&world, &app.addresses, revision))
}

/// `GET /rest/v1.0/specification_section_revisions/{id}`
pub(super) async fn revision(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    listing: Listing,
) -> Result<Json<Value>, Refusal> {
    let project_id = listing.required_id("project_id")?;
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::Specifications)?;
    let revision = world.plans.specification_revisions.get(&id);
    let revision = revision
        .filter(|revision| revision.project_id == project_id)
        .ok_or(Refusal::NotFound)?;
    let project = world.project(project_id)?;
    let section = project.specification_sections.get(&revision.section_id);
    // In other words than in the list.
    Ok(Json(json!({
        "id": revision.id,
        "source_id": revision.id,
        "name": section.map(|section| format!("{} - {}", section.number, section.description)),
        "section_id": revision.section_id,
        "section_name": section.map(|section| &section.description),
        "source_create_time": revision.updated_at,
        "source_update_time": revision.updated_at,
        "url": views::file_url(&world, &app.addresses, revision.pdf),
    })))
}

pub(crate) fn view(world: &World, addresses: &Addresses, revision: &SpecificationRevision) -> Value {
    let project = world.projects.get(&revision.project_id);
    let section = project.and_then(|project| project.specification_sections.get(&revision.section_id));
    json!({
        "id": revision.id,
        "specification_section_id": revision.section_id,
        "specification_section_division_id": revision.division_id,
        "specification_set_id": null,
        "number": section.map(|section| &section.number),
        "description": section.map(|section| &section.description),
        "revision": revision.revision,
        "issued_date": revision.issued_date,
        "received_date": revision.received_date,
        "updated_at": revision.updated_at,
        "url": views::file_url(world, addresses, revision.pdf),
    })
}
