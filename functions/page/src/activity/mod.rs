//! What became of each item: the log of a project's deliveries, or of one connection's.

mod chart;
mod delivery;
mod groups;
mod table;

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use gusset_adapters::{
    http::{Answer, Incoming, Problem, Reply},
    log::{self, Log, MAX_READ},
    sessions::{Admin, Busy},
    table::{TableError, deliveries::Range},
};
use gusset_domain::{
    activity::{Query, Row, SavedViews, StatusName},
    connection::{Connection, Status, View},
    delivery::WaitsFor,
    ids::{ConnectionId, ProjectId},
    marker::Reference,
    names::shown,
    send::Tool,
};
use gusset_words::say;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::{
    Page,
    connections::{obstacles, status_badge, story},
    live,
    project::{self, Opened, OpenedConnection, Tab},
    query_text,
};
use delivery::Details;
use groups::Mending;
use table::Shown;

/// Rows on a page.
const ON_A_PAGE: usize = 100;

/// Days that the chart shows.
const DAYS: u8 = 14;

/// Whose log a page shows, and as whom.
struct Scope {
    /// Where Gusset is.
    url: String,
    /// The project whose page it is.
    here: ProjectId,
    /// The connections whose deliveries are shown, as this side sees them, the live ones first.
    views: Vec<View>,
    connections: Vec<Connection>,
    /// The one connection, where the page is about one.
    only: Option<ConnectionId>,
}

/// What a page asks for.
struct Asked {
    query: Query,
    behind: Option<String>,
}

/// What a page shows.
struct Found {
    page: log::Page,
    /// The newest of everything, from which groups and chart are made: only on the first page.
    log: Option<Log>,
    /// Who, and when, for what mends the problems.
    mending: Mending,
    /// The filters that the person has saved.
    views: SavedViews,
}

/// The Activity page of a project: everything that went over any of its connections.
pub(crate) async fn of_project(app: &Page, incoming: &Incoming, project: &str) -> Reply {
    let mut opened = Opened::new(app, incoming, project).await?;
    let connections = app.sessions.table.connections(opened.project().id).await?;
    let scope = Scope::new(&opened.url, opened.project().id, connections, None);
    let asked = Asked::of(incoming)?;
    let found = find(app, &opened.admin, &mut opened.busy, &scope, &asked).await?;
    let body = html! { (region(&scope, &asked, &found)) };
    Ok(opened.page(incoming, say!("activity-title"), Tab::Activity, &body))
}

/// The Activity page of one connection.
pub(crate) async fn of_connection(app: &Page, incoming: &Incoming, project: &str, connection: &str) -> Reply {
    let mut opened = Opened::new(app, incoming, project).await?;
    let it = opened.connection(connection).await?;
    let title = say!("activity-with", name = shown(&it.view.other.name));
    let head = head(&opened, &it, &title);
    let scope = Scope::new(&opened.url, opened.project().id, vec![it.connection], Some(it.view.id));
    let asked = Asked::of(incoming)?;
    let found = find(app, &opened.admin, &mut opened.busy, &scope, &asked).await?;
    let body = html! {
        (head)
        (region(&scope, &asked, &found))
    };
    Ok(opened.page_within(incoming, &title, Tab::Activity, &body))
}

/// The lists of a project's page, for its script.
pub(crate) async fn project_live(app: &Page, incoming: &Incoming, project: &str) -> Result<Answer, Problem> {
    let (admin, busy) = onlooker(app, incoming, project).await?;
    let connections = app.sessions.table.connections(admin.project).await?;
    let scope = Scope::new(&incoming.public_url(), admin.project, connections, None);
    lists_for_script(app, incoming, (&admin, busy), &scope).await
}

/// The lists of a connection's page, for its script.
pub(crate) async fn connection_live(
    app: &Page,
    incoming: &Incoming,
    project: &str,
    id: &str,
) -> Result<Answer, Problem> {
    let (admin, busy) = onlooker(app, incoming, project).await?;
    let it = project::connection(&admin, id).await?;
    let scope = Scope::new(
        &incoming.public_url(),
        admin.project,
        vec![it.connection],
        Some(it.view.id),
    );
    lists_for_script(app, incoming, (&admin, busy), &scope).await
}

/// The page of one delivery. The script shows it beside the log.
pub(crate) async fn delivery(
    app: &Page,
    incoming: &Incoming,
    project: &str,
    connection: &str,
    reference: &str,
) -> Reply {
    let none = || Problem::not_found(say!("thing-delivery"));
    let reference: Reference = reference.parse().map_err(|_| none())?;
    let opened = Opened::new(app, incoming, project).await?;
    let it = opened.connection(connection).await?;
    let known = app.sessions.table.delivery(it.connection.pair(), &reference).await?;
    let delivery = known
        .map(|known| known.delivery)
        .filter(|it| it.is_seen())
        .ok_or_else(none)?;
    let base = format!("/projects/{project}/connections/{}", it.view.id);
    let details = Details {
        url: &opened.url,
        base: &base,
        project,
        it: &it,
        procore: &app.procore,
    };
    let title = shown(&delivery.title);
    let body = html! {
        p { a href={ (opened.url) (base) } { (say!("activity-back", name = shown(&it.view.other.name))) } }
        (details.whole(&delivery))
    };
    Ok(opened.page_within(incoming, &title, Tab::Activity, &body))
}

async fn onlooker<'a>(app: &'a Page, incoming: &Incoming, project: &str) -> Result<(Admin<'a>, Option<Busy>), Problem> {
    let project = project.parse().map_err(|_| Problem::not_found(say!("thing-project")))?;
    app.sessions.onlooker(incoming, project).await
}

fn head(opened: &Opened<'_>, it: &OpenedConnection, title: &str) -> Markup {
    let page = format!("{}{}/connections/{}", opened.url, opened.path(), it.view.id);
    html! {
        div.head {
            div { h1 { (title) } p.company { (shown(&it.view.other.company_name)) } }
            (status_badge(it.view.status))
        }
        p { (story(&it.view)) }
        (obstacles(&it.view))
        @if it.view.status == Status::Connected {
            div.actions {
                a.button href={ (page) "/send" } { (say!("activity-send")) }
                a.button.quiet href={ (page) "/terms" } { (say!("activity-terms")) }
            }
        }
    }
}

async fn find(
    app: &Page,
    admin: &Admin<'_>,
    busy: &mut Option<Busy>,
    scope: &Scope,
    asked: &Asked,
) -> Result<Found, Problem> {
    let (table, pairs) = (&app.sessions.table, log::pairs(&scope.connections));
    let (query, behind) = (&asked.query, asked.behind.as_deref());
    if behind.is_some() {
        let page = log::page(table, &pairs, scope.here, query, behind, ON_A_PAGE, false).await?;
        return Ok(Found {
            page,
            log: None,
            mending: Mending::default(),
            views: SavedViews::default(),
        });
    }
    // What waits and what came of the last days is told whatever is filtered for: both are made from what was read once.
    let range = Range::default();
    let log = log::read(table, &pairs, &range, MAX_READ).await?;
    let is_further_back = log.is_cut && (query.since.is_some() || query.until.is_some());
    let page = if is_further_back {
        log::page(table, &pairs, scope.here, query, None, ON_A_PAGE, true).await?
    } else {
        log::page_of(&log, scope.here, query, None, ON_A_PAGE)
    };
    let managers = if log.rows.iter().any(|row| scope.waits_for_manager(row)) {
        app.managers.known(admin, busy).await?
    } else {
        None
    };
    let asked: BTreeSet<ProjectId> = log.rows.iter().filter_map(Row::asks).collect();
    let views = scope.views.iter().filter(|view| view.status == Status::Connected);
    let reminders = views
        .filter(|view| asked.contains(&view.other.id))
        .map(async |view| Ok::<_, TableError>((view.id, table.last_reminder(view.id, view.side).await?)));
    let reminders = try_join_all(reminders).await?;
    let reminders = reminders.into_iter().filter_map(|(id, last)| Some((id, last?)));
    Ok(Found {
        page,
        log: Some(log),
        mending: Mending {
            managers,
            reminders: reminders.collect(),
        },
        views: table.saved_views(admin.project, admin.who.person().id).await?,
    })
}

async fn lists_for_script(
    app: &Page,
    incoming: &Incoming,
    (admin, mut busy): (&Admin<'_>, Option<Busy>),
    scope: &Scope,
) -> Result<Answer, Problem> {
    let asked = Asked::of(incoming)?;
    let found = find(app, admin, &mut busy, scope, &asked).await?;
    Ok(live::answer(incoming, lists(scope, &asked, &found)))
}

/// What follows the head of the page: what the script keeps current, and the form that says what that is.
fn region(scope: &Scope, asked: &Asked, found: &Found) -> Markup {
    // A page further back is not live: what is new is on the first one.
    let live = format!("{}{}/live{}", scope.url, scope.path(), asked.query(&[]));
    let live = asked.behind.is_none().then_some(live);
    html! {
        div.wide data-live=[live] {
            (lists(scope, asked, found))
        }
    }
}

fn lists(scope: &Scope, asked: &Asked, found: &Found) -> Markup {
    let now = Timestamp::now();
    let shown = Shown { scope, asked, found };
    html! {
        @if let Some(log) = &found.log {
            div #problems data-parts { (groups::sections(log, scope, &found.mending)) }
            div #chart data-parts { (chart::section(&log.rows, DAYS, log.is_cut, now)) }
        }
        (shown.filters())
        div #chips data-parts { (shown.chips()) }
        (shown.table())
    }
}

impl Scope {
    fn new(url: &str, here: ProjectId, connections: Vec<Connection>, only: Option<ConnectionId>) -> Self {
        let views = connections
            .iter()
            .filter_map(|connection| Some(connection.seen_from(connection.side_of(here)?)));
        let mut views: Vec<View> = views.collect();
        views.sort_by_key(|view| (view.status == Status::Ended, std::cmp::Reverse(view.id)));
        Self {
            url: url.to_owned(),
            here,
            views,
            connections,
            only,
        }
    }

    /// The path of the page.
    fn path(&self) -> String {
        match self.only {
            Some(connection) => format!("/projects/{}/connections/{connection}", self.here),
            None => format!("/projects/{}/activity", self.here),
        }
    }

    /// The project across from the one whose page it is.
    fn other(&self, row: &Row) -> ProjectId {
        if row.source == self.here {
            row.target
        } else {
            row.source
        }
    }

    /// Whether an RFI waits here for somebody to be chosen for it.
    fn waits_for_manager(&self, row: &Row) -> bool {
        let waits = matches!(row.waits_for, Some(WaitsFor::Manager | WaitsFor::ManagerRole));
        let view = || self.view(row.connection, self.other(row));
        waits && row.waits_in() == Some(self.here) && view().is_some_and(|view| view.status == Status::Connected)
    }

    /// How a connection is seen. What went over one that ended belongs to the one that the two projects have now.
    fn view(&self, connection: ConnectionId, other: ProjectId) -> Option<&View> {
        let same = self.views.iter().find(|view| view.other.id == other);
        same.or_else(|| self.views.iter().find(|view| view.id == connection))
    }
}

impl Asked {
    fn of(incoming: &Incoming) -> Result<Self, Problem> {
        let (ask, query) = (incoming.paging()?, incoming.log_query()?);
        let behind = ask.place_of_delivery()?.map(str::to_owned);
        Ok(Self { query, behind })
    }

    /// The query of an address that asks for the same, with some parameters changed. An empty one is left out.
    fn query(&self, changed: &[(&str, &str)]) -> String {
        query_of(&self.query, changed)
    }
}

/// A query as an address has it, `?` included; nothing where there is nothing to say.
fn query_of(query: &Query, changed: &[(&str, &str)]) -> String {
    let kept = query
        .parameters()
        .into_iter()
        .filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    let changed = changed.iter().filter(|(_, value)| !value.is_empty());
    let changed = changed.map(|(name, value)| (*name, (*value).to_owned()));
    query_text(kept.chain(changed))
}

/// An item's subject or first words, as pages show them.
fn titled(title: &str) -> String {
    if title.is_empty() {
        say!("activity-unread").to_owned()
    } else {
        shown(title)
    }
}

/// One item of a tool.
pub(crate) fn one(tool: Tool) -> &'static str {
    match tool {
        Tool::Rfis => say!("one-rfi"),
        Tool::WorkingHours => say!("one-working-hours"),
        Tool::Notes => say!("one-note"),
    }
}

/// What a status looks like.
fn class(status: StatusName) -> &'static str {
    match status {
        StatusName::Delivered => "good",
        StatusName::Held | StatusName::Retrying => "wait",
        StatusName::Failed => "bad",
        StatusName::Queued | StatusName::Copying => "new",
        StatusName::Cancelled => "",
    }
}
