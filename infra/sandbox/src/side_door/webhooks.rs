//! `/sandbox/webhooks`: how webhooks misbehave, and all that were sent.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::json::{Input, wrong};
use crate::app::App;
use crate::refusal::Refusal;
use crate::webhooks::Mode;
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
