//! First answers, kept so that a request that is sent again gets the same one.

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Table, TableError, conditions::outcome, number, read, record, text};

/// What is known of a request with a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FirstRequest {
    /// The hash of what was asked for: one key is for one request.
    pub fingerprint: String,
    /// The id of whatever it creates, settled before anything is done: a repeat creates the same thing, not another.
    pub creates: Uuid,
    /// Its answer, as JSON text, once there is one.
    pub answer: Option<FirstAnswer>,
    /// Until when it may still be under way, in Unix milliseconds.
    pub busy_until: i64,
    /// When it is forgotten, in Unix seconds.
    pub expires_at: i64,
}

/// The answer to a first request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FirstAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

fn pk(hash: &str) -> String {
    format!("IDEMPOTENCY#{hash}")
}

impl Table {
    /// Records a request under its key, unless there is one with this key already, which is then given. One that was
    /// begun, and whose time is over without an answer, is begun again, with the id that it was given first.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn begin_once(
        &self,
        hash: &str,
        first: &FirstRequest,
        now: Timestamp,
    ) -> Result<Option<FirstRequest>, TableError> {
        let put =
            self.client
                .put_item()
                .table_name(&self.name)
                .set_item(Some(record(&pk(hash), "IDEMPOTENCY", first)?));
        let put = put
            .condition_expression("attribute_not_exists(pk) OR expires_at <= :now")
            .expression_attribute_values(":now", number(now.as_second()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match outcome(put.send().await)? {
            Ok(_) => Ok(None),
            Err(failed) => failed.item.map(read).transpose(),
        }
    }

    /// Writes what has become of a request with a key: its answer, or a new time until which it is under way.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn put_first(&self, hash: &str, first: &FirstRequest) -> Result<(), TableError> {
        let put =
            self.client
                .put_item()
                .table_name(&self.name)
                .set_item(Some(record(&pk(hash), "IDEMPOTENCY", first)?));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// Forgets a request with a key, so that it can be made anew.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn forget_first(&self, hash: &str) -> Result<(), TableError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .key("pk", text(pk(hash)));
        delete
            .key("sk", text("IDEMPOTENCY"))
            .send()
            .await
            .map(drop)
            .map_err(TableError::new)
    }
}
