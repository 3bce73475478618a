//! One connection that was made, in a list.

use std::collections::BTreeMap;

use gusset_adapters::table::hooks::HookState;
use gusset_domain::names::shown;
use gusset_domain::{
    connection::{Action, Ending, Paused, Status, View},
    ids::ProjectId,
    people::Project,
    send::{SendMode, SendModes, Tool},
};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::{live, project::Form, time::time};

/// What every card of a page needs.
pub(super) struct Cards<'a> {
    /// Where Gusset is.
    pub(super) url: &'a str,
    /// The project whose page it is.
    pub(super) project: ProjectId,
    /// The path of that page.
    pub(super) back: String,
    /// The moment.
    pub(super) now: Timestamp,
    /// Projects whose hook Procore refuses, or refuses to tell of some items by.
    pub(super) unhooked: &'a BTreeMap<ProjectId, HookState>,
    /// How often projects are swept, as EventBridge has it.
    pub(super) sweep_rate: &'a str,
    /// This project, as its connections name it.
    pub(super) ours: Option<&'a Project>,
}

impl Cards<'_> {
    /// The connection, how it stands, and exactly what this side may do with it now.
    pub(super) fn card(&self, view: &View) -> Markup {
        let paused = if view.paused.is_empty() { "" } else { ", paused" };
        let says = format!("{}: {}{paused}", shown(&view.other.name), view.status.title());
        let name = format!("name-{}", view.id);
        let body = html! {
            div.head {
                div {
                    h3 id=(name) tabindex="-1" { (shown(&view.other.name)) }
                    p.company { (shown(&view.other.company_name)) }
                }
                div.badges {
                    (status_badge(view.status))
                    @if !view.paused.is_empty() { span.badge.wait { "Paused" } }
                }
            }
            p { (story(view)) }
            (obstacles(view))
            @if view.status == Status::Connected {
                @for project in self.ours.into_iter().chain([&view.other]) {
                    @if let Some(hook) = self.unhooked.get(&project.id) { (self.unhooked(project, hook)) }
                }
            }
            (facts(view))
            (self.actions(view, &name))
        };
        live::part(&format!("connection-{}", view.id), &says, &body)
    }

    /// Why new items of a project take a while, and who can mend that.
    fn unhooked(&self, project: &Project, hook: &HookState) -> Markup {
        let (name, company) = (shown(&project.name), shown(&project.company_name));
        if hook.refused_since.is_none() {
            let untold = hook.untold.join(", ");
            return html! {
                div.notice.wait {
                    p {
                        "Gusset checks " (name) " for new " (untold) " " (every(self.sweep_rate)) ", as Procore does not send \
                         webhooks about them there."
                    }
                }
            };
        }
        html! {
            div.notice.wait {
                p { "Gusset checks " (name) " for new items " (every(self.sweep_rate)) ", as it may not create a webhook there." }
                p {
                    "Gusset's service account at " (company) " lacks the permission "
                    strong { "Webhooks API: Standard" } ". A company admin of " (company) " can grant it in Procore: company \
                     Directory → Gusset → permission template. Gusset then creates the webhook automatically."
                }
            }
        }
    }

    fn actions(&self, view: &View, name: &str) -> Markup {
        let page = self.page(view);
        let link = |rest: &str, words: &str| {
            html! { a.button.quiet href={ (page) (rest) } aria-describedby=(name) { (words) } }
        };
        html! {
            div.actions {
                @if view.actions.contains(&Action::Resume) {
                    (self.form(view, "resume", "resumed").button("Resume", "", name))
                }
                (link("", "Activity"))
                @if view.status == Status::Connected { (link("/send", "Send items")) }
                @if view.actions.contains(&Action::Settle) { (link("/terms", "Change")) }
            }
            @if view.status != Status::Ended { div.folds { (self.confirmed(view, name)) } }
        }
    }

    /// Where a connection's own pages begin.
    pub(super) fn page(&self, view: &View) -> String {
        format!("{}/projects/{}/connections/{}", self.url, self.project, view.id)
    }

    /// A form that does something to a connection, and comes back to this page.
    pub(super) fn form(&self, view: &View, path: &str, done: &'static str) -> Form<'_> {
        Form {
            action: format!(
                "{}/api/projects/{}/connections/{}/{path}",
                self.url, self.project, view.id
            ),
            back: &self.back,
            done,
        }
    }

    /// What asks first before it is done: each folded away with what will happen. Only what this side may do now.
    pub(super) fn confirmed(&self, view: &View, name: &str) -> Markup {
        let other = shown(&view.other.name);
        let fold = |action, verb: &str, path: &str, done, happens: &Markup| {
            let class = if action == Action::Pause { "quiet" } else { "grave" };
            html! {
                @if view.actions.contains(&action) {
                    details id={ (path) "-" (view.id) } {
                        summary aria-describedby=(name) { (verb) "…" }
                        p { (happens) }
                        (self.form(view, path, done).button(verb, class, name))
                    }
                }
            }
        };
        html! {
            (fold(Action::Decline, "Decline", "decline", "declined", &html! {
                (other) " is told by email that you declined. Nothing is connected, and nothing is copied. They may request a \
                 connection again an hour after this request; you may at any time."
            }))
            (fold(Action::Withdraw, "Withdraw", "disconnect", "withdrawn", &html! {
                "The request ends, and " (other) " is told by email that you took it back. You may request a connection again an \
                 hour after this request."
            }))
            (fold(Action::Pause, "Pause", "pause", "paused", &html! {
                "What is new in either project waits, and nothing is lost. " (other) " is told by email that you paused. Once you \
                 resume, what waited is sent."
            }))
            (fold(Action::Disconnect, "Disconnect", "disconnect", "disconnected", &html! {
                "What both sides send stops at once, and what is still on its way is cancelled. Everything that was copied stays, \
                 in both projects. The two projects may connect again."
            }))
        }
    }
}

/// What keeps items from travelling over a connection, for both sides: pauses, with who made them and when, and the rest.
pub(crate) fn obstacles(view: &View) -> Markup {
    html! {
        @for Paused { by_side, stamp } in &view.paused {
            @let (ours, other) = (*by_side == view.side, &view.other);
            p.notice.wait {
                @if ours { "You paused this connection" } @else { (shown(&other.name)) " paused this connection" }
                ": " (shown(&stamp.by.name))
                @if !ours { " of " (shown(&other.company_name)) }
                ", " (time(stamp.at)) ". What is new in either project waits until "
                @if ours { "you resume" } @else { "they resume" } "."
            }
        }
        @for words in view.waiting_beside_pauses() { p.notice.wait { (words) "." } }
    }
}

/// A connection's status.
pub(crate) fn status_badge(status: Status) -> Markup {
    let class = match status {
        Status::AwaitingResponse => "badge wait",
        Status::RequestPending => "badge new",
        Status::Connected => "badge good",
        Status::Ended => "badge",
    };
    html! { span class=(class) { (status.title()) } }
}

/// How often something is done that EventBridge does at a rate such as `rate(15 minutes)`.
fn every(rate: &str) -> String {
    let spoken = rate.strip_prefix("rate(").and_then(|rate| rate.strip_suffix(')'));
    match spoken.and_then(|rate| rate.split_once(' ')) {
        Some(("1", unit)) => format!("every {unit}"),
        Some((number, units)) => format!("every {number} {units}"),
        None => "from time to time".to_owned(),
    }
}

/// How a connection came to where it stands.
pub(crate) fn story(view: &View) -> Markup {
    let asked = &view.asked;
    html! {
        @if let Some(ended) = &view.ended {
            @match ended.how {
                Ending::Declined => "Declined",
                Ending::Withdrawn => "Withdrawn",
                Ending::Disconnected => "Disconnected",
            }
            " by " (shown(&ended.stamp.by.name)) ", " (time(ended.stamp.at)) "."
            @if ended.how == Ending::Disconnected { " What was copied stays." }
        } @else if let Some(accepted) = &view.accepted {
            "Requested by " (shown(&asked.by.name)) ", accepted by " (shown(&accepted.by.name)) ", " (time(accepted.at)) "."
        } @else {
            "Requested by " (shown(&asked.by.name)) ", " (time(asked.at)) "."
        }
    }
}

/// What the two sides have chosen.
pub(super) fn facts(view: &View) -> Markup {
    let chosen = view.status != Status::RequestPending;
    html! {
        @if view.status != Status::Ended {
            dl.facts {
                @if chosen { dt { "You send" } dd { (sends(&view.send)) } }
                @if view.status != Status::AwaitingResponse { dt { "They send" } dd { (sends(&view.other_sends)) } }
                @if chosen {
                    dt { "Connected RFI Manager" }
                    dd {
                        @match &view.rfi_manager {
                            Some(manager) => (shown(&manager.name)),
                            None if !view.accepts_rfis => "Nobody: you don't accept RFIs",
                            None => "Nobody yet: RFIs that arrive wait",
                        }
                    }
                }
                @if !view.other_accepts_rfis {
                    dt { "They accept" }
                    dd { (shown(&view.other.name)) " does not accept RFIs" }
                }
            }
        }
    }
}

/// What a side sends, in a sentence: tools of one mode together.
fn sends(modes: &SendModes) -> String {
    let of = |mode: SendMode| {
        let tools = Tool::ALL.into_iter().filter(|tool| modes.of(*tool) == mode);
        tools.map(Tool::title).collect::<Vec<_>>().join(", ")
    };
    let named = [
        (SendMode::Automatic, "automatically, every new one"),
        (SendMode::Manual, "only when someone sends it"),
        (SendMode::Off, "never"),
    ];
    let named = named.into_iter().map(|(mode, words)| (of(mode), words));
    let parts: Vec<String> = named
        .filter(|(tools, _)| !tools.is_empty())
        .map(|(tools, words)| format!("{tools}: {words}"))
        .collect();
    parts.join(". ")
}

#[cfg(test)]
mod tests {
    use super::every;

    #[test]
    fn a_rate_in_words() {
        assert_eq!(every("rate(15 minutes)"), "every 15 minutes");
        assert_eq!(every("rate(1 hour)"), "every hour");
        assert_eq!(every("cron(0 * * * ? *)"), "from time to time");
    }
}
