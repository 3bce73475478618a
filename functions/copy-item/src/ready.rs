//! What is made ready in the other project before an item is created there: its attachments, and its places.

use gusset_adapters::procore::ProcoreError;
use gusset_domain::{
    delivery::Delivery,
    items::{Item, MadeReady, attachment::MOST_TRIES},
    people::Project,
};

use crate::{attachments::Carrier, copy::Copier, time::Time};

/// Why an item cannot be created yet.
pub(crate) enum Hindrance {
    /// Something failed that may work next time. It counts, and does not hinder for ever.
    Passing(ProcoreError),
    /// Procore refuses or puts off a call to the other project, as it would the item itself.
    Procore(ProcoreError),
    /// This worker has too little time left for the item's attachments.
    Late,
}

impl Copier {
    /// Makes ready what the item needs. Nothing of it shows in the other project before the item does.
    pub(crate) async fn make_ready(
        &self,
        item: &Item,
        delivery: &Delivery,
        source: &Project,
        target: &Project,
        time: Time,
    ) -> Result<MadeReady, Hindrance> {
        let attachments = item.attachments();
        let _spool = if attachments.is_empty() {
            None
        } else {
            let spool = self.spool.lock().await;
            if !time.is_good_for_files() {
                return Err(Hindrance::Late);
            }
            Some(spool)
        };
        let last_try = delivery.incomplete + 1 >= MOST_TRIES;
        // Dies here: nothing has happened.
        let (location, specification_section) = self.places.of(item, &self.procore, target, last_try).await?;
        let carrier = Carrier {
            procore: &self.procore,
            source,
            target,
            largest: self.largest_attachment,
            until: time.files_end(),
            last_try,
        };
        // Dies here: files may be uploaded that no item names. Nobody sees them. The claim runs out with its lease, and
        // whoever takes it over begins anew.
        let (uploads, missing) = carrier.carry(attachments).await?;
        Ok(MadeReady {
            uploads,
            missing,
            location,
            specification_section,
        })
    }
}
