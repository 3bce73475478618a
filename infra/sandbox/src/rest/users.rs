//! `/rest/v1.0/projects/{project_id}/users`

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::caller::Caller;
use super::listing::Listing;
use super::rows::Rows;
use crate::app::App;
use crate::refusal::Refusal;
use crate::world::{Id, Member, Person, Project};

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    caller.enter(&world, project_id)?;
    let project = world.project(project_id)?;
    let members = project.members.iter();
    let users = members.filter_map(|(id, member)| Some((world.people.get(id)?, member)));
    Rows::of(&listing, users)
        .ids("id", |(person, _)| [person.id])?
        .search(|(person, _)| format!("{} {}", person.name(), person.login))
        .answer(|(person, member)| view(project, person, member))
}

pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, user_id)): Path<(Id, Id)>,
) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    caller.enter(&world, project_id)?;
    let project = world.project(project_id)?;
    let member = project.members.get(&user_id).ok_or(Refusal::NotFound)?;
    Ok(Json(view(project, world.person(user_id)?, member)))
}

fn view(project: &Project, person: &Person, member: &Member) -> Value {
    let vendor = member.vendor_id.and_then(|id| project.vendors.get(&id));
    json!({
        "id": person.id,
        "login": person.login,
        "email_address": person.login,
        "name": person.name(),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "initials": person.initials(),
        "job_title": person.job_title,
        "is_active": true,
        "permission_template": {"id": member.level.number(), "name": member.template()},
        "vendor": vendor.map(|vendor| json!({"id": vendor.id, "name": vendor.name})),
    })
}
