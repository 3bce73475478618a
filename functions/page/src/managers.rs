//! Who may be chosen for RFIs that arrive, as it was asked of Procore a moment ago: pages that show the list are opened one
//! after another, or follow what happens, and Procore's limit is the company's own.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gusset_adapters::{http::Problem, sessions::Admin};
use gusset_domain::{
    ids::{ProjectId, UserId},
    people::Person,
};

/// How long a list counts: as long as that somebody is an admin.
const KEPT: Duration = Duration::from_secs(60);

/// The most lists that are kept.
const MOST: usize = 100;

/// Lists by project and by who asked: each sees what Procore shows that person.
type Lists = HashMap<(ProjectId, UserId), (Instant, Vec<Person>)>;

/// The lists that were asked for.
#[derive(Default)]
pub(crate) struct Managers(Mutex<Lists>);

impl Managers {
    /// The people that an admin may choose.
    ///
    /// # Errors
    /// As [`gusset_adapters::sessions::SignedIn::potential_rfi_managers`].
    pub(crate) async fn of(&self, admin: &Admin<'_>) -> Result<Vec<Person>, Problem> {
        let key = (admin.project, admin.who.person().id);
        let kept = self.kept().get(&key).filter(|(at, _)| at.elapsed() < KEPT).cloned();
        if let Some((_, managers)) = kept {
            return Ok(managers);
        }
        let (project, _) = admin.seen().await?;
        let managers = admin.who.potential_rfi_managers(&project).await?;
        let mut kept = self.kept();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, (Instant::now(), managers.clone()));
        Ok(managers)
    }

    fn kept(&self) -> MutexGuard<'_, Lists> {
        // A list is whole or not there: one that a panic left behind is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
