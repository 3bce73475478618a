//! `POST /oauth/token`: all three grants.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::request::{OauthError, OauthRequest};
use crate::app::App;

pub(super) async fn issue(State(app): State<App>, request: OauthRequest) -> Result<impl IntoResponse, OauthError> {
    let lifetime = app.limits().token_lifetime;
    let mut world = app.world();
    let application = request.authenticate(&world)?;
    let missing = |name: &str| OauthError::InvalidRequest(format!("Missing required parameter: {name}."));
    let issued = match request.get("grant_type") {
        Some("authorization_code") => {
            let code = request.get("code").ok_or_else(|| missing("code"))?;
            let redirect_uri = request.get("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
            let verifier = request.get("code_verifier");
            world
                .grants
                .redeem_code(&application, code, redirect_uri, verifier, lifetime)
        }
        Some("refresh_token") => {
            let token = request.get("refresh_token").ok_or_else(|| missing("refresh_token"))?;
            world.grants.redeem_refresh(&application, token, lifetime)
        }
        Some("client_credentials") => Some(world.grants.issue_client_credentials(&application, lifetime)),
        Some(_) => return Err(OauthError::UnsupportedGrantType),
        None => return Err(missing("grant_type")),
    };
    let issued = issued.ok_or(OauthError::InvalidGrant)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(issued)))
}
