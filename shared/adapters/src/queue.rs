//! The queues on which work waits for a worker: what has to be copied, which projects are to be swept, and which plans are
//! to be fetched.

use std::time::Duration;

use aws_sdk_sqs::{
    error::DisplayErrorContext,
    types::{ChangeMessageVisibilityBatchRequestEntry, SendMessageBatchRequestEntry},
};
use gusset_domain::{
    backfill::Step,
    delivery::{Cause, Job, Message},
    ids::CompanyId,
    plans,
    sweep::Request,
};
use serde::Serialize;

use crate::{
    aws::Aws,
    batch, chance,
    settings::{self, ConfigError},
};

/// A queue did not take or give back a message.
#[derive(Debug, thiserror::Error)]
#[error("the queue of {queue}: {cause}")]
pub struct QueueError {
    queue: &'static str,
    cause: String,
}

/// The most messages that SQS takes in one request.
const BATCH: usize = 10;

/// The most bytes that SQS takes in one request: 256 KiB, less what goes with a message besides its body.
const BATCH_BYTES: usize = 250 * 1024;

/// The longest that SQS holds a message back when it is sent, in seconds.
const LONGEST_DELAY: i32 = 900;

/// The longest that SQS holds a message back that was handed out, in seconds.
const LONGEST_WAIT: i32 = 43_200;

/// Rounded up: a moment too early would be for nothing.
fn seconds(wait: Duration, longest: i32) -> i32 {
    i32::try_from(wait.as_millis().div_ceil(1_000))
        .unwrap_or(i32::MAX)
        .clamp(0, longest)
}

/// Messages in groups that SQS takes in one request each.
fn in_batches<T>(messages: &[T], size: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (place, message) in messages.iter().enumerate() {
        let size = size(message);
        if place > start && (place - start == BATCH || bytes + size > BATCH_BYTES) {
            batches.push(&messages[start..place]);
            (start, bytes) = (place, 0);
        }
        bytes += size;
    }
    if start < messages.len() {
        batches.push(&messages[start..]);
    }
    batches
}

/// A queue of SQS.
struct Queue {
    /// What waits on it, for errors.
    name: &'static str,
    sqs: aws_sdk_sqs::Client,
    url: String,
}

impl Queue {
    fn from_environment(aws: &Aws, name: &'static str, url: &'static str) -> Result<Self, ConfigError> {
        Ok(Self {
            name,
            sqs: aws.sqs(),
            url: settings::required(url)?,
        })
    }

    fn error(&self, cause: impl ToString) -> QueueError {
        QueueError {
            queue: self.name,
            cause: cause.to_string(),
        }
    }

    /// Each message goes with the company or the account that it is for: SQS shares the workers out fairly between them. It is
    /// handed out after `delay`, which is at most 15 minutes.
    async fn send<G: ToString, T: Serialize>(&self, messages: &[(G, T)], delay: Duration) -> Result<(), QueueError> {
        let mut bodies = Vec::with_capacity(messages.len());
        for (group, message) in messages {
            let body = serde_json::to_string(message).map_err(|error| self.error(error))?;
            bodies.push((group, body));
        }
        for batch in in_batches(&bodies, |(_, body)| body.len()) {
            let mut entries = Vec::with_capacity(batch.len());
            for (place, (group, body)) in batch.iter().enumerate() {
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(place.to_string())
                    .message_body(body.as_str())
                    .set_delay_seconds((!delay.is_zero()).then(|| seconds(delay, LONGEST_DELAY)));
                let entry = entry.message_group_id(group.to_string()).build();
                entries.push(entry.map_err(|error| self.error(error))?);
            }
            let sent = self
                .sqs
                .send_message_batch()
                .queue_url(&self.url)
                .set_entries(Some(entries))
                .send()
                .await;
            let sent = sent.map_err(|error| self.error(DisplayErrorContext(error)))?;
            if let Some(failed) = sent.failed.first() {
                let said = failed.message.as_deref().unwrap_or_default();
                return Err(self.error(format!("{}: {said}", failed.code)));
            }
        }
        Ok(())
    }

    /// All of them are asked for, whatever becomes of the others. The error is the first one's.
    async fn hand_back(&self, messages: &[(&str, Duration)]) -> Result<(), QueueError> {
        let mut first_error = None;
        for batch in messages.chunks(BATCH) {
            if let Err(error) = self.hand_back_batch(batch).await {
                first_error.get_or_insert(error);
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    async fn hand_back_batch(&self, batch: &[(&str, Duration)]) -> Result<(), QueueError> {
        let mut entries = Vec::with_capacity(batch.len());
        for (place, (receipt, wait)) in batch.iter().enumerate() {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(place.to_string())
                .receipt_handle(*receipt);
            let entry = entry.visibility_timeout(seconds(*wait, LONGEST_WAIT)).build();
            entries.push(entry.map_err(|error| self.error(error))?);
        }
        let changed = self
            .sqs
            .change_message_visibility_batch()
            .queue_url(&self.url)
            .set_entries(Some(entries))
            .send()
            .await;
        let changed = changed.map_err(|error| self.error(DisplayErrorContext(error)))?;
        match changed.failed.first() {
            None => Ok(()),
            Some(failed) => {
                let said = failed.message.as_deref().unwrap_or_default();
                Err(self.error(format!("{}: {said}", failed.code)))
            }
        }
    }
}

/// The queue of copies.
pub struct Copies(Queue);

impl Copies {
    /// The queue that the template's settings name.
    ///
    /// # Errors
    /// [`ConfigError`], when they name none.
    pub fn from_environment(aws: &Aws) -> Result<Self, ConfigError> {
        Queue::from_environment(aws, "copies", "COPIES_QUEUE_URL").map(Self)
    }

    /// Puts jobs on the queue: one request for up to ten of them, none for none.
    ///
    /// `company` is the one whose project the items are in.
    ///
    /// # Errors
    /// [`QueueError`], when SQS has not confirmed every message. Some may be on the queue all the same: a job is safe
    /// to send again.
    pub async fn send(&self, company: CompanyId, jobs: &[Job]) -> Result<(), QueueError> {
        let messages: Vec<_> = jobs.iter().map(|job| (company, job)).collect();
        self.0.send(&messages, Duration::ZERO).await
    }

    /// Puts jobs on the queue for a cause of their own.
    ///
    /// # Errors
    /// [`QueueError`], as for [`Self::send`].
    pub async fn order(&self, company: CompanyId, jobs: Vec<Job>, cause: Cause) -> Result<(), QueueError> {
        let orders: Vec<_> = jobs.into_iter().map(|job| (company, job.ordered(cause))).collect();
        self.0.send(&orders, Duration::ZERO).await
    }

    /// Has a backfill make a step after `delay`, at most 15 minutes.
    ///
    /// # Errors
    /// [`QueueError`], as for [`Self::send`]. A step that was asked for twice is made once.
    pub async fn step(&self, company: CompanyId, step: Step, delay: Duration) -> Result<(), QueueError> {
        self.0
            .send(&[(company, Message::Backfill { backfill: step })], delay)
            .await
    }

    /// Gives messages back by their receipts, each to be handed out again after its wait (at most 12 hours): one request for up
    /// to ten of them.
    ///
    /// # Errors
    /// [`QueueError`], when SQS has not confirmed every one; such a message comes back when the queue's own visibility time-out
    /// has run out.
    pub async fn hand_back(&self, messages: &[(&str, Duration)]) -> Result<(), QueueError> {
        self.0.hand_back(messages).await
    }
}

/// The queue of sweeps: the projects that are to be swept.
pub struct Sweeps(Queue);

impl Sweeps {
    /// The queue that the template's settings name.
    ///
    /// # Errors
    /// [`ConfigError`], when they name none.
    pub fn from_environment(aws: &Aws) -> Result<Self, ConfigError> {
        Queue::from_environment(aws, "sweeps", "SWEEPS_QUEUE_URL").map(Self)
    }

    /// Has projects swept, each of which goes with its company: one request for up to ten of them, none for none.
    ///
    /// # Errors
    /// [`QueueError`], when SQS has not confirmed every message. To ask again is safe.
    pub async fn send(&self, requests: &[(CompanyId, Request)]) -> Result<(), QueueError> {
        self.0.send(requests, Duration::ZERO).await
    }

    /// Gives a message back, to be handed out again after `wait` (at most 12 hours).
    ///
    /// # Errors
    /// [`QueueError`]; the message then comes back when the queue's own visibility time-out has run out.
    pub async fn hand_back(&self, receipt: &str, wait: Duration) -> Result<(), QueueError> {
        self.0.hand_back(&[(receipt, wait)]).await
    }
}

/// The queue of plan files: what the sync of plans has to do.
pub struct PlanFiles(Queue);

impl PlanFiles {
    /// The queue that the template's settings name.
    ///
    /// # Errors
    /// [`ConfigError`], when they name none.
    pub fn from_environment(aws: &Aws) -> Result<Self, ConfigError> {
        Queue::from_environment(aws, "plan files", "PLAN_FILES_QUEUE_URL").map(Self)
    }

    /// Puts jobs on the queue, each with its account, to be handed out after `delay` (at most 15 minutes): one request for up
    /// to ten of them, none for none.
    ///
    /// # Errors
    /// [`QueueError`], when SQS has not confirmed every message. To send a job again is safe.
    pub async fn send(&self, jobs: &[plans::job::Job], delay: Duration) -> Result<(), QueueError> {
        let messages: Vec<_> = jobs.iter().map(|job| (job.account, job)).collect();
        self.0.send(&messages, delay).await
    }

    /// Gives a message back, to be handed out again after `wait` (at most 12 hours).
    ///
    /// # Errors
    /// [`QueueError`]; the message then comes back when the queue's own visibility time-out has run out.
    pub async fn hand_back(&self, receipt: &str, wait: Duration) -> Result<(), QueueError> {
        self.0.hand_back(&[(receipt, wait)]).await
    }
}

/// A queue of what was given up, where an operator finds it.
pub struct DeadLetters(Queue);

impl DeadLetters {
    /// The dead letters of the queue of copies, as the template's settings name them.
    ///
    /// # Errors
    /// [`ConfigError`], when they name none.
    pub fn of_copies(aws: &Aws) -> Result<Self, ConfigError> {
        Queue::from_environment(aws, "dead letters of copies", "COPIES_DEAD_LETTERS_URL").map(Self)
    }

    /// The dead letters of the queue of sweeps.
    ///
    /// # Errors
    /// [`ConfigError`], as for [`Self::of_copies`].
    pub fn of_sweeps(aws: &Aws) -> Result<Self, ConfigError> {
        Queue::from_environment(aws, "dead letters of sweeps", "SWEEPS_DEAD_LETTERS_URL").map(Self)
    }

    /// The dead letters of the queue of plan files.
    ///
    /// # Errors
    /// [`ConfigError`], as for [`Self::of_copies`].
    pub fn of_plan_files(aws: &Aws) -> Result<Self, ConfigError> {
        Queue::from_environment(aws, "dead letters of plan files", "PLAN_FILES_DEAD_LETTERS_URL").map(Self)
    }

    /// Moves a message that cannot be read here, as it is, and logs that: somebody else wrote it, or another version of Gusset,
    /// and a person has to look at it. Sent back to its queue, it is what came there. Returns when it comes back, where it could not be moved.
    ///
    /// Dies here: the message comes back, and is here twice.
    pub async fn dead_letter(&self, message: &batch::Message, cause: &serde_json::Error) -> Option<Duration> {
        let (queue, id) = (&self.0, &message.message_id);
        tracing::error!(message = id, queue = queue.name, %cause, "a message cannot be read");
        let sent = queue
            .sqs
            .send_message()
            .queue_url(&queue.url)
            .message_body(&message.body);
        let error = queue.error(DisplayErrorContext(sent.send().await.err()?));
        tracing::error!(message = id, %error, "an unreadable message is not among the dead letters yet");
        Some(chance::back_off(3))
    }

    /// Moves a job here. Sent back to the queue of copies, it is tried anew.
    ///
    /// # Errors
    /// [`QueueError`], when SQS has not confirmed it. It may be here all the same, and is safe to be here twice.
    pub async fn give_up(&self, job: &Job, company: CompanyId) -> Result<(), QueueError> {
        let order = (company, job.clone().ordered(Cause::DeadLetter));
        self.0.send(&[order], Duration::ZERO).await
    }
}

#[cfg(test)]
mod tests {
    use super::{BATCH_BYTES, in_batches};

    #[test]
    fn each_request_has_ten_messages_at_most_and_no_more_bytes_than_sqs_takes() {
        let sizes = |messages: &[usize]| -> Vec<usize> {
            in_batches(messages, |size| *size)
                .into_iter()
                .map(<[usize]>::len)
                .collect()
        };
        assert_eq!(sizes(&[100; 23]), [10, 10, 3]);
        assert_eq!(sizes(&[BATCH_BYTES / 2; 5]), [2, 2, 1]);
        assert_eq!(sizes(&[1, BATCH_BYTES, 1]), [1, 1, 1]);
        assert!(sizes(&[]).is_empty());
    }
}
