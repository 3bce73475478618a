//! Runs of the sync, and how far they have come: one record an account, that of its latest run.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use gusset_domain::{
    ids::{AccountId, RunId},
    plans::run::Run,
};
use jiff::Timestamp;

use super::{Table, TableError, condition_failed, estimator_pk, key, number, record, text};

pub(super) const SK: &str = "RUN";

/// What is to be added to a run's counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts<'a> {
    /// Projects that have been looked at.
    pub projects_listed: u64,
    /// Files to be copied.
    pub found: u64,
    /// Files that were copied.
    pub copied: u64,
    /// Files that could not be.
    pub failed: u64,
    /// Bytes copied.
    pub bytes: u64,
    /// What was copied.
    pub now: Option<&'a str>,
}

impl Table {
    /// An account's latest run. One read.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn run(&self, account: AccountId) -> Result<Option<Run>, TableError> {
        self.get(&estimator_pk(account), SK).await
    }

    /// Begins a run, unless another is under way or it has begun before. Gives the run that is there then, and whether it
    /// began just now. Of two who come at once, both get the same run.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn begin_run(&self, account: AccountId, run: &Run, now: Timestamp) -> Result<(Run, bool), TableError> {
        let former = self.run(account).await?;
        let holds = |former: &&Run| former.id == run.id || former.is_under_way(now);
        if let Some(holds) = former.as_ref().filter(holds) {
            return Ok((holds.clone(), false));
        }
        let put = self.client.put_item().table_name(&self.name);
        let put = put.set_item(Some(record(&estimator_pk(account), SK, run)?));
        let put = match &former {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(former) => put
                .condition_expression("id = :former")
                .expression_attribute_values(":former", text(former.id.to_string())),
        };
        match put.send().await {
            Ok(_) => Ok((run.clone(), true)),
            Err(error) if condition_failed(&error, |error| error.is_conditional_check_failed_exception()) => {
                let theirs = self.run(account).await?;
                Ok((theirs.unwrap_or_else(|| run.clone()), false))
            }
            Err(error) => Err(TableError::new(error)),
        }
    }

    /// Records how many projects a run has to look at. To record it twice is fine.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn run_found_projects(&self, account: AccountId, run: RunId, projects: usize) -> Result<(), TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&estimator_pk(account), SK)))
            .update_expression("SET projects_found = :projects, changed_at = :now")
            .expression_attribute_values(":projects", number(projects))
            .expression_attribute_values(":now", text(Timestamp::now().to_string()))
            .condition_expression("id = :run")
            .expression_attribute_values(":run", text(run.to_string()));
        match update.send().await {
            Ok(_) => Ok(()),
            // Another run has taken its place.
            Err(error) if condition_failed(&error, |error| error.is_conditional_check_failed_exception()) => Ok(()),
            Err(error) => Err(TableError::new(error)),
        }
    }

    /// Records what stopped a run, in words.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn run_stopped(&self, account: AccountId, run: RunId, problem: &str) -> Result<(), TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&estimator_pk(account), SK)))
            .update_expression("SET problem = :problem")
            .expression_attribute_values(":problem", text(problem))
            .condition_expression("id = :run")
            .expression_attribute_values(":run", text(run.to_string()));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) if condition_failed(&error, |error| error.is_conditional_check_failed_exception()) => Ok(()),
            Err(error) => Err(TableError::new(error)),
        }
    }

    /// The write that adds to a run's counts, to stand in one transaction with what is counted. Its condition is that the
    /// run is still the account's latest.
    pub(super) fn counted(
        &self,
        account: AccountId,
        run: RunId,
        counts: Counts<'_>,
    ) -> Result<TransactWriteItem, TableError> {
        let added = [
            ("projects_listed", counts.projects_listed),
            ("found", counts.found),
            ("copied", counts.copied),
            ("failed", counts.failed),
            ("bytes", counts.bytes),
        ];
        let mut set = vec!["changed_at = :changed_at"];
        let mut add = Vec::new();
        // By placeholders: some of the names are words of DynamoDB's own.
        let mut update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(&estimator_pk(account), SK)))
            .condition_expression("id = :run")
            .expression_attribute_values(":run", text(run.to_string()))
            .expression_attribute_values(":changed_at", text(Timestamp::now().to_string()));
        for (name, count) in added.into_iter().filter(|(_, count)| *count > 0) {
            add.push(format!("#{name} :{name}"));
            update = update
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), number(count));
        }
        if let Some(now) = counts.now {
            set.push("#now = :now");
            update = update
                .expression_attribute_names("#now", "now")
                .expression_attribute_values(":now", text(now));
        }
        let add = if add.is_empty() {
            String::new()
        } else {
            format!(" ADD {}", add.join(", "))
        };
        let update = update.update_expression(format!("SET {}{add}", set.join(", ")));
        let update = update.build().map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
