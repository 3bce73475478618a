//! `/sandbox/differences`: ways to differ from what is published.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::json::Input;
use crate::app::App;
use crate::differences::Differences;

/// All that are to be on. The others are off.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Switched {
    names: Differences,
}

pub(super) async fn set(State(app): State<App>, Input(switched): Input<Switched>) -> Json<Value> {
    *app.differences() = switched.names;
    show(State(app)).await
}

pub(super) async fn show(State(app): State<App>) -> Json<Value> {
    Json(json!({"names": *app.differences()}))
}
