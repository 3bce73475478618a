//! Whether new connections may be made. Existing ones always keep working.

use std::{collections::BTreeSet, str::FromStr};

use gusset_words::say;
use jiff::Timestamp;
use serde::Serialize;

use crate::ids::ProjectId;

/// The stack-wide policy for new connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewConnections {
    /// Any project may ask.
    Open,
    /// Only the named projects may ask.
    AllowList(BTreeSet<ProjectId>),
    /// Nobody may ask from this moment on.
    ClosedFrom(Timestamp),
}

/// What the policy says to one project now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ruling {
    /// Whether the project may ask for a new connection.
    pub may_connect: bool,
    /// Why not, and what to do about it, in words for the project's admin. Absent where it may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The policy's settings do not make a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policy for new connections: {0}")]
pub struct NotAPolicy(String);

impl NewConnections {
    /// Reads the template's parameters.
    ///
    /// `kind` is `open`, `allow_list` or `closed`; `projects` lists project ids, separated by commas or spaces;
    /// `closed_from` is an ISO 8601 time, or empty for always.
    ///
    /// # Errors
    /// When `kind` is another word, a project's id is not a number, or the time cannot be read: a policy that is not
    /// understood must stop a deployment, not open the doors.
    pub fn read(kind: &str, projects: &str, closed_from: &str) -> Result<Self, NotAPolicy> {
        match kind {
            "open" => Ok(Self::Open),
            "allow_list" => projects
                .split([',', ' ', '\n'])
                .filter(|id| !id.is_empty())
                .map(|id| ProjectId::from_str(id).map_err(|_| NotAPolicy(format!("{id:?} is not a project's id"))))
                .collect::<Result<_, _>>()
                .map(Self::AllowList),
            "closed" if closed_from.is_empty() => Ok(Self::ClosedFrom(Timestamp::UNIX_EPOCH)),
            "closed" => closed_from
                .parse()
                .map(Self::ClosedFrom)
                .map_err(|_| NotAPolicy(format!("{closed_from:?} is not a time such as 2026-12-31T00:00:00Z"))),
            other => Err(NotAPolicy(format!("{other:?} is not one of open, allow_list, closed"))),
        }
    }

    /// What the policy says to a project. `contact` is whom to write to.
    #[must_use]
    pub fn ruling(&self, project: ProjectId, contact: &str, now: Timestamp) -> Ruling {
        let refused = |reason| Ruling {
            may_connect: false,
            reason: Some(reason),
        };
        let id = project.to_string();
        match self {
            Self::AllowList(projects) if !projects.contains(&project) => refused(say!(
                "problem-connections-closed-detail-selected",
                contact = contact,
                project = id
            )),
            Self::ClosedFrom(from) if *from <= now => refused(say!(
                "problem-connections-closed-detail",
                contact = contact,
                project = id
            )),
            _ => Ruling {
                may_connect: true,
                reason: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(id: u64) -> ProjectId {
        ProjectId::new(id).unwrap()
    }

    #[test]
    fn an_allow_list_lets_the_named_projects_connect_and_tells_the_others_how_to_ask() {
        let policy = NewConnections::read("allow_list", "20001, 30001", "").unwrap();
        let now = Timestamp::UNIX_EPOCH;
        assert!(policy.ruling(project(20001), "ops@gusset.example", now).may_connect);
        let refused = policy.ruling(project(40001), "ops@gusset.example", now);
        assert!(!refused.may_connect);
        let reason = refused.reason.unwrap();
        assert!(
            reason.contains("40001") && reason.contains("ops@gusset.example"),
            "{reason}"
        );
    }

    #[test]
    fn closing_takes_effect_at_its_moment() {
        let policy = NewConnections::read("closed", "", "2026-12-31T00:00:00Z").unwrap();
        let ruling = |time: &str| policy.ruling(project(1), "ops", time.parse().unwrap()).may_connect;
        assert!(ruling("2026-12-30T23:59:59Z"));
        assert!(!ruling("2026-12-31T00:00:00Z"));
    }

    #[test]
    fn a_policy_that_is_not_understood_is_an_error() {
        for (kind, projects, from) in [
            ("", "", ""),
            ("Open", "", ""),
            ("allow_list", "x", ""),
            ("closed", "", "soon"),
        ] {
            assert!(
                NewConnections::read(kind, projects, from).is_err(),
                "{kind} {projects} {from}"
            );
        }
    }
}
