//! `GET /rest/v1.0/me`

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use super::caller::Caller;
use super::views;
use crate::app::App;
use crate::refusal::Refusal;

pub(super) async fn show(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    let person_id = caller.act(&world)?;
    Ok(Json(views::person(&world, person_id)))
}
