//! Service accounts and their bearer tokens.
//!
//! An account's record is made and removed in the same transaction as its connection changes ([`super::connections`]),
//! so that neither is ever there without the other. Secrets and tokens are stored as hashes.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use gusset_domain::{
    connection::{Connection, Side},
    ids::ProjectId,
    service_account::{AccountName, Holding, ServiceAccount, ServiceAccountId, Token},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, conditions::held, key, number, read, record, text};
use crate::chance;

#[derive(Serialize, Deserialize)]
struct AccountRecord {
    #[serde(flatten)]
    account: ServiceAccount,
    secret_hash: Option<String>,
}

const PREFIX: &str = "ACCOUNT#";

fn pk(project: ProjectId) -> String {
    format!("PROJECT#{project}")
}

fn account_key(id: ServiceAccountId) -> (String, String) {
    (pk(id.project()), format!("{PREFIX}{id}"))
}

fn token_pk(hash: &str) -> String {
    format!("TOKEN#{hash}")
}

impl Table {
    /// A project's service accounts, in no particular order. One query.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn service_accounts(&self, project: ProjectId) -> Result<Vec<ServiceAccount>, TableError> {
        let found = self.all(&pk(project), Some(PREFIX)).await?;
        let account = |found| read::<AccountRecord>(found).map(|record| record.account);
        found.into_iter().map(account).collect()
    }

    /// One service account.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn service_account(&self, id: ServiceAccountId) -> Result<Option<ServiceAccount>, TableError> {
        let (pk, sk) = account_key(id);
        let found: Option<AccountRecord> = self.get(&pk, &sk).await?;
        Ok(found.map(|record| record.account))
    }

    /// The service account with this id, if this is its secret now. Takes the same time whatever the secret says.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn service_account_with(
        &self,
        id: ServiceAccountId,
        secret: &str,
    ) -> Result<Option<ServiceAccount>, TableError> {
        let (pk, sk) = account_key(id);
        let found: Option<AccountRecord> = self.get(&pk, &sk).await?;
        let given = chance::hash(secret);
        let is_its = |found: &AccountRecord| {
            found
                .secret_hash
                .as_ref()
                .is_some_and(|hash| chance::same(hash, &given))
        };
        Ok(found.filter(is_its).map(|record| record.account))
    }

    /// Gives a service account another name. `None` where there is no such account any more.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn rename_service_account(
        &self,
        id: ServiceAccountId,
        name: &AccountName,
    ) -> Result<Option<ServiceAccount>, TableError> {
        let (pk, sk) = account_key(id);
        let update = self.client.update_item().table_name(&self.name);
        let update = update
            .set_key(Some(key(&pk, &sk)))
            .update_expression("SET #name = :name")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":name", text(name.as_str()))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew);
        let updated = held(update.send().await)?.and_then(|updated| updated.attributes);
        let record: Option<AccountRecord> = updated.map(read).transpose()?;
        Ok(record.map(|record| record.account))
    }

    /// Gives a service account another secret; the one it had, and every token got with it, stop with this write. False
    /// where it has been given another one since it was read, or is not there any more: of two who rotate at once, one
    /// must not be shown a secret that has stopped already.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer. The secret may have been changed all the same: rotate it again.
    pub async fn rotate_secret(
        &self,
        account: &ServiceAccount,
        secret: &str,
        now: Timestamp,
    ) -> Result<bool, TableError> {
        let (pk, sk) = account_key(account.id);
        let update = self.client.update_item().table_name(&self.name);
        let update = update
            .set_key(Some(key(&pk, &sk)))
            .update_expression("SET secret_hash = :hash, secret_made_at = :now, secret_version = :next")
            .condition_expression("secret_version = :version")
            .expression_attribute_values(":hash", text(chance::hash(secret)))
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":next", number(account.secret_version + 1))
            .expression_attribute_values(":version", number(account.secret_version));
        Ok(held(update.send().await)?.is_some())
    }

    /// Keeps a token that is given to a service account, by the token's hash, and that the account was used. False where
    /// the account's secret was changed, or the account deleted, since it was read.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer: nobody has the token then.
    pub async fn give_token(
        &self,
        account: &ServiceAccount,
        hash: &str,
        token: &Token,
        now: Timestamp,
    ) -> Result<bool, TableError> {
        let (pk, sk) = account_key(account.id);
        let used = self.client.update_item().table_name(&self.name);
        let used = used
            .set_key(Some(key(&pk, &sk)))
            .update_expression("SET last_used_at = :now")
            .condition_expression("secret_version = :version")
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":version", number(account.secret_version));
        if held(used.send().await)?.is_none() {
            return Ok(false);
        }
        // Were the secret changed right here, the token would be of the old version, and speak for nobody.
        let put = self.client.put_item().table_name(&self.name);
        let put = put.set_item(Some(record(&token_pk(hash), "TOKEN", token)?));
        put.send().await.map(|_| true).map_err(TableError::new)
    }

    /// The service account for which a bearer token speaks now: the token is in time, its account is there, and its
    /// secret is still the one that the token was got with. Two reads.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn bearer(&self, token: &str, now: Timestamp) -> Result<Option<ServiceAccount>, TableError> {
        let token: Option<Token> = self.get(&token_pk(&chance::hash(token)), "TOKEN").await?;
        // DynamoDB removes a record up to two days after its time.
        let Some(token) = token.filter(|token| token.is_in_time(now)) else {
            return Ok(None);
        };
        let account = self.service_account(token.account).await?;
        Ok(account.filter(|account| token.speaks_for(account)))
    }

    /// What keeps one side's account in step with its connection: the record is made where the connection has got an
    /// account, and removed where it has lost one.
    pub(super) fn account_in_step(
        &self,
        old: &Connection,
        new: &Connection,
        side: Side,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let (was, is) = (&old.party(side).service_account, &new.party(side).service_account);
        let mut writes = Vec::new();
        if was.id() == is.id() {
            return Ok(writes);
        }
        if let Some(gone) = was.id() {
            let (pk, sk) = account_key(gone);
            let delete = Delete::builder()
                .table_name(&self.name)
                .set_key(Some(key(&pk, &sk)))
                .build()
                .map_err(TableError::new)?;
            writes.push(TransactWriteItem::builder().delete(delete).build());
        }
        if let Holding::Made { id, made } = is {
            let (pk, sk) = account_key(*id);
            let account = ServiceAccount {
                id: *id,
                connection: new.id,
                side,
                name: AccountName::after(&new.party(side.other()).project),
                made: made.clone(),
                // Nobody of the other side is there to see a secret when a request is accepted: rotating makes it.
                secret_version: 0,
                secret_made_at: None,
                last_used_at: None,
            };
            let account = AccountRecord {
                account,
                secret_hash: None,
            };
            let put = Put::builder()
                .table_name(&self.name)
                .set_item(Some(record(&pk, &sk, &account)?))
                .condition_expression("attribute_not_exists(pk)")
                .build()
                .map_err(TableError::new)?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        Ok(writes)
    }
}
