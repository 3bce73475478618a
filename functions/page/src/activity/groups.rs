//! Deliveries that stand still for one reason, said once and mended at once.

use std::collections::BTreeMap;

use gusset_adapters::log::Log;
use gusset_domain::{
    activity::{Group, Query, Trouble, groups},
    connection::{Status, View, next_reminder},
    delivery::WaitsFor,
    ids::ConnectionId,
    names::{shown, shown_within},
    people::{Actor, Person},
};
use gusset_words::{say, say_html};
use jiff::Timestamp;
use maud::{Markup, html};

use super::{Scope, query_of};
use crate::{live, managers, project::Form, time::time, words::number};

/// What mending takes.
#[derive(Default)]
pub(super) struct Mending {
    /// Who may be chosen for RFIs that arrive, where some wait for that. None, while Procore does not say.
    pub(super) managers: Option<Vec<Person>>,
    /// When the other side was last reminded, by connection.
    pub(super) reminders: BTreeMap<ConnectionId, Actor>,
}

/// The most groups that are shown. The table has what is in the others.
const MAX: usize = 8;

/// The most characters of a reason.
const LONGEST_REASON: usize = 400;

/// Each group with what mends it.
pub(super) fn sections(log: &Log, scope: &Scope, mending: &Mending) -> Markup {
    let groups = groups(&log.rows, scope.here);
    html! {
        @for group in groups.iter().take(MAX) {
            @if let Some(view) = scope.view(group.connection, scope.other(group.rows[0])) {
                (section(group, view, scope, mending, log.is_cut))
            }
        }
    }
}

fn section(group: &Group<'_>, view: &View, scope: &Scope, mending: &Mending, is_cut: bool) -> Markup {
    let count = group.rows.len();
    let name = shown(&view.other.name);
    let is_ours = group.waits_in == scope.here;
    let of_them = u64::try_from(count).unwrap_or(u64::MAX);
    let items = group.tool.counted(of_them, &number(of_them));
    let items = if is_cut {
        say!("group-at-least", items = items)
    } else {
        items
    };
    let title = match group.trouble {
        Trouble::Failed => say!("group-failed", items = items, name = name),
        Trouble::Waits(WaitsFor::Manager) if is_ours => {
            say!("group-manager", count = count, items = items, name = name)
        }
        Trouble::Waits(waits_for) if waits_for.is_pause() => {
            say!("group-paused", count = count, items = items, name = name)
        }
        Trouble::Waits(_) if is_ours => say!("group-for-you", count = count, items = items, name = name),
        Trouble::Waits(_) => say!("group-for-them", count = count, items = items, name = name),
    };
    let first = group.rows[count - 1];
    let id = format!("group-{}", first.reference);
    let class = if group.trouble == Trouble::Failed {
        "problem"
    } else {
        "problem wait"
    };
    let reason = shown_within(group.reason, LONGEST_REASON);
    let body = html! {
        h2 id=(id) { (title) }
        p { (reason) @if !reason.ends_with('.') { "." } }
        (mend(group, view, scope, mending, &id))
    };
    let part = format!("problem-{}", first.reference);
    html! { article class=(class) id=(part) data-part=(live::fingerprint(&body.0)) data-says=(title) { (body) } }
}

/// What can be done about it here: where only the other side can do something, it can be reminded.
fn mend(group: &Group<'_>, view: &View, scope: &Scope, mending: &Mending, about: &str) -> Markup {
    let base = format!("/projects/{}/connections/{}", scope.here, view.id);
    let page = format!("{}{base}", scope.url);
    if view.status != Status::Connected {
        return html! {};
    }
    if scope.waits_for_manager(group.rows[0]) {
        return manager(group, &base, scope, mending.managers.as_deref());
    }
    let is_ours = group.waits_in == scope.here;
    let project = format!("{}/projects/{}", scope.url, scope.here);
    html! {
        div.actions {
            @match group.trouble {
                Trouble::Failed => (retry_all(group, scope, about)),
                // What only the other side can do is no use trying.
                Trouble::Waits(_) if group.rows[0].asks() == Some(view.other.id) => {
                    (remind(mending.reminders.get(&view.id), &base, scope, about))
                }
                Trouble::Waits(_) if !is_ours => {}
                Trouble::Waits(WaitsFor::Account) => a.button.quiet href={ (project) "/api" } { (say!("mend-account")) },
                Trouble::Waits(WaitsFor::Confirmation) => {}
                Trouble::Waits(waits_for) if waits_for.is_pause() => a.button.quiet href=(project) { (say!("mend-pause-there")) },
                Trouble::Waits(_) => (retry_all(group, scope, about)),
            }
            @match group.rows.as_slice() {
                [one] => a.button.quiet href={ (page) "/deliveries/" (one.reference) } { (say!("group-open")) },
                _ => (show(group, scope)),
            }
        }
    }
}

/// Reminds the other side, or says when it was and may be again.
fn remind(last: Option<&Actor>, base: &str, scope: &Scope, about: &str) -> Markup {
    let back = scope.path();
    let form = Form {
        action: format!("{}/api{base}/deliveries/remind", scope.url),
        back: &back,
        done: "reminded",
    };
    let last = last.map(|last| (last, next_reminder(last.at)));
    html! {
        @match last {
            Some((last, next)) if Timestamp::now() < next => {
                span.hint {
                    (say_html!("group-reminded", name = shown(&last.by.name), at = time(last.at), next = time(next)))
                }
            }
            _ => (form.button(say!("group-remind"), "quiet", about)),
        }
    }
}

/// Who gets them is chosen here: then they go on by themselves.
fn manager(group: &Group<'_>, base: &str, scope: &Scope, people: Option<&[Person]>) -> Markup {
    let Some(people) = people else {
        return html! {
            p.hint { (say!("group-managers-later")) }
            div.actions { (show(group, scope)) }
        };
    };
    let back = scope.path();
    let count = group.rows.len();
    let form = Form {
        action: format!("{}/api{base}", scope.url),
        back: &back,
        done: "manager",
    };
    let field = format!("manager-{}", group.rows[count - 1].reference);
    managers::choosing(
        &form,
        &field,
        u64::try_from(count).unwrap_or(u64::MAX),
        people,
        &show(group, scope),
    )
}

fn retry_all(group: &Group<'_>, scope: &Scope, about: &str) -> Markup {
    let back = scope.path();
    let form = Form {
        action: format!("{}/api/projects/{}/deliveries/retry", scope.url, scope.here),
        back: &back,
        done: "retried",
    };
    let words = say!("group-retry", count = group.rows.len());
    form.with(&html! {
        @for row in group.rows.iter().take(100) { input type="hidden" name="deliveries" value=(row.reference); }
        button.quiet type="submit" aria-describedby=(about) { (words) }
    })
}

/// Leads to those of the group in the table.
fn show(group: &Group<'_>, scope: &Scope) -> Markup {
    let status = match group.trouble {
        Trouble::Failed => "failed",
        Trouble::Waits(_) => "held",
    };
    let query = query_of(&Query::default(), &[("tool", group.tool.as_str()), ("status", status)]);
    html! { a.button.quiet href={ (scope.url) (scope.path()) (query) "#log" } { (say!("group-show")) } }
}
