//! Estimating accounts, the links that sign in to them, and who is signed in.

use aws_sdk_dynamodb::types::{Put, ReturnValue, TransactWriteItem};
use gusset_domain::{email::EmailAddress, estimating_account::CODE_TRIES, ids::AccountId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, Written, conditions::held, estimator_pk, key, number, read, record, text};
use crate::chance;

/// An estimating account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountRecord {
    /// The address with which it was made.
    pub email: EmailAddress,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts how often the calendar's address was replaced.
    pub calendar_generation: u64,
}

/// A link that signs in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkRecord {
    /// The address to which it was sent.
    pub email: EmailAddress,
    /// The hash of the secret of the browser that asked for it.
    #[serde(default)]
    pub browser: String,
    /// The hash of its code, together with its token: the code alone could be searched for.
    #[serde(default)]
    pub code: String,
    /// How many codes were tried.
    #[serde(default)]
    pub tries: u32,
    /// Until when it is good, in Unix seconds.
    pub expires_at: i64,
}

/// What somebody who has a link shows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkProof {
    /// The hash of a browser's secret.
    Browser(String),
    /// The hash of a code with the link's token.
    Code(String),
}

/// Somebody who is signed in to an estimating account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountSessionRecord {
    /// The account.
    pub account: AccountId,
    /// The address with which the person signed in.
    pub email: EmailAddress,
    /// When the session ends, in Unix seconds. DynamoDB removes the record some time after.
    pub expires_at: i64,
}

#[derive(Serialize, Deserialize)]
struct MailboxRecord {
    account: AccountId,
}

#[derive(Deserialize)]
struct Generation {
    calendar_generation: u64,
}

/// What is stored in place of an address where its mailbox is looked for.
#[must_use]
pub fn mailbox_hash(email: &EmailAddress) -> String {
    chance::hash(&email.mailbox())
}

fn mailbox_pk(email: &EmailAddress) -> String {
    format!("MAILBOX#{}", mailbox_hash(email))
}

fn link_pk(hash: &str) -> String {
    format!("LINK#{hash}")
}

fn session_pk(hash: &str) -> String {
    format!("ACCOUNT_SESSION#{hash}")
}

impl Table {
    /// Keeps a link, by the hash of its token.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn put_link(&self, hash: &str, link: &LinkRecord) -> Result<(), TableError> {
        let put = self.client.put_item().table_name(&self.name);
        let put = put.set_item(Some(record(&link_pk(hash), "LINK", link)?));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// A link that was not used and is still good. Looking at it does not use it up.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn link(&self, hash: &str, now: Timestamp) -> Result<Option<LinkRecord>, TableError> {
        let link: Option<LinkRecord> = self.get(&link_pk(hash), "LINK").await?;
        // DynamoDB removes a record up to two days after its time.
        Ok(link.filter(|link| now.as_second() < link.expires_at))
    }

    /// Counts a code that is tried with a link, before it is looked at: so no number of tries at once makes more than are
    /// allowed. Gives how many are left. None where none was, or the link is not good any more.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn count_code(&self, hash: &str, now: Timestamp) -> Result<Option<u32>, TableError> {
        let update = self.client.update_item().table_name(&self.name);
        let update = update
            .set_key(Some(key(&link_pk(hash), "LINK")))
            .update_expression("ADD tries :one")
            .condition_expression("expires_at > :now AND tries < :most")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(CODE_TRIES))
            .expression_attribute_values(":now", number(now.as_second()))
            .return_values(ReturnValue::AllNew);
        let updated = held(update.send().await)?.and_then(|updated| updated.attributes);
        let link: Option<LinkRecord> = updated.map(read).transpose()?;
        Ok(link.map(|link| CODE_TRIES.saturating_sub(link.tries)))
    }

    /// Uses up a link, if it is there and still good, and what is shown beside it is right. Of two who come with the same
    /// one, one gets it.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn use_link(
        &self,
        hash: &str,
        proof: &LinkProof,
        now: Timestamp,
    ) -> Result<Option<LinkRecord>, TableError> {
        let (field, proof) = match proof {
            LinkProof::Browser(browser) => ("browser", browser),
            LinkProof::Code(code) => ("code", code),
        };
        let delete = self.client.delete_item().table_name(&self.name);
        let delete = delete
            .set_key(Some(key(&link_pk(hash), "LINK")))
            .condition_expression("expires_at > :now AND #proof = :proof")
            .expression_attribute_names("#proof", field)
            .expression_attribute_values(":now", number(now.as_second()))
            .expression_attribute_values(":proof", text(proof))
            .return_values(ReturnValue::AllOld);
        let deleted = held(delete.send().await)?.and_then(|deleted| deleted.attributes);
        deleted.map(read).transpose()
    }

    /// The account of a mailbox. Where it has none, one is made with the id given: of two who make the first one at once,
    /// one does, and both get it.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn account_of(
        &self,
        email: &EmailAddress,
        new: AccountId,
        now: Timestamp,
    ) -> Result<AccountId, TableError> {
        if let Some(known) = self.mailbox(email).await? {
            return Ok(known);
        }
        let account = AccountRecord {
            email: email.clone(),
            created_at: now,
            calendar_generation: 0,
        };
        let only_if_new = |item| {
            let put = Put::builder().table_name(&self.name).set_item(Some(item));
            let put = put.condition_expression("attribute_not_exists(pk)").build();
            put.map(|put| TransactWriteItem::builder().put(put).build())
                .map_err(TableError::new)
        };
        let writes = vec![
            only_if_new(record(&mailbox_pk(email), "MAILBOX", &MailboxRecord { account: new })?)?,
            only_if_new(record(&estimator_pk(new), "ACCOUNT", &account)?)?,
        ];
        match self.transact(writes).await? {
            Written::All => Ok(new),
            Written::Refused(_) => {
                let made = self.mailbox(email).await?;
                made.ok_or_else(|| TableError("an account's id is taken, and its mailbox is not".to_owned()))
            }
        }
    }

    async fn mailbox(&self, email: &EmailAddress) -> Result<Option<AccountId>, TableError> {
        let known: Option<MailboxRecord> = self.get(&mailbox_pk(email), "MAILBOX").await?;
        Ok(known.map(|known| known.account))
    }

    /// An estimating account.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn account(&self, account: AccountId) -> Result<Option<AccountRecord>, TableError> {
        self.get(&estimator_pk(account), "ACCOUNT").await
    }

    /// Counts on the generation of an account's calendar, so that it has another address, and gives the new one. None
    /// where there is no such account.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn replace_calendar(&self, account: AccountId) -> Result<Option<u64>, TableError> {
        let update = self.client.update_item().table_name(&self.name);
        let update = update
            .set_key(Some(key(&estimator_pk(account), "ACCOUNT")))
            .update_expression("ADD calendar_generation :one")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::UpdatedNew);
        let updated = held(update.send().await)?.and_then(|updated| updated.attributes);
        let generation: Option<Generation> = updated.map(read).transpose()?;
        Ok(generation.map(|generation| generation.calendar_generation))
    }

    /// A session with an estimating account that has not ended.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn account_session(
        &self,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<AccountSessionRecord>, TableError> {
        let session: Option<AccountSessionRecord> = self.get(&session_pk(hash), "SESSION").await?;
        // DynamoDB removes a record up to two days after its time.
        Ok(session.filter(|session| now.as_second() < session.expires_at))
    }

    /// Keeps a session with an estimating account.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn put_account_session(&self, hash: &str, session: &AccountSessionRecord) -> Result<(), TableError> {
        let put = self.client.put_item().table_name(&self.name);
        let put = put.set_item(Some(record(&session_pk(hash), "SESSION", session)?));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// Ends a session with an estimating account.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn end_account_session(&self, hash: &str) -> Result<(), TableError> {
        let delete = self.client.delete_item().table_name(&self.name);
        let delete = delete.key("pk", text(session_pk(hash))).key("sk", text("SESSION"));
        delete.send().await.map(drop).map_err(TableError::new)
    }
}
