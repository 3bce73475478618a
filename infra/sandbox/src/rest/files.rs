//! Attachments and plans' files: an address on Procore's host that wants the token and redirects once, to storage that must not get it.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::caller::Caller;
use crate::api::refuse_token_at_storage;
use crate::app::App;
use crate::files::{Owner, StoredFile};
use crate::refusal::Refusal;
use crate::world::{Id, Level, Tool, World};

/// Where a file is read, given the address of Procore's host.
pub(crate) fn url(public: &str, file: &StoredFile) -> String {
    format!("{public}/files/{}/{}", file.id, path_segment(&file.name))
}

/// A name as one segment of a path.
pub(crate) fn path_segment(name: &str) -> String {
    let Ok(mut url) = url::Url::parse("http://host/") else {
        return String::new();
    };
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.push(name);
    }
    // `..` is no segment, but a way.
    match url.path().trim_start_matches('/') {
        "" => "file".to_owned(),
        segment => segment.to_owned(),
    }
}

pub(super) async fn redirect(
    State(app): State<App>,
    caller: Caller,
    Path((file_id, _)): Path<(Id, String)>,
) -> Result<Response, Refusal> {
    let mut world = app.world();
    let file = world.files.get(&file_id).cloned().ok_or(Refusal::NotFound)?;
    let person_id = caller.enter(&world, file.project_id)?.person_id;
    if !sees(&world, person_id, &file) {
        return Err(Refusal::NotFound);
    }
    let location = file.conduct.redirect.clone().unwrap_or_else(|| {
        let key = world.storage_links.issue(file_id);
        format!("{}/storage/{key}/{}", app.addresses.storage, path_segment(&file.name))
    });
    Ok((StatusCode::FOUND, [(header::LOCATION, location)]).into_response())
}

/// Whether a person may read a file: whoever may see what it hangs on.
pub(crate) fn sees(world: &World, person_id: Id, file: &StoredFile) -> bool {
    let reads = |tool| world.project_level(person_id, file.project_id, tool) >= Level::ReadOnly;
    match file.owner {
        Some(Owner::Rfi(id)) => world.rfis.get(&id).is_some_and(|rfi| world.sees_rfi(person_id, rfi)),
        Some(Owner::DailyLog(_)) => reads(Tool::DailyLog),
        Some(Owner::Drawing(_)) => reads(Tool::Drawings),
        Some(Owner::SpecificationSection(_)) => reads(Tool::Specifications),
        Some(Owner::Document(id)) => world.visible_document(person_id, file.project_id, id).is_ok(),
        None => false,
    }
}

pub(super) async fn download(
    State(app): State<App>,
    Path((key, _)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Some(refused) = refuse_token_at_storage(&headers) {
        return refused;
    }
    let file = {
        let world = app.world();
        world
            .storage_links
            .file(&key)
            .and_then(|id| world.files.get(&id))
            .cloned()
    };
    match file {
        Some(file) => send(&file, "attachment"),
        None => (StatusCode::FORBIDDEN, "<Error><Code>AccessDenied</Code></Error>").into_response(),
    }
}

/// The file itself. It never runs as a page of ours, whatever it is.
pub(crate) fn send(file: &StoredFile, disposition: &str) -> Response {
    let mut response = file.body().into_response();
    let headers = response.headers_mut();
    if let Some(length) = file.told_length() {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let octets = HeaderValue::from_static("application/octet-stream");
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_str(&file.content_type).unwrap_or(octets),
    );
    let disposition = format!("{disposition}; filename*=UTF-8''{}", path_segment(&file.name));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
