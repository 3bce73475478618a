//! The log of a project's deliveries, as the API, the pages and what is done to many at once look through it.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use gusset_domain::{
    activity::{Counts, Query, Row, StatusName},
    connection::Connection,
    ids::{Pair, ProjectId},
    send::Tool,
};

use crate::table::{Table, TableError, deliveries::Range};

/// The most rows that are looked through for one answer: three megabytes, and a few queries.
pub const MAX_READ: usize = 10_000;

/// What of a project's deliveries was read, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether there are older ones, which were not read.
    pub is_cut: bool,
}

/// A page of what fits a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows, in the query's order.
    pub rows: Vec<Row>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// How many rows of what was read fit the rest of the query, by status.
    pub by_status: Counts<StatusName>,
    /// The same, by tool.
    pub by_tool: Counts<Tool>,
    /// Whether there are older ones, which were not looked through.
    pub is_cut: bool,
}

/// The other projects that a project's connections lead to, live or ended, as pairs with it.
#[must_use]
pub fn pairs(connections: &[Connection]) -> BTreeSet<Pair> {
    connections.iter().map(Connection::pair).collect()
}

/// Reads what was delivered between pairs of projects: side by side, `most` rows at most.
///
/// # Errors
/// [`TableError`], when the table does not answer.
pub async fn read(table: &Table, pairs: &BTreeSet<Pair>, range: &Range, most: usize) -> Result<Log, TableError> {
    let read = try_join_all(pairs.iter().map(|pair| table.log(*pair, range, most))).await?;
    Ok(merged(read, most))
}

/// Logs as one. Where one of them is cut, nothing is told of what is older than its last row: there may be more in between.
fn merged(logs: Vec<(Vec<Row>, bool)>, most: usize) -> Log {
    let ends = logs
        .iter()
        .filter(|(_, is_cut)| *is_cut)
        .filter_map(|(rows, _)| rows.last());
    let oldest = ends.map(Row::place).max();
    let is_cut = oldest.is_some();
    let mut rows: Vec<Row> = logs.into_iter().flat_map(|(rows, _)| rows).collect();
    if let Some(oldest) = oldest {
        rows.retain(|row| row.place() >= oldest);
    }
    rows.sort_by_cached_key(|row| std::cmp::Reverse(row.place()));
    let is_cut = is_cut || rows.len() > most;
    rows.truncate(most);
    Log { rows, is_cut }
}

/// A page of what fits, as seen from a project. `behind`: the place of the last row of the page before. Where the first page
/// `is_counted`, or where some are left out, all of the log is looked through, [`MAX_READ`] rows at most; else what the page
/// shows.
///
/// # Errors
/// [`TableError`], when the table does not answer.
pub async fn page(
    table: &Table,
    pairs: &BTreeSet<Pair>,
    seen_from: ProjectId,
    query: &Query,
    behind: Option<&str>,
    limit: usize,
    is_counted: bool,
) -> Result<Page, TableError> {
    let is_stored_order = query.is_in_stored_order();
    let most = if is_stored_order && query.is_only_a_time() && (behind.is_some() || !is_counted) {
        limit
    } else {
        MAX_READ
    };
    let range = Range {
        behind: behind.filter(|_| is_stored_order).map(str::to_owned),
        ..Range::from(query)
    };
    let log = read(table, pairs, &range, most).await?;
    Ok(page_of(&log, seen_from, query, behind, limit))
}

/// A page of what fits in a log that was read.
#[must_use]
pub fn page_of(log: &Log, seen_from: ProjectId, query: &Query, behind: Option<&str>, limit: usize) -> Page {
    let found = query.select(&log.rows, seen_from);
    let from = behind.map_or(0, |place| query.behind(&found, &log.rows, place));
    let rows: Vec<Row> = found
        .rows
        .iter()
        .skip(from)
        .take(limit)
        .map(|row| (*row).clone())
        .collect();
    let next = if from + rows.len() < found.rows.len() {
        rows.last().map(Row::place)
    } else {
        // In the order in which it is stored it goes on behind what was looked through.
        let goes_on = log.is_cut && query.is_in_stored_order();
        log.rows.last().filter(|_| goes_on).map(Row::place)
    };
    Page {
        rows,
        next,
        by_status: found.by_status,
        by_tool: found.by_tool,
        is_cut: log.is_cut,
    }
}

#[cfg(test)]
mod tests {
    use gusset_domain::{
        connection::Side,
        delivery::{Delivery, Job},
        ids::{ConnectionId, ItemId},
        send::Tool,
    };
    use jiff::Timestamp;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn project(id: u64) -> ProjectId {
        ProjectId::new(id).unwrap()
    }

    fn row(other: u64, number: u64, second: i64) -> Row {
        let job = Job {
            connection: ConnectionId(Uuid::nil()),
            to: Side::Recipient,
            tool: Tool::Rfis,
            source: project(1),
            target: project(other),
            item: ItemId::new(number).unwrap(),
            repeat: 0,
            by_hand: false,
            may_be_private: false,
        };
        Row::of(&Delivery::new(job, Timestamp::from_second(second).unwrap()))
    }

    /// A log as the table gives it: `most` rows behind a place, and whether there are more.
    fn stored(rows: &[Row], behind: Option<&str>, most: usize) -> (Vec<Row>, bool) {
        let mut rows: Vec<Row> = rows.to_vec();
        rows.sort_by_key(|row| std::cmp::Reverse(row.place()));
        rows.retain(|row| behind.is_none_or(|behind| row.place().as_str() < behind));
        let more = rows.len() > most;
        rows.truncate(most);
        (rows, more)
    }

    proptest! {
        /// However many rows two logs have, at whatever times, page by page each is shown once and the newest first.
        #[test]
        fn pages_of_merged_logs_show_each_row_once(
            times in proptest::collection::vec((2_u64..4, 0_i64..30), 0..60), limit in 1_usize..8,
        ) {
            let all: Vec<Row> = (1..).zip(&times).map(|(number, (other, second))| row(*other, number, *second)).collect();
            let logs: Vec<Vec<Row>> = [2, 3]
                .map(|other| all.iter().filter(|row| row.target == project(other)).cloned().collect())
                .into();
            let (mut seen, mut behind) = (Vec::new(), None::<String>);
            loop {
                let read = logs.iter().map(|log| stored(log, behind.as_deref(), limit)).collect();
                let page = page_of(&merged(read, limit), project(1), &Query::default(), None, limit);
                seen.extend(page.rows.iter().map(Row::place));
                match page.next {
                    Some(next) => behind = Some(next),
                    None => break,
                }
            }
            let mut wanted: Vec<String> = all.iter().map(Row::place).collect();
            wanted.sort_by(|one, other| other.cmp(one));
            prop_assert_eq!(seen, wanted);
        }
    }
}
