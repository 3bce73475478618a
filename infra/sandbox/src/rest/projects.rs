//! `/rest/v1.0/projects`

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::caller::Caller;
use super::listing::Listing;
use super::rows::Rows;
use crate::app::App;
use crate::refusal::Refusal;
use crate::world::{Id, Project, World};

/// A company's projects that the caller sees; the active ones, unless `filters[by_status]` says otherwise.
pub(super) async fn list(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Response, Refusal> {
    let company_id = match listing.number("company_id")?.or(caller.company_header()) {
        Some(company_id) => company_id,
        None => listing.required_id("company_id")?,
    };
    let world = app.world();
    caller.act_in(&world, company_id)?;
    let status = listing.filter("by_status").map(|texts| texts.join(",").to_lowercase());
    Rows::of(&listing, world.projects_of(company_id))
        .keep(|project| match status.as_deref() {
            None | Some("active") => project.active,
            Some("inactive") => !project.active,
            Some(_) => true,
        })
        .keep(|project| caller.sees(&world, project))
        .ids("id", |project| [project.id])?
        .texts("name", |project| &project.name)
        .times("created_at", |project| project.created_at)?
        .times("updated_at", |project| project.updated_at)?
        .answer(|project| view(&world, project))
}

pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Json<Value>, Refusal> {
    let company_id = listing.required_id("company_id")?;
    let world = app.world();
    caller.enter(&world, project_id)?;
    let project = world.project(project_id)?;
    if company_id != project.company_id {
        return Err(Refusal::NotFound);
    }
    let mut shown = view(&world, project);
    // Shown alone, it has no stage by that name.
    if let Some(members) = shown.as_object_mut() {
        members.remove("stage");
    }
    shown["tz_name"] = json!("Etc/UTC");
    shown["template"] = json!(false);
    shown["description"] = Value::Null;
    Ok(Json(shown))
}

fn view(world: &World, project: &Project) -> Value {
    let company = world.companies.get(&project.company_id);
    json!({
        "id": project.id,
        "name": project.name,
        "display_name": project.name,
        "project_number": project.id.to_string(),
        "is_demo": false,
        "active": project.active,
        "stage": "Course of Construction",
        "time_zone": "Etc/UTC",
        "country_code": "US",
        "created_at": project.created_at,
        "updated_at": project.updated_at,
        "company": company.map(|company| json!({"id": company.id, "name": company.name})),
    })
}
