//! An item's attachments, one after the other: fetched from its project, and uploaded to the other one, or added to the copy there.

use gusset_adapters::{
    chance,
    procore::{Authority, Calls, FileError, Procore, ProcoreError, Work},
};
use gusset_domain::{
    delivery::progress::{Fault, Known, Progress},
    items::{
        Item,
        attachment::{Attachment, AttachmentKey, FileName, FilledUpload, Missing, SkipReason, UploadId},
    },
    people::Project,
};
use gusset_words::say;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{ready::PrepareError, time::Time};

/// Files whose storage does not answer that are tried at one visit: it may be away for all of them.
const MAX_SILENT: u32 = 2;

/// How attachments are carried over.
pub(crate) struct AttachmentTransfer<'a> {
    pub(crate) procore: &'a Procore,
    pub(crate) source: &'a Project,
    pub(crate) target: &'a Project,
    /// The largest attachment, in bytes.
    pub(crate) largest: u64,
    /// The item's calls.
    pub(crate) calls: &'a Calls,
    /// The worker's time.
    pub(crate) time: Time,
}

/// One of an item's attachments.
struct File<'a> {
    attachment: &'a Attachment,
    name: FileName,
    key: AttachmentKey,
}

/// Where attachments go.
pub(crate) enum Destination {
    /// To Procore's uploads, for an item that names them when it is created.
    Uploads,
    /// To a Site Diary entry that is there. How it was shown last.
    Entry(Box<Item>),
}

impl AttachmentTransfer<'_> {
    /// Carries over all of them that are not across yet, or returns what hinders. What stays behind for good hinders nothing,
    /// and one that fails hinders no other.
    pub(crate) async fn carry(
        &self,
        attachments: &[Attachment],
        destination: &mut Destination,
        progress: &mut Progress,
    ) -> Result<(Vec<UploadId>, Vec<Missing>), PrepareError> {
        // One moment for all: what is relied on at the beginning is relied on at the end.
        let began = Timestamp::now();
        let files = files(attachments);
        if let Destination::Entry(entry) = destination {
            note_those_there(&files, entry, progress);
        }
        // Those that failed before go last: each may take all of a worker's time.
        let is_known = |file: &&File<'_>| matches!(progress.of(&file.key, began), Known::Failed(_));
        let (failed, fresh): (Vec<_>, Vec<_>) = files.iter().partition(is_known);
        let mut again: Option<(Timestamp, String)> = None;
        let (mut tried, mut silent) = (false, 0);
        for file in fresh.into_iter().chain(failed) {
            let now = Timestamp::now();
            match progress.of(&file.key, began) {
                Known::Across(_) | Known::Added | Known::Behind(_) => continue,
                Known::Failed(not_before) if now < not_before => {
                    earliest(&mut again, not_before, || {
                        say!("reason-file-again", name = file.name.to_string())
                    });
                    continue;
                }
                Known::Filled(_) | Known::Failed(_) | Known::Open => {}
            }
            if silent >= MAX_SILENT {
                earliest(&mut again, now, || say!("reason-storage").to_owned());
                continue;
            }
            if tried && !self.time.is_good_for_another_file() {
                return Err(PrepareError::Late);
            }
            // Dies here: as in the one that carries a single one. Those before it are uploaded, named by no item, and those that
            // are not on record are uploaded anew by whoever takes the delivery over.
            let (fault, error) = match self.carry_one(file, destination, progress, now).await {
                Ok(()) => {
                    tried = true;
                    continue;
                }
                Err(FileError::SkipReason(why)) => {
                    tracing::info!(%why, "an attachment stays behind");
                    progress.stays_behind(file.key.clone(), why);
                    tried = true;
                    continue;
                }
                Err(FileError::Procore(error)) => return Err(PrepareError::Procore(error)),
                // It was the worker's time that ended, of which others had their part.
                Err(_) if tried && self.time.files_end() <= Instant::now() => return Err(PrepareError::Late),
                Err(FileError::Passing(error)) => (Fault::Silence, error),
                Err(FileError::BrokeOff(error)) => (Fault::Break, error),
            };
            tried = true;
            silent += u32::from(fault == Fault::Silence);
            let random = chance::bits().unwrap_or_default();
            match progress.failed(file.key.clone(), fault, &in_words(&error), random, Timestamp::now()) {
                Ok(not_before) => {
                    let mut not_before = not_before.max(asked(&error));
                    if matches!(destination, Destination::Entry(_)) {
                        // It may still be on its way: the entry is not read before Procore has finished with it.
                        let now = Timestamp::now();
                        not_before = not_before.max(now.saturating_add(self.procore.timeout()).unwrap_or(now));
                    }
                    earliest(&mut again, not_before, || format!("{}: {error}", file.name));
                }
                Err(why) => tracing::warn!(%why, "an attachment is given up"),
            }
        }
        match again {
            Some((not_before, reason)) => Err(PrepareError::Later(not_before, reason)),
            None => Ok(outcome(files, progress, began)),
        }
    }

    /// Carries one over, from where it stopped the last time.
    async fn carry_one(
        &self,
        file: &File<'_>,
        destination: &mut Destination,
        progress: &mut Progress,
        now: Timestamp,
    ) -> Result<(), FileError> {
        if let Known::Filled(upload) = progress.of(&file.key, now) {
            match self.complete(file, upload, progress, now).await {
                // Procore has let go of it meanwhile, or has taken the answer that was lost: it is carried over anew.
                Err(FileError::SkipReason(_) | FileError::Procore(ProcoreError::NotFound)) => {
                    progress.has_lapsed(&file.key);
                }
                other => return other,
            }
        }
        let address = file.attachment.address.as_deref().ok_or(SkipReason::NoAddress)?;
        let (from, to) = (self.source, self.target);
        // Dies here: nothing has happened. What was spooled had no name, and is gone with the process.
        let fetched = self
            .procore
            .fetch(
                Authority::ServiceAccount,
                from.company_id,
                address,
                self.largest,
                self.time.files_end(),
            )
            .await?;
        if file.attachment.is_picture && !fetched.content_type.starts_with("image/") {
            return Err(SkipReason::NoPicture.into());
        }
        let until = self.time.upload_end(fetched.file.size());
        if let Destination::Entry(entry) = destination {
            // Dies here: the entry has the file or not. Whoever takes the delivery over reads the entry, and adds what it does
            // not have.
            let shown = self
                .procore
                .add_file(self.work(), (to.company_id, to.id), entry, &file.name, &fetched, until)
                .await?;
            **entry = shown;
            progress.added(file.key.clone());
            return Ok(());
        }
        // Dies here: an upload is announced, and perhaps filled. No item names it, so nobody sees it, and Procore lets go of
        // it. The claim runs out with its lease, and whoever takes it over uploads this one anew.
        let filled = self
            .procore
            .fill_upload(self.work(), to.company_id, to.id, &file.name, &fetched, until)
            .await?;
        self.complete(file, filled, progress, now).await
    }

    /// Completes an upload. Where a limit is in the way, it is kept for the next visit.
    async fn complete(
        &self,
        file: &File<'_>,
        filled: FilledUpload,
        progress: &mut Progress,
        now: Timestamp,
    ) -> Result<(), FileError> {
        let (to, until) = (self.target, self.time.upload_end(0));
        // Dies here: the upload is complete, perhaps. No item names it, and whoever takes the delivery over uploads anew what is
        // not on record.
        let completed = self
            .procore
            .complete_upload(self.work(), to.company_id, to.id, &filled, until)
            .await;
        match &completed {
            Ok(()) => progress.across(file.key.clone(), filled.id, now),
            Err(FileError::Procore(_)) => progress.filled(file.key.clone(), filled, now),
            Err(_) => {}
        }
        completed
    }

    fn work(&self) -> Authority<'_> {
        Authority::Work(Work {
            calls: self.calls,
            answers: None,
        })
    }
}

/// Writes down which files an entry has already: an earlier attempt added them, perhaps without hearing of it.
fn note_those_there(files: &[File<'_>], entry: &Item, progress: &mut Progress) {
    let there: Vec<FileName> = entry
        .attachments()
        .iter()
        .map(|attachment| FileName::nearest(&attachment.name))
        .collect();
    for file in files.iter().filter(|file| there.contains(&file.name)) {
        progress.added(file.key.clone());
    }
}

fn files(attachments: &[Attachment]) -> Vec<File<'_>> {
    let names = FileName::apart(attachments.iter().map(|attachment| attachment.name.as_str()));
    let known = names.into_iter().zip(AttachmentKey::of(attachments));
    let file = |(attachment, (name, key))| File { attachment, name, key };
    attachments.iter().zip(known).map(file).collect()
}

/// What has become of all of them, in their order.
fn outcome(files: Vec<File<'_>>, progress: &Progress, began: Timestamp) -> (Vec<UploadId>, Vec<Missing>) {
    let (mut uploads, mut missing) = (Vec::new(), Vec::new());
    for file in files {
        match progress.of(&file.key, began) {
            Known::Across(upload) => uploads.push(upload),
            Known::Behind(why) => missing.push(Missing { name: file.name, why }),
            Known::Added | Known::Filled(_) | Known::Failed(_) | Known::Open => {}
        }
    }
    (uploads, missing)
}

/// The earlier of two moments, with what is said of it.
fn earliest(known: &mut Option<(Timestamp, String)>, at: Timestamp, said: impl FnOnce() -> String) {
    if known.as_ref().is_none_or(|(earliest, _)| at < *earliest) {
        *known = Some((at, said()));
    }
}

/// Until when a storage asked to be left alone.
fn asked(error: &ProcoreError) -> Timestamp {
    let now = Timestamp::now();
    match error {
        ProcoreError::Wait(wait) | ProcoreError::Unavailable(wait) => now.saturating_add(*wait).unwrap_or(now),
        _ => now,
    }
}

/// What failed, for who reads the copy.
fn in_words(error: &ProcoreError) -> String {
    match error {
        ProcoreError::Wait(_) | ProcoreError::Unavailable(_) => "its host was too busy".to_owned(),
        ProcoreError::Unknown(said) => said.clone(),
        ProcoreError::Unexpected { status, said } => format!("{said} (status {status})"),
        other => other.to_string(),
    }
}
