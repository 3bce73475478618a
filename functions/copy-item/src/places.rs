//! The other project's places, read when an item names one, and remembered for a while, so that an item rarely costs a
//! call more.

use std::{collections::HashMap, time::Duration};

use gusset_adapters::procore::{Procore, ProcoreError};
use gusset_domain::{
    ids::{LocationId, ProjectId, SpecificationSectionId},
    items::{
        Item,
        place::{self, Location, SpecificationSection},
    },
    people::Project,
};
use tokio::{sync::Mutex, time::Instant};

use crate::ready::Hindrance;

/// How long a list is remembered. A place that is made meanwhile is kept as text until then.
const REMEMBERED: Duration = Duration::from_secs(15 * 60);

/// Lists remembered at once. A project's locations may be thousands.
const MOST_LISTS: usize = 50;

/// The lists that this worker has read.
#[derive(Default)]
pub(crate) struct Places {
    locations: Mutex<Lists<Location>>,
    sections: Mutex<Lists<SpecificationSection>>,
}

type Lists<T> = HashMap<ProjectId, (Instant, Vec<T>)>;

impl Places {
    /// The other project's own location and specification section, where it has those that an item names. With
    /// `last_try`, a list that cannot be read counts as empty.
    pub(crate) async fn of(
        &self,
        item: &Item,
        procore: &Procore,
        target: &Project,
        last_try: bool,
    ) -> Result<(Option<LocationId>, Option<SpecificationSectionId>), Hindrance> {
        let (company, project) = (target.company_id, target.id);
        let location = match item.location() {
            None => None,
            Some(path) => {
                let mut lists = self.locations.lock().await;
                // Dies here: nothing has happened.
                let read = procore.locations(company, project);
                let known = remembered(&mut lists, project, read, last_try).await?;
                place::location(path, known)
            }
        };
        let section = match item.specification_section() {
            None => None,
            Some(number) => {
                let mut lists = self.sections.lock().await;
                // Dies here: nothing has happened.
                let read = procore.specification_sections(company, project);
                let known = remembered(&mut lists, project, read, last_try).await?;
                place::specification_section(number, known)
            }
        };
        Ok((location, section))
    }
}

async fn remembered<T>(
    lists: &mut Lists<T>,
    project: ProjectId,
    read: impl Future<Output = Result<Vec<T>, ProcoreError>>,
    last_try: bool,
) -> Result<&[T], Hindrance> {
    lists.retain(|_, (read_at, _)| read_at.elapsed() < REMEMBERED);
    if !lists.contains_key(&project) {
        let list = match read.await {
            Ok(list) => list,
            // Gusset may copy into the project without being let into the tool that keeps its places.
            Err(ProcoreError::Forbidden(_) | ProcoreError::NotFound) => Vec::new(),
            Err(error @ (ProcoreError::Wait(_) | ProcoreError::Unauthorized)) => return Err(Hindrance::Procore(error)),
            Err(error) if last_try => {
                tracing::warn!(%error, "a list of places is given up for now");
                return Ok(&[]);
            }
            Err(error) => return Err(Hindrance::Passing(error)),
        };
        if lists.len() >= MOST_LISTS {
            lists.clear();
        }
        lists.insert(project, (Instant::now(), list));
    }
    Ok(lists.get(&project).map(|(_, list)| list.as_slice()).unwrap_or_default())
}
