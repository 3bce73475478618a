//! Who may work on a delivery, and whether to look for its copy first.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Cause, Delivery, Job, Order, Status};

/// A worker's hold on a delivery, for as long as its copy may still be under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Which attempt holds it.
    pub id: Uuid,
    /// Until when.
    pub until: Timestamp,
}

/// How long a worker takes, as a rule, to find that an item does not travel by itself.
const GLANCE: Duration = Duration::from_secs(5);

/// What a worker that comes for a delivery has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Take it: nobody has tried to create the copy, or every try is known to have failed.
    Take(Delivery),
    /// Take it over, and look for the copy before creating one: an earlier try may have succeeded unheard.
    TakeOver(Delivery),
    /// Leave it: it is delivered, failed or cancelled.
    Leave,
    /// Come back later: another worker holds it, or its time has not come.
    WaitUntil(Timestamp),
}

/// How long a worker holds a delivery: as long as its function may run, and then as long as Procore may take to finish
/// a request whose caller has died, with as much again for clocks that disagree.
///
/// "Exactly once" hangs on this: were it shorter, a second worker could look for the copy before the first one's request
/// has taken effect, not find it, and make another.
#[must_use]
pub fn lease_length(function_timeout: Duration, longest_request: Duration) -> Duration {
    function_timeout + longest_request * 2
}

impl Delivery {
    /// Decides whether a worker may take a delivery, given what the table knows of it.
    #[must_use]
    pub fn claim(known: Option<&Self>, order: &Order, lease: Lease, now: Timestamp) -> Claim {
        let Some(known) = known else {
            return Claim::Take(Self::new(order.job.clone(), now).claimed(lease));
        };
        let was_picked = known.job.by_hand;
        let is_over_another = order.job.connection != known.job.connection;
        let Some(known) = &known.over(&order.job) else {
            return Claim::Leave;
        };
        let claimed = match &known.status {
            Status::Failed { .. } if order.cause == Cause::DeadLetter => known.anew().claimed(lease),
            // There is news of it: the reason may have passed.
            Status::Cancelled { because, .. } if because.may_pass() || is_over_another => known.anew().claimed(lease),
            Status::Delivered { .. } | Status::Failed { .. } | Status::Cancelled { .. } => return Claim::Leave,
            Status::Copying { lease } if now < lease.until => {
                let by_hand_only_now = order.job.by_hand && !was_picked;
                // Who has it came for it by itself, and may leave it where it is: a person who picked it does not wait
                // for a whole lease to find that out.
                return Claim::WaitUntil(if by_hand_only_now {
                    lease.until.min(now.saturating_add(GLANCE).unwrap_or(now))
                } else {
                    lease.until
                });
            }
            Status::Retrying { not_before, .. } if now < *not_before => return Claim::WaitUntil(*not_before),
            // Whatever becomes of this attempt, the next one has to look as well, until the copy is found or made.
            Status::Copying { .. } => {
                let mut taken_over = known.clone().claimed(lease);
                taken_over.copy_may_exist = true;
                // What the dead one may have created is on no page that was read before.
                taken_over.progress.look_is_over();
                taken_over
            }
            // What it waited for is looked at anew: it may be there now.
            Status::Queued | Status::Held { .. } | Status::Retrying { .. } => known.clone().claimed(lease),
        };
        if claimed.copy_may_exist {
            Claim::TakeOver(claimed)
        } else {
            Claim::Take(claimed)
        }
    }

    /// The delivery over the connection that a job names. `None` where that one is older than the delivery's own: two projects
    /// are in one live connection at most, so the older one has ended, and a message that was late says nothing.
    pub(super) fn over(&self, job: &Job) -> Option<Self> {
        if job.connection < self.job.connection {
            return None;
        }
        let mut over = self.clone();
        if job.connection > self.job.connection {
            // The two may have changed sides: who asked the last time may be asked this time. And what was chosen for the
            // connection that ended was not chosen for this one.
            (over.job.connection, over.job.to) = (job.connection, job.to);
            over.automatic_since = None;
        }
        over.job.by_hand |= job.by_hand;
        over.job.may_be_private |= job.may_be_private;
        Some(over)
    }

    /// Whether it was cancelled for a reason that may have passed, seen from what there would be to do now.
    #[must_use]
    pub fn may_set_out_anew(&self, job: &Job) -> bool {
        match &self.status {
            Status::Cancelled { because, .. } => because.may_pass() || job.connection > self.job.connection,
            _ => false,
        }
    }

    /// The delivery with nothing counted.
    fn anew(&self) -> Self {
        let mut anew = Self {
            attempts: 0,
            ..self.clone()
        };
        anew.progress.begin_anew();
        anew
    }

    fn claimed(mut self, lease: Lease) -> Self {
        self.status = Status::Copying { lease };
        self.attempts += 1;
        self
    }
}
