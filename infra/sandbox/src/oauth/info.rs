//! `GET /oauth/token/info`: what a token is.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::request::OauthError;
use crate::app::App;
use crate::calls::bearer;

pub(super) async fn describe(State(app): State<App>, headers: HeaderMap) -> Result<Json<Value>, OauthError> {
    let world = app.world();
    let token = bearer(&headers)
        .and_then(|token| world.grants.access(token))
        .ok_or(OauthError::InvalidToken)?;
    Ok(Json(json!({
        "resource_owner_id": token.person_id,
        "scopes": [],
        "expires_in_seconds": token.remaining().as_secs(),
        "application": {"uid": token.application},
        "created_at": token.created_at.as_second(),
    })))
}
