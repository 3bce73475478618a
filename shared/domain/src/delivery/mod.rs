//! A delivery: the sending of one item from one project into another, and its whole history.
//!
//! Its life, as tested in `tests/delivery_exactly_once.rs` with workers that die anywhere, answers that are lost and
//! requests that take effect late:
//!
//! ```text
//! (nothing) ┐                  ┌▶ delivered   final
//! queued ───┼─ claim ─▶ copying┼▶ cancelled   until a person sends it anyway, or news of it changes the reason
//! retrying ─┤             │    ├▶ retrying    until its time has come
//! held ─────┘             │    ├▶ held        until what it waits for is there
//!                         │    └▶ failed      until somebody presses Retry, or redrives the dead letters
//!                         └─ lease runs out ─▶ copying, by the next worker
//! ```
//!
//! 1. At most one worker holds it at any time, and no worker holds it while an earlier one's request may still take effect.
//! 2. Wherever a request may have created the copy unheard, whoever comes next looks for it before creating one, until it
//!    is found or made.
//! 3. Hence there is never a second copy, whatever connections the two projects had: the record is theirs.
//! 4. What somebody may have seen is never forgotten ([`Delivery::is_seen`]): once it has a history, waits for somebody or may
//!    have a copy it ends as delivered, cancelled or failed, with the reason. Only then is it listed: what turns out not to
//!    travel at its first attempt leaves nothing behind.

mod again;
mod claim;
mod going;
mod job;
mod place;
pub mod progress;
mod refusal;
mod sought;

use gusset_words::say;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub use again::Again;
pub use claim::{Claim, Lease, lease_length};
pub use going::{Because, Halt, Stays};
pub use job::{CannotSend, Cause, Job, Message, Order, can_set_going, send_by_hand, set_going};
pub use place::is_place;
pub(crate) use place::place_of;
pub use progress::Progress;
pub use refusal::{Refused, Step, Verdict, refused};
pub use sought::Search;

use crate::{
    connection::Side,
    ids::{ItemId, ProjectId},
    items::{Completeness, Item},
    marker::Reference,
    names::shown,
    people::Project,
    send::Tool,
    text,
};

/// How complete a copy could become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Whatever its item has was sent with it.
    Whole,
    /// It was there: an earlier attempt had created it, and its answer was lost.
    Found,
    /// Its item was deleted before all its files were sent.
    SourceGone,
    /// It was deleted before its files were added.
    CopyGone,
    /// The connection ended before all its files were added.
    Disconnected,
}

impl Arrival {
    /// The line in the delivery's history, for a copy in the project of that name.
    fn words(self, tool: Tool, target: &str) -> String {
        let project = shown(target);
        let created = match tool {
            Tool::Rfis => say!("arrival-draft", project = project.as_str()),
            Tool::WorkingHours | Tool::Notes => say!("arrival", project = project.as_str()),
        };
        match self {
            Self::Whole => created,
            Self::Found => say!("arrival-found", project = project),
            Self::SourceGone => say!("arrival-source-gone", created = created),
            Self::CopyGone => say!("arrival-copy-gone", created = created),
            Self::Disconnected => say!("arrival-disconnected", created = created),
        }
    }
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
        /// For what, in words.
        reason: String,
        /// For what.
        #[serde(default)]
        waits_for: WaitsFor,
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
    /// It is not sent after all.
    Cancelled {
        /// Why, in words.
        #[serde(default)]
        reason: String,
        /// Why.
        #[serde(default)]
        because: Because,
    },
}

/// What a delivery that is held waits for. When it is there, the delivery goes on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// The arriving side chooses a Connected RFI Manager.
    #[default]
    Manager,
    /// The arriving side chooses another Connected RFI Manager, or gives the one it chose the role again.
    ManagerRole,
    /// The arriving side makes its service account again.
    Account,
    /// The sending side lets Gusset into its project again: installs the app, permits the project.
    AccessToSource,
    /// The arriving side does.
    AccessToTarget,
    /// The sending side approves the Site Diary entry in its own project.
    Approval,
    /// The sending side gives Gusset the level that it needs in the item's tool, or turns the tool on.
    PermissionInSource,
    /// The arriving side does.
    PermissionInTarget,
    /// The arriving side reopens the day of its Site Diary.
    OpenDay,
    /// The sending side confirms that a private item may be sent.
    Confirmation,
    /// The sending side resumes the connection, which it has paused.
    ResumeBySource,
    /// The arriving side does.
    ResumeByTarget,
}

impl WaitsFor {
    /// What is done in Procore, so that nobody tells us, and the sweep has to try.
    pub const PROBED: [Self; 6] = [
        Self::ManagerRole,
        Self::AccessToSource,
        Self::AccessToTarget,
        Self::PermissionInSource,
        Self::PermissionInTarget,
        Self::OpenDay,
    ];

    /// The project in which somebody has to do something.
    #[must_use]
    pub fn project(self, job: &Job) -> ProjectId {
        self.project_of(job.source, job.target)
    }

    /// As [`Self::project`], of what goes from one project into another.
    #[must_use]
    pub fn project_of(self, source: ProjectId, target: ProjectId) -> ProjectId {
        if self.is_at_target() { target } else { source }
    }

    /// The project of which somebody is asked to do it, of what goes from one project into another. None for a pause: whoever
    /// made it knows, and wants it so.
    #[must_use]
    pub fn asks(self, source: ProjectId, target: ProjectId) -> Option<ProjectId> {
        (!self.is_pause()).then(|| self.project_of(source, target))
    }

    /// The side of the job's connection on which somebody has to do something.
    #[must_use]
    pub fn side(self, to: Side) -> Side {
        if self.is_at_target() { to } else { to.other() }
    }

    fn is_at_target(self) -> bool {
        match self {
            Self::Manager
            | Self::ManagerRole
            | Self::Account
            | Self::AccessToTarget
            | Self::PermissionInTarget
            | Self::OpenDay
            | Self::ResumeByTarget => true,
            Self::AccessToSource
            | Self::PermissionInSource
            | Self::Approval
            | Self::Confirmation
            | Self::ResumeBySource => false,
        }
    }

    /// Whether the sweep has to try whether it is done; see [`Self::PROBED`].
    #[must_use]
    pub fn is_probed(self) -> bool {
        Self::PROBED.contains(&self)
    }

    /// Whether a side has paused the connection: nothing is wrong, and trying again does not help.
    #[must_use]
    pub fn is_pause(self) -> bool {
        matches!(self, Self::ResumeBySource | Self::ResumeByTarget)
    }

    /// Whether it is done in Gusset, in the settings of a connection.
    #[must_use]
    pub fn is_settled_here(self) -> bool {
        matches!(self, Self::Manager | Self::ManagerRole | Self::Account)
    }
}

/// A station that a copy has passed: an item in its project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The project.
    pub project: ProjectId,
    /// The project's name, as it was then.
    pub name: String,
    /// The item there.
    pub item: ItemId,
}

impl Origin {
    /// The station in a project, where an item came from there.
    #[must_use]
    pub fn in_project(came_from: &[Self], project: ProjectId) -> Option<&Self> {
        came_from.iter().find(|origin| origin.project == project)
    }
}

/// One attempt at a delivery, or another event of its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What came of it, in words.
    pub what: String,
}

/// The sending of one item from one project into another.
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
    /// The item's number in its own project, once it has been read and where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Who wrote the item, once it has been read and where Procore says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The day of the Site Diary that it is about, once it has been read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// When it was first heard of.
    pub created_at: Timestamp,
    /// Since when its tool's new items had been sent automatically when it was heard of. None: they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic_since: Option<Timestamp>,
    /// Where the item came from, where it is itself a copy that a person passes on: the first project first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub came_from: Vec<Origin>,
    /// How it stands.
    #[serde(flatten)]
    pub status: Status,
    /// Whether a create request may have taken effect without our hearing of it: the next attempt looks first.
    #[serde(default)]
    pub copy_may_exist: bool,
    /// Whether it was ever put on the connection's list of what waits, from which it has to be taken when it is settled.
    #[serde(default)]
    pub is_listed_as_waiting: bool,
    /// How often it has been tried. What Procore asked to wait for does not count.
    #[serde(default)]
    pub attempts: u32,
    /// How complete the copy is.
    #[serde(flatten)]
    pub completeness: Completeness,
    /// What of its work is done already. It is stored beside the delivery, and shown to nobody.
    #[serde(skip)]
    pub progress: Box<Progress>,
    /// What happened, oldest first; the latest [`LONGEST_HISTORY`] entries.
    #[serde(default)]
    pub history: Vec<Entry>,
}

/// A delivery that waits, with nobody coming for it by himself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// What is to be copied.
    pub job: Job,
    /// What it waits for. None: for the worker that has been told, or should have been.
    pub waits_for: Option<WaitsFor>,
    /// The day of the Site Diary that it is about, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// Since when.
    pub since: Timestamp,
}

impl Waiting {
    /// The project of which somebody is asked to do something about it; see [`WaitsFor::asks`].
    #[must_use]
    pub fn asks(&self) -> Option<ProjectId> {
        self.waits_for?.asks(self.job.source, self.job.target)
    }
}

/// The longest entry of a history about a copy that is not complete, in characters.
const LONGEST_ENTRY: usize = 2_000;

/// The longest number or author's name that is kept, in characters.
const LONGEST_NAME: usize = 100;

/// Entries kept of one delivery's history.
pub const LONGEST_HISTORY: usize = 50;

impl Delivery {
    /// A delivery that was just heard of.
    #[must_use]
    pub fn new(job: Job, now: Timestamp) -> Self {
        Self {
            reference: job.reference(),
            job,
            title: String::new(),
            number: None,
            author: None,
            day: None,
            created_at: now,
            automatic_since: None,
            came_from: Vec::new(),
            status: Status::Queued,
            copy_may_exist: false,
            is_listed_as_waiting: false,
            attempts: 0,
            completeness: Completeness::default(),
            progress: Box::default(),
            history: Vec::new(),
        }
    }

    /// A delivery that a person wants, `why` in words. `came_from`: where the item came from, where it is a copy itself.
    #[must_use]
    pub fn picked(job: Job, came_from: Vec<Origin>, why: &str, now: Timestamp) -> Self {
        let new = Self {
            came_from,
            ..Self::new(job, now)
        };
        let mut picked = new.becomes(Status::Queued, why, now);
        picked.is_listed_as_waiting = true;
        picked
    }

    /// Takes from the item, as it was just read, what lists show of it.
    pub fn read(&mut self, item: &Item) {
        let short = |text: &str| text::one_line(text, LONGEST_NAME);
        self.title = item.title();
        self.number = item.number().map(short);
        self.author = item.author_name().map(short);
        self.day = item.day();
    }

    /// Where its copy comes from: where the item did, and then the item itself, in its project.
    #[must_use]
    pub fn passed_on(&self, source: &Project) -> Vec<Origin> {
        let here = Origin {
            project: source.id,
            name: source.name.clone(),
            item: self.job.item,
        };
        self.came_from.iter().cloned().chain([here]).collect()
    }

    /// Records that the copy is in the project of that name, and as complete as said.
    #[must_use]
    pub fn delivered(
        mut self,
        copy: ItemId,
        completeness: Completeness,
        (arrival, target): (Arrival, &str),
        now: Timestamp,
    ) -> Self {
        let left_out = completeness.left_out.iter().map(|left_out| format!(". {left_out}"));
        let what = format!(
            "{}{}",
            arrival.words(self.job.tool, target),
            left_out.collect::<String>()
        );
        self.completeness = completeness;
        self.progress = Box::default();
        self.becomes(Status::Delivered { copy }, text::one_line(&what, LONGEST_ENTRY), now)
    }

    /// Somebody has to do something first. Tries are counted anew from there: what is looked at every few minutes, for as long as
    /// that somebody takes, has not failed as often.
    #[must_use]
    pub fn held(mut self, waits_for: WaitsFor, reason: String, now: Timestamp) -> Self {
        self.is_listed_as_waiting = true;
        self.attempts = 0;
        let what = reason.clone();
        self.becomes(Status::Held { reason, waits_for }, what, now)
    }

    /// Procore asked to wait, or something of ours came between: the attempt does not count.
    #[must_use]
    pub fn postponed(mut self, reason: &str, not_before: Timestamp, now: Timestamp) -> Self {
        self.attempts = self.attempts.saturating_sub(1);
        self.retrying(reason, not_before, now)
    }

    /// The attempt failed for a reason that passes. `copy_may_exist`: its request may have created the copy all the same.
    #[must_use]
    pub fn failed_for_now(mut self, reason: &str, copy_may_exist: bool, not_before: Timestamp, now: Timestamp) -> Self {
        self.copy_may_exist |= copy_may_exist;
        self.progress.look_is_over();
        self.retrying(reason, not_before, now)
    }

    /// It does not work, and will not by itself. `copy_may_exist` as in [`Self::failed_for_now`]: somebody may press Retry,
    /// and then the copy is looked for first.
    #[must_use]
    pub fn failed(mut self, reason: String, copy_may_exist: bool, now: Timestamp) -> Self {
        self.copy_may_exist |= copy_may_exist;
        self.progress.look_is_over();
        let what = reason.clone();
        self.becomes(Status::Failed { reason }, what, now)
    }

    fn retrying(self, reason: &str, not_before: Timestamp, now: Timestamp) -> Self {
        let status = Status::Retrying {
            reason: reason.to_owned(),
            not_before,
        };
        self.becomes(status, reason, now)
    }

    /// The delivery in another status, with an entry in its history.
    fn becomes(mut self, status: Status, what: impl Into<String>, now: Timestamp) -> Self {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;
    use crate::{ids::ConnectionId, send::Tool};

    fn job() -> Job {
        Job {
            connection: ConnectionId(Uuid::nil()),
            to: Side::Recipient,
            tool: Tool::Rfis,
            source: ProjectId::new(30001).unwrap(),
            target: ProjectId::new(20001).unwrap(),
            item: ItemId::new(501).unwrap(),
            repeat: 0,
            by_hand: false,
            may_be_private: false,
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
        let Claim::Take(delivery) = Delivery::claim(None, &job().into(), lease(100), at(0)) else {
            panic!("not taken")
        };
        assert_eq!(
            Delivery::claim(Some(&delivery), &job().into(), lease(150), at(50)),
            Claim::WaitUntil(at(100))
        );
    }

    #[test]
    fn what_a_dead_worker_held_is_taken_over_with_a_look_for_the_copy() {
        let Claim::Take(delivery) = Delivery::claim(None, &job().into(), lease(100), at(0)) else {
            panic!("not taken")
        };
        assert!(matches!(
            Delivery::claim(Some(&delivery), &job().into(), lease(200), at(100)),
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
            Delivery::claim(Some(&delivery), &job().into(), lease(200), at(8)),
            Claim::WaitUntil(at(9))
        );
        assert!(matches!(
            Delivery::claim(Some(&delivery), &job().into(), lease(200), at(9)),
            Claim::TakeOver(_)
        ));
    }

    #[test]
    fn who_takes_over_from_the_dead_looks_and_so_does_everybody_after() {
        let Claim::Take(delivery) = Delivery::claim(None, &job().into(), lease(100), at(0)) else {
            panic!("not taken")
        };
        let Claim::TakeOver(delivery) = Delivery::claim(Some(&delivery), &job().into(), lease(200), at(100)) else {
            panic!("not taken over")
        };
        for status in [
            Status::Held {
                reason: String::new(),
                waits_for: WaitsFor::Manager,
            },
            Status::Retrying {
                reason: String::new(),
                not_before: at(101),
            },
        ] {
            let waits = delivery.clone().becomes(status, "", at(101));
            let next = Delivery::claim(Some(&waits), &job().into(), lease(300), at(102));
            assert!(matches!(next, Claim::TakeOver(_)), "{next:?}");
        }
    }

    #[test]
    fn however_often_it_was_looked_whether_somebody_has_helped_its_tries_are_counted_from_there() {
        let mut delivery = Delivery::new(job(), at(0));
        for second in 0..40 {
            let Claim::Take(claimed) = Delivery::claim(Some(&delivery), &job().into(), lease(100), at(second)) else {
                panic!("not taken")
            };
            assert_eq!(claimed.attempts, 1);
            delivery = claimed.held(WaitsFor::ManagerRole, "Not yet".to_owned(), at(second));
        }
    }

    #[test]
    fn what_failed_is_sent_again_but_not_before_its_last_request_is_over() {
        let longest = Duration::from_secs(30);
        let failed = Delivery::new(job(), at(0)).becomes(Status::Failed { reason: String::new() }, "", at(10));
        let Again::Write(again) = failed.again(&Job { by_hand: true, ..job() }, "Retried", longest, at(11)) else {
            panic!("not sent again")
        };
        assert_eq!((&again.status, again.job.by_hand), (&Status::Queued, true));
        let unheard = Delivery {
            copy_may_exist: true,
            ..failed
        };
        let Again::Write(again) = unheard.again(&job(), "Retried", longest, at(11)) else {
            panic!("not sent again")
        };
        assert!(matches!(again.status, Status::Retrying { not_before, .. } if not_before == at(40)));
        assert!(again.copy_may_exist);
    }

    #[test]
    fn what_a_person_picked_does_not_wait_for_who_may_leave_it() {
        let Claim::Take(delivery) = Delivery::claim(None, &job().into(), lease(100), at(0)) else {
            panic!("not taken")
        };
        let picked = Order::from(Job { by_hand: true, ..job() });
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
            Status::Cancelled {
                reason: String::new(),
                because: Because::ConnectionEnded,
            },
        ] {
            let delivery = Delivery::new(job(), at(0)).becomes(status, "", at(0));
            assert_eq!(
                Delivery::claim(Some(&delivery), &job().into(), lease(200), at(1_000)),
                Claim::Leave
            );
        }
    }
}
