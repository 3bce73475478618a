//! `/rest/v1.0/projects/{project_id}/rfis/{rfi_id}/replies`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::body::Body;
use super::caller::Caller;
use super::listing::Listing;
use super::views;
use crate::app::{Addresses, App};
use crate::refusal::Refusal;
use crate::world::{Id, Reply, World};

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, rfi_id)): Path<(Id, Id)>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    let visit = caller.enter(&world, project_id)?;
    let rfi = world.visible_rfi(visit.person_id, project_id, rfi_id)?;
    listing.answer(&rfi.replies, |reply| view(&world, &app.addresses, reply))
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, rfi_id)): Path<(Id, Id)>,
    mut body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    let visit = caller.enter(&world, project_id)?;
    let files = body.attachments();
    let reply = world.reply_to_rfi(&visit.actor(), project_id, rfi_id, body.wrapped("reply")?, files)?;
    Ok((StatusCode::CREATED, Json(view(&world, &app.addresses, &reply))))
}

pub(super) fn view(world: &World, addresses: &Addresses, reply: &Reply) -> Value {
    json!({
        "id": reply.id,
        "official": reply.official,
        "answer_date": reply.created_at,
        "plain_text_body": views::plain_text(&reply.body),
        "rich_text_body": reply.body,
        "created_by": views::person_name(world, reply.created_by),
        "created_by_id": reply.created_by,
        "attachments": views::attachments(world, addresses, &reply.attachments),
    })
}
