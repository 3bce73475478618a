//! What answers of several tools have in common.

use gusset_domain::ids::ItemId;
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
}

/// What of a created item is needed: its id.
#[derive(Deserialize)]
pub(super) struct Created {
    pub(super) id: ItemId,
}

/// The names of attached files, of those that have one.
pub(super) fn file_names(attachments: Vec<Attachment>) -> Vec<String> {
    attachments
        .into_iter()
        .filter_map(|file| file.filename.or(file.name))
        .collect()
}
