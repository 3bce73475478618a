//! `/rest/v1.0/folders` and `/rest/v1.0/files/{id}`: the Documents tool. An answer holds one folder with what is right
//! in it; the folders in it come without their contents, as with Procore.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::caller::Caller;
use super::listing::Listing;
use super::views;
use crate::app::{Addresses, App};
use crate::refusal::Refusal;
use crate::world::plans::{Document, Folder};
use crate::world::{Id, Tool, World};

/// The root folder.
pub(super) async fn root(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Json<Value>, Refusal> {
    let project_id = listing.required_id("project_id")?;
    let mut world = app.world();
    let person_id = caller.enter_to_read(&world, project_id, Tool::Documents)?.person_id;
    let id = world.root_folder(project_id)?;
    let folder = world.visible_folder(person_id, project_id, id)?;
    Ok(Json(contents(&world, &app.addresses, folder, person_id, &listing)))
}

pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    listing: Listing,
) -> Result<Json<Value>, Refusal> {
    let project_id = listing.required_id("project_id")?;
    let world = app.world();
    let person_id = caller.enter_to_read(&world, project_id, Tool::Documents)?.person_id;
    let folder = world.visible_folder(person_id, project_id, id)?;
    Ok(Json(contents(&world, &app.addresses, folder, person_id, &listing)))
}

pub(super) async fn file(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    listing: Listing,
) -> Result<Json<Value>, Refusal> {
    let project_id = listing.required_id("project_id")?;
    let world = app.world();
    let person_id = caller.enter_to_read(&world, project_id, Tool::Documents)?.person_id;
    let document = world.visible_document(person_id, project_id, id)?;
    let latest = listing.truth("show_latest_version_only");
    Ok(Json(file_view(&world, &app.addresses, document, latest)))
}

fn contents(world: &World, addresses: &Addresses, folder: &Folder, person_id: Id, listing: &Listing) -> Value {
    let latest = listing.truth("show_latest_file_version_only");
    let mut shown = folder_view(world, folder);
    if !listing.truth("exclude_folders") {
        let folders = world.plans.folders.values();
        let folders = folders
            .filter(|inner| inner.parent_id == Some(folder.id))
            .filter(|inner| world.visible_folder(person_id, inner.project_id, inner.id).is_ok());
        shown["folders"] = folders.map(|inner| folder_view(world, inner)).collect();
    }
    if !listing.truth("exclude_files") {
        let files = world
            .plans
            .documents
            .values()
            .filter(|document| document.folder_id == folder.id);
        shown["files"] = files
            .map(|document| file_view(world, addresses, document, latest))
            .collect();
    }
    shown
}

fn folder_view(world: &World, folder: &Folder) -> Value {
    let plans = &world.plans;
    let has_files = plans.documents.values().any(|document| document.folder_id == folder.id);
    let has_folders = plans.folders.values().any(|inner| inner.parent_id == Some(folder.id));
    json!({
        "id": folder.id,
        "name": folder.name,
        "parent_id": folder.parent_id,
        "name_with_path": world.folder_path(folder),
        "private": folder.private,
        "updated_at": folder.updated_at,
        "is_tracked": false,
        "tracked_folder": null,
        "read_only": false,
        "is_deleted": false,
        "is_recycle_bin": folder.is_recycle_bin,
        "has_children": has_files || has_folders,
        "has_children_files": has_files,
        "has_children_folders": has_folders,
        "folders": [],
        "files": [],
    })
}

/// A file and its versions, oldest first.
pub(crate) fn file_view(world: &World, addresses: &Addresses, document: &Document, only_latest: bool) -> Value {
    let folder = world.plans.folders.get(&document.folder_id);
    let path = folder.map(|folder| world.folder_path(folder)).unwrap_or_default();
    let newest = document.versions.last();
    let skipped = if only_latest {
        document.versions.len().saturating_sub(1)
    } else {
        0
    };
    let versions = document.versions.iter().skip(skipped).map(|version| {
        let (url, size) = (
            views::file_url(world, addresses, version.content),
            views::file_size(world, version.content),
        );
        json!({
            "id": version.id,
            "file_id": document.id,
            "number": version.number,
            "notes": version.notes,
            "size": size,
            "url": url,
            "created_at": version.created_at,
            "created_by": views::person(world, version.created_by),
            "prostore_file": {"id": version.content, "name": document.name, "filename": document.name, "url": url},
        })
    });
    json!({
        "id": document.id,
        "name": document.name,
        "parent_id": document.folder_id,
        "name_with_path": format!("{path}/{}", document.name),
        "description": document.description,
        "file_type": document.name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()),
        "size": newest.and_then(|version| views::file_size(world, version.content)),
        "private": folder.is_some_and(|folder| folder.private),
        "is_deleted": document.is_deleted,
        "is_tracked": false,
        "tracked_folder": null,
        "checked_out_by": null,
        "checked_out_until": null,
        "legacy_id": null,
        "created_at": document.created_at,
        "updated_at": document.updated_at,
        "file_versions": versions.collect::<Vec<_>>(),
    })
}
