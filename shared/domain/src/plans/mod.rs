//! Plans: drawings, specification sections and documents of Procore, kept for an estimator.
//!
//! What Procore shows becomes a [`Listed`](listing::Listed), is compared with the [`Plan`] that is on record
//! ([`reconcile`]), and what is missing is fetched by [`jobs`](job). Names belong to Procore: a plan's details are replaced
//! as a whole by what Procore says. Labels and notes belong to the account, and are never touched by a sync.

pub mod archive;
pub mod job;
pub mod listing;
pub mod order;
pub mod project;
pub mod reconcile;
pub mod run;

use std::{collections::BTreeMap, fmt, str::FromStr};

use gusset_words::say;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{ProjectId, RunId},
    text,
};

/// What kind of plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanKind {
    /// A sheet of the drawings.
    Drawing,
    /// A section of the specification book.
    Specification,
    /// A file of the documents tool.
    Document,
}

impl PlanKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Drawing, Self::Specification, Self::Document];

    /// The word for it in ids and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Drawing => "drawing",
            Self::Specification => "specification",
            Self::Document => "document",
        }
    }
}

impl FromStr for PlanKind {
    type Err = NotAPlanId;

    fn from_str(text: &str) -> Result<Self, NotAPlanId> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(NotAPlanId)
    }
}

/// A plan's id within an account: what it is in Procore. The same plan has the same id, whichever login it comes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PlanId {
    /// The project in Procore.
    pub project: ProjectId,
    /// What kind of plan.
    pub kind: PlanKind,
    /// Procore's id of the drawing, the specification section or the file.
    pub entity: u64,
}

/// The text is no plan's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a plan's id looks like 20001-drawing-600123")]
pub struct NotAPlanId;

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.project, self.kind.as_str(), self.entity)
    }
}

impl FromStr for PlanId {
    type Err = NotAPlanId;

    fn from_str(text: &str) -> Result<Self, NotAPlanId> {
        let (project, rest) = text.split_once('-').ok_or(NotAPlanId)?;
        let (kind, entity) = rest.split_once('-').ok_or(NotAPlanId)?;
        let id = Self {
            project: project.parse().map_err(|_| NotAPlanId)?,
            kind: kind.parse()?,
            entity: entity.parse().map_err(|_| NotAPlanId)?,
        };
        // One spelling only.
        (id.to_string() == text).then_some(id).ok_or(NotAPlanId)
    }
}

impl From<PlanId> for String {
    fn from(id: PlanId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for PlanId {
    type Error = NotAPlanId;

    fn try_from(text: String) -> Result<Self, NotAPlanId> {
        text.parse()
    }
}

/// Procore's id of a revision of a drawing or section, or of a version of a file. Higher is later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RevisionId(pub u64);

impl fmt::Display for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RevisionId {
    type Err = NotAPlanId;

    fn from_str(text: &str) -> Result<Self, NotAPlanId> {
        text.parse()
            .ok()
            .filter(|id: &u64| id.to_string() == text)
            .map(Self)
            .ok_or(NotAPlanId)
    }
}

// As text: it is the name of a field in a record, and a record's fields have names that are texts.
impl Serialize for RevisionId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RevisionId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What Procore says of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Its number: of a sheet or section. Empty for files.
    #[serde(default)]
    pub number: String,
    /// Its title: of a sheet or section, or a file's name.
    pub title: String,
    /// Where it is: a sheet's area, a section's division, a file's folders from the outside in.
    #[serde(default)]
    pub place: Vec<String>,
    /// A sheet's discipline, such as `Structural`.
    #[serde(default)]
    pub discipline: Option<String>,
    /// Whether Procore marks it as obsolete.
    #[serde(default)]
    pub obsolete: bool,
    /// The revision that holds.
    #[serde(default)]
    pub current: Option<RevisionId>,
}

/// A copy of a file in our storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Of its content, in lower-case hexadecimal digits. Names it in the storage.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
    /// Its media type.
    pub content_type: String,
}

/// A revision's file in our storage, as it was when it was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The file.
    pub file: StoredFile,
    /// Its picture, where Procore offers one.
    #[serde(default)]
    pub thumbnail: Option<StoredFile>,
    /// What Procore said of it: see [`listing::ListedRevision::stamp`].
    pub stamp: String,
}

/// What became of a revision's file. A file that is here stays until another one is in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Copy {
    /// It has to be fetched still.
    Waiting {
        /// As [`Stored::stamp`]: which state of the file is waited for. What comes of an earlier one is not kept, because it may have
        /// been read before the file changed.
        #[serde(default)]
        stamp: String,
        /// The file as it was before it changed.
        #[serde(default)]
        kept: Option<Stored>,
    },
    /// It is here.
    Stored(Stored),
    /// It could not be fetched.
    Failed {
        /// Why, in words for the estimator.
        reason: String,
        /// Whether it makes no sense to try again before it changes in Procore.
        for_good: bool,
        /// As [`Stored::stamp`].
        stamp: String,
        /// The file as it was before it changed.
        #[serde(default)]
        kept: Option<Stored>,
    },
    /// Procore hands out no file for it.
    NotOffered,
}

impl Copy {
    /// What is here.
    #[must_use]
    pub fn stored(&self) -> Option<&Stored> {
        match self {
            Self::Stored(stored) => Some(stored),
            Self::Waiting { kept, .. } | Self::Failed { kept, .. } => kept.as_ref(),
            Self::NotOffered => None,
        }
    }

    /// Whether it has to be fetched still.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting { .. })
    }

    /// Whether it has to be fetched still as Procore describes it by a stamp.
    #[must_use]
    pub fn waits_for(&self, described: &str) -> bool {
        matches!(self, Self::Waiting { stamp, .. } if stamp == described)
    }
}

/// A revision of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// What Procore calls it, such as `2`.
    pub number: String,
    /// The set or addendum with which it came.
    #[serde(default)]
    pub set: Option<String>,
    /// When it was drawn or issued.
    #[serde(default)]
    pub issued: Option<Date>,
    /// When it was received.
    #[serde(default)]
    pub received: Option<Date>,
    /// The name to save it under. Anything at all: make it safe with `FileName` before it is used.
    pub file_name: String,
    /// What became of its file.
    pub copy: Copy,
    /// The run that counts its file. A file that Procore told of counts in none.
    #[serde(default)]
    pub run: Option<RunId>,
    /// Counts the writes of the record: of two who change it at once, the later one looks again.
    #[serde(default)]
    pub version: u64,
}

impl Revision {
    /// Its file, where it is here.
    #[must_use]
    pub fn file(&self) -> Option<&StoredFile> {
        self.copy.stored().map(|stored| &stored.file)
    }

    /// Its picture, where it is here.
    #[must_use]
    pub fn thumbnail(&self) -> Option<&StoredFile> {
        self.copy.stored().and_then(|stored| stored.thumbnail.as_ref())
    }
}

/// The most characters of a label.
const LONGEST_LABEL: usize = 60;

/// The most characters of a note.
const LONGEST_NOTE: usize = 4_000;

/// What the account wrote to a plan itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Own {
    /// A short word for it, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// A note, of as many lines as it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What the account changes of that. What is None stays; what is Some(None) goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnChange {
    /// The label.
    pub label: Option<Option<String>>,
    /// The note.
    pub note: Option<Option<String>>,
}

/// Why a change to a plan is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    /// Names are Procore's.
    #[error("{}", say!("problem-plan-name-locked-detail"))]
    NameIsProcores,
    /// A label that is too long.
    #[error("{}", say!("problem-bad-field-detail-label", most = LONGEST_LABEL.to_string()))]
    LabelTooLong,
    /// A note that is too long.
    #[error("{}", say!("problem-bad-field-detail-note", most = LONGEST_NOTE.to_string()))]
    NoteTooLong,
}

impl Own {
    /// A label as it is kept: in one line. Nothing but white space removes it.
    ///
    /// # Errors
    /// [`PlanRefusal::LabelTooLong`].
    pub fn label(text: &str) -> Result<Option<String>, PlanRefusal> {
        let label = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if label.chars().count() > LONGEST_LABEL {
            return Err(PlanRefusal::LabelTooLong);
        }
        Ok(Some(label).filter(|label| !label.is_empty()))
    }

    /// A note as it is kept. Nothing but white space removes it.
    ///
    /// # Errors
    /// [`PlanRefusal::NoteTooLong`].
    pub fn note(text: &str) -> Result<Option<String>, PlanRefusal> {
        let note = text.trim().replace("\r\n", "\n");
        if note.chars().count() > LONGEST_NOTE {
            return Err(PlanRefusal::NoteTooLong);
        }
        Ok(Some(note).filter(|note| !note.is_empty()))
    }
}

/// A plan on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Which.
    pub id: PlanId,
    /// What Procore says of it.
    #[serde(flatten)]
    pub details: Details,
    /// Its revisions, the oldest first.
    pub revisions: BTreeMap<RevisionId, Revision>,
    /// When the first whole look began that did not find it, while that is not certain yet: see [`reconcile::absent`].
    pub missing_since: Option<Timestamp>,
    /// Since when Procore does not show it any more. It is kept all the same.
    pub gone_since: Option<Timestamp>,
    /// When the look began that last changed it. An earlier one does not change it any more, however late it comes to its end.
    pub seen_at: Option<Timestamp>,
    /// What the account wrote to it.
    pub own: Own,
    /// Counts the writes of the record: of two who change it at once, the later one looks again.
    pub version: u64,
}

impl Plan {
    /// What it is called: number and title, or a file's name.
    #[must_use]
    pub fn name(&self) -> String {
        text::one_line(format!("{} {}", self.details.number, self.details.title).trim(), 200)
    }

    /// The revision that holds: the one that Procore says, or else the latest.
    #[must_use]
    pub fn current(&self) -> Option<(RevisionId, &Revision)> {
        let said = self.details.current.and_then(|id| self.revisions.get_key_value(&id));
        let (id, revision) = said.or_else(|| self.revisions.last_key_value())?;
        Some((*id, revision))
    }

    /// Whether a revision's file has to be fetched still, as Procore describes it in `source`.
    #[must_use]
    pub fn waits_for(&self, source: &job::Source) -> bool {
        let revision = self.revisions.get(&source.revision);
        revision.is_some_and(|revision| revision.copy.waits_for(&source.stamp))
    }

    /// How many of its files have to be fetched still.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        let waits = |revision: &&Revision| revision.copy.is_waiting();
        self.revisions.values().filter(waits).count() as u64
    }

    /// Its files that have to be fetched still, for a look that did not find out where Procore has them.
    #[must_use]
    pub fn waiting_sources(&self) -> Vec<job::Source> {
        let source = |(id, revision): (&RevisionId, &Revision)| match &revision.copy {
            Copy::Waiting { stamp, .. } => Some(job::Source {
                revision: *id,
                address: None,
                thumbnail: None,
                stamp: stamp.clone(),
            }),
            _ => None,
        };
        self.revisions.iter().filter_map(source).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plans_id_has_one_spelling() {
        let id: PlanId = "20001-drawing-600123".parse().unwrap();
        assert_eq!(
            (id.project.get(), id.kind, id.entity),
            (20001, PlanKind::Drawing, 600_123)
        );
        for text in [
            "",
            "20001",
            "20001-drawing",
            "20001-drawing-",
            "20001-drawing-+1",
            "20001-drawing-01",
            "20001-Drawing-1",
            "20001-plan-1",
            "0-drawing-1",
            "20001-drawing-1-2",
            "20001-drawing-99999999999999999999",
        ] {
            assert!(text.parse::<PlanId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn labels_are_one_line_and_notes_keep_theirs() {
        assert_eq!(Own::label("  check \n scale ").unwrap().as_deref(), Some("check scale"));
        assert_eq!(Own::label(" \n ").unwrap(), None);
        assert_eq!(Own::note(" a\r\nb ").unwrap().as_deref(), Some("a\nb"));
        assert_eq!(Own::label(&"x".repeat(61)), Err(PlanRefusal::LabelTooLong));
        assert_eq!(Own::note(&"x".repeat(4_001)), Err(PlanRefusal::NoteTooLong));
    }

    proptest! {
        #[test]
        fn an_id_is_read_back_as_it_was_written(project in 1_u64..1 << 50, kind in 0_usize..3, entity: u64) {
            let id = PlanId { project: ProjectId::new(project).unwrap(), kind: PlanKind::ALL[kind], entity };
            prop_assert_eq!(id.to_string().parse::<PlanId>(), Ok(id));
        }
    }
}
