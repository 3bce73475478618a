//! A backfill: all items that fit a filter are sent over a connection, a few at a time.
//!
//! What is to be sent is written down once, when a person presses *Send*: later items are not part of it. From then on it goes
//! on in *steps*, each of which looks at what is under way and sets out as much as there is room for. A step decides on what is
//! recorded, so that one which is done twice, or again after a crash, sends nothing twice.
//!
//! At most [`UNDER_WAY`] items are under way at once, and none begins while half of a company's window is used: the other half is
//! for what arrives by itself, and for people.

use std::time::Duration;

use gusset_words::say;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    connection::{Connection, Side},
    delivery::{Delivery, Job, Status},
    ids::{ConnectionId, ItemId, Pair, ProjectId},
    offered::Wanted,
    pacing,
    send::Tool,
};

/// The most items of a backfill. Their ids are written down at once.
pub const MAX_ITEMS: usize = 9_000;

/// The most items that are under way at once.
pub const UNDER_WAY: usize = 5;

/// From one step to the next, while something is under way.
pub const BETWEEN_STEPS: Duration = Duration::from_secs(5);

/// The longest from one step to the next: what SQS holds a message back.
const LONGEST_BETWEEN_STEPS: Duration = Duration::from_secs(900);

/// Failed attempts after which an item that is still tried does not keep others from setting out.
const PATIENCE: u32 = 3;

/// How long after a step the word about the next one counts as lost, where the step's own word comes back.
const LOST_AFTER: Duration = Duration::from_secs(60);

/// How long after its last step one that should go on counts as forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(30 * 60);

/// An item to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pick {
    /// Its tool.
    pub tool: Tool,
    /// Its id in its project.
    pub item: ItemId,
}

/// How a backfill stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It goes on.
    Running,
    /// Somebody paused it: nothing sets out.
    Paused {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// It ended early: what had not set out does not.
    Cancelled {
        /// Why, in words.
        reason: String,
        /// When.
        at: Timestamp,
    },
    /// All of it has set out, and come to an end or to a stop.
    Done {
        /// When.
        at: Timestamp,
    },
}

/// What became of the items that are not under way any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// They are in the other project.
    pub delivered: u32,
    /// They wait for a person, or are tried again for long.
    pub waiting: u32,
    /// They failed, or were cancelled.
    pub failed: u32,
    /// They were sent before, or may not leave.
    pub skipped: u32,
}

/// All items that fit a filter, being sent over a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfill {
    /// Tells it from an earlier one of the same project.
    pub id: Uuid,
    /// The connection.
    pub connection: ConnectionId,
    /// The project that sends.
    pub source: ProjectId,
    /// The project that receives.
    pub target: ProjectId,
    /// What was asked for.
    pub wanted: Wanted,
    /// Who asked.
    pub started_by: String,
    /// When.
    pub started_at: Timestamp,
    /// How it stands.
    #[serde(flatten)]
    pub state: State,
    /// How many items it has.
    pub total: u32,
    /// How many of them have set out, or were skipped.
    pub next: u32,
    /// Those that are under way.
    pub under_way: Vec<Pick>,
    /// What became of the others.
    pub counts: Counts,
    /// How many steps it has made.
    pub step: u32,
    /// When it made the last one.
    pub stepped_at: Timestamp,
}

/// That a backfill is to make a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The backfill.
    pub id: Uuid,
    /// The connection.
    pub connection: ConnectionId,
    /// The project that sends.
    pub source: ProjectId,
    /// The project that receives.
    pub target: ProjectId,
    /// Which step.
    pub step: u32,
}

/// What a step comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is made.
    Make,
    /// It was made a moment ago: to be looked at again after this wait.
    Later(Duration),
    /// It was made, and the word about the next one seems to be lost: it is given again.
    TellNext,
    /// It is of no use any more.
    Drop,
}

/// What becomes of an item when its turn has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetsOut {
    /// Its delivery is recorded, and a worker told.
    New,
    /// Its delivery is recorded: a worker is told, perhaps once more.
    Again,
    /// It was sent before.
    Skipped,
}

/// A backfill is not as it would have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// It has ended.
    #[error("{}", say!("problem-wrong-state-detail-backfill-over"))]
    IsOver,
    /// It is paused.
    #[error("{}", say!("problem-wrong-state-detail-backfill-paused"))]
    IsPaused,
    /// It is not paused.
    #[error("{}", say!("problem-wrong-state-detail-backfill-running"))]
    IsRunning,
}

impl Backfill {
    /// Returns a backfill of some items that a person of one side asks for.
    #[must_use]
    pub fn new(
        id: Uuid,
        (connection, from): (&Connection, Side),
        (wanted, total): (Wanted, u32),
        started_by: String,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            connection: connection.id,
            source: connection.party(from).project.id,
            target: connection.party(from.other()).project.id,
            wanted,
            started_by,
            started_at: now,
            state: State::Running,
            total,
            next: 0,
            under_way: Vec::new(),
            counts: Counts::default(),
            step: 0,
            stepped_at: now,
        }
    }

    /// The two projects.
    #[must_use]
    pub fn pair(&self) -> Pair {
        Pair::of(self.source, self.target)
    }

    /// The word about its next step.
    #[must_use]
    pub fn next_step(&self) -> Step {
        Step {
            id: self.id,
            connection: self.connection,
            source: self.source,
            target: self.target,
            step: self.step,
        }
    }

    /// Decides what a step comes to whose turn was announced.
    #[must_use]
    pub fn turn(&self, step: &Step, now: Timestamp) -> Turn {
        match step.step {
            _ if step.id != self.id || !self.goes_on() => Turn::Drop,
            announced if announced == self.step => Turn::Make,
            announced if announced + 1 == self.step => {
                let since = now.duration_since(self.stepped_at).unsigned_abs();
                match LOST_AFTER.checked_sub(since) {
                    Some(left) if !left.is_zero() => Turn::Later(left),
                    _ => Turn::TellNext,
                }
            }
            _ => Turn::Drop,
        }
    }

    /// Whether nothing more sets out, whatever somebody does.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Cancelled { .. } | State::Done { .. })
    }

    /// Whether there is a further step: to set out more, or to count what is under way.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        !matches!(self.state, State::Done { .. }) && (self.state == State::Running || !self.under_way.is_empty())
    }

    /// Whether it should have made a step long ago: the word about it was lost, or a pause of the connection held it up.
    #[must_use]
    pub fn is_forgotten(&self, now: Timestamp) -> bool {
        self.goes_on() && now.duration_since(self.stepped_at).unsigned_abs() >= FORGOTTEN_AFTER
    }

    /// How many further items may set out now.
    #[must_use]
    pub fn room(&self) -> usize {
        match self.state {
            State::Running => UNDER_WAY.saturating_sub(self.under_way.len()),
            State::Paused { .. } | State::Cancelled { .. } | State::Done { .. } => 0,
        }
    }

    /// Whether all of it has set out, and nothing is under way.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.left() == 0 && self.under_way.is_empty()
    }

    /// How many items have not set out.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.total.saturating_sub(self.next)
    }

    /// Decides what becomes of an item when its turn has come. `known`: its delivery, if there is one.
    #[must_use]
    pub fn sets_out(&self, known: Option<&Delivery>) -> SetsOut {
        match known {
            None => SetsOut::New,
            // By a step that came to no end.
            Some(known) if known.created_at >= self.started_at => SetsOut::Again,
            Some(_) => SetsOut::Skipped,
        }
    }

    /// Takes account of the deliveries of what is under way.
    #[must_use]
    pub fn counted(mut self, delivery: impl Fn(Pick) -> Option<Delivery>) -> Self {
        let counts = &mut self.counts;
        self.under_way.retain(|pick| {
            let of = match delivery(*pick).map(|delivery| (delivery.attempts, delivery.status)) {
                Some((_, Status::Queued | Status::Copying { .. })) => return true,
                Some((attempts, Status::Retrying { .. })) if attempts < PATIENCE => return true,
                Some((_, Status::Delivered { .. })) => &mut counts.delivered,
                Some((_, Status::Held { .. } | Status::Retrying { .. })) => &mut counts.waiting,
                Some((_, Status::Failed { .. } | Status::Cancelled { .. })) => &mut counts.failed,
                // Nobody ever saw it: it turned out to be nothing to send.
                None => &mut counts.skipped,
            };
            *of += 1;
            false
        });
        self
    }

    /// Some items have set out, and some were skipped.
    #[must_use]
    pub fn set_out(mut self, picks: Vec<Pick>, skipped: usize) -> Self {
        let count = |items: usize| u32::try_from(items).unwrap_or(u32::MAX);
        self.next = self.next.saturating_add(count(picks.len() + skipped));
        self.counts.skipped += count(skipped);
        self.under_way.extend(picks);
        self
    }

    /// A step was made.
    #[must_use]
    pub fn stepped(mut self, now: Timestamp) -> Self {
        self.step += 1;
        self.stepped_at = now;
        if self.state == State::Running && self.is_finished() {
            self.state = State::Done { at: now };
        }
        self
    }

    /// How long to wait for the next step. `until`: when each item that is tried again is, where all are.
    #[must_use]
    pub fn wait(&self, until: Option<Timestamp>, now: Timestamp) -> Duration {
        let wait = until.map_or(BETWEEN_STEPS, |until| until.duration_since(now).unsigned_abs());
        wait.clamp(BETWEEN_STEPS, LONGEST_BETWEEN_STEPS)
    }

    /// Somebody pauses it.
    ///
    /// # Errors
    /// [`TransitionError`], where it is not running.
    pub fn paused(mut self, by: String, now: Timestamp) -> Result<Self, TransitionError> {
        match self.state {
            State::Running => {
                self.state = State::Paused { by, at: now };
                Ok(self)
            }
            State::Paused { .. } => Err(TransitionError::IsPaused),
            State::Cancelled { .. } | State::Done { .. } => Err(TransitionError::IsOver),
        }
    }

    /// Somebody has it go on.
    ///
    /// # Errors
    /// [`TransitionError`], where it is not paused.
    pub fn resumed(mut self, now: Timestamp) -> Result<Self, TransitionError> {
        match self.state {
            State::Paused { .. } => {
                self.state = State::Running;
                // A word from before the pause may still be on its way: it is of no use any more.
                self.step += 1;
                self.stepped_at = now;
                Ok(self)
            }
            State::Running => Err(TransitionError::IsRunning),
            State::Cancelled { .. } | State::Done { .. } => Err(TransitionError::IsOver),
        }
    }

    /// It ends early: `reason` in words.
    ///
    /// # Errors
    /// [`TransitionError`], where it has ended.
    pub fn cancelled(mut self, reason: String, now: Timestamp) -> Result<Self, TransitionError> {
        if self.is_over() {
            return Err(TransitionError::IsOver);
        }
        self.state = State::Cancelled { reason, at: now };
        Ok(self)
    }
}

impl Step {
    /// The two projects.
    #[must_use]
    pub fn pair(&self) -> Pair {
        Pair::of(self.source, self.target)
    }

    /// The job of sending an item.
    #[must_use]
    pub fn job(&self, to: Side, pick: Pick) -> Job {
        Job {
            connection: self.connection,
            to,
            tool: pick.tool,
            source: self.source,
            target: self.target,
            item: pick.item,
            repeat: 0,
            by_hand: true,
            may_be_private: false,
        }
    }
}

/// Calls to the receiving company for an item, and for each of its files.
const CALLS_FOR_AN_ITEM: u64 = 1;
const CALLS_FOR_A_FILE: u64 = 2;

/// Returns how many minutes a backfill of items with so many files takes, at the limits that Procore usually sets and of which half
/// is left to others. At least 1. How large the files are, Procore says only when it is asked for each.
#[must_use]
pub fn minutes(items: usize, files: usize) -> u64 {
    let (items, files) = (items as u64, files as u64);
    let calls = items * CALLS_FOR_AN_ITEM + files * CALLS_FOR_A_FILE;
    // As fast as items set out, or as half of the short windows lets them.
    let by_items = items * BETWEEN_STEPS.as_secs() / UNDER_WAY as u64;
    let by_calls = calls * pacing::SHORT_WINDOW.as_secs() / (pacing::TYPICAL_LIMIT / 2);
    // Once half of an hour's calls is used, it goes on in the next hour.
    let hours = calls.saturating_sub(1) / (pacing::TYPICAL_HOUR / 2);
    let seconds = by_items.max(by_calls).max(hours * 3_600);
    seconds.div_ceil(60).max(1)
}
