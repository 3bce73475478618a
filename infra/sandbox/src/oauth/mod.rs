//! Procore's OAuth 2.0: the sign-in page, tokens, what they are, and their end.

mod authorize;
mod grants;
mod info;
mod pkce;
mod request;
mod revoke;
mod token;

use axum::Router;
use axum::routing::{get, post};

pub(crate) use grants::{GrantType, Grants};

use crate::app::App;

/// The one app that the demo companies installed.
pub(crate) const DEMO_CLIENT_ID: &str = "gusset-local";
pub(crate) const DEMO_CLIENT_SECRET: &str = "gusset-local-secret";

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/oauth/authorize", get(authorize::page).post(authorize::decide))
        .route("/oauth/authorize/native", get(authorize::native))
        .route("/oauth/token", post(token::issue))
        .route("/oauth/token/info", get(info::describe))
        .route("/oauth/revoke", post(revoke::revoke))
}
