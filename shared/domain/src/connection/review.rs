//! Who reviews the RFIs that arrive on a side: a person, nobody yet, or they are not accepted.

use serde::{Deserialize, Serialize};

use crate::people::RfiManager;

/// Who reviews the RFIs that arrive on a side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub enum RfiReview {
    /// Nobody has been chosen yet: they wait.
    #[default]
    NotChosen,
    /// The Connected RFI Manager.
    Manager(RfiManager),
    /// Nobody: the side accepts no RFIs.
    Refused,
}

/// What a side answers when it is asked who reviews the RFIs that arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewChoice {
    /// This, whatever it was before.
    Becomes(RfiReview),
    /// Whoever it was does not any more: they wait, where they are accepted.
    NoManager,
    /// They are accepted: by whom they were, or by nobody yet.
    Accept,
}

impl RfiReview {
    /// The Connected RFI Manager, where one is chosen.
    #[must_use]
    pub fn manager(&self) -> Option<&RfiManager> {
        match self {
            Self::Manager(manager) => Some(manager),
            Self::NotChosen | Self::Refused => None,
        }
    }

    /// Whether RFIs are accepted.
    #[must_use]
    pub fn is_accepting(&self) -> bool {
        *self != Self::Refused
    }

    /// What becomes of it by a choice.
    pub(super) fn with(self, choice: ReviewChoice) -> Self {
        match (choice, self) {
            (ReviewChoice::Becomes(review), _) => review,
            (ReviewChoice::NoManager, Self::Manager(_)) | (ReviewChoice::Accept, Self::Refused) => Self::NotChosen,
            (ReviewChoice::NoManager | ReviewChoice::Accept, unchanged) => unchanged,
        }
    }
}

/// As records have it: a manager or none, and since RFIs can be refused, whether they are.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default)]
    rfi_manager: Option<RfiManager>,
    #[serde(default, skip_serializing_if = "is_false")]
    refuses_rfis: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a field by reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl From<Stored> for RfiReview {
    fn from(stored: Stored) -> Self {
        match stored.rfi_manager {
            _ if stored.refuses_rfis => Self::Refused,
            Some(manager) => Self::Manager(manager),
            None => Self::NotChosen,
        }
    }
}

impl From<RfiReview> for Stored {
    fn from(review: RfiReview) -> Self {
        Self {
            refuses_rfis: !review.is_accepting(),
            rfi_manager: match review {
                RfiReview::Manager(manager) => Some(manager),
                RfiReview::NotChosen | RfiReview::Refused => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{ids::UserId, people::Person};

    fn manager() -> RfiManager {
        RfiManager {
            person: Person {
                id: UserId::new(102).unwrap(),
                name: "Omar Haddad".to_owned(),
            },
            email: None,
        }
    }

    #[test]
    fn a_record_from_before_rfis_could_be_refused_still_reads() {
        for (record, review) in [
            (json!({"rfi_manager": null}), RfiReview::NotChosen),
            (json!({}), RfiReview::NotChosen),
            (
                json!({"rfi_manager": {"id": 102, "name": "Omar Haddad"}}),
                RfiReview::Manager(manager()),
            ),
        ] {
            assert_eq!(serde_json::from_value::<RfiReview>(record).unwrap(), review);
        }
    }

    #[test]
    fn what_is_written_reads_as_it_was() {
        for review in [RfiReview::NotChosen, RfiReview::Manager(manager()), RfiReview::Refused] {
            let written = serde_json::to_value(&review).unwrap();
            assert_eq!(serde_json::from_value::<RfiReview>(written).unwrap(), review);
        }
    }

    #[test]
    fn a_choice_changes_what_it_says_and_nothing_else() {
        let (nobody, omar, refused) = (RfiReview::NotChosen, RfiReview::Manager(manager()), RfiReview::Refused);
        assert_eq!(omar.clone().with(ReviewChoice::NoManager), nobody);
        assert_eq!(refused.clone().with(ReviewChoice::NoManager), refused);
        assert_eq!(refused.clone().with(ReviewChoice::Accept), nobody);
        assert_eq!(omar.clone().with(ReviewChoice::Accept), omar);
        assert_eq!(refused.with(ReviewChoice::Becomes(omar.clone())), omar);
    }
}
