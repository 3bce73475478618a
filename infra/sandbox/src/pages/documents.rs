//! A project's documents, folder by folder, and the form that uploads a file or its next version.

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

use super::attachments;
use super::project::{answer, attachments_field, button, former, tool_page};
use super::session::SignedIn;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::body::Body;
use crate::world::plans::{Document, Folder};
use crate::world::{Actor, Id, Level, Person, Tool, World};

const PATH: &str = "documents";

pub(super) async fn show(State(app): State<App>, SignedIn(person): SignedIn, Path(project_id): Path<Id>) -> Response {
    page(&app.world(), &person, project_id, None, &Value::Null)
}

pub(super) async fn upload(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path(project_id): Path<Id>,
    mut body: Body,
) -> Response {
    let mut world = app.world();
    let files = body.attachments();
    let typed = body.values.get("file").cloned().unwrap_or_default();
    let done = world.put_document(&Actor::by_hand(person.id), project_id, &typed, files);
    answer(done, project_id, PATH, |refusal| {
        page(&world, &person, project_id, Some(refusal), &typed)
    })
}

pub(super) async fn delete(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path((project_id, id)): Path<(Id, Id)>,
) -> Response {
    let mut world = app.world();
    let done = world.delete_document(&Actor::by_hand(person.id), project_id, id);
    answer(done, project_id, PATH, |refusal| {
        page(&world, &person, project_id, Some(refusal), &Value::Null)
    })
}

fn page(world: &World, person: &Person, project_id: Id, refusal: Option<&Refusal>, typed: &Value) -> Response {
    tool_page(
        world,
        person,
        (project_id, Tool::Documents, PATH),
        refusal,
        |_, level| {
            let folders = world.plans.folders.values();
            let folders = folders.filter(|folder| world.visible_folder(person.id, project_id, folder.id).is_ok());
            let mut folders: Vec<(String, &Folder)> =
                folders.map(|folder| (world.folder_path(folder), folder)).collect();
            folders.sort_by(|(one, _), (other, _)| one.cmp(other));
            html! {
                @if folders.is_empty() { p.soft { "No documents yet." } }
                @for (path, folder) in folders {
                    h2 { (path) @if folder.private { " " span.tag { "private" } } }
                    @let mut documents = world.plans.documents.values().filter(|document| document.folder_id == folder.id).peekable();
                    @if documents.peek().is_some() {
                        table.stack {
                            thead { tr { th { "File" } th { "Version" } th { "Changed" } th {} } }
                            tbody { @for document in documents { (row(world, document, level)) } }
                        }
                    }
                }
                @if level >= Level::Standard { (form(project_id, typed)) }
            }
        },
    )
}

fn row(world: &World, document: &Document, level: Level) -> Markup {
    let newest = document
        .versions
        .last()
        .and_then(|version| world.files.get(&version.content?));
    html! {
        tr {
            td {
                @match newest {
                    Some(file) => { a href=(attachments::address(file)) { (document.name) } " " small { (file.size()) " bytes" } }
                    None => (document.name)
                }
            }
            td { (document.versions.len()) }
            td { (document.updated_at) }
            td {
                @if level == Level::Admin {
                    (button(&format!("/projects/{}/documents/{}/delete", document.project_id, document.id), "Delete"))
                }
            }
        }
    }
}

fn form(project_id: Id, typed: &Value) -> Markup {
    html! {
        form.sheet.card method="post" action={ "/projects/" (project_id) "/documents" } enctype="multipart/form-data" {
            h2 { "Upload a file, or its next version" }
            p.soft { "Without a file to upload the sandbox writes a PDF." }
            div.row {
                label { "Name" input name="file[name]" value=(former(typed, "name")); }
                label { "Folder (as A > B)" input name="file[folder]" value=(former(typed, "folder")); }
                label { "Notes" input name="file[notes]" value=(former(typed, "notes")); }
            }
            (attachments_field())
            button { "Upload" }
        }
    }
}
