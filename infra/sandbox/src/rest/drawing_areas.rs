//! `GET /rest/v1.1/projects/{project_id}/drawing_areas`, and the drawings of one.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::caller::Caller;
use super::listing::Listing;
use super::rows::Rows;
use super::views;
use crate::app::{Addresses, App};
use crate::refusal::Refusal;
use crate::world::plans::Drawing;
use crate::world::{Id, Tool, World};

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::Drawings)?;
    let areas = world.plans.areas.values().filter(|area| area.project_id == project_id);
    Rows::of(&listing, areas).ids("id", |area| [area.id])?.answer(|area| {
        let drawings = world
            .plans
            .drawings
            .values()
            .filter(|drawing| drawing.area_id == area.id);
        json!({"id": area.id, "name": area.name, "description": null, "drawings_count": drawings.count()})
    })
}

/// Obsolete drawings are among them, and marked.
pub(super) async fn drawings(
    State(app): State<App>,
    caller: Caller,
    Path(area_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    let project_id = world.plans.areas.get(&area_id).ok_or(Refusal::NotFound)?.project_id;
    if listing.number("project_id")?.is_some_and(|asked| asked != project_id) {
        return Err(Refusal::NotFound);
    }
    caller.enter_to_read(&world, project_id, Tool::Drawings)?;
    let drawings = world
        .plans
        .drawings
        .values()
        .filter(|drawing| drawing.area_id == area_id);
    Rows::of(&listing, drawings).answer(|drawing| view(&world, &app.addresses, drawing))
}

fn view(world: &World, addresses: &Addresses, drawing: &Drawing) -> Value {
    let revision = drawing
        .current_revision_id()
        .and_then(|id| world.plans.drawing_revisions.get(&id));
    let discipline = world.plans.disciplines.get(&drawing.discipline_id);
    json!({
        "id": drawing.id,
        "number": drawing.number,
        "title": drawing.title,
        "obsolete": drawing.obsolete,
        "discipline": discipline.map(|discipline| &discipline.name),
        "current_revision": revision.map(|revision| json!({
            "id": revision.id,
            "revision_number": revision.revision_number,
            "floorplan": false,
            "has_drawing_sketches": false,
            "pdf_size": views::file_size(world, revision.pdf),
            "pdf_url": views::file_url(world, addresses, revision.pdf),
            "png_size": views::file_size(world, revision.png),
            "png_url": views::file_url(world, addresses, revision.png),
            "thumbnail_url": views::file_url(world, addresses, revision.thumbnail),
            "large_thumbnail_url": views::file_url(world, addresses, revision.large_thumbnail),
            "updated_at": revision.updated_at,
        })),
    })
}
