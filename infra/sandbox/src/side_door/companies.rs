//! `/sandbox/companies`: fresh companies, so that tests share nothing; and the app's place in a company.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::json::{Input, wrong};
use crate::app::App;
use crate::oauth::DEMO_CLIENT_ID;
use crate::refusal::Refusal;
use crate::world::{Id, NewCompany, Project, World};

pub(super) async fn create(
    State(app): State<App>,
    Input(new): Input<NewCompany>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    let made = world.make_company(new, DEMO_CLIENT_ID).map_err(wrong)?;
    let company = world.company(made.company_id)?;
    let people: Vec<Value> = made
        .person_ids
        .iter()
        .filter_map(|id| world.people.get(id))
        .map(|person| json!({"id": person.id, "login": person.login, "name": person.name()}))
        .collect();
    let projects: Vec<Value> = made
        .project_ids
        .iter()
        .filter_map(|id| world.projects.get(id))
        .map(project_view)
        .collect();
    let answer = json!({
        "id": company.id,
        "name": company.name,
        "app": app_view(&world, company.id),
        "projects": projects,
        "people": people,
    });
    Ok((StatusCode::CREATED, Json(answer)))
}

fn project_view(project: &Project) -> Value {
    let locations: Vec<Value> = project
        .locations
        .keys()
        .map(|&id| json!({"id": id, "name": project.location_name(id)}))
        .collect();
    let vendors: Vec<Value> = project
        .vendors
        .values()
        .map(|vendor| json!({"id": vendor.id, "name": vendor.name}))
        .collect();
    let sections: Vec<Value> = project
        .specification_sections
        .values()
        .map(|section| json!({"id": section.id, "number": section.number}))
        .collect();
    json!({
        "id": project.id,
        "name": project.name,
        "locations": locations,
        "vendors": vendors,
        "specification_sections": sections,
    })
}

fn app_view(world: &World, company_id: Id) -> Value {
    let installation = world
        .companies
        .get(&company_id)
        .and_then(|company| company.installations.get(DEMO_CLIENT_ID));
    match installation {
        None => json!({"installed": false, "permitted_project_ids": [], "service_account": null}),
        Some(installation) => {
            let account = world.people.get(&installation.service_account);
            json!({
                "installed": true,
                "permitted_project_ids": installation.permitted_projects,
                "service_account": account.map(|person| json!({"id": person.id, "login": person.login})),
            })
        }
    }
}

/// The app's place in a company.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    installed: Option<bool>,
    /// Whether the company answers 403, and not 401, to the app while it is not installed.
    forbids: Option<bool>,
    permitted_project_ids: Option<BTreeSet<Id>>,
}

pub(super) async fn set_app(
    State(app): State<App>,
    Path(company_id): Path<Id>,
    Input(place): Input<Place>,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    world.company(company_id)?;
    if let (Some(forbids), Some(company)) = (place.forbids, world.companies.get_mut(&company_id)) {
        company.forbids_unknown_apps = forbids;
    }
    let company = world.company(company_id)?;
    let installation = company.installations.get(DEMO_CLIENT_ID);
    let all: BTreeSet<Id> = world.projects_of(company_id).map(|project| project.id).collect();
    if let Some(stranger) = place
        .permitted_project_ids
        .iter()
        .flatten()
        .find(|id| !all.contains(id))
    {
        return Err(wrong(format!("project {stranger} is not one of company {company_id}")));
    }
    if place.installed.unwrap_or(installation.is_some()) {
        let former = installation.map(|installation| installation.permitted_projects.clone());
        let permitted = place.permitted_project_ids.or(former).unwrap_or(all);
        world.install(company_id, DEMO_CLIENT_ID, permitted);
    } else {
        world.uninstall(company_id, DEMO_CLIENT_ID);
    }
    Ok(Json(app_view(&world, company_id)))
}
