//! What a client of Procore sees: OAuth, REST, files and their storage. Every call is written down, and may meet a fault.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::calls::{Call, Facts};
use crate::faults::{Drop, Fault, Moment};
use crate::refusal::Refusal;
use crate::{differences, oauth, rest, side_door, strict};

/// Marks an answer that must not reach the client: the server hangs up instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DropConnection;

impl std::fmt::Display for DropConnection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection is dropped, as the side door asked")
    }
}

impl std::error::Error for DropConnection {}

pub(crate) fn router(app: &App) -> Router<App> {
    Router::new()
        .merge(oauth::router())
        .merge(rest::router(app))
        .layer(middleware::from_fn_with_state(app.clone(), strict::hold))
        .layer(middleware::from_fn_with_state(app.clone(), differences::differ))
        .layer(middleware::from_fn_with_state(app.clone(), observe))
}

/// Where no route leads.
pub(crate) async fn not_found() -> Refusal {
    Refusal::NotFound
}

/// Writes the call down, and lets a fault have its way with it.
async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (facts, request) = Facts::with_body(&app, request).await;
    let fault = app.faults().take(&facts);
    let (response, dropped) = match fault {
        None => (next.run(request).await, None),
        Some(fault) => suffer(&app, fault, request, next).await,
    };
    let call = Call::new(facts, response.status(), dropped, started.elapsed());
    tracing::info!("{call}");
    app.calls().push(call);
    response
}

async fn suffer(app: &App, fault: Fault, request: Request, next: Next) -> (Response, Option<Drop>) {
    let delay = Duration::from_millis(fault.delay_ms);
    if fault.moment == Moment::Before {
        tokio::time::sleep(delay).await;
    }
    let no_effect = fault.dropped == Some(Drop::Before) || (fault.status.is_some() && fault.moment == Moment::Before);
    let mut response = if no_effect {
        StatusCode::OK.into_response()
    } else {
        fault.distort(next.run(request).await).await
    };
    if let Some(meanwhile) = &fault.meanwhile {
        side_door::ask(app, meanwhile).await;
    }
    if fault.moment == Moment::After {
        tokio::time::sleep(delay).await;
    }
    response = fault.patched(response).await;
    if fault.status.is_some() {
        response = fault.answer();
    }
    if fault.dropped.is_some() {
        response.extensions_mut().insert(DropConnection);
    }
    (response, fault.dropped)
}

/// Requests to storage carry their permission in the address: a token there means that a client sent it on.
pub(crate) fn refuse_token_at_storage(request: &axum::http::HeaderMap) -> Option<Response> {
    request.get(header::AUTHORIZATION)?;
    let body = "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed; only the query string \
                or the Authorization header should be specified</Message></Error>";
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"))];
    Some((StatusCode::BAD_REQUEST, kind, body).into_response())
}
