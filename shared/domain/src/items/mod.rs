//! What travels: RFIs, working hours and notes, and what becomes of each on the other side.

mod rfi;

pub use rfi::{CostImpact, Rfi, RfiCopy, ScheduleImpact};

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
