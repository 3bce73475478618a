//! How far each tool of a project was swept. Under a key of its own, so that the sweep's role can be kept from writing
//! anything else.

use gusset_domain::{ids::ProjectId, sweep::SweepCursor};
use serde::{Deserialize, Serialize};

use super::{Table, TableError, record};

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct SweptRecord(SweepCursor);

const SK: &str = "SWEPT";

fn pk(project: ProjectId) -> String {
    format!("SWEPT#{project}")
}

impl Table {
    /// Until when a project was swept. One read.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn swept(&self, project: ProjectId) -> Result<SweepCursor, TableError> {
        let found: Option<SweptRecord> = self.get(&pk(project), SK).await?;
        Ok(found.map(|record| record.0).unwrap_or_default())
    }

    /// Records until when a project was swept.
    ///
    /// Unconditional on purpose: of two sweeps at once the one that writes last may take a cursor back. What lies between
    /// is then looked at once more, and nothing is lost.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn sweep_done(&self, project: ProjectId, swept: SweepCursor) -> Result<(), TableError> {
        let done = self.client.put_item().table_name(&self.name);
        let done = done.set_item(Some(record(&pk(project), SK, &SweptRecord(swept))?));
        done.send().await.map(drop).map_err(TableError::new)
    }
}

#[cfg(test)]
mod tests {
    use gusset_domain::send::Tool;
    use jiff::Timestamp;

    use super::*;
    use crate::table::read;

    #[test]
    fn cursors_come_back_from_the_table_as_they_were() {
        let mut swept = SweepCursor::default();
        swept.advance(Tool::WorkingHours, Timestamp::from_second(9).unwrap());
        swept.goes_on(Tool::Notes, Timestamp::from_second(10).unwrap());
        let stored = record("pk", "sk", &SweptRecord(swept.clone())).unwrap();
        assert_eq!(read::<SweptRecord>(stored).unwrap().0, swept);
    }
}
