//! `/rest/v1.0/webhooks/hooks`: deprecated, and answers only where the side door has it do so.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::body::Body;
use super::caller::Caller;
use super::listing::Listing;
use crate::app::App;
use crate::params::Fields;
use crate::refusal::Refusal;
use crate::webhooks::{Api, Hook, Scope, Version};
use crate::world::{Id, Level, Tool, World};

const DEFAULT_NAMESPACE: &str = "procore";

/// The scope that a request names, if the caller may make webhooks there. Answers with who the caller is in it, too.
pub(super) fn scope(caller: &Caller, world: &World, values: &Value) -> Result<(Scope, Id), Refusal> {
    let mut fields = Fields::of(values);
    let (project_id, company_id) = (fields.id("project_id"), fields.id("company_id"));
    fields.finish()?;
    let named = project_id.map(Scope::Project).or(company_id.map(Scope::Company));
    if named.is_none_or(|scope| !world.webhooks.v1_answers.contains(&scope)) {
        return Err(Refusal::Deprecated);
    }
    if let Some(project_id) = project_id {
        let visit = caller.enter(world, project_id)?;
        visit.require(world, Tool::WebhooksApi, Level::Standard)?;
        Ok((Scope::Project(project_id), visit.person_id))
    } else if let Some(company_id) = company_id {
        let person_id = caller.act_in(world, company_id)?;
        if world.company_level(person_id, company_id, Tool::Admin) < Level::Admin {
            return Err(Refusal::forbidden("You do not have permission: admin on Admin"));
        }
        Ok((Scope::Company(company_id), person_id))
    } else {
        Err(Refusal::BadRequest("project_id or company_id is required".to_owned()))
    }
}

/// The caller's hook, as long as it has the scope that the request names.
pub(super) fn find<'a>(caller: &Caller, world: &'a World, values: &Value, id: Id) -> Result<&'a Hook, Refusal> {
    let (scope, _) = scope(caller, world, values)?;
    let hook = world.webhooks.hooks.get(&id);
    hook.filter(|hook| hook.scope == scope && hook.api == Api::V1 && hook.application == caller.application)
        .ok_or(Refusal::NotFound)
}

pub(super) async fn list(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Response, Refusal> {
    let world = app.world();
    let (scope, _) = scope(&caller, &world, listing.query())?;
    let namespace = listing.text("namespace");
    let version = listing.text("api_version").and_then(Version::parse);
    let hooks: Vec<_> = world
        .webhooks
        .hooks
        .values()
        .filter(|hook| hook.scope == scope && hook.api == Api::V1 && hook.application == caller.application)
        .filter(|hook| namespace.is_none_or(|namespace| hook.namespace == namespace))
        .filter(|hook| version.is_none_or(|version| hook.version == version))
        .collect();
    listing.answer(&hooks, |hook| view(hook))
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    let (scope, owner) = scope(&caller, &world, &body.values)?;
    let mut fields = Fields::of(body.wrapped("hook")?);
    let api_version = fields.required_text("api_version");
    let version = Version::parse(&api_version);
    if version.is_none() && !api_version.is_empty() {
        fields.complain("api_version", "must be v2, v3 or v4");
    }
    let namespace = fields.text("namespace").unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
    if !is_namespace(&namespace) {
        fields.complain("namespace", "may only contain lower-case letters, digits and dashes");
    }
    let named = (scope, Api::V1);
    if world.webhooks.named(named, &caller.application, &namespace).is_some() {
        fields.complain("namespace", "has already been taken");
    }
    let destination_url = fields.required_text("destination_url");
    if !destination_url.is_empty() && !is_allowed_destination(&destination_url) {
        fields.complain("destination_url", "must be an HTTPS address");
    }
    let authorization = fields.text("destination_headers.Authorization");
    fields.finish()?;
    let id = world.new_id();
    let hook = Hook::new(
        id,
        named,
        caller.application.clone(),
        owner,
        namespace,
        api_version,
        version.unwrap_or(Version::V2),
        destination_url,
        authorization,
    );
    let shown = view(&hook);
    world.webhooks.hooks.insert(id, hook);
    Ok((StatusCode::CREATED, Json(shown)))
}

pub(super) fn is_namespace(text: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    text.chars().all(is_part)
}

/// HTTPS, as Procore demands; on this machine HTTP will do.
pub(super) fn is_allowed_destination(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else { return false };
    let Some(host) = url.host_str() else { return false };
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost");
    url.scheme() == "https" || (url.scheme() == "http" && local)
}

pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(hook_id): Path<Id>,
    listing: Listing,
) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    Ok(Json(view(find(&caller, &world, listing.query(), hook_id)?)))
}

pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(hook_id): Path<Id>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    find(&caller, &world, &body.values, hook_id)?;
    let mut fields = Fields::of(body.wrapped("hook")?);
    let destination_url = fields.text("destination_url");
    if destination_url
        .as_deref()
        .is_some_and(|url| !is_allowed_destination(url))
    {
        fields.complain("destination_url", "must be an HTTPS address");
    }
    let api_version = fields.text("api_version");
    let version = api_version.as_deref().map(Version::parse);
    if version == Some(None) {
        fields.complain("api_version", "must be v2, v3 or v4");
    }
    let authorization = fields.text("destination_headers.Authorization");
    fields.finish()?;
    let hook = world.webhooks.hooks.get_mut(&hook_id).ok_or(Refusal::NotFound)?;
    if let Some(url) = destination_url {
        hook.destination_url = url;
    }
    if authorization.is_some() {
        hook.authorization = authorization;
    }
    if let (Some(api_version), Some(Some(version))) = (api_version, version) {
        (hook.api_version, hook.version) = (api_version, version);
    }
    Ok(Json(view(hook)))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(hook_id): Path<Id>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    let shown = view(find(&caller, &world, &body.values, hook_id)?);
    world.webhooks.hooks.remove(&hook_id);
    Ok(Json(shown))
}

fn view(hook: &Hook) -> Value {
    let (company_id, project_id) = match hook.scope {
        Scope::Company(id) => (Some(id), None),
        Scope::Project(id) => (None, Some(id)),
    };
    json!({
        "id": hook.id,
        "api_version": hook.api_version,
        "namespace": hook.namespace,
        "destination_url": hook.destination_url,
        "destination_headers": hook.authorization.as_ref().map_or_else(|| json!({}), |value| json!({"Authorization": value})),
        "owned_by_company_id": company_id,
        "owned_by_project_id": project_id,
        "owned_by_user_id": hook.owner,
    })
}
