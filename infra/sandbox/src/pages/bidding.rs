//! A project's bid packages, and when bids are due.

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

use super::project::{answer, former, tool_page};
use super::session::SignedIn;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::body::Body;
use crate::world::plans::BidPackage;
use crate::world::{Actor, Id, Level, Person, Tool, World};

const PATH: &str = "bidding";

pub(super) async fn show(State(app): State<App>, SignedIn(person): SignedIn, Path(project_id): Path<Id>) -> Response {
    page(&app.world(), &person, project_id, None, &Value::Null)
}

pub(super) async fn create(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path(project_id): Path<Id>,
    body: Body,
) -> Response {
    let mut world = app.world();
    let typed = body.values.get("bid_package").cloned().unwrap_or_default();
    let done = world.create_bid_package(&Actor::by_hand(person.id), project_id, &typed);
    answer(done, project_id, PATH, |refusal| {
        page(&world, &person, project_id, Some(refusal), &typed)
    })
}

pub(super) async fn update(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Path((project_id, id)): Path<(Id, Id)>,
    body: Body,
) -> Response {
    let mut world = app.world();
    let typed = body.values.get("bid_package").cloned().unwrap_or_default();
    let done = world.update_bid_package(&Actor::by_hand(person.id), project_id, id, &typed);
    answer(done, project_id, PATH, |refusal| {
        page(&world, &person, project_id, Some(refusal), &Value::Null)
    })
}

fn page(world: &World, person: &Person, project_id: Id, refusal: Option<&Refusal>, typed: &Value) -> Response {
    tool_page(world, person, (project_id, Tool::Bidding, PATH), refusal, |_, level| {
        let packages = world
            .plans
            .bid_packages
            .values()
            .filter(|package| package.project_id == project_id);
        html! {
            p.soft { "Times are UTC." }
            table.stack {
                thead { tr { th { "No." } th { "Bid package" } th { "Bids due" } } }
                tbody { @for package in packages { (row(package, level)) } }
            }
            @if level == Level::Admin {
                form.sheet.card method="post" action={ "/projects/" (project_id) "/bidding" } {
                    h2 { "New bid package" }
                    div.row {
                        label { "Title" input name="bid_package[title]" value=(former(typed, "title")) required; }
                        label { "Bids due" input type="datetime-local" name="bid_package[bid_due_date]"; }
                    }
                    button { "Create" }
                }
            }
        }
    })
}

fn row(package: &BidPackage, level: Level) -> Markup {
    let due = package.bid_due_date.map(|due| due.to_string());
    // What a browser's field for a time without a zone takes.
    let local = due.as_deref().and_then(|due| due.get(..16)).unwrap_or_default();
    html! {
        tr {
            td { (package.number) }
            td { (package.title) }
            td {
                @if level == Level::Admin {
                    form.actions method="post" action={ "/projects/" (package.project_id) "/bidding/" (package.id) } {
                        input type="datetime-local" name="bid_package[bid_due_date]" value=(local) aria-label="Bids due";
                        button.quiet { "Set" }
                    }
                } @else {
                    (due.as_deref().unwrap_or("–"))
                }
            }
        }
    }
}
