//! Who gets a project's mails: the admins who have opened its page, unless the project has a list of its own.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use gusset_domain::{
    cadence::Cadence,
    email::EmailAddress,
    ids::{ProjectId, UserId},
    notification_list::QUESTION_LASTS,
    people::{Person, Project},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, key, read, record};

/// An admin who has opened the project's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opener {
    /// The person.
    pub person: Person,
    /// The person's login.
    pub email: EmailAddress,
}

/// Who gets a project's mails.
#[derive(Debug, Clone, Default)]
pub struct Recipients {
    /// The project's own list, where somebody has made one.
    pub chosen: Option<Vec<EmailAddress>>,
    /// The mailboxes on that list that were people's of the project when it was made.
    pub people: BTreeSet<String>,
    /// The mailboxes that want the project's mails, whoever they are.
    pub confirmed: BTreeSet<String>,
    /// The mailboxes that were asked within the last days whether they want them.
    pub asked: BTreeSet<String>,
    /// The admins who have opened the project's page.
    pub opened: Vec<Opener>,
    /// How often mailboxes want emails about items, where somebody has chosen.
    pub cadences: BTreeMap<String, Cadence>,
}

impl Recipients {
    /// How often an address gets emails about the project's items.
    #[must_use]
    pub fn cadence(&self, address: &EmailAddress) -> Cadence {
        self.cadences.get(&address.mailbox()).copied().unwrap_or_default()
    }

    /// Whether mails may go to a mailbox: it is somebody's of the project, or wants them.
    #[must_use]
    pub fn may_be_written_to(&self, address: &EmailAddress) -> bool {
        let mailbox = address.mailbox();
        self.people.contains(&mailbox)
            || self.confirmed.contains(&mailbox)
            || self.opened.iter().any(|opener| opener.email.mailbox() == mailbox)
    }

    /// Those who get the mails, each mailbox once.
    #[must_use]
    pub fn addresses(&self) -> Vec<EmailAddress> {
        let mut addresses = self.listed();
        addresses.retain(|address| self.may_be_written_to(address));
        addresses
    }

    /// Those who are on the list, each mailbox once, with those who have not said yet that they want the mails.
    #[must_use]
    pub fn listed(&self) -> Vec<EmailAddress> {
        let mut seen = BTreeSet::new();
        let all: Vec<&EmailAddress> = match &self.chosen {
            Some(chosen) => chosen.iter().collect(),
            None => self.opened.iter().map(|opener| &opener.email).collect(),
        };
        all.into_iter()
            .filter(|address| seen.insert(address.mailbox()))
            .cloned()
            .collect()
    }
}

#[derive(Serialize, Deserialize)]
struct ListRecord {
    recipients: Vec<EmailAddress>,
    /// Mailboxes.
    #[serde(default)]
    people: BTreeSet<String>,
}

#[derive(Serialize, Deserialize)]
struct CadenceRecord {
    mailbox: String,
    cadence: Cadence,
}

#[derive(Serialize, Deserialize)]
struct MailboxRecord {
    mailbox: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

/// A question whether an address wants a project's mails.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    /// The project.
    pub project: Project,
    /// The address.
    pub email: EmailAddress,
    /// Until when it can be answered, in Unix seconds.
    pub expires_at: i64,
}

#[derive(Serialize)]
struct NotedRecord {
    project: ProjectId,
    expires_at: i64,
}

const LIST: &str = "LIST";
const CONFIRMED: &str = "CONFIRMED#";
const ASKED: &str = "ASKED#";
const CADENCE: &str = "CADENCE#";

fn pk(project: ProjectId) -> String {
    format!("MAILS#{project}")
}

const QUESTION: &str = "QUESTION";

fn question_pk(hash: &str) -> String {
    format!("QUESTION#{hash}")
}

fn opener_sk(user: UserId) -> String {
    format!("OPENED#{user}")
}

impl Table {
    /// Who gets a project's mails. One query.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn recipients(&self, project: ProjectId) -> Result<Recipients, TableError> {
        let mut recipients = Recipients::default();
        let now = Timestamp::now().as_second();
        for found in self.all(&pk(project), None).await? {
            let sk = found
                .get("sk")
                .and_then(|sk| sk.as_s().ok())
                .cloned()
                .unwrap_or_default();
            if sk == LIST {
                let list: ListRecord = read(found)?;
                recipients.chosen = Some(list.recipients);
                recipients.people = list.people;
            } else if sk.starts_with(CONFIRMED) {
                recipients.confirmed.insert(read::<MailboxRecord>(found)?.mailbox);
            } else if sk.starts_with(CADENCE) {
                let chosen: CadenceRecord = read(found)?;
                recipients.cadences.insert(chosen.mailbox, chosen.cadence);
            } else if sk.starts_with(ASKED) {
                let asked: MailboxRecord = read(found)?;
                // DynamoDB removes a record up to two days after its time.
                if asked.expires_at.is_some_and(|ends| now < ends) {
                    recipients.asked.insert(asked.mailbox);
                }
            } else {
                recipients.opened.push(read(found)?);
            }
        }
        Ok(recipients)
    }

    /// Keeps a question to an address, by the hash of its token.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn put_question(&self, hash: &str, question: &Question) -> Result<(), TableError> {
        let item = record(&question_pk(hash), QUESTION, question)?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// A question that can still be answered.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn question(&self, hash: &str, now: Timestamp) -> Result<Option<Question>, TableError> {
        let found: Option<Question> = self.get(&question_pk(hash), QUESTION).await?;
        Ok(found.filter(|question| now.as_second() < question.expires_at))
    }

    /// Remembers that an address was asked, so that it is not asked again for some days.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer: the address may then be asked once more.
    pub async fn remember_asked(
        &self,
        project: ProjectId,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<(), TableError> {
        let lasts = i64::try_from(QUESTION_LASTS.as_secs()).unwrap_or_default();
        self.put_mailbox(project, ASKED, email, Some(now.as_second() + lasts))
            .await
    }

    /// Remembers that an address wants a project's mails.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn remember_confirmed(&self, project: ProjectId, email: &EmailAddress) -> Result<(), TableError> {
        self.put_mailbox(project, CONFIRMED, email, None).await
    }

    /// Remembers how often an address wants emails about a project's items.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn choose_cadence(
        &self,
        project: ProjectId,
        email: &EmailAddress,
        cadence: Cadence,
    ) -> Result<(), TableError> {
        let mailbox = email.mailbox();
        let sk = format!("{CADENCE}{mailbox}");
        let item = record(&pk(project), &sk, &CadenceRecord { mailbox, cadence })?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map(drop).map_err(TableError::new)
    }

    async fn put_mailbox(
        &self,
        project: ProjectId,
        kind: &str,
        email: &EmailAddress,
        expires_at: Option<i64>,
    ) -> Result<(), TableError> {
        let mailbox = email.mailbox();
        let sk = format!("{kind}{mailbox}");
        let item = record(&pk(project), &sk, &MailboxRecord { mailbox, expires_at })?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// Gives a project a list of its own, of which `people` are mailboxes of people of the project; or, with `None`, takes it
    /// back.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn choose_recipients(
        &self,
        project: ProjectId,
        recipients: Option<(Vec<EmailAddress>, BTreeSet<String>)>,
    ) -> Result<(), TableError> {
        match recipients {
            Some((recipients, people)) => {
                let item = record(&pk(project), LIST, &ListRecord { recipients, people })?;
                let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
                put.send().await.map(drop).map_err(TableError::new)
            }
            None => self.delete_recipients(project, LIST).await,
        }
    }

    /// Remembers that an admin has opened a project's page, and with that person's session that this is remembered.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn remember_opener(
        &self,
        session: &str,
        session_expires_at: i64,
        project: ProjectId,
        opener: &Opener,
    ) -> Result<(), TableError> {
        let noted = NotedRecord {
            project,
            expires_at: session_expires_at,
        };
        let items = [
            record(&pk(project), &opener_sk(opener.person.id), opener)?,
            record(&format!("SESSION#{session}"), &format!("OPENED#{project}"), &noted)?,
        ];
        let mut writes = Vec::with_capacity(items.len());
        for item in items {
            let put = Put::builder().table_name(&self.name).set_item(Some(item)).build();
            writes.push(TransactWriteItem::builder().put(put.map_err(TableError::new)?).build());
        }
        self.transact(writes).await.map(drop)
    }

    /// Forgets somebody who turned out not to be an admin of the project any more.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn forget_opener(&self, project: ProjectId, user: UserId) -> Result<(), TableError> {
        self.delete_recipients(project, &opener_sk(user)).await
    }

    async fn delete_recipients(&self, project: ProjectId, sk: &str) -> Result<(), TableError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key(&pk(project), sk)));
        delete.send().await.map(drop).map_err(TableError::new)
    }
}
