//! Projects: their names, their codes and their hooks.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{ConditionCheck, Put, TransactWriteItem, Update};
use gusset_domain::{connection_code::ConnectionCode, ids::ProjectId, people::Project};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, Written, key, read, record, refused_at, text};
use crate::chance;

/// A project that Gusset knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProjectRecord {
    /// Its names.
    pub project: Project,
    /// Its code.
    pub code: ConnectionCode,
}

#[derive(Serialize, Deserialize)]
struct CodeRecord {
    project: ProjectId,
    /// When the code was replaced by another. A replaced code is kept, so that nobody else is ever given it.
    replaced_at: Option<Timestamp>,
}

/// Tries to find a code that nobody has. With a million codes given out, one in ninety is taken.
const TRIES: u32 = 20;

fn pk(project: ProjectId) -> String {
    format!("PROJECT#{project}")
}

fn code_pk(code: ConnectionCode) -> String {
    format!("CODE#{}", code.digits())
}

impl Table {
    /// A project that Gusset knows.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn project(&self, project: ProjectId) -> Result<Option<ProjectRecord>, TableError> {
        self.get(&pk(project), "PROJECT").await
    }

    /// Which of some projects Gusset knows. A request for each hundred. Eventually consistent.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn known_projects(&self, projects: &[ProjectId]) -> Result<BTreeSet<ProjectId>, TableError> {
        let keys = projects.iter().map(|project| key(&pk(*project), "PROJECT"));
        let found = self.batch(keys.collect()).await?.into_iter().map(read::<ProjectRecord>);
        found.map(|found| found.map(|found| found.project.id)).collect()
    }

    /// Gives a project its code, if it has none, and keeps its names. Of two who come at once, both get the same code.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer or no free code was found.
    pub async fn open_project(&self, project: &Project) -> Result<ProjectRecord, TableError> {
        for _ in 0..TRIES {
            let code = random_code()?;
            let opened = ProjectRecord {
                project: project.clone(),
                code,
            };
            let put = Put::builder()
                .table_name(&self.name)
                .set_item(Some(record(&pk(project.id), "PROJECT", &opened)?))
                .condition_expression("attribute_not_exists(pk)")
                .build()
                .map_err(TableError::new)?;
            let writes = vec![
                TransactWriteItem::builder().put(put).build(),
                self.take_code(code, project.id)?,
            ];
            match self.transact(writes).await? {
                Written::All => return Ok(opened),
                Written::Refused(reasons) if refused_at(&reasons, 0) => {
                    if let Some(known) = self.project(project.id).await? {
                        return Ok(known);
                    }
                }
                Written::Refused(_) => {}
            }
        }
        Err(TableError("no free connection code was found".to_owned()))
    }

    /// Replaces a project's code. The old one stops working with the same write.
    ///
    /// `None` where the project's code is not `old` any more: somebody else has just replaced it.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer or no free code was found.
    pub async fn replace_code(
        &self,
        project: ProjectId,
        old: ConnectionCode,
        now: Timestamp,
    ) -> Result<Option<ConnectionCode>, TableError> {
        for _ in 0..TRIES {
            let code = random_code()?;
            let on_project = Update::builder()
                .table_name(&self.name)
                .set_key(Some(key(&pk(project), "PROJECT")))
                .update_expression("SET code = :code")
                .condition_expression("code = :old")
                .expression_attribute_values(":code", text(code.digits()))
                .expression_attribute_values(":old", text(old.digits()))
                .build()
                .map_err(TableError::new)?;
            let retired = Update::builder()
                .table_name(&self.name)
                .set_key(Some(key(&code_pk(old), "CODE")))
                .update_expression("SET replaced_at = :now")
                .expression_attribute_values(":now", text(now.to_string()))
                .build()
                .map_err(TableError::new)?;
            let writes = vec![
                TransactWriteItem::builder().update(on_project).build(),
                self.take_code(code, project)?,
                TransactWriteItem::builder().update(retired).build(),
            ];
            match self.transact(writes).await? {
                Written::All => return Ok(Some(code)),
                Written::Refused(reasons) if refused_at(&reasons, 0) => return Ok(None),
                Written::Refused(_) => {}
            }
        }
        Err(TableError("no free connection code was found".to_owned()))
    }

    /// The project whose code this is, if it is anybody's now.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn project_with_code(&self, code: ConnectionCode) -> Result<Option<ProjectId>, TableError> {
        let found: Option<CodeRecord> = self.get(&code_pk(code), "CODE").await?;
        Ok(found
            .filter(|found| found.replaced_at.is_none())
            .map(|found| found.project))
    }

    fn take_code(&self, code: ConnectionCode, project: ProjectId) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(record(
                &code_pk(code),
                "CODE",
                &CodeRecord {
                    project,
                    replaced_at: None,
                },
            )?))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The condition that a code is still a project's: a request made with a code that is being replaced is refused.
    pub(super) fn code_still_holds(
        &self,
        code: ConnectionCode,
        project: ProjectId,
    ) -> Result<TransactWriteItem, TableError> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(key(&code_pk(code), "CODE")))
            .condition_expression("#project = :project AND (attribute_not_exists(replaced_at) OR replaced_at = :null)")
            .expression_attribute_names("#project", "project")
            .expression_attribute_values(":project", super::number(project))
            .expression_attribute_values(":null", aws_sdk_dynamodb::types::AttributeValue::Null(true))
            .build()
            .map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

fn random_code() -> Result<ConnectionCode, TableError> {
    chance::bits().map(ConnectionCode::from_random).map_err(TableError::new)
}
