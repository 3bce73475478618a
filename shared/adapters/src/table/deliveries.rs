//! Deliveries: claims, outcomes, and the record by which a copy is known as one.
//!
//! What one copy costs: a claim (one transaction) and a commit (one transaction).

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use gusset_domain::{
    activity::{Query, Row},
    connection::Connection,
    delivery::{Claim, Delivery, Job, Lease, Order, Origin, Progress, Status, Stays, Waiting},
    ids::{ItemId, Pair, ProjectId},
    marker::Reference,
    people::Project,
    send::Tool,
    sweep,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ExtraWrites, Record, Table, TableError, Written, key, number, read, record, refused_at, text};

#[derive(Serialize, Deserialize)]
struct DeliveryRecord {
    #[serde(flatten)]
    delivery: Delivery,
    /// What of its work is done already: for workers only.
    #[serde(default, skip_serializing_if = "Progress::is_empty")]
    progress: Box<Progress>,
    /// Raised by each write, so that a decision is written only over what it was made on.
    version: u64,
    /// Once anybody may see it: its place in the log of the two projects' deliveries, and what the log has of it.
    #[serde(flatten)]
    logged: Option<Logged>,
}

/// What the index `log` has of a delivery.
#[derive(Serialize, Deserialize)]
struct Logged {
    log_pk: String,
    list_sk: String,
    row: Row,
}

#[derive(Serialize, Deserialize)]
struct CopyRecord {
    reference: Reference,
    /// Where it comes from: the item that was first sent, and each copy of it that a person passed on, up to its source.
    came_from: Vec<Origin>,
}

/// A delivery as it was read or written, to be written over.
#[derive(Debug, Clone)]
pub struct Known {
    /// The delivery.
    pub delivery: Delivery,
    version: u64,
}

/// Who is told, by mail, that a delivery waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// The side on which somebody can do something about it.
    WhoCanHelp,
    /// Nobody: it waited before.
    Nobody,
}

/// What came of a worker's wish to have a delivery.
#[derive(Debug)]
pub enum Claimed {
    /// It is the worker's. `look_first`: an earlier attempt may have made the copy already.
    Yes {
        /// The delivery, as it was written with the worker's lease.
        known: Box<Known>,
        /// Whether to look for the copy before creating one.
        look_first: bool,
    },
    /// The item is itself a copy that arrived over a connection: it does not travel on.
    IsCopy,
    /// It is settled: there is nothing to do.
    Settled,
    /// It is another worker's, or its time has not come.
    WaitUntil(Timestamp),
}

/// A part of a log: by when deliveries were first heard of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Range {
    /// Those from then on.
    pub since: Option<Timestamp>,
    /// Those before then.
    pub until: Option<Timestamp>,
    /// Those behind this [place](Delivery::place).
    pub behind: Option<String>,
}

impl From<&Query> for Range {
    /// The time that a query asks for.
    fn from(query: &Query) -> Self {
        Self {
            since: query.since,
            until: query.until,
            behind: None,
        }
    }
}

impl Range {
    /// The keys between which it lies, the last of them left out.
    fn keys(&self) -> (String, String) {
        let at = |at: Timestamp| format!("{:013}", at.as_millisecond().max(0));
        let first = self.since.map_or_else(|| "0".to_owned(), at);
        let ends = [self.until.map(at), self.behind.clone()].into_iter().flatten().min();
        let last = ends.unwrap_or_else(|| "9999999999999.~".to_owned());
        // DynamoDB takes no range that ends before it begins.
        (first.clone().min(last.clone()), last)
    }
}

/// Times a claim is tried again that another worker got in before.
const TRIES: u32 = 5;

/// The wait of a worker that lost every try.
const BEATEN: Duration = Duration::from_secs(2);

pub(super) fn pk(pair: Pair) -> String {
    format!("DELIVERIES#{pair}")
}

fn sk(reference: &Reference) -> String {
    format!("DELIVERY#{reference}")
}

/// What the names of the records about waiting deliveries begin with.
pub(super) const WAITS: &str = "WAITS#";

/// What the names of the records of copies begin with.
const COPY: &str = "COPY#";

fn waits_sk(reference: &Reference) -> String {
    format!("{WAITS}{reference}")
}

fn copy_key(project: ProjectId, tool: Tool, item: ItemId) -> (String, String) {
    (format!("PROJECT#{project}"), format!("{COPY}{tool}#{item}"))
}

/// Which item a record of a copy is about.
fn copied(record: &Record) -> Option<(Tool, ItemId)> {
    let sk = record.get("sk")?.as_s().ok()?;
    let (tool, item) = sk.strip_prefix(COPY)?.split_once('#')?;
    Some((tool.parse().ok()?, item.parse().ok()?))
}

fn known(record: Record) -> Result<Known, TableError> {
    read::<DeliveryRecord>(record).map(Known::from)
}

impl From<DeliveryRecord> for Known {
    fn from(record: DeliveryRecord) -> Self {
        Self {
            delivery: Delivery {
                progress: record.progress,
                ..record.delivery
            },
            version: record.version,
        }
    }
}

impl Table {
    /// Claims a delivery for a worker. One transaction where the item is new, as nearly all are.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer. The claim may have been written all the same: it then runs out
    /// with its lease, and is taken over.
    pub async fn claim(&self, order: &Order, lease: Lease, now: Timestamp) -> Result<Claimed, TableError> {
        let job = &order.job;
        let mut present: Option<Known> = None;
        for _ in 0..TRIES {
            let decided = Delivery::claim(present.as_ref().map(|known| &known.delivery), order, lease, now);
            let (delivery, look_first) = match decided {
                Claim::Leave => return Ok(Claimed::Settled),
                Claim::WaitUntil(until) => return Ok(Claimed::WaitUntil(until)),
                Claim::Take(delivery) => (delivery, false),
                Claim::TakeOver(delivery) => (delivery, true),
            };
            let version = present.as_ref().map_or(0, |known| known.version) + 1;
            let put = self.put_delivery(&delivery, version, present.as_ref().map(|known| known.version))?;
            // A person may send a copy on; by itself it goes nowhere.
            let writes = if job.by_hand {
                vec![put]
            } else {
                vec![put, self.is_no_copy(job)?]
            };
            match self.transact(writes).await? {
                Written::All => {
                    return Ok(Claimed::Yes {
                        known: Box::new(Known { delivery, version }),
                        look_first,
                    });
                }
                Written::Refused(reasons) if refused_at(&reasons, 1) => return Ok(Claimed::IsCopy),
                Written::Refused(reasons) => {
                    present = reasons
                        .into_iter()
                        .next()
                        .and_then(|reason| reason.item)
                        .map(known)
                        .transpose()?;
                }
            }
        }
        // Several workers are at it, and this one lost each time: it comes back when they are through.
        Ok(Claimed::WaitUntil(now.saturating_add(BEATEN).unwrap_or(now)))
    }

    /// Records that the copy is there, and that it is a copy. False where the claim has been lost in the meantime, or it has been
    /// recorded as another's copy. `also` is written with it, or not at all.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer. Written or not, the next attempt finds the copy by its marker.
    pub async fn commit(
        &self,
        claimed: &Known,
        delivered: &Delivery,
        source: &Project,
        copy: ItemId,
        also: ExtraWrites,
    ) -> Result<bool, TableError> {
        let job = &delivered.job;
        let (copy_pk, copy_sk) = copy_key(job.target, job.tool, copy);
        let of = CopyRecord {
            reference: delivered.reference.clone(),
            came_from: delivered.passed_on(source),
        };
        let is_copy = Put::builder()
            .table_name(&self.name)
            .set_item(Some(record(&copy_pk, &copy_sk, &of)?))
            // What is one item's copy never becomes another's.
            .condition_expression("attribute_not_exists(pk) OR #reference = :reference")
            .expression_attribute_names("#reference", "reference")
            .expression_attribute_values(":reference", text(delivered.reference.as_str()))
            .build();
        let mut writes = vec![
            self.put_delivery(delivered, claimed.version + 1, Some(claimed.version))?,
            TransactWriteItem::builder()
                .put(is_copy.map_err(TableError::new)?)
                .build(),
        ];
        writes.extend(self.waits_no_more(delivered)?);
        writes.extend(also.0);
        Ok(matches!(self.transact(writes).await?, Written::All))
    }

    /// Records what has become of a claimed delivery that was not delivered, and, where it failed, that somebody has to be
    /// told. False where the claim has been lost.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn settle(&self, claimed: &Known, outcome: &Delivery) -> Result<bool, TableError> {
        let mut writes = vec![self.put_delivery(outcome, claimed.version + 1, Some(claimed.version))?];
        if matches!(outcome.status, Status::Failed { .. } | Status::Cancelled { .. }) {
            writes.extend(self.waits_no_more(outcome)?);
        }
        writes.extend(self.stopped(outcome)?);
        Ok(matches!(self.transact(writes).await?, Written::All))
    }

    /// Records that a delivery waits for somebody, and that they have to be told, while the connection is still as it was
    /// read. False where either has changed: the reason to wait may be gone.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn hold(
        &self,
        claimed: &Known,
        held: &Delivery,
        connection: &Connection,
        telling: Telling,
    ) -> Result<bool, TableError> {
        let project = connection.party(held.job.to).project.id;
        let unchanged = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(key(
                &format!("PROJECT#{project}"),
                &format!("CONNECTION#LIVE#{}", connection.id),
            )))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", number(connection.version))
            .build()
            .map_err(TableError::new)?;
        let mut writes = vec![
            self.put_delivery(held, claimed.version + 1, Some(claimed.version))?,
            TransactWriteItem::builder().condition_check(unchanged).build(),
        ];
        writes.extend(self.listed_as_waiting(held)?);
        if telling == Telling::WhoCanHelp {
            writes.extend(self.stopped(held)?);
        }
        Ok(matches!(self.transact(writes).await?, Written::All))
    }

    /// Records a delivery that somebody wants made: a new one, or over what was known of it. False where that has changed
    /// in the meantime.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn queue(&self, known: Option<&Known>, queued: &Delivery) -> Result<bool, TableError> {
        let over = known.map(|known| known.version);
        let mut writes = vec![self.put_delivery(queued, over.unwrap_or_default() + 1, over)?];
        writes.extend(self.listed_as_waiting(queued)?);
        Ok(matches!(self.transact(writes).await?, Written::All))
    }

    /// Where an item came from, the first project first. Nothing, where it is no copy of ours.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn came_from(&self, project: ProjectId, tool: Tool, item: ItemId) -> Result<Vec<Origin>, TableError> {
        let (pk, sk) = copy_key(project, tool, item);
        let found: Option<CopyRecord> = self.get(&pk, &sk).await?;
        Ok(found.map(|copy| copy.came_from).unwrap_or_default())
    }

    /// Whether an item of a project is on record as the copy of another delivery's item.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn is_anothers_copy(&self, delivery: &Delivery, copy: ItemId) -> Result<bool, TableError> {
        let (pk, sk) = copy_key(delivery.job.target, delivery.job.tool, copy);
        let found: Option<CopyRecord> = self.get(&pk, &sk).await?;
        Ok(found.is_some_and(|found| found.reference != delivery.reference))
    }

    /// Records what becomes of the delivery of an item that stays where it is: what nobody ever saw is forgotten, what somebody
    /// may have seen is cancelled, with the reason.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn leave(&self, claimed: &Known, stays: Stays) -> Result<(), TableError> {
        match stays {
            Stays::Seen(cancelled) => self.settle(claimed, &cancelled).await.map(drop),
            Stays::Unseen => self.forget(claimed).await,
        }
    }

    async fn forget(&self, claimed: &Known) -> Result<(), TableError> {
        let delivery = &claimed.delivery;
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(key(&pk(delivery.job.pair()), &sk(&delivery.reference))))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", number(claimed.version))
            .build()
            .map_err(TableError::new)?;
        self.transact(vec![TransactWriteItem::builder().delete(delete).build()])
            .await
            .map(drop)
    }

    /// The deliveries between two projects that wait: for somebody on either side, or for a worker who should have been told.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn waiting(&self, pair: Pair) -> Result<Vec<Waiting>, TableError> {
        Ok(self.all_waiting(pair).await?.deliveries)
    }

    /// One delivery.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn delivery(&self, pair: Pair, reference: &Reference) -> Result<Option<Known>, TableError> {
        self.get::<DeliveryRecord>(&pk(pair), &sk(reference))
            .await
            .map(|found| found.map(Known::from))
    }

    /// What is known of the deliveries of some jobs, and of which of their items are copies. A request for each hundred
    /// records, none for no jobs. Eventually consistent.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn heard_of(&self, jobs: &[Job]) -> Result<sweep::Known, TableError> {
        let copies: BTreeMap<_, _> = jobs
            .iter()
            .map(|job| (copy_key(job.source, job.tool, job.item), (job.tool, job.item)))
            .collect();
        let deliveries: BTreeSet<_> = jobs.iter().map(|job| (pk(job.pair()), sk(&job.reference()))).collect();
        let keys = deliveries.iter().chain(copies.keys());
        let keys = keys.map(|(pk, sk)| key(pk, sk)).collect();
        let mut heard_of = sweep::Known::default();
        for found in self.batch(keys).await? {
            let word = |name: &str| found.get(name).and_then(|value| value.as_s().ok()).cloned();
            let place = (word("pk").unwrap_or_default(), word("sk").unwrap_or_default());
            if let Some(copy) = copies.get(&place) {
                heard_of.copies.insert(*copy);
            } else {
                let delivery = known(found)?.delivery;
                heard_of.deliveries.insert(delivery.reference.clone(), delivery);
            }
        }
        Ok(heard_of)
    }

    /// The log of the deliveries between two projects, the newest first: `most` rows of a range at most, and whether there are
    /// more. A query for each megabyte, which is some 3,000 rows. Eventually consistent.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn log(&self, pair: Pair, range: &Range, most: usize) -> Result<(Vec<Row>, bool), TableError> {
        let (mut rows, mut from) = (Vec::new(), None);
        let (first, last) = range.keys();
        loop {
            // One more than is wanted says whether there are more.
            let limit = (most + 1).saturating_sub(rows.len()).min(i32::MAX as usize);
            let query = self.client.query().table_name(&self.name).index_name("log");
            let query = query
                .scan_index_forward(false)
                .limit(i32::try_from(limit).unwrap_or(i32::MAX))
                .key_condition_expression("log_pk = :pk AND list_sk BETWEEN :first AND :last")
                .expression_attribute_values(":pk", text(pk(pair)))
                .expression_attribute_values(":first", text(&first))
                .expression_attribute_values(":last", text(&last));
            let page = query
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(TableError::new)?;
            for record in page.items.unwrap_or_default() {
                let logged: Logged = read(record)?;
                // A range ends before its last key.
                if logged.list_sk != last {
                    rows.push(logged.row);
                }
            }
            let more = rows.len() > most;
            rows.truncate(most);
            from = page.last_evaluated_key;
            if more || from.is_none() || rows.len() == most {
                return Ok((rows, more || from.is_some()));
            }
        }
    }

    /// Some deliveries of a log, whole and in its order. A request for each hundred. What was forgotten meanwhile is left out.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn logged(&self, rows: &[&Row]) -> Result<Vec<Delivery>, TableError> {
        let keys = rows.iter().map(|row| key(&pk(row.pair()), &sk(&row.reference)));
        let mut found = HashMap::new();
        for record in self.batch(keys.collect()).await? {
            let delivery = known(record)?.delivery;
            found.insert(delivery.reference.clone(), delivery);
        }
        Ok(rows.iter().filter_map(|row| found.remove(&row.reference)).collect())
    }

    /// The copies that arrived in a project, and where each came from. A query for each megabyte, which is some 3,000 of them.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn copies_in(&self, project: ProjectId) -> Result<HashMap<(Tool, ItemId), Vec<Origin>>, TableError> {
        let pk = format!("PROJECT#{project}");
        let mut copies = HashMap::new();
        for found in self.all(&pk, Some(COPY)).await? {
            let of = copied(&found);
            let copy: CopyRecord = read(found)?;
            copies.extend(of.map(|of| (of, copy.came_from)));
        }
        Ok(copies)
    }

    /// The condition that an item is not one that we created ourselves.
    fn is_no_copy(&self, job: &Job) -> Result<TransactWriteItem, TableError> {
        let (copy_pk, copy_sk) = copy_key(job.source, job.tool, job.item);
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(key(&copy_pk, &copy_sk)))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Puts a delivery on the list of those that wait, if it belongs there.
    fn listed_as_waiting(&self, delivery: &Delivery) -> Result<Option<TransactWriteItem>, TableError> {
        if !delivery.is_listed_as_waiting {
            return Ok(None);
        }
        let waiting = Waiting {
            job: delivery.job.clone(),
            waits_for: match delivery.status {
                Status::Held { waits_for, .. } => Some(waits_for),
                _ => None,
            },
            day: delivery.day,
            since: delivery.history.last().map_or(delivery.created_at, |entry| entry.at),
        };
        let listed = record(&pk(delivery.job.pair()), &waits_sk(&delivery.reference), &waiting)?;
        let put = Put::builder().table_name(&self.name).set_item(Some(listed));
        let put = put.build().map_err(TableError::new)?;
        Ok(Some(TransactWriteItem::builder().put(put).build()))
    }

    /// Takes a delivery off the list of those that wait, if it ever was on it.
    fn waits_no_more(&self, delivery: &Delivery) -> Result<Option<TransactWriteItem>, TableError> {
        if !delivery.is_listed_as_waiting {
            return Ok(None);
        }
        let listed = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(key(&pk(delivery.job.pair()), &waits_sk(&delivery.reference))))
            .build()
            .map_err(TableError::new)?;
        Ok(Some(TransactWriteItem::builder().delete(listed).build()))
    }

    /// Writes a delivery: new, or over the version `over`.
    fn put_delivery(
        &self,
        delivery: &Delivery,
        version: u64,
        over: Option<u64>,
    ) -> Result<TransactWriteItem, TableError> {
        let pk = pk(delivery.job.pair());
        let stored = DeliveryRecord {
            delivery: delivery.clone(),
            progress: delivery.progress.clone(),
            version,
            logged: delivery.is_seen().then(|| Logged {
                log_pk: pk.clone(),
                list_sk: delivery.place(),
                row: Row::of(delivery),
            }),
        };
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(record(&pk, &sk(&delivery.reference), &stored)?))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match over {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(version) => put
                .condition_expression("version = :version")
                .expression_attribute_values(":version", number(version)),
        };
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(TableError::new)?)
            .build())
    }
}

#[cfg(test)]
mod tests {
    use gusset_domain::connection::Side;
    use gusset_domain::delivery::Status;
    use gusset_domain::delivery::progress::Fault;
    use gusset_domain::delivery::{Because, WaitsFor};
    use gusset_domain::ids::ConnectionId;
    use gusset_domain::items::attachment::{Attachment, AttachmentKey, SkipReason, UploadId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_delivery_comes_back_from_the_table_as_it_was() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let job = Job {
            connection: ConnectionId(Uuid::nil()),
            to: Side::Recipient,
            tool: Tool::Rfis,
            source: ProjectId::new(30001).unwrap(),
            target: ProjectId::new(20001).unwrap(),
            item: ItemId::new(501).unwrap(),
            repeat: 0,
            by_hand: false,
            may_be_private: false,
        };
        for status in [
            Status::Queued,
            Status::Copying {
                lease: Lease {
                    id: Uuid::nil(),
                    until: at(9),
                },
            },
            Status::Delivered {
                copy: ItemId::new(9).unwrap(),
            },
            Status::Held {
                reason: "x".to_owned(),
                waits_for: WaitsFor::AccessToSource,
            },
            Status::Retrying {
                reason: "x".to_owned(),
                not_before: at(7),
            },
            Status::Failed { reason: "x".to_owned() },
            Status::Cancelled {
                reason: "x".to_owned(),
                because: Because::Private,
            },
        ] {
            let mut delivery = Delivery {
                status,
                ..Delivery::picked(job.clone(), Vec::new(), "what", at(1))
            };
            let attachment = Attachment {
                name: "a.pdf".to_owned(),
                address: None,
                is_picture: false,
            };
            for (number, key) in AttachmentKey::of(&vec![attachment; 3]).into_iter().enumerate() {
                match number {
                    0 => delivery.progress.across(key, UploadId::new("u".to_owned()), at(2)),
                    1 => delivery.progress.stays_behind(key, SkipReason::TooLarge { largest: 5 }),
                    _ => drop(delivery.progress.failed(key, Fault::Silence, "away", 0, at(2))),
                }
            }
            delivery.progress.list_goes_on();
            delivery.progress.look_goes_on(at(3));
            assert!(
                !serde_json::to_string(&delivery).unwrap().contains("progress"),
                "nobody is shown it"
            );
            let stored = DeliveryRecord {
                delivery: delivery.clone(),
                progress: delivery.progress.clone(),
                version: 3,
                logged: Some(Logged {
                    log_pk: "l".to_owned(),
                    list_sk: "s".to_owned(),
                    row: Row::of(&delivery),
                }),
            };
            let stored = record("pk", "sk", &stored).unwrap();
            let logged: Logged = read(stored.clone()).unwrap();
            assert_eq!(logged.row, Row::of(&delivery));
            let back = known(stored).unwrap();
            assert_eq!((back.delivery, back.version), (delivery, 3));
        }
    }
}
