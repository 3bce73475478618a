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
use gusset_words::{say, say_html};
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
        let (who, status) = (shown(&view.other.name), view.status.title());
        let says = if view.paused.is_empty() {
            say!("connection-says", name = who, status = status)
        } else {
            say!("connection-says-paused", name = who, status = status)
        };
        let name = format!("name-{}", view.id);
        let body = html! {
            div.head {
                div {
                    h3 id=(name) tabindex="-1" { (shown(&view.other.name)) }
                    p.company { (shown(&view.other.company_name)) }
                }
                div.badges {
                    (status_badge(view.status))
                    @if !view.paused.is_empty() { span.badge.wait { (say!("connection-paused")) } }
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
                        (say!("unhooked-untold", name = name, what = untold, every = every(self.sweep_rate)))
                    }
                }
            };
        }
        html! {
            div.notice.wait {
                p { (say!("unhooked", name = name, every = every(self.sweep_rate))) }
                p {
                    @let permission = html! { strong { (say!("unhooked-permission")) } };
                    (say_html!("unhooked-grant", company = company, permission = permission))
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
                    (self.form(view, "resume", "resumed").button(say!("connection-resume"), "", name))
                }
                (link("", say!("connection-activity")))
                @if view.status == Status::Connected { (link("/send", say!("connection-send"))) }
                @if view.actions.contains(&Action::Settle) { (link("/terms", say!("connection-change"))) }
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
                        summary aria-describedby=(name) { (say!("connection-fold", verb = verb)) }
                        p { (happens) }
                        (self.form(view, path, done).button(verb, class, name))
                    }
                }
            }
        };
        html! {
            (fold(Action::Decline, say!("connection-decline"), "decline", "declined", &html! {
                (say!("connection-decline-what", other = other.as_str()))
            }))
            (fold(Action::Withdraw, say!("connection-withdraw"), "disconnect", "withdrawn", &html! {
                (say!("connection-withdraw-what", other = other.as_str()))
            }))
            (fold(Action::Pause, say!("connection-pause"), "pause", "paused", &html! {
                (say!("connection-pause-what", other = other.as_str()))
            }))
            (fold(Action::Disconnect, say!("connection-disconnect"), "disconnect", "disconnected", &html! {
                (say!("connection-disconnect-what"))
            }))
        }
    }
}

/// What keeps items from travelling over a connection, for both sides: pauses, with who made them and when, and the rest.
pub(crate) fn obstacles(view: &View) -> Markup {
    html! {
        @for Paused { by_side, stamp } in &view.paused {
            @let (person, at) = (shown(&stamp.by.name), time(stamp.at));
            @let (other, company) = (shown(&view.other.name), shown(&view.other.company_name));
            p.notice.wait {
                @if *by_side == view.side {
                    (say_html!("paused-by-us", person = person, at = at))
                } @else {
                    (say_html!("paused-by-them", other = other, person = person, company = company, at = at))
                }
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
        Some(("1", unit)) => say!("every-one", unit = unit),
        Some((number, units)) => say!("every", number = number, units = units),
        None => say!("every-now-and-then").to_owned(),
    }
}

/// How a connection came to where it stands.
pub(crate) fn story(view: &View) -> Markup {
    let asked = &view.asked;
    html! {
        @if let Some(ended) = &view.ended {
            @let (name, at) = (shown(&ended.stamp.by.name), time(ended.stamp.at));
            @match ended.how {
                Ending::Declined => (say_html!("story-declined", name = name, at = at)),
                Ending::Withdrawn => (say_html!("story-withdrawn", name = name, at = at)),
                Ending::Disconnected => (say_html!("story-disconnected", name = name, at = at)),
            }
        } @else if let Some(accepted) = &view.accepted {
            (say_html!("story-accepted", asker = shown(&asked.by.name), name = shown(&accepted.by.name), at = time(accepted.at)))
        } @else {
            (say_html!("story-asked", asker = shown(&asked.by.name), at = time(asked.at)))
        }
    }
}

/// What the two sides have chosen.
pub(super) fn facts(view: &View) -> Markup {
    let chosen = view.status != Status::RequestPending;
    html! {
        @if view.status != Status::Ended {
            dl.facts {
                @if chosen { dt { (say!("facts-we-send")) } dd { (sends(&view.send)) } }
                @if view.status != Status::AwaitingResponse { dt { (say!("facts-they-send")) } dd { (sends(&view.other_sends)) } }
                @if chosen {
                    dt { (say!("facts-manager")) }
                    dd {
                        @match &view.rfi_manager {
                            Some(manager) => (shown(&manager.name)),
                            None if !view.accepts_rfis => (say!("facts-manager-refused")),
                            None => (say!("facts-manager-none")),
                        }
                    }
                }
                @if !view.other_accepts_rfis {
                    dt { (say!("facts-they-accept")) }
                    dd { (say!("facts-they-refuse", name = shown(&view.other.name))) }
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
        (SendMode::Automatic, say!("sends-automatic")),
        (SendMode::Manual, say!("sends-manual")),
        (SendMode::Off, say!("sends-off")),
    ];
    let named = named.into_iter().map(|(mode, words)| (of(mode), words));
    let parts: Vec<String> = named
        .filter(|(tools, _)| !tools.is_empty())
        .map(|(tools, words)| say!("sends", tools = tools, mode = words))
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
