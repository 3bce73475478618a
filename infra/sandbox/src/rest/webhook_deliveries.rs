//! `GET /rest/v1.0/webhooks/hooks/{hook_id}/deliveries`: the log, newest first.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::caller::Caller;
use super::listing::Listing;
use super::webhook_hooks::find;
use crate::app::App;
use crate::refusal::Refusal;
use crate::webhooks::{Delivery, Outcome};
use crate::world::Id;

const DEFAULT_PAGE_SIZE: usize = 100;

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(hook_id): Path<Id>,
    listing: Listing,
) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    find(&caller, &world, listing.query(), hook_id)?;
    let size = listing
        .number("page_size")?
        .map_or(DEFAULT_PAGE_SIZE, |size| usize::try_from(size).unwrap_or(usize::MAX));
    let after = listing.number("page_start")?;
    let status = listing.filter("status").map(|texts| texts.join(","));
    let deliveries: Vec<Value> = world
        .webhooks
        .deliveries()
        .iter()
        .rev()
        .filter(|delivery| delivery.hook_id == hook_id && delivery.outcome != Outcome::Dropped)
        .filter(|delivery| after.is_none_or(|last| delivery.id < last))
        .filter(|delivery| match status.as_deref() {
            None | Some("any") => true,
            Some(status) => delivery.outcome.name() == status,
        })
        .take(size)
        .map(view)
        .collect();
    Ok(Json(json!(deliveries)))
}

fn view(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id,
        "event": delivery.event,
        "event_id": delivery.event_id,
        "outcome": delivery.outcome,
        "response_status": delivery.response_status,
        "response_headers": delivery.response_headers,
        "response_body": delivery.response_body,
        "response_error": delivery.response_error,
        "started_at": delivery.started_at,
        "completed_at": delivery.completed_at,
    })
}
