//! The Bid Calendar: projects by when their bids are due.

mod list;
mod month;
mod subscribe;

use gusset_adapters::{
    http::{Incoming, Problem, Reply},
    table::Table,
};
use gusset_domain::{
    bid_calendar::{is_found, sort},
    ids::AccountId,
    integration::Integration,
    plans::project::SyncedProject,
};
use gusset_words::say;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use maud::{Markup, html};

use super::{CALENDAR, INTEGRATIONS, Opened, Tab};
use crate::{Page, live, url_encoded};

/// What the page is made from.
struct Found {
    integration: Option<Integration>,
    projects: Vec<SyncedProject>,
    /// Projects of the account, whatever is searched for.
    all: usize,
    now: Timestamp,
}

impl Found {
    async fn read(table: &Table, account: AccountId, search: &str) -> Result<Self, Problem> {
        let now = Timestamp::now();
        let integration = table.integration(account).await?;
        let mut projects = table.synced_projects(account).await?;
        let all = projects.len();
        projects.retain(|project| is_found(project, search));
        sort(&mut projects, now);
        Ok(Self {
            integration: integration.map(|found| found.integration),
            projects,
            all,
            now,
        })
    }
}

/// How the projects are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    List,
    /// A month: any day of it.
    Month(Date),
}

/// What is asked for.
struct Asked {
    view: View,
    search: String,
}

impl Asked {
    /// What the query says. Anything that makes no sense is left out.
    fn of(incoming: &Incoming, now: Timestamp) -> Self {
        let month = incoming.query("month").and_then(|month| month_of(&month));
        let view = match incoming.query("view").as_deref() {
            Some("month") => View::Month(month.unwrap_or_else(|| today(now))),
            _ => View::List,
        };
        let search = incoming.query("q").unwrap_or_default();
        Self {
            view,
            search: search.trim().chars().take(100).collect(),
        }
    }

    /// The path and query of the same search in another view.
    fn path(&self, view: View) -> String {
        let mut query = Vec::new();
        if let View::Month(month) = view {
            query.push(format!("view=month&month={}", month.strftime("%Y-%m")));
        }
        if !self.search.is_empty() {
            query.push(format!("q={}", url_encoded(&self.search)));
        }
        if query.is_empty() {
            CALENDAR.to_owned()
        } else {
            format!("{CALENDAR}?{}", query.join("&"))
        }
    }
}

/// The first day of `2026-12`.
fn month_of(text: &str) -> Option<Date> {
    let (year, month) = text.split_once('-')?;
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
    // So that there is always a month before and after.
    (1970..=9000).contains(&date.year()).then_some(date)
}

fn today(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// The page.
pub(crate) async fn page(app: &Page, incoming: &Incoming) -> Reply {
    let opened = Opened::new(app, incoming).await?;
    let table = &app.accounts.table;
    let asked = Asked::of(incoming, Timestamp::now());
    let found = Found::read(table, opened.who.account, &asked.search).await?;
    let account = table.account(opened.who.account).await?;
    let generation = account.map(|account| account.calendar_generation).unwrap_or_default();
    let address = app
        .calendars()
        .await?
        .address(&opened.url, opened.who.account, generation);
    let url = &opened.url;
    let body = html! {
        h1 { (say!("calendar")) }
        @if found.all == 0 {
            (nothing(url, found.integration.as_ref()))
        } @else {
            (controls(url, &asked, found.now))
        }
        @match asked.view {
            View::List => div data-live={ (url) (live_path(&asked)) } { (list::lists(url, &found, &asked.search)) },
            View::Month(month) => (month::month(url, &found, &asked, month)),
        }
        (subscribe::section(url, &address))
    };
    Ok(opened.page(incoming, say!("calendar"), Tab::Calendar, &body))
}

/// The list, for its script. A read and a query.
pub(crate) async fn live(app: &Page, incoming: &Incoming) -> Reply {
    let who = app.accounts.signed_in(incoming).await?;
    let asked = Asked::of(incoming, Timestamp::now());
    let found = Found::read(&app.accounts.table, who.account, &asked.search).await?;
    let lists = list::lists(&incoming.public_url(), &found, &asked.search);
    Ok(live::answer(incoming, lists))
}

fn live_path(asked: &Asked) -> String {
    if asked.search.is_empty() {
        format!("{CALENDAR}/live")
    } else {
        format!("{CALENDAR}/live?q={}", url_encoded(&asked.search))
    }
}

fn nothing(url: &str, integration: Option<&Integration>) -> Markup {
    html! {
        section {
            @if integration.is_some_and(Integration::is_connected) {
                p { (say!("calendar-looking")) }
                div.actions { a.button.quiet href={ (url) (INTEGRATIONS) } { (say!("calendar-progress")) } }
            } @else {
                p { (say!("calendar-nothing")) }
                div.actions { a.button href={ (url) (INTEGRATIONS) } { (say!("calendar-connect")) } }
            }
        }
    }
}

fn controls(url: &str, asked: &Asked, now: Timestamp) -> Markup {
    let month = match asked.view {
        View::Month(month) => month,
        View::List => today(now),
    };
    let is_list = asked.view == View::List;
    html! {
        div.controls {
            nav.switch aria-label=(say!("calendar-views")) {
                a href={ (url) (asked.path(View::List)) } aria-current=[is_list.then_some("page")] { (say!("calendar-list")) }
                a href={ (url) (asked.path(View::Month(month))) } aria-current=[(!is_list).then_some("page")] { (say!("calendar-month")) }
            }
            form.search method="get" action={ (url) (CALENDAR) } role="search" {
                @if !is_list {
                    input type="hidden" name="view" value="month";
                    input type="hidden" name="month" value=(month.strftime("%Y-%m"));
                }
                label.unseen for="q" { (say!("calendar-search")) }
                input #q type="search" name="q" value=(asked.search) maxlength="100" placeholder=(say!("calendar-search-hint"));
                button.quiet type="submit" { (say!("calendar-search-go")) }
            }
        }
    }
}
