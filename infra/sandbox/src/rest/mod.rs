//! Procore's REST API, one file per resource.

pub(crate) mod bid_packages;
pub(crate) mod body;
mod caller;
mod companies;
pub(crate) mod daily_logs;
mod drawing_areas;
pub(crate) mod drawing_revisions;
pub(crate) mod files;
pub(crate) mod folders;
mod listing;
mod locations;
mod me;
mod permissions;
mod projects;
mod replies;
pub(crate) mod rfis;
mod rows;
pub(crate) mod specification_sections;
mod uploads;
mod users;
mod vendors;
pub(crate) mod views;
mod webhook_deliveries;
mod webhook_hooks;
mod webhook_triggers;
mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{delete, get, patch, post, put};

use crate::app::App;
use crate::world::DailyLogKind;

pub(crate) fn router(app: &App) -> Router<App> {
    let limited = Router::new()
        .merge(general())
        .merge(rfis())
        .merge(site_diary())
        .merge(plans())
        .merge(former_webhooks())
        .merge(webhooks::router())
        .route("/rest/v1.1/projects/{project_id}/uploads", post(uploads::create))
        .route(
            "/rest/v1.1/projects/{project_id}/uploads/{uuid}",
            get(uploads::show).patch(uploads::complete),
        )
        .route("/rest/{*rest}", axum::routing::any(crate::api::not_found))
        .layer(middleware::from_fn_with_state(app.clone(), caller::limit));
    let unlimited = Router::new()
        .route("/files/{file_id}/{name}", get(files::redirect))
        .layer(middleware::from_fn_with_state(app.clone(), caller::identify));
    Router::new()
        .merge(limited)
        .merge(unlimited)
        .route("/storage/{key}/{name}", get(files::download))
        .route("/segments/{key}", put(uploads::put_segment))
        .layer(DefaultBodyLimit::disable())
}

fn general() -> Router<App> {
    Router::new()
        .route("/rest/v1.0/me", get(me::show))
        .route("/rest/v1.0/companies", get(companies::list))
        .route("/rest/v1.0/projects", get(projects::list))
        .route("/rest/v1.0/projects/{project_id}", get(projects::show))
        .route("/rest/v1.0/settings/permissions", get(permissions::show))
        .route("/rest/v1.0/projects/{project_id}/users", get(users::list))
        .route("/rest/v1.0/projects/{project_id}/users/{user_id}", get(users::show))
        .route("/rest/v1.0/projects/{project_id}/vendors", get(vendors::list))
        .route("/rest/v1.0/projects/{project_id}/locations", get(locations::list))
}

fn rfis() -> Router<App> {
    let base = "/rest/v1.0/projects/{project_id}/rfis";
    Router::new()
        .route(base, get(rfis::list).post(rfis::create))
        .route(&format!("{base}/potential_rfi_managers"), get(rfis::potential_managers))
        .route(&format!("{base}/default_distribution"), get(rfis::default_distribution))
        .route(
            &format!("{base}/{{rfi_id}}"),
            get(rfis::show).patch(rfis::update).put(rfis::update),
        )
        .route(&format!("{base}/{{rfi_id}}/recycle"), patch(rfis::recycle))
        .route(
            &format!("{base}/{{rfi_id}}/replies"),
            get(replies::list).post(replies::create),
        )
}

fn site_diary() -> Router<App> {
    let header = "/rest/v1.0/projects/{project_id}/daily_log_headers";
    daily_logs::routes(DailyLogKind::Manpower)
        .merge(daily_logs::routes(DailyLogKind::Notes))
        .route(header, get(daily_logs::header))
}

fn plans() -> Router<App> {
    let project = "/rest/v1.0/projects/{project_id}";
    Router::new()
        .route(
            "/rest/v1.1/projects/{project_id}/drawing_areas",
            get(drawing_areas::list),
        )
        .route(
            "/rest/v1.0/drawing_areas/{area_id}/drawings",
            get(drawing_areas::drawings),
        )
        .route(&format!("{project}/drawing_revisions"), get(drawing_revisions::list))
        .route(
            &format!("{project}/drawing_revisions/{{id}}"),
            get(drawing_revisions::show),
        )
        .route(&format!("{project}/drawing_sets"), get(drawing_revisions::sets))
        .route("/rest/v1.0/specification_sections", get(specification_sections::list))
        .route(
            "/rest/v1.0/specification_section_divisions",
            get(specification_sections::divisions),
        )
        .route(
            "/rest/v1.0/specification_section_revisions",
            get(specification_sections::revisions),
        )
        .route(
            "/rest/v1.0/specification_section_revisions/{id}",
            get(specification_sections::revision),
        )
        .route("/rest/v1.0/folders", get(folders::root))
        .route("/rest/v1.0/folders/{id}", get(folders::show))
        .route("/rest/v1.0/files/{id}", get(folders::file))
        .route("/rest/v1.1/projects/{project_id}/bid_packages", get(bid_packages::list))
}

/// Version 1.0, which is deprecated: it answers where the side door says so.
fn former_webhooks() -> Router<App> {
    let base = "/rest/v1.0/webhooks";
    let hook = format!("{base}/hooks/{{hook_id}}");
    Router::new()
        .route(
            &format!("{base}/hooks"),
            get(webhook_hooks::list).post(webhook_hooks::create),
        )
        .route(
            &hook,
            get(webhook_hooks::show)
                .patch(webhook_hooks::update)
                .delete(webhook_hooks::delete),
        )
        .route(
            &format!("{hook}/triggers"),
            get(webhook_triggers::list).post(webhook_triggers::create),
        )
        .route(&format!("{hook}/triggers/bulk"), post(webhook_triggers::create_all))
        .route(
            &format!("{hook}/triggers/{{trigger_id}}"),
            delete(webhook_triggers::delete),
        )
        .route(&format!("{hook}/deliveries"), get(webhook_deliveries::list))
        .route(&format!("{base}/resources"), get(webhook_triggers::resources))
}
