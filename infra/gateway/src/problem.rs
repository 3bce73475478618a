//! What the gateway itself has to say, as RFC 9457 problem documents.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

/// No deployment has told yet where to forward to.
pub(crate) fn nothing_deployed() -> Response {
    respond(
        StatusCode::BAD_GATEWAY,
        "Nothing is deployed yet",
        "The stand is still starting, or its deployment failed. Look at the terminal of `cargo xtask up`.",
    )
}

/// The emulator cannot be reached.
pub(crate) fn no_emulator() -> Response {
    respond(
        StatusCode::BAD_GATEWAY,
        "The AWS emulator does not answer",
        "It has stopped or is overloaded. `cargo xtask down` and `cargo xtask up` start it again; its log is \
         logs/ministack.log in the stand's folder.",
    )
}

/// The function took longer than API Gateway waits.
pub(crate) fn too_slow() -> Response {
    respond(
        StatusCode::GATEWAY_TIMEOUT,
        "The function took too long",
        "API Gateway waits 29 seconds for an answer. What the function did meanwhile is in logs/functions.log in the \
         stand's folder.",
    )
}

/// The body is larger than API Gateway takes.
pub(crate) fn too_large() -> Response {
    respond(
        StatusCode::PAYLOAD_TOO_LARGE,
        "The request is too large",
        "API Gateway takes bodies of up to 10 MB (10,485,760 bytes).",
    )
}

fn respond(status: StatusCode, title: &str, detail: &str) -> Response {
    let document = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail});
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}
