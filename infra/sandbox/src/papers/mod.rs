//! Drawings and documents that the sandbox writes itself, whenever one is read: real PDFs of one page with a title
//! block, and PNG pictures of them. What is on a paper decides every byte, so that its size and digest never change,
//! and nothing of it is kept: a PDF of 200 MB costs no more memory than one of 20 kB.

mod pdf;
mod pixels;
mod png;
mod sketch;

use std::sync::Arc;

/// The smallest PDF: what is on a paper always fits into it.
pub(crate) const SMALLEST_PDF: u64 = 16 * 1024;

/// The largest PDF that may be asked for: 4 GiB.
pub(crate) const LARGEST_PDF: u64 = 4 * 1024 * 1024 * 1024;

/// How much is written at a time.
const CHUNK: usize = 64 * 1024;

/// How a paper looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Layout {
    /// A drawing: landscape, with a title block at its right.
    Sheet,
    /// A page of text, upright.
    Page,
}

/// What is on a paper.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Paper {
    pub(crate) layout: Layout,
    pub(crate) project: String,
    /// A sheet's or section's number; empty where there is none.
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) revision: String,
    /// As it is printed.
    pub(crate) date: String,
    /// How large its PDF is, in bytes: [`SMALLEST_PDF`] at least.
    pub(crate) pdf_size: u64,
}

impl Paper {
    /// A number that two papers share only if they say the same (FNV-1a, as it has to stay the same from build to
    /// build).
    fn seed(&self) -> u64 {
        let size = self.pdf_size.to_string();
        let texts = [
            &self.project,
            &self.number,
            &self.title,
            &self.revision,
            &self.date,
            &size,
        ];
        let bytes = texts.into_iter().flat_map(|text| text.bytes().chain([0]));
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

/// The sizes in which a paper's picture is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Picture {
    Thumbnail,
    LargeThumbnail,
    Full,
}

impl Picture {
    /// In pixels.
    fn width(self) -> usize {
        match self {
            Self::Thumbnail => 208,
            Self::LargeThumbnail => 612,
            Self::Full => 1224,
        }
    }
}

/// A paper's PDF or picture.
#[derive(Debug, Clone)]
pub(crate) struct Writing {
    paper: Arc<Paper>,
    /// None for the PDF.
    picture: Option<Picture>,
}

impl Writing {
    pub(crate) fn pdf(paper: &Arc<Paper>) -> Self {
        Self {
            paper: Arc::clone(paper),
            picture: None,
        }
    }

    pub(crate) fn picture(paper: &Arc<Paper>, picture: Picture) -> Self {
        Self {
            paper: Arc::clone(paper),
            picture: Some(picture),
        }
    }

    pub(crate) fn content_type(&self) -> &'static str {
        if self.picture.is_some() {
            "image/png"
        } else {
            "application/pdf"
        }
    }

    /// In bytes, known without writing anything.
    pub(crate) fn size(&self) -> u64 {
        match self.picture {
            None => self.paper.pdf_size,
            Some(picture) => png::size(sketch::pixels(self.paper.layout, picture)),
        }
    }

    /// The bytes, made as they are taken.
    pub(crate) fn chunks(&self) -> Box<dyn Iterator<Item = Vec<u8>> + Send> {
        match self.picture {
            None => Box::new(pdf::chunks(&self.paper)),
            Some(picture) => Box::new(std::iter::once(png::encode(&sketch::draw(&self.paper, picture)))),
        }
    }
}

/// Numbers that look like chance and are the same every time (xorshift).
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From `from` up to, without, `to`.
    fn between(&mut self, from: i32, to: i32) -> i32 {
        let span = u64::from(to.abs_diff(from)).max(1);
        from + i32::try_from((self.next() >> 16) % span).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(pdf_size: u64) -> Arc<Paper> {
        Arc::new(Paper {
            layout: Layout::Sheet,
            project: "Pier 9 Tower (phase 1)".to_owned(),
            number: "A-101".to_owned(),
            title: "Level 1 floor plan – west".to_owned(),
            revision: "2".to_owned(),
            date: "2026-05-18".to_owned(),
            pdf_size,
        })
    }

    fn bytes(writing: &Writing) -> Vec<u8> {
        writing.chunks().flatten().collect()
    }

    #[test]
    fn sizes_are_known_beforehand_and_bytes_are_the_same_every_time() {
        for size in [SMALLEST_PDF, 20_001, 300_000] {
            let writing = Writing::pdf(&paper(size));
            assert_eq!(bytes(&writing).len() as u64, size);
            assert_eq!(bytes(&writing), bytes(&Writing::pdf(&paper(size))));
        }
        for picture in [Picture::Thumbnail, Picture::LargeThumbnail, Picture::Full] {
            let writing = Writing::picture(&paper(SMALLEST_PDF), picture);
            assert_eq!(bytes(&writing).len() as u64, writing.size());
        }
    }

    #[test]
    fn papers_that_say_different_things_differ() {
        let other = Paper {
            revision: "3".to_owned(),
            ..(*paper(SMALLEST_PDF)).clone()
        };
        assert_ne!(
            bytes(&Writing::pdf(&paper(SMALLEST_PDF))),
            bytes(&Writing::pdf(&Arc::new(other)))
        );
    }

    #[test]
    fn the_longest_texts_fit_into_the_smallest_pdf() {
        let long = "(\\ü".repeat(500);
        for layout in [Layout::Sheet, Layout::Page] {
            let paper = Paper {
                layout,
                project: long.clone(),
                number: long.clone(),
                title: long.clone(),
                revision: long.clone(),
                date: long.clone(),
                pdf_size: SMALLEST_PDF,
            };
            assert_eq!(bytes(&Writing::pdf(&Arc::new(paper))).len() as u64, SMALLEST_PDF);
        }
    }

    #[test]
    fn a_large_pdf_comes_in_small_pieces() {
        let size = 20 * 1024 * 1024;
        let mut sum = 0;
        for chunk in Writing::pdf(&paper(size)).chunks() {
            assert!(chunk.len() <= CHUNK);
            sum += chunk.len() as u64;
        }
        assert_eq!(sum, size);
    }
}
