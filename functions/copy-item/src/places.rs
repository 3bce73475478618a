//! The other project's places, read when an item names one, and remembered for a while, so that an item rarely costs a
//! call more.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use gusset_adapters::{
    procore::{Calls, Checkpoint, Procore, ProcoreError, Work},
    storage::{CheckpointKey, PlaceKind, Storage},
};
use gusset_domain::{
    delivery::Progress,
    ids::{LocationId, ProjectId, SpecificationSectionId},
    items::{
        Item,
        place::{self, Location, SpecificationSection},
    },
    people::Project,
};
use jiff::Timestamp;

use crate::ready::PrepareError;

/// How long a list is remembered. A place that is made meanwhile is kept as text until then.
const REMEMBERED: Duration = Duration::from_secs(15 * 60);

/// Lists remembered at once. A project's locations may be thousands.
const MAX_LISTS: usize = 50;

/// The lists that this worker has read.
#[derive(Default)]
pub(crate) struct Places {
    locations: Lists<Location>,
    sections: Lists<SpecificationSection>,
}

/// Lists by project. Who wants one that another item is reading waits for it, and nobody else does.
struct Lists<T>(Mutex<HashMap<ProjectId, Arc<Slot<T>>>>);

/// A list, and when it began to be read.
type Slot<T> = tokio::sync::Mutex<Option<(Timestamp, Arc<[T]>)>>;

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Lists<T> {
    fn of(&self, project: ProjectId) -> Arc<Slot<T>> {
        // What a panic left behind is as good as any: entries are whole.
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_LISTS && !all.contains_key(&project) {
            all.clear();
        }
        Arc::clone(all.entry(project).or_default())
    }
}

/// What an item's places are in the other project.
#[derive(Default)]
pub(crate) struct Found {
    /// Its own location of that name.
    pub(crate) location: Option<LocationId>,
    /// Its own section of that number.
    pub(crate) section: Option<SpecificationSectionId>,
    /// Whether a list was done without.
    pub(crate) lists_unread: bool,
}

/// Whose places are looked for, and by which means.
pub(crate) struct Looking<'a> {
    pub(crate) procore: &'a Procore,
    pub(crate) storage: &'a Storage,
    pub(crate) target: &'a Project,
    /// The item's calls.
    pub(crate) calls: &'a Calls,
}

impl Places {
    /// Finds the other project's own location and specification section, where it has those that an item names. A list that
    /// takes too long is done without.
    pub(crate) async fn of(
        &self,
        item: &Item,
        looking: &Looking<'_>,
        progress: &mut Progress,
    ) -> Result<Found, PrepareError> {
        let (procore, company, project) = (looking.procore, looking.target.company_id, looking.target.id);
        let mut found = Found::default();
        if let Some(path) = item.location() {
            let read = async |work: Work<'_>| procore.locations(work, company, project).await;
            // Dies here: nothing has happened but that pages may be kept, for whoever comes next.
            match looking
                .list(&self.locations, PlaceKind::Locations, progress, read)
                .await?
            {
                Some(list) => found.location = place::location(path, &list),
                None => found.lists_unread = true,
            }
        }
        if let Some(number) = item.specification_section() {
            let read = async |work: Work<'_>| procore.specification_sections(work, company, project).await;
            // Dies here: as above.
            match looking
                .list(&self.sections, PlaceKind::Sections, progress, read)
                .await?
            {
                Some(list) => found.section = place::specification_section(number, &list),
                None => found.lists_unread = true,
            }
        }
        Ok(found)
    }
}

impl Looking<'_> {
    /// The other project's list of a kind, remembered or read. None, where it takes too long.
    async fn list<T>(
        &self,
        lists: &Lists<T>,
        kind: PlaceKind,
        progress: &mut Progress,
        read: impl AsyncFnOnce(Work<'_>) -> Result<Vec<T>, ProcoreError>,
    ) -> Result<Option<Arc<[T]>>, PrepareError> {
        let slot = lists.of(self.target.id);
        let mut slot = slot.lock().await;
        let now = Timestamp::now();
        if let Some((_, list)) = slot.as_ref().filter(|(began, _)| is_fresh(*began, now)) {
            return Ok(Some(Arc::clone(list)));
        }
        let key = || CheckpointKey::of_places(self.target.id, kind);
        let mut listing = Checkpoint::resume(self.storage, key(), now).await;
        if !is_fresh(listing.answers().began(), now) {
            listing = Checkpoint::begin(self.storage, key(), now);
        }
        let work = Work {
            calls: self.calls,
            answers: Some(listing.answers()),
        };
        let read = read(work).await;
        let has_read = listing.has_read();
        // One page is read as quickly as it would be resumed.
        if has_read && (read.is_err() || listing.answers().count() > 1) {
            listing.save().await;
        }
        let list: Arc<[T]> = match read {
            Ok(list) => list.into(),
            // Gusset may copy into the project without being let into the tool that keeps its places.
            Err(ProcoreError::Forbidden(_) | ProcoreError::NotFound) => Arc::from([]),
            // Nothing was read: it is the company's limit that is met, not the list that is long.
            Err(error @ (ProcoreError::Wait(_) | ProcoreError::Unauthorized | ProcoreError::App(_))) if !has_read => {
                return Err(PrepareError::Procore(error));
            }
            Err(error) if !progress.list_goes_on() => {
                tracing::warn!(project = %self.target.id, %error, "a list of places is done without");
                return Ok(None);
            }
            Err(error @ (ProcoreError::Wait(_) | ProcoreError::Unauthorized | ProcoreError::App(_))) => {
                return Err(PrepareError::Procore(error));
            }
            Err(error) => return Err(PrepareError::Passing(error)),
        };
        *slot = Some((listing.answers().began(), Arc::clone(&list)));
        Ok(Some(list))
    }
}

fn is_fresh(began: Timestamp, now: Timestamp) -> bool {
    began.saturating_add(REMEMBERED).is_ok_and(|ends| now < ends)
}
