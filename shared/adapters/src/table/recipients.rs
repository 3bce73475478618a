//! Who gets a project's mails: the admins who have opened its page, unless the project has a list of its own.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use gusset_domain::{
    email::EmailAddress,
    ids::{ProjectId, UserId},
    people::Person,
};
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
    /// The admins who have opened the project's page.
    pub opened: Vec<Opener>,
}

impl Recipients {
    /// Each mailbox once.
    #[must_use]
    pub fn addresses(&self) -> Vec<EmailAddress> {
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
}

#[derive(Serialize)]
struct NotedRecord {
    project: ProjectId,
    expires_at: i64,
}

const LIST: &str = "LIST";

fn pk(project: ProjectId) -> String {
    format!("MAILS#{project}")
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
        for found in self.all(&pk(project), None).await? {
            let is_list = found
                .get("sk")
                .and_then(|sk| sk.as_s().ok())
                .is_some_and(|sk| sk == LIST);
            if is_list {
                recipients.chosen = Some(read::<ListRecord>(found)?.recipients);
            } else {
                recipients.opened.push(read(found)?);
            }
        }
        Ok(recipients)
    }

    /// Gives a project a list of its own, or, with `None`, takes it back.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn choose_recipients(
        &self,
        project: ProjectId,
        recipients: Option<Vec<EmailAddress>>,
    ) -> Result<(), TableError> {
        match recipients {
            Some(recipients) => {
                let item = record(&pk(project), LIST, &ListRecord { recipients })?;
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
