//! A listing of the service account's that goes on where it stopped, whichever worker takes it up.

use jiff::Timestamp;

use super::ListingCache;
use crate::storage::{CheckpointKey, Storage};

/// A listing, and where its pages are kept while it waits. The bucket removes them after a day.
///
/// What cannot be read or saved costs calls, and nothing else: the listing then begins anew.
pub struct Checkpoint<'a> {
    storage: &'a Storage,
    key: CheckpointKey,
    answers: ListingCache,
    /// Pages that are in the bucket.
    saved: usize,
}

impl<'a> Checkpoint<'a> {
    /// A listing that begins now. Asks nobody.
    #[must_use]
    pub fn begin(storage: &'a Storage, key: CheckpointKey, now: Timestamp) -> Self {
        Self {
            storage,
            key,
            answers: ListingCache::none(now),
            saved: 0,
        }
    }

    /// A listing that was begun before, with the pages that it has read. One request to S3.
    pub async fn resume(storage: &'a Storage, key: CheckpointKey, now: Timestamp) -> Self {
        // Dies here: nothing has happened.
        let answers = match storage.checkpoint(&key).await {
            Ok(Some(pages)) => ListingCache::read(&pages, now),
            Ok(None) => ListingCache::none(now),
            Err(error) => {
                tracing::warn!(%error, "a listing begins anew: its pages cannot be read");
                ListingCache::none(now)
            }
        };
        Self {
            saved: answers.count(),
            storage,
            key,
            answers,
        }
    }

    /// What it was answered so far.
    #[must_use]
    pub fn answers(&self) -> &ListingCache {
        &self.answers
    }

    /// Whether it has read any page since it was resumed.
    #[must_use]
    pub fn has_read(&self) -> bool {
        self.answers.count() > self.saved
    }

    /// Saves its pages, if there are any that are not saved. Returns whether the listing can be resumed. At most one request to
    /// S3.
    pub async fn save(&mut self) -> bool {
        if self.has_read() {
            // Dies here: the listing goes on from where it was resumed this time.
            match self.storage.save_checkpoint(&self.key, self.answers.written()).await {
                Ok(()) => self.saved = self.answers.count(),
                Err(error) => tracing::warn!(%error, "the pages of a listing were not saved"),
            }
        }
        self.saved > 0
    }
}
