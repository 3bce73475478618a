//! Send items: a table of what the project has, how each item stands, and what a copy will carry.

mod all;
mod preview;
mod table;

use gusset_adapters::{
    http::{Incoming, Problem, Reply},
    offered::{Missing, Offered},
    sessions::Freshness,
};
use gusset_domain::{
    delivery::{Job, Origin},
    items::Item,
    marker::Reference,
    names::shown,
    offered::{Standing, Wanted},
    send::Tool,
};
use gusset_words::say;
use maud::{Markup, html};

pub(crate) use all::{confirm, live};
pub(crate) use preview::preview;

use crate::{
    Page,
    connections::obstacles,
    project::{Opened, OpenedConnection, Tab},
};

/// Rows on a page.
const ON_A_PAGE: usize = 100;

/// What a page asks for.
struct Asked {
    wanted: Wanted,
    /// Which page, from 1 on.
    page: usize,
}

/// One item in the table.
struct Row<'a> {
    item: &'a Item,
    standing: Standing,
    came_from: &'a [Origin],
    /// Its delivery, where there is one that may be seen.
    delivery: Option<Reference>,
}

/// The page.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str, connection: &str) -> Reply {
    let asked = Asked::of(incoming)?;
    let mut opened = Opened::new(app, incoming, project).await?;
    let it = opened.connection(connection).await?;
    let title = say!("items-title", name = shown(&it.view.other.name));
    if it.connection.connected_since().is_none() {
        let body = html! {
            h1 { (title) }
            p { (say!("items-not-connected")) }
        };
        return Ok(opened.page_within(incoming, &title, Tab::Send, &body));
    }
    let (who, from) = (&opened.admin.who, it.from());
    let reads = (who, &app.items, asked.freshness());
    let offered = Offered::read(reads, &app.sessions.table, &from, &asked.wanted).await?;
    if offered.lacking.is_some() {
        opened.busy = offered.lacking;
    }
    let rows = rows(app, &offered, &it, asked.page).await?;
    let backfill = all::latest(app, &it).await?;
    opened.said_while(|done| done != "backfill" || backfill.as_ref().is_some_and(|it| !it.is_over()));
    let back = format!("{}/connections/{}", opened.path(), it.view.id);
    let table = table::Shown {
        url: &opened.url,
        base: &back,
        api: format!("{}/connections/{}", opened.api(), it.view.id),
        other: shown(&it.view.other.name),
        asked: &asked,
        offered: &offered,
        rows: &rows,
    };
    let body = html! {
        p { a href={ (opened.url) (back) } { (say!("items-back")) } }
        h1 { (title) }
        (obstacles(&it.view))
        @if let Some(backfill) = &backfill { (all::followed(&opened, &it, backfill)) }
        div #candidates.wide data-lacking[offered.lacking.is_some()] { (table.whole()) }
    };
    Ok(opened.page_within(incoming, &title, Tab::Send, &body))
}

impl Asked {
    fn of(incoming: &Incoming) -> Result<Self, Problem> {
        let wanted = Wanted::of(|name| incoming.query(name));
        let wanted = wanted.map_err(|(name, wrong)| Problem::bad_field(name, wrong))?;
        let page = match incoming.query("page") {
            None => Some(1),
            Some(text) => text.parse().ok().filter(|page| (1..=1_000_000).contains(page)),
        };
        let page = page.ok_or_else(|| Problem::bad_field("page", "page is a whole number from 1 on."))?;
        Ok(Self { wanted, page })
    }

    /// What is new has to be on the page that somebody opens, and to stay off it while they look through it.
    fn freshness(&self) -> Freshness {
        if self.page == 1 && self.wanted.text.is_empty() {
            Freshness::Now
        } else {
            Freshness::AMinute
        }
    }
}

/// The rows of a page. How they stand is read for these alone.
async fn rows<'a>(
    app: &Page,
    offered: &'a Offered,
    it: &OpenedConnection,
    page: usize,
) -> Result<Vec<Row<'a>>, Problem> {
    let items: Vec<&Item> = offered
        .items
        .iter()
        .skip((page - 1) * ON_A_PAGE)
        .take(ON_A_PAGE)
        .collect();
    let to = it.side.other();
    let job = |item: &Item| Job::over(&it.connection, to, item.tool(), item.id());
    let jobs: Vec<Job> = items.iter().map(|item| job(item)).collect();
    let known = app.sessions.table.heard_of(&jobs).await?.deliveries;
    let rows = items.into_iter().zip(jobs).map(|(item, job)| {
        let reference = job.reference();
        let delivery = known.get(&reference);
        let came_from = offered.came_from(item);
        Row {
            item,
            standing: Standing::of(delivery, came_from, job.target),
            came_from,
            delivery: delivery.filter(|it| it.is_seen()).map(|_| reference),
        }
    });
    Ok(rows.collect())
}

/// Why there is nothing of a tool.
fn words(missing: &Missing, tool: Tool, other: &str) -> Markup {
    let tool = tool.title();
    match missing {
        Missing::SwitchedOff => html! {
            (say!("items-switched-off", tool = tool))
        },
        Missing::NotAccepted => html! { (say!("items-not-accepted", name = other)) },
        Missing::Closed(why) => html! { (say!("items-closed", tool = tool, why = why.as_str())) },
    }
}

/// What somebody should know before sending it.
fn note(item: &Item) -> Option<&'static str> {
    match item {
        _ if item.is_pending() => Some(say!("items-note-pending")),
        Item::Rfi(rfi) if rfi.draft => Some(say!("items-note-draft")),
        Item::Rfi(rfi) if rfi.private => Some(say!("items-note-private")),
        _ => None,
    }
}
