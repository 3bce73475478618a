//! Plans. A plan's record is written whole, under the condition that nobody has changed it since it was read; a file that
//! has been fetched is written into it alone. What a run counts stands in one transaction with what is counted.

use aws_sdk_dynamodb::types::{Put, ReturnValue, TransactWriteItem, Update};
use gusset_domain::{
    ids::{AccountId, ProjectId, RunId},
    plans::{Copy, OwnChange, Plan, PlanId, job::Source},
};

use super::{
    CONFLICTS, Table, TableError, Written, conditions::held, key, number, read, record, refused_at, runs::Counts, text,
};

/// The most plans of one transaction: DynamoDB takes 100 writes, and one is the run's.
const MOST_PLANS: usize = 90;

/// The most bytes of plans in one transaction, well below the 4 MB that DynamoDB takes.
const MOST_BYTES: usize = 2_000_000;

fn pk(account: AccountId, project: ProjectId) -> String {
    format!("PLANS#{account}#{project}")
}

fn sk(plan: PlanId) -> String {
    format!("{}#{}", plan.kind.as_str(), plan.entity)
}

/// A plan as it is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The plan, with the version that it had when it was read; zero where it is new.
    pub plan: Plan,
    /// By how much its files grow that its run counts.
    pub found: i64,
}

/// What became of plans that were to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlansWritten {
    /// All are.
    All,
    /// Some are not: somebody changed one meanwhile. Look again.
    LookAgain,
    /// Some are not: the run that looks is not the account's latest any more, and counts nothing. Look again, for no run.
    RunIsOver,
}

impl Table {
    /// A project's plans in an account. One query, a megabyte a page.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn plans(&self, account: AccountId, project: ProjectId) -> Result<Vec<Plan>, TableError> {
        let found = self.all(&pk(account, project), None).await?;
        found.into_iter().map(read).collect()
    }

    /// One plan. One read.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn plan(&self, account: AccountId, plan: PlanId) -> Result<Option<Plan>, TableError> {
        self.get(&pk(account, plan.project), &sk(plan)).await
    }

    /// Writes plans, ninety in a transaction, and counts their files in the runs that they name, as far as these are the
    /// account's latest. `run` is the run that looks.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer: some are written then, and a further look finds which.
    pub async fn write_plans(
        &self,
        account: AccountId,
        writes: &[Write],
        run: Option<RunId>,
    ) -> Result<PlansWritten, TableError> {
        let mut result = PlansWritten::All;
        for some in in_transactions(writes) {
            match self.write_some(account, some, run).await? {
                PlansWritten::All => {}
                PlansWritten::LookAgain => result = PlansWritten::LookAgain,
                PlansWritten::RunIsOver => return Ok(PlansWritten::RunIsOver),
            }
        }
        Ok(result)
    }

    async fn write_some(
        &self,
        account: AccountId,
        some: &[Write],
        run: Option<RunId>,
    ) -> Result<PlansWritten, TableError> {
        let puts: Vec<_> = some
            .iter()
            .map(|write| self.put(account, &write.plan))
            .collect::<Result<_, _>>()?;
        let mut all = puts.clone();
        let found = some.iter().map(|write| write.found).sum();
        if let Some(counting) = counting(some).filter(|_| found != 0) {
            let counts = Counts {
                found,
                ..Counts::default()
            };
            all.push(self.counted(account, counting, counts)?);
        }
        let counted = all.len() > puts.len();
        let Written::Refused(reasons) = self.transact(all).await? else {
            return Ok(PlansWritten::All);
        };
        if !counted || (0..puts.len()).any(|place| refused_at(&reasons, place)) {
            return Ok(PlansWritten::LookAgain);
        }
        // The plans could be written, and the run that counts their files is not the latest any more.
        if run.is_some() {
            return Ok(PlansWritten::RunIsOver);
        }
        // Nobody looks at its counts any more: the plans are right all the same.
        match self.transact(puts).await? {
            Written::All => Ok(PlansWritten::All),
            Written::Refused(_) => Ok(PlansWritten::LookAgain),
        }
    }

    fn put(&self, account: AccountId, plan: &Plan) -> Result<TransactWriteItem, TableError> {
        let next = Plan {
            version: plan.version + 1,
            ..plan.clone()
        };
        let put = Put::builder().table_name(&self.name).set_item(Some(record(
            &pk(account, plan.id.project),
            &sk(plan.id),
            &next,
        )?));
        let put = if plan.version == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("version = :version")
                .expression_attribute_values(":version", number(plan.version))
        };
        let put = put.build().map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Records what became of a revision's file, if it is waited for still as `source` describes it, and counts it in the run that
    /// counts the plan. False where it is not: somebody else has fetched it, or it has changed in Procore meanwhile.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn file_done(
        &self,
        account: AccountId,
        plan: &Plan,
        source: &Source,
        copy: &Copy,
    ) -> Result<bool, TableError> {
        let mut plan = plan.clone();
        for _ in 0..CONFLICTS {
            if self.file_done_in(account, &plan, source, copy).await? {
                return Ok(true);
            }
            // Either it is done, or another run counts the plan by now.
            match self.plan(account, plan.id).await? {
                Some(fresh) if fresh.waits_for(source) => plan = fresh,
                _ => return Ok(false),
            }
        }
        Err(TableError("a plan changes too fast".to_owned()))
    }

    async fn file_done_in(
        &self,
        account: AccountId,
        plan: &Plan,
        source: &Source,
        copy: &Copy,
    ) -> Result<bool, TableError> {
        let update = self.file(account, plan, source, copy)?;
        let Some(run) = plan.run else {
            return Ok(matches!(self.transact(vec![update]).await?, Written::All));
        };
        let name = plan.name();
        let counts = match copy {
            Copy::Stored(stored) => Counts {
                copied: 1,
                bytes: stored.file.size,
                now: Some(&name),
                ..Counts::default()
            },
            _ => Counts {
                failed: 1,
                ..Counts::default()
            },
        };
        let counted = self.counted(account, run, counts)?;
        match self.transact(vec![update.clone(), counted]).await? {
            Written::All => Ok(true),
            Written::Refused(reasons) if refused_at(&reasons, 0) => Ok(false),
            // Another run has taken that one's place, and finds the file in its place when it looks.
            Written::Refused(_) => Ok(matches!(self.transact(vec![update]).await?, Written::All)),
        }
    }

    /// The condition names the run as well: whoever counts a plan's waiting files anew must be the one to count this.
    fn file(
        &self,
        account: AccountId,
        plan: &Plan,
        source: &Source,
        copy: &Copy,
    ) -> Result<TransactWriteItem, TableError> {
        let value = |value: serde_dynamo::Result<_>| value.map_err(|error| TableError(error.to_string()));
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(&pk(account, plan.id.project), &sk(plan.id))))
            .update_expression("SET revisions.#revision.#copy = :copy ADD version :one")
            .condition_expression(
                "revisions.#revision.#copy.#state = :waiting AND revisions.#revision.#copy.#stamp = :stamp AND #run = :run",
            )
            .expression_attribute_names("#revision", source.revision.to_string())
            .expression_attribute_names("#copy", "copy")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#stamp", "stamp")
            .expression_attribute_names("#run", "run")
            .expression_attribute_values(":copy", value(serde_dynamo::to_attribute_value(copy))?)
            .expression_attribute_values(":waiting", text("waiting"))
            .expression_attribute_values(":stamp", text(&source.stamp))
            .expression_attribute_values(":run", value(serde_dynamo::to_attribute_value(plan.run))?)
            .expression_attribute_values(":one", number(1))
            .build()
            .map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Keeps what an account writes to a plan itself, and gives the plan as it is then. What is not written to stays, whatever
    /// others do to the plan at the same time. None where there is no such plan.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn write_to_plan(
        &self,
        account: AccountId,
        plan: PlanId,
        written: &OwnChange,
    ) -> Result<Option<Plan>, TableError> {
        let mut update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&pk(account, plan.project), &sk(plan))))
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew);
        let (mut set, mut remove) = (Vec::new(), Vec::new());
        for (name, value) in [("label", &written.label), ("note", &written.note)] {
            match value {
                Some(Some(value)) => {
                    set.push(format!("own.{name} = :{name}"));
                    update = update.expression_attribute_values(format!(":{name}"), text(value));
                }
                Some(None) => remove.push(format!("own.{name}")),
                None => {}
            }
        }
        let clause = |word: &str, parts: &[String]| match parts {
            [] => String::new(),
            parts => format!("{word} {} ", parts.join(", ")),
        };
        let expression = format!("{}{}ADD version :one", clause("SET", &set), clause("REMOVE", &remove));
        let updated = held(update.update_expression(expression).send().await)?.and_then(|updated| updated.attributes);
        updated.map(read).transpose()
    }
}

/// The run in which plans' files are counted. Of those in one transaction there is one.
fn counting(some: &[Write]) -> Option<RunId> {
    some.iter()
        .find(|write| write.found != 0)
        .and_then(|write| write.plan.run)
}

/// Plans in groups that fit into one transaction, which changes the counts of one run.
fn in_transactions(writes: &[Write]) -> Vec<&[Write]> {
    let mut groups = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (place, write) in writes.iter().enumerate() {
        // JSON is a little longer than what DynamoDB counts.
        let size = serde_json::to_vec(&write.plan).map_or(MOST_BYTES, |text| text.len());
        let of_another =
            write.found != 0 && counting(&writes[start..place]).is_some_and(|run| write.plan.run != Some(run));
        if place > start && (place - start == MOST_PLANS || bytes + size > MOST_BYTES || of_another) {
            groups.push(&writes[start..place]);
            (start, bytes) = (place, 0);
        }
        bytes += size;
    }
    if start < writes.len() {
        groups.push(&writes[start..]);
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use gusset_domain::plans::{Details, Own, PlanKind, Revision, RevisionId, Stored, StoredFile};

    use super::*;

    fn plan(entity: u64, title: &str) -> Plan {
        let stored = Stored {
            file: StoredFile {
                sha256: "0".repeat(64),
                size: u64::from(u32::MAX) + 1,
                content_type: "application/pdf".to_owned(),
            },
            thumbnail: None,
            stamp: "2026-05-18T00:00:00Z".to_owned(),
        };
        let revision = Revision {
            number: "2".to_owned(),
            set: Some("Addendum 1".to_owned()),
            issued: Some(jiff::civil::date(2026, 5, 18)),
            received: None,
            file_name: "A-101.pdf".to_owned(),
            copy: Copy::Waiting {
                stamp: "2026-06-01T00:00:00Z".to_owned(),
                kept: Some(stored),
            },
        };
        Plan {
            id: PlanId {
                project: ProjectId::new(20001).unwrap(),
                kind: PlanKind::Drawing,
                entity,
            },
            details: Details {
                number: "A-101".to_owned(),
                title: title.to_owned(),
                place: vec!["Tower".to_owned()],
                discipline: Some("Structural".to_owned()),
                obsolete: false,
                current: Some(RevisionId(600_100)),
            },
            revisions: BTreeMap::from([(RevisionId(600_100), revision)]),
            gone_since: None,
            seen_at: None,
            run: Some(RunId(uuid::Uuid::nil())),
            own: Own::default(),
            version: 3,
        }
    }

    #[test]
    fn a_plan_comes_back_from_the_table_as_it_was() {
        let plan = plan(7, "Level 1");
        assert_eq!(read::<Plan>(record("pk", "sk", &plan).unwrap()).unwrap(), plan);
    }

    #[test]
    fn every_plan_is_in_one_transaction_and_none_is_too_large() {
        let write = |plan| Write { plan, found: 1 };
        let mut writes: Vec<_> = (0..200).map(|entity| write(plan(entity, "small"))).collect();
        writes.push(write(plan(200, &"x".repeat(1_900_000))));
        writes.push(write(plan(201, &"x".repeat(1_900_000))));
        let sizes: Vec<_> = in_transactions(&writes).into_iter().map(<[Write]>::len).collect();
        assert_eq!(sizes, [90, 90, 21, 1]);
        assert!(in_transactions(&[]).is_empty());
    }

    #[test]
    fn one_transaction_changes_the_counts_of_one_run() {
        let of = |run, found| Write {
            plan: Plan {
                run: Some(RunId(uuid::Uuid::from_u128(run))),
                ..plan(7, "Level 1")
            },
            found,
        };
        // What changes no count goes with any.
        let writes = [of(3, 0), of(1, 1), of(2, 0), of(1, -1), of(2, 2), of(1, 0)];
        let groups = in_transactions(&writes);
        let runs: Vec<_> = groups
            .iter()
            .map(|some| (some.len(), counting(some).map(|run| run.0.as_u128())))
            .collect();
        assert_eq!(runs, [(4, Some(1)), (2, Some(2))]);
    }
}
