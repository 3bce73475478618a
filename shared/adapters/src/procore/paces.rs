//! What this process has heard of companies' limits, from the headers of Procore's answers.
//!
//! It is not shared with other workers: each learns by one refused call, which Procore does not count, and a shared record
//! would cost two more requests to the table with every item. What workers share is the line of those who have to wait.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use gusset_domain::{
    ids::CompanyId,
    pacing::{Limits, Pace, Share, Turns},
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

    /// How long a call with this share of each window has to leave a company alone still.
    pub(super) fn rest_of(&self, company: CompanyId, share: Share, now: Timestamp) -> Option<Duration> {
        self.all().get(&company)?.rest_of(share, now)
    }

    /// The turns of those who come to a company now, if they have to wait for one.
    pub(super) fn turns(&self, company: CompanyId, had_turn: bool, now: Timestamp) -> Option<Turns> {
        self.all().get(&company)?.turns(had_turn, now)
    }

    /// Turns with a company are given until then.
    pub(super) fn line_ends(&self, company: CompanyId, at: Timestamp) {
        self.all().entry(company).or_default().line_ends(at);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<CompanyId, Pace>> {
        // A pace is a few numbers: one that a panic left behind is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
