//! `GET /rest/v1.0/specification_sections`

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::caller::Caller;
use super::listing::Listing;
use crate::app::App;
use crate::refusal::Refusal;
use crate::world::{Level, SpecificationSection, Tool};

pub(super) async fn list(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Response, Refusal> {
    let project_id = listing.required_id("project_id")?;
    let world = app.world();
    caller
        .enter(&world, project_id)?
        .require(&world, Tool::Specifications, Level::ReadOnly)?;
    let ids = listing.id_filter("id")?;
    let sections: Vec<_> = world
        .project(project_id)?
        .specification_sections
        .values()
        .filter(|section| ids.as_ref().is_none_or(|ids| ids.contains(&section.id)))
        .collect();
    listing.answer(&sections, |section| view(section))
}

fn view(section: &SpecificationSection) -> Value {
    json!({
        "id": section.id,
        "number": section.number,
        "description": section.description,
        "label": format!("{} - {}", section.number, section.description),
        "current_revision_id": null,
    })
}
