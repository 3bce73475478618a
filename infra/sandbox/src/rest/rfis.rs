//! `/rest/v1.0/projects/{project_id}/rfis`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::body::Body;
use super::caller::Caller;
use super::listing::Listing;
use super::rows::Rows;
use super::{replies, views};
use crate::app::{Addresses, App};
use crate::refusal::Refusal;
use crate::world::{Id, Impact, Rfi, RfiStatus, Tool, World};

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    let person_id = caller.enter_to_read(&world, project_id, Tool::Rfis)?.person_id;
    let rfis = world.rfis.values();
    let mut rows = Rows::of(&listing, rfis.filter(|rfi| rfi.project_id == project_id))
        .keep(|rfi| world.sees_rfi(person_id, rfi))
        .ids("id", |rfi| [rfi.id])?
        .texts("status", |rfi| rfi.status.name())
        .times("created_at", |rfi| rfi.created_at)?
        .times("updated_at", |rfi| rfi.updated_at)?
        .ids("rfi_manager_id", |rfi| [rfi.rfi_manager_id])?
        .ids("assigned_id", |rfi| rfi.assignee_ids.clone())?
        .ids("location_id", |rfi| rfi.location_id)?
        .ids("responsible_contractor_id", |rfi| rfi.responsible_contractor_id)?
        .ids("received_from_login_information_id", |rfi| rfi.received_from_id)?
        .containing(listing.text("search"), |rfi| {
            format!("{}\n{}", rfi.subject, rfi.question.body)
        });
    sort(&listing, rows.rows());
    rows.answer(|rfi| list_view(&world, &app.addresses, rfi))
}

fn sort(listing: &Listing, rfis: &mut [&Rfi]) {
    let option = |name: &str| listing.nested("sort", name);
    match option("attribute") {
        Some("created_at") => rfis.sort_by_key(|rfi| rfi.created_at),
        Some("updated_at") => rfis.sort_by_key(|rfi| rfi.updated_at),
        Some("due_date") => rfis.sort_by_key(|rfi| rfi.due_date),
        Some("subject") => rfis.sort_by(|one, other| one.subject.cmp(&other.subject)),
        Some("status") => rfis.sort_by_key(|rfi| rfi.status.name()),
        Some("number") => {
            rfis.sort_by_key(|rfi| rfi.number.as_ref().and_then(|number| number.parse::<u64>().ok()));
        }
        _ => {}
    }
    if option("direction").is_some_and(|direction| direction.eq_ignore_ascii_case("desc")) {
        rfis.reverse();
    }
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    mut body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    let visit = caller.enter(&world, project_id)?;
    let files = body.attachments();
    let id = world.create_rfi(&visit.actor(), project_id, body.wrapped("rfi")?, files)?;
    let rfi = world.rfis.get(&id).ok_or(Refusal::NotFound)?;
    Ok((StatusCode::CREATED, Json(view(&world, &app.addresses, rfi))))
}

pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, rfi_id)): Path<(Id, Id)>,
) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    let visit = caller.enter(&world, project_id)?;
    let rfi = world.visible_rfi(visit.person_id, project_id, rfi_id)?;
    Ok(Json(view(&world, &app.addresses, rfi)))
}

pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, rfi_id)): Path<(Id, Id)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    let visit = caller.enter(&world, project_id)?;
    world.update_rfi(&visit.actor(), project_id, rfi_id, body.wrapped("rfi")?)?;
    let rfi = world.rfis.get(&rfi_id).ok_or(Refusal::NotFound)?;
    Ok(Json(view(&world, &app.addresses, rfi)))
}

/// Puts an RFI into the recycle bin, which is how one is removed.
pub(super) async fn recycle(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, rfi_id)): Path<(Id, Id)>,
) -> Result<StatusCode, Refusal> {
    let mut world = app.world();
    let visit = caller.enter(&world, project_id)?;
    world.delete_rfi(&visit.actor(), project_id, rfi_id)?;
    Ok(StatusCode::OK)
}

pub(super) async fn potential_managers(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::Rfis)?;
    let members = world.project(project_id)?.members.keys().copied();
    let managers: Vec<Id> = members.filter(|&id| world.may_manage_rfis(id, project_id)).collect();
    listing.answer(&managers, |&id| views::person(&world, id))
}

pub(super) async fn default_distribution(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::Rfis)?;
    let nobody: [Id; 0] = [];
    listing.answer(&nobody, |&id| views::person(&world, id))
}

/// What lists and single answers share.
fn common_view(world: &World, addresses: &Addresses, rfi: &Rfi) -> Value {
    let project = world.projects.get(&rfi.project_id);
    let in_court = match rfi.status {
        RfiStatus::Draft => vec![rfi.rfi_manager_id],
        RfiStatus::Open if rfi.assignee_ids.is_empty() => vec![rfi.rfi_manager_id],
        RfiStatus::Open => rfi.assignee_ids.clone(),
        RfiStatus::Closed | RfiStatus::ClosedDraft | RfiStatus::ClosedWithRevision => Vec::new(),
    };
    let in_court = views::people(world, &in_court);
    let assignees: Vec<Value> = views::people(world, &rfi.assignee_ids)
        .into_iter()
        .map(|mut assignee| {
            assignee["response_required"] = json!(true);
            assignee
        })
        .collect();
    let contractor = project.and_then(|project| project.vendors.get(&rfi.responsible_contractor_id?));
    json!({
        "id": rfi.id,
        "link": format!("{}/{}/project/rfi/show/{}", addresses.public, rfi.project_id, rfi.id),
        "subject": rfi.subject,
        "status": rfi.status.name(),
        "translated_status": rfi.status.translated(),
        "number": rfi.number,
        "full_number": rfi.number,
        "prefix": null,
        "private": rfi.private,
        "reference": rfi.reference,
        "due_date": rfi.due_date,
        "initiated_at": rfi.initiated_at,
        "time_resolved": rfi.time_resolved,
        "created_at": rfi.created_at,
        "updated_at": rfi.updated_at,
        "deleted": false,
        "deleted_at": null,
        "cost_code": null,
        "cost_impact": impact_view(&rfi.cost_impact),
        "schedule_impact": impact_view(&rfi.schedule_impact),
        "source_rfi_header_id": rfi.source_header_id,
        "revision": rfi.revision,
        "location": project.map_or(Value::Null, |project| views::location(project, rfi.location_id)),
        "assignee": assignees.first(),
        "assignees": assignees,
        "ball_in_court": in_court.first(),
        "ball_in_courts": in_court,
        "received_from": rfi.received_from_id.map(|id| views::person(world, id)),
        "responsible_contractor": contractor.map(|vendor| json!({"id": vendor.id, "name": vendor.name})),
        "rfi_manager": views::person(world, rfi.rfi_manager_id),
    })
}

fn list_view(world: &World, addresses: &Addresses, rfi: &Rfi) -> Value {
    let mut view = common_view(world, addresses, rfi);
    view["created_by"] = views::person(world, rfi.created_by);
    view["location_id"] = json!(rfi.location_id);
    view["questions"] = json!([{"id": rfi.question.id, "body": rfi.question.body, "errors": []}]);
    view
}

/// One RFI in full.
pub(crate) fn view(world: &World, addresses: &Addresses, rfi: &Rfi) -> Value {
    let question = &rfi.question;
    let answers: Vec<Value> = rfi
        .replies
        .iter()
        .map(|reply| replies::view(world, addresses, reply))
        .collect();
    let section = world
        .projects
        .get(&rfi.project_id)
        .and_then(|project| project.specification_sections.get(&rfi.specification_section_id?));
    let mut view = common_view(world, addresses, rfi);
    // A number in lists only.
    view["cost_impact"]["value"] = json!(rfi.cost_impact.value.map(|value| value.to_string()));
    view["accepted"] = json!(false);
    view["draft"] = json!(rfi.status.is_draft());
    view["ball_in_court_role"] = json!(if rfi.status == RfiStatus::Open {
        "assignee"
    } else {
        "rfi_manager"
    });
    view["distribution_list"] = json!(views::people(world, &rfi.distribution_ids));
    view["drawing_ids"] = json!([]);
    view["drawing_number"] = json!(rfi.drawing_number);
    view["created_by"] = views::person(world, rfi.created_by);
    view["specification_section"] = section.map_or(
        Value::Null,
        |section| json!({"id": section.id, "number": section.number, "description": section.description}),
    );
    view["questions"] = json!([{
        "id": question.id,
        "question_date": question.created_at,
        "plain_text_body": views::plain_text(&question.body),
        "rich_text_body": question.body,
        "created_by": views::person_name(world, question.created_by),
        "attachments": views::attachments(world, addresses, &question.attachments),
        "answers": answers,
    }]);
    view
}

fn impact_view(impact: &Impact) -> Value {
    // Whole ones without a point.
    let value = impact.value.map(|value| {
        if value.fract() == 0.0 {
            json!(value as i64)
        } else {
            json!(value)
        }
    });
    json!({"status": impact.status, "value": value})
}
