//! Signed-in people, and what Procore said of their access.

use std::collections::{BTreeMap, BTreeSet};

use gusset_domain::{
    admin::AdminAccess,
    ids::{CompanyId, ProjectId},
    people::{Person, Project},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, read, record, text};
use crate::{
    procore::Company,
    tokens::{KeptTokens, Turn},
};

/// A signed-in person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Who.
    pub person: Person,
    /// The person's login in Procore, an e-mail address.
    pub login: String,
    /// The person's Procore tokens.
    #[serde(flatten)]
    pub tokens: KeptTokens,
    /// When the session ends, in Unix seconds. DynamoDB removes the record some time after.
    pub expires_at: i64,
}

/// Which company's the projects are that a person was shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Companies(BTreeMap<CompanyId, BTreeSet<ProjectId>>);

impl Companies {
    /// Those of some projects.
    pub fn of<'a>(projects: impl Iterator<Item = &'a Project>) -> Self {
        let mut companies = Self::default();
        for project in projects {
            companies.0.entry(project.company_id).or_default().insert(project.id);
        }
        companies
    }

    fn with(&self, project: ProjectId) -> Option<CompanyId> {
        let found = self.0.iter().find(|(_, projects)| projects.contains(&project));
        found.map(|(company, _)| *company)
    }
}

/// A session, and the access that was asked for during it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The session.
    pub record: SessionRecord,
    /// What Procore said, by project.
    pub access: Vec<(ProjectId, AdminAccess)>,
    /// The projects for whose mails the person is remembered already.
    pub opened: Vec<ProjectId>,
    /// Which company's the projects are that the person was shown.
    pub companies: Companies,
}

impl Session {
    /// What Procore last said of the person's access to a project, however long ago.
    #[must_use]
    pub fn access_to(&self, project: ProjectId) -> Option<AdminAccess> {
        let found = self.access.iter().find(|(id, _)| *id == project);
        found.map(|(_, access)| *access)
    }

    /// In which company a project is, where the person was shown it during the session.
    #[must_use]
    pub fn company_of(&self, project: ProjectId) -> Option<CompanyId> {
        self.companies.with(project)
    }
}

#[derive(Serialize, Deserialize)]
struct AccessRecord {
    project: ProjectId,
    #[serde(flatten)]
    access: AdminAccess,
    expires_at: i64,
}

#[derive(Serialize, Deserialize)]
struct CompaniesRecord {
    companies: Companies,
    expires_at: i64,
}

/// The active projects of a person, as Procore listed them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Those of each company.
    pub companies: Vec<CompanyListed>,
    /// The companies that have not installed our app.
    pub without_app: Vec<Company>,
    /// Whether the person is in any company.
    pub has_company: bool,
    /// When Procore was asked.
    pub asked_at: Timestamp,
}

/// A company's part of a [`Listed`]. Each name is kept once, so that thousands of projects fit into one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyListed {
    /// The company.
    pub company: Company,
    /// The ids and names of its projects.
    pub projects: Vec<(ProjectId, String)>,
}

#[derive(Serialize, Deserialize)]
struct ListedRecord {
    listed: Listed,
    expires_at: i64,
}

#[derive(Deserialize)]
struct OpenedRecord {
    project: ProjectId,
}

fn pk(hash: &str) -> String {
    format!("SESSION#{hash}")
}

/// Apart from the session, which each request reads: the list may be large.
fn listed_pk(hash: &str) -> String {
    format!("SESSION#{hash}#LISTED")
}

impl Table {
    /// A session that has not ended, with the access asked for during it. One query.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn session(&self, hash: &str, now: Timestamp) -> Result<Option<Session>, TableError> {
        let mut session = None;
        let (mut access, mut opened, mut companies) = (Vec::new(), Vec::new(), Companies::default());
        for found in self.all(&pk(hash), None).await? {
            let sk = found.get("sk").and_then(|sk| sk.as_s().ok()).map(String::as_str);
            match sk.unwrap_or_default().split('#').next() {
                Some("SESSION") => session = Some(read::<SessionRecord>(found)?),
                Some("COMPANIES") => companies = read::<CompaniesRecord>(found)?.companies,
                Some("OPENED") => opened.push(read::<OpenedRecord>(found)?.project),
                _ => {
                    let found: AccessRecord = read(found)?;
                    access.push((found.project, found.access));
                }
            }
        }
        // DynamoDB removes a record up to two days after its time.
        let session = session.filter(|session| now.as_second() < session.expires_at);
        Ok(session.map(|record| Session {
            record,
            access,
            opened,
            companies,
        }))
    }

    /// Keeps a session.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn put_session(&self, hash: &str, session: &SessionRecord) -> Result<(), TableError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(record(&pk(hash), "SESSION", session)?));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// Takes the right to refresh a session's tokens, until `until`.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn begin_session_refresh(
        &self,
        hash: &str,
        version: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Turn, TableError> {
        self.begin_refresh(&pk(hash), "SESSION", version, now, until).await
    }

    /// Stores a session's new tokens. False where the session has ended meanwhile.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn store_session_tokens(&self, hash: &str, tokens: &KeptTokens) -> Result<bool, TableError> {
        self.store_tokens(&pk(hash), "SESSION", tokens).await
    }

    /// Remembers what Procore said of a person's access to a project.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn remember_access(&self, hash: &str, project: ProjectId, access: AdminAccess) -> Result<(), TableError> {
        let expires_at = access.asked_at.as_second() + 3_600;
        let item = record(
            &pk(hash),
            &format!("ADMIN#{project}"),
            &AccessRecord {
                project,
                access,
                expires_at,
            },
        )?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// Remembers which company's the projects are that a person was shown, until the session ends in any case: `until` is in Unix
    /// seconds.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn remember_companies(&self, hash: &str, until: i64, companies: &Companies) -> Result<(), TableError> {
        let remembered = CompaniesRecord {
            companies: companies.clone(),
            expires_at: until,
        };
        let item = record(&pk(hash), "COMPANIES", &remembered)?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// The person's projects as Procore last listed them during a session.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn listed(&self, hash: &str) -> Result<Option<Listed>, TableError> {
        let found = self.all(&listed_pk(hash), None).await?.into_iter().next();
        Ok(found.map(read::<ListedRecord>).transpose()?.map(|found| found.listed))
    }

    /// Keeps a person's list of projects for an hour.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer, or the list does not fit into a record.
    pub async fn remember_listed(&self, hash: &str, listed: &Listed) -> Result<(), TableError> {
        let remembered = ListedRecord {
            listed: listed.clone(),
            expires_at: listed.asked_at.as_second() + 3_600,
        };
        let item = record(&listed_pk(hash), "LISTED", &remembered)?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn end_session(&self, hash: &str) -> Result<(), TableError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .key("pk", text(pk(hash)))
            .key("sk", text("SESSION"));
        delete.send().await.map(drop).map_err(TableError::new)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_session_comes_back_from_the_table_as_it_was() {
        let stored = json!({
            "person": {"id": 101, "name": "Gina"}, "login": "gina.admin@harbour.example", "expires_at": 1_795_334_400,
            "tokens": {"wrapped_key": "a", "nonce": "b", "text": "c"}, "tokens_expire_at": 1_795_330_000,
            "tokens_version": 3, "refreshing_until": 0,
        });
        let session: SessionRecord = serde_json::from_value(stored.clone()).unwrap();
        let kept = record(&pk("hash"), "SESSION", &session).unwrap();
        let back: SessionRecord = read(kept).unwrap();
        assert_eq!(serde_json::to_value(back).unwrap(), stored);
    }
}
