//! The table of projects, and those that the person cannot administer.

use gusset_adapters::sessions::SignedIn;
use gusset_domain::{
    names::shown,
    overview::{DAYS, Overview},
};
use gusset_words::say;
use maud::{Markup, html};

use super::gather::{Closed, Gathered, Line};
use crate::{connections::opening, live, time::day_and_time, words::number};

/// Names of connections in a line; the rest is a number.
const MAX_NAMED: usize = 3;

/// The most admins that are named of a project.
const MAX_ADMINS: usize = 3;

/// The table.
pub(super) fn table<'a>(who: &SignedIn<'_>, url: &str, lines: impl Iterator<Item = &'a Line>) -> Markup {
    let sent = say!("line-sent", days = DAYS);
    let received = say!("line-received", days = DAYS);
    // Roles are said because a phone lays the table out as blocks.
    html! {
        div.log-box {
            table.log.stack role="table" {
                caption.unseen { (say!("lines")) }
                thead role="rowgroup" {
                    tr role="row" {
                        th scope="col" role="columnheader" { (say!("line-project")) }
                        th scope="col" role="columnheader" { (say!("line-connections")) }
                        th.number scope="col" role="columnheader" { (say!("line-needs")) }
                        th.number scope="col" role="columnheader" { (say!("line-requests")) }
                        th.number scope="col" role="columnheader" { (sent) }
                        th.number scope="col" role="columnheader" { (received) }
                        th.number scope="col" role="columnheader" { (say!("line-latest")) }
                    }
                }
                tbody #lines data-parts role="rowgroup" {
                    @for line in lines { (row(who, url, line, [&sent, &received])) }
                }
            }
        }
    }
}

fn row(who: &SignedIn<'_>, url: &str, line: &Line, [sent, received]: [&str; 2]) -> Markup {
    let project = &line.project;
    let body = html! {
        th.cut scope="row" role="rowheader" { (name(who, url, line)) " " span.company { (shown(&project.company_name)) } }
        @match &line.overview {
            None => td.checking colspan="6" role="cell" { (say!("line-checking")) },
            Some(it) => {
                td.cut.none[it.connected.is_empty() && it.asked == 0] role="cell" data-label=(say!("line-connections")) { (connections(it)) }
                (count(say!("line-needs"), it.needs().into(), Some("wait")))
                (count(say!("line-requests"), it.requests().try_into().unwrap_or(u64::MAX), Some("new")))
                (count(sent, it.traffic.sent.into(), None))
                (count(received, it.traffic.received.into(), None))
                td.number.none[it.traffic.latest.is_none()] role="cell" data-label=(say!("line-latest")) {
                    @match it.traffic.latest { Some(at) => (day_and_time(at)), None => "–" }
                }
            }
        }
    };
    html! { tr id={ "line-" (project.id) } role="row" data-part=(live::fingerprint(&body.0)) { (body) } }
}

/// The way into the project, which is opened first where it was not during this session.
///
/// Where it has one connection and nobody asks for an answer, its Activity is what one comes for: the list of its connections
/// is a card that says nothing new, and on a phone a screen to scroll past. So the link leads there at every width, which takes
/// no guess at what kind of browser it is, and the page that the link names is the page that opens.
fn name(who: &SignedIn<'_>, url: &str, line: &Line) -> Markup {
    let (name, project) = (shown(&line.project.name), line.project.id);
    let settled = line.overview.as_ref().is_some_and(Overview::has_one_connection);
    let page = if settled { "/activity" } else { "" };
    if who.has_opened(project) {
        html! { a href={ (url) "/projects/" (project) (page) } { (name) } }
    } else {
        opening(url, project, page, &html! { button.link type="submit" { (name) } })
    }
}

fn connections(overview: &Overview) -> Markup {
    let (names, asked) = (&overview.connected, overview.asked);
    let named: Vec<String> = names.iter().take(MAX_NAMED).map(|name| shown(name)).collect();
    html! {
        @if names.is_empty() && asked == 0 {
            "–"
        } @else {
            @if !names.is_empty() { (names.len()) " " span.company { (named.join(", ")) @if names.len() > MAX_NAMED { ", …" } } }
            @if asked > 0 { " " span.company { (say!("line-asked", count = asked)) } }
        }
    }
}

fn count(label: &str, count: u64, badge: Option<&str>) -> Markup {
    html! {
        td.number.none[count == 0] role="cell" data-label=(label) {
            @match badge.filter(|_| count > 0) {
                Some(class) => span class={ "badge " (class) } { (number(count)) },
                None if count == 0 => "–",
                None => (number(count)),
            }
        }
    }
}

/// The projects that the person cannot administer, folded away, with whom to ask.
pub(super) fn not_admin(url: &str, gathered: &Gathered) -> Markup {
    let closed = &gathered.closed;
    let count = u64::try_from(closed.len()).unwrap_or(u64::MAX);
    html! {
        div #not-admin data-parts {
            @if count > 0 {
                (live::empty("not-admin-now", &html! {
                    details #not-admin-list {
                        summary { (say!("closed", count = count, number = number(count))) }
                        p.hint { (say!("closed-hint")) }
                        ul.plain.closed { @for it in closed { li { (ask(url, it)) } } }
                    }
                }))
            }
        }
    }
}

fn ask(url: &str, it: &Closed) -> Markup {
    let names: Vec<String> = it
        .admins
        .iter()
        .take(MAX_ADMINS)
        .map(|person| shown(&person.name))
        .collect();
    html! {
        (shown(&it.project.name)) " " span.company { (shown(&it.project.company_name)) } " "
        @if names.is_empty() {
            a href={ (url) "/projects/" (it.project.id) } { (say!("closed-whom")) span.unseen { " " (say!("closed-about", name = shown(&it.project.name))) } }
        } @else {
            span.company { (say!("closed-ask", names = names.join(", "))) }
        }
    }
}
