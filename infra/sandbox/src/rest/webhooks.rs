//! `/rest/v2.0/companies/{company}/projects/{project}/webhooks` and `/rest/v2.0/companies/{company}/webhooks`: hooks, their
//! triggers, what there are webhooks for, and what became of deliveries.

use std::collections::HashMap;

use axum::Json;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde_json::{Value, json};

use super::body::Body;
use super::caller::Caller;
use super::listing::Listing;
use super::webhook_hooks::{is_allowed_destination, is_namespace};
use super::webhook_triggers::{self, add};
use crate::app::App;
use crate::params::Fields;
use crate::refusal::Refusal;
use crate::webhooks::{Api, Delivery, Hook, Outcome, Scope, Trigger, Version};
use crate::world::{Id, Level, Tool, World};

/// The ids in a path, by their names.
type Ids = Path<HashMap<String, Id>>;

pub(super) fn router() -> Router<App> {
    let bases = [
        "/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks",
        "/rest/v2.0/companies/{company_id}/webhooks",
    ];
    bases.into_iter().fold(Router::new(), |router, base| {
        let hook = format!("{base}/hooks/{{hook_id}}");
        router
            .route(&format!("{base}/hooks"), get(list).post(create))
            .route(&hook, get(show).patch(update).delete(remove))
            .route(&format!("{hook}/triggers"), get(triggers).post(create_trigger))
            .route(
                &format!("{hook}/triggers/bulk"),
                post(create_triggers).delete(remove_triggers),
            )
            .route(&format!("{hook}/triggers/{{trigger_id}}"), delete(remove_trigger))
            .route(&format!("{hook}/deliveries"), get(deliveries))
            .route(&format!("{base}/resources"), get(resources))
    })
}

fn id(ids: &HashMap<String, Id>, name: &str) -> Result<Id, Refusal> {
    ids.get(name).copied().ok_or(Refusal::NotFound)
}

/// Where the path leads, if the caller may make webhooks there, and who the caller is there.
fn place(caller: &Caller, world: &World, ids: &HashMap<String, Id>) -> Result<(Scope, Id), Refusal> {
    let company_id = id(ids, "company_id")?;
    let Some(&project_id) = ids.get("project_id") else {
        let person_id = caller.act_in(world, company_id)?;
        if world.company_level(person_id, company_id, Tool::WebhooksApi) < Level::Standard {
            return Err(Refusal::forbidden(
                "You do not have permission: standard on Webhooks API",
            ));
        }
        return Ok((Scope::Company(company_id), person_id));
    };
    if world.project(project_id)?.company_id != company_id {
        return Err(Refusal::NotFound);
    }
    let visit = caller.enter(world, project_id)?;
    visit.require(world, Tool::WebhooksApi, Level::Standard)?;
    Ok((Scope::Project(project_id), visit.person_id))
}

/// The caller's hook that the path names, and who the caller is there.
fn found<'a>(caller: &Caller, world: &'a World, ids: &HashMap<String, Id>) -> Result<(&'a Hook, Id), Refusal> {
    let (scope, person_id) = place(caller, world, ids)?;
    let hook = world.webhooks.hooks.get(&id(ids, "hook_id")?);
    let hook = hook.filter(|hook| hook.scope == scope && hook.api == Api::V2 && hook.application == caller.application);
    Ok((hook.ok_or(Refusal::NotFound)?, person_id))
}

/// What v2.0 answers with 400 is what v1.0 has 422 for.
fn bad(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid(_) => Refusal::BadRequest(refusal.sentences().join("; ")),
        other => other,
    }
}

async fn list(State(app): State<App>, caller: Caller, Path(ids): Ids, listing: Listing) -> Result<Response, Refusal> {
    let world = app.world();
    let (scope, _) = place(&caller, &world, &ids)?;
    let namespace = listing
        .text("namespace")
        .ok_or_else(|| Refusal::BadRequest("namespace is missing".to_owned()))?;
    let version = listing.text("payload_version").and_then(Version::parse);
    let hooks: Vec<&Hook> = world
        .webhooks
        .hooks
        .values()
        .filter(|hook| hook.scope == scope && hook.api == Api::V2 && hook.application == caller.application)
        .filter(|hook| hook.namespace == namespace)
        .filter(|hook| version.is_none_or(|version| hook.version == version))
        .collect();
    let counts = listing.truth("include_trigger_count");
    listing.answer(&hooks, |hook| view(&world, hook, counts))
}

async fn show(State(app): State<App>, caller: Caller, Path(ids): Ids) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    let (hook, _) = found(&caller, &world, &ids)?;
    Ok(Json(json!({"data": view(&world, hook, true)})))
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(ids): Ids,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    let (scope, owner) = place(&caller, &world, &ids)?;
    let mut fields = Fields::of(&body.values);
    let payload_version = fields.required_text("payload_version");
    let version = Version::parse(&payload_version);
    if version.is_none() && !payload_version.is_empty() {
        fields.complain("payload_version", "must be v2.0, v3.0 or v4.0");
    }
    let namespace = fields.required_text("namespace");
    if !is_namespace(&namespace) {
        fields.complain("namespace", "may only contain lower-case letters, digits and dashes");
    }
    let named = (scope, Api::V2);
    if world.webhooks.named(named, &caller.application, &namespace).is_some() {
        fields.complain("namespace", "has already been taken");
    }
    let destination_url = fields.required_text("destination_url");
    if !destination_url.is_empty() && !is_allowed_destination(&destination_url) {
        fields.complain("destination_url", "must be an HTTPS address");
    }
    let authorization = fields.text("destination_headers.Authorization");
    fields.finish().map_err(bad)?;
    let hook = Hook::new(
        world.new_id(),
        named,
        caller.application.clone(),
        owner,
        namespace,
        payload_version,
        version.unwrap_or(Version::V2),
        destination_url,
        authorization,
    );
    let shown = view(&world, &hook, false);
    world.webhooks.hooks.insert(hook.id, hook);
    Ok((StatusCode::CREATED, Json(json!({"data": shown}))))
}

async fn update(State(app): State<App>, caller: Caller, Path(ids): Ids, body: Body) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    let (hook, _) = found(&caller, &world, &ids)?;
    let (hook_id, scope) = (hook.id, hook.scope);
    let mut fields = Fields::of(&body.values);
    let destination_url = fields.text("destination_url");
    if destination_url
        .as_deref()
        .is_some_and(|url| !is_allowed_destination(url))
    {
        fields.complain("destination_url", "must be an HTTPS address");
    }
    let payload_version = fields.text("payload_version");
    let version = payload_version.as_deref().map(Version::parse);
    if version == Some(None) {
        fields.complain("payload_version", "must be v2.0, v3.0 or v4.0");
    }
    let status = fields.text("status");
    // The reference has it for companies' hooks alone.
    if status.is_some() && matches!(scope, Scope::Project(_)) {
        fields.complain("status", "cannot be set");
    }
    if status
        .as_deref()
        .is_some_and(|status| !["active", "disabled"].contains(&status))
    {
        fields.complain("status", "must be active or disabled");
    }
    let authorization = fields.text("destination_headers.Authorization");
    fields.finish().map_err(bad)?;
    let hook = world.webhooks.hooks.get_mut(&hook_id).ok_or(Refusal::NotFound)?;
    if let Some(url) = destination_url {
        hook.destination_url = url;
    }
    if authorization.is_some() {
        hook.authorization = authorization;
    }
    if let (Some(payload_version), Some(Some(version))) = (payload_version, version) {
        (hook.api_version, hook.version) = (payload_version, version);
    }
    if let Some(status) = status {
        hook.disabled = status == "disabled";
    }
    hook.updated_at = jiff::Timestamp::now();
    let (hook, _) = found(&caller, &world, &ids)?;
    Ok(Json(json!({"data": view(&world, hook, true)})))
}

async fn remove(State(app): State<App>, caller: Caller, Path(ids): Ids) -> Result<StatusCode, Refusal> {
    let mut world = app.world();
    let hook_id = found(&caller, &world, &ids)?.0.id;
    world.webhooks.hooks.remove(&hook_id);
    Ok(StatusCode::NO_CONTENT)
}

async fn triggers(
    State(app): State<App>,
    caller: Caller,
    Path(ids): Ids,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    let (hook, _) = found(&caller, &world, &ids)?;
    listing.answer(&hook.triggers, |trigger| trigger_view(&world, hook, trigger))
}

async fn create_trigger(
    State(app): State<App>,
    caller: Caller,
    Path(ids): Ids,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    let (hook, person_id) = found(&caller, &world, &ids)?;
    let hook_id = hook.id;
    let trigger = webhook_triggers::read(&world, hook_id, person_id, &body.values).map_err(bad)?;
    let shown = made(&mut world, hook_id, trigger)?;
    Ok((StatusCode::CREATED, Json(json!({"data": shown}))))
}

/// A bare list. What cannot be made is said of each, with 207.
async fn create_triggers(
    State(app): State<App>,
    caller: Caller,
    Path(ids): Ids,
    body: String,
) -> Result<Response, Refusal> {
    let asked: Vec<Value> = serde_json::from_str(&body)
        .map_err(|error| Refusal::BadRequest(format!("the body is not a list of triggers: {error}")))?;
    let mut world = app.world();
    let (hook, person_id) = found(&caller, &world, &ids)?;
    let hook_id = hook.id;
    let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
    for values in asked {
        match webhook_triggers::read(&world, hook_id, person_id, &values) {
            Ok(trigger) => succeeded.push(made(&mut world, hook_id, trigger)?),
            Err(refusal @ Refusal::Invalid(_)) => {
                let message = refusal.sentences().join("; ");
                failed.push(json!({"code": 422, "message": message, "trigger": values}));
            }
            Err(other) => return Err(other),
        }
    }
    let answer = if failed.is_empty() {
        (StatusCode::CREATED, Json(json!({"data": succeeded})))
    } else {
        let both = json!({"succeeded": succeeded, "failed": failed});
        (StatusCode::MULTI_STATUS, Json(json!({"data": both})))
    };
    Ok(answer.into_response())
}

/// Adds a trigger, and shows it.
fn made(world: &mut World, hook_id: Id, trigger: Trigger) -> Result<Value, Refusal> {
    let trigger = add(world, hook_id, trigger)?;
    let hook = world.webhooks.hooks.get(&hook_id).ok_or(Refusal::NotFound)?;
    Ok(trigger_view(world, hook, &trigger))
}

async fn remove_trigger(State(app): State<App>, caller: Caller, Path(ids): Ids) -> Result<StatusCode, Refusal> {
    let mut world = app.world();
    let (hook_id, trigger_id) = (found(&caller, &world, &ids)?.0.id, id(&ids, "trigger_id")?);
    let hook = world.webhooks.hooks.get_mut(&hook_id).ok_or(Refusal::NotFound)?;
    let before = hook.triggers.len();
    hook.triggers.retain(|trigger| trigger.id != trigger_id);
    if hook.triggers.len() == before {
        return Err(Refusal::NotFound);
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_triggers(
    State(app): State<App>,
    caller: Caller,
    Path(ids): Ids,
    body: String,
) -> Result<Json<Value>, Refusal> {
    let asked: Vec<String> = serde_json::from_str(&body)
        .map_err(|error| Refusal::BadRequest(format!("the body is not a list of ids: {error}")))?;
    let mut world = app.world();
    let hook_id = found(&caller, &world, &ids)?.0.id;
    let hook = world.webhooks.hooks.get_mut(&hook_id).ok_or(Refusal::NotFound)?;
    let gone: Vec<String> = hook
        .triggers
        .extract_if(.., |trigger| asked.contains(&trigger.id.to_string()))
        .map(|trigger| trigger.id.to_string())
        .collect();
    Ok(Json(json!({"data": {"succeeded": gone}})))
}

async fn resources(
    State(app): State<App>,
    caller: Caller,
    Path(ids): Ids,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    let (scope, _) = place(&caller, &world, &ids)?;
    let asked = listing
        .text("payload_version")
        .ok_or_else(|| Refusal::BadRequest("payload_version is missing".to_owned()))?;
    let version = Version::parse(asked)
        .ok_or_else(|| Refusal::BadRequest("payload_version must be v2.0, v3.0 or v4.0".to_owned()))?;
    let listed = world.webhooks.catalogue(scope);
    listing.answer(&listed, |listed| {
        json!({
            "category": listed.category,
            "tool": listed.tool,
            "name": listed.name,
            "payload_version": version.name(),
            "actions": ["create", "update", "delete"],
        })
    })
}

/// What became of each event, the latest first.
async fn deliveries(
    State(app): State<App>,
    caller: Caller,
    Path(ids): Ids,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    let (hook, _) = found(&caller, &world, &ids)?;
    let attempts = world.webhooks.deliveries().iter();
    let attempts = attempts.filter(|it| it.hook_id == hook.id && it.outcome != Outcome::Dropped);
    let mut events: Vec<Vec<&Delivery>> = Vec::new();
    for attempt in attempts {
        match events.iter_mut().find(|event| event[0].event_id == attempt.event_id) {
            Some(event) => event.push(attempt),
            None => events.push(vec![attempt]),
        }
    }
    events.reverse();
    let status = |event: &[&Delivery]| match event.last().map(|last| last.outcome) {
        Some(Outcome::Successful) => "delivered",
        Some(Outcome::Discarded) => "discarded",
        _ if event.first().is_some_and(|it| world.webhooks.waiting(it.event_id) > 0) => "retrying",
        _ => "failed",
    };
    // It is `succeeded` in the filter, and `delivered` in the answer.
    let asked = listing.nested("filter", "status");
    let asked = asked.map(|asked| if asked == "succeeded" { "delivered" } else { asked });
    events.retain(|event| asked.is_none_or(|asked| status(event) == asked));
    listing.answer(&events, |event| {
        let attempts: Vec<Value> = event
            .iter()
            .map(|it| {
                json!({
                    "started_at": it.started_at,
                    "completed_at": it.completed_at,
                    "response_status": it.response_status,
                    "response_headers": it.response_headers,
                    "response_body": it.response_body,
                    "response_error": it.response_error,
                })
            })
            .collect();
        json!({
            "id": event[0].event_id.to_string(),
            "status": status(event),
            "payload": event[0].event,
            "delivery_attempts": attempts,
        })
    })
}

fn view(world: &World, hook: &Hook, with_count: bool) -> Value {
    let (company_id, project_id) = ids_of(world, hook);
    let masked = |secret: &String| {
        let last: Vec<char> = secret.chars().rev().take(5).collect();
        format!("*****{}", last.into_iter().rev().collect::<String>())
    };
    let headers = hook
        .authorization
        .as_ref()
        .map_or_else(|| json!({}), |secret| json!({"Authorization": masked(secret)}));
    let mut shown = json!({
        "id": hook.id.to_string(),
        "status": if hook.disabled { "disabled" } else { "active" },
        "payload_version": hook.api_version,
        "namespace": hook.namespace,
        "destination_headers": headers,
        "destination_url": hook.destination_url,
        "company_id": company_id,
        "project_id": project_id,
        "created_at": hook.created_at,
        "updated_at": hook.updated_at,
    });
    if with_count {
        shown["trigger_count"] = json!(hook.triggers.len());
    }
    shown
}

fn trigger_view(world: &World, hook: &Hook, trigger: &Trigger) -> Value {
    let (company_id, project_id) = ids_of(world, hook);
    json!({
        "id": trigger.id.to_string(),
        "webhook_hook_id": hook.id.to_string(),
        "resource_name": trigger.resource_name,
        "event_type": format!("{}D", trigger.event_type.name().to_uppercase()),
        "company_id": company_id,
        "project_id": project_id,
    })
}

fn ids_of(world: &World, hook: &Hook) -> (Option<String>, Option<String>) {
    match hook.scope {
        Scope::Company(id) => (Some(id.to_string()), None),
        Scope::Project(id) => {
            let company = world.projects.get(&id).map(|project| project.company_id.to_string());
            (company, Some(id.to_string()))
        }
    }
}
