//! The messages on the queue of plan files: what a worker of the sync has to do.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{PlanId, RevisionId};
use crate::{
    ids::{AccountId, CompanyId, RunId, UserId},
    people::Project,
};

/// Where a revision's file can be had. Addresses are Procore's, and may stop working after some minutes: they are not kept
/// in records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Which revision.
    pub revision: RevisionId,
    /// The file's address. None where nobody has looked it up: Procore is asked for it when the file's turn comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The address of its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
    /// See [`ListedRevision::stamp`](super::listing::ListedRevision::stamp).
    pub stamp: String,
}

/// The most revisions whose files one message names, so that it stays far below what SQS takes (256 KiB) however long the
/// addresses are.
pub const MAX_FILES: usize = 20;

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Work {
    /// See whether Procore still accepts the access.
    Check,
    /// See which companies and projects there are.
    Discover {
        /// Whether a person asked: what failed for good is tried again then.
        by_hand: bool,
    },
    /// Remove the hook on a company that earlier versions of Gusset made, which never heard of the company's projects.
    Watch {
        /// The company.
        company: CompanyId,
    },
    /// Remove the hook on a project's plans, which nobody keeps any more. Needs no login: the account has none by then.
    Unwatch {
        /// The project.
        project: Project,
    },
    /// See which plans a project has.
    Project {
        /// The project.
        project: Project,
        /// As for [`Work::Discover`].
        by_hand: bool,
        /// When this was asked for, where it was by a webhook: a project that was looked at since then is left out.
        #[serde(default)]
        asked_at: Option<Timestamp>,
    },
    /// Fetch files of a plan.
    Files {
        /// The plan.
        plan: PlanId,
        /// The company whose limit the calls count to.
        company: CompanyId,
        /// The files.
        files: Vec<Source>,
    },
    /// Pack a project's current plans into one archive.
    Archive {
        /// The project.
        project: crate::ids::ProjectId,
        /// Which plans, by a hash of what they are.
        fingerprint: String,
    },
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Whose plans.
    pub account: AccountId,
    /// The login on whose authority. Where another one is connected by now, there is nothing to do.
    pub login: UserId,
    /// The run that it belongs to. None where a webhook asked: that is not shown as a run.
    #[serde(default)]
    pub run: Option<RunId>,
    /// How often it failed for passing reasons. Waiting for Procore's limits is no failure.
    #[serde(default)]
    pub attempts: u32,
    /// What to do.
    #[serde(flatten)]
    pub work: Work,
}

impl Job {
    /// The same for the next attempt.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            attempts: self.attempts + 1,
            ..self.clone()
        }
    }

    /// Other work of the same run, on the same authority.
    #[must_use]
    pub fn other(&self, work: Work) -> Self {
        Self {
            attempts: 0,
            work,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans::PlanKind;

    #[test]
    fn a_message_is_read_back_as_it_was_written() {
        let plan = PlanId {
            project: crate::ids::ProjectId::new(20001).unwrap(),
            kind: PlanKind::Drawing,
            entity: 600_001,
        };
        let work = Work::Files {
            plan,
            company: CompanyId::new(1001).unwrap(),
            files: vec![Source {
                revision: RevisionId(600_100),
                address: Some("https://api.procore.com/files/1/a.pdf".to_owned()),
                thumbnail: None,
                stamp: "2026-05-18T00:00:00Z 16384".to_owned(),
            }],
        };
        let job = Job {
            account: AccountId(uuid::Uuid::nil()),
            login: UserId::new(101).unwrap(),
            run: Some(RunId(uuid::Uuid::nil())),
            attempts: 2,
            work,
        };
        let text = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job, "{text}");
    }
}
