//! `/rest/v1.0/projects/{project_id}/notes_logs`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::body::Body;
use super::caller::Caller;
use super::daily_logs;
use super::listing::Listing;
use crate::app::App;
use crate::refusal::Refusal;
use crate::world::{DailyLogKind, Id};

const KIND: DailyLogKind = DailyLogKind::Notes;

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    daily_logs::list(&app, KIND, &caller, project_id, &listing)
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    daily_logs::create(&app, KIND, &caller, project_id, body)
}

pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, id)): Path<(Id, Id)>,
) -> Result<Json<Value>, Refusal> {
    daily_logs::show(&app, KIND, &caller, project_id, id)
}

pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, id)): Path<(Id, Id)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    daily_logs::update(&app, KIND, &caller, project_id, id, &body)
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, id)): Path<(Id, Id)>,
) -> Result<StatusCode, Refusal> {
    daily_logs::delete(&app, KIND, &caller, project_id, id)
}
