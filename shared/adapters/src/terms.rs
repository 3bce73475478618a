//! What a side settles, as requests say it: `send` and `rfi_manager_id`.

use gusset_domain::{
    connection::Terms,
    ids::UserId,
    people::{Person, Project, RfiManager},
    send::SendChoice,
};
use serde::{Deserialize, Deserializer, de::Error};

use crate::{http::Problem, sessions::SignedIn};

/// The part of a request's body that settles what a side sends and who receives its RFIs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermsBody {
    /// The send modes to change.
    #[serde(default)]
    pub send: SendChoice,
    /// The Connected RFI Manager: absent leaves it, null clears it.
    #[serde(default, deserialize_with = "present")]
    pub rfi_manager_id: Option<Option<UserId>>,
}

impl TermsBody {
    /// The terms, once it is sure that the person named may be an RFI manager in the project. Asks Procore, with the
    /// signed-in person's own token, only where a manager is named.
    ///
    /// # Errors
    /// 422 when the person named may not be the manager of an RFI.
    pub async fn check(self, who: &SignedIn<'_>, project: &Project) -> Result<Terms, Problem> {
        let rfi_manager = match self.rfi_manager_id {
            None => None,
            Some(None) => Some(None),
            Some(Some(id)) => {
                let found = who
                    .rfi_managers(project)
                    .await?
                    .into_iter()
                    .find(|manager| manager.person.id == id);
                let detail = "This person cannot be the manager of RFIs in this project. Choose one of the potential RFI managers.";
                Some(Some(found.ok_or_else(|| Problem::bad_field("rfi_manager_id", detail))?))
            }
        };
        Ok(Terms {
            send: self.send,
            rfi_manager,
        })
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

/// An id as a number, or as the text that an HTML form makes of it. A form says "none" where JSON says null.
///
/// # Errors
/// When it is neither.
pub fn lenient_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UserId>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Id {
        Number(UserId),
        Text(String),
    }
    match Option::<Id>::deserialize(deserializer)
        .map_err(|_| D::Error::custom("a user's id is a positive whole number"))?
    {
        None => Ok(None),
        Some(Id::Number(id)) => Ok(Some(id)),
        Some(Id::Text(text)) if text == "none" => Ok(None),
        Some(Id::Text(text)) => text.parse().map(Some).map_err(D::Error::custom),
    }
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<UserId>>, D::Error> {
    lenient_id(deserializer).map(Some)
}
