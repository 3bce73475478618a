//! What a project has of plans: drawings, specifications and documents, with all their revisions, and when bids are due.
//!
//! A listing says whether it is whole: whoever compares it with what was there before takes what is missing for gone. That is
//! told by the lists' totals and pages ([`entries`]). Procore promises little of what these lists hold, so everything but what
//! tells entries apart may be missing.

mod bid_packages;
mod documents;
mod drawings;
mod entries;
mod inner;
mod specifications;

#[cfg(test)]
mod tests;

use jiff::{Timestamp, civil::Date};

use super::{ProcoreError, lenient};

pub use bid_packages::BidPackage;
pub use documents::DocumentListed;
pub use drawings::DrawingListed;
pub use specifications::SectionListed;

/// What became of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed<T> {
    /// All that the tool holds and the login may see.
    Whole(Vec<T>),
    /// A part of it, or all: what is not among these may be there all the same.
    Partial(Vec<T>),
    /// 403 or 404: the tool is switched off or closed to the login, or the project is, or its company has not installed
    /// the app. Nothing is known of what the tool holds.
    ToolClosed,
}

impl<T> Listed<T> {
    fn of(found: Vec<T>, whole: bool) -> Self {
        if whole {
            Self::Whole(found)
        } else {
            Self::Partial(found)
        }
    }
}

/// A revision of a drawing or section, or a version of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RevisionListed {
    /// Its id in Procore, unique among revisions of its kind.
    pub id: u64,
    /// What it is called: `0`, `2`, `B`. A version's number.
    pub number: Option<String>,
    /// The drawing set that it came with.
    pub set: Option<String>,
    /// The day that is on it.
    pub issued_on: Option<Date>,
    /// The day that it was received.
    pub received_on: Option<Date>,
    /// What was said of a version.
    pub notes: Option<String>,
    /// Where Procore hands out its file, to who has the token. It may work for a while only.
    pub address: Option<String>,
    /// How large the file is, in bytes, as Procore says.
    pub size: Option<u64>,
    /// Where Procore hands out a small picture of it.
    pub thumbnail: Option<String>,
    /// When it was last changed.
    pub changed_at: Option<Timestamp>,
}

impl RevisionListed {
    /// With what another answer says of the same revision and this one leaves out.
    fn and(self, other: Self) -> Self {
        Self {
            id: self.id,
            number: self.number.or(other.number),
            set: self.set.or(other.set),
            issued_on: self.issued_on.or(other.issued_on),
            received_on: self.received_on.or(other.received_on),
            notes: self.notes.or(other.notes),
            address: self.address.or(other.address),
            size: self.size.or(other.size),
            thumbnail: self.thumbnail.or(other.thumbnail),
            changed_at: self.changed_at.max(other.changed_at),
        }
    }
}

/// An answer, unless what was asked for is closed or not there.
fn open<T>(answer: Result<T, ProcoreError>) -> Result<Option<T>, ProcoreError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ProcoreError::Forbidden(_) | ProcoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A listing that cannot be whole.
fn absurd(said: impl Into<String>) -> ProcoreError {
    ProcoreError::Unexpected {
        status: 200,
        said: said.into(),
    }
}
