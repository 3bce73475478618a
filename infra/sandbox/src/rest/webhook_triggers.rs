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
use crate::world::{Id, Resource, World};

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
    Ok((StatusCode::CREATED, Json(add(&mut world, hook_id, trigger)?)))
}

/// Makes the triggers it can, and says of the others why not.
pub(super) async fn create_all(
    State(app): State<App>,
    caller: Caller,
    Path(hook_id): Path<Id>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    find(&caller, &world, &body.values, hook_id)?;
    let (_, user_id) = scope(&caller, &world, &body.values)?;
    let asked = body.values.get("triggers").and_then(Value::as_array).cloned();
    let asked =
        asked.ok_or_else(|| Refusal::BadRequest("param is missing or the value is empty: triggers".to_owned()))?;
    let (mut success, mut errors) = (Vec::new(), Vec::new());
    for values in asked {
        match read(&world, hook_id, user_id, &values) {
            Ok(trigger) => success.push(add(&mut world, hook_id, trigger)?),
            Err(Refusal::Invalid(complaints)) => errors.push(json!({"trigger": values, "errors": complaints})),
            Err(other) => return Err(other),
        }
    }
    if success.is_empty() && !errors.is_empty() {
        let complaint = errors
            .iter()
            .map(|error| error["errors"].to_string())
            .collect::<Vec<_>>()
            .join("; ");
        return Err(Refusal::invalid("triggers", complaint));
    }
    Ok(Json(json!({"success": success, "errors": errors})))
}

fn read(world: &World, hook_id: Id, user_id: Id, values: &Value) -> Result<Trigger, Refusal> {
    let mut fields = Fields::of(values);
    let resource_name = fields.required_text("resource_name");
    if !Resource::ALL.iter().any(|known| known.name() == resource_name) && !resource_name.is_empty() {
        fields.complain("resource_name", "is not one that webhooks know");
    }
    let text = fields.required_text("event_type");
    let event_type = EventType::parse(&text);
    if event_type.is_none() && !text.is_empty() {
        fields.complain("event_type", "must be create, update or delete");
    }
    let hook = world.webhooks.hooks.get(&hook_id).ok_or(Refusal::NotFound)?;
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

fn add(world: &mut World, hook_id: Id, trigger: Trigger) -> Result<Value, Refusal> {
    let trigger = Trigger {
        id: world.new_id(),
        ..trigger
    };
    let hook = world.webhooks.hooks.get_mut(&hook_id).ok_or(Refusal::NotFound)?;
    let shown = view(hook, &trigger);
    hook.triggers.push(trigger);
    Ok(shown)
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
        "event_type": trigger.event_type,
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
    if let Some(project_id) = listing.number("project_id")? {
        caller.enter(&world, project_id)?;
    }
    let resources: Vec<Value> = Resource::ALL
        .iter()
        .map(|resource| {
            let name = resource.name();
            json!({
                "name": name,
                "api_version": "v2",
                "product_category": "Project Management",
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
