//! Bodies of the side door: whatever is wrong with one is a 422 that says what.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::refusal::Refusal;

/// A JSON body; an empty one counts as `{}`.
pub(super) struct Input<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Input<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &App) -> Result<Self, Refusal> {
        let bytes = axum::body::to_bytes(request.into_body(), 16 * 1024 * 1024).await;
        let bytes = bytes.map_err(|error| wrong(error.to_string()))?;
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(text)
            .map(Self)
            .map_err(|error| wrong(error.to_string()))
    }
}

/// A complaint about the body as a whole.
pub(super) fn wrong(what: String) -> Refusal {
    Refusal::invalid("body", what)
}
