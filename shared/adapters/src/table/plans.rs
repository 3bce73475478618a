//! Plans: a record for each plan, and one for each of its revisions, so that none grows with what there is and a file that has
//! been fetched is written into its revision alone.
//!
//! A plan's record is written under the condition that nobody has changed it since it was read, and each of its revisions
//! likewise. What a run counts stands in one transaction with the revision that is counted ([`runs`](super::runs)).

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use gusset_domain::{
    ids::{AccountId, ProjectId},
    plans::{
        Copy, Details, Own, OwnChange, Plan, PlanId, Revision, RevisionId,
        job::Source,
        reconcile::Change,
        run::{FileState, RunFile},
    },
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    CONFLICTS, Record, Table, TableError, Written, conditions::held, key, number, read, record, refused_at, text,
};

/// The most writes of one transaction, of the 100 that DynamoDB takes.
const MAX_WRITES: usize = 96;

/// The most bytes of one transaction, well below the 4 MB that DynamoDB takes.
const MAX_BYTES: usize = 2_000_000;

fn pk(account: AccountId, project: ProjectId) -> String {
    format!("PLANS#{account}#{project}")
}

fn sk(plan: PlanId) -> String {
    format!("{}#{}", plan.kind.as_str(), plan.entity)
}

fn revision_sk(plan: PlanId, revision: RevisionId) -> String {
    format!("{}#{revision}", sk(plan))
}

/// Behind the keys of all of a plan's revisions, and before those of any other plan.
fn last_sk(plan: PlanId) -> String {
    format!("{}#~", sk(plan))
}

/// A plan's own record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    id: PlanId,
    #[serde(flatten)]
    details: Details,
    #[serde(default)]
    missing_since: Option<Timestamp>,
    #[serde(default)]
    gone_since: Option<Timestamp>,
    #[serde(default)]
    seen_at: Option<Timestamp>,
    #[serde(default)]
    own: Own,
    version: u64,
    /// Its revisions, in a record that an earlier version of Gusset wrote: see [`Table::unfold_plans`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    revisions: BTreeMap<RevisionId, Revision>,
}

impl Head {
    /// Of a plan as it is to be written next.
    fn next(plan: &Plan, version: u64) -> Self {
        Self {
            id: plan.id,
            details: plan.details.clone(),
            missing_since: plan.missing_since,
            gone_since: plan.gone_since,
            seen_at: plan.seen_at,
            own: plan.own.clone(),
            version,
            revisions: BTreeMap::new(),
        }
    }

    fn plan(self) -> Plan {
        Plan {
            id: self.id,
            details: self.details,
            revisions: self.revisions,
            missing_since: self.missing_since,
            gone_since: self.gone_since,
            seen_at: self.seen_at,
            own: self.own,
            version: self.version,
        }
    }
}

/// What became of plans that were to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlansWritten {
    /// All are.
    All,
    /// Some are not: somebody changed one meanwhile. Look again.
    LookAgain,
}

/// Plans from the records of some, in the order of their keys: each plan's own comes before those of its revisions.
fn assembled(records: Vec<Record>) -> Result<Vec<Plan>, TableError> {
    let mut plans: Vec<Plan> = Vec::new();
    for record in records {
        let sk = record
            .get("sk")
            .and_then(|sk| sk.as_s().ok())
            .cloned()
            .unwrap_or_default();
        let Some(revision) = sk.split('#').nth(2) else {
            plans.push(read::<Head>(record)?.plan());
            continue;
        };
        let id: RevisionId = revision
            .parse()
            .map_err(|_| TableError(format!("{sk} is no revision's key")))?;
        // DynamoDB sorts by bytes: the revisions of `drawing#7` come right behind it, before `drawing#70`.
        let plan = plans.last_mut().filter(|plan| sk == revision_sk(plan.id, id));
        if let Some(plan) = plan {
            plan.revisions.insert(id, read(record)?);
        }
    }
    Ok(plans)
}

/// A group of writes that go into one transaction.
#[derive(Default)]
struct Group {
    writes: Vec<TransactWriteItem>,
    bytes: usize,
}

/// Writes in groups that fit into one transaction each. What belongs together stays together.
#[derive(Default)]
struct Groups(Vec<Group>);

impl Groups {
    /// Whether so much more goes into the latest group.
    fn has_room(&self, writes: usize, bytes: usize) -> bool {
        let latest = self.0.last();
        latest.is_some_and(|group| group.writes.len() + writes <= MAX_WRITES && group.bytes + bytes <= MAX_BYTES)
    }

    fn add(&mut self, writes: Vec<TransactWriteItem>, bytes: usize) {
        if !self.has_room(writes.len(), bytes) {
            self.0.push(Group::default());
        }
        if let Some(latest) = self.0.last_mut() {
            latest.writes.extend(writes);
            latest.bytes += bytes;
        }
    }

    fn begin_another(&mut self) {
        self.0.push(Group::default());
    }
}

/// How large a value is as a record, roughly: JSON is a little longer than what DynamoDB counts.
fn size(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(MAX_BYTES, |text| text.len())
}

impl Table {
    /// A project's plans in an account, with their revisions. One query, a megabyte a page.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn plans(&self, account: AccountId, project: ProjectId) -> Result<Vec<Plan>, TableError> {
        assembled(self.all(&pk(account, project), None).await?)
    }

    /// One plan, with its revisions. One query.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn plan(&self, account: AccountId, plan: PlanId) -> Result<Option<Plan>, TableError> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(pk(account, plan.project)))
            .expression_attribute_values(":first", text(sk(plan)))
            .expression_attribute_values(":last", text(last_sk(plan)));
        let mut pages = query.into_paginator().items().send();
        let mut records = Vec::new();
        while let Some(record) = pages.next().await {
            records.push(record.map_err(TableError::new)?);
        }
        Ok(assembled(records)?.into_iter().next())
    }

    /// Gives each revision a record of its own whose plan's record holds them all still, as an earlier version of Gusset wrote
    /// it. Nothing is written where there is none.
    ///
    /// Dies in between: the plan's record holds them still, and those that have one of their own already are left as they are.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn unfold_plans(&self, account: AccountId, project: ProjectId) -> Result<(), TableError> {
        let folded = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .filter_expression("attribute_exists(revisions)")
            .expression_attribute_values(":pk", text(pk(account, project)));
        let mut pages = folded.into_paginator().items().send();
        while let Some(found) = pages.next().await {
            let head: Head = read(found.map_err(TableError::new)?)?;
            for (id, revision) in &head.revisions {
                let put = self.client.put_item().table_name(&self.name).set_item(Some(record(
                    &pk(account, project),
                    &revision_sk(head.id, *id),
                    revision,
                )?));
                held(put.condition_expression("attribute_not_exists(pk)").send().await)?;
            }
            let unfolded = self
                .client
                .update_item()
                .table_name(&self.name)
                .set_key(Some(key(&pk(account, project), &sk(head.id))))
                .update_expression("REMOVE revisions ADD version :one")
                .condition_expression("version = :version")
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":version", number(head.version));
            held(unfolded.send().await)?;
        }
        Ok(())
    }

    /// Writes what has changed of plans, in as few transactions as it takes, and how their files count in runs.
    ///
    /// Dies in between: some is written, and a further look finds the rest.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer: as when it dies in between.
    pub async fn write_plans(&self, account: AccountId, changes: &[Change]) -> Result<PlansWritten, TableError> {
        let mut result = PlansWritten::All;
        for group in self.groups(account, changes)?.0 {
            if let Written::Refused(_) = self.transact(group.writes).await? {
                // The others are written all the same: less is left for the further look.
                result = PlansWritten::LookAgain;
            }
        }
        Ok(result)
    }

    /// A plan with more revisions than fit into one transaction is in several, of which each continues the one before.
    fn groups(&self, account: AccountId, changes: &[Change]) -> Result<Groups, TableError> {
        let mut groups = Groups::default();
        for change in changes {
            let mut version = change.plan.version;
            let (mut writes, mut bytes) = self.put_head(account, &change.plan, version)?;
            for id in &change.revisions {
                let (more, size) = self.put_revision(account, change, *id)?;
                if writes.len() + more.len() > MAX_WRITES || bytes + size > MAX_BYTES {
                    groups.add(std::mem::take(&mut writes), bytes);
                    // No transaction may write the same record twice.
                    groups.begin_another();
                    version += 1;
                    (writes, bytes) = self.put_head(account, &change.plan, version)?;
                }
                writes.extend(more);
                bytes += size;
            }
            groups.add(writes, bytes);
        }
        Ok(groups)
    }

    fn put_head(
        &self,
        account: AccountId,
        plan: &Plan,
        version: u64,
    ) -> Result<(Vec<TransactWriteItem>, usize), TableError> {
        let head = Head::next(plan, version + 1);
        let put = self.put_over(account, plan, &sk(plan.id), &head, version)?;
        Ok((vec![put], size(&head)))
    }

    /// A revision's record, and how its file counts in runs.
    fn put_revision(
        &self,
        account: AccountId,
        change: &Change,
        id: RevisionId,
    ) -> Result<(Vec<TransactWriteItem>, usize), TableError> {
        let plan = &change.plan;
        let Some(revision) = plan.revisions.get(&id) else {
            return Ok((Vec::new(), 0));
        };
        let next = Revision {
            version: revision.version + 1,
            ..revision.clone()
        };
        let mut writes = vec![self.put_over(account, plan, &revision_sk(plan.id, id), &next, revision.version)?];
        for counted in change.counted.iter().filter(|counted| counted.revision == id) {
            let file = RunFile {
                state: counted.state,
                at: Timestamp::now(),
                bytes: 0,
                name: None,
            };
            writes.push(self.run_file(account, counted.run, plan.id, id, &file)?);
        }
        // A run's record of a file is smaller than this.
        let bytes = size(&next) + 300 * writes.len();
        Ok((writes, bytes))
    }

    /// A record in the place of the one with a version, or where there is none, if that is zero.
    fn put_over(
        &self,
        account: AccountId,
        plan: &Plan,
        sk: &str,
        value: &impl Serialize,
        version: u64,
    ) -> Result<TransactWriteItem, TableError> {
        let put =
            Put::builder()
                .table_name(&self.name)
                .set_item(Some(record(&pk(account, plan.id.project), sk, value)?));
        let put = if version == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("version = :version")
                .expression_attribute_values(":version", number(version))
        };
        let put = put.build().map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Records what became of a revision's file, if it is waited for still as `source` describes it, and what it counts as in the
    /// run that counts it. False where it is not: somebody else has fetched it, or it has changed in Procore meanwhile.
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
            let writes = self.file(account, &plan, source, copy)?;
            match self.transact(writes).await? {
                Written::All => return Ok(true),
                Written::Refused(reasons) if refused_at(&reasons, 0) => {}
                Written::Refused(_) => return Err(TableError("it refused what has no condition".to_owned())),
            }
            // Either it is done, or another run counts it by now.
            match self.plan(account, plan.id).await? {
                Some(fresh) if fresh.waits_for(source) => plan = fresh,
                _ => return Ok(false),
            }
        }
        Err(TableError("a plan changes too fast".to_owned()))
    }

    /// The condition names the run as well: whoever counts a waiting file anew must be the one to count this.
    fn file(
        &self,
        account: AccountId,
        plan: &Plan,
        source: &Source,
        copy: &Copy,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let value = |value: serde_dynamo::Result<_>| value.map_err(|error| TableError(error.to_string()));
        let run = plan.revisions.get(&source.revision).and_then(|revision| revision.run);
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(
                &pk(account, plan.id.project),
                &revision_sk(plan.id, source.revision),
            )))
            .update_expression("SET #copy = :copy ADD version :one")
            .condition_expression("#copy.#state = :waiting AND #copy.#stamp = :stamp AND #run = :run")
            .expression_attribute_names("#copy", "copy")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#stamp", "stamp")
            .expression_attribute_names("#run", "run")
            .expression_attribute_values(":copy", value(serde_dynamo::to_attribute_value(copy))?)
            .expression_attribute_values(":waiting", text("waiting"))
            .expression_attribute_values(":stamp", text(&source.stamp))
            .expression_attribute_values(":run", value(serde_dynamo::to_attribute_value(run))?)
            .expression_attribute_values(":one", number(1))
            .build()
            .map_err(TableError::new)?;
        let mut writes = vec![TransactWriteItem::builder().update(update).build()];
        if let Some(run) = run {
            let copied = match copy {
                Copy::Stored(stored) => Some(stored.file.size),
                _ => None,
            };
            let file = RunFile {
                state: if copied.is_some() {
                    FileState::Copied
                } else {
                    FileState::Failed
                },
                at: Timestamp::now(),
                bytes: copied.unwrap_or_default(),
                name: copied.map(|_| plan.name()),
            };
            writes.push(self.run_file(account, run, plan.id, source.revision, &file)?);
        }
        Ok(writes)
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
            .expression_attribute_values(":one", number(1));
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
        match held(update.update_expression(expression).send().await)? {
            Some(_) => self.plan(account, plan).await,
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use gusset_domain::{
        ids::RunId,
        plans::{PlanKind, Stored, StoredFile, reconcile::Counted},
    };

    use super::*;

    fn table() -> Table {
        let config = aws_sdk_dynamodb::Config::builder().behavior_version_latest().build();
        Table {
            client: aws_sdk_dynamodb::Client::from_conf(config),
            name: "gusset".to_owned(),
        }
    }

    fn account() -> AccountId {
        AccountId(uuid::Uuid::nil())
    }

    fn run() -> RunId {
        RunId(uuid::Uuid::nil())
    }

    fn revision(version: u64) -> Revision {
        let stored = Stored {
            file: StoredFile {
                sha256: "0".repeat(64),
                size: u64::from(u32::MAX) + 1,
                content_type: "application/pdf".to_owned(),
            },
            thumbnail: None,
            stamp: "2026-05-18T00:00:00Z".to_owned(),
        };
        Revision {
            number: "2".to_owned(),
            set: Some("Addendum 1".to_owned()),
            issued: Some(jiff::civil::date(2026, 5, 18)),
            received: None,
            file_name: "A-101.pdf".to_owned(),
            copy: Copy::Waiting {
                stamp: "2026-06-01T00:00:00Z".to_owned(),
                kept: Some(stored),
            },
            run: Some(run()),
            version,
        }
    }

    fn plan(entity: u64, revisions: std::ops::Range<u64>, title: &str) -> Plan {
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
            revisions: revisions.map(|id| (RevisionId(id), revision(0))).collect(),
            missing_since: None,
            gone_since: None,
            seen_at: None,
            own: Own::default(),
            version: 3,
        }
    }

    fn change(plan: Plan) -> Change {
        let revisions: Vec<RevisionId> = plan.revisions.keys().copied().collect();
        let counted = |revision: &RevisionId| Counted {
            run: run(),
            revision: *revision,
            state: FileState::Waiting,
        };
        Change {
            counted: revisions.iter().map(counted).collect(),
            revisions,
            plan,
        }
    }

    /// The keys that a transaction writes.
    fn keys(group: &Group) -> Vec<String> {
        let puts = group.writes.iter().filter_map(|write| write.put.as_ref());
        puts.map(|put| put.item["sk"].as_s().unwrap().clone()).collect()
    }

    #[test]
    fn a_plan_comes_back_from_the_table_as_it_was() {
        let seven = plan(7, 600_100..600_103, "Level 1");
        let seventy = plan(70, 9..10, "Level 2");
        let mut records = Vec::new();
        for plan in [&seven, &seventy] {
            records.push(record("pk", &sk(plan.id), &Head::next(plan, plan.version)).unwrap());
            for (id, revision) in &plan.revisions {
                records.push(record("pk", &revision_sk(plan.id, *id), revision).unwrap());
            }
        }
        let key = |record: &Record| record["sk"].as_s().unwrap().clone();
        records.sort_by_key(key);
        // One plan is asked for by the keys between these.
        let (first, last) = (sk(seven.id), last_sk(seven.id));
        let of_seven = records.iter().map(key).filter(|key| first <= *key && *key <= last);
        assert_eq!(of_seven.count(), 4);
        assert_eq!(assembled(records).unwrap(), [seven, seventy]);
    }

    #[test]
    fn a_plan_of_an_earlier_version_comes_back_with_the_revisions_in_its_record() {
        let plan = plan(7, 1..3, "Level 1");
        let head = Head {
            revisions: plan.revisions.clone(),
            ..Head::next(&plan, plan.version)
        };
        assert_eq!(
            assembled(vec![record("pk", &sk(plan.id), &head).unwrap()]).unwrap(),
            [plan]
        );
    }

    #[test]
    fn every_revision_is_in_one_transaction_and_none_is_too_large() {
        let mut changes: Vec<Change> = (0..50).map(|entity| change(plan(entity, 1..3, "small"))).collect();
        changes.push(change(plan(50, 1..2, &"x".repeat(1_900_000))));
        changes.push(change(plan(51, 1..2, &"x".repeat(1_900_000))));
        let groups = table().groups(account(), &changes).unwrap().0;
        let all: Vec<String> = groups.iter().flat_map(keys).collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        // A plan, its two revisions and how they count: five writes.
        assert_eq!(all.len(), 50 * 5 + 2 * 3);
        for group in &groups {
            assert!(
                group.writes.len() <= 100 && group.bytes < 3_000_000,
                "{}",
                group.writes.len()
            );
        }
    }

    #[test]
    fn a_document_with_2500_versions_has_no_large_record_and_follows_itself_from_transaction_to_transaction() {
        let groups = table()
            .groups(account(), &[change(plan(7, 1..2_501, "Specification"))])
            .unwrap()
            .0;
        let groups: Vec<&Group> = groups.iter().filter(|group| !group.writes.is_empty()).collect();
        let mut written = HashSet::new();
        for (number, group) in groups.iter().enumerate() {
            assert!(group.writes.len() <= 100);
            let keys = keys(group);
            assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
            let head = group.writes[0].put.as_ref().unwrap();
            let expected = &head.expression_attribute_values.as_ref().unwrap()[":version"];
            assert_eq!(expected, &super::number(3 + number));
            for put in group.writes.iter().filter_map(|write| write.put.as_ref()) {
                let text: HashMap<_, _> = put
                    .item
                    .iter()
                    .map(|(name, value)| (name, format!("{value:?}")))
                    .collect();
                let size: usize = text.values().map(String::len).sum();
                assert!(size < 2_000, "{size}");
            }
            written.extend(keys);
        }
        assert_eq!(written.len(), 1 + 2_500 * 2);
    }
}
