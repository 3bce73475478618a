//! One delivery in a list.

use gusset_domain::{
    activity::{Direction, StatusName},
    connection::Action,
    delivery::{Because, Delivery, Job, Status, WaitsFor},
    ids::ProjectId,
    names::{shown, shown_within},
    send::{SendMode, Tool},
};
use maud::{Markup, html};

use crate::{
    live,
    procore_links::ProcoreLinks,
    project::{Form, OpenedConnection},
    time::time,
};

/// What every delivery of a page needs.
pub(super) struct Cards<'a> {
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

impl Cards<'_> {
    /// A delivery: what it is about, how it stands, what to do about it, and its history.
    pub(super) fn card(&self, delivery: &Delivery) -> Markup {
        let status = StatusName::of(&delivery.status);
        let title = if delivery.title.is_empty() {
            "Not read yet".to_owned()
        } else {
            shown(&delivery.title)
        };
        let direction = Direction::of(&delivery.job, self.here());
        let other = shown(&self.it.view.other.name);
        let name = format!("name-{}", delivery.reference);
        let body = html! {
            div.head {
                h3 id=(name) tabindex="-1" { (title) }
                span class={ "badge " (class(status)) } {
                    (status.title())
                    @if let Some(missing) = delivery.completeness.in_short() { ", " (missing) }
                }
            }
            p.company {
                @match direction {
                    Direction::Sent => { (one(delivery.job.tool)) " sent to " (other) }
                    Direction::Received => { (one(delivery.job.tool)) " from " (other) }
                }
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
                    div.actions { (self.send_anyway(delivery, &name)) }
                } @else if status.may_be_retried() && !waits_for_pause(delivery) {
                    div.actions { (self.retry(delivery, &name)) }
                }
            }
            details id={ "timeline-" (delivery.reference) } {
                summary aria-describedby=(name) { "Timeline" }
                ol.timeline {
                    li { (time(delivery.created_at)) "Heard of" }
                    @for entry in &delivery.history { li { (time(entry.at)) (sentence(&entry.what)) } }
                }
                p.hint {
                    "Reference " (delivery.reference) ", "
                    @match delivery.attempts {
                        0 => "not tried yet",
                        1 => "tried once",
                        times => { "tried " (times) " times" }
                    }
                }
            }
        };
        let missing = delivery.completeness.in_short();
        let missing = missing.map_or_else(String::new, |missing| format!(", {missing}"));
        let says = format!("{title}: {}{missing}", status.title());
        live::part(&format!("delivery-{}", delivery.reference), &says, &body)
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
                    div.notice.wait { p { (sentence(reason)) ". It goes on by itself " (time(*not_before)) "." } }
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
                        a href={ (self.url) "/projects/" (self.project) "/settings" } { "Make the service account again" }
                    }
                    Some(WaitsFor::Manager) if view.rfi_manager.is_none() => p {
                        a href={ (self.url) (self.base) "/terms" } { "Choose a Connected RFI Manager" }
                    }
                    Some(WaitsFor::ResumeBySource | WaitsFor::ResumeByTarget) => p {
                        a href={ (self.url) "/projects/" (self.project) } { "Resume the connection" }
                    }
                    Some(WaitsFor::ManagerRole) => p {
                        a href={ (self.url) (self.base) "/terms" } { "Choose another Connected RFI Manager" }
                    }
                    _ => {}
                }
            }
        }
    }

    fn links(&self, delivery: &Delivery) -> Markup {
        let job = &delivery.job;
        let outside = |address: String, words: &str| {
            html! { a href=(address) rel="noopener noreferrer" target="_blank" { (words) " in Procore" } }
        };
        html! {
            p.links {
                (outside(self.procore.item(job.source, job.tool, job.item), "Source"))
                @if let Status::Delivered { copy } = &delivery.status {
                    (outside(self.procore.item(job.target, job.tool, *copy), "Copy"))
                    @if self.may_send_again(job) {
                        a href={ (self.url) (self.base) "/send/" (job.tool) "/" (job.item) } { "Send a second copy" }
                    }
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
        let is_ours = job.repeat == 0 && Direction::of(job, self.here()) == Direction::Sent;
        let is_connected = self.it.connection.connected_since().is_some();
        is_ours && is_connected && self.may_send(job.tool)
    }

    /// Whether this side sends items of a tool, and the other one accepts them.
    fn may_send(&self, tool: Tool) -> bool {
        self.it.view.send.of(tool) != SendMode::Off && self.it.connection.accepts(self.it.side.other(), tool)
    }

    /// Leads to the page on which it is seen once more, and sent by hand.
    fn send_anyway(&self, delivery: &Delivery, name: &str) -> Markup {
        let job = &delivery.job;
        html! {
            a.button.quiet href={ (self.url) (self.base) "/send/" (job.tool) "/" (job.item) } aria-describedby=(name) { "Send anyway" }
        }
    }

    fn retry(&self, delivery: &Delivery, name: &str) -> Markup {
        let form = Form {
            action: format!("{}/api{}/deliveries/{}/retry", self.url, self.base, delivery.reference),
            back: self.base,
            done: "retried",
        };
        form.button("Retry", "quiet", name)
    }
}

/// Whether it waits for a side that has paused the connection: trying again would not help.
fn waits_for_pause(delivery: &Delivery) -> bool {
    matches!(delivery.status, Status::Held { waits_for, .. } if waits_for.is_pause())
}

fn one(tool: Tool) -> &'static str {
    match tool {
        Tool::Rfis => "RFI",
        Tool::WorkingHours => "Working hours",
        Tool::Notes => "Note",
    }
}

fn class(status: StatusName) -> &'static str {
    match status {
        StatusName::Delivered => "good",
        StatusName::Held | StatusName::Retrying => "wait",
        StatusName::Failed => "bad",
        StatusName::Queued | StatusName::Copying => "new",
        StatusName::Cancelled => "",
    }
}

/// A sentence of ours about an item, which may quote names and Procore's words.
fn sentence(written: &str) -> String {
    shown_within(written, LONGEST_SENTENCE)
}
