//! The one DynamoDB table.
//!
//! | `pk` | `sk` | what |
//! |---|---|---|
//! | `SESSION#hash` | `SESSION` | a signed-in person; gone after its time ([`sessions`]) |
//! | `SESSION#hash` | `ADMIN#project` | what Procore said of that person's access |
//! | `SESSION#hash` | `OPENED#project` | that the person is remembered as having opened the project's page |
//! | `SESSION#hash#LISTED` | `LISTED` | that person's projects as Procore last listed them; gone after its time |
//! | `SIGN_IN#hash` | `SIGN_IN` | a sign-in that has been started ([`sign_ins`]) |
//! | `PROJECT#id` | `PROJECT` | a project: its names and code ([`projects`]) |
//! | `PROJECT#id` | `CONNECTION#LIVE#id`, `CONNECTION#ENDED#id` | a connection, once under each of its projects ([`connections`]) |
//! | `PROJECT#id` | `CONNECTION~SECRET` | which secret of its webhook is in use ([`webhook_secrets`]) |
//! | `PROJECT#id` | `COPY#tool#item` | an item that is a copy of ours ([`deliveries`]) |
//! | `PROJECT#id` | `ACCOUNT#client id` | a service account ([`service_accounts`]) |
//! | `SWEPT#project` | `SWEPT` | until when each tool of a project was swept ([`swept`]) |
//! | `HOOK#project` | `HOOK` | what is known of the project's hook in Procore ([`hooks`]) |
//! | `TOKEN#hash` | `TOKEN` | a service account's bearer token; gone after its time |
//! | `MAILS#project` | `LIST`, `OPENED#user`, `CONFIRMED#mailbox`, `ASKED#mailbox` | who gets the project's mails: its own list, who opened its page, and whether those who are nobody's in the project want them ([`recipients`]) |
//! | `QUESTION#hash` | `QUESTION` | a question whether an address wants a project's mails; gone after its time |
//! | `CLEARED#connection` | `CLEARED` | looks for what an ended connection left behind ([`limits`]) |
//! | `QUESTIONS#…`, `EMAILS#…` | `QUESTIONS`, `EMAILS` | such questions, and mails to those who get a project's ([`limits`]) |
//! | `CODE#digits` | `CODE` | whose code it is; kept after it was replaced, so that it is never given out again |
//! | `PAIR#id#id` | `PAIR` | the live connection of two projects: there is room for one |
//! | `TURNS#company` | `TURNS` | until when turns are given to those who wait for that company's limit ([`turns`]) |
//! | `MISSES#…` | `MISSES` | wrong codes typed by a user or from a project ([`limits`]) |
//! | `LINKS#…` | `LINKS` | links sent to a mailbox or asked for from a network ([`limits`]) |
//! | `UNSEEN#USER#…` | `UNSEEN` | questions about projects that Procore does not show a person ([`limits`]) |
//! | `INVITES#…` | `INVITES` | requests for connections that a person made or a project got ([`limits`]) |
//! | `INVITES#PAIR#id#id` | `INVITES` | when the first project last asked the second, until it accepts ([`connections`]) |
//! | `ESTIMATOR#account` | `ACCOUNT` | an estimating account ([`accounts`]) |
//! | `MAILBOX#hash` | `MAILBOX` | whose mailbox it is |
//! | `LINK#hash` | `LINK` | a link that signs in and was not used yet; gone after its time |
//! | `ACCOUNT_SESSION#hash` | `SESSION` | who is signed in to an estimating account; gone after its time |
//! | `IDEMPOTENCY#hash` | `IDEMPOTENCY` | the first answer to a request with an `Idempotency-Key` ([`idempotency`]) |
//! | `DELIVERIES#pair` | `DELIVERY#reference` | a delivery ([`deliveries`]) |
//! | `DELIVERIES#pair` | `WAITS#reference` | that a delivery waits for somebody, or for a worker who should have been told |
//! | `DELIVERIES#pair` | `WAITS#~project` | the latest backfill of what that project sends to the other ([`backfills`]) |
//! | `DELIVERIES#pair` | `BACKFILL#project#id#number` | a hundred of a backfill's items; gone after 90 days |
//! | `OUTBOX#id` | `OUTBOX` | a mail to be sent ([`outbox`]) |
//! | `DIGEST#connection` | `DIGEST#side` | that items have come to a stop, to be told in one mail ([`outbox`]) |
//! | `ESTIMATOR#account` | `INTEGRATION` | an account's link to a Procore login, with its tokens ([`integrations`]) |
//! | `ESTIMATOR#account` | `RUN` | the latest run of its sync ([`runs`]) |
//! | `ESTIMATOR#account` | `FILE#run#plan#revision` | what a file counts as in a run; gone after its time |
//! | `ESTIMATOR#account` | `PROJECT#id` | a project in its bid calendar ([`synced_projects`]) |
//! | `ESTIMATOR#account` | `ARCHIVE#project` | the latest archive of a project's plans ([`archives`]) |
//! | `SYNCED#project` | account | that an account has a project |
//! | `PLANS#account#project` | `drawing#id`, `specification#id`, `document#id` | a plan ([`plans`]) |
//! | `PLANS#account#project` | the same, and `#id` | a revision of that plan |
//!
//! Integrations that are connected, mails that are due, and connections while they are connected also carry `list_pk` and `list_sk`,
//! the keys of the index `by_time`. Deliveries carry `log_pk` and `list_sk`, the keys of the index `log`, which has a narrow `row` of each.

pub mod accounts;
pub mod archives;
pub mod backfills;
mod conditions;
pub mod connections;
pub mod deliveries;
pub mod hooks;
pub mod idempotency;
pub mod integrations;
pub mod limits;
pub mod outbox;
pub mod plans;
pub mod projects;
pub mod recipients;
pub mod reminders;
pub mod runs;
pub mod service_accounts;
pub mod sessions;
pub mod sign_ins;
pub mod swept;
pub mod synced_projects;
mod tokens;
pub mod turns;
mod views;
pub mod webhook_secrets;

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::{DisplayErrorContext, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, CancellationReason, KeysAndAttributes, TransactWriteItem},
};
use gusset_domain::ids::AccountId;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    aws::Aws,
    settings::{self, ConfigError},
};

/// A record as DynamoDB holds it.
pub type Record = HashMap<String, AttributeValue>;

/// The table did not do what it was asked to, or holds something that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the table: {0}")]
pub struct TableError(String);

impl TableError {
    fn new<E: std::error::Error>(error: E) -> Self {
        Self(DisplayErrorContext(error).to_string())
    }
}

/// The table.
#[derive(Clone)]
pub struct Table {
    client: Client,
    name: String,
}

/// What is written in the same transaction as a change, and belongs to it: mails to be sent, accounts made with it.
#[derive(Default)]
pub struct ExtraWrites(Vec<TransactWriteItem>);

impl ExtraWrites {
    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

/// What became of a transaction.
enum Written {
    /// All of it is written.
    All,
    /// Nothing is: some condition did not hold. A reason for each write, in their order.
    Refused(Vec<CancellationReason>),
}

/// Times a transaction is tried again that met another one on the same record.
const CONFLICTS: u32 = 8;

/// The most records that DynamoDB gives in one request.
const BATCH: usize = 100;

impl Table {
    /// The table that the template's settings name.
    ///
    /// # Errors
    /// [`ConfigError`], when they name none.
    pub fn from_environment(aws: &Aws) -> Result<Self, ConfigError> {
        Ok(Self {
            client: aws.dynamodb(),
            name: settings::required("TABLE_NAME")?,
        })
    }

    async fn get<T: DeserializeOwned>(&self, pk: &str, sk: &str) -> Result<Option<T>, TableError> {
        let got = self.client.get_item().table_name(&self.name).consistent_read(true);
        let got = got
            .key("pk", text(pk))
            .key("sk", text(sk))
            .send()
            .await
            .map_err(TableError::new)?;
        got.item.map(read).transpose()
    }

    /// All records under `pk`, or those of them whose `sk` begins with `prefix`.
    async fn all(&self, pk: &str, prefix: Option<&str>) -> Result<Vec<Record>, TableError> {
        let query = self.client.query().table_name(&self.name).consistent_read(true);
        let query = query.expression_attribute_values(":pk", text(pk));
        let query = match prefix {
            None => query.key_condition_expression("pk = :pk"),
            Some(prefix) => query
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", text(prefix)),
        };
        let mut pages = query.into_paginator().items().send();
        let mut records = Vec::new();
        while let Some(record) = pages.next().await {
            records.push(record.map_err(TableError::new)?);
        }
        Ok(records)
    }

    /// Those of the records under some keys that are there, in no order. A request for each hundred keys. Eventually
    /// consistent, at half the price. No key may be there twice.
    async fn batch(&self, keys: Vec<Record>) -> Result<Vec<Record>, TableError> {
        let mut records = Vec::new();
        for hundred in keys.chunks(BATCH) {
            let mut left = hundred.to_vec();
            let mut tries = 0;
            while !left.is_empty() {
                tries += 1;
                if tries > CONFLICTS {
                    return Err(TableError("it is busy, and leaves keys unread".to_owned()));
                }
                if tries > 1 {
                    stand_back(tries).await;
                }
                let wanted = KeysAndAttributes::builder().set_keys(Some(left)).build();
                let got = self.client.batch_get_item();
                let got = got.request_items(&self.name, wanted.map_err(TableError::new)?);
                let mut got = got.send().await.map_err(TableError::new)?;
                records.extend(got.responses.unwrap_or_default().remove(&self.name).unwrap_or_default());
                let unread = got.unprocessed_keys.take().unwrap_or_default().remove(&self.name);
                left = unread.map(|unread| unread.keys).unwrap_or_default();
            }
        }
        Ok(records)
    }

    /// Writes all of it or nothing. Tries again where another transaction was at the same records just then.
    async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Written, TableError> {
        let mut tries = 0;
        loop {
            let sent = self
                .client
                .transact_write_items()
                .set_transact_items(Some(writes.clone()))
                .send()
                .await;
            let error = match sent {
                Ok(_) => return Ok(Written::All),
                Err(error) => error,
            };
            let reasons = match &error {
                SdkError::ServiceError(service) => match service.err() {
                    TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                        cancelled.cancellation_reasons().to_vec()
                    }
                    _ => return Err(TableError::new(error)),
                },
                _ => return Err(TableError::new(error)),
            };
            let code = |wanted: &str| reasons.iter().any(|reason| reason.code() == Some(wanted));
            if code("ConditionalCheckFailed") {
                return Ok(Written::Refused(reasons));
            }
            tries += 1;
            if !code("TransactionConflict") || tries > CONFLICTS {
                return Err(TableError::new(error));
            }
            stand_back(tries).await;
        }
    }
}

/// Waits a few milliseconds, so that two that met do not meet again: far below what a new attempt would cost.
async fn stand_back(tries: u32) {
    let apart = crate::chance::bits().unwrap_or_default() % (u64::from(tries) * 20);
    tokio::time::sleep(std::time::Duration::from_millis(apart)).await;
}

/// Where an estimating account's records are.
fn estimator_pk(account: AccountId) -> String {
    format!("ESTIMATOR#{account}")
}

/// Whether the write at `place` was refused by its condition.
fn refused_at(reasons: &[CancellationReason], place: usize) -> bool {
    reasons
        .get(place)
        .is_some_and(|reason| reason.code() == Some("ConditionalCheckFailed"))
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn read<T: DeserializeOwned>(record: Record) -> Result<T, TableError> {
    serde_dynamo::from_item(record).map_err(|error| TableError(error.to_string()))
}

/// A record with its keys.
fn record<T: Serialize>(pk: &str, sk: &str, value: &T) -> Result<Record, TableError> {
    let mut record: Record = serde_dynamo::to_item(value).map_err(|error| TableError(error.to_string()))?;
    record.insert("pk".to_owned(), text(pk));
    record.insert("sk".to_owned(), text(sk));
    Ok(record)
}

fn key(pk: &str, sk: &str) -> Record {
    Record::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}
