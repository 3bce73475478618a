//! Who may act on a project's connections: those with `Admin` on the project's Admin tool.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::limit::Limit;

/// How long an answer of Procore's about somebody's access may be relied on.
///
/// People are told that a right taken away in Procore is gone in Gusset within a minute.
pub const REMEMBERED_FOR: Duration = Duration::from_secs(60);

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
        // An answer from the future is one written by a clock ahead of ours: it is not trusted for longer than any other.
        now.duration_since(self.asked_at).unsigned_abs() < REMEMBERED_FOR
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

    #[test]
    fn a_level_that_is_not_known_grants_nothing() {
        for level in [-1, 0, 1, 5, 400] {
            assert_eq!(AccessLevel::from_procore(level), AccessLevel::None);
        }
    }
}
