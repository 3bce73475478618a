//! When a side of a connection last reminded the other of what waits for it.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use gusset_domain::{
    connection::{BETWEEN_REMINDERS, Connection, Side},
    ids::ConnectionId,
    notification::Notification,
    people::Actor,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, Written, number, record};

/// How long it is told when a reminder was sent.
const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

#[derive(Serialize, Deserialize)]
struct ReminderRecord {
    /// In Unix milliseconds, to be compared.
    reminded_at: i64,
    reminded: Actor,
    expires_at: i64,
}

fn pk(connection: ConnectionId) -> String {
    format!("REMINDED#{connection}")
}

impl Table {
    /// The last reminder of a side, where there was one lately.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn last_reminder(&self, connection: ConnectionId, side: Side) -> Result<Option<Actor>, TableError> {
        let found: Option<ReminderRecord> = self.get(&pk(connection), side.as_str()).await?;
        Ok(found.map(|found| found.reminded))
    }

    /// Records that a side reminds the other, with the mail that does. False where it did within the last hour: nothing is
    /// written then, so that of two at once one mail is sent.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn remind(
        &self,
        connection: &Connection,
        side: Side,
        reminded: Actor,
        mail: Notification,
    ) -> Result<bool, TableError> {
        let now = reminded.at;
        let earliest = now.checked_sub(BETWEEN_REMINDERS).unwrap_or(Timestamp::MIN);
        let reminder = ReminderRecord {
            reminded_at: now.as_millisecond(),
            reminded,
            expires_at: now.as_second() + KEPT_SECONDS,
        };
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(record(&pk(connection.id), side.as_str(), &reminder)?))
            .condition_expression("attribute_not_exists(pk) OR reminded_at <= :earliest")
            .expression_attribute_values(":earliest", number(earliest.as_millisecond()))
            .build()
            .map_err(TableError::new)?;
        let mut writes = vec![TransactWriteItem::builder().put(put).build()];
        writes.extend(self.outbox([mail])?.0);
        Ok(matches!(self.transact(writes).await?, Written::All))
    }
}
