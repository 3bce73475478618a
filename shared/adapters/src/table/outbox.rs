//! The outbox: mails that have to be sent.
//!
//! A mail is written in the same transaction as the change that it tells of, and is due at once. Who takes it moves its
//! due time ahead, by a lease; who has sent it takes it off the list of what is due; whom it has reached is kept with it.
//! So it is sent at least once, whatever dies, and twice only where the sender dies between SES's answer and our record.
//!
//! A *digest* is one record for each side of a connection, which is put on the same list by every item that comes to a
//! stop there: however many they are, they are one mail.
//!
//! What somebody wants by the hour or by the day is *collected*: it lies beside one record for that person and project, which
//! is on the same list for the end of that hour or day.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{AttributeValue, Put, ReturnValue, TransactWriteItem, Update},
};
use gusset_domain::{
    activity::{Row, StatusName},
    connection::{Connection, Side},
    delivery::{Delivery, Job, Status},
    email::EmailAddress,
    ids::{ConnectionId, ProjectId},
    notification::{AccountNotice, Digest, Notification, StuckItem},
    people::Project,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    ExtraWrites, Record, Table, TableError, conditions::held, deliveries::Range, key, number, read, record, text,
};

/// How long a mail is kept, sent or not: as long as the queues keep what is on them.
const KEPT_SECONDS: i64 = 14 * 24 * 60 * 60;

/// The list of what is due, in the index `by_time`.
const DUE: &str = "DUE";

const OUTBOX: &str = "OUTBOX#";
const DIGEST: &str = "DIGEST#";
const COLLECTED: &str = "COLLECTED#";
const ENTRY: &str = "ENTRY#";

/// How many of the deliveries between two projects are looked through for those that a digest names.
const LOOKED_THROUGH: usize = 100;

/// Which mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailKey {
    pk: String,
    sk: String,
}

/// A mail that was taken, to be sent.
#[derive(Debug)]
pub struct Taken {
    key: MailKey,
    /// What to send.
    pub what: What,
    /// The mailboxes that it has reached.
    pub told: BTreeSet<String>,
    /// How often it was taken, this time included.
    pub attempts: u32,
}

/// What a mail says.
#[derive(Debug)]
pub enum What {
    /// Something that happened.
    News(Notification),
    /// Something that an estimating account is told.
    Account(AccountNotice),
    /// What has come to a stop.
    Digest(Stuck),
    /// What an hour or a day brought to one person.
    Collected(Collection),
}

/// What is collected for one person.
#[derive(Debug, Deserialize)]
pub struct Collection {
    /// The project that it is about.
    pub project: Project,
    /// The person's address.
    pub to: EmailAddress,
    /// What has come, the oldest first.
    #[serde(skip)]
    pub entries: Vec<Entry>,
    /// Counts what came, so that nothing that comes while the mail is sent is taken for told.
    counted: u64,
}

/// One thing that was collected.
#[derive(Debug, Deserialize)]
pub struct Entry {
    sk: String,
    /// What is told.
    pub notification: Notification,
}

#[derive(Serialize)]
struct EntryRecord<'a> {
    notification: &'a Notification,
    expires_at: i64,
}

/// What has come to a stop at one side of a connection.
#[derive(Debug, Serialize, Deserialize)]
pub struct Stuck {
    /// The connection.
    pub connection: ConnectionId,
    /// The side that is told.
    pub side: Side,
    /// One of the connection's projects, under which it can be read.
    pub project: ProjectId,
    /// When the first item came to a stop since the last digest.
    pub since: Timestamp,
    /// When the last digest was sent.
    pub last_digest: Option<Timestamp>,
    /// How many have failed since then.
    #[serde(default)]
    pub failed: u64,
    /// Counts what was put here, so that nothing that comes while a digest is sent is taken for told.
    counted: u64,
}

/// What a mail in the outbox says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Says {
    Notification(Notification),
    AccountNotice(AccountNotice),
}

#[derive(Serialize, Deserialize)]
struct OutboxRecord {
    #[serde(flatten)]
    says: Says,
    expires_at: i64,
    list_pk: String,
    list_sk: String,
}

#[derive(Deserialize)]
struct Progress {
    #[serde(default)]
    told: BTreeSet<String>,
    #[serde(default)]
    attempts: u32,
}

impl MailKey {
    /// The key of a mail in the outbox, as the table's stream names it.
    #[must_use]
    pub fn in_outbox(pk: &str) -> Option<Self> {
        pk.starts_with(OUTBOX).then(|| Self {
            pk: pk.to_owned(),
            sk: "OUTBOX".to_owned(),
        })
    }

    /// Its place on the list of what is due.
    fn place(&self, due: Timestamp) -> String {
        format!("{:013}#{}#{}", due.as_millisecond().max(0), self.pk, self.sk)
    }
}

impl Table {
    /// Mails, to be written with the change that causes them.
    ///
    /// # Errors
    /// [`TableError`], when one cannot be written down.
    pub fn outbox(&self, notifications: impl IntoIterator<Item = Notification>) -> Result<ExtraWrites, TableError> {
        let mut also = ExtraWrites::default();
        for notification in notifications {
            also = also.and(self.mail(Says::Notification(notification))?);
        }
        Ok(also)
    }

    /// A mail to an estimating account, to be written with the change that causes it.
    ///
    /// # Errors
    /// [`TableError`], when it cannot be written down.
    pub fn account_notice(&self, notice: AccountNotice) -> Result<ExtraWrites, TableError> {
        self.mail(Says::AccountNotice(notice))
    }

    fn mail(&self, says: Says) -> Result<ExtraWrites, TableError> {
        let key = MailKey {
            pk: format!("{OUTBOX}{}", Uuid::now_v7()),
            sk: "OUTBOX".to_owned(),
        };
        // Due from the beginning of time: whoever takes it may have a clock behind ours.
        let stored = OutboxRecord {
            says,
            expires_at: Timestamp::now().as_second() + KEPT_SECONDS,
            list_pk: DUE.to_owned(),
            list_sk: key.place(Timestamp::UNIX_EPOCH),
        };
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(record(&key.pk, &key.sk, &stored)?))
            .build()
            .map_err(TableError::new)?;
        Ok(ExtraWrites(vec![TransactWriteItem::builder().put(put).build()]))
    }

    /// What has to be told of a delivery that has come to a stop, if it has: to the side that can do something about it.
    /// What is held waits for somebody on a side; what failed is missed at the side that sent it.
    pub(super) fn stopped(&self, delivery: &Delivery) -> Result<Option<TransactWriteItem>, TableError> {
        let job = &delivery.job;
        match delivery.status {
            Status::Held { waits_for, .. } => self.add_to_digest(job, waits_for.side(job.to), 0).map(Some),
            Status::Failed { .. } => self.add_to_digest(job, job.to.other(), 1).map(Some),
            _ => Ok(None),
        }
    }

    fn add_to_digest(&self, job: &Job, side: Side, failed: u64) -> Result<TransactWriteItem, TableError> {
        let now = Timestamp::now();
        let side = side.as_str();
        let digest = MailKey {
            pk: format!("{DIGEST}{}", job.connection),
            sk: format!("{DIGEST}{side}"),
        };
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(&digest.pk, &digest.sk)))
            .update_expression(
                "SET #connection = :connection, side = :side, #project = :project, since = if_not_exists(since, :now), \
                 expires_at = :expires_at, list_pk = :due, list_sk = if_not_exists(list_sk, :place) \
                 ADD counted :one, failed :failed",
            )
            .expression_attribute_names("#connection", "connection")
            .expression_attribute_names("#project", "project")
            .expression_attribute_values(":connection", text(job.connection.to_string()))
            .expression_attribute_values(":side", text(side))
            .expression_attribute_values(":project", number(job.source))
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":expires_at", number(now.as_second() + KEPT_SECONDS))
            .expression_attribute_values(":due", text(DUE))
            .expression_attribute_values(":place", text(digest.place(now)))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":failed", number(failed))
            .build()
            .map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// The mails that are due now, at most `limit`: what the stream did not bring, what failed before, and digests.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn due_mails(&self, now: Timestamp, limit: i32) -> Result<Vec<MailKey>, TableError> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("by_time")
            .limit(limit)
            .key_condition_expression("list_pk = :due AND list_sk < :now")
            .expression_attribute_values(":due", text(DUE))
            .expression_attribute_values(":now", text(before_or_at(now)));
        let page = query.send().await.map_err(TableError::new)?;
        let key = |found: Record| {
            let part = |name: &str| found.get(name).and_then(|value| value.as_s().ok()).cloned();
            Some(MailKey {
                pk: part("pk")?,
                sk: part("sk")?,
            })
        };
        Ok(page.items.unwrap_or_default().into_iter().filter_map(key).collect())
    }

    /// Takes a mail that is due, until `until`. `None` where there is nothing to do: it was sent, or another has taken it.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer, or the mail cannot be read.
    pub async fn take_mail(&self, key: MailKey, now: Timestamp, until: Timestamp) -> Result<Option<Taken>, TableError> {
        let update = self
            .change_mail(&key)
            .update_expression("SET list_sk = :place ADD attempts :one")
            .condition_expression("list_pk = :due AND list_sk < :now")
            .expression_attribute_values(":place", text(key.place(until)))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":due", text(DUE))
            .expression_attribute_values(":now", text(before_or_at(now)))
            .return_values(ReturnValue::AllNew);
        let Some(updated) = held(update.send().await)? else {
            return Ok(None);
        };
        let found = updated.attributes.unwrap_or_default();
        let progress: Progress = read(found.clone())?;
        let what = if key.pk.starts_with(DIGEST) {
            What::Digest(read(found)?)
        } else if key.pk.starts_with(COLLECTED) {
            let mut collection: Collection = read(found)?;
            let entries = self.all(&key.pk, Some(ENTRY)).await?;
            collection.entries = entries.into_iter().map(read).collect::<Result<_, _>>()?;
            What::Collected(collection)
        } else {
            match read::<OutboxRecord>(found)?.says {
                Says::Notification(notification) => What::News(notification),
                Says::AccountNotice(notice) => What::Account(notice),
            }
        };
        Ok(Some(Taken {
            key,
            what,
            told: progress.told,
            attempts: progress.attempts,
        }))
    }

    /// Remembers that a mail has reached somebody.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer: the mail may then be sent to that person again.
    pub async fn mail_reached(&self, taken: &Taken, address: &EmailAddress) -> Result<(), TableError> {
        let update = self
            .change_mail(&taken.key)
            .update_expression("ADD told :told")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":told", AttributeValue::Ss(vec![address.mailbox()]));
        update.send().await.map(drop).map_err(TableError::new)
    }

    /// Puts a mail off.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer: it is then due when its lease has run out.
    pub async fn put_mail_off(&self, taken: &Taken, until: Timestamp) -> Result<(), TableError> {
        let update = self
            .change_mail(&taken.key)
            .update_expression("SET list_sk = :place")
            .condition_expression("attribute_exists(list_pk)")
            .expression_attribute_values(":place", text(taken.key.place(until)));
        update.send().await.map(drop).map_err(TableError::new)
    }

    /// Takes a mail off the list: it has been sent, or there is nobody to send it to.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer: it is then taken again, and those whom it has reached are left out.
    pub async fn mail_done(&self, taken: &Taken, now: Timestamp) -> Result<(), TableError> {
        match &taken.what {
            What::News(_) | What::Account(_) => {
                let update = self
                    .change_mail(&taken.key)
                    .update_expression("REMOVE list_pk, list_sk SET sent_at = :now")
                    .condition_expression("attribute_exists(pk)")
                    .expression_attribute_values(":now", text(now.to_string()));
                update.send().await.map(drop).map_err(TableError::new)
            }
            What::Digest(stuck) => self.digest_done(taken, stuck, now).await,
            What::Collected(collection) => self.collection_done(taken, collection).await,
        }
    }

    /// Lays what a mail says aside for somebody who gets it at `due`, with all else that comes until then. Doing it again changes
    /// nothing.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn collect(
        &self,
        taken: &Taken,
        notification: &Notification,
        to: &EmailAddress,
        due: Timestamp,
    ) -> Result<(), TableError> {
        let key_of = MailKey {
            pk: format!("{COLLECTED}{}#{}", notification.project.id, to.mailbox()),
            sk: COLLECTED.to_owned(),
        };
        let expires_at = Timestamp::now().as_second() + KEPT_SECONDS;
        let entry = EntryRecord {
            notification,
            expires_at,
        };
        let round = match &taken.what {
            What::Digest(stuck) => stuck.since.to_string(),
            _ => String::new(),
        };
        let sk = format!("{ENTRY}{}#{}#{round}", taken.key.pk, taken.key.sk);
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(record(&key_of.pk, &sk, &entry)?))
            .build()
            .map_err(TableError::new)?;
        let project = serde_dynamo::to_attribute_value(&notification.project);
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(&key_of.pk, &key_of.sk)))
            .update_expression(
                "SET #project = :project, #to = :to, expires_at = :expires_at, list_pk = :due, next_place = :place, \
                 list_sk = if_not_exists(list_sk, :place) ADD counted :one",
            )
            .expression_attribute_names("#project", "project")
            .expression_attribute_names("#to", "to")
            .expression_attribute_values(":project", project.map_err(|error| TableError(error.to_string()))?)
            .expression_attribute_values(":to", text(to.as_str()))
            .expression_attribute_values(":expires_at", number(expires_at))
            .expression_attribute_values(":due", text(DUE))
            .expression_attribute_values(":place", text(key_of.place(due)))
            .expression_attribute_values(":one", number(1))
            .build()
            .map_err(TableError::new)?;
        let writes = vec![
            TransactWriteItem::builder().put(put).build(),
            TransactWriteItem::builder().update(update).build(),
        ];
        self.transact(writes).await.map(drop)
    }

    /// What came while the mail was being sent stays, for the next one.
    ///
    /// Dies between two of these: what is left is sent once more.
    async fn collection_done(&self, taken: &Taken, collection: &Collection) -> Result<(), TableError> {
        for entry in &collection.entries {
            let delete = self.client.delete_item().table_name(&self.name);
            let delete = delete.set_key(Some(key(&taken.key.pk, &entry.sk)));
            delete.send().await.map_err(TableError::new)?;
        }
        let all = self
            .change_mail(&taken.key)
            .update_expression("REMOVE list_pk, list_sk, next_place, told, attempts")
            .condition_expression("counted = :counted")
            .expression_attribute_values(":counted", number(collection.counted));
        if held(all.send().await)?.is_some() {
            return Ok(());
        }
        let some = self
            .change_mail(&taken.key)
            .update_expression("SET list_sk = next_place REMOVE told, attempts")
            .condition_expression("attribute_exists(list_pk)");
        some.send().await.map(drop).map_err(TableError::new)
    }

    /// What came to a stop while the digest was being sent stays on the list, for the next one.
    async fn digest_done(&self, taken: &Taken, stuck: &Stuck, now: Timestamp) -> Result<(), TableError> {
        let failed = i64::try_from(stuck.failed).unwrap_or(i64::MAX);
        let told = |expression: &str| {
            self.change_mail(&taken.key)
                .update_expression(expression)
                .expression_attribute_values(":now", text(now.to_string()))
                .expression_attribute_values(":told", number(-failed))
        };
        let all = told("REMOVE list_pk, list_sk, told, attempts, since SET last_digest = :now ADD failed :told")
            .condition_expression("counted = :counted")
            .expression_attribute_values(":counted", number(stuck.counted));
        if held(all.send().await)?.is_some() {
            return Ok(());
        }
        let some =
            told("REMOVE told, attempts SET since = :now, last_digest = :now, list_sk = :place ADD failed :told")
                .condition_expression("attribute_exists(list_pk)")
                .expression_attribute_values(":place", text(taken.key.place(now)));
        some.send().await.map(drop).map_err(TableError::new)
    }

    /// What to tell of what has come to a stop: what waits at this moment, and what has failed since the last digest.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn digest(
        &self,
        connection: &Connection,
        side: Side,
        failed_since: u64,
        named: usize,
    ) -> Result<Digest, TableError> {
        let here = connection.party(side).project.id;
        let waiting = self.waiting(connection.pair()).await?;
        let held = waiting.iter().filter(|waiting| waiting.asks() == Some(here)).count();
        let failed = usize::try_from(failed_since).unwrap_or(usize::MAX);
        let (log, _) = self.log(connection.pair(), &Range::default(), LOOKED_THROUGH).await?;
        let item = |row: &Row| StuckItem {
            tool: row.tool,
            title: row.title.clone(),
            reason: row.reason.clone(),
        };
        let waiting = log.iter().filter(|row| row.asks() == Some(here)).map(item);
        let lost = log
            .iter()
            .filter(|row| row.status == StatusName::Failed && row.source == here);
        let lost = lost.map(item);
        Ok(Digest {
            held: u64::try_from(held).unwrap_or(u64::MAX),
            failed: failed_since,
            items: waiting.take(held).chain(lost.take(failed)).take(named).collect(),
        })
    }

    fn change_mail(&self, mail: &MailKey) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&mail.pk, &mail.sk)))
    }
}

/// What sorts after every place of what is due by `now`, and before every place of what is due later.
fn before_or_at(now: Timestamp) -> String {
    format!("{:013}", now.as_millisecond().max(0) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_by_now_sorts_before_now() {
        let key = MailKey::in_outbox("OUTBOX#1").unwrap();
        let at = |millisecond| Timestamp::from_millisecond(millisecond).unwrap();
        let is_due = |due: i64, now: i64| key.place(at(due)) < before_or_at(at(now));
        assert!(is_due(0, 0) && is_due(999, 1_000) && is_due(1_000, 1_000) && is_due(9_999, 10_000));
        assert!(!is_due(1_001, 1_000) && !is_due(10_000, 9_999));
        assert_eq!(MailKey::in_outbox("PROJECT#1"), None);
    }

    #[test]
    fn a_mail_comes_back_from_the_table_as_it_was() {
        let stored: Record = [
            ("connection", text(Uuid::nil().to_string())),
            ("side", text("recipient")),
            ("project", number(30001)),
            ("since", text("2026-01-01T00:00:00Z")),
            ("counted", number(3)),
            ("failed", number(2)),
            ("told", AttributeValue::Ss(vec!["gina@harbour.example".to_owned()])),
            ("attempts", number(2)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let stuck: Stuck = read(stored.clone()).unwrap();
        assert_eq!(
            (stuck.side, stuck.failed, stuck.last_digest),
            (Side::Recipient, 2, None)
        );
        let progress: Progress = read(stored).unwrap();
        assert!(progress.told.contains("gina@harbour.example"));
        assert_eq!(progress.attempts, 2);
    }

    #[test]
    fn a_notice_to_an_account_is_read_from_the_table_as_it_was() {
        let notice = AccountNotice {
            to: "esther@estimates.example".parse().unwrap(),
            news: gusset_domain::notification::AccountNews::AccessEnded {
                login: "gina@harbour.example".to_owned(),
                why: gusset_domain::integration::Why::Revoked,
            },
        };
        let stored = OutboxRecord {
            says: Says::AccountNotice(notice.clone()),
            expires_at: 1,
            list_pk: DUE.to_owned(),
            list_sk: "0".to_owned(),
        };
        let found: OutboxRecord = read(record("pk", "sk", &stored).unwrap()).unwrap();
        assert!(matches!(found.says, Says::AccountNotice(found) if found == notice));
    }
}
