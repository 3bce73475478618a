//! My Profile Settings → My Connected Apps.

use axum::extract::{Path, State};
use axum::response::Redirect;
use maud::{Markup, html};

use super::layout;
use super::session::SignedIn;
use crate::app::App;

pub(super) async fn show(State(app): State<App>, SignedIn(person): SignedIn) -> Markup {
    let world = app.world();
    let connected = world.grants.applications_of(person.id);
    let content = html! {
        h1 { "My Profile Settings" }
        dl {
            dt { "Name" } dd { (person.name()) }
            dt { "Login" } dd { (person.login) }
        }
        h2 { "My Connected Apps" }
        @if connected.is_empty() { p.soft { "No app may act for you." } }
        @for client_id in connected {
            div.card {
                strong { (world.applications.get(&client_id).map_or(client_id.as_str(), |application| &application.name)) }
                p.soft { "May see and change, as you, what you may see and change." }
                form method="post" action={ "/profile/apps/" (client_id) "/revoke" } { button { "Revoke" } }
            }
        }
    };
    layout("My Connected Apps", Some(&person), &content)
}

pub(super) async fn revoke(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path(client_id): Path<String>,
) -> Redirect {
    app.world().grants.revoke_person(person.id, &client_id);
    Redirect::to("/profile/apps")
}
