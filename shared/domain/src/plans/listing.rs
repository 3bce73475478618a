//! What Procore shows of a project's plans, in our words.

use jiff::civil::Date;

use super::{Details, PlanKind, RevisionId, job::Source};

/// A plan as Procore lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What kind of plan.
    pub kind: PlanKind,
    /// Procore's id of the drawing, section or file.
    pub entity: u64,
    /// What Procore says of it.
    pub details: Details,
    /// Its revisions, in any order.
    pub revisions: Vec<ListedRevision>,
}

/// A revision as Procore lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRevision {
    /// Its id.
    pub id: RevisionId,
    /// What Procore calls it, such as `2`.
    pub number: String,
    /// The set or addendum with which it came.
    pub set: Option<String>,
    /// When it was drawn or issued.
    pub issued: Option<Date>,
    /// When it was received.
    pub received: Option<Date>,
    /// What tells a changed file of a revision from an unchanged one: the time of its last change and its size, as far as
    /// Procore says them.
    pub stamp: String,
    /// The name to save it under.
    pub file_name: String,
    /// Where its file is, where Procore hands one out.
    pub source: Option<Source>,
}
