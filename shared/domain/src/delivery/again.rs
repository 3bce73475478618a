//! A person wants a delivery made, for the first time or once more.

use std::time::Duration;

use gusset_words::say;
use jiff::Timestamp;

use super::{Because, Delivery, Job, Status};

/// What there is to do for a person who wants a delivery made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// Write it like this, and tell the workers.
    Write(Box<Delivery>),
    /// Only tell the workers: it is on its way.
    IsUnderWay,
    /// Nothing: the copy is there.
    IsDelivered,
    /// Nothing: the connection ended.
    IsCancelled,
}

impl Delivery {
    /// Decides what to do for a person who wants it sent as `job` says, for the first time or once more: over a connection
    /// that is connected, by hand whatever its send mode. `longest_request`: what Procore may take to finish a request
    /// whose answer was not heard.
    #[must_use]
    pub fn again(&self, job: &Job, why: &str, longest_request: Duration, now: Timestamp) -> Again {
        let Some(over) = self.over(job) else {
            return Again::IsCancelled;
        };
        let is_same_way = job.connection == self.job.connection;
        match &self.status {
            Status::Delivered { .. } => return Again::IsDelivered,
            Status::Cancelled {
                because: Because::ConnectionEnded,
                ..
            } if is_same_way => return Again::IsCancelled,
            // A worker comes for it, or has it and comes back: it is told once more, in case the word to it was lost.
            Status::Queued if over.job == self.job => return Again::IsUnderWay,
            Status::Copying { .. } => return Again::IsUnderWay,
            // A request of ours may still be taking effect: nobody looks for its copy before Procore has finished it.
            Status::Retrying { .. } if self.copy_may_exist => return Again::IsUnderWay,
            Status::Queued
            | Status::Held { .. }
            | Status::Retrying { .. }
            | Status::Failed { .. }
            | Status::Cancelled { .. } => {}
        }
        let last = self.history.last().map_or(self.created_at, |entry| entry.at);
        let earliest = last.saturating_add(longest_request).unwrap_or(last);
        let status = if self.copy_may_exist && now < earliest {
            Status::Retrying {
                reason: say!("reason-last-attempt").to_owned(),
                not_before: earliest,
            }
        } else {
            Status::Queued
        };
        let mut again = over.becomes(status, why, now);
        // Giving up is counted from here.
        again.attempts = 0;
        again.progress.begin_anew();
        again.is_listed_as_waiting = true;
        Again::Write(Box::new(again))
    }
}
