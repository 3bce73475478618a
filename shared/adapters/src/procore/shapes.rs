//! What answers of several tools have in common.

use gusset_domain::{ids::ItemId, items::attachment::Attachment};
use serde_json::Value;

use super::{
    ProcoreError,
    lenient::{Fields, Odd, Reading, as_id, as_list, as_text},
};

/// The id of an item: what its answer says, or else what was asked for.
pub(super) fn item_id(fields: &Fields<'_>, asked: Option<ItemId>) -> Option<ItemId> {
    // An answer without any is no item's, whatever was asked.
    fields
        .has("id")
        .then(|| fields.quiet("id", as_id(ItemId::new)).or(asked))?
}

/// The id of what was just created, and of what became of it nothing is known where that cannot be read.
pub(super) fn created<T>(read: Option<T>) -> Result<T, ProcoreError> {
    read.ok_or_else(|| not_an_item(201))
}

/// What was answered is no item.
pub(super) fn not_an_item(status: u16) -> ProcoreError {
    ProcoreError::Unexpected {
        status,
        said: "the answer is no item".to_owned(),
    }
}

/// Reads a list of files. One that cannot be read is remembered, and leaves the others alone.
pub(super) fn attachments(fields: &mut Fields<'_>, name: &str) -> Vec<Attachment> {
    let entries = fields.told(name, "Attachments", as_list).unwrap_or_default();
    let mut read = Vec::new();
    for entry in entries {
        match attachment(entry) {
            Ok(attachment) => read.extend(attachment),
            Err(Odd) => fields.cannot_read("An attachment", entry),
        }
    }
    read
}

fn attachment(entry: &Value) -> Reading<Attachment> {
    if entry.is_null() {
        return Ok(None);
    }
    let fields = Fields::of(entry).ok_or(Odd)?;
    let name = fields
        .quiet("filename", as_text)
        .or_else(|| fields.quiet("name", as_text));
    Ok(Some(Attachment {
        name: name.unwrap_or_default(),
        address: fields.quiet("url", as_text),
        is_picture: false,
    }))
}
