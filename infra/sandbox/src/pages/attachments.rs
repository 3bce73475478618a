//! Attachments, for people: the API's addresses want a token.

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::problem;
use super::session::SignedIn;
use crate::app::App;
use crate::files::StoredFile;
use crate::refusal::Refusal;
use crate::rest::files;
use crate::world::{Id, World};

pub(super) async fn download(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path((file_id, _)): Path<(Id, String)>,
) -> Response {
    let file = {
        let world = app.world();
        let file = world.files.get(&file_id);
        file.filter(|file| world.sees_project(person.id, file.project_id) && files::sees(&world, person.id, file))
            .cloned()
    };
    match file {
        Some(file) => files::send(&file, "attachment"),
        None => problem::page(&person, &Refusal::NotFound),
    }
}

/// Where a file is downloaded by people.
pub(super) fn address(file: &StoredFile) -> String {
    format!("/attachments/{}/{}", file.id, files::path_segment(&file.name))
}

/// Links to the files, where there are any.
pub(super) fn list(world: &World, ids: &[Id]) -> Markup {
    html! {
        @if !ids.is_empty() {
            ul {
                @for file in ids.iter().filter_map(|id| world.files.get(id)) {
                    li {
                        a href=(address(file)) { (file.name) }
                        " " small { (file.size()) " bytes" }
                    }
                }
            }
        }
    }
}
