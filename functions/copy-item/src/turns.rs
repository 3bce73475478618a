//! Turns of items that have to wait for Procore's limits.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use gusset_domain::{
    delivery::Job,
    ids::{CompanyId, ConnectionId, ProjectId},
    pacing::Turns,
};
use jiff::Timestamp;

use crate::copy::Copier;

/// An item that has to wait for a turn: one call to each of the two companies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThrottledItem {
    /// One has the item, the other gets it.
    pub(crate) for_companies: [CompanyId; 2],
    /// Whether it comes back from waiting: it goes before those in the line then.
    pub(crate) had_turn: bool,
}

/// Which companies connections are between. That never changes, so it is read once: what only comes to be sent away again costs
/// no read.
#[derive(Default)]
pub(crate) struct CompanyCache(Mutex<HashMap<(ConnectionId, ProjectId), [CompanyId; 2]>>);

/// The connections whose companies a worker remembers: a few hundred kilobytes.
const REMEMBERED: usize = 5_000;

impl CompanyCache {
    /// The companies of a job's connection, if they are known.
    pub(crate) fn companies(&self, job: &Job) -> Option<[CompanyId; 2]> {
        self.all().get(&(job.connection, job.source)).copied()
    }

    /// Remembers the companies of a job's connection.
    pub(crate) fn remember(&self, job: &Job, companies: [CompanyId; 2]) -> [CompanyId; 2] {
        let mut all = self.all();
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert((job.connection, job.source), companies);
        companies
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(ConnectionId, ProjectId), [CompanyId; 2]>> {
        // What a panic left behind is as good as any: entries are whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Copier {
    /// Whether an item has to wait for one of its companies.
    pub(crate) fn has_to_wait(&self, item: ThrottledItem) -> bool {
        let waits = |company| self.procore.turns(company, item.had_turn).is_some();
        item.for_companies.into_iter().any(waits)
    }

    /// Takes a turn for each of some items. Gives the time until then: nothing, where it has not to wait any more. One request to
    /// the table for each company that has to be waited for.
    pub(crate) async fn take_turns(&self, items: &[ThrottledItem]) -> Vec<Duration> {
        let mut lines = HashMap::<_, Vec<usize>>::new();
        for (place, item) in items.iter().enumerate() {
            for company in item.for_companies {
                if self.procore.turns(company, item.had_turn).is_some() {
                    lines.entry(company).or_default().push(place);
                }
            }
        }
        let turns = lines.into_iter().map(async |(company, places)| {
            let count = u32::try_from(places.len()).unwrap_or(u32::MAX);
            (self.turns_with(company, count).await, places)
        });
        let (turns, now) = (join_all(turns).await, Timestamp::now());
        let mut waits = vec![Duration::ZERO; items.len()];
        for (turns, places) in turns {
            for (before, place) in (0..).zip(places) {
                let wait = turns.map_or(Duration::ZERO, |turns| turns.wait(before, now));
                waits[place] = waits[place].max(wait);
            }
        }
        waits
    }

    /// Takes turns with a company, if it has to be waited for still.
    async fn turns_with(&self, company: CompanyId, count: u32) -> Option<Turns> {
        // Behind the line's end, as far as this worker has seen it.
        let wanted = self.procore.turns(company, false)?;
        // Dies here: see there.
        let taken = self.table.take_turns(company, wanted, count).await;
        let turns = taken.unwrap_or_else(|error| {
            // Other workers may give the same ones: what comes too early waits once more.
            tracing::warn!(%company, %error, "turns were given without regard to other workers");
            wanted
        });
        self.procore.line_ends(company, turns.after(count));
        Some(turns)
    }
}
