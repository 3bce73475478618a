//! Views of a project's log that a person has saved.

use gusset_domain::{
    activity::SavedViews,
    ids::{ProjectId, UserId},
};
use serde::{Deserialize, Serialize};

use super::{Table, TableError, conditions::held, number, record};

#[derive(Default, Serialize, Deserialize)]
struct ViewsRecord {
    views: SavedViews,
    /// Counts the changes, so that of two at once each is made.
    version: u64,
}

/// Times a change is tried that meets another one.
const TRIES: u32 = 5;

fn pk(project: ProjectId) -> String {
    format!("VIEWS#{project}")
}

fn sk(user: UserId) -> String {
    format!("PERSON#{user}")
}

impl Table {
    /// The views that a person has saved in a project. One request.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn saved_views(&self, project: ProjectId, user: UserId) -> Result<SavedViews, TableError> {
        let known: Option<ViewsRecord> = self.get(&pk(project), &sk(user)).await?;
        Ok(known.unwrap_or_default().views)
    }

    /// Changes the views that a person has saved in a project, and gives them. None where `change` says that it cannot be.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer, or somebody else was faster each time.
    pub async fn change_views(
        &self,
        project: ProjectId,
        user: UserId,
        change: impl Fn(&mut SavedViews) -> bool,
    ) -> Result<Option<SavedViews>, TableError> {
        let (pk, sk) = (pk(project), sk(user));
        for _ in 0..TRIES {
            let mut known: ViewsRecord = self.get(&pk, &sk).await?.unwrap_or_default();
            if !change(&mut known.views) {
                return Ok(None);
            }
            let before = known.version;
            known.version += 1;
            let put = self.client.put_item().table_name(&self.name);
            let put = put
                .set_item(Some(record(&pk, &sk, &known)?))
                .condition_expression("attribute_not_exists(pk) OR version = :before")
                .expression_attribute_values(":before", number(before));
            if held(put.send().await)?.is_some() {
                return Ok(Some(known.views));
            }
        }
        Err(TableError("a person's saved views change all the time".to_owned()))
    }
}
