//! A delivery: the sending of one item over one connection, and its whole history.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    connection::{Connection, Side},
    ids::{ConnectionId, ItemId, ProjectId},
    marker::Reference,
    send::{SendMode, Tool},
    webhook::{Event, Happened},
};

/// What has to be copied: one item over one connection, to one of its sides. Two of the same are one delivery.
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
    /// The item in its source project.
    pub item: ItemId,
    /// Whether a person picked it, so that it travels whatever the send mode.
    #[serde(default)]
    pub by_hand: bool,
}

impl Job {
    /// The reference of the delivery that this job is about.
    #[must_use]
    pub fn reference(&self) -> Reference {
        Reference::of(self.connection, self.to, self.tool, self.item)
    }
}

/// Whether an event is one that can set something going, whatever the connections: most cannot, and cost no query.
///
/// `ours` is our own app's client id. What our app did is a copy arriving, and goes no further.
#[must_use]
pub fn can_set_going(event: &Event, ours: &str) -> bool {
    let Some(tool) = event.tool else { return false };
    // An RFI is sent when it is first opened, which Procore reports as an update. Site Diary entries know no drafts.
    let concerns = match event.happened {
        Happened::Created => true,
        Happened::Updated => tool == Tool::Rfis,
        Happened::Other => false,
    };
    concerns && event.application.as_deref() != Some(ours)
}

/// Decides what an event sets going: a job for each connection over which the item is sent by itself.
///
/// `ours` as for [`can_set_going`].
#[must_use]
pub fn set_going(event: &Event, connections: &[Connection], ours: &str) -> Vec<Job> {
    let Some(tool) = event.tool.filter(|_| can_set_going(event, ours)) else {
        return Vec::new();
    };
    let sends = |connection: &&Connection| {
        let side = connection.side_of(event.project);
        connection.connected_since().is_some()
            && side.is_some_and(|side| connection.party(side).send.of(tool) == SendMode::Automatic)
    };
    let job = |connection: &Connection| {
        let to = connection.side_of(event.project)?.other();
        Some(Job {
            connection: connection.id,
            to,
            tool,
            source: event.project,
            item: event.item,
            by_hand: false,
        })
    };
    connections.iter().filter(sends).filter_map(job).collect()
}

/// Why an item cannot be sent by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotSend {
    /// The connection is asked for only, or has ended.
    #[error("Items are sent over a connection while it is connected. This one is not.")]
    NotConnected,
    /// The side that would send has switched this off.
    #[error("Your project sends no {} over this connection, not even by hand. Change that in the connection's settings first.", .0.title())]
    Off(Tool),
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
    Ok(Job {
        connection: connection.id,
        to: from.other(),
        tool,
        source: party.project.id,
        item,
        by_hand: true,
    })
}

/// A worker's hold on a delivery, for as long as its copy may still be under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Which attempt holds it.
    pub id: Uuid,
    /// Until when.
    pub until: Timestamp,
}

/// How a delivery stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// Waits for a worker.
    Queued,
    /// A worker is copying it.
    Copying {
        /// That worker's hold.
        lease: Lease,
    },
    /// The copy is there.
    Delivered {
        /// The copy's id in the other project.
        copy: ItemId,
    },
    /// Waits for a person.
    Held {
        /// For what.
        reason: String,
    },
    /// Waits for time.
    Retrying {
        /// After what.
        reason: String,
        /// Until when.
        not_before: Timestamp,
    },
    /// Did not work, and will not by itself.
    Failed {
        /// Why, in words for who can mend it.
        reason: String,
    },
    /// The connection ended first.
    Cancelled,
}

/// One attempt at a delivery, or another event of its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What came of it, in words.
    pub what: String,
}

/// The sending of one item over one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// What is sent, and where to.
    #[serde(flatten)]
    pub job: Job,
    /// Its reference, which the copy's marker carries.
    pub reference: Reference,
    /// The item's subject or first words, once it has been read.
    #[serde(default)]
    pub title: String,
    /// When it was first heard of.
    pub created_at: Timestamp,
    /// How it stands.
    #[serde(flatten)]
    pub status: Status,
    /// Whether a create request may have taken effect without our hearing of it: the next attempt looks first.
    #[serde(default)]
    pub copy_may_exist: bool,
    /// Whether it has ever waited for a person.
    #[serde(default)]
    pub was_held: bool,
    /// How often it has been tried.
    #[serde(default)]
    pub attempts: u32,
    /// What happened, oldest first; the latest [`LONGEST_HISTORY`] entries.
    #[serde(default)]
    pub history: Vec<Entry>,
}

/// Entries kept of one delivery's history.
pub const LONGEST_HISTORY: usize = 50;

/// How long a worker takes, as a rule, to find that an item does not travel by itself.
const GLANCE: Duration = Duration::from_secs(5);

/// What a worker that comes for a delivery has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Take it: nobody has tried to create the copy, or every try is known to have failed.
    Take(Delivery),
    /// Take it over, and look for the copy before creating one: an earlier try may have succeeded unheard.
    TakeOver(Delivery),
    /// Leave it: it is delivered, failed or cancelled.
    Leave,
    /// Come back later: another worker holds it, or its time has not come.
    WaitUntil(Timestamp),
}

/// What there is to do for a person who wants a delivery made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// Write it like this, and tell the workers.
    Write(Delivery),
    /// Only tell the workers: it is on its way.
    IsUnderWay,
    /// Nothing: the copy is there.
    IsDelivered,
    /// Nothing: the connection ended.
    IsCancelled,
}

impl Delivery {
    /// A delivery that was just heard of.
    #[must_use]
    pub fn new(job: Job, now: Timestamp) -> Self {
        Self {
            reference: job.reference(),
            job,
            title: String::new(),
            created_at: now,
            status: Status::Queued,
            copy_may_exist: false,
            was_held: false,
            attempts: 0,
            history: Vec::new(),
        }
    }

    /// Decides whether a worker may take a delivery, given what the table knows of it.
    #[must_use]
    pub fn claim(known: Option<&Self>, job: &Job, lease: Lease, now: Timestamp) -> Claim {
        let Some(known) = known else {
            return Claim::Take(Self::new(job.clone(), now).claimed(lease));
        };
        match &known.status {
            Status::Delivered { .. } | Status::Failed { .. } | Status::Cancelled => Claim::Leave,
            // Who has it came for it by itself, and may leave it where it is: a person who picked it does not wait for a
            // whole lease to find that out.
            Status::Copying { lease } if now < lease.until && job.by_hand && !known.job.by_hand => {
                Claim::WaitUntil(lease.until.min(now.saturating_add(GLANCE).unwrap_or(now)))
            }
            Status::Copying { lease } if now < lease.until => Claim::WaitUntil(lease.until),
            Status::Retrying { not_before, .. } if now < *not_before => Claim::WaitUntil(*not_before),
            // Whatever becomes of this attempt, the next one has to look as well, until the copy is found or made.
            Status::Copying { .. } => Claim::TakeOver(Self {
                copy_may_exist: true,
                ..known.clone().claimed(lease)
            }),
            Status::Queued | Status::Held { .. } | Status::Retrying { .. } if known.copy_may_exist => {
                Claim::TakeOver(known.clone().claimed(lease))
            }
            // What it waited for is looked at anew: it may be there now.
            Status::Queued | Status::Held { .. } | Status::Retrying { .. } => Claim::Take(known.clone().claimed(lease)),
        }
    }

    /// Decides what to do for a person who wants it sent, for the first time or once more. `by_hand`: whatever its send
    /// mode. `longest_request`: what Procore may take to finish a request whose answer was not heard.
    #[must_use]
    pub fn again(&self, by_hand: bool, why: &str, longest_request: Duration, now: Timestamp) -> Again {
        match &self.status {
            Status::Delivered { .. } => return Again::IsDelivered,
            Status::Cancelled => return Again::IsCancelled,
            // A worker comes for it, or has it and comes back: it is told once more, in case the word to it was lost.
            Status::Queued if self.job.by_hand || !by_hand => return Again::IsUnderWay,
            Status::Copying { .. } => return Again::IsUnderWay,
            // A request of ours may still be taking effect: nobody looks for its copy before Procore has finished it.
            Status::Retrying { .. } if self.copy_may_exist => return Again::IsUnderWay,
            Status::Queued | Status::Held { .. } | Status::Retrying { .. } | Status::Failed { .. } => {}
        }
        let last = self.history.last().map_or(self.created_at, |entry| entry.at);
        let earliest = last.saturating_add(longest_request).unwrap_or(last);
        let status = if self.copy_may_exist && now < earliest {
            Status::Retrying {
                reason: "Procore may still be at the last attempt".to_owned(),
                not_before: earliest,
            }
        } else {
            Status::Queued
        };
        let mut again = self.clone().becomes(status, why, now);
        again.job.by_hand |= by_hand;
        // Giving up is counted from here.
        again.attempts = 0;
        Again::Write(again)
    }

    fn claimed(mut self, lease: Lease) -> Self {
        self.status = Status::Copying { lease };
        self.attempts += 1;
        self
    }

    /// The delivery in another status, with an entry in its history.
    #[must_use]
    pub fn becomes(mut self, status: Status, what: impl Into<String>, now: Timestamp) -> Self {
        self.was_held |= matches!(status, Status::Held { .. });
        self.status = status;
        self.history.push(Entry {
            at: now,
            what: what.into(),
        });
        if self.history.len() > LONGEST_HISTORY {
            self.history.remove(0);
        }
        self
    }
}

/// How long a worker holds a delivery: as long as its function may run, and then as long as Procore may take to finish
/// a request whose caller has died.
///
/// Security of "exactly once" hangs on this: were it shorter, a second worker could look for the copy before the first
/// one's request has taken effect, not find it, and make another.
#[must_use]
pub fn lease_length(function_timeout: Duration, longest_request: Duration) -> Duration {
    function_timeout + longest_request * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job {
            connection: ConnectionId(Uuid::nil()),
            to: Side::Recipient,
            tool: Tool::Rfis,
            source: ProjectId::new(30001).unwrap(),
            item: ItemId::new(501).unwrap(),
            by_hand: false,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn lease(until: i64) -> Lease {
        Lease {
            id: Uuid::nil(),
            until: at(until),
        }
    }

    #[test]
    fn a_new_item_is_taken_and_a_second_worker_waits_for_the_first() {
        let Claim::Take(delivery) = Delivery::claim(None, &job(), lease(100), at(0)) else {
            panic!("not taken")
        };
        assert_eq!(
            Delivery::claim(Some(&delivery), &job(), lease(150), at(50)),
            Claim::WaitUntil(at(100))
        );
    }

    #[test]
    fn what_a_dead_worker_held_is_taken_over_with_a_look_for_the_copy() {
        let Claim::Take(delivery) = Delivery::claim(None, &job(), lease(100), at(0)) else {
            panic!("not taken")
        };
        assert!(matches!(
            Delivery::claim(Some(&delivery), &job(), lease(200), at(100)),
            Claim::TakeOver(_)
        ));
    }

    #[test]
    fn a_try_with_an_unknown_outcome_makes_the_next_one_look_first() {
        let delivery = Delivery {
            copy_may_exist: true,
            ..Delivery::new(job(), at(0))
        };
        let delivery = delivery.becomes(
            Status::Retrying {
                reason: String::new(),
                not_before: at(9),
            },
            "",
            at(0),
        );
        assert_eq!(
            Delivery::claim(Some(&delivery), &job(), lease(200), at(8)),
            Claim::WaitUntil(at(9))
        );
        assert!(matches!(
            Delivery::claim(Some(&delivery), &job(), lease(200), at(9)),
            Claim::TakeOver(_)
        ));
    }

    #[test]
    fn who_takes_over_from_the_dead_looks_and_so_does_everybody_after() {
        let Claim::Take(delivery) = Delivery::claim(None, &job(), lease(100), at(0)) else {
            panic!("not taken")
        };
        let Claim::TakeOver(delivery) = Delivery::claim(Some(&delivery), &job(), lease(200), at(100)) else {
            panic!("not taken over")
        };
        for status in [
            Status::Held { reason: String::new() },
            Status::Retrying {
                reason: String::new(),
                not_before: at(101),
            },
        ] {
            let waits = delivery.clone().becomes(status, "", at(101));
            let next = Delivery::claim(Some(&waits), &job(), lease(300), at(102));
            assert!(matches!(next, Claim::TakeOver(_)), "{next:?}");
        }
    }

    #[test]
    fn what_failed_is_sent_again_but_not_before_its_last_request_is_over() {
        let longest = Duration::from_secs(30);
        let failed = Delivery::new(job(), at(0)).becomes(Status::Failed { reason: String::new() }, "", at(10));
        let Again::Write(again) = failed.again(true, "Retried", longest, at(11)) else {
            panic!("not sent again")
        };
        assert_eq!((&again.status, again.job.by_hand), (&Status::Queued, true));
        let unheard = Delivery {
            copy_may_exist: true,
            ..failed
        };
        let Again::Write(again) = unheard.again(false, "Retried", longest, at(11)) else {
            panic!("not sent again")
        };
        assert!(matches!(again.status, Status::Retrying { not_before, .. } if not_before == at(40)));
        assert!(again.copy_may_exist);
    }

    #[test]
    fn what_a_person_picked_does_not_wait_for_who_may_leave_it() {
        let Claim::Take(delivery) = Delivery::claim(None, &job(), lease(100), at(0)) else {
            panic!("not taken")
        };
        let picked = Job { by_hand: true, ..job() };
        assert_eq!(
            Delivery::claim(Some(&delivery), &picked, lease(150), at(50)),
            Claim::WaitUntil(at(55))
        );
        assert_eq!(
            Delivery::claim(Some(&delivery), &picked, lease(150), at(98)),
            Claim::WaitUntil(at(100))
        );
    }

    #[test]
    fn what_is_settled_is_left_alone() {
        for status in [
            Status::Delivered {
                copy: ItemId::new(9).unwrap(),
            },
            Status::Failed { reason: String::new() },
            Status::Cancelled,
        ] {
            let delivery = Delivery::new(job(), at(0)).becomes(status, "", at(0));
            assert_eq!(
                Delivery::claim(Some(&delivery), &job(), lease(200), at(1_000)),
                Claim::Leave
            );
        }
    }
}
