//! Who may review RFIs in a project, as Procore said it to a person within the last minute: pages that ask for it are opened
//! one after another, and Procore's limit is the company's own.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use gusset_adapters::http::Problem;
use gusset_domain::{
    ids::{ProjectId, UserId},
    people::Person,
};

use crate::project::Opened;

/// How long an answer is remembered, as long as that somebody is an admin.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The most answers that are remembered.
const MOST: usize = 500;

/// The answers, each for the person who got it.
#[derive(Default)]
pub(crate) struct Managers(Mutex<HashMap<(UserId, ProjectId), Answer>>);

struct Answer {
    at: Instant,
    managers: Vec<Person>,
}

impl Managers {
    /// Who may be the manager of an RFI in a project that somebody looks at.
    ///
    /// # Errors
    /// As [`gusset_adapters::sessions::SignedIn::potential_rfi_managers`].
    pub(crate) async fn of(&self, opened: &Opened<'_>) -> Result<Vec<Person>, Problem> {
        let who = &opened.admin.who;
        let key = (who.person().id, opened.project().id);
        if let Some(known) = self.known(key) {
            return Ok(known);
        }
        let managers = who.potential_rfi_managers(opened.project()).await?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        let answer = Answer {
            at: Instant::now(),
            managers: managers.clone(),
        };
        all.insert(key, answer);
        Ok(managers)
    }

    fn known(&self, key: (UserId, ProjectId)) -> Option<Vec<Person>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(&key).filter(|answer| answer.at.elapsed() < REMEMBERED);
        known.map(|answer| answer.managers.clone())
    }
}
