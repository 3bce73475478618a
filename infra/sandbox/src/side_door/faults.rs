//! `/sandbox/faults`

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::json::{Input, wrong};
use crate::app::App;
use crate::faults::Fault;
use crate::refusal::Refusal;
use crate::world::Id;

pub(super) async fn add(
    State(app): State<App>,
    Input(fault): Input<Fault>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    if let Some(problem) = fault.problem() {
        return Err(wrong(problem));
    }
    let id = app.faults().add(fault);
    Ok((StatusCode::CREATED, Json(json!({"id": id}))))
}

/// The faults that still wait.
pub(super) async fn list(State(app): State<App>) -> Json<Value> {
    Json(json!({"faults": app.faults().waiting()}))
}

#[derive(Debug, Deserialize)]
pub(super) struct Of {
    company_id: Option<Id>,
}

pub(super) async fn clear(State(app): State<App>, Query(of): Query<Of>) -> StatusCode {
    app.faults().clear(of.company_id);
    StatusCode::NO_CONTENT
}
