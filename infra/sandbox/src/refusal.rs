//! How the sandbox says no, in Procore's words and shapes.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Complaints by field, as Procore lists them.
pub(crate) type FieldErrors = BTreeMap<String, Vec<String>>;

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The request cannot be understood at all.
    BadRequest(String),
    /// No token, or one that is unknown, expired or revoked.
    Unauthorized,
    /// The caller is known, and may not.
    Forbidden(String),
    /// There is no such thing, or the caller may not know that there is.
    NotFound,
    /// The thing exists, and cannot be what was asked.
    Invalid(FieldErrors),
    /// Procore has taken the endpoint away.
    Deprecated,
    /// The sandbox's own disk failed.
    Storage(String),
}

impl Refusal {
    pub(crate) fn forbidden(reason: &str) -> Self {
        Self::Forbidden(reason.to_owned())
    }

    /// A complaint about a single field.
    pub(crate) fn invalid(field: &str, complaint: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::from([(field.to_owned(), vec![complaint.into()])]))
    }

    /// The complaint as sentences, for the pages.
    pub(crate) fn sentences(&self) -> Vec<String> {
        match self {
            Self::BadRequest(reason) | Self::Forbidden(reason) | Self::Storage(reason) => vec![reason.clone()],
            Self::Unauthorized => vec!["You are not signed in.".to_owned()],
            Self::Deprecated => vec!["This endpoint is deprecated.".to_owned()],
            Self::NotFound => vec!["There is nothing here, or you may not see it.".to_owned()],
            Self::Invalid(errors) => errors
                .iter()
                .flat_map(|(field, complaints)| complaints.iter().map(move |complaint| format!("{field} {complaint}")))
                .collect(),
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Deprecated => StatusCode::GONE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::Storage(format!("the sandbox could not write the file: {error}"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let errors = match &self {
            Self::BadRequest(reason) | Self::Forbidden(reason) | Self::Storage(reason) => json!(reason),
            Self::Unauthorized => json!("Unauthorized"),
            Self::NotFound => json!("Not Found"),
            Self::Deprecated => json!("deprecated"),
            Self::Invalid(fields) => json!(fields),
        };
        (self.status(), Json(json!({ "errors": errors }))).into_response()
    }
}
