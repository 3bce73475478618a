//! `/sandbox/people/{login}`: levels, and the end of what a person granted.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::json::{Input, wrong};
use crate::app::App;
use crate::oauth::DEMO_CLIENT_ID;
use crate::refusal::Refusal;
use crate::world::{Id, Level, Member, Tool, World};

/// A level on a project or in a company; without a tool, on all of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Permission {
    project_id: Option<Id>,
    company_id: Option<Id>,
    tool: Option<Tool>,
    level: Option<Level>,
    rfi_manager: Option<bool>,
    /// Takes the person out of the project or company altogether.
    #[serde(default)]
    remove: bool,
}

pub(super) async fn set_permission(
    State(app): State<App>,
    Path(login): Path<String>,
    Input(permission): Input<Permission>,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    let person_id = world.person_by_login(&login).ok_or(Refusal::NotFound)?.id;
    if permission.level.is_none() && permission.rfi_manager.is_none() && !permission.remove {
        return Err(wrong("one of level, rfi_manager and remove is needed".to_owned()));
    }
    let members = match (permission.project_id, permission.company_id) {
        (Some(id), None) => world.projects.get_mut(&id).map(|project| &mut project.members),
        (None, Some(id)) => world.companies.get_mut(&id).map(|company| &mut company.members),
        _ => return Err(wrong("either project_id or company_id is needed".to_owned())),
    };
    let members = members.ok_or_else(|| wrong("there is no such project or company".to_owned()))?;
    if permission.remove {
        members.remove(&person_id);
        return Ok(Json(json!({"login": login, "levels": {}})));
    }
    let member = members.entry(person_id).or_insert_with(|| Member::of(Level::None));
    if let Some(level) = permission.level {
        match permission.tool {
            Some(tool) => {
                member.levels.insert(tool, level);
            }
            None => {
                member.level = level;
                // Who may make webhooks is nobody's by a level for all tools.
                member.levels.retain(|tool, _| *tool == Tool::WebhooksApi);
            }
        }
    }
    member.rfi_manager = permission.rfi_manager.unwrap_or(member.rfi_manager);
    let levels: serde_json::Map<String, Value> = Tool::PROJECT
        .iter()
        .map(|&tool| (tool.name().to_owned(), json!(member.level_in(tool).name())))
        .collect();
    Ok(Json(
        json!({"login": login, "levels": levels, "rfi_manager": member.rfi_manager}),
    ))
}

/// Does what *My Connected Apps → Revoke* does.
pub(super) async fn revoke(State(app): State<App>, Path(login): Path<String>) -> Result<StatusCode, Refusal> {
    let mut world = app.world();
    let person_id = known(&world, &login)?;
    world.grants.revoke_person(person_id, DEMO_CLIENT_ID);
    Ok(StatusCode::NO_CONTENT)
}

fn known(world: &World, login: &str) -> Result<Id, Refusal> {
    world
        .person_by_login(login)
        .map(|person| person.id)
        .ok_or(Refusal::NotFound)
}
