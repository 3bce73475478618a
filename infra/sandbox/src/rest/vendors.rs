//! `GET /rest/v1.0/projects/{project_id}/vendors`

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::caller::Caller;
use super::listing::Listing;
use super::rows::Rows;
use crate::app::App;
use crate::refusal::Refusal;
use crate::world::{Id, Project, Vendor};

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    caller.enter(&world, project_id)?;
    let project = world.project(project_id)?;
    Rows::of(&listing, project.vendors.values())
        .ids("id", |vendor| [vendor.id])?
        .search(|vendor| vendor.name.clone())
        .answer(|vendor| view(project, vendor))
}

fn view(project: &Project, vendor: &Vendor) -> Value {
    json!({
        "id": vendor.id,
        "name": vendor.name,
        "company": vendor.name,
        "company_vendor": true,
        "is_active": true,
        "attachments": [],
        "children_count": 0,
        "project_ids": [project.id],
        "trades": [],
        "created_at": project.created_at,
        "updated_at": project.created_at,
    })
}
