//! Runs of the sync: one record an account, that of its latest run, and one for each file that a run counts.
//!
//! A file's record is written in one transaction with its revision's. How far a run has come is [derived](Progress) from these
//! records whenever somebody asks: there is nothing that a worker who dies could forget to count.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use gusset_domain::{
    ids::{AccountId, ProjectId, RunId},
    plans::{
        PlanId, RevisionId,
        project::SyncedProject,
        run::{Progress, Run, RunFile},
    },
};
use jiff::Timestamp;

use super::{Table, TableError, conditions::held, estimator_pk, key, number, read, record, text};

pub(super) const SK: &str = "RUN";

/// How long a run's files are kept, in seconds: longer than anybody looks at one that no other has followed.
const FILES_KEPT: i64 = 90 * 24 * 60 * 60;

fn files_prefix(run: RunId) -> String {
    format!("FILE#{run}#")
}

impl Table {
    /// An account's latest run, and how far it has come. `projects` are the account's. One read, and a query for the files that
    /// it counts.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn run(&self, account: AccountId, projects: &[SyncedProject]) -> Result<Option<Progress>, TableError> {
        match self.get::<Run>(&estimator_pk(account), SK).await? {
            Some(run) => self.progress(account, run, projects).await.map(Some),
            None => Ok(None),
        }
    }

    async fn progress(&self, account: AccountId, run: Run, projects: &[SyncedProject]) -> Result<Progress, TableError> {
        let files = self.all(&estimator_pk(account), Some(&files_prefix(run.id))).await?;
        let files: Vec<RunFile> = files.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Progress::of(run, projects, &files))
    }

    /// Begins a run, unless another is under way or it has begun before. Gives the run that is there then, and whether it
    /// began just now. Of two who come at once, both get the same run.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn begin_run(
        &self,
        account: AccountId,
        run: &Run,
        now: Timestamp,
    ) -> Result<(Progress, bool), TableError> {
        let projects = self.synced_projects(account).await?;
        let former = self.run(account, &projects).await?;
        let holds = |former: &&Progress| former.run.id == run.id || former.is_under_way(now);
        if let Some(holds) = former.as_ref().filter(holds) {
            return Ok((holds.clone(), false));
        }
        let put = self.client.put_item().table_name(&self.name);
        let put = put.set_item(Some(record(&estimator_pk(account), SK, run)?));
        let put = match &former {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(former) => put
                .condition_expression("id = :former")
                .expression_attribute_values(":former", text(former.run.id.to_string())),
        };
        let begun = Progress::of(run.clone(), &projects, &[]);
        if held(put.send().await)?.is_some() {
            return Ok((begun, true));
        }
        let there = self.run(account, &projects).await?.unwrap_or(begun);
        // It is ours where the answer to the write was lost, and the client has sent it again.
        let ours = there.run.id == run.id;
        Ok((there, ours))
    }

    /// Records which projects a run has to look at. To record it twice is fine.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn run_found_projects(
        &self,
        account: AccountId,
        run: RunId,
        projects: impl IntoIterator<Item = ProjectId>,
    ) -> Result<(), TableError> {
        let projects = projects.into_iter().map(number).collect();
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&estimator_pk(account), SK)))
            .update_expression("SET projects = :projects, changed_at = :now")
            .expression_attribute_values(":projects", aws_sdk_dynamodb::types::AttributeValue::L(projects))
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

    /// The write that says when something was last done in a run. Its condition is that the run is still the account's latest.
    pub(super) fn run_goes_on(&self, account: AccountId, run: RunId) -> Result<TransactWriteItem, TableError> {
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(&estimator_pk(account), SK)))
            .update_expression("SET changed_at = :changed_at")
            .condition_expression("id = :run")
            .expression_attribute_values(":run", text(run.to_string()))
            .expression_attribute_values(":changed_at", text(Timestamp::now().to_string()))
            .build()
            .map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// The write that says what a file counts as in a run, to stand in one transaction with the revision's own.
    pub(super) fn run_file(
        &self,
        account: AccountId,
        run: RunId,
        plan: PlanId,
        revision: RevisionId,
        file: &RunFile,
    ) -> Result<TransactWriteItem, TableError> {
        let sk = format!("{}{plan}#{revision}", files_prefix(run));
        let mut item = record(&estimator_pk(account), &sk, file)?;
        let until = file.at.as_second().saturating_add(FILES_KEPT);
        item.insert("expires_at".to_owned(), number(until));
        let put = Put::builder().table_name(&self.name).set_item(Some(item)).build();
        let put = put.map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}
