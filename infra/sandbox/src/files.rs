//! Files: kept on disk in a directory of the run, which goes when the sandbox ends, or written anew whenever they are
//! read. A file of several segments stays in several pieces, so that a large upload is never held twice.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::papers::Writing;
use crate::random;
use crate::world::Id;

const READ_BYTES: usize = 64 * 1024;
const LINK_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The directory of this run.
pub(crate) struct Store {
    directory: TempDir,
}

impl Store {
    pub(crate) fn open() -> std::io::Result<Self> {
        Ok(Self {
            directory: tempfile::Builder::new().prefix("procore-sandbox-").tempdir()?,
        })
    }

    /// Starts a new piece.
    pub(crate) async fn create(&self) -> std::io::Result<BlobWriter> {
        let path = self.directory.path().join(random::token());
        let file = File::create_new(&path).await?;
        Ok(BlobWriter {
            file,
            digest: Context::new(&SHA256),
            blob: Blob {
                path,
                size: 0,
                sha256: String::new(),
            },
        })
    }
}

/// A piece of a file on disk; dropping the last handle deletes it.
#[derive(Debug)]
pub(crate) struct Blob {
    path: PathBuf,
    pub(crate) size: u64,
    /// Lower-case hexadecimal.
    pub(crate) sha256: String,
}

impl Drop for Blob {
    fn drop(&mut self) {
        // The directory goes with the process anyway: a failure here costs disk space only.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A piece that is being written; dropping it deletes what came so far.
pub(crate) struct BlobWriter {
    file: File,
    digest: Context,
    blob: Blob,
}

impl BlobWriter {
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.digest.update(bytes);
        self.blob.size += bytes.len() as u64;
        self.file.write_all(bytes).await
    }

    pub(crate) fn size(&self) -> u64 {
        self.blob.size
    }

    pub(crate) async fn finish(mut self) -> std::io::Result<Arc<Blob>> {
        self.file.flush().await?;
        self.blob.sha256 = hexadecimal(self.digest);
        Ok(Arc::new(self.blob))
    }
}

fn hexadecimal(digest: Context) -> String {
    digest
        .finish()
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What a file hangs on, and so who may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Rfi(Id),
    DailyLog(Id),
    Drawing(Id),
    SpecificationSection(Id),
    Document(Id),
}

/// How a file misbehaves when it is read, as a test ordered it. Nothing of it is the rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Conduct {
    /// Where its address on Procore's host leads, instead of to storage.
    pub(crate) redirect: Option<String>,
    /// What storage says of its length.
    pub(crate) claimed_length: Option<u64>,
    /// After how many bytes storage sends nothing more, and keeps the connection.
    pub(crate) stalls_after: Option<u64>,
    /// Storage goes on sending for ever, and says nothing of a length.
    pub(crate) endless: bool,
}

/// Where a file's bytes are.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// On disk, in pieces.
    Stored(Vec<Arc<Blob>>),
    /// Nowhere: the sandbox writes them.
    Written(Writing),
}

/// An attachment, or a plan's file.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) owner: Option<Owner>,
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) content: Content,
    pub(crate) conduct: Conduct,
}

impl StoredFile {
    /// A file that the sandbox writes itself.
    pub(crate) fn written(name: &str, writing: Writing) -> Self {
        let file = Self::new(name, writing.content_type(), Vec::new());
        Self {
            content: Content::Written(writing),
            ..file
        }
    }

    pub(crate) fn new(name: &str, content_type: &str, parts: Vec<Arc<Blob>>) -> Self {
        let name = name
            .rsplit(['/', '\\'])
            .next()
            .filter(|name| !name.is_empty())
            .unwrap_or("file")
            .to_owned();
        let content_type = if content_type.is_empty() {
            "application/octet-stream".to_owned()
        } else {
            content_type.to_owned()
        };
        Self {
            id: 0,
            project_id: 0,
            owner: None,
            name,
            content_type,
            content: Content::Stored(parts),
            conduct: Conduct::default(),
        }
    }

    pub(crate) fn size(&self) -> u64 {
        match &self.content {
            Content::Stored(parts) => parts.iter().map(|part| part.size).sum(),
            Content::Written(writing) => writing.size(),
        }
    }

    /// The digest of the bytes, which are read for it: lower-case hexadecimal.
    pub(crate) async fn sha256(&self) -> std::io::Result<String> {
        let mut digest = Context::new(&SHA256);
        let mut chunks = self.bytes();
        while let Some(chunk) = chunks.next().await {
            digest.update(&chunk?);
            // What is written anew never waits for a disk, and would keep others waiting.
            tokio::task::yield_now().await;
        }
        Ok(hexadecimal(digest))
    }

    fn bytes(&self) -> BoxStream<'static, std::io::Result<Vec<u8>>> {
        match &self.content {
            Content::Stored(parts) => {
                let start = Reading {
                    parts: parts.clone(),
                    next: 0,
                    file: None,
                };
                stream::try_unfold(start, Reading::step).boxed()
            }
            Content::Written(writing) => stream::iter(writing.chunks().map(Ok)).boxed(),
        }
    }

    /// The bytes, read as they are sent.
    pub(crate) fn body(&self) -> Body {
        let bytes = self.bytes();
        if self.conduct.endless {
            let more = stream::repeat_with(|| Ok(vec![0; READ_BYTES]));
            return Body::from_stream(bytes.chain(more));
        }
        let Some(stalls_after) = self.conduct.stalls_after else {
            // What falls short of its claimed length is cut off, once the bytes that there are have left.
            let falls_short = self.told_length().is_some_and(|told| told > self.size());
            let end = stream::once(async move {
                if falls_short {
                    tokio::time::sleep(UNTIL_SENT).await;
                }
                Ok(Vec::new())
            });
            return Body::from_stream(bytes.chain(end));
        };
        let first = bytes.scan(stalls_after, |left, piece: std::io::Result<Vec<u8>>| {
            let shown = piece.map(|mut piece| {
                piece.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= piece.len() as u64;
                piece
            });
            std::future::ready(Some(shown))
        });
        let first = first.filter(|piece| std::future::ready(piece.as_ref().map_or(true, |piece| !piece.is_empty())));
        Body::from_stream(first.chain(stream::pending()))
    }

    /// The length that storage tells, if it tells any.
    pub(crate) fn told_length(&self) -> Option<u64> {
        (!self.conduct.endless).then(|| self.conduct.claimed_length.unwrap_or_else(|| self.size()))
    }
}

struct Reading {
    parts: Vec<Arc<Blob>>,
    next: usize,
    file: Option<File>,
}

/// Long enough for what was written to be on its way.
const UNTIL_SENT: Duration = Duration::from_millis(50);

impl Reading {
    async fn step(mut self) -> std::io::Result<Option<(Vec<u8>, Self)>> {
        loop {
            let Some(file) = &mut self.file else {
                let Some(part) = self.parts.get(self.next) else {
                    return Ok(None);
                };
                self.file = Some(File::open(&part.path).await?);
                self.next += 1;
                continue;
            };
            let mut bytes = vec![0; READ_BYTES];
            let read = file.read(&mut bytes).await?;
            if read == 0 {
                self.file = None;
                continue;
            }
            bytes.truncate(read);
            return Ok(Some((bytes, self)));
        }
    }
}

/// The addresses at which storage hands out files without a token, for a while.
#[derive(Debug, Default)]
pub(crate) struct StorageLinks(HashMap<String, (Id, Instant)>);

impl StorageLinks {
    pub(crate) fn issue(&mut self, file_id: Id) -> String {
        self.0.retain(|_, (_, issued)| issued.elapsed() < LINK_LIFETIME);
        let key = random::token();
        self.0.insert(key.clone(), (file_id, Instant::now()));
        key
    }

    pub(crate) fn file(&self, key: &str) -> Option<Id> {
        self.0
            .get(key)
            .filter(|(_, issued)| issued.elapsed() < LINK_LIFETIME)
            .map(|(file_id, _)| *file_id)
    }
}
