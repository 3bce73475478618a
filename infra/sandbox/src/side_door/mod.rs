//! The side door: what tests use and the product never does. The README beside the crate shows every request.

mod calls;
mod companies;
mod contract;
mod differences;
mod entries;
mod faults;
mod files;
mod json;
mod limits;
mod people;
mod plans;
mod projects;
mod webhooks;

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Request, header};
use axum::response::Response;
use axum::routing::{get, patch, post, put};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};

use crate::app::App;
use crate::faults::Meanwhile;

pub(crate) fn router() -> Router<App> {
    let project = "/sandbox/projects/{project_id}";
    Router::new()
        .route("/sandbox/health", get(async || axum::Json(json!({"status": "ok"}))))
        .route("/sandbox/reset", post(reset))
        .route(
            "/sandbox/faults",
            post(faults::add).get(faults::list).delete(faults::clear),
        )
        .route("/sandbox/webhooks", put(webhooks::set_mode).get(webhooks::modes))
        .route("/sandbox/webhooks/events", get(webhooks::events))
        .route("/sandbox/webhooks/hooks", get(webhooks::hooks))
        .route("/sandbox/webhooks/hooks/{hook_id}", put(webhooks::set_status))
        .route("/sandbox/webhooks/v1", put(webhooks::set_v1))
        .route("/sandbox/webhooks/unknown", put(webhooks::set_unknown))
        .route("/sandbox/calls", get(calls::list).delete(calls::clear))
        .route("/sandbox/contract", get(contract::show))
        .route("/sandbox/differences", put(differences::set).get(differences::show))
        .route("/sandbox/limits", put(limits::set).get(limits::show))
        .route("/sandbox/files/{file_id}", put(files::conduct))
        .route("/sandbox/companies", post(companies::create))
        .route("/sandbox/companies/{company_id}/app", put(companies::set_app))
        .route("/sandbox/people/{login}/permissions", put(people::set_permission))
        .route("/sandbox/people/{login}/revoke", post(people::revoke))
        .route(project, get(projects::show).put(projects::update))
        .route(&format!("{project}/plans"), get(plans::show))
        .route(&format!("{project}/sheets"), post(plans::add_sheets))
        .route(&format!("{project}/{{kind}}"), post(entries::create))
        .route(
            &format!("{project}/{{kind}}/{{id}}"),
            patch(entries::update).delete(entries::delete),
        )
        .route(&format!("{project}/rfis/{{id}}/replies"), post(entries::reply))
        .layer(DefaultBodyLimit::disable())
}

/// Makes the request that a fault has in store. Where it is refused, the log says so: whoever ordered it waits for nothing.
pub(crate) async fn ask(app: &App, meanwhile: &Meanwhile) {
    let Meanwhile { method, path, body } = meanwhile;
    let request = Request::builder()
        .method(method.as_str())
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()));
    let Ok(request) = request else { return };
    let router = TowerToHyperService::new(router().with_state(app.clone()));
    let answer: Result<Response, Infallible> = Service::call(&router, request).await;
    match answer {
        Ok(answer) if answer.status().is_success() => {}
        Ok(answer) => tracing::warn!("{method} {path}, meanwhile: {}", answer.status()),
        Err(never) => match never {},
    }
}

/// Puts everything back to the demo data and the default settings. Ids and sequence numbers do not start again.
async fn reset(State(app): State<App>) -> axum::Json<Value> {
    app.faults().clear(None);
    app.calls().clear();
    *app.limits() = crate::limits::Limits::default();
    app.differences().clear();
    *app.sessions() = crate::pages::Sessions::default();
    app.world().reset();
    axum::Json(json!({"status": "reset"}))
}
