//! A project in an estimator's bid calendar, and when its bids are due.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{RunId, UserId},
    integration::Integration,
    people::Project,
    text,
};

/// A bid package of Procore's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BidPackage {
    /// Its id.
    pub id: u64,
    /// What is bid for.
    pub title: String,
    /// When bids are due.
    #[serde(default)]
    pub due_at: Option<Timestamp>,
}

/// Tools of Procore that plans come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanTool {
    /// Drawings.
    Drawings,
    /// Specifications.
    Specifications,
    /// Documents.
    Documents,
    /// Bidding, for the due dates.
    Bidding,
}

/// A project on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncedProject {
    /// The project, with the names that Procore last showed.
    #[serde(flatten)]
    pub project: Project,
    /// The login by which it came last.
    pub login: UserId,
    /// The name of that login, for people.
    pub login_name: String,
    /// Since when that login does not see it any more, or Procore counts it as closed.
    #[serde(default)]
    pub lost_since: Option<Timestamp>,
    /// Its bid packages, as Procore last showed them.
    #[serde(default)]
    pub bid_packages: Vec<BidPackage>,
    /// When bids are due by what somebody set by hand. It wins.
    #[serde(default)]
    pub bid_due_at: Option<Timestamp>,
    /// When its plans were last looked at, from the beginning of that look.
    #[serde(default)]
    pub listed_at: Option<Timestamp>,
    /// The run in which they were.
    #[serde(default)]
    pub listed_in: Option<RunId>,
    /// Tools that Procore does not show to that login.
    #[serde(default)]
    pub closed_tools: Vec<PlanTool>,
    /// What kept its plans from being looked at the last time, in words.
    #[serde(default)]
    pub problem: Option<String>,
}

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// The bid package, where it is one's. None where somebody set the date by hand.
    pub package: Option<(u64, String)>,
}

impl SyncedProject {
    /// A project that a login sees for the first time.
    #[must_use]
    pub fn found(project: Project, login: UserId, login_name: &str) -> Self {
        Self {
            project,
            login,
            login_name: login_name.to_owned(),
            lost_since: None,
            bid_packages: Vec::new(),
            bid_due_at: None,
            listed_at: None,
            listed_in: None,
            closed_tools: Vec::new(),
            problem: None,
        }
    }

    /// Whether it receives updates, as things stand.
    #[must_use]
    pub fn receives_updates(&self, integration: Option<&Integration>) -> bool {
        self.lost_since.is_none() && integration.is_some_and(|integration| integration.serves(self.login))
    }

    /// All that is due, the earliest first: what was set by hand, or else each bid package with a date.
    #[must_use]
    pub fn due(&self) -> Vec<Due> {
        if let Some(at) = self.bid_due_at {
            return vec![Due { at, package: None }];
        }
        let package = |package: &BidPackage| {
            let title = text::one_line(&package.title, 200);
            package.due_at.map(|at| Due {
                at,
                package: Some((package.id, title)),
            })
        };
        let mut due: Vec<Due> = self.bid_packages.iter().filter_map(package).collect();
        due.sort_by_key(|due| due.at);
        due
    }

    /// When its next bids are due, or else when its last ones were.
    #[must_use]
    pub fn bid_due(&self, now: Timestamp) -> Option<Timestamp> {
        let due = self.due();
        let next = due.iter().find(|due| now <= due.at).or_else(|| due.last());
        next.map(|due| due.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CompanyId, ProjectId};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn project(due: &[Option<i64>]) -> SyncedProject {
        let project = Project {
            id: ProjectId::new(20001).unwrap(),
            name: "Pier 9 Tower".to_owned(),
            company_id: CompanyId::new(1001).unwrap(),
            company_name: "Harbour".to_owned(),
        };
        let packages = (1..).zip(due).map(|(id, due)| BidPackage {
            id,
            title: format!("Package {id}"),
            due_at: due.map(at),
        });
        SyncedProject {
            bid_packages: packages.collect(),
            ..SyncedProject::found(project, UserId::new(101).unwrap(), "Gina")
        }
    }

    #[test]
    fn the_next_package_counts_and_once_all_are_past_the_last() {
        let project = project(&[Some(300), None, Some(100)]);
        assert_eq!(project.bid_due(at(50)), Some(at(100)));
        assert_eq!(project.bid_due(at(100)), Some(at(100)));
        assert_eq!(project.bid_due(at(101)), Some(at(300)));
        assert_eq!(project.bid_due(at(999)), Some(at(300)));
        assert_eq!(self::project(&[None]).bid_due(at(0)), None);
    }

    #[test]
    fn a_date_set_by_hand_wins() {
        let mut project = project(&[Some(300), Some(100)]);
        project.bid_due_at = Some(at(7));
        assert_eq!(
            project.due(),
            [Due {
                at: at(7),
                package: None
            }]
        );
        assert_eq!(project.bid_due(at(50)), Some(at(7)));
    }
}
