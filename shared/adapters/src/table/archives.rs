//! Archives of projects' plans: whether one is being packed, or is ready.

use gusset_domain::ids::{AccountId, ProjectId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, conditions::held, estimator_pk, record, text};

/// How far an archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ArchiveState {
    /// It is being packed.
    Packing,
    /// It can be had.
    Ready {
        /// Its size in bytes.
        size: u64,
    },
    /// It could not be packed.
    Failed,
}

/// An archive on record: a project's latest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveRecord {
    /// What is in it.
    pub fingerprint: String,
    /// When it was asked for, or was ready.
    pub at: Timestamp,
    /// How far it is.
    #[serde(flatten)]
    pub state: ArchiveState,
}

fn sk(project: ProjectId) -> String {
    format!("ARCHIVE#{project}")
}

impl Table {
    /// The latest archive of a project's plans. One read.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn archive(&self, account: AccountId, project: ProjectId) -> Result<Option<ArchiveRecord>, TableError> {
        self.get(&estimator_pk(account), &sk(project)).await
    }

    /// Records that an archive was asked for, in the place of whichever was there.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn archive_asked(
        &self,
        account: AccountId,
        project: ProjectId,
        archive: &ArchiveRecord,
    ) -> Result<(), TableError> {
        let put = self.client.put_item().table_name(&self.name);
        let put = put.set_item(Some(record(&estimator_pk(account), &sk(project), archive)?));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// Records what became of the archive that was asked for by this fingerprint, unless another one was asked for meanwhile.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn archive_done(
        &self,
        account: AccountId,
        project: ProjectId,
        asked: &str,
        archive: &ArchiveRecord,
    ) -> Result<(), TableError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(record(&estimator_pk(account), &sk(project), archive)?))
            .condition_expression("fingerprint = :fingerprint")
            .expression_attribute_values(":fingerprint", text(asked));
        held(put.send().await).map(drop)
    }
}
