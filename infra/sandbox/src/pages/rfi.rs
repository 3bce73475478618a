//! One RFI: its question, its answers, and what may be done with it.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::project::{attachments_field, enter, tabs};
use super::session::SignedIn;
use super::{attachments, layout, problem, rich_text};
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::body::Body;
use crate::world::{Actor, Id, Impact, Level, Person, Rfi, RfiStatus, Tool, World};

pub(super) async fn show(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path((project_id, rfi_id)): Path<(Id, Id)>,
) -> Response {
    page(&app.world(), &person, project_id, rfi_id, None)
}

pub(super) async fn open(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path((project_id, rfi_id)): Path<(Id, Id)>,
    body: Body,
) -> Response {
    let number = body.values.get("number").cloned().unwrap_or_default();
    set_status(
        &app,
        &person,
        project_id,
        rfi_id,
        &json!({"status": "open", "number": number}),
    )
}

pub(super) async fn close(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path((project_id, rfi_id)): Path<(Id, Id)>,
) -> Response {
    set_status(&app, &person, project_id, rfi_id, &json!({"status": "closed"}))
}

fn set_status(app: &App, person: &Person, project_id: Id, rfi_id: Id, values: &Value) -> Response {
    let mut world = app.world();
    match world.update_rfi(&Actor::by_hand(person.id), project_id, rfi_id, values) {
        Ok(()) => Redirect::to(&format!("/projects/{project_id}/rfis/{rfi_id}")).into_response(),
        Err(refusal) => page(&world, person, project_id, rfi_id, Some(&refusal)),
    }
}

pub(super) async fn delete(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path((project_id, rfi_id)): Path<(Id, Id)>,
) -> Response {
    let mut world = app.world();
    match world.delete_rfi(&Actor::by_hand(person.id), project_id, rfi_id) {
        Ok(()) => Redirect::to(&format!("/projects/{project_id}/rfis")).into_response(),
        Err(refusal) => page(&world, &person, project_id, rfi_id, Some(&refusal)),
    }
}

pub(super) async fn reply(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path((project_id, rfi_id)): Path<(Id, Id)>,
    mut body: Body,
) -> Response {
    let mut world = app.world();
    let files = body.attachments();
    let mut values = body.values.get("reply").cloned().unwrap_or_default();
    if let Some(text) = values.get("body").and_then(Value::as_str) {
        values["body"] = json!(rich_text::from_form(text));
    }
    match world.reply_to_rfi(&Actor::by_hand(person.id), project_id, rfi_id, &values, files) {
        Ok(_) => Redirect::to(&format!("/projects/{project_id}/rfis/{rfi_id}")).into_response(),
        Err(refusal) => page(&world, &person, project_id, rfi_id, Some(&refusal)),
    }
}

fn page(world: &World, person: &Person, project_id: Id, rfi_id: Id, refusal: Option<&Refusal>) -> Response {
    let project = match enter(world, person, project_id) {
        Ok(project) => project,
        Err(refused) => return *refused,
    };
    let rfi = match world.visible_rfi(person.id, project_id, rfi_id) {
        Ok(rfi) => rfi,
        Err(refusal) => return problem::page(person, &refusal),
    };
    let content = html! {
        (tabs(world, project, "rfis"))
        h2 {
            @if let Some(number) = &rfi.number { "RFI " (number) ": " }
            (rfi.subject)
            " " span class={ "tag " (rfi.status.name()) } { (rfi.status.translated()) }
            @if rfi.private { " " span.tag { "private" } }
        }
        (problem::list(refusal))
        div.card {
            (rich_text::show(&rfi.question.body))
            (attachments::list(world, &rfi.question.attachments))
            small { (name(world, rfi.question.created_by)) ", " (rfi.question.created_at) }
        }
        (details(world, rfi))
        (actions(world, person, rfi))
        h2 { "Replies" }
        @if rfi.replies.is_empty() { p.soft { "None yet." } }
        @for reply in &rfi.replies {
            div.card {
                @if reply.official { span.tag.open { "official" } }
                (rich_text::show(&reply.body))
                (attachments::list(world, &reply.attachments))
                small { (name(world, reply.created_by)) ", " (reply.created_at) }
            }
        }
        (reply_form(world, person, rfi))
    };
    let status = refusal.map_or(axum::http::StatusCode::OK, Refusal::status);
    (status, layout(&rfi.subject, Some(person), &content)).into_response()
}

fn name(world: &World, id: Id) -> String {
    world.people.get(&id).map(Person::name).unwrap_or_default()
}

fn details(world: &World, rfi: &Rfi) -> Markup {
    let project = world.projects.get(&rfi.project_id);
    let location = rfi.location_id.and_then(|id| Some(project?.location_name(id)));
    let section = rfi
        .specification_section_id
        .and_then(|id| project?.specification_sections.get(&id));
    let rows = [
        ("RFI manager", Some(name(world, rfi.rfi_manager_id))),
        ("Due", rfi.due_date.map(|date| date.to_string())),
        ("Reference", rfi.reference.clone()),
        ("Drawing", rfi.drawing_number.clone()),
        ("Location", location),
        (
            "Specification section",
            section.map(|section| format!("{} {}", section.number, section.description)),
        ),
        ("Cost impact", impact(&rfi.cost_impact, "")),
        ("Schedule impact", impact(&rfi.schedule_impact, " days")),
        ("Id", Some(rfi.id.to_string())),
    ];
    html! {
        dl {
            @for (title, value) in rows {
                @if let Some(value) = value { dt { (title) } dd { (value) } }
            }
        }
    }
}

fn impact(impact: &Impact, unit: &str) -> Option<String> {
    let status = impact.status.as_deref()?;
    Some(match impact.value {
        Some(value) => format!("{status}: {value}{unit}"),
        None => status.to_owned(),
    })
}

fn actions(world: &World, person: &Person, rfi: &Rfi) -> Markup {
    let base = format!("/projects/{}/rfis/{}", rfi.project_id, rfi.id);
    let opens = world.may_open(person.id, rfi.project_id, rfi.created_by, rfi.rfi_manager_id);
    let deletes = world.project_level(person.id, rfi.project_id, Tool::Rfis) == Level::Admin;
    html! {
        div.actions {
            @if opens && rfi.status.is_draft() {
                form method="post" action={ (base) "/open" } { button { "Open" } }
            }
            @if opens && rfi.status == RfiStatus::Open {
                form method="post" action={ (base) "/close" } { button.quiet { "Close" } }
            }
            @if opens && rfi.status.is_closed() && !rfi.status.is_draft() {
                form method="post" action={ (base) "/open" } { button.quiet { "Reopen" } }
            }
            @if deletes {
                form method="post" action={ (base) "/delete" } { button.quiet { "Delete" } }
            }
        }
    }
}

fn reply_form(world: &World, person: &Person, rfi: &Rfi) -> Markup {
    let opens = world.may_open(person.id, rfi.project_id, rfi.created_by, rfi.rfi_manager_id);
    let replies = opens || world.project_level(person.id, rfi.project_id, Tool::Rfis) >= Level::Standard;
    html! {
        @if replies {
            form.sheet.card method="post" action={ "/projects/" (rfi.project_id) "/rfis/" (rfi.id) "/replies" } enctype="multipart/form-data" {
                label { "Reply (text or HTML)" textarea name="reply[body]" required {} }
                @if opens { label.check { input type="checkbox" name="reply[official]" value="true"; "Official response" } }
                (attachments_field())
                button { "Reply" }
            }
        }
    }
}
