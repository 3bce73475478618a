//! `/rest/v1.0/webhooks/hooks/{hook_id}/triggers`, and the resources that triggers may name.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::body::Body;
use super::caller::Caller;
use super::listing::Listing;
use super::webhook_hooks::{find, scope};
use crate::app::App;
use crate::params::Fields;
use crate::refusal::Refusal;
use crate::webhooks::{EventType, Hook, Scope, Trigger};
use crate::world::{Id, World};

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(hook_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    let hook = find(&caller, &world, listing.query(), hook_id)?;
    listing.answer(&hook.triggers, |trigger| view(hook, trigger))
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(hook_id): Path<Id>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    find(&caller, &world, &body.values, hook_id)?;
    let (_, user_id) = scope(&caller, &world, &body.values)?;
    let trigger = read(&world, hook_id, user_id, body.wrapped("trigger")?)?;
    Ok((StatusCode::CREATED, Json(made(&mut world, hook_id, trigger)?)))
}

/// Makes the triggers it can, and says of the others why not.
pub(super) async fn create_all(
    State(app): State<App>,
    caller: Caller,
    Path(hook_id): Path<Id>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    find(&caller, &world, &body.values, hook_id)?;
    let (_, user_id) = scope(&caller, &world, &body.values)?;
    let asked = body.values.get("triggers").and_then(Value::as_array).cloned();
    let asked =
        asked.ok_or_else(|| Refusal::BadRequest("param is missing or the value is empty: triggers".to_owned()))?;
    let (mut success, mut failed) = (Vec::new(), Vec::new());
    for values in asked {
        match read(&world, hook_id, user_id, &values) {
            Ok(trigger) => success.push(made(&mut world, hook_id, trigger)?),
            Err(Refusal::Invalid(complaints)) => {
                failed.push(json!({"code": 422, "message": "Invalid", "trigger": values, "errors": complaints}));
            }
            Err(other) => return Err(other),
        }
    }
    let status = if failed.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::MULTI_STATUS
    };
    Ok((status, Json(json!({"success": success, "failed": failed}))))
}

pub(super) fn read(world: &World, hook_id: Id, user_id: Id, values: &Value) -> Result<Trigger, Refusal> {
    let mut fields = Fields::of(values);
    let resource_name = fields.required_text("resource_name");
    let text = fields.required_text("event_type");
    let event_type = EventType::parse(&text);
    if event_type.is_none() && !text.is_empty() {
        fields.complain("event_type", "must be create, update or delete");
    }
    let hook = world.webhooks.hooks.get(&hook_id).ok_or(Refusal::NotFound)?;
    let mut known = world.webhooks.catalogue(hook.scope).into_iter();
    if !known.any(|known| known.name == resource_name) && !resource_name.is_empty() {
        fields.complain("resource_name", "is not one that webhooks know");
    }
    if hook
        .triggers
        .iter()
        .any(|known| known.resource_name == resource_name && Some(known.event_type) == event_type)
    {
        fields.complain("event_type", "has already been taken");
    }
    fields.finish()?;
    Ok(Trigger {
        id: 0,
        resource_name,
        event_type: event_type.unwrap_or(EventType::Create),
        user_id,
    })
}

fn made(world: &mut World, hook_id: Id, trigger: Trigger) -> Result<Value, Refusal> {
    let trigger = add(world, hook_id, trigger)?;
    let hook = world.webhooks.hooks.get(&hook_id).ok_or(Refusal::NotFound)?;
    Ok(view(hook, &trigger))
}

/// Adds a trigger to a hook, with an id.
pub(super) fn add(world: &mut World, hook_id: Id, trigger: Trigger) -> Result<Trigger, Refusal> {
    let trigger = Trigger {
        id: world.new_id(),
        ..trigger
    };
    let hook = world.webhooks.hooks.get_mut(&hook_id).ok_or(Refusal::NotFound)?;
    hook.triggers.push(trigger.clone());
    Ok(trigger)
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path((hook_id, trigger_id)): Path<(Id, Id)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    find(&caller, &world, &body.values, hook_id)?;
    let hook = world.webhooks.hooks.get_mut(&hook_id).ok_or(Refusal::NotFound)?;
    let index = hook
        .triggers
        .iter()
        .position(|trigger| trigger.id == trigger_id)
        .ok_or(Refusal::NotFound)?;
    let trigger = hook.triggers.remove(index);
    Ok(Json(view(hook, &trigger)))
}

fn view(hook: &Hook, trigger: &Trigger) -> Value {
    let (company_id, project_id) = match hook.scope {
        Scope::Company(id) => (Some(id), None),
        Scope::Project(id) => (None, Some(id)),
    };
    json!({
        "id": trigger.id,
        "webhook_hook_id": hook.id,
        "resource_name": trigger.resource_name,
        "resource_id": null,
        "event_type": trigger.event_type.name().to_uppercase(),
        "company_id": company_id,
        "project_id": project_id,
        "user_id": trigger.user_id,
    })
}

pub(super) async fn resources(
    State(app): State<App>,
    caller: Caller,
    listing: Listing,
) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    let (scope, _) = scope(&caller, &world, listing.query())?;
    let resources: Vec<Value> = world
        .webhooks
        .catalogue(scope)
        .into_iter()
        .map(|listed| {
            let name = listed.name;
            json!({
                "api_version": "v2",
                "product_category": listed.category,
                "tools": name,
                "except": [],
                "create": name,
                "update": name,
                "delete": name,
            })
        })
        .collect();
    Ok(Json(json!(resources)))
}
