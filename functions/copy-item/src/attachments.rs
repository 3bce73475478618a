//! An item's attachments, one after the other: fetched from its project, and uploaded to the other one.

use gusset_adapters::procore::{Authority, FileError, Procore, ProcoreError};
use gusset_domain::{
    items::attachment::{Attachment, FileName, Missing, StaysBehind, UploadId},
    people::Project,
};
use tokio::time::Instant;

use crate::ready::Hindrance;

/// How attachments are carried over.
pub(crate) struct Carrier<'a> {
    pub(crate) procore: &'a Procore,
    pub(crate) source: &'a Project,
    pub(crate) target: &'a Project,
    /// The largest attachment, in bytes.
    pub(crate) largest: u64,
    /// Until when.
    pub(crate) until: Instant,
    /// Whether what fails now is left behind, instead of being tried again.
    pub(crate) last_try: bool,
}

impl Carrier<'_> {
    /// Carries all of them, or says what hinders. What stays behind for good hinders nothing.
    pub(crate) async fn carry(&self, attachments: &[Attachment]) -> Result<(Vec<UploadId>, Vec<Missing>), Hindrance> {
        let names = FileName::apart(attachments.iter().map(|attachment| attachment.name.as_str()));
        let (mut uploads, mut missing) = (Vec::new(), Vec::new());
        for (attachment, name) in attachments.iter().zip(names) {
            // Dies here: as in the one that carries a single one. Those before it are uploaded, named by no item, and uploaded
            // anew by whoever takes the delivery over.
            match self.carry_one(attachment, &name).await {
                Ok(upload) => uploads.push(upload),
                Err(FileError::StaysBehind(why)) => {
                    tracing::info!(%why, "an attachment stays behind");
                    missing.push(Missing { name, why });
                }
                Err(FileError::Passing(error)) if self.last_try => {
                    tracing::warn!(%error, "an attachment is given up");
                    let said = in_words(&error);
                    missing.push(Missing {
                        name,
                        why: StaysBehind::GivenUp { said },
                    });
                }
                Err(FileError::Passing(error)) => return Err(Hindrance::Passing(error)),
                Err(FileError::Procore(error)) => return Err(Hindrance::Procore(error)),
            }
        }
        Ok((uploads, missing))
    }

    async fn carry_one(&self, attachment: &Attachment, name: &FileName) -> Result<UploadId, FileError> {
        let address = attachment.address.as_deref().ok_or(StaysBehind::NoAddress)?;
        let (from, to) = (self.source, self.target);
        // Dies here: nothing has happened. What was spooled had no name, and is gone with the process.
        let fetched = self
            .procore
            .fetch(
                Authority::ServiceAccount,
                from.company_id,
                address,
                self.largest,
                self.until,
            )
            .await?;
        if attachment.is_picture && !fetched.content_type.starts_with("image/") {
            return Err(StaysBehind::NoPicture.into());
        }
        // Dies here: an upload is announced, perhaps filled, perhaps complete. No item names it, so nobody sees it, and
        // Procore lets go of it. The claim runs out with its lease, and whoever takes it over begins anew.
        self.procore
            .upload(to.company_id, to.id, name, &fetched, self.until)
            .await
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
