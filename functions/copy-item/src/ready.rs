//! What is made ready in the other project before an item is created there: its attachments, and its places.

use gusset_adapters::procore::{Calls, ProcoreError};
use gusset_domain::{
    delivery::Progress,
    items::{
        Item, Prepared,
        attachment::{Missing, UploadId},
    },
    people::Project,
};
use jiff::Timestamp;

use crate::{
    attachments::{AttachmentTransfer, Destination},
    copy::Copier,
    places::Looking,
    time::Time,
};

/// Why an item cannot be created yet. What was done by then is in its progress.
pub(crate) enum PrepareError {
    /// Something failed that may work next time. It counts, and does not hinder for ever.
    Passing(ProcoreError),
    /// Procore refuses or puts off a call to the other project, as it would the item itself.
    Procore(ProcoreError),
    /// A file failed, and is tried again from then on. What it said.
    Later(Timestamp, String),
    /// This worker has too little time left for the item's attachments.
    Late,
}

impl Copier {
    /// Makes ready what the item needs, as far as its progress does not have it. Nothing of it shows in the other project before
    /// the item does.
    pub(crate) async fn make_ready(
        &self,
        item: &Item,
        progress: &mut Progress,
        calls: &Calls,
        (source, target): (&Project, &Project),
        time: Time,
    ) -> Result<Prepared, PrepareError> {
        let looking = Looking {
            procore: &self.procore,
            storage: &self.storage,
            target,
            calls,
        };
        // Dies here: nothing has happened.
        let places = self.places.of(item, &looking, progress).await?;
        // Those of an entry follow it.
        let (uploads, missing) = if item.adds_files_later() {
            (Vec::new(), Vec::new())
        } else {
            // Dies here: files may be uploaded that no item names. Nobody sees them. The claim runs out with its lease, and
            // whoever takes it over goes on from what was on record then.
            self.carry(item, &mut Destination::Uploads, progress, calls, (source, target), time)
                .await?
        };
        Ok(Prepared {
            uploads,
            missing,
            location: places.location,
            specification_section: places.section,
            lists_unread: places.lists_unread,
        })
    }

    /// Carries an item's attachments over. Gives the uploads, where there are any, and what stays behind.
    pub(crate) async fn carry(
        &self,
        item: &Item,
        destination: &mut Destination,
        progress: &mut Progress,
        calls: &Calls,
        (source, target): (&Project, &Project),
        time: Time,
    ) -> Result<(Vec<UploadId>, Vec<Missing>), PrepareError> {
        let attachments = item.attachments();
        let _spool = if attachments.is_empty() {
            None
        } else {
            let spool = self.spool.lock().await;
            if !time.is_good_for_files() {
                return Err(PrepareError::Late);
            }
            Some(spool)
        };
        let carrier = AttachmentTransfer {
            procore: &self.procore,
            source,
            target,
            largest: self.largest_attachment,
            calls,
            time,
        };
        // Dies here: as with each of them.
        carrier.carry(attachments, destination, progress).await
    }
}
