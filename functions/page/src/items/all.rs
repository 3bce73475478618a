//! Sending all items that fit: what that comes to, before; and how far it is, after.

use gusset_adapters::{
    http::{Incoming, Problem, Reply},
    offered::Offered,
    sessions::Freshness,
};
use gusset_domain::{
    backfill::{Backfill, Estimate, MAX_ITEMS, State},
    items::Item,
    names::shown,
    offered::{Reach, Wanted, Whose},
    send::Tool,
};
use maud::{Markup, html};

use crate::{
    Page, live as parts,
    project::{Form, Opened, OpenedConnection, Tab},
    query_text,
    time::time,
    words::{many, number},
};

/// The page that says what sending all of a filter comes to, and asks whether to.
pub(crate) async fn confirm(app: &Page, incoming: &Incoming, project: &str, connection: &str) -> Reply {
    let wanted = Wanted::of(|name| incoming.query(name));
    let wanted = wanted.map_err(|(name, wrong)| Problem::bad_field(name, wrong))?;
    let mut opened = Opened::new(app, incoming, project).await?;
    let it = opened.connection(connection).await?;
    let title = format!("Send all to {}", shown(&it.view.other.name));
    let back = format!("{}/connections/{}/send", opened.path(), it.view.id);
    let body = if it.connection.connected_since().is_none() {
        html! { p { "Items are sent over a connection while it is connected. This one is not." } }
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
        p { a href={ (opened.url) (back) (query_text(wanted.parameters())) } { "← Send items" } }
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
        return html! { p { "Procore does not show all of them at the moment. This page shows how many there are once it does." } };
    }
    let left_out = offered.items.len() - sendable.len();
    let others = html! {
        @if left_out > 0 {
            p.hint { (many(left_out as u64, "other item fits and is", "other items fit and are")) " left out: sent before, on the way, received from there, or private." }
        }
    };
    if sendable.is_empty() {
        return html! { p { "There is nothing to send." } (others) };
    }
    if sendable.len() > MAX_ITEMS {
        return html! {
            p { (number(sendable.len() as u64)) " items fit, and " (number(MAX_ITEMS as u64)) " can be sent at once. Choose a shorter time, or one tool." }
        };
    }
    let files = sendable.iter().map(|item| item.attachments().len()).sum();
    let estimate = Estimate::of(sendable.len(), files);
    let form = Form {
        action: format!("{}/connections/{}/backfill", opened.api(), it.view.id),
        back,
        done: "backfill",
    };
    let fields = html! {
        @for (name, value) in wanted.parameters() { input type="hidden" name=(name) value=(value); }
        div.actions {
            button type="submit" { "Send " (many(sendable.len() as u64, "item", "items")) }
            a.button.quiet href={ (opened.url) (back) (query_text(wanted.parameters())) } { "Cancel" }
        }
    };
    html! {
        p #amount {
            strong { (amounts(sendable)) }
            @if let Some(of) = filter(wanted) { ", " (of) }
            ", " (many(files as u64, "file", "files")) ", " (duration(estimate.minutes)) " at Procore’s usual limit."
        }
        @if wanted.whose == Whose::Others {
            p.notice.wait {
                "These are other companies' items: copies that arrived in your project. Send them on only if their authors may expect that."
            }
        }
        p.hint { "Half of Procore’s calls stay free meanwhile for what is new, and for people. You can pause it, or cancel what is left." }
        (others)
        (form.with(&fields))
    }
}

/// How many of each tool.
fn amounts(items: &[&Item]) -> String {
    let of = |tool| items.iter().filter(|item| item.tool() == tool).count() as u64;
    let each = [
        (Tool::Rfis, "RFI", "RFIs"),
        (Tool::WorkingHours, "entry of working hours", "entries of working hours"),
        (Tool::Notes, "note", "notes"),
    ];
    let each = each.into_iter().map(|(tool, one, more)| (of(tool), one, more));
    let each: Vec<_> = each
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, more)| many(count, one, more))
        .collect();
    match each.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => each.concat(),
    }
}

/// What of the filter does not show in the amounts.
fn filter(wanted: &Wanted) -> Option<String> {
    let time = match wanted.reach {
        Reach::Fortnight => Some("of the last 14 days".to_owned()),
        Reach::Quarter => Some("of the last 90 days".to_owned()),
        Reach::All => None,
    };
    let words = (!wanted.text.is_empty()).then(|| format!("with “{}”", shown(&wanted.text)));
    let both: Vec<_> = [time, words].into_iter().flatten().collect();
    (!both.is_empty()).then(|| both.join(" "))
}

fn duration(minutes: u64) -> String {
    match minutes {
        1 => "about a minute".to_owned(),
        2..90 => format!("about {minutes} minutes"),
        _ => format!("about {} hours", minutes.div_ceil(60)),
    }
}

/// The latest backfill of the side that looks, while it is worth a look.
pub(super) async fn latest(app: &Page, it: &OpenedConnection) -> Result<Option<Backfill>, Problem> {
    let source = it.connection.party(it.side).project.id;
    let known = app.sessions.table.backfill(it.connection.pair(), source).await?;
    let known = known.map(|known| known.backfill);
    Ok(known.filter(|backfill| backfill.connection == it.connection.id))
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
    let backfill = latest(app, &it).await?.ok_or_else(|| Problem::not_found("backfill"))?;
    Ok(parts::answer(incoming, list(&opened, &it, &backfill)))
}

fn list(opened: &Opened<'_>, it: &OpenedConnection, backfill: &Backfill) -> Markup {
    let says = state(backfill);
    html! { div #backfills data-parts { (parts::part("backfill", &says, &progress(opened, it, backfill, &says))) } }
}

fn state(backfill: &Backfill) -> String {
    match &backfill.state {
        State::Running => "Sending all that matched".to_owned(),
        State::Paused { by, .. } => format!("Paused by {}", shown(by)),
        State::Cancelled { reason, .. } => reason.clone(),
        State::Done { .. } => "All that matched was sent".to_owned(),
    }
}

fn progress(opened: &Opened<'_>, it: &OpenedConnection, backfill: &Backfill, says: &str) -> Markup {
    let (total, next) = (u64::from(backfill.total), u64::from(backfill.next));
    let counts = backfill.counts;
    let came = [
        (counts.delivered, "sent"),
        (counts.waiting, "waiting"),
        (counts.failed, "not arrived"),
        (counts.skipped, "sent before, or not to be sent"),
        (u32::try_from(backfill.under_way.len()).unwrap_or_default(), "under way"),
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
        progress max=(total) value=(next) aria-label="Set out" { (next) " of " (total) }
        p {
            (number(next)) " of " (number(total)) " have set out"
            @for (count, what) in &came { " · " (number(u64::from(*count))) " " (what) }
            ". Started by " (shown(&backfill.started_by)) ", " (time(backfill.started_at)) "."
        }
        @match backfill.state {
            State::Running => div.actions {
                (button("pause", "backfill-paused", "Pause"))
                (button("cancel", "backfill-cancelled", "Cancel what is left"))
            },
            State::Paused { .. } => div.actions {
                (button("resume", "backfill-resumed", "Resume"))
                (button("cancel", "backfill-cancelled", "Cancel what is left"))
            },
            State::Cancelled { .. } | State::Done { .. } => {},
        }
    }
}
