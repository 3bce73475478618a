//! What answers of several tools have in common.

use gusset_domain::{ids::ItemId, items::attachment};
use serde::Deserialize;

/// Somebody or something that is shown by name.
#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) name: Option<String>,
}

/// A file attached to an item.
#[derive(Deserialize)]
pub(super) struct Attachment {
    filename: Option<String>,
    name: Option<String>,
    url: Option<String>,
}

/// What of a created item is needed: its id.
#[derive(Deserialize)]
pub(super) struct Created {
    pub(super) id: ItemId,
}

impl From<Attachment> for attachment::Attachment {
    fn from(answer: Attachment) -> Self {
        Self {
            name: answer.filename.or(answer.name).unwrap_or_default(),
            address: answer.url.filter(|url| !url.is_empty()),
        }
    }
}
