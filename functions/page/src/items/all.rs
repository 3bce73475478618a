//! Sending all items that fit: what that comes to, before; and how far it is, after.

use gusset_adapters::{
    http::{Incoming, Problem, Reply},
    offered::Offered,
    sessions::Freshness,
};
use gusset_domain::{
    backfill::{Backfill, MAX_ITEMS, State, minutes},
    items::Item,
    names::shown,
    offered::{Reach, Wanted, Whose},
    send::Tool,
};
use gusset_words::{say, say_html};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::{
    Page, live as parts,
    project::{Form, Opened, OpenedConnection, Tab},
    query_text,
    time::time,
    words::number,
};

/// How long what came of one is shown.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How often the script looks how far one is, in milliseconds.
const FOLLOWS_EVERY: u32 = 3_000;

/// The page that says what sending all of a filter comes to, and asks whether to.
pub(crate) async fn confirm(app: &Page, incoming: &Incoming, project: &str, connection: &str) -> Reply {
    let wanted = Wanted::of(|name| incoming.query(name));
    let wanted = wanted.map_err(|(name, wrong)| Problem::bad_field(name, wrong))?;
    let mut opened = Opened::new(app, incoming, project).await?;
    let it = opened.connection(connection).await?;
    let title = say!("all-title", name = shown(&it.view.other.name));
    let back = format!("{}/connections/{}/send", opened.path(), it.view.id);
    let body = if it.connection.connected_since().is_none() {
        html! { p { (say!("items-not-connected")) } }
    } else {
        let (table, from) = (&app.sessions.table, it.from());
        let reads = (&opened.admin.who, &app.items, Freshness::AMinute);
        let offered = Offered::read(reads, table, &from, &wanted).await?;
        let sendable = offered.sendable(table, &from).await?;
        let body = asked(&opened, &it, (&back, &wanted), &offered, &sendable);
        if offered.lacking.is_some() {
            opened.busy = offered.lacking;
        }
        body
    };
    let body = html! {
        p { a href={ (opened.url) (back) (query_text(wanted.parameters())) } { (say!("preview-back")) } }
        h1 { (title) }
        (body)
    };
    Ok(opened.page_within(incoming, &title, Tab::Send, &body))
}

fn asked(
    opened: &Opened<'_>,
    it: &OpenedConnection,
    (back, wanted): (&str, &Wanted),
    offered: &Offered,
    sendable: &[&Item],
) -> Markup {
    if offered.lacking.is_some() {
        return html! { p { (say!("all-lacking")) } };
    }
    let left_out = offered.items.len() - sendable.len();
    let others = html! {
        @if left_out > 0 {
            p.hint { (say!("all-left-out", count = left_out, number = number(left_out as u64))) }
        }
    };
    if sendable.is_empty() {
        return html! { p { (say!("all-nothing")) } (others) };
    }
    if sendable.len() > MAX_ITEMS {
        return html! {
            p { (say!("all-too-many", number = number(sendable.len() as u64), most = number(MAX_ITEMS as u64))) }
        };
    }
    let files = sendable.iter().map(|item| item.attachments().len()).sum();
    let form = Form {
        action: format!("{}/connections/{}/backfill", opened.api(), it.view.id),
        back,
        done: "backfill",
    };
    let fields = html! {
        @for (name, value) in wanted.parameters() { input type="hidden" name=(name) value=(value); }
        div.actions {
            button type="submit" { (say!("all-button", items = many_items(sendable.len() as u64))) }
            a.button.quiet href={ (opened.url) (back) (query_text(wanted.parameters())) } { (say!("all-cancel")) }
        }
    };
    html! {
        p #amount {
            (amount(html! { strong { (amounts(sendable)) } }, filter(wanted), files, minutes(sendable.len(), files)))
        }
        @if wanted.whose == Whose::Others {
            p.notice.wait {
                (say!("all-others"))
            }
        }
        p.hint { (say!("all-share")) }
        (others)
        (form.with(&fields))
    }
}

/// What it comes to: how many items, of which filter, with how many files, and for how long.
fn amount(items: Markup, filter: Option<String>, files: usize, minutes: u64) -> Markup {
    let files = files as u64;
    let files = say!("all-files", count = files, number = number(files));
    let duration = duration(minutes);
    match filter {
        Some(filter) => say_html!(
            "all-amount-of",
            items = items,
            filter = filter,
            files = files,
            duration = duration
        ),
        None => say_html!("all-amount", items = items, files = files, duration = duration),
    }
}

/// So many items.
pub(super) fn many_items(count: u64) -> String {
    say!("items-items", count = count, number = number(count))
}

/// How many of each tool.
fn amounts(items: &[&Item]) -> String {
    let of = |tool| items.iter().filter(|item| item.tool() == tool).count() as u64;
    let of_tool = |tool| {
        let (count, number) = (of(tool), number(of(tool)));
        match tool {
            _ if count == 0 => None,
            Tool::Rfis => Some(say!("all-rfis", count = count, number = number)),
            Tool::WorkingHours => Some(say!("all-hours", count = count, number = number)),
            Tool::Notes => Some(say!("all-notes", count = count, number = number)),
        }
    };
    let each: Vec<String> = Tool::ALL.into_iter().filter_map(of_tool).collect();
    match each.split_last() {
        Some((last, before)) if !before.is_empty() => say!("all-and", before = before.join(", "), last = last.as_str()),
        _ => each.concat(),
    }
}

/// What of the filter does not show in the amounts.
fn filter(wanted: &Wanted) -> Option<String> {
    let time = match wanted.reach {
        Reach::Fortnight => Some(say!("all-of-fortnight").to_owned()),
        Reach::Quarter => Some(say!("all-of-quarter").to_owned()),
        Reach::All => None,
    };
    let words = (!wanted.text.is_empty()).then(|| say!("all-with-words", words = shown(&wanted.text)));
    let both: Vec<_> = [time, words].into_iter().flatten().collect();
    (!both.is_empty()).then(|| both.join(" "))
}

fn duration(minutes: u64) -> String {
    match minutes {
        1 => say!("all-minute").to_owned(),
        2..90 => say!("all-minutes", minutes = minutes.to_string()),
        _ => say!("all-hours-long", hours = minutes.div_ceil(60).to_string()),
    }
}

/// The latest backfill of the side that looks, while it is worth a look.
pub(super) async fn latest(app: &Page, it: &OpenedConnection) -> Result<Option<Backfill>, Problem> {
    let known = app.sessions.table.backfill_of(&it.connection, it.side).await?;
    let now = Timestamp::now();
    let is_news = |backfill: &Backfill| match &backfill.state {
        State::Running | State::Paused { .. } => true,
        State::Cancelled { at, .. } | State::Done { at } => now.duration_since(*at) < SHOWN_FOR,
    };
    Ok(known.map(|known| known.backfill).filter(is_news))
}

/// How far it is, on a page that follows it.
pub(super) fn followed(opened: &Opened<'_>, it: &OpenedConnection, backfill: &Backfill) -> Markup {
    let live = format!("{}{}/connections/{}/send/live", opened.url, opened.path(), it.view.id);
    html! { div data-live=[backfill.goes_on().then_some(live)] { (list(opened, it, backfill)) } }
}

/// The part of the page that follows it, for the script.
pub(crate) async fn live(app: &Page, incoming: &Incoming, project: &str, connection: &str) -> Reply {
    let opened = Opened::new(app, incoming, project).await?;
    let it = opened.connection(connection).await?;
    let backfill = latest(app, &it)
        .await?
        .ok_or_else(|| Problem::not_found(say!("thing-backfill")))?;
    Ok(parts::answer(incoming, list(&opened, &it, &backfill)))
}

fn list(opened: &Opened<'_>, it: &OpenedConnection, backfill: &Backfill) -> Markup {
    let says = state(backfill);
    html! { div #backfills data-parts { (parts::part("backfill", &says, &progress(opened, it, backfill, &says))) } }
}

fn state(backfill: &Backfill) -> String {
    match &backfill.state {
        State::Running => say!("all-running").to_owned(),
        State::Paused { by, .. } => say!("all-paused", name = shown(by)),
        State::Cancelled { reason, .. } => reason.clone(),
        State::Done { .. } => say!("all-done").to_owned(),
    }
}

fn progress(opened: &Opened<'_>, it: &OpenedConnection, backfill: &Backfill, says: &str) -> Markup {
    let (total, next) = (u64::from(backfill.total), u64::from(backfill.next));
    let counts = backfill.counts;
    let under_way = u32::try_from(backfill.under_way.len()).unwrap_or_default();
    let came = [
        (
            counts.delivered,
            say!("all-delivered", number = number(counts.delivered.into())),
        ),
        (
            counts.waiting,
            say!("all-waiting", number = number(counts.waiting.into())),
        ),
        (counts.failed, say!("all-failed", number = number(counts.failed.into()))),
        (
            counts.skipped,
            say!("all-skipped", number = number(counts.skipped.into())),
        ),
        (under_way, say!("all-under-way", number = number(under_way.into()))),
    ];
    let came: Vec<_> = came.into_iter().filter(|(count, _)| *count > 0).collect();
    let back = format!("{}/connections/{}/send", opened.path(), it.view.id);
    let api = format!("{}/connections/{}/backfill", opened.api(), it.view.id);
    let button = |act: &str, done: &str, words: &str| {
        let form = Form {
            action: format!("{api}/{act}"),
            back: &back,
            done,
        };
        form.button(words, "quiet", "backfill-state")
    };
    html! {
        h2 #backfill-state { (says) }
        progress max=(total) value=(next) data-soon=[backfill.goes_on().then_some(FOLLOWS_EVERY)] aria-label=(say!("all-bar")) { (say!("all-bar-value", next = number(next), total = number(total))) }
        p {
            (say!("all-set-out", next = number(next), total = number(total)))
            @for (_, what) in &came { " · " (what) }
            ". " (say_html!("all-started", name = shown(&backfill.started_by), at = time(backfill.started_at)))
        }
        @match backfill.state {
            State::Running => div.actions {
                (button("pause", "backfill-paused", say!("all-pause")))
                (button("cancel", "backfill-cancelled", say!("all-cancel-rest")))
            },
            State::Paused { .. } => div.actions {
                (button("resume", "backfill-resumed", say!("all-resume")))
                (button("cancel", "backfill-cancelled", say!("all-cancel-rest")))
            },
            State::Cancelled { .. } | State::Done { .. } => {},
        }
    }
}
