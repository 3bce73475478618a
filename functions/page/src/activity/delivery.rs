//! One delivery in a list.

use gusset_domain::{
    activity::{Direction, StatusName},
    connection::Action,
    delivery::{Because, Delivery, Job, Status, WaitsFor},
    ids::ProjectId,
    names::{shown, shown_within},
    send::{SendMode, Tool},
};
use gusset_words::{say, say_html};
use maud::{Markup, html};

use super::{class, one, titled};
use crate::{
    procore_links::ProcoreLinks,
    project::{Form, OpenedConnection},
    time::time,
};

/// What the page of a delivery is made of.
pub(super) struct Details<'a> {
    /// Where Gusset is.
    pub(super) url: &'a str,
    /// The path of the connection's Activity.
    pub(super) base: &'a str,
    /// The project whose page it is.
    pub(super) project: &'a str,
    /// The connection.
    pub(super) it: &'a OpenedConnection,
    /// Procore's own pages.
    pub(super) procore: &'a ProcoreLinks,
}

/// The most characters of a sentence about an item.
const LONGEST_SENTENCE: usize = 2_000;

impl Details<'_> {
    /// A delivery: what it is about, how it stands, what to do about it, and its history.
    pub(super) fn whole(&self, delivery: &Delivery) -> Markup {
        let status = StatusName::of(&delivery.status);
        let title = titled(&delivery.title);
        let direction = Direction::to(delivery.job.target, self.here());
        let other = shown(&self.it.view.other.name);
        html! {
            article #delivery {
                div.head {
                    h1 #name tabindex="-1" {
                        @if let Some(number) = &delivery.number { "#" (shown(number)) " " }
                        (title)
                    }
                    span class={ "badge " (class(status)) } {
                        (status.title())
                        @if let Some(missing) = delivery.completeness.in_short() { ", " (missing) }
                    }
                }
                p.company {
                    @match direction {
                        Direction::Sent => (say!("delivery-sent", what = one(delivery.job.tool), name = other.as_str())),
                        Direction::Received => (say!("delivery-received", what = one(delivery.job.tool), name = other.as_str())),
                    }
                    @if let Some(author) = &delivery.author { ", " (say!("delivery-author", name = shown(author))) }
                    ", " (time(delivery.created_at))
                }
                (self.reason(delivery))
                @if !delivery.completeness.is_complete() {
                    div.notice.wait {
                        ul { @for left_out in &delivery.completeness.left_out { li { (left_out) "." } } }
                    }
                }
                (self.links(delivery))
                @if self.it.connection.connected_since().is_some() {
                    @if self.may_be_sent_anyway(delivery, direction) {
                        div.actions { (self.send_anyway(delivery)) }
                    } @else if status.may_be_retried() && self.can_help(delivery) {
                        div.actions { (self.retry(delivery)) }
                    }
                }
                h2 { (say!("delivery-timeline")) }
                ol.timeline {
                    li { (time(delivery.created_at)) (say!("delivery-heard")) }
                    @for entry in &delivery.history { li { (time(entry.at)) (sentence(&entry.what)) } }
                }
                p.hint {
                    @let reference = delivery.reference.to_string();
                    @match delivery.attempts {
                        0 if delivery.history.is_empty() => (say!("delivery-untried", reference = reference)),
                        // Tries are counted from where it waits for somebody.
                        0 => (say!("delivery-reference", reference = reference)),
                        times => (say!("delivery-tried", count = times, reference = reference)),
                    }
                }
            }
        }
    }

    /// Whether trying again can change something: not where somebody of the other side has to do something first.
    fn can_help(&self, delivery: &Delivery) -> bool {
        match &delivery.status {
            Status::Held { waits_for, .. } => {
                waits_for.asks(delivery.job.source, delivery.job.target) == Some(self.here())
            }
            _ => true,
        }
    }

    /// The project whose page it is, by its id.
    fn here(&self) -> ProjectId {
        self.it.connection.party(self.it.side).project.id
    }

    /// Why it does not go on, and what to do about it.
    fn reason(&self, delivery: &Delivery) -> Markup {
        let (class, reason, waits_for) = match &delivery.status {
            Status::Held { reason, waits_for } => ("notice wait", reason, Some(*waits_for)),
            Status::Failed { reason } | Status::Cancelled { reason, .. } => ("notice", reason, None),
            Status::Retrying { reason, not_before } => {
                return html! {
                    div.notice.wait { p { (say_html!("delivery-next-try", reason = sentence(reason), at = time(*not_before))) } }
                };
            }
            _ => return html! {},
        };
        let view = &self.it.view;
        let here = waits_for.filter(|it| it.project(&delivery.job) == self.here());
        let lacks_account = view.actions.contains(&Action::MakeServiceAccount);
        html! {
            div class=(class) {
                p { (sentence(reason)) @if !reason.ends_with('.') { "." } }
                @match here {
                    Some(WaitsFor::Account) if lacks_account => p {
                        a href={ (self.url) "/projects/" (self.project) "/api" } { (say!("mend-account")) }
                    }
                    Some(WaitsFor::Manager) if view.rfi_manager.is_none() => p {
                        a href={ (self.url) (self.base) "/terms" } { (say!("mend-manager")) }
                    }
                    Some(WaitsFor::ResumeBySource | WaitsFor::ResumeByTarget) => p {
                        a href={ (self.url) "/projects/" (self.project) } { (say!("mend-pause")) }
                    }
                    Some(WaitsFor::ManagerRole) => p {
                        a href={ (self.url) (self.base) "/terms" } { (say!("mend-manager-role")) }
                    }
                    _ => {}
                }
            }
        }
    }

    fn links(&self, delivery: &Delivery) -> Markup {
        let job = &delivery.job;
        let outside = |address: String| {
            html! { a href=(address) rel="noopener noreferrer" target="_blank" { (say!("delivery-in-procore")) } }
        };
        html! {
            p.links {
                // Each side has access to its own project, and to its own copy.
                @if job.source == self.here() {
                    (outside(self.procore.item(job.source, job.tool, job.item)))
                    @if matches!(delivery.status, Status::Delivered { .. }) && self.may_send_again(job) {
                        a href={ (self.url) (self.base) "/send/" (job.tool) "/" (job.item) } { (say!("delivery-second-copy")) }
                    }
                } @else if let Status::Delivered { copy } = &delivery.status {
                    (outside(self.procore.item(job.target, job.tool, *copy)))
                }
            }
        }
    }

    /// Whether it is for somebody of this project to say that it is sent all the same.
    fn may_be_sent_anyway(&self, delivery: &Delivery, direction: Direction) -> bool {
        let waits = match &delivery.status {
            Status::Held { waits_for, .. } => *waits_for == WaitsFor::Confirmation,
            Status::Cancelled { because, .. } => *because != Because::Deleted,
            _ => false,
        };
        let is_first = delivery.job.repeat == 0;
        waits && is_first && direction == Direction::Sent && self.may_send(delivery.job.tool)
    }

    /// Whether somebody of this project may have it copied once more.
    fn may_send_again(&self, job: &Job) -> bool {
        let is_ours = job.repeat == 0 && Direction::to(job.target, self.here()) == Direction::Sent;
        let is_connected = self.it.connection.connected_since().is_some();
        is_ours && is_connected && self.may_send(job.tool)
    }

    /// Whether this side sends items of a tool, and the other one accepts them.
    fn may_send(&self, tool: Tool) -> bool {
        self.it.view.send.of(tool) != SendMode::Off && self.it.connection.accepts(self.it.side.other(), tool)
    }

    /// Leads to the page on which it is seen once more, and sent by hand.
    fn send_anyway(&self, delivery: &Delivery) -> Markup {
        let job = &delivery.job;
        html! {
            a.button.quiet href={ (self.url) (self.base) "/send/" (job.tool) "/" (job.item) } aria-describedby="name" { (say!("delivery-send-anyway")) }
        }
    }

    fn retry(&self, delivery: &Delivery) -> Markup {
        let form = Form {
            action: format!("{}/api{}/deliveries/{}/retry", self.url, self.base, delivery.reference),
            back: self.base,
            done: "retried",
        };
        form.button(say!("delivery-retry"), "quiet", "name")
    }
}

/// A sentence of ours about an item, which may quote names and Procore's words.
fn sentence(written: &str) -> String {
    shown_within(written, LONGEST_SENTENCE)
}
