//! `GET /rest/v1.0/me`: with a name only where a company or project is named.

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use super::caller::Caller;
use super::listing::Listing;
use super::views;
use crate::app::App;
use crate::refusal::Refusal;

pub(super) async fn show(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Json<Value>, Refusal> {
    let (company, project) = (listing.number("company_id")?, listing.number("project_id")?);
    let world = app.world();
    let person_id = match (company, project) {
        (Some(company_id), _) => caller.act_in(&world, company_id)?,
        (None, Some(project_id)) => caller.enter(&world, project_id)?.person_id,
        (None, None) => caller.act(&world)?,
    };
    let mut person = views::person(&world, person_id);
    if let (None, None, Some(fields)) = (company, project, person.as_object_mut()) {
        fields.remove("name");
    }
    Ok(Json(person))
}
