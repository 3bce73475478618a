//! What this process has heard of companies' limits, and of the app's, from the headers of Procore's answers.
//!
//! It is not shared with other workers: each learns by one refused call, which Procore does not count, and a shared record
//! would cost two more requests to the table with every item. What workers share is the line of those who have to wait.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use gusset_domain::{
    backfill::UNDER_WAY,
    ids::CompanyId,
    pacing::{AppPace, Limits, Pace, Share, Turns},
};
use jiff::Timestamp;

/// The pace of the app, and of each company that was asked.
#[derive(Default)]
pub(super) struct Paces(Mutex<All>);

#[derive(Default)]
struct All {
    app: AppPace,
    companies: HashMap<CompanyId, Pace>,
}

impl Paces {
    /// What an answer said.
    pub(super) fn heard(&self, company: CompanyId, said: Limits, now: Timestamp) {
        let mut all = self.all();
        all.app.heard(company, said, now);
        all.companies.entry(company).or_default().heard(said, now);
    }

    /// Procore asked to be left alone.
    pub(super) fn close(&self, company: CompanyId, wait: Duration, now: Timestamp) {
        self.all().companies.entry(company).or_default().close(wait, now);
    }

    /// How long a call with this share of each window has to leave a company alone still. While the app is closed, so is each company.
    pub(super) fn rest_of(&self, company: CompanyId, share: Share, now: Timestamp) -> Option<Duration> {
        let mut all = self.all();
        let pace = all.companies.get(&company).copied().unwrap_or_default();
        // The app is asked last: whoever it lets through is to make a call.
        pace.rest_of(share, now).or_else(|| {
            let rest = all.app.rest(now)?;
            all.companies.entry(company).or_default().close(rest, now);
            Some(rest)
        })
    }

    /// Half of the calls that are left in a company's window, where that is known.
    pub(super) fn half_of_rest(&self, company: CompanyId, now: Timestamp) -> Option<u64> {
        self.all().companies.get(&company)?.half_of_rest(now)
    }

    /// How long an item of a backfill has to wait for a company, if it has to.
    pub(super) fn rest_of_backfill(&self, company: CompanyId, now: Timestamp) -> Option<Duration> {
        self.all()
            .companies
            .get(&company)?
            .rest_of_backfill(UNDER_WAY as u64, now)
    }

    /// The turns of those who come to a company now, if they have to wait for one.
    pub(super) fn turns(&self, company: CompanyId, had_turn: bool, now: Timestamp) -> Option<Turns> {
        self.all().companies.get(&company)?.turns(had_turn, now)
    }

    /// Turns with a company are given until then.
    pub(super) fn line_ends(&self, company: CompanyId, at: Timestamp) {
        self.all().companies.entry(company).or_default().line_ends(at);
    }

    fn all(&self) -> MutexGuard<'_, All> {
        // A pace is a few numbers: one that a panic left behind is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use serde_json::json;

    use super::*;
    use crate::procore::{Authority, ProcoreError, at_sandbox::Place};

    /// Asks about each of five companies, of which the first may be asked four times. Returns how many calls were made then.
    async fn calls_for_the_others(per: &str) -> u64 {
        let place = Place::new().await;
        let mut companies = Vec::new();
        for number in 1..=5 {
            let new = json!({"name": format!("Company {number}"), "projects": [{"name": "Depot"}]});
            let made = place.side(Method::POST, "companies", new).await;
            companies.push(CompanyId::new(made["id"].as_u64().unwrap()).unwrap());
        }
        let limits = json!({"per": per, "spike": 4, "hour": 1000});
        place.side(Method::PUT, "limits", limits).await;
        let ask = async |company| place.procore.me_in(Authority::ServiceAccount, company).await;
        for _ in 0..4 {
            ask(companies[0]).await.unwrap();
        }
        let before = place.procore.calls();
        for company in &companies {
            let asked = ask(*company).await;
            let waits = matches!(asked, Err(ProcoreError::Wait(wait)) if wait <= Duration::from_secs(11));
            assert_eq!(waits, per == "app" || company == &companies[0], "{asked:?}");
        }
        place.procore.calls() - before
    }

    #[tokio::test]
    async fn one_companys_limit_stops_no_other() {
        assert_eq!(calls_for_the_others("company").await, 4);
    }

    #[tokio::test]
    async fn where_the_limit_is_the_apps_few_calls_are_refused() {
        assert_eq!(calls_for_the_others("app").await, 2);
    }
}
