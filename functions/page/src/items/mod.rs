//! Send items: what of the project's recent items has not been sent yet, and what a copy will carry.

use gusset_adapters::{
    http::{Incoming, Problem, Reply},
    sessions::Busy,
};
use gusset_domain::names::shown;
use gusset_domain::{
    connection::View,
    delivery::{Job, Status},
    ids::ItemId,
    items::Item,
    send::{SendMode, Tool},
};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::{
    Page,
    connections::obstacles,
    project::{Form, Opened, OpenedConnection, Tab},
    time::time,
};

/// How far back items count as recent.
const RECENT: std::time::Duration = std::time::Duration::from_secs(14 * 24 * 60 * 60);

/// The most items of a tool that are offered. Three tools of them are what one request sends.
const MOST: usize = 16;

/// A tool's recent items that have not set out, the newest first, or why there are none to show.
enum Offered {
    Items {
        items: Vec<Item>,
        more: bool,
    },
    SwitchedOff,
    /// The other project accepts none.
    NotAccepted(String),
    Closed(String),
}

/// The page.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str, connection: &str) -> Reply {
    let mut opened = Opened::new(app, incoming, project).await?;
    let it = opened.connection(connection).await?;
    let title = format!("Send items to {}", shown(&it.view.other.name));
    if it.connection.connected_since().is_none() {
        let body = html! {
            h1 { (title) }
            p { "Items are sent over a connection while it is connected. This one is not." }
        };
        return Ok(opened.page(incoming, &title, Tab::None, &body));
    }
    let mut offered = Vec::new();
    for tool in Tool::ALL {
        match offer(app, &opened, &it, tool).await {
            Ok(offer) => offered.push((tool, offer)),
            // The page takes them in once Procore answers.
            Err(problem) => {
                opened.busy = Some(Busy::of(&problem, None).ok_or(problem)?);
                break;
            }
        }
    }
    let back = format!("{}/connections/{}", opened.path(), it.view.id);
    let form = Form {
        action: format!("{}/connections/{}/items", opened.api(), it.view.id),
        back: &back,
        done: "sent",
    };
    let anything = offered
        .iter()
        .any(|(_, offered)| matches!(offered, Offered::Items { items, .. } if !items.is_empty()));
    let fields = html! {
        @for (tool, offered) in &offered {
            fieldset {
                legend { (tool.title()) }
                (offered.list(*tool, &format!("{}{back}/send", opened.url)))
            }
        }
        @if anything { button type="submit" { "Send" } }
    };
    let body = html! {
        p { a href={ (opened.url) (back) } { "← Activity" } }
        h1 { (title) }
        (obstacles(&it.view))
        p { "What was created in " (shown(&opened.project().name)) " in the last 14 days and has not been sent to " (shown(&it.view.other.name)) "." }
        section #candidates data-lacking[opened.busy.is_some()] { (form.with(&fields)) }
    };
    Ok(opened.page(incoming, &title, Tab::None, &body))
}

/// The page that shows what a copy of one item will carry.
pub(crate) async fn preview(
    app: &Page,
    incoming: &Incoming,
    project: &str,
    connection: &str,
    tool: &str,
    item: &str,
) -> Reply {
    let none = || Problem::not_found("item");
    let tool: Tool = tool.parse().map_err(|_| none())?;
    let id: ItemId = item.parse().map_err(|_| none())?;
    let opened = Opened::new(app, incoming, project).await?;
    let it = opened.connection(connection).await?;
    let item = opened.admin.who.item(opened.project(), tool, id).await?;
    let preview = item.preview();
    let back = format!("{}/connections/{}", opened.path(), it.view.id);
    let form = Form {
        action: format!("{}/connections/{}/items", opened.api(), it.view.id),
        back: &back,
        done: "sent",
    };
    let accepted = it.connection.accepts(it.side.other(), tool);
    let may_send = it.connection.connected_since().is_some() && it.view.send.of(tool) != SendMode::Off && accepted;
    let job = Job::over(&it.connection, it.side.other(), tool, id);
    let known = app.sessions.table.delivery(job.pair(), &job.reference()).await?;
    let across = known.and_then(|known| match known.delivery.status {
        Status::Delivered { copy } => Some(copy),
        _ => None,
    });
    let body = html! {
        p { a href={ (opened.url) (back) "/send" } { "← Send items" } }
        h1 { (shown(&item.title())) }
        p.company { "As " (shown(&it.view.other.name)) " will get it" }
        section {
            h2 { "Is copied" }
            (listed(&preview.copied))
            h2 { "Is kept as text" }
            @if preview.kept_as_text.is_empty() {
                p { "Nothing." }
            } @else {
                p { "The other project has no place for it, so it is written into the copy." }
                (listed(&preview.kept_as_text))
            }
            @if !preview.left_out.is_empty() {
                h2 { "Is left out" }
                p { "The copy says so." }
                ul { @for left_out in &preview.left_out { li { (left_out) "." } } }
            }
            @if accepted { p.hint { (addressed(&it.view, tool)) } }
            @else { p.notice.wait { (shown(&it.view.other.name)) " does not accept RFIs." } }
            @if let Some(copy) = across {
                p.notice {
                    "It is already in " (shown(&it.view.other.name)) ": "
                    a href=(app.procore.item(job.target, tool, copy)) rel="noopener noreferrer" target="_blank" { "its copy in Procore" }
                    "."
                }
            }
            @if may_send {
                (form.with(&html! {
                    input type="hidden" name="items" value={ (tool) ":" (id) };
                    @if across.is_some() { input type="hidden" name="second_copy" value="true"; }
                    @if item.is_private() {
                        p.notice.wait {
                            "This RFI is private in " (shown(&opened.project().name)) ". Its copy will be private in " (shown(&it.view.other.name))
                            ", where the people of that project decide who sees it."
                        }
                        p {
                            input id="confirm" type="checkbox" name="confirm_private" value="true" required;
                            " " label for="confirm" { "Send it to " (shown(&it.view.other.name)) " all the same" }
                        }
                    }
                    button type="submit" { @if across.is_some() { "Send a second copy" } @else { "Send" } }
                }))
            }
        }
    };
    Ok(opened.page(incoming, &shown(&item.title()), Tab::None, &body))
}

async fn offer(app: &Page, opened: &Opened<'_>, it: &OpenedConnection, tool: Tool) -> Result<Offered, Problem> {
    if it.view.send.of(tool) == SendMode::Off {
        return Ok(Offered::SwitchedOff);
    }
    if !it.connection.accepts(it.side.other(), tool) {
        return Ok(Offered::NotAccepted(shown(&it.view.other.name)));
    }
    let now = Timestamp::now();
    let since = now.saturating_sub(RECENT).unwrap_or(now);
    let mut items = match opened.admin.who.recent_items(opened.project(), tool, since).await {
        Ok(items) => items,
        // The person has no access to that tool: the others are still of use.
        Err(problem) if matches!(problem.status, 403 | 404) => return Ok(Offered::Closed(problem.detail)),
        Err(problem) => return Err(problem),
    };
    items.retain(|item| !item.is_deleted());
    items.sort_by_key(|item| std::cmp::Reverse(made_at(item)));
    let ids: Vec<(Tool, ItemId)> = items.iter().map(|item| (tool, item.id())).collect();
    let settled = app
        .sessions
        .table
        .settled_items(&it.connection, it.side.other(), &ids)
        .await?;
    items.retain(|item| !settled.contains(&(tool, item.id())));
    let more = items.len() > MOST;
    items.truncate(MOST);
    Ok(Offered::Items { items, more })
}

impl Offered {
    fn list(&self, tool: Tool, page: &str) -> Markup {
        match self {
            Self::SwitchedOff => html! {
                p { "Your project sends none over this connection. Change that in the connection's settings first." }
            },
            Self::NotAccepted(other) => html! { p { (other) " does not accept RFIs." } },
            Self::Closed(why) => html! { p { "They cannot be shown to you. " (why) } },
            Self::Items { items, .. } if items.is_empty() => html! { p { "None." } },
            Self::Items { items, more } => html! {
                ul.plain {
                    @for item in items {
                        @let id = item.id();
                        @let field = format!("{tool}-{id}");
                        li.tick {
                            // What is private is sent from the page on which that is confirmed.
                            input id=(field) type="checkbox" name="items" value={ (tool) ":" (id) } disabled[item.is_private()];
                            label for=(field) {
                                (titled(item))
                                span.hint {
                                    @if let Some(at) = made_at(item) { (time(at)) }
                                    @if let Some(note) = note(item) { " · " (note) }
                                }
                            }
                            a href={ (page) "/" (tool) "/" (id) } aria-describedby=(field) { "Preview" }
                        }
                    }
                }
                @if *more { p.hint { "The newest " (items.len()) " are shown. More are shown once these are sent." } }
            },
        }
    }
}

fn listed(fields: &[(&'static str, String)]) -> Markup {
    html! { dl.facts { @for (name, value) in fields { dt { (name) } dd { (value) } } } }
}

/// Where the copy goes, as far as this side may know it.
fn addressed(view: &View, tool: Tool) -> String {
    match tool {
        Tool::Rfis => format!(
            "It arrives as a draft for the Connected RFI Manager of {}, who decides what becomes of it.",
            shown(&view.other.name)
        ),
        Tool::WorkingHours | Tool::Notes => {
            format!(
                "It arrives in the Site Diary of {}, on the same day.",
                shown(&view.other.name)
            )
        }
    }
}

fn titled(item: &Item) -> String {
    let title = item.title();
    let title = if title.is_empty() {
        "Without words".to_owned()
    } else {
        shown(&title)
    };
    match item {
        Item::Rfi(rfi) => match &rfi.number {
            Some(number) => format!("#{number} {title}"),
            None => title,
        },
        _ => title,
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

fn made_at(item: &Item) -> Option<Timestamp> {
    match item {
        Item::Rfi(rfi) => rfi.opened_at,
        Item::WorkingHours(hours) => hours.entry.created_at,
        Item::Note(note) => note.entry.created_at,
    }
}
