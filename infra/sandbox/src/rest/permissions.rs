//! `GET /rest/v1.0/settings/permissions`: the tools of a project or company, and the caller's level in each.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::caller::Caller;
use super::listing::Listing;
use crate::app::App;
use crate::refusal::Refusal;
use crate::world::{Level, Tool};

pub(super) async fn show(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    let tools: Vec<Value> = if let Some(project_id) = listing.number("project_id")? {
        let visit = caller.enter(&world, project_id)?;
        let manages = world.acts_as_rfi_manager(visit.person_id, project_id);
        let level = |tool| world.project_level(visit.person_id, project_id, tool);
        Tool::PROJECT
            .iter()
            .map(|&tool| view(tool, level(tool), manages && tool == Tool::Rfis))
            .collect()
    } else if let Some(company_id) = listing.number("company_id")?.or(caller.company_header()) {
        let person_id = caller.act_in(&world, company_id)?;
        let level = |tool| world.company_level(person_id, company_id, tool);
        Tool::COMPANY
            .iter()
            .map(|&tool| view(tool, level(tool), false))
            .collect()
    } else {
        return Err(Refusal::BadRequest("project_id or company_id is required".to_owned()));
    };
    Ok(Json(json!({ "tools": tools })))
}

fn view(tool: Tool, level: Level, acts_as_manager: bool) -> Value {
    let id = tool as u64 + 1;
    let actions = if acts_as_manager {
        json!([{"id": 1, "action_name": "act_as_rfi_manager", "label": "Act as RFI Manager", "tool_name": tool.name()}])
    } else {
        json!([])
    };
    json!({
        "id": id,
        "name": tool.name(),
        "friendly_name": tool.friendly_name(),
        "domain_id": id,
        "tab_group": "tools",
        "available_for_user": level > Level::None,
        "user_access_level": {"id": level.number(), "name": level.name()},
        "permitted_actions": actions,
        "can_create": level >= Level::Standard,
        "trial": false,
    })
}
