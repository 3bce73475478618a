//! Projects in accounts' bid calendars, and which accounts have a project: what a webhook asks.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use gusset_domain::{
    ids::{AccountId, ProjectId, RunId, UserId},
    people::Project,
    plans::{
        project::{BidPackage, PlanTool, SyncedProject, Told, Unread},
        reconcile::ManyMissing,
    },
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Record, Table, TableError, Written, conditions::held, estimator_pk, key, number, read, record, refused_at, text,
};

const PREFIX: &str = "PROJECT#";

fn sk(project: ProjectId) -> String {
    format!("{PREFIX}{project}")
}

fn synced_pk(project: ProjectId) -> String {
    format!("SYNCED#{project}")
}

/// That an account has a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncedBy {
    /// The account.
    pub account: AccountId,
    /// The login by which the project came last.
    pub login: UserId,
    /// The project.
    pub project: Project,
}

/// A look at a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// What was seen, besides its plans. None where it came to nothing.
    pub seen: Option<Seen>,
    /// What kept it from being whole, in words.
    pub problem: Option<String>,
}

/// What a look has brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When it began.
    pub began: Timestamp,
    /// The project's bid packages; none where the tool is closed to the login.
    pub bid_packages: Option<Vec<BidPackage>>,
    /// Tools that are closed to the login.
    pub closed_tools: Vec<PlanTool>,
    /// Tools that could not be read.
    pub unread: Vec<Unread>,
    /// Many plans that Procore does not show any more.
    pub many_missing: Option<ManyMissing>,
}

impl Table {
    /// An account's projects, in no order that means anything. One query.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn synced_projects(&self, account: AccountId) -> Result<Vec<SyncedProject>, TableError> {
        let found = self.all(&estimator_pk(account), Some(PREFIX)).await?;
        found.into_iter().map(read).collect()
    }

    /// One of an account's projects. One read.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn synced_project(
        &self,
        account: AccountId,
        project: ProjectId,
    ) -> Result<Option<SyncedProject>, TableError> {
        self.get(&estimator_pk(account), &sk(project)).await
    }

    /// The accounts that have a project. One query.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn synced_by(&self, project: ProjectId) -> Result<Vec<SyncedBy>, TableError> {
        let found = self.all(&synced_pk(project), None).await?;
        found.into_iter().map(read).collect()
    }

    /// Records that a login sees a project: it is new, or goes on where it stopped. What is known of it otherwise stays.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn project_seen(
        &self,
        account: AccountId,
        project: &Project,
        login: UserId,
        login_name: &str,
    ) -> Result<(), TableError> {
        let names: Record = serde_dynamo::to_item(project).map_err(|error| TableError(error.to_string()))?;
        let mut set = vec!["login = :login".to_owned(), "login_name = :login_name".to_owned()];
        let mut update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(&estimator_pk(account), &sk(project.id))))
            .expression_attribute_values(":login", number(login))
            .expression_attribute_values(":login_name", text(login_name));
        for (name, value) in names {
            set.push(format!("#{name} = :{name}"));
            update = update
                .expression_attribute_names(format!("#{name}"), &name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        let update = update
            .update_expression(format!("SET {} REMOVE lost_since", set.join(", ")))
            .build()
            .map_err(TableError::new)?;
        let by = SyncedBy {
            account,
            login,
            project: project.clone(),
        };
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(record(&synced_pk(project.id), &account.to_string(), &by)?))
            .build()
            .map_err(TableError::new)?;
        let writes = vec![
            TransactWriteItem::builder().update(update).build(),
            TransactWriteItem::builder().put(put).build(),
        ];
        match self.transact(writes).await? {
            Written::All => Ok(()),
            Written::Refused(_) => Err(TableError("it refused what has no condition".to_owned())),
        }
    }

    /// Records that a login does not see a project any more, unless another login has brought it meanwhile.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn project_lost(
        &self,
        account: AccountId,
        project: ProjectId,
        login: UserId,
        now: Timestamp,
    ) -> Result<(), TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&estimator_pk(account), &sk(project))))
            .update_expression("SET lost_since = if_not_exists(lost_since, :now)")
            .condition_expression("login = :login")
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":login", number(login));
        held(update.send().await).map(drop)
    }

    /// Takes the look that a webhook asked for, unless another worker has begun one since then, which sees what this one would.
    /// Who has taken it and died takes it again. False where there is nothing to do.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn claim_look(
        &self,
        account: AccountId,
        project: ProjectId,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&estimator_pk(account), &sk(project))))
            .update_expression("SET looked_for = :asked, look_began = :now")
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(look_began) OR look_began < :asked OR looked_for = :asked)",
            )
            // Numbers, because as texts two moments compare by how many digits they have.
            .expression_attribute_values(":asked", number(asked_at.as_microsecond()))
            .expression_attribute_values(":now", number(now.as_microsecond()));
        Ok(held(update.send().await)?.is_some())
    }

    /// Records a look at a project. In a run it is counted, once however often the look is repeated. Of what was seen nothing
    /// is kept where a look that began later was quicker.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn project_listed(
        &self,
        account: AccountId,
        project: ProjectId,
        look: &Look,
        run: Option<RunId>,
    ) -> Result<(), TableError> {
        let known = self.synced_project(account, project).await?;
        let later = known.and_then(|known| known.listed_at);
        let seen = look
            .seen
            .clone()
            .filter(|seen| later.is_none_or(|later| later <= seen.began));
        let look = &Look { seen, ..look.clone() };
        let Some(run) = run else {
            return self.look_alone(account, project, look).await;
        };
        let writes = vec![
            TransactWriteItem::builder()
                .update(self.look(account, project, look, Some(run))?)
                .build(),
            self.run_goes_on(account, run)?,
        ];
        match self.transact(writes).await? {
            Written::All => Ok(()),
            // Counted before.
            Written::Refused(reasons) if refused_at(&reasons, 0) => Ok(()),
            // Another run has taken this one's place: it is the other that counts who has looked.
            Written::Refused(_) => self.look_alone(account, project, look).await,
        }
    }

    async fn look_alone(&self, account: AccountId, project: ProjectId, look: &Look) -> Result<(), TableError> {
        let write = TransactWriteItem::builder()
            .update(self.look(account, project, look, None)?)
            .build();
        self.transact(vec![write]).await.map(drop)
    }

    fn look(
        &self,
        account: AccountId,
        project: ProjectId,
        look: &Look,
        run: Option<RunId>,
    ) -> Result<Update, TableError> {
        let value = |value: serde_dynamo::Result<_>| value.map_err(|error| TableError(error.to_string()));
        let mut set = Vec::new();
        let mut remove = Vec::new();
        let mut update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(&estimator_pk(account), &sk(project))));
        if let Some(seen) = &look.seen {
            set.extend([
                "listed_at = :began",
                "closed_tools = :closed",
                "unread = :unread",
                "many_missing = :missing",
            ]);
            let closed = value(serde_dynamo::to_attribute_value(&seen.closed_tools))?;
            let unread = value(serde_dynamo::to_attribute_value(&seen.unread))?;
            let missing = value(serde_dynamo::to_attribute_value(seen.many_missing))?;
            update = update
                .expression_attribute_values(":began", text(seen.began.to_string()))
                .expression_attribute_values(":closed", closed)
                .expression_attribute_values(":unread", unread)
                .expression_attribute_values(":missing", missing);
        }
        if let Some(packages) = look.seen.as_ref().and_then(|seen| seen.bid_packages.as_ref()) {
            set.push("bid_packages = :packages");
            update =
                update.expression_attribute_values(":packages", value(serde_dynamo::to_attribute_value(packages))?);
        }
        match &look.problem {
            Some(problem) => {
                set.push("problem = :problem");
                update = update.expression_attribute_values(":problem", text(problem));
            }
            None => remove.push("problem"),
        }
        let mut condition = "attribute_exists(pk)";
        if let Some(run) = run {
            set.push("listed_in = :run");
            condition = "attribute_exists(pk) AND (attribute_not_exists(listed_in) OR listed_in <> :run)";
            update = update.expression_attribute_values(":run", text(run.to_string()));
        }
        let clause = |word: &str, parts: &[&str]| match parts {
            [] => String::new(),
            parts => format!("{word} {} ", parts.join(", ")),
        };
        update
            .update_expression(format!("{}{}", clause("SET", &set), clause("REMOVE", &remove)))
            .condition_expression(condition)
            .build()
            .map_err(TableError::new)
    }

    /// Records how Gusset hears of changes in a project, as was found out at a time.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn project_told(
        &self,
        account: AccountId,
        project: ProjectId,
        told: &Told,
        now: Timestamp,
    ) -> Result<(), TableError> {
        let told = serde_dynamo::to_attribute_value(told).map_err(|error| TableError(error.to_string()))?;
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&estimator_pk(account), &sk(project))))
            .update_expression("SET told = :told, told_checked_at = :now")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":told", told)
            .expression_attribute_values(":now", text(now.to_string()));
        held(update.send().await).map(drop)
    }

    /// Sets when a project's bids are due by hand, or leaves it to Procore again. False where the account has no such
    /// project.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn set_bid_due(
        &self,
        account: AccountId,
        project: ProjectId,
        due: Option<Timestamp>,
    ) -> Result<bool, TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&estimator_pk(account), &sk(project))))
            .condition_expression("attribute_exists(pk)");
        let update = match due {
            Some(due) => update
                .update_expression("SET bid_due_at = :due")
                .expression_attribute_values(":due", text(due.to_string())),
            None => update.update_expression("REMOVE bid_due_at"),
        };
        Ok(held(update.send().await)?.is_some())
    }
}
