//! `GET /rest/v1.0/projects/{project_id}/locations`

use axum::extract::{Path, State};
use axum::response::Response;

use super::caller::Caller;
use super::listing::Listing;
use super::rows::Rows;
use super::views;
use crate::app::App;
use crate::refusal::Refusal;
use crate::world::Id;

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    caller.enter(&world, project_id)?;
    let project = world.project(project_id)?;
    Rows::of(&listing, project.locations.values())
        .ids("id", |location| [location.id])?
        .ids("parent_id", |location| location.parent_id)?
        .search(|location| project.location_name(location.id))
        .answer(|location| views::location(project, Some(location.id)))
}
