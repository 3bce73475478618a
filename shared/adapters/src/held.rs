//! Sending on what waited for a person.

use std::{collections::BTreeMap, time::Duration};

use gusset_domain::{
    backfill::Backfill,
    connection::{Connection, Side},
    delivery::{Job, Waiting, WaitsFor},
    ids::{CompanyId, ProjectId},
    send::Tool,
};

use jiff::civil::Date;

use crate::{
    http::Problem,
    queue::{Copies, QueueError},
    table::{Table, TableError},
};

/// Which of the waiting deliveries between a connection's projects are sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that wait for somebody of the project on this side, who has just settled something here: chosen a manager, made
    /// an account.
    Settled(Side),
    /// Those that wait for the same in Procore as one that has just got through.
    Probed {
        /// The project in which they arrive.
        target: ProjectId,
        /// The tool they belong to.
        tool: Tool,
        /// For what.
        waits_for: WaitsFor,
        /// The day of the Site Diary, where it waits for that to be reopened.
        day: Option<Date>,
    },
    /// Those of a tool that are to leave this side, which has switched the tool off: they are to be cancelled.
    SwitchedOff(Side, Tool),
    /// RFIs that are to arrive on this side, which accepts none any more: they are to be cancelled.
    NotAccepted(Side),
    /// Those that wait for this side to resume the connection, as it has.
    Resumed(Side),
    /// All of this connection: it has ended, and they are to be cancelled.
    All,
}

/// Why not all of it was sent on. Doing it once more sends the rest.
#[derive(Debug, thiserror::Error)]
pub enum RequeueError {
    /// The table does not answer.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The queue does not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl Which {
    fn holds(self, waiting: &Waiting, connection: &Connection) -> bool {
        let job = &waiting.job;
        match self {
            Self::Settled(side) => waiting
                .waits_for
                .is_some_and(|it| it.is_settled_here() && it.project(job) == connection.party(side).project.id),
            Self::Probed {
                target,
                tool,
                waits_for,
                day,
            } => {
                let is_same_day = waits_for != WaitsFor::OpenDay || waiting.day == day;
                waiting.waits_for == Some(waits_for) && (job.target, job.tool) == (target, tool) && is_same_day
            }
            Self::SwitchedOff(side, tool) => (job.source, job.tool) == (connection.party(side).project.id, tool),
            Self::NotAccepted(side) => (job.target, job.tool) == (connection.party(side).project.id, Tool::Rfis),
            Self::Resumed(side) => waiting
                .waits_for
                .is_some_and(|it| it.is_pause() && it.project(job) == connection.party(side).project.id),
            Self::All => job.connection == connection.id,
        }
    }
}

/// Sends on what waited. A worker that gets one looks anew at what it waited for.
///
/// If the process dies before all are sent, those that are not still wait, and doing it once more sends them.
///
/// # Errors
/// [`RequeueError`], when the table or the queue does not answer.
pub async fn send_on(
    table: &Table,
    copies: &Copies,
    connection: &Connection,
    which: Which,
) -> Result<(), RequeueError> {
    let mut by_company: BTreeMap<CompanyId, Vec<Job>> = BTreeMap::new();
    let all = table.all_waiting(connection.pair()).await?;
    for waiting in all
        .deliveries
        .into_iter()
        .filter(|waiting| which.holds(waiting, connection))
    {
        let Some(sender) = connection.side_of(waiting.job.source) else {
            continue;
        };
        let company = connection.party(sender).project.company_id;
        by_company.entry(company).or_default().push(waiting.job);
    }
    for (company, jobs) in by_company {
        copies.send(company, &jobs).await?;
    }
    // What a pause held up goes on with what it had not set out.
    let resumed = |backfill: &&Backfill| matches!(which, Which::Resumed(_)) && backfill.goes_on();
    for backfill in all.backfills.iter().filter(resumed) {
        if let Some(side) = connection.side_of(backfill.source) {
            let company = connection.party(side).project.company_id;
            copies.step(company, backfill.next_step(), Duration::ZERO).await?;
        }
    }
    Ok(())
}

impl From<RequeueError> for Problem {
    fn from(error: RequeueError) -> Self {
        match error {
            RequeueError::Table(error) => error.into(),
            RequeueError::Queue(error) => error.into(),
        }
    }
}
