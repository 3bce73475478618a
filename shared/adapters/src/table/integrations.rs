//! Integrations: an account's link to one Procore login, with the login's tokens while it is connected.
//!
//! While it is connected it is also on a list, by which the clock finds it. When it ends its tokens go from the record,
//! and the mail that says so is written with it.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use gusset_domain::{
    ids::{AccountId, UserId},
    integration::Integration,
    plans::run::Run,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ExtraWrites, Record, Table, TableError, Written, estimator_pk, read, record, runs, text};
use crate::tokens::{KeptTokens, Turn};

const SK: &str = "INTEGRATION";

/// Where the index lists the integrations that are connected.
const INTEGRATIONS: &str = "INTEGRATIONS";

/// An integration on record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IntegrationRecord {
    /// The link.
    #[serde(flatten)]
    pub integration: Integration,
    /// Its tokens, while it is connected.
    #[serde(flatten)]
    pub tokens: Option<KeptTokens>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list_sk: Option<String>,
}

/// A connected integration, as the clock finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connected {
    /// Whose.
    pub account: AccountId,
    /// The login.
    pub login: UserId,
}

impl Table {
    /// An account's integration, connected or ended. One read.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn integration(&self, account: AccountId) -> Result<Option<IntegrationRecord>, TableError> {
        self.get(&estimator_pk(account), SK).await
    }

    /// Connects a login, in the place of whichever was connected before, and begins its first run: one transaction.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer: nothing is kept then.
    pub async fn connect(
        &self,
        account: AccountId,
        integration: &Integration,
        tokens: KeptTokens,
        run: &Run,
    ) -> Result<(), TableError> {
        let stored = IntegrationRecord {
            integration: integration.clone(),
            tokens: Some(tokens),
            list_pk: Some(INTEGRATIONS.to_owned()),
            list_sk: Some(account.to_string()),
        };
        let put = |record: Record| {
            let put = Put::builder().table_name(&self.name).set_item(Some(record)).build();
            put.map(|put| TransactWriteItem::builder().put(put).build())
                .map_err(TableError::new)
        };
        let writes = vec![
            put(record(&estimator_pk(account), SK, &stored)?)?,
            put(record(&estimator_pk(account), runs::SK, run)?)?,
        ];
        match self.transact(writes).await? {
            Written::All => Ok(()),
            Written::Refused(_) => Err(TableError("it refused what has no condition".to_owned())),
        }
    }

    /// Takes the right to refresh an integration's tokens, until `until`.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn begin_integration_refresh(
        &self,
        account: AccountId,
        version: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Turn, TableError> {
        self.begin_refresh(&estimator_pk(account), SK, version, now, until)
            .await
    }

    /// Stores an integration's new tokens. False where it has ended or another login was connected meanwhile.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn store_integration_tokens(&self, account: AccountId, tokens: &KeptTokens) -> Result<bool, TableError> {
        self.store_tokens(&estimator_pk(account), SK, tokens).await
    }

    /// Ends an integration: its tokens go, and it is no longer on the clock's list. `also` is the mail that says so. False
    /// where it has ended already, or another login was connected meanwhile.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn end_integration(
        &self,
        account: AccountId,
        ended: &Integration,
        also: ExtraWrites,
    ) -> Result<bool, TableError> {
        let stored = IntegrationRecord {
            integration: ended.clone(),
            tokens: None,
            list_pk: None,
            list_sk: None,
        };
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(record(&estimator_pk(account), SK, &stored)?))
            .condition_expression("attribute_exists(tokens) AND connected_at = :connected_at")
            .expression_attribute_values(":connected_at", text(ended.connected_at.to_string()))
            .build()
            .map_err(TableError::new)?;
        let mut writes = vec![TransactWriteItem::builder().put(put).build()];
        writes.extend(also.0);
        Ok(matches!(self.transact(writes).await?, Written::All))
    }

    /// All integrations that are connected. Eventually consistent: one that was connected a moment ago may be missing.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn connected_integrations(&self) -> Result<Vec<Connected>, TableError> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("by_time")
            .key_condition_expression("list_pk = :integrations")
            .expression_attribute_values(":integrations", text(INTEGRATIONS));
        let mut pages = query.into_paginator().items().send();
        let mut connected = Vec::new();
        while let Some(found) = pages.next().await {
            let found: IntegrationRecord = read(found.map_err(TableError::new)?)?;
            let account = found.list_sk.as_deref().and_then(|account| account.parse().ok());
            connected.extend(account.map(|account| Connected {
                account,
                login: found.integration.login.user,
            }));
        }
        Ok(connected)
    }
}

#[cfg(test)]
mod tests {
    use gusset_domain::integration::{Login, Why};

    use super::*;

    #[test]
    fn an_integration_comes_back_from_the_table_as_it_was_with_and_without_tokens() {
        let login = Login {
            user: UserId::new(101).unwrap(),
            name: "Gina".to_owned(),
            login: "gina@harbour.example".to_owned(),
        };
        let begun = Integration::begin(login, Timestamp::from_second(7).unwrap());
        let ended = begun.ended(Why::Revoked, Timestamp::from_second(9).unwrap()).unwrap();
        let sealed: crate::envelope::Sealed =
            serde_json::from_str(r#"{"wrapped_key": "a", "nonce": "b", "text": "c"}"#).unwrap();
        let tokens = KeptTokens {
            tokens: sealed,
            tokens_expire_at: 5,
            tokens_version: 1,
            refreshing_until: 0,
        };
        for (integration, tokens) in [(begun, Some(tokens)), (ended, None)] {
            let stored = IntegrationRecord {
                integration: integration.clone(),
                tokens: tokens.clone(),
                list_pk: None,
                list_sk: None,
            };
            let found: IntegrationRecord = read(record("pk", "sk", &stored).unwrap()).unwrap();
            assert_eq!(found.integration, integration);
            assert_eq!(found.tokens.is_some(), tokens.is_some());
            assert_eq!(
                found.tokens.map(|tokens| tokens.tokens_version),
                tokens.map(|tokens| tokens.tokens_version)
            );
        }
    }
}
