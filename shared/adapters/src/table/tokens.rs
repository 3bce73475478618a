//! The pair of Procore tokens that a record holds: the right to refresh it, and what comes of that. The same for every
//! record that holds one.

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;

use super::{Table, TableError, conditions::held, key, number};
use crate::tokens::{KeptTokens, Turn};

impl Table {
    /// Takes the right to refresh a record's tokens, until `until`.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub(crate) async fn begin_refresh(
        &self,
        pk: &str,
        sk: &str,
        version: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Turn, TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(pk, sk)))
            .return_values(ReturnValue::UpdatedOld);
        let update = update
            .update_expression("SET refreshing_until = :until")
            .condition_expression("tokens_version = :version AND refreshing_until <= :now")
            .expression_attribute_values(":until", number(until.as_millisecond()))
            .expression_attribute_values(":version", number(version))
            .expression_attribute_values(":now", number(now.as_millisecond()));
        let Some(updated) = held(update.send().await)? else {
            return Ok(Turn::Others);
        };
        let before = updated.attributes.and_then(|mut old| old.remove("refreshing_until"));
        let begun = before.is_some_and(|before| before.as_n().is_ok_and(|before| before != "0"));
        Ok(if begun { Turn::TakenOver } else { Turn::Ours })
    }

    /// Stores a record's new tokens in place of those that they were made from. False where those are not there any more.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub(crate) async fn store_tokens(&self, pk: &str, sk: &str, tokens: &KeptTokens) -> Result<bool, TableError> {
        let sealed = serde_dynamo::to_attribute_value(&tokens.tokens).map_err(TableError::new)?;
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(pk, sk)));
        let update = update
            .update_expression(
                "SET tokens = :tokens, tokens_expire_at = :expire, tokens_version = :version, refreshing_until = :none",
            )
            .condition_expression("tokens_version = :before")
            .expression_attribute_values(":tokens", sealed)
            .expression_attribute_values(":expire", number(tokens.tokens_expire_at))
            .expression_attribute_values(":version", number(tokens.tokens_version))
            .expression_attribute_values(":before", number(tokens.tokens_version.saturating_sub(1)))
            .expression_attribute_values(":none", number(0));
        Ok(held(update.send().await)?.is_some())
    }
}
