//! Reading an OAuth request, whatever its encoding, and knowing the app that makes it.

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::app::App;
use crate::rest::body::Body;
use crate::world::World;

/// The parameters of a form, a multipart form or a JSON object, with the app's credentials taken out of HTTP Basic
/// where they are there.
pub(crate) struct OauthRequest {
    values: Value,
    basic: Option<(String, String)>,
}

impl OauthRequest {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_str()
    }

    /// The client id of the app, once its secret has proved right.
    pub(crate) fn authenticate(&self, world: &World) -> Result<String, OauthError> {
        let (id, secret) = match &self.basic {
            Some((id, secret)) => (id.as_str(), secret.as_str()),
            None => (
                self.get("client_id").unwrap_or_default(),
                self.get("client_secret").unwrap_or_default(),
            ),
        };
        let application = world
            .applications
            .get(id)
            .filter(|application| application.client_secret == secret);
        application
            .map(|application| application.client_id.clone())
            .ok_or(OauthError::InvalidClient)
    }
}

impl FromRequest<App> for OauthRequest {
    type Rejection = OauthError;

    async fn from_request(request: Request, app: &App) -> Result<Self, Self::Rejection> {
        let basic = basic(request.headers());
        let body = Body::from_request(request, app).await;
        let body = body.map_err(|refusal| OauthError::InvalidRequest(refusal.sentences().join(" ")))?;
        Ok(Self {
            values: body.values,
            basic,
        })
    }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |text: &str| {
        url::form_urlencoded::parse(format!("v={text}").as_bytes())
            .next()
            .map(|(_, v)| v.into_owned())
    };
    Some((plain(id)?, plain(secret)?))
}

/// An error in OAuth's words.
#[derive(Debug)]
pub(crate) enum OauthError {
    InvalidClient,
    InvalidGrant,
    InvalidRequest(String),
    UnsupportedGrantType,
    InvalidToken,
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let (status, error, description) = match self {
            Self::InvalidClient => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "Client authentication failed due to unknown client, no client authentication included, or \
                 unsupported authentication method."
                    .to_owned(),
            ),
            // RFC 6749 would have 400 here; Procore's Doorkeeper answers 401, so clients have to go by `error`.
            Self::InvalidGrant => (
                StatusCode::UNAUTHORIZED,
                "invalid_grant",
                "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI \
                 used in the authorization request, or was issued to another client."
                    .to_owned(),
            ),
            Self::InvalidRequest(description) => (StatusCode::BAD_REQUEST, "invalid_request", description),
            Self::UnsupportedGrantType => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server.".to_owned(),
            ),
            Self::InvalidToken => (
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "The access token is missing, expired or revoked.".to_owned(),
            ),
        };
        let mut response = (status, Json(json!({"error": error, "error_description": description}))).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = if error == "invalid_token" {
                "Bearer realm=\"Procore\""
            } else {
                "Basic realm=\"Procore\""
            };
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}
