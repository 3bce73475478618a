//! Backfills: the latest of each direction between two projects, and the items that it has.
//!
//! How one stands lies among what waits between the two projects, so that the sweep and a resumed connection see it without a
//! request of their own.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use gusset_domain::{
    backfill::{Backfill, MAX_ITEMS, Pick},
    connection::{Connection, Side},
    delivery::Waiting,
    ids::{Pair, ProjectId},
};
use serde::{Deserialize, Serialize};

use super::{
    Record, Table, TableError, Written,
    deliveries::{WAITS, pk},
    number, read, record,
};

/// What follows [`WAITS`] in the name of a backfill's record: no reference begins with it.
const MARK: char = '~';

/// Items whose ids are kept in one record. All of a backfill's are written in one transaction, with how it stands.
const IDS_IN_A_RECORD: usize = 100;

/// The most records that DynamoDB writes in one transaction.
const MAX_WRITES: usize = 100;

const _: () = assert!(MAX_ITEMS.div_ceil(IDS_IN_A_RECORD) < MAX_WRITES);

/// How long after its start a backfill's list of items is kept, in seconds: 90 days.
const LIST_KEPT: i64 = 90 * 24 * 60 * 60;

#[derive(Serialize, Deserialize)]
struct BackfillRecord {
    #[serde(flatten)]
    backfill: Backfill,
    /// Whether it has ended, so that another may take its place.
    is_over: bool,
    /// Raised by each write.
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct Chunk {
    items: Vec<Pick>,
    expires_at: i64,
}

/// A backfill as it was read, to be written over.
#[derive(Debug, Clone)]
pub struct KnownBackfill {
    /// The backfill.
    pub backfill: Backfill,
    version: u64,
}

/// What waits between two projects.
#[derive(Debug, Clone, Default)]
pub struct AllWaiting {
    /// Deliveries.
    pub deliveries: Vec<Waiting>,
    /// The latest backfill of each direction.
    pub backfills: Vec<Backfill>,
}

fn sk(source: ProjectId) -> String {
    format!("{WAITS}{MARK}{source}")
}

fn chunk_sk(backfill: &Backfill, chunk: usize) -> String {
    format!("BACKFILL#{}#{}#{chunk:03}", backfill.source, backfill.id)
}

impl Table {
    /// Records a new backfill and its items, all or nothing. False where another of the same direction has not ended.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer. Written or not, asking again says so.
    pub async fn start_backfill(&self, backfill: &Backfill, items: &[Pick]) -> Result<bool, TableError> {
        let pk = pk(backfill.pair());
        let state = Put::builder()
            .table_name(&self.name)
            .set_item(Some(stored(backfill, 1)?))
            .condition_expression("attribute_not_exists(pk) OR is_over = :yes")
            .expression_attribute_values(":yes", aws_sdk_dynamodb::types::AttributeValue::Bool(true))
            .build()
            .map_err(TableError::new)?;
        let mut writes = vec![TransactWriteItem::builder().put(state).build()];
        for (place, items) in items.chunks(IDS_IN_A_RECORD).enumerate() {
            let chunk = Chunk {
                items: items.to_vec(),
                expires_at: backfill.started_at.as_second() + LIST_KEPT,
            };
            let put = Put::builder()
                .table_name(&self.name)
                .set_item(Some(record(&pk, &chunk_sk(backfill, place), &chunk)?))
                .build()
                .map_err(TableError::new)?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        Ok(matches!(self.transact(writes).await?, Written::All))
    }

    /// The latest backfill of what a project sends to the other, if there ever was one.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn backfill(&self, pair: Pair, source: ProjectId) -> Result<Option<KnownBackfill>, TableError> {
        let found: Option<BackfillRecord> = self.get(&pk(pair), &sk(source)).await?;
        Ok(found.map(|found| KnownBackfill {
            backfill: found.backfill,
            version: found.version,
        }))
    }

    /// The latest backfill of what a side of a connection sends over it.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn backfill_of(&self, connection: &Connection, side: Side) -> Result<Option<KnownBackfill>, TableError> {
        let known = self
            .backfill(connection.pair(), connection.party(side).project.id)
            .await?;
        Ok(known.filter(|known| known.backfill.connection == connection.id))
    }

    /// Those of a backfill's items that are next, `most` at most. One request, and a second one where they lie in two records.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer, or the list is not kept any more.
    pub async fn next_of_backfill(&self, backfill: &Backfill, most: usize) -> Result<Vec<Pick>, TableError> {
        let (mut next, last) = (backfill.next as usize, backfill.total as usize);
        let end = last.min(next + most);
        let mut items = Vec::new();
        while next < end {
            let (place, within) = (next / IDS_IN_A_RECORD, next % IDS_IN_A_RECORD);
            let chunk: Option<Chunk> = self.get(&pk(backfill.pair()), &chunk_sk(backfill, place)).await?;
            let chunk = chunk.ok_or_else(|| TableError("the items of a backfill are not kept any more".to_owned()))?;
            let of_chunk = chunk.items.iter().skip(within).take(end - next);
            let before = items.len();
            items.extend(of_chunk.copied());
            if items.len() == before {
                return Err(TableError("a backfill has fewer items than it says".to_owned()));
            }
            next += items.len() - before;
        }
        Ok(items)
    }

    /// Writes how a backfill stands over what was read of it. False where that has changed in the meantime.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn save_backfill(&self, known: &KnownBackfill, now: &Backfill) -> Result<bool, TableError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(stored(now, known.version + 1)?))
            .condition_expression("version = :version AND id = :id")
            .expression_attribute_values(":version", number(known.version))
            .expression_attribute_values(":id", super::text(known.backfill.id.to_string()))
            .build()
            .map_err(TableError::new)?;
        let written = self.transact(vec![TransactWriteItem::builder().put(put).build()]);
        Ok(matches!(written.await?, Written::All))
    }

    /// What waits between two projects, backfills included: as many requests as for the deliveries alone.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn all_waiting(&self, pair: Pair) -> Result<AllWaiting, TableError> {
        let mut all = AllWaiting::default();
        for found in self.all(&pk(pair), Some(WAITS)).await? {
            if is_backfill(&found) {
                let found: BackfillRecord = read(found)?;
                all.backfills.push(found.backfill);
            } else {
                all.deliveries.push(read(found)?);
            }
        }
        Ok(all)
    }
}

fn is_backfill(found: &Record) -> bool {
    let sk = found.get("sk").and_then(|sk| sk.as_s().ok());
    sk.and_then(|sk| sk.strip_prefix(WAITS))
        .is_some_and(|rest| rest.starts_with(MARK))
}

fn stored(backfill: &Backfill, version: u64) -> Result<Record, TableError> {
    let stored = BackfillRecord {
        backfill: backfill.clone(),
        is_over: backfill.is_over(),
        version,
    };
    record(&pk(backfill.pair()), &sk(backfill.source), &stored)
}
