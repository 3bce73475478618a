//! The queue of copies: what has to be copied, on its way to a worker.

use std::time::Duration;

use aws_sdk_sqs::{error::DisplayErrorContext, types::SendMessageBatchRequestEntry};
use gusset_domain::{
    delivery::{Cause, Job, Order},
    ids::CompanyId,
};

use crate::{
    aws::Aws,
    settings::{self, BadSetting},
};

/// The queue did not take or give back a message.
#[derive(Debug, thiserror::Error)]
#[error("the queue of copies: {0}")]
pub struct QueueError(String);

/// The most messages that SQS takes in one request.
const BATCH: usize = 10;

/// The queue of copies.
pub struct Copies {
    sqs: aws_sdk_sqs::Client,
    url: String,
}

impl Copies {
    /// The queue that the template's settings name.
    ///
    /// # Errors
    /// [`BadSetting`], when they name none.
    pub fn from_environment(aws: &Aws) -> Result<Self, BadSetting> {
        Ok(Self {
            sqs: aws.sqs(),
            url: settings::required("COPIES_QUEUE_URL")?,
        })
    }

    /// Puts jobs on the queue: one request for up to ten of them, none for none.
    ///
    /// `company` is the one whose project the items are in. SQS shares the workers out fairly between companies.
    ///
    /// # Errors
    /// [`QueueError`], when SQS has not confirmed every message. Some may be on the queue all the same: a job is safe
    /// to send again.
    pub async fn send(&self, company: CompanyId, jobs: &[Job]) -> Result<(), QueueError> {
        let orders: Vec<Order> = jobs.iter().cloned().map(Order::from).collect();
        self.order(company, &orders).await
    }

    /// As [`Self::send`], with what each order comes from.
    ///
    /// # Errors
    /// [`QueueError`], as for [`Self::send`].
    pub async fn order(&self, company: CompanyId, orders: &[Order]) -> Result<(), QueueError> {
        for batch in orders.chunks(BATCH) {
            let mut entries = Vec::with_capacity(batch.len());
            for (place, order) in batch.iter().enumerate() {
                let body = serde_json::to_string(order).map_err(|error| QueueError(error.to_string()))?;
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(place.to_string())
                    .message_body(body);
                let entry = entry.message_group_id(company.to_string()).build();
                entries.push(entry.map_err(|error| QueueError(error.to_string()))?);
            }
            let sent = self
                .sqs
                .send_message_batch()
                .queue_url(&self.url)
                .set_entries(Some(entries))
                .send()
                .await;
            let sent = sent.map_err(|error| QueueError(DisplayErrorContext(error).to_string()))?;
            if let Some(failed) = sent.failed.first() {
                return Err(QueueError(format!(
                    "{}: {}",
                    failed.code,
                    failed.message.as_deref().unwrap_or_default()
                )));
            }
        }
        Ok(())
    }

    /// Gives a message back, to be handed out again after `wait` (at most 12 hours).
    ///
    /// # Errors
    /// [`QueueError`]; the message then comes back when the queue's own visibility time-out has run out.
    pub async fn hand_back(&self, receipt: &str, wait: Duration) -> Result<(), QueueError> {
        // Rounded up: a moment too early would be for nothing.
        let seconds = i32::try_from(wait.as_millis().div_ceil(1_000))
            .unwrap_or(i32::MAX)
            .clamp(0, 43_200);
        let changed = self
            .sqs
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(receipt);
        let changed = changed.visibility_timeout(seconds).send().await;
        changed
            .map(drop)
            .map_err(|error| QueueError(DisplayErrorContext(error).to_string()))
    }
}

/// The queue of copies that were given up, where an operator finds them.
pub struct DeadLetters {
    sqs: aws_sdk_sqs::Client,
    url: String,
}

impl DeadLetters {
    /// The queue that the template's settings name.
    ///
    /// # Errors
    /// [`BadSetting`], when they name none.
    pub fn from_environment(aws: &Aws) -> Result<Self, BadSetting> {
        Ok(Self {
            sqs: aws.sqs(),
            url: settings::required("COPIES_DEAD_LETTERS_URL")?,
        })
    }

    /// Lays a message aside. Sent back to the queue of copies, it is what comes there.
    ///
    /// # Errors
    /// [`QueueError`], when SQS has not confirmed it. It may be there all the same, and is safe to be laid aside twice.
    pub async fn lay_aside(&self, body: &str, company: Option<CompanyId>) -> Result<(), QueueError> {
        let sent = self.sqs.send_message().queue_url(&self.url).message_body(body);
        let sent = sent.set_message_group_id(company.map(|company| company.to_string()));
        sent.send()
            .await
            .map(drop)
            .map_err(|error| QueueError(DisplayErrorContext(error).to_string()))
    }

    /// Lays an order aside: redriven, it is tried anew.
    ///
    /// # Errors
    /// [`QueueError`], as for [`Self::lay_aside`].
    pub async fn give_up(&self, job: &Job, company: CompanyId) -> Result<(), QueueError> {
        let body = serde_json::to_string(&job.clone().ordered(Cause::DeadLetter));
        let body = body.map_err(|error| QueueError(error.to_string()))?;
        self.lay_aside(&body, Some(company)).await
    }
}
