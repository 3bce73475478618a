//! Pages to click in: plain HTML forms that do what the API does, as the person who is signed in.

mod attachments;
mod bidding;
mod documents;
mod drawings;
mod home;
mod layout;
mod problem;
mod profile;
mod project;
mod rfi;
mod rfis;
mod rich_text;
mod session;
mod sign_in;
mod site_diary;
mod specifications;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::response::Redirect;
use axum::routing::{get, post};

pub(crate) use layout::layout;
pub(crate) use session::Sessions;

use crate::app::App;
use crate::world::Id;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", get(home::show))
        .route("/sign-in", post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/profile/apps", get(profile::show))
        .route("/profile/apps/{client_id}/revoke", post(profile::revoke))
        .route("/projects/{project_id}", get(to_rfis))
        .route("/projects/{project_id}/rfis", get(rfis::show).post(rfis::create))
        .route("/projects/{project_id}/rfis/{rfi_id}", get(rfi::show))
        .route("/projects/{project_id}/rfis/{rfi_id}/open", post(rfi::open))
        .route("/projects/{project_id}/rfis/{rfi_id}/close", post(rfi::close))
        .route("/projects/{project_id}/rfis/{rfi_id}/delete", post(rfi::delete))
        .route("/projects/{project_id}/rfis/{rfi_id}/replies", post(rfi::reply))
        .route("/projects/{project_id}/site-diary", get(site_diary::show))
        .route(
            "/projects/{project_id}/site-diary/working-hours",
            post(site_diary::create_hours),
        )
        .route("/projects/{project_id}/site-diary/notes", post(site_diary::create_note))
        .route(
            "/projects/{project_id}/drawings",
            get(drawings::show).post(drawings::publish),
        )
        .route(
            "/projects/{project_id}/drawings/{id}/obsolete",
            post(drawings::obsolete),
        )
        .route("/projects/{project_id}/drawings/{id}/delete", post(drawings::delete))
        .route(
            "/projects/{project_id}/specifications",
            get(specifications::show).post(specifications::publish),
        )
        .route(
            "/projects/{project_id}/specifications/{id}/delete",
            post(specifications::delete),
        )
        .route(
            "/projects/{project_id}/documents",
            get(documents::show).post(documents::upload),
        )
        .route("/projects/{project_id}/documents/{id}/delete", post(documents::delete))
        .route(
            "/projects/{project_id}/bidding",
            get(bidding::show).post(bidding::create),
        )
        .route("/projects/{project_id}/bidding/{id}", post(bidding::update))
        .route("/attachments/{file_id}/{name}", get(attachments::download))
        // The address that the API gives as an RFI's `link`.
        .route("/{project_id}/project/rfi/show/{rfi_id}", get(to_rfi))
        .route("/{project_id}/project/rfi/list", get(to_rfis))
        .route("/{project_id}/project/daily_log", get(to_site_diary))
        .layer(DefaultBodyLimit::disable())
}

async fn to_rfis(Path(project_id): Path<Id>) -> Redirect {
    Redirect::to(&format!("/projects/{project_id}/rfis"))
}

async fn to_rfi(Path((project_id, rfi_id)): Path<(Id, Id)>) -> Redirect {
    Redirect::to(&format!("/projects/{project_id}/rfis/{rfi_id}"))
}

async fn to_site_diary(Path(project_id): Path<Id>) -> Redirect {
    Redirect::to(&format!("/projects/{project_id}/site-diary"))
}
