//! `/sandbox/projects/{id}/plans` and `…/sheets`: all plans with the digests of their files, and many sheets at once.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::json::{Input, wrong};
use crate::app::App;
use crate::papers::{LARGEST_PDF, SMALLEST_PDF};
use crate::refusal::Refusal;
use crate::rest::{bid_packages, drawing_revisions, folders, specification_sections};
use crate::world::Id;

/// The most sheets of one request.
const MAX_SHEETS: u64 = 10_000;

/// Everything that a sync should find in the end, obsolete and former revisions, private files and the recycle bin
/// among it.
pub(super) async fn show(State(app): State<App>, Path(project_id): Path<Id>) -> Result<Json<Value>, Refusal> {
    let mut drawings = Vec::new();
    let mut specifications = Vec::new();
    let mut files = Vec::new();
    let packages: Vec<Value>;
    {
        let world = app.world();
        world.project(project_id)?;
        let plans = &world.plans;
        let file = |id: Option<Id>| id.and_then(|id| world.files.get(&id)).cloned();
        for revision in plans
            .drawing_revisions
            .values()
            .filter(|revision| revision.project_id == project_id)
        {
            if let Some(drawing) = plans.drawings.get(&revision.drawing_id) {
                let view = drawing_revisions::view(&world, &app.addresses, drawing, revision);
                drawings.push((view, [file(revision.pdf), file(revision.thumbnail)]));
            }
        }
        for revision in plans
            .specification_revisions
            .values()
            .filter(|revision| revision.project_id == project_id)
        {
            let view = specification_sections::view(&world, &app.addresses, revision);
            specifications.push((view, [file(revision.pdf), None]));
        }
        for document in plans
            .documents
            .values()
            .filter(|document| document.project_id == project_id)
        {
            let view = folders::file_view(&world, &app.addresses, document, false);
            let contents: Vec<_> = document.versions.iter().map(|version| file(version.content)).collect();
            files.push((view, contents));
        }
        let of_project = plans
            .bid_packages
            .values()
            .filter(|package| package.project_id == project_id);
        packages = of_project.map(bid_packages::view).collect();
    }
    for (view, files) in drawings.iter_mut().chain(&mut specifications) {
        for (name, file) in ["sha256", "thumbnail_sha256"].into_iter().zip(files) {
            if let Some(file) = file {
                view[name] = json!(file.sha256().await?);
            }
        }
    }
    for (view, contents) in &mut files {
        for (index, file) in contents.iter().enumerate() {
            if let Some(file) = file {
                view["file_versions"][index]["sha256"] = json!(file.sha256().await?);
            }
        }
    }
    let views = |shown: Vec<(Value, _)>| shown.into_iter().map(|(view, _)| view).collect::<Vec<_>>();
    Ok(Json(json!({
        "drawing_revisions": views(drawings),
        "specification_section_revisions": views(specifications),
        "files": files.into_iter().map(|(view, _)| view).collect::<Vec<_>>(),
        "bid_packages": packages,
    })))
}

/// How many sheets, and how large each of their PDFs, in bytes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sheets {
    count: u64,
    size: Option<u64>,
}

/// Adds sheets that were always there: nobody is told.
pub(super) async fn add_sheets(
    State(app): State<App>,
    Path(project_id): Path<Id>,
    Input(sheets): Input<Sheets>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    if sheets.count > MAX_SHEETS {
        return Err(wrong(format!("count must be at most {MAX_SHEETS}")));
    }
    if sheets
        .size
        .is_some_and(|size| !(SMALLEST_PDF..=LARGEST_PDF).contains(&size))
    {
        return Err(wrong(format!("size must be between {SMALLEST_PDF} and {LARGEST_PDF}")));
    }
    let mut world = app.world();
    world.project(project_id)?;
    let numbers = world.add_sheets(project_id, sheets.count, sheets.size)?;
    Ok((StatusCode::CREATED, Json(json!({ "numbers": numbers }))))
}
