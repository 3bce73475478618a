//! What this process has heard of companies' limits, from the headers of Procore's answers.
//!
//! It is not shared with other workers: each learns by one refused call, which Procore does not count, and a shared record
//! would cost two more requests to the table with every item.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use gusset_domain::{
    ids::CompanyId,
    pacing::{Limits, Pace},
};
use jiff::Timestamp;

/// The pace of each company that was asked.
#[derive(Default)]
pub(super) struct Paces(Mutex<HashMap<CompanyId, Pace>>);

impl Paces {
    /// What an answer said.
    pub(super) fn heard(&self, company: CompanyId, said: Limits, now: Timestamp) {
        self.all().entry(company).or_default().heard(said, now);
    }

    /// Procore asked to be left alone.
    pub(super) fn close(&self, company: CompanyId, wait: Duration, now: Timestamp) {
        self.all().entry(company).or_default().close(wait, now);
    }

    /// How long a company is to be left alone still.
    pub(super) fn rest(&self, company: CompanyId, now: Timestamp) -> Option<Duration> {
        self.all().get(&company)?.rest(now)
    }

    /// How long background work is to leave a company alone still.
    pub(super) fn rest_in_background(&self, company: CompanyId, now: Timestamp) -> Option<Duration> {
        self.all().get(&company)?.rest_in_background(now)
    }

    /// How long an item waits for its turn with both companies.
    pub(super) fn turn(&self, companies: [CompanyId; 2], now: Timestamp) -> Option<Duration> {
        let mut all = self.all();
        let turns = companies.map(|company| all.get_mut(&company).and_then(|pace| pace.turn(1, now)));
        turns.into_iter().flatten().max()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<CompanyId, Pace>> {
        // A pace is a few numbers: one that a panic left behind is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
