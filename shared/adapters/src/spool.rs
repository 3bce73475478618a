//! A file on its way through a function: kept on its ephemeral storage, never in memory, and hashed as it comes.
//!
//! The file has no name. The system takes its space back as soon as the function lets go of it, and when the function
//! is killed as well, so there is nothing to clean up.

use std::{
    fs::File,
    io,
    io::Write,
    os::unix::fs::FileExt,
    pin::Pin,
    sync::Arc,
    task::{Context as Waker, Poll},
};

use bytes::Bytes;
use futures_util::{Stream, stream};
use http_body::{Body, Frame, SizeHint};
use ring::digest::{Context, SHA256};

/// The most bytes of a segment: what Procore takes in one `PUT`, 100 MiB.
const SEGMENT: u64 = 100 * 1024 * 1024;

/// Bytes read at once.
const PIECE: u64 = 64 * 1024;

/// A piece of the file that is sent in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Where it begins, in bytes.
    start: u64,
    /// In bytes.
    pub size: u64,
    /// In lower-case hexadecimal digits.
    pub sha256: String,
}

/// A file that is still coming.
pub struct Spooling {
    file: File,
    segments: Vec<Segment>,
    start: u64,
    size: u64,
    largest_segment: u64,
    /// Of the segment that is coming.
    digest: Context,
    /// Of the whole file, from its second segment on. Until then it is the first segment's, and nothing is hashed twice.
    whole: Option<Context>,
}

impl Spooling {
    /// An empty file.
    ///
    /// # Errors
    /// When the storage cannot be written.
    pub fn new() -> io::Result<Self> {
        Self::in_segments_of(SEGMENT)
    }

    fn in_segments_of(largest_segment: u64) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile()?,
            segments: Vec::new(),
            start: 0,
            size: 0,
            largest_segment,
            digest: Context::new(&SHA256),
            whole: None,
        })
    }

    /// How much has come, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds to the file.
    ///
    /// The write blocks: the function has nothing else to do meanwhile, and it is to local storage.
    ///
    /// # Errors
    /// When the storage is full, or cannot be written.
    pub fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = self.largest_segment - (self.size - self.start);
            let room = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(room);
            self.file.write_all(now)?;
            self.digest.update(now);
            if let Some(whole) = &mut self.whole {
                whole.update(now);
            }
            self.size += room as u64;
            bytes = later;
            if self.size - self.start == self.largest_segment {
                self.end_segment();
            }
        }
        Ok(())
    }

    fn end_segment(&mut self) {
        let digest = std::mem::replace(&mut self.digest, Context::new(&SHA256));
        if self.whole.is_none() {
            self.whole = Some(digest.clone());
        }
        self.segments.push(Segment {
            start: self.start,
            size: self.size - self.start,
            sha256: hexadecimal(digest),
        });
        self.start = self.size;
    }

    /// The file, whole. An empty one has one empty segment.
    #[must_use]
    pub fn finish(mut self) -> Spooled {
        if self.size > self.start || self.segments.is_empty() {
            self.end_segment();
        }
        Spooled {
            file: Arc::new(self.file),
            segments: self.segments,
            size: self.size,
            // There is a segment, so there is a digest.
            sha256: hexadecimal(self.whole.unwrap_or(self.digest)),
        }
    }
}

fn hexadecimal(digest: Context) -> String {
    let digest = digest.finish();
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file that is here.
#[derive(Debug)]
pub struct Spooled {
    file: Arc<File>,
    segments: Vec<Segment>,
    size: u64,
    sha256: String,
}

impl Spooled {
    /// How large it is, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The SHA-256 of all of it, in lower-case hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// All of it, read as it is sent. Each one begins at the beginning, so a request that failed can be sent again.
    pub(crate) fn whole(&self) -> Whole {
        Whole {
            file: Arc::clone(&self.file),
            at: 0,
            end: self.size,
        }
    }

    /// What it is sent in.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// A segment's bytes, read as they are asked for.
    pub fn read(&self, segment: &Segment) -> impl Stream<Item = io::Result<Vec<u8>>> + Send + use<> {
        let (file, end) = (Arc::clone(&self.file), segment.start + segment.size);
        stream::try_unfold(segment.start, move |at| {
            let piece = next(&file, at, end);
            async move {
                Ok(piece?
                    .map(|piece| (at + piece.len() as u64, piece))
                    .map(|(at, piece)| (piece, at)))
            }
        })
    }
}

/// A whole file as the body of a request, whose length is known from the start.
#[derive(Debug, Clone)]
pub(crate) struct Whole {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Body for Whole {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = next(&self.file, self.at, self.end).transpose();
        if let Some(Ok(piece)) = &piece {
            self.at += piece.len() as u64;
        }
        Poll::Ready(piece.map(|piece| piece.map(|piece| Frame::data(piece.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.at == self.end
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.end - self.at)
    }
}

fn next(file: &File, at: u64, end: u64) -> io::Result<Option<Vec<u8>>> {
    let wanted = usize::try_from(PIECE.min(end - at)).unwrap_or_default();
    if wanted == 0 {
        return Ok(None);
    }
    let mut piece = vec![0; wanted];
    file.read_exact_at(&mut piece, at)?;
    Ok(Some(piece))
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;

    use super::*;

    async fn whole(spooled: &Spooled) -> Vec<u8> {
        let mut all = Vec::new();
        for segment in spooled.segments() {
            let bytes: Vec<Vec<u8>> = spooled.read(segment).try_collect().await.unwrap();
            all.extend(bytes.concat());
        }
        all
    }

    #[tokio::test]
    async fn what_comes_in_any_pieces_goes_out_the_same_in_segments() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|number| (number % 251) as u8).collect();
        for (chunk, segment) in [
            (1_000, 70_000),
            (70_000, 70_000),
            (200_000, 1_000),
            (7, 200_000),
            (3, 199_999),
        ] {
            let mut spooling = Spooling::in_segments_of(segment).unwrap();
            for chunk in bytes.chunks(chunk) {
                spooling.write(chunk).unwrap();
            }
            let spooled = spooling.finish();
            assert_eq!(spooled.segments().len() as u64, 200_000_u64.div_ceil(segment));
            assert!(whole(&spooled).await == bytes, "{chunk} {segment}");
            let mut once = Context::new(&SHA256);
            once.update(&bytes);
            assert_eq!(
                (spooled.size(), spooled.sha256()),
                (200_000, hexadecimal(once).as_str())
            );
            assert!(sent(spooled.whole()).await == bytes, "{chunk} {segment}");
        }
    }

    /// What a body sends, which has to be as long as it says.
    async fn sent(mut body: Whole) -> Vec<u8> {
        let said = body.size_hint().exact().unwrap();
        let mut all = Vec::new();
        while let Some(frame) = std::future::poll_fn(|waker| Pin::new(&mut body).poll_frame(waker)).await {
            all.extend(frame.unwrap().into_data().unwrap());
        }
        assert_eq!((all.len() as u64, body.is_end_stream()), (said, true));
        all
    }

    #[tokio::test]
    async fn an_empty_file_is_one_empty_segment() {
        let spooled = Spooling::new().unwrap().finish();
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(
            (spooled.segments()[0].size, spooled.segments()[0].sha256.as_str()),
            (0, nothing)
        );
        assert_eq!(whole(&spooled).await, b"");
        assert_eq!((spooled.size(), spooled.sha256()), (0, nothing));
        assert_eq!(sent(spooled.whole()).await, b"");
    }
}
