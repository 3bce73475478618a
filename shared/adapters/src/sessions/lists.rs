//! Lists of a project's items as a person sees them, as Procore gave them a moment ago: whoever pages through them, or searches
//! them, asks for the same list again, and Procore's limit is the company's own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gusset_domain::{
    ids::{ProjectId, UserId},
    items::Item,
    offered::{Reach, Stretch, Walk},
    people::Project,
    send::Tool,
};
use jiff::Timestamp;

use super::SignedIn;
use crate::http::Problem;

/// How long a list counts: as long as that somebody is an admin.
const KEPT: Duration = Duration::from_secs(60);

/// The most items that are kept, in all lists together.
const MAX: usize = 20_000;

/// Whose list it is, of what.
type Key = (UserId, ProjectId, Tool, Stretch);

/// Lists, and when Procore gave them.
type Lists = HashMap<Key, (Instant, Arc<[Item]>)>;

/// Lists that Procore gave.
#[derive(Default)]
pub struct ItemLists(Mutex<Lists>);

/// Whether what is new has to be in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// The list that has what is new is read anew.
    Now,
    /// One of the last minute is as good.
    AMinute,
}

impl ItemLists {
    fn find(&self, key: &Key) -> Option<Arc<[Item]>> {
        let all = self.all();
        let (_, items) = all.get(key).filter(|(at, _)| at.elapsed() < KEPT)?;
        Some(Arc::clone(items))
    }

    fn keep(&self, key: Key, items: &Arc<[Item]>) {
        let mut all = self.all();
        all.retain(|_, (at, _)| at.elapsed() < KEPT);
        let kept: usize = all.values().map(|(_, items)| items.len()).sum();
        if kept + items.len() > MAX {
            all.clear();
        }
        all.insert(key, (Instant::now(), Arc::clone(items)));
    }

    fn all(&self) -> MutexGuard<'_, Lists> {
        // A list is whole or not there: one that a panic left behind is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SignedIn<'_> {
    /// A tool's items, as the person sees them. Where Procore asks to wait on the way, the lists that were read are kept for
    /// whoever asks again soon.
    ///
    /// # Errors
    /// As [`Self::heard`].
    pub async fn items(
        &self,
        lists: &ItemLists,
        project: &Project,
        tool: Tool,
        reach: Reach,
        freshness: Freshness,
    ) -> Result<Vec<Item>, Problem> {
        let mut walk = Walk::new(tool, reach, Timestamp::now());
        let mut has_new = freshness == Freshness::Now;
        let (mut items, mut found) = (Vec::new(), 0);
        while let Some(stretch) = walk.next(found) {
            let key = (self.person().id, project.id, tool, stretch);
            let kept = if has_new { None } else { lists.find(&key) };
            let list = match kept {
                Some(kept) => kept,
                None => {
                    let authority = self.authority().await?;
                    let asked = self.sessions.procore.items_in(authority, project, tool, stretch);
                    let list: Arc<[Item]> = self.heard(asked.await).await?.into();
                    lists.keep(key, &list);
                    list
                }
            };
            has_new = false;
            found = list.len();
            items.extend_from_slice(&list);
        }
        Ok(items)
    }
}
