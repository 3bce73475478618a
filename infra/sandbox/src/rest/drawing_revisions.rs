//! `/rest/v1.0/projects/{project_id}/drawing_revisions`, and the sets they were issued in.

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
use crate::world::plans::{Drawing, DrawingRevision};
use crate::world::{Id, Tool, World};

/// The value of `drawing_set_id` that stands for all current revisions.
const CURRENT_SET: &str = "current_set";

/// Current and former revisions; those of obsolete drawings only `with_obsolete`.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::Drawings)?;
    let revisions = world.plans.drawing_revisions.values();
    let revisions = revisions
        .filter(|revision| revision.project_id == project_id)
        .filter_map(|revision| Some((world.plans.drawings.get(&revision.drawing_id)?, revision)));
    let obsolete = listing.truth("with_obsolete");
    let current = listing.text("drawing_set_id") == Some(CURRENT_SET);
    let rows = Rows::of(&listing, revisions)
        .keep(|(drawing, _)| obsolete || !drawing.obsolete)
        .keep(|(drawing, revision)| !current || drawing.current_revision_id() == Some(revision.id))
        // Nothing waits for a review here.
        .keep(|_| listing.text("is_reviewed") != Some("false"))
        .parameter("id", |(_, revision)| [revision.id])?
        .ids("ids", |(_, revision)| [revision.id])?
        .parameter("drawing_id", |(drawing, _)| [drawing.id])?
        .parameter("drawing_area_id", |(drawing, _)| [drawing.area_id])?
        .parameter("drawing_discipline_id", |(drawing, _)| [drawing.discipline_id])?
        .times("updated_at", |(_, revision)| revision.updated_at)?
        .containing(listing.text("query"), |(drawing, _)| {
            format!("{} {}", drawing.number, drawing.title)
        });
    let rows = if current {
        rows
    } else {
        rows.parameter("drawing_set_id", |(_, revision)| [revision.set_id])?
    };
    rows.answer(|(drawing, revision)| view(&world, &app.addresses, drawing, revision))
}

pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, id)): Path<(Id, Id)>,
) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::Drawings)?;
    let revision = world.drawing_revision(project_id, id)?;
    let drawing = world
        .plans
        .drawings
        .get(&revision.drawing_id)
        .ok_or(Refusal::NotFound)?;
    Ok(Json(view(&world, &app.addresses, drawing, revision)))
}

/// A revision, with what it shares with its drawing.
pub(crate) fn view(world: &World, addresses: &Addresses, drawing: &Drawing, revision: &DrawingRevision) -> Value {
    let plans = &world.plans;
    let discipline = plans.disciplines.get(&drawing.discipline_id);
    let position = drawing.revision_ids.iter().position(|&id| id == revision.id);
    json!({
        "id": revision.id,
        "drawing_id": drawing.id,
        "number": drawing.number,
        "title": drawing.title,
        "revision_number": revision.revision_number,
        "current": drawing.current_revision_id() == Some(revision.id),
        "obsolete": drawing.obsolete,
        "position": position.map(|position| position + 1),
        "drawing_date": revision.drawing_date,
        "received_date": revision.received_date,
        "updated_at": revision.updated_at,
        // Without their names: sets and areas have lists of their own.
        "drawing_set": {"id": revision.set_id},
        "drawing_area": {"id": drawing.area_id},
        "discipline": discipline.map(|discipline| json!({"id": discipline.id, "name": discipline.name})),
        "floorplan": false,
        "has_drawing_sketches": false,
        "drawing_sketches_count": 0,
        "has_public_markup_layer_elements": false,
        "pdf_size": views::file_size(world, revision.pdf),
        "pdf_url": views::file_url(world, addresses, revision.pdf),
        "png_size": views::file_size(world, revision.png),
        "png_url": views::file_url(world, addresses, revision.png),
        "thumbnail_url": views::file_url(world, addresses, revision.thumbnail),
        "large_thumbnail_url": views::file_url(world, addresses, revision.large_thumbnail),
        "width": 1224,
        "height": 792,
    })
}

pub(super) async fn sets(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::Drawings)?;
    let company_id = world.project(project_id)?.company_id;
    let revisions = &world.plans.drawing_revisions;
    let wants_full = listing.flag("exclude_empty_sets");
    let sets = world.plans.sets.values().filter(|set| set.project_id == project_id);
    Rows::of(&listing, (1..).zip(sets))
        .keep(|(_, set)| !wants_full || revisions.values().any(|revision| revision.set_id == set.id))
        .answer(|(position, set)| {
            json!({
                "id": set.id,
                "project_id": project_id,
                "company_id": company_id,
                "name": set.name,
                "date": set.date,
                "position": position,
                "created_at": set.created_at,
                "updated_at": set.created_at,
            })
        })
}
