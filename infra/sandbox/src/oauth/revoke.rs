//! `POST /oauth/revoke`: the end of a token and of its other half.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::request::{OauthError, OauthRequest};
use crate::app::App;

/// Answers 200 for unknown tokens too, as RFC 7009 wants: whoever asks learns nothing.
pub(super) async fn revoke(State(app): State<App>, request: OauthRequest) -> Result<Json<Value>, OauthError> {
    let mut world = app.world();
    let application = request.authenticate(&world)?;
    if let Some(token) = request.get("token") {
        world.grants.revoke(&application, token);
    }
    Ok(Json(json!({})))
}
