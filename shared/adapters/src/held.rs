//! Sending on what waited for a person.

use std::collections::BTreeMap;

use gusset_domain::{
    connection::{Connection, Side},
    delivery::{Job, WaitsFor},
    ids::CompanyId,
    send::Tool,
};

use crate::{
    http::Problem,
    queue::{Copies, QueueError},
    table::{Table, TableError, deliveries::Waiting},
};

/// Which of a connection's waiting deliveries are sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that wait for somebody on this side, who has just settled something here: chosen a manager, made an account.
    Settled(Side),
    /// Those that wait for the same access as one that has just got through.
    Access {
        /// The side at which they arrive.
        to: Side,
        /// The tool they belong to.
        tool: Tool,
        /// Access to what.
        waits_for: WaitsFor,
    },
    /// All: the connection has ended, and they are to be cancelled.
    All,
}

/// Why not all of it was sent on. Doing it once more sends the rest.
#[derive(Debug, thiserror::Error)]
pub enum NotSentOn {
    /// The table does not answer.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The queue does not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl Which {
    fn holds(self, waiting: &Waiting) -> bool {
        let arrives = waiting.job.to;
        match self {
            Self::Settled(side) => waiting
                .waits_for
                .is_some_and(|it| !it.is_access() && it.side(arrives) == side),
            Self::Access { to, tool, waits_for } => {
                waiting.waits_for == Some(waits_for) && (arrives, waiting.job.tool) == (to, tool)
            }
            Self::All => true,
        }
    }
}

/// Sends on what waited. A worker that gets one looks anew at what it waited for.
///
/// If the process dies before all are sent, those that are not still wait, and doing it once more sends them.
///
/// # Errors
/// [`NotSentOn`], when the table or the queue does not answer.
pub async fn send_on(table: &Table, copies: &Copies, connection: &Connection, which: Which) -> Result<(), NotSentOn> {
    let mut by_company: BTreeMap<CompanyId, Vec<Job>> = BTreeMap::new();
    let waiting = table.waiting(connection.id).await?;
    for waiting in waiting.into_iter().filter(|waiting| which.holds(waiting)) {
        let company = connection.party(waiting.job.to.other()).project.company_id;
        by_company.entry(company).or_default().push(waiting.job);
    }
    for (company, jobs) in by_company {
        copies.send(company, &jobs).await?;
    }
    Ok(())
}

impl From<NotSentOn> for Problem {
    fn from(error: NotSentOn) -> Self {
        match error {
            NotSentOn::Table(error) => error.into(),
            NotSentOn::Queue(error) => error.into(),
        }
    }
}
