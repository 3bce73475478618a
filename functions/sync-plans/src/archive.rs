//! A project's current plans, packed into one file for who wants them all.
//!
//! It needs nothing of Procore's: it can be had after the access has ended, too. The files go from the storage through this
//! function and back, a part at a time, so that memory stays flat whatever the size.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::TryStreamExt;
use gusset_adapters::{
    storage::{Archive, ArchiveKey, FileKey, StorageError},
    table::archives::{ArchiveRecord, ArchiveState},
};
use gusset_domain::{
    ids::ProjectId,
    plans::{
        archive::{Entry, contents, fingerprint},
        job::Job,
    },
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    SyncPlans, now,
    work::{Error, Shift},
};

/// From this size on a file needs the longer numbers of Zip64.
const LARGE: u64 = u32::MAX as u64;

/// What the packer writes, on its way into the storage.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut buffer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Packs what a project's plans are now. While a sync is at work that is more than what was asked for, and what is ready says
/// what it is: who asks again gets it, or what there is by then.
pub(crate) async fn pack(
    app: &SyncPlans,
    job: &Job,
    project: ProjectId,
    asked: &str,
    shift: &Shift,
) -> Result<(), Error> {
    let table = &app.integrations.table;
    let entries = contents(&table.plans(job.account, project).await?);
    if entries.is_empty() {
        return give_up(app, job, project, asked).await;
    }
    let fingerprint = fingerprint(&entries);
    let key = ArchiveKey::of(job.account.0, &fingerprint).map_err(|error| broken(&error))?;
    // Dies in here: the storage throws away what is not finished, and the message comes again.
    let packing = write(app, job, &entries, &key);
    let size = tokio::time::timeout_at(shift.last_moment(), packing)
        .await
        .map_err(|_| Error::OutOfTime)??;
    let ready = ArchiveRecord {
        fingerprint,
        at: now(),
        state: ArchiveState::Ready { size },
    };
    table.archive_done(job.account, project, asked, &ready).await?;
    tracing::info!(account = %job.account, %project, files = entries.len(), size, "packed");
    Ok(())
}

async fn write(app: &SyncPlans, job: &Job, entries: &[Entry], key: &ArchiveKey) -> Result<u64, Error> {
    let mut archive = app.storage.begin(key).await?;
    let buffer = Buffer::default();
    let mut zip = ZipWriter::new_stream(buffer.clone());
    for entry in entries {
        // Plans are compressed by themselves: a second time would cost time and gain nothing.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(entry.file.size >= LARGE);
        zip.start_file(&entry.path, options).map_err(|error| broken(&error))?;
        let file = FileKey::of(job.account.0, &entry.file.sha256).map_err(|error| broken(&error))?;
        let mut bytes = std::pin::pin!(app.storage.read(&file).await?);
        while let Some(bytes) = bytes.try_next().await? {
            zip.write_all(&bytes).map_err(|error| broken(&error))?;
            pass_on(&buffer, &mut archive).await?;
        }
    }
    zip.finish().map_err(|error| broken(&error))?;
    pass_on(&buffer, &mut archive).await?;
    Ok(archive.finish().await?)
}

async fn pass_on(buffer: &Buffer, archive: &mut Archive) -> Result<(), StorageError> {
    archive.write(&buffer.take()).await
}

/// What should not happen, and is tried again.
fn broken(error: &dyn std::fmt::Display) -> Error {
    gusset_adapters::procore::ProcoreError::Unknown(format!("the archive could not be packed: {error}")).into()
}

/// Records that an archive is not packed.
pub(crate) async fn give_up(app: &SyncPlans, job: &Job, project: ProjectId, asked: &str) -> Result<(), Error> {
    let failed = ArchiveRecord {
        fingerprint: asked.to_owned(),
        at: now(),
        state: ArchiveState::Failed,
    };
    Ok(app
        .integrations
        .table
        .archive_done(job.account, project, asked, &failed)
        .await?)
}
