//! What is known of each connected project's hook in Procore: when it was last looked at, and what Procore refuses of it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use gusset_domain::ids::ProjectId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, key, number, read, record};

/// What is known of a project's hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookState {
    /// The project.
    pub project: ProjectId,
    /// Since when Procore lets us create no hook there. None where there is one.
    #[serde(default, rename = "since", skip_serializing_if = "Option::is_none")]
    pub refused_since: Option<Timestamp>,
    /// When the hook was last found in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<Timestamp>,
    /// What Procore refuses to tell of, by the names of its resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<String>,
    /// Whether what earlier versions of Gusset made by Procore's v1.0 is known to be gone.
    #[serde(default)]
    pub former_removed: bool,
    /// Whether something came without a webhook since the hook was last found in place: perhaps it carries another secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubted: bool,
}

const SK: &str = "HOOK";

fn pk(project: ProjectId) -> String {
    format!("HOOK#{project}")
}

impl HookState {
    /// What is known of a hook that nobody has looked at.
    #[must_use]
    pub fn unknown(project: ProjectId) -> Self {
        Self {
            project,
            refused_since: None,
            checked_at: None,
            untold: Vec::new(),
            former_removed: false,
            doubted: false,
        }
    }

    /// Returns whether the project's hook lacks something that only the company's people or Procore can give.
    #[must_use]
    pub fn lacks_something(&self) -> bool {
        self.refused_since.is_some() || !self.untold.is_empty()
    }
}

impl Table {
    /// What is known of a project's hook. One read.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn hook_state(&self, project: ProjectId) -> Result<HookState, TableError> {
        let known = self.get(&pk(project), SK).await?;
        Ok(known.unwrap_or_else(|| HookState::unknown(project)))
    }

    /// Records what is known of a project's hook, in place of what was. One write.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn record_hook(&self, state: &HookState) -> Result<(), TableError> {
        let item = record(&pk(state.project), SK, state)?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// Records that a project's hook may not do its work, until it is found, or put, in place. One write.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn doubt_hook(&self, project: ProjectId) -> Result<(), TableError> {
        let update = self.client.update_item().table_name(&self.name);
        let update = update
            .set_key(Some(key(&pk(project), SK)))
            .update_expression("SET doubted = :doubted, #project = :project")
            // `project` alone is a word of DynamoDB's own.
            .expression_attribute_names("#project", "project")
            .expression_attribute_values(":doubted", AttributeValue::Bool(true))
            .expression_attribute_values(":project", number(project.get()));
        update.send().await.map(drop).map_err(TableError::new)
    }

    /// Forgets what is known of a project's hook, which is gone. One write.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn forget_hook(&self, project: ProjectId) -> Result<(), TableError> {
        let delete = self.client.delete_item().table_name(&self.name);
        let delete = delete.set_key(Some(key(&pk(project), SK)));
        delete.send().await.map(drop).map_err(TableError::new)
    }

    /// Those of some projects' hooks that lack something. A request for each hundred.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn lacking_hooks(
        &self,
        projects: BTreeSet<ProjectId>,
    ) -> Result<BTreeMap<ProjectId, HookState>, TableError> {
        let keys = projects.into_iter().map(|project| key(&pk(project), SK)).collect();
        let mut lacking = BTreeMap::new();
        for found in self.batch(keys).await? {
            let state: HookState = read(found)?;
            if state.lacks_something() {
                lacking.insert(state.project, state);
            }
        }
        Ok(lacking)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_an_earlier_version_says_that_the_hook_is_refused() {
        let project = ProjectId::new(20001).unwrap();
        let since = Timestamp::from_second(9).unwrap();
        let earlier = serde_json::json!({"project": 20001, "since": since});
        let state: HookState = serde_json::from_value(earlier).unwrap();
        let expected = HookState {
            refused_since: Some(since),
            ..HookState::unknown(project)
        };
        assert_eq!(state, expected);
        assert!(state.lacks_something() && !HookState::unknown(project).lacks_something());
        let kept = record(&pk(project), SK, &state).unwrap();
        assert_eq!(read::<HookState>(kept).unwrap(), state);
    }
}
