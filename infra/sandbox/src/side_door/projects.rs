//! `/sandbox/projects/{id}`: all that is in a project, whoever may see it; and its name and end.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Path, State};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::json::{Input, wrong};
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::{daily_logs, rfis};
use crate::world::{DailyLogKind, Id, now};

pub(super) async fn show(State(app): State<App>, Path(project_id): Path<Id>) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    let project = world.project(project_id)?;
    let rfis: Vec<Value> = world
        .rfis
        .values()
        .filter(|rfi| rfi.project_id == project_id)
        .map(|rfi| rfis::view(&world, &app.addresses, rfi))
        .collect();
    let logs = |kind: DailyLogKind| -> Vec<Value> {
        world
            .daily_logs
            .values()
            .filter(|log| log.project_id == project_id && log.kind == kind)
            .map(|log| daily_logs::view(&world, &app.addresses, log, log.created_by))
            .collect()
    };
    Ok(Json(json!({
        "id": project.id,
        "name": project.name,
        "active": project.active,
        "company_id": project.company_id,
        "rfis": rfis,
        "manpower_logs": logs(DailyLogKind::Manpower),
        "notes_logs": logs(DailyLogKind::Notes),
    })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    active: Option<bool>,
    name: Option<String>,
    refused_file_types: Option<Vec<String>>,
    largest_page: Option<usize>,
    /// Days of the Site Diary that are marked complete, in place of those that were.
    completed_days: Option<BTreeSet<Date>>,
}

pub(super) async fn update(
    State(app): State<App>,
    Path(project_id): Path<Id>,
    Input(change): Input<Change>,
) -> Result<Json<Value>, Refusal> {
    if change.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
        return Err(wrong("name can't be blank".to_owned()));
    }
    let mut world = app.world();
    let project = world.projects.get_mut(&project_id).ok_or(Refusal::NotFound)?;
    project.active = change.active.unwrap_or(project.active);
    if let Some(name) = change.name {
        project.name = name;
    }
    if let Some(types) = change.refused_file_types {
        project.refused_file_types = types.iter().map(|kind| kind.to_lowercase()).collect();
    }
    if let Some(entries) = change.largest_page {
        project.largest_page = Some(entries.max(1));
    }
    if let Some(days) = change.completed_days {
        project.completed_days = days;
    }
    project.updated_at = now();
    Ok(Json(json!({
        "id": project.id,
        "name": project.name,
        "active": project.active,
        "refused_file_types": project.refused_file_types,
        "largest_page": project.largest_page,
        "completed_days": project.completed_days,
    })))
}
