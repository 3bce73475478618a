//! The front page: one's projects, and what waits for one in them. Or what Gusset is, for whoever is not signed in.
//!
//! # What a visit costs
//! Procore: one call for the person's companies and one for each of them, once a minute at most; the page's script asks for the list again
//! every ten minutes. And one call for each right that is not known or older than 20 minutes, 8 at most, within half of what is left
//! of a company's window. Who may review RFIs is asked once somebody wants to choose, in the Inbox. The table: the session, the
//! list, a request for each hundred projects; a query for each project that Gusset knows and of which the person is an admin;
//! two for each of its connections, three where it was quiet.
//!
//! # What is shown
//! Counts, and names of connections, by a right that Procore confirmed within the last half hour. No item's title is, and
//! nothing can be done by it: see [`gusset_domain::admin::GLANCED_FOR`].

mod gather;
mod inbox;
mod lines;
mod nothing;

use gusset_adapters::{
    html::{self, Viewer},
    http::{Answer, Incoming, Problem, Reply},
    sessions::SignedIn,
};
use gusset_domain::overview::Show;
use gusset_words::{say, say_html};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use maud::{Markup, html};

use crate::{Page, busy, done::Said, estimating, landing, live, url_encoded, words::number};
use gather::Gathered;

/// Lines on a page.
const ON_A_PAGE: usize = 100;

/// How often the page's script asks for it anew, in milliseconds: a visit reads much.
const FOLLOWS_EVERY: u32 = 30_000;

/// The same, while rights are still asked about.
const CHECKS_EVERY: u32 = 3_000;

/// The longest search, in characters.
const LONGEST_SEARCH: usize = 100;

/// What of the list is looked at, as the address has it.
struct Choice {
    show: Show,
    search: String,
    page: usize,
}

impl Choice {
    fn of(incoming: &Incoming) -> Self {
        let search = incoming.query("q").unwrap_or_default();
        Self {
            show: Show::named(incoming.query("show").as_deref()),
            search: search.trim().chars().take(LONGEST_SEARCH).collect(),
            page: incoming
                .query("page")
                .and_then(|page| page.parse().ok())
                .unwrap_or(1)
                .max(1),
        }
    }

    /// The query that has these lines, and a page of them.
    fn query(&self, show: Show, page: usize) -> String {
        let mut parts = Vec::new();
        if show != Show::All {
            parts.push(format!("show={}", show.as_str()));
        }
        if !self.search.is_empty() {
            parts.push(format!("q={}", url_encoded(&self.search)));
        }
        if page > 1 {
            parts.push(format!("page={page}"));
        }
        if parts.is_empty() {
            String::new()
        } else {
            format!("?{}", parts.join("&"))
        }
    }
}

/// Signing in, or the projects of whoever is signed in.
pub(crate) async fn front(app: &Page, incoming: &Incoming) -> Reply {
    match signed_in(app, incoming).await {
        // Nobody is, or Procore has revoked the session just now.
        Err(problem) if problem.status == 401 => Ok(landing::page(incoming)),
        other => other,
    }
}

async fn signed_in(app: &Page, incoming: &Incoming) -> Reply {
    let who = app.sessions.signed_in(incoming).await?;
    let gathered = Gathered::of(&who, &app.sessions.table, false).await?;
    let (url, choice, said) = (incoming.public_url(), Choice::of(incoming), Said::of(incoming));
    let query = choice.query(choice.show, choice.page);
    let body = html! {
        h1 { (say!("home-title")) }
        @if let Some(said) = &said { (said.shown()) }
        @if gathered.is_empty() {
            (nothing::section(&app.contact, &gathered))
        } @else {
            div.home.wide data-live={ (url) "/live" (query) } data-every=(FOLLOWS_EVERY) {
                (parts(&who, &url, &choice, &gathered))
            }
        }
        (nothing::without_app(&app.contact, &gathered))
        p { a href={ (url) (estimating::FRONT) } { (say!("home-estimators")) } }
    };
    let page = html::page(say!("home-title"), Viewer::Person(&who.person().name), &url, &body);
    let answer = Answer::html(StatusCode::OK, page);
    Ok(match &said {
        Some(said) => said.said_once(answer, incoming),
        None => answer,
    })
}

/// The page's parts, for its script.
pub(crate) async fn live(app: &Page, incoming: &Incoming) -> Result<Answer, Problem> {
    let who = app.sessions.signed_in(incoming).await?;
    let gathered = Gathered::of(&who, &app.sessions.table, true).await?;
    let parts = parts(&who, &incoming.public_url(), &Choice::of(incoming), &gathered);
    Ok(live::answer(incoming, parts))
}

fn parts(who: &SignedIn<'_>, url: &str, choice: &Choice, gathered: &Gathered) -> Markup {
    let found = gathered.found(choice.show, &choice.search);
    let pages = found.len().div_ceil(ON_A_PAGE).max(1);
    let page = choice.page.min(pages);
    let shown = found.iter().skip((page - 1) * ON_A_PAGE).take(ON_A_PAGE).copied();
    html! {
        div #state data-parts { (state(url, gathered)) }
        (inbox::section(url, gathered))
        div.bar {
            nav.chips #chips data-parts aria-label=(say!("home-chips")) { (chips(url, choice, gathered)) }
            (search(url, choice))
        }
        (lines::table(who, url, shown))
        div #more data-parts {
            (live::empty("found", &html! {
                @if found.is_empty() {
                    p { (say_html!("home-not-found", all = html! { a href={ (url) "/" } { (say!("home-show-all")) } })) }
                } @else if pages > 1 {
                    div.pages {
                        @if page > 1 { a.button.quiet href={ (url) "/" (choice.query(choice.show, page - 1)) } { (say!("home-previous")) } }
                        span { (say!("home-page", page = page, pages = pages)) }
                        @if page < pages { a.button.quiet href={ (url) "/" (choice.query(choice.show, page + 1)) } { (say!("home-next")) } }
                    }
                }
            }))
        }
        (lines::not_admin(url, gathered))
    }
}

/// What is to be known of the list as a whole.
fn state(url: &str, gathered: &Gathered) -> Markup {
    let checking = gathered.checking();
    live::empty(
        "state-now",
        &html! {
            @if let Some(busy) = gathered.seen.busy {
                div.notice.wait data-soon=(busy.again_in * 1_000) { (busy::notice(busy, Timestamp::now())) }
            }
            @if checking > 0 {
                p.hint data-soon=(CHECKS_EVERY) {
                    (say!("home-checking", count = checking, number = number(checking))) " "
                    noscript { a href={ (url) "/" } { (say!("home-go-on")) } }
                }
            } @else if gathered.connected() == 0 {
                p { (say!("home-unconnected")) }
            }
        },
    )
}

fn chips(url: &str, choice: &Choice, gathered: &Gathered) -> Markup {
    html! {
        @for show in Show::ALL {
            @let count = gathered.found(show, &choice.search).len();
            @let current = (show == choice.show).then_some("true");
            @let body = html! {
                a data-filter href={ (url) "/" (choice.query(show, 1)) } aria-current=[current] { (show.title()) " " span.count { (count) } }
            };
            span id={ "chip-" (show.as_str()) } data-part=(live::fingerprint(&body.0)) { (body) }
        }
    }
}

fn search(url: &str, choice: &Choice) -> Markup {
    html! {
        form.find-projects method="get" action={ (url) "/" } role="search" data-filters {
            @if choice.show != Show::All { input type="hidden" name="show" value=(choice.show.as_str()); }
            label.unseen for="q" { (say!("home-search")) }
            input #q type="search" name="q" value=(choice.search) placeholder=(say!("home-search-hint")) maxlength=(LONGEST_SEARCH)
                autocomplete="off" spellcheck="false";
            button.quiet type="submit" { (say!("home-search-go")) }
        }
    }
}
