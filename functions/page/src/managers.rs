//! Who may be chosen for RFIs that arrive, as it was asked of Procore a moment ago: pages that show the list are opened one
//! after another, or follow what happens, and Procore's limit is the company's own.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gusset_adapters::{
    http::Problem,
    sessions::{Admin, Busy},
};
use gusset_domain::{
    ids::{ProjectId, UserId},
    names::shown,
    people::Person,
};
use gusset_words::say;
use maud::{Markup, html};

use crate::project::Form;

/// How long a list counts: as long as that somebody is an admin.
const KEPT: Duration = Duration::from_secs(60);

/// The most lists that are kept.
const MAX: usize = 100;

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
        let key = key(admin);
        let kept = self.kept().get(&key).filter(|(at, _)| at.elapsed() < KEPT).cloned();
        if let Some((_, managers)) = kept {
            return Ok(managers);
        }
        let (project, _) = admin.seen().await?;
        let managers = admin.who.potential_rfi_managers(&project).await?;
        let mut kept = self.kept();
        if kept.len() >= MAX {
            kept.clear();
        }
        kept.insert(key, (Instant::now(), managers.clone()));
        Ok(managers)
    }

    /// The people that an admin may choose; while Procore is `busy`, those that it named last. None, where it named nobody yet.
    ///
    /// # Errors
    /// As [`Self::of`], for what is not that Procore does not answer.
    pub(crate) async fn known(
        &self,
        admin: &Admin<'_>,
        busy: &mut Option<Busy>,
    ) -> Result<Option<Vec<Person>>, Problem> {
        if busy.is_none() {
            match self.of(admin).await {
                Ok(people) => return Ok(Some(people)),
                Err(problem) => *busy = Some(Busy::of(&problem, None).ok_or(problem)?),
            }
        }
        let last = self.kept().get(&key(admin)).map(|(_, people)| people.clone());
        Ok(last)
    }

    fn kept(&self) -> MutexGuard<'_, Lists> {
        // A list is whole or not there: one that a panic left behind is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(admin: &Admin<'_>) -> (ProjectId, UserId) {
    (admin.project, admin.who.person().id)
}

/// The form by which somebody is chosen for RFIs that wait: with that they go on by themselves. `id`: of the field. `beside`:
/// what else can be done about them.
pub(crate) fn choosing(form: &Form<'_>, id: &str, count: u64, managers: &[Person], beside: &Markup) -> Markup {
    form.with(&html! {
        div.bar {
            label for=(id) { (say!("manager")) }
            select id=(id) name="rfi_manager_id" required {
                option value="" { (say!("manager-choose")) }
                @for person in managers { option value=(person.id) { (shown(&person.name)) } }
            }
            button type="submit" { (say!("manager-save", count = count)) }
            (beside)
        }
    })
}
