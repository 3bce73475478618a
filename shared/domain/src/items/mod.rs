//! What travels: RFIs, working hours and notes, and what becomes of each on the other side.

mod diary;
mod preview;
mod rfi;

use std::time::Duration;

use jiff::Timestamp;

pub use diary::{Entry, Note, NoteCopy, WorkingHours, WorkingHoursCopy};
pub use preview::Preview;
pub use rfi::{CostImpact, Rfi, RfiCopy, ScheduleImpact};

use crate::{ids::UserId, marker::Reference, people::Project, text};

/// How far before the connection an item may have been created and still count as new: Procore tells times in whole
/// seconds, by a clock that is not ours.
const CLOCKS_APART: Duration = Duration::from_secs(60);

/// The most characters of an item's subject or first words that are kept with its delivery.
const LONGEST_TITLE: usize = 200;

/// An item as it stands in its source project.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An RFI.
    Rfi(Rfi),
    /// A working-hours entry of the Site Diary.
    WorkingHours(WorkingHours),
    /// A note of the Site Diary.
    Note(Note),
}

/// An item as it is created on the other side.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemCopy {
    /// A draft RFI.
    Rfi(RfiCopy),
    /// A working-hours entry.
    WorkingHours(WorkingHoursCopy),
    /// A note.
    Note(NoteCopy),
}

/// An RFI cannot be created without somebody to be its manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no Connected RFI Manager is chosen")]
pub struct NeedsManager;

impl Item {
    /// Whether the item is sent without anybody picking it, over a connection that exists since `connected_since`.
    ///
    /// # Errors
    /// [`StaysHere`], with the reason.
    pub fn travels_by_itself(&self, connected_since: Timestamp) -> Result<(), StaysHere> {
        match self {
            Self::Rfi(rfi) => rfi.travels_by_itself(connected_since),
            Self::WorkingHours(hours) => hours.entry.travels_by_itself(connected_since),
            Self::Note(note) => note.entry.travels_by_itself(connected_since),
        }
    }

    /// A line by which people know the item again.
    #[must_use]
    pub fn title(&self) -> String {
        let title = match self {
            Self::Rfi(rfi) => rfi.subject.clone(),
            Self::WorkingHours(hours) => {
                let (workers, each) = (hours.workers.unwrap_or_default(), hours.hours.as_deref().unwrap_or("0"));
                format!("{workers} workers, {each} hours: {}", hours.entry.comment)
            }
            Self::Note(note) => note.entry.comment.clone(),
        };
        text::one_line(&title, LONGEST_TITLE)
    }

    /// The item as it is created on the other side.
    ///
    /// # Errors
    /// [`NeedsManager`], for an RFI without a Connected RFI Manager.
    pub fn copy(
        &self,
        from: &Project,
        manager: Option<UserId>,
        reference: &Reference,
    ) -> Result<ItemCopy, NeedsManager> {
        Ok(match self {
            Self::Rfi(rfi) => ItemCopy::Rfi(rfi.copy(from, manager.ok_or(NeedsManager)?, reference)),
            Self::WorkingHours(hours) => ItemCopy::WorkingHours(hours.copy(from, reference)),
            Self::Note(note) => ItemCopy::Note(note.copy(from, reference)),
        })
    }
}

/// Whether something was there before the connection was.
fn is_older(created: Option<Timestamp>, connected_since: Timestamp) -> bool {
    created.is_some_and(|created| created.saturating_add(CLOCKS_APART).unwrap_or(created) < connected_since)
}

/// Why an item stays where it is, although its tool is sent automatically. A person may still send it by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StaysHere {
    /// It is a draft. It is sent when it is first opened.
    #[error("it is a draft")]
    Draft,
    /// It is private.
    #[error("it is private")]
    Private,
    /// It is itself a copy that arrived over a connection.
    #[error("it is a copy")]
    Copy,
    /// It is older than the connection.
    #[error("it is older than the connection")]
    OlderThanConnection,
    /// It has been deleted.
    #[error("it has been deleted")]
    Deleted,
}
