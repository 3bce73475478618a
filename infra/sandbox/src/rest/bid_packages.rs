//! `GET /rest/v1.1/projects/{project_id}/bid_packages`: open ones, unless `view=all` asks for all.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::caller::Caller;
use super::listing::Listing;
use super::rows::Rows;
use crate::app::App;
use crate::refusal::Refusal;
use crate::world::plans::BidPackage;
use crate::world::{Id, Tool};

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::Bidding)?;
    let packages = world.plans.bid_packages.values();
    let all = listing.text("view") == Some("all");
    Rows::of(&listing, packages.filter(|package| package.project_id == project_id))
        .keep(|package| all || package.open)
        .sorted("number", |one, other| one.number.cmp(&other.number))
        .sorted("title", |one, other| one.title.cmp(&other.title))
        .sorted("bid_due_date", |one, other| one.bid_due_date.cmp(&other.bid_due_date))
        .answer(|package| view(package))
}

pub(crate) fn view(package: &BidPackage) -> Value {
    json!({
        "id": package.id,
        "project_id": package.project_id,
        "number": package.number,
        "title": package.title,
        "bid_due_date": package.bid_due_date,
        "open": package.open,
        "submitted_bids_count": package.submitted_bids_count,
    })
}
