//! What became of each item of a connection.

mod chart;
mod delivery;
mod filters;

use gusset_adapters::http::{Answer, Incoming, Problem, Reply};
use gusset_domain::names::shown;
use gusset_domain::{
    connection::Status,
    delivery::{Delivery, Status as DeliveryStatus},
};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::{
    Page,
    connections::{obstacles, status_badge, story},
    live,
    project::{self, Opened, OpenedConnection, Tab},
};
use delivery::Cards;
use filters::Filters;

/// Deliveries on a page.
const ON_A_PAGE: u32 = 25;

/// Days that the chart shows.
const DAYS: u8 = 14;

/// Deliveries that the chart looks at, the newest.
const CHARTED: u32 = 500;

/// What the lists are made of.
struct Found {
    held: Vec<Delivery>,
    deliveries: Vec<Delivery>,
    next: Option<String>,
}

/// The Activity page.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str, connection: &str) -> Reply {
    let opened = Opened::new(app, incoming, project).await?;
    let it = opened.connection(connection).await?;
    let filters = Filters::of(incoming, &it.connection, it.side)?;
    let ask = incoming.paging()?;
    let cursor = ask.place_of_delivery()?;
    let found = find(app, &it, &filters, cursor).await?;
    let (charted, more) = app
        .sessions
        .table
        .deliveries(it.connection.pair(), CHARTED, None)
        .await?;
    let page = format!("{}{}/connections/{}", opened.url, opened.path(), it.view.id);
    let title = format!("Activity with {}", shown(&it.view.other.name));
    // A page further back is not live: what is new is on the first one.
    let live = cursor.is_none().then(|| format!("{page}/live{}", filters.query(None)));
    let body = html! {
        div.head {
            div { h1 { (title) } p.company { (shown(&it.view.other.company_name)) } }
            (status_badge(it.view.status))
        }
        p { (story(&it.view)) }
        (obstacles(&it.view))
        div.actions {
            @if it.view.status == Status::Connected {
                a.button href={ (page) "/send" } { "Send items" }
                a.button.quiet href={ (page) "/terms" } { "Change what is sent" }
            }
        }
        (chart::section(&charted, DAYS, more.is_some(), Timestamp::now()))
        div data-live=[live] {
            (lists(app, &opened.url, project, &it, &filters, &found))
        }
        @if let Some(next) = &found.next {
            p { a.button.quiet href={ (page) (filters.query(Some(next))) } { "Older" } }
        }
        @if cursor.is_some() {
            p { a href={ (page) (filters.query(None)) } { "To the newest" } }
        }
    };
    Ok(opened.page(incoming, &title, Tab::None, &body))
}

/// The lists of the page, for its script.
pub(crate) async fn live(app: &Page, incoming: &Incoming, project: &str, id: &str) -> Result<Answer, Problem> {
    let project_id = project.parse().map_err(|_| Problem::not_found("project"))?;
    let admin = app.sessions.admin(incoming, project_id).await?;
    let it = project::connection(&admin, id).await?;
    let filters = Filters::of(incoming, &it.connection, it.side)?;
    let found = find(app, &it, &filters, None).await?;
    let lists = lists(app, &incoming.public_url(), project, &it, &filters, &found);
    Ok(live::answer(incoming, lists))
}

async fn find(app: &Page, it: &OpenedConnection, filters: &Filters, cursor: Option<&str>) -> Result<Found, Problem> {
    let (table, pair) = (&app.sessions.table, it.connection.pair());
    // Only on the first page, and only where they are not what is filtered for anyway.
    let on_top = cursor.is_none() && filters.is_everything();
    let held = if on_top {
        table.held_deliveries(pair).await?
    } else {
        Vec::new()
    };
    let (deliveries, next) = table.deliveries_like(pair, &filters.filter, ON_A_PAGE, cursor).await?;
    Ok(Found { held, deliveries, next })
}

fn lists(app: &Page, url: &str, project: &str, it: &OpenedConnection, filters: &Filters, found: &Found) -> Markup {
    let base = format!("/projects/{project}/connections/{}", it.view.id);
    let cards = Cards {
        url,
        base: &base,
        project,
        it,
        procore: &app.procore,
    };
    let is_on_top = |delivery: &Delivery| {
        matches!(delivery.status, DeliveryStatus::Held { .. })
            && found.held.iter().any(|held| held.reference == delivery.reference)
    };
    html! {
        section data-box hidden[found.held.is_empty()] {
            h2 { "Waiting for somebody" }
            div #held data-parts { @for delivery in &found.held { (cards.card(delivery)) } }
        }
        section {
            h2 { "Items" }
            (filters.form(&format!("{url}{base}")))
            div #deliveries data-parts {
                @if found.deliveries.is_empty() {
                    (live::empty("no-deliveries", &html! {
                        @if !filters.is_everything() {
                            p { "No item like this was found" @if found.next.is_some() { " among the newest; there are older ones" } "." }
                        } @else if it.view.status == Status::Connected {
                            p { "Nothing has travelled yet. New items show up here by themselves." }
                        } @else {
                            p { "Nothing has travelled." }
                        }
                    }))
                }
                @for delivery in found.deliveries.iter().filter(|delivery| !is_on_top(delivery)) { (cards.card(delivery)) }
            }
        }
    }
}
