//! Uploads, version 1.1: named first, filled segment by segment, then completed and used once.

use std::sync::Arc;

use uuid::Uuid;

use super::{Id, World};
use crate::files::{Blob, Owner, StoredFile};
use crate::refusal::Refusal;

/// A part of a file that is still coming.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// The unguessable part of the address that the segment is put to.
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) blob: Option<Arc<Blob>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UploadStatus {
    Pending,
    Complete,
}

impl UploadStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Complete => "complete",
        }
    }
}

/// A file that is announced, and perhaps already here.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) uuid: Uuid,
    pub(crate) project_id: Id,
    pub(crate) filename: String,
    pub(crate) content_type: String,
    pub(crate) segments: Vec<Segment>,
    pub(crate) status: UploadStatus,
}

impl World {
    /// The complete uploads that a request names, as files without an owner yet.
    pub(crate) fn files_of_uploads(&self, project_id: Id, uuids: &[String]) -> Result<Vec<StoredFile>, Refusal> {
        uuids.iter().map(|uuid| self.file_of_upload(project_id, uuid)).collect()
    }

    fn file_of_upload(&self, project_id: Id, uuid: &str) -> Result<StoredFile, Refusal> {
        let unknown = || Refusal::invalid("upload_ids", format!("{uuid} is not an upload of this project"));
        let parsed = Uuid::parse_str(uuid).map_err(|_| unknown())?;
        let upload = self
            .uploads
            .get(&parsed)
            .filter(|upload| upload.project_id == project_id)
            .ok_or_else(unknown)?;
        if upload.status != UploadStatus::Complete {
            return Err(Refusal::invalid("upload_ids", format!("{uuid} is not complete")));
        }
        let parts = upload
            .segments
            .iter()
            .filter_map(|segment| segment.blob.clone())
            .collect();
        Ok(StoredFile::new(&upload.filename, &upload.content_type, parts))
    }

    /// Gives files an id, a project and an owner, and answers with their ids.
    pub(crate) fn keep_files(&mut self, project_id: Id, owner: Owner, files: Vec<StoredFile>) -> Vec<Id> {
        let mut ids = Vec::with_capacity(files.len());
        for file in files {
            let id = self.new_id();
            self.files.insert(
                id,
                StoredFile {
                    id,
                    project_id,
                    owner: Some(owner),
                    ..file
                },
            );
            ids.push(id);
        }
        ids
    }
}
