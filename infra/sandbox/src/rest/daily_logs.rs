//! `/rest/v1.0/projects/{project_id}/manpower_logs` and `…/notes_logs`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::body::Body;
use super::caller::Caller;
use super::listing::Listing;
use super::rows::Rows;
use super::views;
use crate::app::{Addresses, App};
use crate::refusal::Refusal;
use crate::world::{DailyLog, DailyLogKind, Entry, Id, Tool, World, today};

/// The routes of one kind of entry.
pub(super) fn routes(kind: DailyLogKind) -> Router<App> {
    let base = format!("/rest/v1.0/projects/{{project_id}}/{}", kind.path());
    type Entries = Path<Id>;
    type OneEntry = Path<(Id, Id)>;
    let all = get(
        async move |State(app): State<App>, caller: Caller, Path(project_id): Entries, listing: Listing| {
            list(&app, kind, &caller, project_id, &listing)
        },
    )
    .post(
        async move |State(app): State<App>, caller: Caller, Path(project_id): Entries, body: Body| {
            create(&app, kind, &caller, project_id, body)
        },
    );
    let one = get(
        async move |State(app): State<App>, caller: Caller, Path((project_id, id)): OneEntry| {
            show(&app, kind, &caller, project_id, id)
        },
    )
    .patch(
        async move |State(app): State<App>, caller: Caller, Path((project_id, id)): OneEntry, body: Body| {
            update(&app, kind, &caller, project_id, id, body)
        },
    )
    .delete(
        async move |State(app): State<App>, caller: Caller, Path((project_id, id)): OneEntry| {
            delete(&app, kind, &caller, project_id, id)
        },
    );
    Router::new().route(&base, all).route(&format!("{base}/{{id}}"), one)
}

/// A day of the diary: whether it is marked complete.
pub(super) async fn header(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    listing: Listing,
) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    caller.enter_to_read(&world, project_id, Tool::DailyLog)?;
    let (day, _) = days(&listing)?;
    let completed = world.project(project_id)?.completed_days.contains(&day);
    Ok(Json(json!({"log_date": day, "completed": completed})))
}

/// The most days of one list.
const LONGEST_RANGE: i32 = 90;

/// The asked days, both included. Without any, today alone, as Procore does.
fn days(listing: &Listing) -> Result<(Date, Date), Refusal> {
    let date = |name: &str| {
        let parse = |text: &str| {
            text.parse()
                .map_err(|_| Refusal::invalid(name, "is not a date (YYYY-MM-DD)"))
        };
        listing.text(name).map(parse).transpose()
    };
    if let Some(day) = date("log_date")? {
        return Ok((day, day));
    }
    match (date("start_date")?, date("end_date")?) {
        (None, None) => Ok((today(), today())),
        (Some(start), Some(end)) if end.since(start).is_ok_and(|span| span.get_days() >= LONGEST_RANGE) => {
            Err(Refusal::invalid("end_date", "must be within 90 days of start_date"))
        }
        (start, end) => Ok((start.unwrap_or(Date::MIN), end.unwrap_or(Date::MAX))),
    }
}

fn list(
    app: &App,
    kind: DailyLogKind,
    caller: &Caller,
    project_id: Id,
    listing: &Listing,
) -> Result<Response, Refusal> {
    let world = app.world();
    let person_id = caller.enter_to_read(&world, project_id, Tool::DailyLog)?.person_id;
    let (first, last) = days(listing)?;
    Rows::of(listing, world.daily_logs.values())
        .keep(|log| log.project_id == project_id && log.kind == kind)
        .keep(|log| (first..=last).contains(&log.date))
        .ids("created_by_id", |log| [log.created_by])?
        .ids("location_id", |log| log.location_id)?
        .keep(|log| {
            let statuses = listing.filter("status");
            let asked = |name: &String| name == "all" || name == log_status(log);
            statuses.map_or_else(|| log_status(log) == "approved", |names| names.iter().any(asked))
        })
        .answer(|log| view(&world, &app.addresses, log, person_id))
}

fn create(
    app: &App,
    kind: DailyLogKind,
    caller: &Caller,
    project_id: Id,
    mut body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    let visit = caller.enter(&world, project_id)?;
    let files = body.attachments();
    let values = values(&body, kind)?;
    let id = world.create_daily_log(&visit.actor(), project_id, kind, &values, files)?;
    Ok((StatusCode::CREATED, Json(shown(app, &world, id, visit.person_id)?)))
}

fn show(app: &App, kind: DailyLogKind, caller: &Caller, project_id: Id, id: Id) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    let visit = caller.enter(&world, project_id)?;
    let log = world.visible_daily_log(visit.person_id, project_id, kind, id)?;
    Ok(Json(view(&world, &app.addresses, log, visit.person_id)))
}

fn update(
    app: &App,
    kind: DailyLogKind,
    caller: &Caller,
    project_id: Id,
    id: Id,
    mut body: Body,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    let visit = caller.enter(&world, project_id)?;
    let files = body.attachments();
    let values = values(&body, kind)?;
    world.update_daily_log(&visit.actor(), project_id, kind, id, &values, files)?;
    Ok(Json(shown(app, &world, id, visit.person_id)?))
}

fn delete(app: &App, kind: DailyLogKind, caller: &Caller, project_id: Id, id: Id) -> Result<StatusCode, Refusal> {
    let mut world = app.world();
    let visit = caller.enter(&world, project_id)?;
    world.delete_daily_log(&visit.actor(), project_id, kind, id)?;
    Ok(StatusCode::OK)
}

/// The entry's fields. Files come in forms only: uploads are for RFIs.
fn values(body: &Body, kind: DailyLogKind) -> Result<Value, Refusal> {
    let values = body.wrapped(kind.key())?;
    if values.get("upload_ids").or(body.values.get("upload_ids")).is_some() {
        return Err(Refusal::invalid(
            "upload_ids",
            "is not known here: send the files as attachments[]",
        ));
    }
    Ok(values.clone())
}

fn shown(app: &App, world: &World, id: Id, person_id: Id) -> Result<Value, Refusal> {
    let log = world.daily_logs.get(&id).ok_or(Refusal::NotFound)?;
    Ok(view(world, &app.addresses, log, person_id))
}

fn log_status(log: &DailyLog) -> &'static str {
    if log.pending { "pending" } else { "approved" }
}

/// One entry, as the person sees it.
pub(crate) fn view(world: &World, addresses: &Addresses, log: &DailyLog, person_id: Id) -> Value {
    let changeable = world.may_change_daily_log(person_id, log);
    let project = world.projects.get(&log.project_id);
    let mut view = json!({
        "id": log.id,
        "date": log.date,
        "position": log.position,
        "datetime": log.timestamp,
        "status": log_status(log),
        "created_at": log.created_at,
        "updated_at": log.updated_at,
        "created_by": views::person(world, log.created_by),
        "location": project.map_or(Value::Null, |project| views::location(project, log.location_id)),
        "permissions": {"can_update": changeable, "can_delete": changeable},
    });
    match &log.entry {
        Entry::Manpower {
            num_workers,
            num_hours,
            notes,
            user_id,
        } => {
            let attachments = views::attachments(world, addresses, &log.attachments);
            view["attachments"] = attachments.into_iter().map(without_kind).collect();
            view["num_workers"] = json!(num_workers);
            view["num_hours"] = json!(format!("{num_hours:.1}"));
            view["man_hours"] = json!(format!("{:.1}", *num_workers as f64 * num_hours));
            view["notes"] = json!(notes);
            view["user"] = user_id.map_or(Value::Null, |id| views::person(world, id));
            for absent in ["vendor", "contact", "cost_code", "trade"] {
                view[absent] = Value::Null;
            }
        }
        Entry::Notes { comment, is_issue_day } => {
            view["comment"] = json!(comment);
            view["is_issue_day"] = json!(is_issue_day);
            view["created_by_collaborator"] = json!(false);
            view["daily_log_header_id"] = Value::Null;
            let attachments = views::attachments(world, addresses, &log.attachments);
            view["attachments"] = attachments.into_iter().map(with_viewer).collect();
        }
    }
    view
}

/// Working hours do not say of what kind a file is.
fn without_kind(mut attachment: Value) -> Value {
    if let Some(members) = attachment.as_object_mut() {
        members.remove("content_type");
    }
    attachment
}

fn with_viewer(mut attachment: Value) -> Value {
    attachment["share_url"] = Value::Null;
    attachment["viewable_type"] = Value::Null;
    attachment["viewable_url"] = attachment["url"].clone();
    attachment
}
