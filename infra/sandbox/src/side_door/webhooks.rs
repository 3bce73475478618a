//! `/sandbox/webhooks`: how webhooks misbehave, all that were sent, and hooks with what Procore does not show of them.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::json::{Input, wrong};
use crate::app::App;
use crate::refusal::Refusal;
use crate::webhooks::{Api, Hook, Mode, Scope};
use crate::world::Id;

/// A mode for all projects, or for one.
#[derive(Debug, Deserialize)]
pub(super) struct Setting {
    project_id: Option<Id>,
    #[serde(flatten)]
    mode: Mode,
}

pub(super) async fn set_mode(State(app): State<App>, Input(setting): Input<Setting>) -> Result<Json<Value>, Refusal> {
    match setting.mode {
        Mode::Duplicate { copies: 0 } => return Err(wrong("copies must be at least 1".to_owned())),
        Mode::Reorder { window: 0 | 1, .. } => return Err(wrong("window must be at least 2".to_owned())),
        _ => {}
    }
    let mut world = app.world();
    match setting.project_id {
        Some(project_id) if !world.projects.contains_key(&project_id) => {
            return Err(wrong(format!("there is no project {project_id}")));
        }
        Some(project_id) => {
            world.webhooks.modes_by_project.insert(project_id, setting.mode);
        }
        None => world.webhooks.mode = setting.mode,
    }
    Ok(Json(shown(&world.webhooks)))
}

pub(super) async fn modes(State(app): State<App>) -> Json<Value> {
    Json(shown(&app.world().webhooks))
}

fn shown(webhooks: &crate::webhooks::Webhooks) -> Value {
    json!({"all": webhooks.mode, "by_project": webhooks.modes_by_project})
}

#[derive(Debug, Deserialize)]
pub(super) struct Of {
    project_id: Option<Id>,
}

/// The events that happened, each with its deliveries and how many still wait.
pub(super) async fn events(State(app): State<App>, Query(of): Query<Of>) -> Json<Value> {
    let world = app.world();
    let events: Vec<Value> = world
        .webhooks
        .events()
        .iter()
        .filter(|event| of.project_id.is_none_or(|project_id| event.project_id == project_id))
        .map(|event| {
            let deliveries: Vec<_> = world
                .webhooks
                .deliveries()
                .iter()
                .filter(|delivery| delivery.event_id == event.id)
                .collect();
            let mut shown = json!(event);
            shown["waiting"] = json!(world.webhooks.waiting(event.id));
            shown["deliveries"] = json!(deliveries);
            shown
        })
        .collect();
    Json(json!({ "events": events }))
}

/// A project's hooks, or a company's, by whichever API they were made, with the secrets that the API masks.
pub(super) async fn hooks(State(app): State<App>, Query(of): Query<Place>) -> Result<Json<Value>, Refusal> {
    let scope = of.scope()?;
    let world = app.world();
    let hooks = world.webhooks.hooks.values().filter(|hook| hook.scope == scope);
    Ok(Json(json!({"hooks": hooks.map(whole).collect::<Vec<_>>()})))
}

/// A project or a company.
#[derive(Debug, Deserialize)]
pub(super) struct Place {
    project_id: Option<Id>,
    company_id: Option<Id>,
}

impl Place {
    fn scope(&self) -> Result<Scope, Refusal> {
        let scope = self.project_id.map(Scope::Project);
        let scope = scope.or(self.company_id.map(Scope::Company));
        scope.ok_or_else(|| wrong("project_id or company_id is needed".to_owned()))
    }
}

fn whole(hook: &Hook) -> Value {
    let triggers: Vec<Value> = hook
        .triggers
        .iter()
        .map(|trigger| json!({"resource_name": trigger.resource_name, "event_type": trigger.event_type}))
        .collect();
    json!({
        "id": hook.id.to_string(),
        "api": match hook.api { Api::V1 => "v1.0", Api::V2 => "v2.0" },
        "status": if hook.disabled { "disabled" } else { "active" },
        "namespace": hook.namespace,
        "payload_version": hook.api_version,
        "destination_url": hook.destination_url,
        "authorization": hook.authorization,
        "triggers": triggers,
    })
}

/// What is to become of a hook, as when it had failed for long.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conduct {
    status: Option<String>,
    authorization: Option<String>,
}

pub(super) async fn set_status(
    State(app): State<App>,
    Path(hook_id): Path<Id>,
    Input(conduct): Input<Conduct>,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    let hook = world.webhooks.hooks.get_mut(&hook_id).ok_or(Refusal::NotFound)?;
    match conduct.status.as_deref() {
        None => {}
        Some("disabled") => hook.disabled = true,
        Some("active") => hook.disabled = false,
        Some(other) => return Err(wrong(format!("a hook is active or disabled, not {other}"))),
    }
    if conduct.authorization.is_some() {
        hook.authorization = conduct.authorization;
    }
    Ok(Json(whole(hook)))
}

/// Whether version 1.0 of webhooks answers in a project or a company. It is deprecated, and answers 410 otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Former {
    project_id: Option<Id>,
    company_id: Option<Id>,
    on: bool,
}

pub(super) async fn set_v1(State(app): State<App>, Input(former): Input<Former>) -> Result<Json<Value>, Refusal> {
    let Former {
        project_id, company_id, ..
    } = former;
    let scope = Place { project_id, company_id }.scope()?;
    let mut world = app.world();
    if former.on {
        world.webhooks.v1_answers.insert(scope);
    } else {
        world.webhooks.v1_answers.remove(&scope);
    }
    Ok(Json(json!({"on": former.on})))
}

/// What a project's catalogue lacks of the usual one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unknown {
    project_id: Id,
    names: Vec<String>,
}

pub(super) async fn set_unknown(State(app): State<App>, Input(unknown): Input<Unknown>) -> Json<Value> {
    let mut world = app.world();
    world.webhooks.unknown.insert(unknown.project_id, unknown.names.clone());
    Json(json!({"unknown": unknown.names}))
}
