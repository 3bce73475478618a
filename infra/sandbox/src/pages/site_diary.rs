//! A project's Site Diary, day by day, and the forms for new entries.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::ToSpan;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::project::{attachments_field, enter, former, location_field, tabs};
use super::session::SignedIn;
use super::{attachments, layout, problem};
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::body::Body;
use crate::world::{Actor, DailyLog, DailyLogKind, Entry, Id, Level, Person, Project, Tool, World, today};

#[derive(Debug, Deserialize)]
pub(super) struct Day {
    date: Option<String>,
}

pub(super) async fn show(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path(project_id): Path<Id>,
    Query(day): Query<Day>,
) -> Response {
    let date = day.date.and_then(|text| text.parse().ok()).unwrap_or_else(today);
    page(&app.world(), &person, project_id, date, None, &Value::Null)
}

pub(super) async fn create_hours(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path(project_id): Path<Id>,
    body: Body,
) -> Response {
    create(&app, &person, project_id, DailyLogKind::Manpower, body)
}

pub(super) async fn create_note(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path(project_id): Path<Id>,
    body: Body,
) -> Response {
    create(&app, &person, project_id, DailyLogKind::Notes, body)
}

fn create(app: &App, person: &Person, project_id: Id, kind: DailyLogKind, mut body: Body) -> Response {
    let mut world = app.world();
    let files = body.attachments();
    let values = body.values.get(kind.key()).cloned().unwrap_or_default();
    let date = former(&values, "date").parse().unwrap_or_else(|_| today());
    match world.create_daily_log(&Actor::by_hand(person.id), project_id, kind, &values, files) {
        Ok(_) => Redirect::to(&format!("/projects/{project_id}/site-diary?date={date}")).into_response(),
        Err(refusal) => page(&world, person, project_id, date, Some(&refusal), &body.values),
    }
}

fn page(
    world: &World,
    person: &Person,
    project_id: Id,
    date: Date,
    refusal: Option<&Refusal>,
    typed: &Value,
) -> Response {
    let project = match enter(world, person, project_id) {
        Ok(project) => project,
        Err(refused) => return *refused,
    };
    let level = world.project_level(person.id, project_id, Tool::DailyLog);
    let day = |date: Date| format!("/projects/{project_id}/site-diary?date={date}");
    let entries = |kind| {
        world
            .daily_logs
            .values()
            .filter(move |log| log.project_id == project_id && log.kind == kind && log.date == date)
    };
    let content = html! {
        (tabs(world, project, "site-diary"))
        div.actions {
            @if let Ok(before) = date.checked_sub(1.day()) { a href=(day(before)) { "← " (before) } }
            strong { (date) }
            @if let Ok(after) = date.checked_add(1.day()) { a href=(day(after)) { (after) " →" } }
        }
        (problem::list(refusal))
        @if level < Level::ReadOnly {
            p.soft { "You may not see this project's Site Diary." }
        } @else {
            h2 { "Working hours" }
            @if entries(DailyLogKind::Manpower).next().is_none() { p.soft { "None on this day." } }
            @for log in entries(DailyLogKind::Manpower) { (entry(world, project, log)) }
            @if level >= Level::Standard { (hours_form(project, date, typed)) }
            h2 { "Notes" }
            @if entries(DailyLogKind::Notes).next().is_none() { p.soft { "None on this day." } }
            @for log in entries(DailyLogKind::Notes) { (entry(world, project, log)) }
            @if level >= Level::Standard { (note_form(project, date, typed)) }
        }
    };
    let status = refusal.map_or(axum::http::StatusCode::OK, Refusal::status);
    (status, layout("Site Diary", Some(person), &content)).into_response()
}

fn entry(world: &World, project: &Project, log: &DailyLog) -> Markup {
    let author = world.people.get(&log.created_by).map(Person::name).unwrap_or_default();
    html! {
        div.card {
            @match &log.entry {
                Entry::Manpower { num_workers, num_hours, notes, .. } => {
                    strong { (num_workers) " workers, " (format!("{num_hours:.1}")) " hours each" }
                    @if let Some(notes) = notes { p style="white-space: pre-line" { (notes) } }
                }
                Entry::Notes { comment, is_issue_day } => {
                    @if *is_issue_day { span.tag.draft { "issue day" } }
                    p style="white-space: pre-line" { (comment.as_deref().unwrap_or_default()) }
                }
            }
            @if let Some(location) = log.location_id { p.soft { (project.location_name(location)) } }
            (attachments::list(world, &log.attachments))
            small { (author) ", " (log.created_at) }
        }
    }
}

fn hours_form(project: &Project, date: Date, typed: &Value) -> Markup {
    let action = format!("/projects/{}/site-diary/working-hours", project.id);
    html! {
        form.sheet.card method="post" action=(action) enctype="multipart/form-data" {
            input type="hidden" name="manpower_log[date]" value=(date);
            div.row {
                label { "Workers" input type="number" min="0" name="manpower_log[num_workers]" value=(former(typed, "manpower_log.num_workers")) required; }
                label { "Hours each" input type="number" min="0" step="0.25" name="manpower_log[num_hours]" value=(former(typed, "manpower_log.num_hours")) required; }
                (location_field(project, "manpower_log[location_id]"))
            }
            label { "Comments" textarea name="manpower_log[notes]" { (former(typed, "manpower_log.notes")) } }
            (attachments_field())
            button { "Add working hours" }
        }
    }
}

fn note_form(project: &Project, date: Date, typed: &Value) -> Markup {
    let action = format!("/projects/{}/site-diary/notes", project.id);
    html! {
        form.sheet.card method="post" action=(action) enctype="multipart/form-data" {
            input type="hidden" name="notes_log[date]" value=(date);
            label { "Comment" textarea name="notes_log[comment]" required { (former(typed, "notes_log.comment")) } }
            div.row { (location_field(project, "notes_log[location_id]")) }
            label.check { input type="checkbox" name="notes_log[is_issue_day]" value="true"; "Issue day" }
            (attachments_field())
            button { "Add note" }
        }
    }
}
