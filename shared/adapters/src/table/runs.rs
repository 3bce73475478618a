//! Runs of the sync, and how far they have come: one record an account, that of its latest run.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use gusset_domain::{
    ids::{AccountId, RunId},
    plans::run::Run,
};
use jiff::Timestamp;

use super::{Table, TableError, conditions::held, estimator_pk, key, number, record, text};

pub(super) const SK: &str = "RUN";

/// What is to be added to a run's counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts<'a> {
    /// Projects that have been looked at.
    pub projects_listed: u64,
    /// Files to be copied. Less than nothing takes some away.
    pub found: i64,
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
        if held(put.send().await)?.is_some() {
            return Ok((run.clone(), true));
        }
        let there = self.run(account).await?.unwrap_or_else(|| run.clone());
        // It is ours where the answer to the write was lost, and the client has sent it again.
        let ours = there.id == run.id;
        Ok((there, ours))
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
        // Another run has taken its place.
        held(update.send().await).map(drop)
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
        held(update.send().await).map(drop)
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
            ("projects_listed", counts.projects_listed.to_string()),
            ("found", counts.found.to_string()),
            ("copied", counts.copied.to_string()),
            ("failed", counts.failed.to_string()),
            ("bytes", counts.bytes.to_string()),
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
        for (name, count) in added.into_iter().filter(|(_, count)| count != "0") {
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
