//! Projects in which Procore lets us create no webhook: there, only the sweep finds what is new.

use std::collections::BTreeSet;

use gusset_domain::ids::ProjectId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, key, read, record};

#[derive(Serialize, Deserialize)]
struct RefusedRecord {
    project: ProjectId,
    since: Timestamp,
}

const SK: &str = "HOOK";

fn pk(project: ProjectId) -> String {
    format!("HOOK#{project}")
}

impl Table {
    /// Records that Procore refuses a project's hook.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn hook_refused(&self, project: ProjectId, since: Timestamp) -> Result<(), TableError> {
        let item = record(&pk(project), SK, &RefusedRecord { project, since })?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// Records that a project's hook is in place.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn hook_in_place(&self, project: ProjectId) -> Result<(), TableError> {
        let delete = self.client.delete_item().table_name(&self.name);
        let delete = delete.set_key(Some(key(&pk(project), SK)));
        delete.send().await.map(drop).map_err(TableError::new)
    }

    /// Those of some projects whose hook Procore refuses. A request for each hundred.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn hooks_refused(&self, projects: BTreeSet<ProjectId>) -> Result<BTreeSet<ProjectId>, TableError> {
        let keys = projects.into_iter().map(|project| key(&pk(project), SK)).collect();
        let found = self.batch(keys).await?;
        found
            .into_iter()
            .map(|found| read::<RefusedRecord>(found).map(|refused| refused.project))
            .collect()
    }
}
