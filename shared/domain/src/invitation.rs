//! How often a project may be invited to connect: each invitation writes to people of another company.
//!
//! A request that is accepted counts to no pair's limit: those two know each other. So two projects may connect, disconnect
//! and connect again at once, while one that asks and withdraws in turn writes to the other once an hour.

use std::time::Duration;

use jiff::Timestamp;

use crate::limit::Limit;

/// The least time between two requests of one project to another, where the first was not accepted.
pub const BETWEEN_INVITATIONS: Duration = Duration::from_secs(60 * 60);

/// How many requests a person may make, from whichever projects.
pub const INVITATIONS_BY_PERSON: Limit = Limit::an_hour(20);

/// How many requests a project may get, from whomever. A general contractor's trades may all ask on the same morning.
pub const INVITATIONS_TO_PROJECT: Limit = Limit::an_hour(40);

/// When a project may ask another again that it asked at `asked`.
#[must_use]
pub fn next_invitation(asked: Timestamp) -> Timestamp {
    asked.saturating_add(BETWEEN_INVITATIONS).unwrap_or(Timestamp::MAX)
}
