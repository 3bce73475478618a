//! What has to be copied, and what sets it going.

use gusset_words::say;
use serde::{Deserialize, Serialize};

use crate::{
    backfill,
    connection::{Connection, Side},
    ids::{ConnectionId, ItemId, Pair, ProjectId},
    marker::Reference,
    names::shown,
    send::{SendMode, Tool},
    webhook::{Event, Happened},
};

/// What has to be copied: one item of one project into another. Two of the same are one delivery, whatever connection
/// each of them names: a connection is the way, and no part of what is copied.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Job {
    /// The connection to send it over.
    pub connection: ConnectionId,
    /// The side at which it arrives.
    pub to: Side,
    /// The tool it belongs to.
    pub tool: Tool,
    /// The project it is in.
    pub source: ProjectId,
    /// The project it is copied into, which is the connection's at the side `to`.
    pub target: ProjectId,
    /// The item in its source project.
    pub item: ItemId,
    /// Which copy: 0 for the one that is made once, from 1 on for each *second copy* that a person asked for.
    #[serde(default, skip_serializing_if = "is_first")]
    pub repeat: u32,
    /// Whether a person picked it, so that it travels whatever the send mode.
    #[serde(default)]
    pub by_hand: bool,
    /// Whether that person confirmed that it is sent although it is private.
    #[serde(default, skip_serializing_if = "is_false")]
    pub may_be_private: bool,
}

/// A job on its way to a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What to copy.
    #[serde(flatten)]
    pub job: Job,
    /// What it comes from.
    #[serde(default)]
    pub cause: Cause,
}

/// What an order comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// An event, the sweep, a person, or something that was waited for: the delivery's record says the rest.
    #[default]
    News,
    /// The sweep tries whether a project lets Gusset in again. If it does, the others that wait for it follow.
    Probe,
    /// A backfill: it leaves half of each of a company's windows to others.
    Backfill,
    /// It comes back from the dead letters: an operator wants tried again what was given up.
    DeadLetter,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a field by reference")]
fn is_first(repeat: &u32) -> bool {
    *repeat == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a field by reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A message of the queue of copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Message {
    /// A backfill is to make a step.
    Backfill {
        /// Which.
        backfill: backfill::Step,
    },
    /// An item is to be copied.
    Copy(Order),
}

impl Job {
    /// The job of copying an item over a connection to its side `to`, not by hand.
    #[must_use]
    pub fn over(connection: &Connection, to: Side, tool: Tool, item: ItemId) -> Self {
        Self {
            connection: connection.id,
            to,
            tool,
            source: connection.party(to.other()).project.id,
            target: connection.party(to).project.id,
            item,
            repeat: 0,
            by_hand: false,
            may_be_private: false,
        }
    }

    /// The reference of the delivery that this job is about.
    #[must_use]
    pub fn reference(&self) -> Reference {
        Reference::of(self.source, self.target, self.tool, self.item, self.repeat)
    }

    /// The two projects.
    #[must_use]
    pub fn pair(&self) -> Pair {
        Pair::of(self.source, self.target)
    }

    /// The job, on its way for a cause.
    #[must_use]
    pub fn ordered(self, cause: Cause) -> Order {
        Order { job: self, cause }
    }
}

impl From<Job> for Order {
    fn from(job: Job) -> Self {
        job.ordered(Cause::News)
    }
}

/// Whether an event is one that can set something going, whatever the connections: most cannot, and cost no query.
///
/// `ours` is our own app's client id. What our app did is a copy arriving, and goes no further.
#[must_use]
pub fn can_set_going(event: &Event, ours: &str) -> bool {
    // An RFI is sent when it is first opened, a Site Diary entry when it is approved. Procore reports both as updates.
    let concerns = matches!(event.happened, Happened::Created | Happened::Updated);
    event.tool.is_some() && concerns && event.application.as_deref() != Some(ours)
}

/// Decides what an event sets going: a job for each connection over which the item is sent by itself.
///
/// What our app did goes no further: known by the app where Procore names it (v2.0, v3.0; `ours` as for [`can_set_going`]),
/// and by our service account's user, which v4.0 names as well.
#[must_use]
pub fn set_going(event: &Event, connections: &[Connection], ours: &str) -> Vec<Job> {
    let Some(tool) = event.tool.filter(|_| can_set_going(event, ours)) else {
        return Vec::new();
    };
    let job = |connection: &Connection| {
        let side = connection.side_of(event.project)?;
        let party = connection.party(side);
        let by_us = event.user.is_some() && event.user == party.service_user;
        let sends = connection.sends_since(side, tool).is_some();
        (sends && !by_us).then(|| Job::over(connection, side.other(), tool, event.item))
    };
    connections.iter().filter_map(job).collect()
}

/// Why an item cannot be sent by hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotSend {
    /// The connection is asked for only, or has ended.
    #[error("{}", say!("problem-not-connected-detail"))]
    NotConnected,
    /// The side that would send has switched this off.
    #[error("{}", say!("problem-not-sent-detail", tool = .0.title()))]
    Off(Tool),
    /// The other side accepts none.
    #[error("{}", say!("problem-not-accepted-detail", name = .0))]
    NotAccepted(String),
}

/// The job of sending an item of one side's project over a connection because somebody of that side picked it.
///
/// # Errors
/// [`CannotSend`], for who picked it.
pub fn send_by_hand(connection: &Connection, from: Side, tool: Tool, item: ItemId) -> Result<Job, CannotSend> {
    if connection.connected_since().is_none() {
        return Err(CannotSend::NotConnected);
    }
    let party = connection.party(from);
    if party.send.of(tool) == SendMode::Off {
        return Err(CannotSend::Off(tool));
    }
    if !connection.accepts(from.other(), tool) {
        let other = &connection.party(from.other()).project;
        return Err(CannotSend::NotAccepted(shown(&other.name)));
    }
    Ok(Job {
        by_hand: true,
        ..Job::over(connection, from.other(), tool, item)
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_order_reads_as_the_job_that_it_is() {
        let job = Job {
            connection: ConnectionId(Uuid::nil()),
            to: Side::Recipient,
            tool: Tool::Rfis,
            source: ProjectId::new(30001).unwrap(),
            target: ProjectId::new(20001).unwrap(),
            item: ItemId::new(501).unwrap(),
            repeat: 0,
            by_hand: false,
            may_be_private: false,
        };
        let bare = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Order>(&bare).unwrap(), Order::from(job.clone()));
        let probe = job.ordered(Cause::Probe);
        let sent = serde_json::to_string(&probe).unwrap();
        assert_eq!(serde_json::from_str::<Order>(&sent).unwrap(), probe);
    }
}
