//! What travels: RFIs, working hours and notes, and what becomes of each on the other side.

pub mod attachment;
mod decimal;
mod diary;
mod left_out;
pub mod place;
mod preview;
mod rfi;

use std::time::Duration;

use gusset_words::say;
use jiff::{Timestamp, civil::Date};

pub use decimal::{Decimal, ParseDecimalError};
pub use diary::{Entry, Note, NoteCopy, WorkingHours, WorkingHoursCopy};
pub use left_out::{Completeness, Files, LeftOut, MAX_LEFT_OUT, Part, Picture, Unreadable};
pub use preview::Preview;
pub use rfi::{CostImpact, Impact, Revision, Rfi, RfiCopy, ScheduleImpact, Section};

use attachment::{Attachment, FileName, Missing, UploadId};

use crate::{
    ids::{ItemId, LocationId, SpecificationSectionId, UserId},
    marker::{self, Reference},
    people::Project,
    send::Tool,
    text,
};

/// How far before the connection an item may have been created and still count as new: Procore tells times in whole
/// seconds, by a clock that is not ours.
pub(crate) const CLOCKS_APART: Duration = Duration::from_secs(60);

/// The most characters of an item's subject or first words that are kept with its delivery.
const LONGEST_TITLE: usize = 200;

/// Why a field or file that was sent counts as left out.
const NOT_SHOWN: &str = "is not in the copy, as Procore shows it";

/// Why formatting counts as left out.
const FLATTENED: &str = "was too much to be copied; the text is whole";

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

/// An item of which is known to whom it goes on the other side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Addressed<'a> {
    /// An RFI, and who is to be its manager.
    Rfi(&'a Rfi, UserId),
    /// A working-hours entry.
    WorkingHours(&'a WorkingHours),
    /// A note.
    Note(&'a Note),
}

/// An RFI cannot be created without somebody to be its manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", say!("reason-needs-manager"))]
pub struct NeedsManager;

impl Item {
    /// Its id. Unique within its tool only.
    #[must_use]
    pub fn id(&self) -> ItemId {
        match self {
            Self::Rfi(rfi) => rfi.id,
            Self::WorkingHours(hours) => hours.entry.id,
            Self::Note(note) => note.entry.id,
        }
    }

    /// The tool that it belongs to.
    #[must_use]
    pub fn tool(&self) -> Tool {
        match self {
            Self::Rfi(_) => Tool::Rfis,
            Self::WorkingHours(_) => Tool::WorkingHours,
            Self::Note(_) => Tool::Notes,
        }
    }

    /// Whether it has been deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        match self {
            Self::Rfi(rfi) => rfi.deleted,
            Self::WorkingHours(hours) => hours.entry.deleted,
            Self::Note(note) => note.entry.deleted,
        }
    }

    /// The reference that a marker in its text carries. That alone makes it no copy: anybody may quote one.
    #[must_use]
    pub fn marker(&self) -> Option<Reference> {
        match self {
            Self::Rfi(rfi) => rfi.marker(),
            Self::WorkingHours(hours) => marker::find(&hours.entry.comment),
            Self::Note(note) => marker::find(&note.entry.comment),
        }
    }

    /// The reference that it bears, where it may be a copy that is on no record yet: our app wrote it, or nobody can say who did.
    /// `ours` is the user as whom our app acts in the item's company.
    #[must_use]
    pub fn may_be_copy_of(&self, ours: Option<UserId>) -> Option<Reference> {
        let is_foreign = matches!((self.author(), ours), (Some(author), Some(ours)) if author != ours);
        self.marker().filter(|_| !is_foreign)
    }

    /// Who created it, where Procore says so.
    #[must_use]
    pub fn author(&self) -> Option<UserId> {
        match self {
            Self::Rfi(rfi) => rfi.author_id,
            Self::WorkingHours(hours) => hours.entry.author_id,
            Self::Note(note) => note.entry.author_id,
        }
    }

    /// Whether only some of its project may see it.
    #[must_use]
    pub fn is_private(&self) -> bool {
        match self {
            Self::Rfi(rfi) => rfi.private,
            Self::WorkingHours(_) | Self::Note(_) => false,
        }
    }

    /// Whether its copy needs somebody to be its manager.
    #[must_use]
    pub fn needs_manager(&self) -> bool {
        matches!(self, Self::Rfi(_))
    }

    /// When it was created, or an RFI opened, where Procore says so.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        match self {
            Self::Rfi(rfi) => rfi.opened_at,
            Self::WorkingHours(hours) => hours.entry.created_at,
            Self::Note(note) => note.entry.created_at,
        }
    }

    /// The day of the Site Diary that it is about.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        match self {
            Self::Rfi(_) => None,
            Self::WorkingHours(hours) => hours.entry.date,
            Self::Note(note) => note.entry.date,
        }
    }

    /// What its author wrote: plain text, one line.
    #[must_use]
    pub fn words(&self) -> String {
        let words = match self {
            Self::Rfi(rfi) => rfi.plain_question(),
            Self::WorkingHours(hours) => hours.entry.comment.clone(),
            Self::Note(note) => note.entry.comment.clone(),
        };
        text::one_line(&words, usize::MAX)
    }

    /// Whether a reference stands in its text.
    #[must_use]
    pub fn mentions(&self, reference: &Reference) -> bool {
        let (one, other) = match self {
            Self::Rfi(rfi) => (&rfi.question_rich, &rfi.question_plain),
            Self::WorkingHours(hours) => (&hours.entry.comment, &hours.entry.comment),
            Self::Note(note) => (&note.entry.comment, &note.entry.comment),
        };
        one.contains(reference.as_str()) || other.contains(reference.as_str())
    }

    /// Whether the item is sent without anybody picking it, where such items are sent since `since`. `ours` is the user as
    /// whom our app acts in the item's company: what that one created is a copy.
    ///
    /// # Errors
    /// [`StaysHere`], with the reason.
    pub fn travels_by_itself(&self, since: Timestamp, ours: Option<UserId>) -> Result<(), StaysHere> {
        let is_copy = match (ours, self.author()) {
            (Some(ours), Some(author)) => author == ours,
            // Nobody can say whose it is. Then its text has to do, or what arrived could go round before it is on record.
            _ => self.marker().is_some(),
        };
        if is_copy {
            return Err(StaysHere::Copy);
        }
        match self {
            Self::Rfi(rfi) => rfi.travels_by_itself(since),
            Self::WorkingHours(hours) => hours.entry.travels_by_itself(since),
            Self::Note(note) => note.entry.travels_by_itself(since),
        }
    }

    /// A line by which people know the item again.
    #[must_use]
    pub fn title(&self) -> String {
        let title = match self {
            Self::Rfi(rfi) => rfi.named_subject(),
            Self::WorkingHours(hours) => {
                let each = hours.hours.as_ref().map_or_else(|| "0".to_owned(), ToString::to_string);
                let workers = hours.workers.unwrap_or_default();
                format!("{workers} workers, {each} hours: {}", hours.entry.comment)
            }
            Self::Note(note) => note.entry.comment.clone(),
        };
        text::one_line(&title, LONGEST_TITLE)
    }

    /// The item's number in its project. Only RFIs have one, and those from when they are opened.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        match self {
            Self::Rfi(rfi) => rfi.number.as_deref(),
            Self::WorkingHours(_) | Self::Note(_) => None,
        }
    }

    /// The name of who wrote it, as Procore has it.
    #[must_use]
    pub fn author_name(&self) -> Option<&str> {
        match self {
            Self::Rfi(rfi) => rfi.author.as_deref(),
            Self::WorkingHours(hours) => hours.entry.author.as_deref(),
            Self::Note(note) => note.entry.author.as_deref(),
        }
    }

    /// The item, once it is known to whom it goes. It can be copied then.
    ///
    /// # Errors
    /// [`NeedsManager`], for an RFI without a Connected RFI Manager.
    pub fn addressed(&self, manager: Option<UserId>) -> Result<Addressed<'_>, NeedsManager> {
        Ok(match self {
            Self::Rfi(rfi) => Addressed::Rfi(rfi, manager.ok_or(NeedsManager)?),
            Self::WorkingHours(hours) => Addressed::WorkingHours(hours),
            Self::Note(note) => Addressed::Note(note),
        })
    }

    /// What is attached to it.
    #[must_use]
    pub fn attachments(&self) -> &[Attachment] {
        match self {
            Self::Rfi(rfi) => &rfi.attachments,
            Self::WorkingHours(hours) => &hours.entry.attachments,
            Self::Note(note) => &note.entry.attachments,
        }
    }

    /// Whether it waits for the approval of its own project: then it is nothing yet that could be sent.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        match self {
            Self::Rfi(_) => false,
            Self::WorkingHours(hours) => hours.entry.pending,
            Self::Note(note) => note.entry.pending,
        }
    }

    /// The fields of it that cannot be read.
    #[must_use]
    pub fn unreadable(&self) -> &[Unreadable] {
        match self {
            Self::Rfi(rfi) => &rfi.unreadable,
            Self::WorkingHours(hours) => &hours.entry.unreadable,
            Self::Note(note) => &note.entry.unreadable,
        }
    }

    /// What of the item is not in its copy before that has been created: fields that cannot be read, and files that stay
    /// behind as `missing` says.
    fn left_behind(&self, missing: &[Missing]) -> Vec<LeftOut> {
        let fields = self.unreadable().iter().map(LeftOut::from);
        let mut left_out: Vec<LeftOut> = fields.chain(missing.iter().map(LeftOut::from)).collect();
        if let Self::Rfi(rfi) = self {
            left_out.extend(rfi.pictures_left_behind().iter().map(LeftOut::from));
            if rfi.loses_formatting() {
                left_out.push(LeftOut::field("Formatting of the question", FLATTENED));
            }
        }
        left_out
    }

    /// Whether its files are added to the copy once that is there, and not named when it is created: Procore takes the files of
    /// Site Diary entries in no other way.
    #[must_use]
    pub fn adds_files_later(&self) -> bool {
        match self {
            Self::Rfi(_) => false,
            Self::WorkingHours(_) | Self::Note(_) => !self.attachments().is_empty(),
        }
    }

    /// The comment of a copy with what it does not yet say of files that stay behind. None where it says all of it, or where that
    /// was said when the copy was created.
    #[must_use]
    pub fn with_untold(&self, missing: &[Missing]) -> Option<String> {
        match self {
            Self::Rfi(_) => None,
            Self::WorkingHours(hours) => hours.entry.with_untold(missing),
            Self::Note(note) => note.entry.with_untold(missing),
        }
    }

    /// How many files belong to it: attachments, and pictures of its text that are none.
    fn files(&self) -> usize {
        let pictures = match self {
            Self::Rfi(rfi) => rfi.pictures_left_behind().len(),
            Self::WorkingHours(_) | Self::Note(_) => 0,
        };
        self.attachments().len() + pictures
    }

    /// Compares a copy with what was sent: what of it the copy, as its project shows it, does not have. `missing` names the
    /// files that were not sent at all.
    #[must_use]
    pub fn not_shown(&self, sent: &ItemCopy, missing: &[Missing], arrived: &Self) -> Vec<LeftOut> {
        let attachments = self.attachments().iter().map(|attachment| attachment.name.as_str());
        let mut uploaded: Vec<FileName> = FileName::apart(attachments);
        uploaded.retain(|name| !missing.iter().any(|missing| missing.name == *name));
        let mut left_out = files_not_shown(&uploaded, arrived.attachments());
        let fields = match (sent, arrived) {
            (ItemCopy::Rfi(sent), Self::Rfi(arrived)) => sent.not_shown_in(arrived),
            (ItemCopy::WorkingHours(sent), Self::WorkingHours(arrived)) => sent.not_shown_in(arrived),
            (ItemCopy::Note(sent), Self::Note(arrived)) => sent.not_shown_in(arrived),
            // Procore answers about the tool that it was asked about.
            _ => Vec::new(),
        };
        left_out.extend(fields.into_iter().map(|field| LeftOut::field(field, NOT_SHOWN)));
        left_out
    }

    /// How complete its copy is: `missing` names the files that were not sent, `not_shown` is what was sent in vain.
    #[must_use]
    pub fn completeness(&self, missing: &[Missing], not_shown: Vec<LeftOut>) -> Completeness {
        let mut left_out = self.left_behind(missing);
        left_out.extend(not_shown);
        Completeness::new(self.files(), left_out)
    }

    /// The path of its location.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        match self {
            Self::Rfi(rfi) => rfi.location.as_deref(),
            Self::WorkingHours(hours) => hours.entry.location.as_deref(),
            Self::Note(note) => note.entry.location.as_deref(),
        }
    }

    /// The number of the specification section that it is about.
    #[must_use]
    pub fn specification_section(&self) -> Option<&str> {
        match self {
            Self::Rfi(rfi) => rfi
                .specification_section
                .as_ref()
                .map(|section| section.number.as_str()),
            Self::WorkingHours(_) | Self::Note(_) => None,
        }
    }
}

/// What was made ready in the other project for an item to be created there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prepared {
    /// The attachments that are across and are named by the item, an RFI.
    pub uploads: Vec<UploadId>,
    /// The attachments that stay behind.
    pub missing: Vec<Missing>,
    /// The other project's own location of that name.
    pub location: Option<LocationId>,
    /// The other project's own section of that number.
    pub specification_section: Option<SpecificationSectionId>,
    /// Whether the other project's list of locations, or of sections, could not be read to its end: what was looked for in it is
    /// kept as text for that reason alone.
    pub lists_unread: bool,
}

impl Addressed<'_> {
    /// The item as it is created on the other side.
    #[must_use]
    pub fn copy(&self, from: &Project, reference: &Reference, ready: &Prepared) -> ItemCopy {
        match self {
            Self::Rfi(rfi, manager) => ItemCopy::Rfi(rfi.copy(from, *manager, reference, ready)),
            Self::WorkingHours(hours) => ItemCopy::WorkingHours(hours.copy(from, reference, ready)),
            Self::Note(note) => ItemCopy::Note(note.copy(from, reference, ready)),
        }
    }
}

/// The files that were sent and are not among those that the copy shows. Procore may have given them other names: where as
/// many are there as were sent, none is missing.
fn files_not_shown(sent: &[FileName], shown: &[Attachment]) -> Vec<LeftOut> {
    let mut spare: Vec<FileName> = shown.iter().map(|file| FileName::nearest(&file.name)).collect();
    let mut missing: Vec<&FileName> = Vec::new();
    for name in sent {
        match spare.iter().position(|shown| shown == name) {
            Some(at) => drop(spare.swap_remove(at)),
            None => missing.push(name),
        }
    }
    let missing = missing.into_iter().skip(spare.len());
    missing.map(|name| LeftOut::file(name.as_str(), NOT_SHOWN)).collect()
}

impl Prepared {
    /// The line that keeps a place as text.
    fn place_line(&self, name: &str, value: &str) -> String {
        let why = if self.lists_unread {
            " (kept as text: this project's list of them could not be read to its end)"
        } else {
            ""
        };
        format!("{name}: {value}{why}")
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
    /// It waits for the approval of its own project. It is sent when it is approved.
    #[error("it waits for approval in its own project")]
    Pending,
    /// It has been deleted.
    #[error("it has been deleted")]
    Deleted,
}
