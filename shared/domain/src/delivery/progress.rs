//! What of an item's work is done already while its delivery waits: so the next worker goes on where this one stopped.
//!
//! It is kept in the delivery's record, and written whenever the delivery is postponed. An item that needs nothing but its two
//! calls has none, and costs nothing more.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ids::ItemId,
    items::attachment::{AttachmentKey, FilledUpload, SkipReason, UploadId},
};

/// How often a file is tried that breaks off on its way: what is wrong is the file, or how it is handed out.
pub const MAX_BREAKS: u32 = 5;

/// How often a file is tried whose storage does not answer. With the waits in between, that takes from 12 to 17 minutes:
/// storage that is away for some minutes loses no file.
pub const MAX_SILENCES: u32 = 8;

/// Visits in which a list of places was read without an end. After that the item travels without it.
pub const MAX_LIST_VISITS: u32 = 6;

/// How long an upload that no item names yet is relied on. Procore does not say when it lets go of one.
const UPLOAD_KEPT: Duration = Duration::from_secs(6 * 60 * 60);

/// How long a look for a copy may go on. One that was begun before that begins anew.
const LOOK_KEPT: Duration = Duration::from_secs(60 * 60);

/// The first wait after storage did not answer. Each further one is twice as long.
const FIRST_SILENCE: Duration = Duration::from_secs(8);

/// What is done of an item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Attachments that were tried.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<AttachmentKey, FileProgress>,
    /// Visits in which a list of places was read and did not end.
    #[serde(skip_serializing_if = "is_zero")]
    list_visits: u32,
    /// The copy that is created already, and to which its files are being added.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<ItemId>,
    /// Since when the copy that an earlier attempt may have created is looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    look: Option<Timestamp>,
}

/// What came of an attachment so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FileProgress {
    /// It is uploaded, and named by no item yet.
    Across { upload: UploadId, at: Timestamp },
    /// Its bytes are in Procore's storage, and the upload has to be completed.
    Filled { upload: FilledUpload, at: Timestamp },
    /// The copy has it.
    Added,
    /// It does not travel.
    Behind(SkipReason),
    /// It failed, and is tried again.
    Failed { tries: Tries, not_before: Timestamp },
}

/// Why a file did not get across this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It broke off on its way.
    Break,
    /// Its storage does not answer, or says that it cannot.
    Silence,
}

/// How often a file was tried in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Tries {
    breaks: u32,
    silences: u32,
}

impl Tries {
    fn count(self) -> u32 {
        self.breaks + self.silences
    }

    fn are_over(self) -> bool {
        self.breaks >= MAX_BREAKS || self.silences >= MAX_SILENCES
    }

    /// The wait before the next try: a moment after a break, and after a silence twice as long as after the one before
    /// it, less up to a quarter of it. `random` is 64 random bits.
    fn wait(self, random: u64) -> Duration {
        let Some(before) = self.silences.checked_sub(1) else {
            return Duration::from_secs(1 + u64::from(self.breaks));
        };
        let whole = FIRST_SILENCE * 2_u32.saturating_pow(before.min(MAX_SILENCES));
        let millis = u64::try_from(whole.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(millis - random % (millis / 4 + 1))
    }
}

/// What is known of an attachment before it is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It is across.
    Across(UploadId),
    /// Its bytes are in Procore's storage: its upload has to be completed.
    Filled(FilledUpload),
    /// The copy has it.
    Added,
    /// It does not travel.
    Behind(SkipReason),
    /// It failed, and is tried again from then on.
    Failed(Timestamp),
    /// It has to be carried over.
    Open,
}

impl Progress {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns what is known of an attachment.
    #[must_use]
    pub fn of(&self, key: &AttachmentKey, now: Timestamp) -> Known {
        match self.files.get(key) {
            Some(FileProgress::Across { upload, at }) if is_within(*at, UPLOAD_KEPT, now) => {
                Known::Across(upload.clone())
            }
            Some(FileProgress::Filled { upload, at }) if is_within(*at, UPLOAD_KEPT, now) => {
                Known::Filled(upload.clone())
            }
            Some(FileProgress::Added) => Known::Added,
            Some(FileProgress::Behind(why)) => Known::Behind(why.clone()),
            Some(FileProgress::Failed { not_before, .. }) => Known::Failed(*not_before),
            Some(FileProgress::Across { .. } | FileProgress::Filled { .. }) | None => Known::Open,
        }
    }

    /// An attachment is across.
    pub fn across(&mut self, key: AttachmentKey, upload: UploadId, now: Timestamp) {
        self.files.insert(key, FileProgress::Across { upload, at: now });
    }

    /// An attachment's bytes are in Procore's storage, and its upload could not be completed yet.
    pub fn filled(&mut self, key: AttachmentKey, upload: FilledUpload, now: Timestamp) {
        self.files.insert(key, FileProgress::Filled { upload, at: now });
    }

    /// The copy is there, and its files are added to it one by one.
    pub fn created(&mut self, copy: ItemId) {
        self.copy = Some(copy);
    }

    /// Returns the copy that files are being added to.
    #[must_use]
    pub fn copy(&self) -> Option<ItemId> {
        self.copy
    }

    /// The copy has an attachment.
    pub fn added(&mut self, key: AttachmentKey) {
        self.files.insert(key, FileProgress::Added);
    }

    /// Procore does not know an attachment's unfinished upload any more.
    pub fn has_lapsed(&mut self, key: &AttachmentKey) {
        self.files.remove(key);
    }

    /// An attachment does not travel.
    pub fn stays_behind(&mut self, key: AttachmentKey, why: SkipReason) {
        self.files.insert(key, FileProgress::Behind(why));
    }

    /// An attachment failed for a reason of its own, `said` in words. Returns when it is tried again. `random` is 64 random bits.
    ///
    /// # Errors
    /// [`SkipReason::GivenUp`], where it was tried often enough.
    pub fn failed(
        &mut self,
        key: AttachmentKey,
        fault: Fault,
        said: &str,
        random: u64,
        now: Timestamp,
    ) -> Result<Timestamp, SkipReason> {
        let mut tries = match self.files.get(&key) {
            Some(FileProgress::Failed { tries, .. }) => *tries,
            _ => Tries::default(),
        };
        match fault {
            Fault::Break => tries.breaks += 1,
            Fault::Silence => tries.silences += 1,
        }
        if tries.are_over() {
            let why = SkipReason::GivenUp {
                tries: tries.count(),
                said: said.to_owned(),
            };
            self.stays_behind(key, why.clone());
            return Err(why);
        }
        let not_before = now.saturating_add(tries.wait(random)).unwrap_or(now);
        self.files.insert(key, FileProgress::Failed { tries, not_before });
        Ok(not_before)
    }

    /// Whether any upload is relied on that was made at an earlier visit.
    #[must_use]
    pub fn has_uploads(&self) -> bool {
        let is_across = |file: &FileProgress| matches!(file, FileProgress::Across { .. });
        self.files.values().any(is_across)
    }

    /// Procore refused what named the uploads: perhaps it has let go of one. All files are carried over anew.
    pub fn forget_files(&mut self) {
        self.files.clear();
    }

    /// A list of places was read and did not end at this visit. Returns whether it is worth another one.
    pub fn list_goes_on(&mut self) -> bool {
        self.list_visits += 1;
        self.list_visits < MAX_LIST_VISITS
    }

    /// Returns since when the copy is looked for, where a look goes on that was begun before.
    ///
    /// What is read of it must be of after the last attempt to create the copy: see [`Self::look_is_over`].
    #[must_use]
    pub fn look(&self, now: Timestamp) -> Option<Timestamp> {
        self.look.filter(|began| is_within(*began, LOOK_KEPT, now))
    }

    /// A look for the copy goes on at the next visit.
    pub fn look_goes_on(&mut self, began: Timestamp) {
        self.look = Some(began);
    }

    /// A copy may have been created since the look began, or will be: what it has read counts for nothing any more. "Never a
    /// second copy" hangs on this.
    pub fn look_is_over(&mut self) {
        self.look = None;
    }

    /// A person wants it tried once more: what failed gets all its tries again. What is across stays across, and what is filled
    /// stays filled.
    pub fn begin_anew(&mut self) {
        let is_kept = |file: &FileProgress| {
            matches!(
                file,
                FileProgress::Across { .. } | FileProgress::Filled { .. } | FileProgress::Added
            )
        };
        self.files.retain(|_, file| is_kept(file));
        self.list_visits = 0;
        self.look_is_over();
    }
}

fn is_within(then: Timestamp, length: Duration, now: Timestamp) -> bool {
    then.saturating_add(length).is_ok_and(|ends| now < ends)
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::items::attachment::{Attachment, FilledSegment};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn keys(names: &[&str]) -> Vec<AttachmentKey> {
        let attachments: Vec<_> = names
            .iter()
            .map(|name| Attachment {
                name: (*name).to_owned(),
                address: Some(format!("https://storage.example/{name}?sig=1")),
                is_picture: false,
            })
            .collect();
        AttachmentKey::of(&attachments)
    }

    #[test]
    fn what_is_across_stays_across_while_procore_keeps_it() {
        let keys = keys(&["a", "b"]);
        let mut progress = Progress::default();
        progress.across(keys[0].clone(), UploadId::new("u1".to_owned()), at(0));
        let written = serde_json::to_string(&progress).unwrap();
        let read: Progress = serde_json::from_str(&written).unwrap();
        assert_eq!(
            read.of(&keys[0], at(3_600)),
            Known::Across(UploadId::new("u1".to_owned()))
        );
        assert_eq!(read.of(&keys[1], at(3_600)), Known::Open);
        assert_eq!(read.of(&keys[0], at(6 * 3_600)), Known::Open);
    }

    #[test]
    fn what_is_filled_is_completed_and_not_filled_again() {
        let key = keys(&["a"]).remove(0);
        let filled = FilledUpload {
            id: UploadId::new("u1".to_owned()),
            segments: vec![FilledSegment {
                size: 1,
                sha256: "ab".to_owned(),
                etag: "\"cd\"".to_owned(),
            }],
        };
        let mut progress = Progress::default();
        progress.filled(key.clone(), filled.clone(), at(0));
        assert!(!progress.has_uploads(), "it is named by nothing before it is complete");
        let written = serde_json::to_string(&progress).unwrap();
        let mut read: Progress = serde_json::from_str(&written).unwrap();
        read.begin_anew();
        assert_eq!(read.of(&key, at(3_600)), Known::Filled(filled));
        assert_eq!(read.of(&key, at(6 * 3_600)), Known::Open);
        read.has_lapsed(&key);
        assert_eq!(read.of(&key, at(1)), Known::Open);
    }

    #[test]
    fn what_the_copy_has_is_not_added_again() {
        let key = keys(&["a"]).remove(0);
        let mut progress = Progress::default();
        progress.created(ItemId::new(17).unwrap());
        progress.added(key.clone());
        let written = serde_json::to_string(&progress).unwrap();
        let mut read: Progress = serde_json::from_str(&written).unwrap();
        read.begin_anew();
        assert_eq!(
            (read.copy(), read.of(&key, at(i64::from(u32::MAX)))),
            (ItemId::new(17), Known::Added)
        );
        assert!(!read.has_uploads());
    }

    #[test]
    fn a_file_is_given_up_for_its_own_failures_only() {
        let keys = keys(&["cut.bin", "good.txt"]);
        let mut progress = Progress::default();
        let mut cut = |key: usize| progress.failed(keys[key].clone(), Fault::Break, "cut off", 0, at(100));
        for tries in 1..MAX_BREAKS {
            assert_eq!(cut(0), Ok(at(101 + i64::from(tries))));
        }
        let why = cut(0).unwrap_err();
        assert_eq!(why.to_string(), "5 attempts to copy it failed. The last one: cut off");
        assert_eq!(cut(1), Ok(at(102)));
        assert_eq!(progress.of(&keys[0], at(100)), Known::Behind(why));
        assert_eq!(progress.of(&keys[1], at(100)), Known::Failed(at(102)));
        progress.begin_anew();
        assert!(progress.is_empty());
    }

    #[test]
    fn a_list_without_end_is_done_without_after_some_visits() {
        let mut progress = Progress::default();
        let visits = (1..).find(|_| !progress.list_goes_on());
        assert_eq!(visits, Some(MAX_LIST_VISITS));
    }

    #[test]
    fn a_look_goes_on_until_an_attempt_or_an_hour_ends_it() {
        let mut progress = Progress::default();
        progress.look_goes_on(at(0));
        assert_eq!(
            (progress.look(at(3_599)), progress.look(at(3_600))),
            (Some(at(0)), None)
        );
        progress.look_is_over();
        assert_eq!(progress.look(at(1)), None);
    }

    proptest! {
        #[test]
        fn storage_that_is_away_for_ten_minutes_loses_no_file(randoms in proptest::collection::vec(any::<u64>(), 16)) {
            let key = keys(&["plan.pdf"]).remove(0);
            let (mut progress, mut now) = (Progress::default(), at(0));
            for random in randoms {
                match progress.failed(key.clone(), Fault::Silence, "away", random, now) {
                    Ok(not_before) => now = not_before,
                    Err(_) => break,
                }
            }
            prop_assert!((12 * 60..=17 * 60).contains(&now.as_second()), "{now}");
        }
    }
}
