//! A run of the sync through all projects of a login, and how far it has come.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::RunId;

/// Who asked for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    /// The login was connected.
    Connect,
    /// Somebody pressed *Refresh*.
    Refresh,
    /// The clock.
    Clock,
}

/// How long nothing may change until a run counts as stopped. Longer than Procore's limits have it wait at most.
const STOPPED_AFTER: Duration = Duration::from_secs(75 * 60);

/// How long it takes at most, if Procore lets us, until the projects of a run are found.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

/// A run. Its counts are changed in the same transaction as the records that they count, so they are exact whatever dies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Which.
    pub id: RunId,
    /// Who asked for it.
    pub asked_by: AskedBy,
    /// When it began.
    pub started_at: Timestamp,
    /// When something was last done.
    pub changed_at: Timestamp,
    /// Projects to look at; none before all companies have been asked.
    #[serde(default)]
    pub projects_found: Option<u64>,
    /// Projects that have been looked at.
    #[serde(default)]
    pub projects_listed: u64,
    /// Files that are to be copied.
    #[serde(default)]
    pub found: u64,
    /// Files that have been.
    #[serde(default)]
    pub copied: u64,
    /// Files that could not be.
    #[serde(default)]
    pub failed: u64,
    /// Bytes copied.
    #[serde(default)]
    pub bytes: u64,
    /// What was copied last.
    #[serde(default)]
    pub now: Option<String>,
    /// What stopped it before it had begun, in words.
    #[serde(default)]
    pub problem: Option<String>,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It looks for projects and plans still; files are being copied meanwhile.
    Looking,
    /// All is found, and some files are to be copied still.
    Copying,
    /// All is done.
    Done,
    /// Nothing has been done for longer than anything takes.
    Stopped,
}

impl Run {
    /// A run that has just been asked for.
    #[must_use]
    pub fn begin(id: RunId, asked_by: AskedBy, now: Timestamp) -> Self {
        Self {
            id,
            asked_by,
            started_at: now,
            changed_at: now,
            projects_found: None,
            projects_listed: 0,
            found: 0,
            copied: 0,
            failed: 0,
            bytes: 0,
            now: None,
            problem: None,
        }
    }

    /// How far it has come.
    #[must_use]
    pub fn stage(&self, now: Timestamp) -> Stage {
        let listed = self.projects_found.is_some_and(|found| self.projects_listed >= found);
        let over = now.duration_since(self.changed_at).unsigned_abs() > STOPPED_AFTER;
        match (listed, self.copied + self.failed >= self.found) {
            _ if self.problem.is_some() => Stage::Stopped,
            (true, true) => Stage::Done,
            _ if over => Stage::Stopped,
            (true, false) => Stage::Copying,
            (false, _) => Stage::Looking,
        }
    }

    /// Whether it is under way, so that who wants another joins it.
    #[must_use]
    pub fn is_under_way(&self, now: Timestamp) -> bool {
        matches!(self.stage(now), Stage::Looking | Stage::Copying)
    }

    /// Whether nobody may be at it: it was begun, and who began it may have died before anybody was told to look. To tell
    /// them once more is safe.
    #[must_use]
    pub fn may_be_forgotten(&self, now: Timestamp) -> bool {
        let quiet = now.duration_since(self.changed_at).unsigned_abs() > FORGOTTEN_AFTER;
        self.projects_found.is_none() && self.is_under_way(now) && quiet
    }

    /// How much of what was found is done, in per cent. While it still looks, the end is open, and so never 100.
    #[must_use]
    pub fn per_cent(&self, now: Timestamp) -> u64 {
        let done = (self.copied + self.failed).saturating_mul(100).checked_div(self.found);
        match self.stage(now) {
            Stage::Done => 100,
            Stage::Looking | Stage::Copying | Stage::Stopped => done.unwrap_or(0).min(99),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn run() -> Run {
        Run::begin(RunId(Uuid::nil()), AskedBy::Connect, at(0))
    }

    #[test]
    fn a_run_looks_then_copies_and_is_done_when_each_file_is_copied_or_given_up() {
        let mut run = run();
        assert_eq!(run.stage(at(1)), Stage::Looking);
        run.projects_found = Some(2);
        (run.projects_listed, run.found) = (1, 10);
        assert_eq!((run.stage(at(1)), run.per_cent(at(1))), (Stage::Looking, 0));
        (run.projects_listed, run.copied) = (2, 9);
        assert_eq!((run.stage(at(1)), run.per_cent(at(1))), (Stage::Copying, 90));
        run.failed = 1;
        assert_eq!((run.stage(at(1)), run.per_cent(at(1))), (Stage::Done, 100));
        assert_eq!(run.stage(at(1_000_000)), Stage::Done);
    }

    #[test]
    fn a_run_in_which_nothing_happens_any_more_lets_another_begin() {
        let run = run();
        assert!(run.is_under_way(at(75 * 60)));
        assert_eq!(run.stage(at(75 * 60 + 1)), Stage::Stopped);
        assert!(!run.is_under_way(at(75 * 60 + 1)));
    }

    #[test]
    fn a_run_whose_projects_are_not_found_within_a_minute_may_be_forgotten() {
        let mut run = run();
        assert!(!run.may_be_forgotten(at(60)));
        assert!(run.may_be_forgotten(at(61)));
        run.projects_found = Some(1);
        assert!(!run.may_be_forgotten(at(61)));
    }

    #[test]
    fn no_projects_is_done_too() {
        let mut run = run();
        run.projects_found = Some(0);
        assert_eq!(run.stage(at(1)), Stage::Done);
    }

    proptest! {
        #[test]
        fn only_a_run_that_is_done_is_at_a_hundred(projects in 0_u64..5, listed in 0_u64..5, found in 0_u64..50, copied in 0_u64..50, failed in 0_u64..50) {
            let run = Run { projects_found: Some(projects), projects_listed: listed, found, copied, failed, ..run() };
            prop_assert_eq!(run.per_cent(at(1)) == 100, run.stage(at(1)) == Stage::Done);
            prop_assert!(run.per_cent(at(1)) <= 100);
        }
    }
}
