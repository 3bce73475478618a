//! Who may act on a project's connections: those with `Admin` on the project's Admin tool.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::limit::Limit;

/// How long an answer of Procore's about somebody's access may be relied on.
///
/// People are told that a right taken away in Procore is gone in Gusset within a minute.
pub const REMEMBERED_FOR: Duration = Duration::from_secs(60);

/// How long a list of projects relies on an answer that the person is an admin; and so do pages that show what Gusset has,
/// while Procore does not answer.
///
/// The list shows counts and names of connections, and lets nobody do anything: each act asks anew, by [`REMEMBERED_FOR`]. Who was
/// an admin half an hour ago has seen those names. Asking about each of forty projects once a minute would leave its
/// company nothing of a window of 25 calls.
pub const GLANCED_FOR: Duration = Duration::from_secs(30 * 60);

/// After how long a list of projects asks anew, so that a right that lasts is confirmed before it is not relied on any more.
const GLANCED_ANEW: Duration = Duration::from_secs(20 * 60);

/// The most questions about rights that one visit of a list of projects costs.
pub const MAX_GLANCES: usize = 8;

/// How many projects that Procore does not show a person may be asked for within an hour.
///
/// Each question costs a call of the company whose project it is. People mistype an id or follow an old link a few times;
/// whoever asks more often is trying ids.
pub const UNSEEN_PROJECTS: Limit = Limit::an_hour(30);

/// How often Procore is asked, within a minute, about one project that it does not show to the person.
///
/// One answer is remembered for a minute. The second question is for a person who signs in anew meanwhile.
pub const UNSEEN_PROJECT: Limit = Limit {
    most: 2,
    window: REMEMBERED_FOR,
};

/// A person's access level on a tool, as in Procore's `user_access_level` (1 to 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    /// None of Procore's: it does not show the person the project at all.
    Outside,
    /// 1: the tool is hidden.
    None,
    /// 2: may look.
    ReadOnly,
    /// 3: may create.
    Standard,
    /// 4: may do everything.
    Admin,
}

impl AccessLevel {
    /// Reads Procore's number. A number that is not known grants nothing.
    #[must_use]
    pub fn from_procore(level: i64) -> Self {
        match level {
            2 => Self::ReadOnly,
            3 => Self::Standard,
            4 => Self::Admin,
            _ => Self::None,
        }
    }
}

/// What a list of projects may show of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glance {
    /// Whether the person is an admin is still to be asked.
    Checking,
    /// Counts, and the names of its connections.
    Admin,
    /// That it is there, and whom to ask.
    NotAdmin,
}

impl Glance {
    /// What Procore's latest answer allows, if there is one. A refusal counts until the next answer.
    #[must_use]
    pub fn of(known: Option<AdminAccess>, now: Timestamp) -> Self {
        match known {
            None => Self::Checking,
            Some(access) if !access.is_admin() => Self::NotAdmin,
            Some(access) if access.is_younger(GLANCED_FOR, now) => Self::Admin,
            Some(_) => Self::Checking,
        }
    }
}

/// A project of a list, of which Procore may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glanced<T> {
    /// The project.
    pub project: T,
    /// What Procore said last.
    pub known: Option<AdminAccess>,
    /// Whether Gusset knows the project, so that there may be something to show.
    pub is_open: bool,
}

/// Returns the projects to ask about now, [`MAX_GLANCES`] at most: first those of which nothing is known yet, those that Gusset
/// knows before the others, then the oldest answers, the admin's before refusals.
#[must_use]
pub fn due<T>(projects: impl IntoIterator<Item = Glanced<T>>, now: Timestamp) -> Vec<T> {
    let is_due = |it: &Glanced<T>| it.known.is_none_or(|known| !known.is_younger(GLANCED_ANEW, now));
    let mut due: Vec<Glanced<T>> = projects.into_iter().filter(is_due).collect();
    due.sort_by_key(|it| match it.known {
        None => (u8::from(!it.is_open), None),
        Some(known) => (if known.is_admin() { 2 } else { 3 }, Some(known.asked_at)),
    });
    due.into_iter().take(MAX_GLANCES).map(|it| it.project).collect()
}

/// What Procore said of a person's access to a project's Admin tool, and when it said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminAccess {
    /// The level on the project's Admin tool.
    pub level: AccessLevel,
    /// When Procore was asked.
    pub asked_at: Timestamp,
}

impl AdminAccess {
    /// Whether the answer is recent enough to act on.
    #[must_use]
    pub fn still_holds(&self, now: Timestamp) -> bool {
        self.is_younger(REMEMBERED_FOR, now)
    }

    fn is_younger(&self, than: Duration, now: Timestamp) -> bool {
        // An answer from the future is one written by a clock ahead of ours: it is not trusted for longer than any other.
        now.duration_since(self.asked_at).unsigned_abs() < than
    }

    /// Whether Procore shows the person the project, whatever the person may do there.
    #[must_use]
    pub fn sees_project(&self) -> bool {
        self.level != AccessLevel::Outside
    }

    /// Whether the person may act on the project's connections.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.level == AccessLevel::Admin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_relied_on_for_less_than_a_minute() {
        let asked_at = Timestamp::from_second(1_000).unwrap();
        let access = AdminAccess {
            level: AccessLevel::Admin,
            asked_at,
        };
        assert!(access.still_holds(Timestamp::from_second(1_059).unwrap()));
        assert!(!access.still_holds(Timestamp::from_second(1_060).unwrap()));
        assert!(!access.still_holds(Timestamp::from_second(900).unwrap()));
    }

    #[test]
    fn a_refusal_is_relied_on_like_a_grant() {
        let refused = AdminAccess {
            level: AccessLevel::Outside,
            asked_at: Timestamp::from_second(1_000).unwrap(),
        };
        assert!(!refused.sees_project() && !refused.is_admin());
        assert!(refused.still_holds(Timestamp::from_second(1_059).unwrap()));
        assert!(!refused.still_holds(Timestamp::from_second(1_060).unwrap()));
        assert_eq!(
            serde_json::to_value(refused.level).unwrap(),
            serde_json::json!("outside"),
            "as it is kept"
        );
        let hidden = AdminAccess {
            level: AccessLevel::None,
            ..refused
        };
        assert!(hidden.sees_project() && !hidden.is_admin());
    }

    fn said(level: AccessLevel, second: i64) -> Option<AdminAccess> {
        let asked_at = Timestamp::from_second(second).unwrap();
        Some(AdminAccess { level, asked_at })
    }

    #[test]
    fn a_list_relies_on_a_grant_for_half_an_hour_and_on_a_refusal_until_the_next_answer() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(Glance::of(None, at(0)), Glance::Checking);
        let granted = said(AccessLevel::Admin, 0);
        assert_eq!(Glance::of(granted, at(1_799)), Glance::Admin);
        assert_eq!(Glance::of(granted, at(1_800)), Glance::Checking);
        for level in [
            AccessLevel::Outside,
            AccessLevel::None,
            AccessLevel::ReadOnly,
            AccessLevel::Standard,
        ] {
            assert_eq!(Glance::of(said(level, 0), at(3_000)), Glance::NotAdmin);
        }
    }

    #[test]
    fn what_is_not_known_is_asked_first_and_then_the_oldest_answers() {
        let now = Timestamp::from_second(10_000).unwrap();
        let project = |project, known, is_open| Glanced {
            project,
            known,
            is_open,
        };
        let projects = [
            project("fresh", said(AccessLevel::Admin, 8_801), true),
            project("refused", said(AccessLevel::ReadOnly, 1), true),
            project("old", said(AccessLevel::Admin, 8_800), true),
            project("older", said(AccessLevel::Admin, 8_700), true),
            project("unknown", None, false),
            project("unknown and open", None, true),
        ];
        let order = ["unknown and open", "unknown", "older", "old", "refused"];
        assert_eq!(due(projects, now), order);
        let many = (0..40).map(|number| project("", None, number % 2 == 0));
        assert_eq!(due(many, now).len(), MAX_GLANCES);
    }

    #[test]
    fn a_level_that_is_not_known_grants_nothing() {
        for level in [-1, 0, 1, 5, 400] {
            assert_eq!(AccessLevel::from_procore(level), AccessLevel::None);
        }
    }
}
