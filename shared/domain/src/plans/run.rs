//! A run of the sync through all projects of a login, and how far it has come.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::project::SyncedProject;
use crate::ids::{ProjectId, RunId};

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

/// A run, as it is on record. How far it has come is not on record: it is [derived](Progress) from what is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Which.
    pub id: RunId,
    /// Who asked for it.
    pub asked_by: AskedBy,
    /// When it began.
    pub started_at: Timestamp,
    /// When a project was last looked at.
    pub changed_at: Timestamp,
    /// The projects to look at; none before all companies have been asked.
    #[serde(default)]
    pub projects: Option<BTreeSet<ProjectId>>,
    /// What stopped it before it had begun, in words.
    #[serde(default)]
    pub problem: Option<String>,
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
            projects: None,
            problem: None,
        }
    }
}

/// What a file counts as in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// It is to be copied.
    Waiting,
    /// It was copied.
    Copied,
    /// It could not be.
    Failed,
    /// It is not to be copied any more, or another run counts it.
    Withdrawn,
}

/// A file that a run counts, on record: written in the same transaction as the revision's record, and never apart from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    /// What it counts as.
    pub state: FileState,
    /// When that was written.
    pub at: Timestamp,
    /// Its size, where it was copied.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub bytes: u64,
    /// Its plan's name, where it was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

fn is_zero(bytes: &u64) -> bool {
    *bytes == 0
}

/// How far a run has come. Nothing of it is counted on: each number is taken from the records of projects and files, so that
/// no death and no conflict can have it miss one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The run.
    pub run: Run,
    /// Projects to look at; none before all companies have been asked.
    pub projects_found: Option<u64>,
    /// Projects that have been looked at.
    pub projects_listed: u64,
    /// Of these, those of which something could not be read.
    pub projects_unread: u64,
    /// Files that are to be copied, were, or could not be.
    pub found: u64,
    /// Files that were copied.
    pub copied: u64,
    /// Files that could not be.
    pub failed: u64,
    /// Bytes copied.
    pub bytes: u64,
    /// What was copied last.
    pub now: Option<String>,
    /// When something was last done.
    pub changed_at: Timestamp,
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
    /// It has come to its end, and something could not be read.
    Incomplete,
    /// Nothing has been done for longer than anything takes.
    Stopped,
}

impl Progress {
    /// How far a run has come, by the account's projects and the files that the run counts.
    #[must_use]
    pub fn of(run: Run, projects: &[SyncedProject], files: &[RunFile]) -> Self {
        let is_of_run = |project: &&SyncedProject| {
            let found = run.projects.as_ref();
            found.is_some_and(|found| found.contains(&project.project.id)) && project.listed_in == Some(run.id)
        };
        let listed: Vec<&SyncedProject> = projects.iter().filter(is_of_run).collect();
        let unread = listed.iter().filter(|project| !project.is_whole()).count();
        let count = |state| files.iter().filter(|file| file.state == state).count() as u64;
        let (copied, failed) = (count(FileState::Copied), count(FileState::Failed));
        let last = files
            .iter()
            .filter(|file| file.name.is_some())
            .max_by_key(|file| file.at);
        let changed_at = files.iter().map(|file| file.at).max();
        Self {
            projects_found: run.projects.as_ref().map(|found| found.len() as u64),
            projects_listed: listed.len() as u64,
            projects_unread: unread as u64,
            found: copied + failed + count(FileState::Waiting),
            copied,
            failed,
            bytes: files.iter().map(|file| file.bytes).sum(),
            now: last.and_then(|last| last.name.clone()),
            changed_at: changed_at.map_or(run.changed_at, |at| at.max(run.changed_at)),
            run,
        }
    }

    /// How far it has come.
    #[must_use]
    pub fn stage(&self, now: Timestamp) -> Stage {
        let listed = self.projects_found.is_some_and(|found| self.projects_listed >= found);
        let over = now.duration_since(self.changed_at).unsigned_abs() > STOPPED_AFTER;
        match (listed, self.copied + self.failed >= self.found) {
            _ if self.run.problem.is_some() => Stage::Stopped,
            (true, true) if self.projects_unread > 0 => Stage::Incomplete,
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

    /// How much of what was found is done, in per cent. While it still looks, the end is open, and so never 100; nor where
    /// something could not be read.
    #[must_use]
    pub fn per_cent(&self, now: Timestamp) -> u64 {
        let done = (self.copied + self.failed).saturating_mul(100).checked_div(self.found);
        match self.stage(now) {
            Stage::Done => 100,
            Stage::Looking | Stage::Copying | Stage::Incomplete | Stage::Stopped => done.unwrap_or(0).min(99),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        ids::{CompanyId, UserId},
        people::Project,
        plans::project::{PlanTool, Unread},
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn id(number: u128) -> RunId {
        RunId(Uuid::from_u128(number))
    }

    fn ids(projects: u64) -> BTreeSet<ProjectId> {
        (1..=projects).filter_map(ProjectId::new).collect()
    }

    fn run(projects: Option<u64>) -> Run {
        Run {
            projects: projects.map(ids),
            ..Run::begin(id(1), AskedBy::Connect, at(0))
        }
    }

    fn project(number: u64, listed_in: Option<RunId>) -> SyncedProject {
        let project = Project {
            id: ProjectId::new(number).unwrap(),
            name: "Pier 9 Tower".to_owned(),
            company_id: CompanyId::new(1001).unwrap(),
            company_name: "Harbour".to_owned(),
        };
        SyncedProject {
            listed_in,
            ..SyncedProject::found(project, UserId::new(101).unwrap(), "Gina")
        }
    }

    fn listed(projects: u64) -> Vec<SyncedProject> {
        (1..=projects).map(|number| project(number, Some(id(1)))).collect()
    }

    fn files(waiting: usize, copied: usize, failed: usize) -> Vec<RunFile> {
        let of = |count, state| {
            std::iter::repeat_n(
                RunFile {
                    state,
                    at: at(0),
                    bytes: if state == FileState::Copied { 10 } else { 0 },
                    name: (state == FileState::Copied).then(|| "A-101".to_owned()),
                },
                count,
            )
        };
        of(waiting, FileState::Waiting)
            .chain(of(copied, FileState::Copied))
            .chain(of(failed, FileState::Failed))
            .chain(of(2, FileState::Withdrawn))
            .collect()
    }

    #[test]
    fn a_run_looks_then_copies_and_is_done_when_each_file_is_copied_or_given_up() {
        let is = |found, listed_projects, files: &[RunFile]| {
            let progress = Progress::of(run(found), &listed(listed_projects), files);
            (progress.stage(at(1)), progress.per_cent(at(1)))
        };
        assert_eq!(is(None, 0, &[]), (Stage::Looking, 0));
        assert_eq!(is(Some(2), 1, &files(10, 0, 0)), (Stage::Looking, 0));
        assert_eq!(is(Some(2), 2, &files(1, 9, 0)), (Stage::Copying, 90));
        assert_eq!(is(Some(2), 2, &files(0, 9, 1)), (Stage::Done, 100));
        let done = Progress::of(run(Some(2)), &listed(2), &files(0, 9, 1));
        assert_eq!(done.stage(at(1_000_000)), Stage::Done);
        assert_eq!((done.found, done.bytes, done.now.as_deref()), (10, 90, Some("A-101")));
    }

    #[test]
    fn projects_of_other_runs_and_lost_ones_do_not_count() {
        let others = [project(1, Some(id(2))), project(2, None), project(9, Some(id(1)))];
        let progress = Progress::of(run(Some(2)), &others, &[]);
        assert_eq!((progress.projects_found, progress.projects_listed), (Some(2), 0));
    }

    #[test]
    fn a_run_that_could_not_read_something_ends_and_is_not_done() {
        let mut projects = listed(2);
        projects[1].unread = vec![Unread {
            tool: PlanTool::Documents,
            why: "it has more folders than Gusset reads".to_owned(),
        }];
        let progress = |files: &[RunFile]| Progress::of(run(Some(2)), &projects, files);
        assert_eq!(progress(&files(1, 1, 0)).stage(at(1)), Stage::Copying);
        let ended = progress(&files(0, 2, 0));
        assert_eq!((ended.stage(at(1)), ended.per_cent(at(1))), (Stage::Incomplete, 99));
        assert!(!ended.is_under_way(at(1)));
        projects[1].unread = Vec::new();
        projects[0].problem = Some("Its plans could not be read.".to_owned());
        assert_eq!(
            Progress::of(run(Some(2)), &projects, &[]).stage(at(1)),
            Stage::Incomplete
        );
    }

    #[test]
    fn a_run_in_which_nothing_happens_any_more_lets_another_begin() {
        let progress = Progress::of(run(None), &[], &[]);
        assert!(progress.is_under_way(at(75 * 60)));
        assert_eq!(progress.stage(at(75 * 60 + 1)), Stage::Stopped);
        assert!(!progress.is_under_way(at(75 * 60 + 1)));
    }

    #[test]
    fn a_run_whose_projects_are_not_found_within_a_minute_may_be_forgotten() {
        let progress = Progress::of(run(None), &[], &[]);
        assert!(!progress.may_be_forgotten(at(60)));
        assert!(progress.may_be_forgotten(at(61)));
        assert!(!Progress::of(run(Some(1)), &[], &[]).may_be_forgotten(at(61)));
    }

    #[test]
    fn no_projects_is_done_too() {
        assert_eq!(Progress::of(run(Some(0)), &[], &[]).stage(at(1)), Stage::Done);
    }

    proptest! {
        #[test]
        fn only_a_run_that_is_done_is_at_a_hundred(found in 0_u64..5, looked_at in 0_u64..5, waiting in 0_usize..5, copied in 0_usize..50, failed in 0_usize..50) {
            let progress = Progress::of(run(Some(found)), &listed(looked_at), &files(waiting, copied, failed));
            prop_assert_eq!(progress.per_cent(at(1)) == 100, progress.stage(at(1)) == Stage::Done);
            prop_assert!(progress.per_cent(at(1)) <= 100);
            prop_assert_eq!(progress.stage(at(1)) == Stage::Done, waiting == 0 && looked_at >= found);
        }
    }
}
