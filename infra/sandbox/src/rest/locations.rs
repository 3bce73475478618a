//! `GET /rest/v1.0/projects/{project_id}/locations`

use axum::extract::{Path, State};
use axum::response::Response;

use super::caller::Caller;
use super::listing::Listing;
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
    let ids = listing.id_filter("id")?;
    let parents = listing.id_filter("parent_id")?;
    let search = listing.filter("search").map(|texts| texts.join(",").to_lowercase());
    let locations: Vec<_> = project
        .locations
        .values()
        .filter(|location| ids.as_ref().is_none_or(|ids| ids.contains(&location.id)))
        .filter(|location| {
            let parent = location.parent_id;
            parents
                .as_ref()
                .is_none_or(|parents| parent.is_some_and(|parent| parents.contains(&parent)))
        })
        .map(|location| location.id)
        .filter(|&id| {
            search
                .as_ref()
                .is_none_or(|search| project.location_name(id).to_lowercase().contains(search))
        })
        .collect();
    listing.answer(&locations, |&id| views::location(project, Some(id)))
}
