//! `/sandbox/contract`: what differed from the contract, and what of it was never called.

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use crate::app::App;
use crate::strict;

pub(super) async fn show(State(app): State<App>) -> Json<Value> {
    Json(strict::shown(app.contract.as_ref(), &app.met()))
}
