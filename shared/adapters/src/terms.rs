//! What a side settles, as requests say it: `send`, `rfi_manager_id` and `accepts_rfis`.

use gusset_domain::{
    connection::{ReviewChoice, RfiReview, Terms},
    ids::UserId,
    people::{Person, Project, RfiManager},
    send::{SendChoice, ShortChoice},
};
use gusset_words::say;
use serde::{Deserialize, Deserializer, de::Error};

use crate::{
    http::{Incoming, Problem},
    sessions::SignedIn,
};

/// The part of a request's body that settles what a side sends and who receives its RFIs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermsBody {
    /// The send modes to change.
    #[serde(default)]
    pub send: SendChoice,
    /// A form's short answer, which says what `send` counts for.
    #[serde(default)]
    pub sends: Option<ShortChoice>,
    /// The Connected RFI Manager: absent leaves it, null clears it.
    #[serde(default, deserialize_with = "present")]
    pub rfi_manager_id: Option<Reviewer>,
    /// Whether RFIs are accepted: absent leaves it.
    #[serde(default, deserialize_with = "present")]
    pub accepts_rfis: Option<bool>,
}

/// Who reviews arriving RFIs, as `rfi_manager_id` names that: a person's id, null, or the text that an HTML form makes of
/// either. A form says "none" where JSON says null, and "refused" for `accepts_rfis: false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reviewer {
    /// This person.
    Person(UserId),
    /// Nobody.
    Nobody,
    /// Nobody, as RFIs are not accepted.
    Refused,
}

impl TermsBody {
    /// The terms, once it is sure that the person named may be an RFI manager in the project. Asks Procore, with the
    /// signed-in person's own token, only where a manager is named.
    ///
    /// # Errors
    /// 422 when the person named may not be the manager of an RFI.
    pub async fn check(self, who: &SignedIn<'_>, project: &Project) -> Result<Terms, Problem> {
        let review = match (self.rfi_manager_id, self.accepts_rfis) {
            (None, None) => None,
            (None, Some(true)) => Some(ReviewChoice::Accept),
            (Some(Reviewer::Nobody), None) => Some(ReviewChoice::NoManager),
            (Some(Reviewer::Nobody), Some(true)) => Some(ReviewChoice::Becomes(RfiReview::NotChosen)),
            (Some(Reviewer::Refused), None) | (None | Some(Reviewer::Nobody | Reviewer::Refused), Some(false)) => {
                Some(ReviewChoice::Becomes(RfiReview::Refused))
            }
            (Some(Reviewer::Person(_)), Some(false)) | (Some(Reviewer::Refused), Some(true)) => {
                let detail = say!("problem-bad-field-detail-refused-manager");
                return Err(Problem::bad_field("accepts_rfis", detail));
            }
            (Some(Reviewer::Person(id)), _) => {
                let found = who
                    .rfi_managers(project)
                    .await?
                    .into_iter()
                    .find(|manager| manager.person.id == id);
                let detail = say!("problem-bad-field-detail-manager");
                let found = found.ok_or_else(|| Problem::bad_field("rfi_manager_id", detail))?;
                Some(ReviewChoice::Becomes(RfiReview::Manager(found)))
            }
        };
        let short = self.sends.unwrap_or(ShortChoice::Chosen);
        Ok(Terms {
            send: short.modes(self.send),
            review,
        })
    }
}

impl Incoming {
    /// Refuses a form that leaves it open who reviews the RFIs that arrive: they would only wait. Programs may.
    ///
    /// # Errors
    /// 422 where the form has the question, and no answer.
    pub fn names_reviewer(&self) -> Result<(), Problem> {
        if self.is_left_empty("rfi_manager_id") {
            let detail = say!("problem-bad-field-detail-reviewer");
            return Err(Problem::bad_field("rfi_manager_id", detail));
        }
        Ok(())
    }
}

impl SignedIn<'_> {
    /// Who may be the manager of an RFI in a project.
    ///
    /// # Errors
    /// As [`SignedIn::heard`].
    pub async fn potential_rfi_managers(&self, project: &Project) -> Result<Vec<Person>, Problem> {
        let managers = self.rfi_managers(project).await?;
        Ok(managers.into_iter().map(|manager| manager.person).collect())
    }

    async fn rfi_managers(&self, project: &Project) -> Result<Vec<RfiManager>, Problem> {
        let procore = self.procore();
        let authority = self.authority().await?;
        self.heard(
            procore
                .potential_rfi_managers(authority, project.company_id, project.id)
                .await,
        )
        .await
    }
}

impl<'de> Deserialize<'de> for Reviewer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Id {
            Number(UserId),
            Text(String),
        }
        let id = Option::<Id>::deserialize(deserializer);
        match id.map_err(|_| D::Error::custom("a user's id is a positive whole number"))? {
            None => Ok(Self::Nobody),
            Some(Id::Number(id)) => Ok(Self::Person(id)),
            Some(Id::Text(text)) if text == "none" => Ok(Self::Nobody),
            Some(Id::Text(text)) if text == "refused" => Ok(Self::Refused),
            Some(Id::Text(text)) => text.parse().map(Self::Person).map_err(D::Error::custom),
        }
    }
}

/// A field that says nothing when it is absent, and null is no answer.
///
/// # Errors
/// When it is not of its type.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: serde_json::Value) -> Result<TermsBody, serde_json::Error> {
        serde_json::from_value(body)
    }

    #[test]
    fn the_reviewer_is_a_person_nobody_or_left_as_it_is() {
        let id = UserId::new(102).unwrap();
        for (body, reviewer) in [
            (json!({}), None),
            (json!({"rfi_manager_id": null}), Some(Reviewer::Nobody)),
            (json!({"rfi_manager_id": 102}), Some(Reviewer::Person(id))),
            (json!({"rfi_manager_id": "102"}), Some(Reviewer::Person(id))),
            (json!({"rfi_manager_id": "none"}), Some(Reviewer::Nobody)),
            (json!({"rfi_manager_id": "refused"}), Some(Reviewer::Refused)),
        ] {
            assert_eq!(read(body.clone()).unwrap().rfi_manager_id, reviewer, "{body}");
        }
        for wrong in [
            json!({"rfi_manager_id": 0}),
            json!({"rfi_manager_id": "x"}),
            json!({"rfi_manager_id": [1]}),
            json!({"accepts_rfis": null}),
            json!({"accepts_rfis": "no"}),
            json!({"sends": "all"}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
