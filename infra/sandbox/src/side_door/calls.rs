//! `/sandbox/calls`: the calls that came in.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::world::Id;

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    since: u64,
    company_id: Option<Id>,
}

/// The calls after the sequence number `since`, oldest first, and the last number given out so far.
pub(super) async fn list(State(app): State<App>, Query(which): Query<Which>) -> Json<Value> {
    let log = app.calls();
    let calls: Vec<_> = log
        .since(which.since)
        .filter(|call| which.company_id.is_none_or(|id| call.facts.company_id == Some(id)))
        .collect();
    Json(json!({"calls": calls, "last": log.last()}))
}

pub(super) async fn clear(State(app): State<App>) -> StatusCode {
    app.calls().clear();
    StatusCode::NO_CONTENT
}
