//! Send items: a table of what the project has, how each item stands, and what a copy will carry.

mod preview;
mod table;

use std::collections::HashMap;

use gusset_adapters::{
    http::{Incoming, Problem, Reply},
    sessions::{Busy, Freshness},
};
use gusset_domain::{
    connection::View,
    delivery::{Job, Origin},
    ids::ItemId,
    items::Item,
    marker::Reference,
    names::shown,
    offered::{Standing, Wanted, Whose},
    send::{SendMode, Tool},
};
use maud::{Markup, html};

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

/// A tool of which there is nothing to choose from, and why.
enum Missing {
    SwitchedOff,
    /// The other project accepts none.
    NotAccepted,
    /// Procore shows it not to the person.
    Closed(String),
}

/// What a person may choose from.
struct Offered {
    /// What fits, the newest first.
    items: Vec<Item>,
    /// How many fit of each side's.
    ours: usize,
    others: usize,
    /// The copies that arrived in the project, and where each came from.
    copies: HashMap<(Tool, ItemId), Vec<Origin>>,
    missing: Vec<(Tool, Missing)>,
    /// Where Procore did not answer for all tools. The page takes in the rest once it does.
    lacking: Option<Busy>,
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
    let title = format!("Send items to {}", shown(&it.view.other.name));
    if it.connection.connected_since().is_none() {
        let body = html! {
            h1 { (title) }
            p { "Items are sent over a connection while it is connected. This one is not." }
        };
        return Ok(opened.page_within(incoming, &title, Tab::Send, &body));
    }
    let offered = Offered::read(app, &opened, &it, &asked).await?;
    if offered.lacking.is_some() {
        opened.busy = offered.lacking;
    }
    let rows = offered.rows(app, &it, asked.page).await?;
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
        p { a href={ (opened.url) (back) } { "← Activity" } }
        h1 { (title) }
        (obstacles(&it.view))
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

impl Offered {
    /// Reads what Procore shows the person of the tools that are asked for: no tool that cannot be sent.
    async fn read(app: &Page, opened: &Opened<'_>, it: &OpenedConnection, asked: &Asked) -> Result<Self, Problem> {
        let wanted = &asked.wanted;
        let (mut items, mut missing, mut lacking) = (Vec::new(), Vec::new(), None);
        for tool in Tool::ALL {
            if wanted.tool.is_some_and(|wanted| wanted != tool) {
                continue;
            }
            if let Some(why) = not_sent(&it.view, it, tool) {
                missing.push((tool, why));
                continue;
            }
            let who = &opened.admin.who;
            match who
                .items(&app.items, opened.project(), tool, wanted.reach, asked.freshness())
                .await
            {
                Ok(listed) => items.extend(listed),
                // The person has no access to that tool: the others are still of use.
                Err(problem) if matches!(problem.status, 403 | 404) => {
                    missing.push((tool, Missing::Closed(problem.detail)));
                }
                Err(problem) => {
                    lacking = Some(Busy::of(&problem, None).ok_or(problem)?);
                    break;
                }
            }
        }
        items.retain(|item| !item.is_deleted() && wanted.has_words(item));
        items.sort_by_key(|item| std::cmp::Reverse((item.created_at(), item.id())));
        items.dedup_by_key(|item| (item.tool(), item.id()));
        let copies = if items.is_empty() {
            HashMap::new()
        } else {
            app.sessions.table.copies_in(opened.project().id).await?
        };
        let all = items.len();
        items.retain(|item| {
            let is_copy = copies.contains_key(&(item.tool(), item.id()));
            is_copy == (wanted.whose == Whose::Others)
        });
        let (chosen, rest) = (items.len(), all - items.len());
        let (ours, others) = match wanted.whose {
            Whose::Ours => (chosen, rest),
            Whose::Others => (rest, chosen),
        };
        Ok(Self {
            items,
            ours,
            others,
            copies,
            missing,
            lacking,
        })
    }

    /// The rows of a page. How they stand is read for these alone.
    async fn rows(&self, app: &Page, it: &OpenedConnection, page: usize) -> Result<Vec<Row<'_>>, Problem> {
        let items: Vec<&Item> = self.items.iter().skip((page - 1) * ON_A_PAGE).take(ON_A_PAGE).collect();
        let to = it.side.other();
        let job = |item: &Item| Job::over(&it.connection, to, item.tool(), item.id());
        let jobs: Vec<Job> = items.iter().map(|item| job(item)).collect();
        let known = app.sessions.table.heard_of(&jobs).await?.deliveries;
        let rows = items.into_iter().zip(jobs).map(|(item, job)| {
            let reference = job.reference();
            let delivery = known.get(&reference);
            let came_from = self.copies.get(&(item.tool(), item.id()));
            let came_from = came_from.map(Vec::as_slice).unwrap_or_default();
            Row {
                item,
                standing: Standing::of(delivery, came_from, job.target),
                came_from,
                delivery: delivery.filter(|it| it.is_seen()).map(|_| reference),
            }
        });
        Ok(rows.collect())
    }
}

/// Why no items of a tool are sent, where none are.
fn not_sent(view: &View, it: &OpenedConnection, tool: Tool) -> Option<Missing> {
    if view.send.of(tool) == SendMode::Off {
        Some(Missing::SwitchedOff)
    } else if !it.connection.accepts(it.side.other(), tool) {
        Some(Missing::NotAccepted)
    } else {
        None
    }
}

impl Missing {
    fn words(&self, tool: Tool, other: &str) -> Markup {
        let tool = tool.title();
        match self {
            Self::SwitchedOff => html! {
                (tool) ": Your project sends none over this connection. Change that in the connection's settings first."
            },
            Self::NotAccepted => html! { (other) " does not accept RFIs." },
            Self::Closed(why) => html! { (tool) ": They cannot be shown to you. " (why) },
        }
    }
}

/// What somebody should know before sending it.
fn note(item: &Item) -> Option<&'static str> {
    match item {
        _ if item.is_pending() => Some("waits for approval in your project"),
        Item::Rfi(rfi) if rfi.draft => Some("draft"),
        Item::Rfi(rfi) if rfi.private => Some("private: open its preview to send it"),
        _ => None,
    }
}
