//! `GET /rest/v1.0/companies`

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::caller::Caller;
use super::listing::Listing;
use crate::app::App;
use crate::refusal::Refusal;
use crate::world::Company;

pub(super) async fn list(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Response, Refusal> {
    let world = app.world();
    let person_id = caller.act(&world)?;
    let serves = world.person(person_id)?.serves;
    let companies: Vec<_> = world
        .companies
        .values()
        .filter(|company| serves == Some(company.id) || (serves.is_none() && world.sees_company(person_id, company.id)))
        .collect();
    listing.answer(&companies, |company| view(company))
}

fn view(company: &Company) -> Value {
    json!({
        "id": company.id,
        "name": company.name,
        "is_active": true,
        "logo_url": null,
        "pcn_business_experience": false,
        "my_company": true,
    })
}
