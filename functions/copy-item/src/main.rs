//! Copies one item after the other from its project into the connected one, exactly once.
//!
//! What is true if the process dies at each `await` is written beside it in [`copy`].

mod copy;

use std::{process::ExitCode, sync::Arc, time::Duration};

use gusset_adapters::{
    aws::Aws,
    chance,
    procore::Procore,
    queue::{Copies, DeadLetters},
    settings,
    table::Table,
};
use gusset_domain::{
    delivery::{self, Order},
    pacing,
};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::copy::{Copier, Outcome};

/// A batch of messages, as Lambda hands it over from SQS.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    records: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_id: String,
    receipt_handle: String,
    body: String,
    attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    /// How often SQS has handed the message out, this time included.
    approximate_receive_count: String,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let table = Table::from_environment(&aws)?;
        let copies = Copies::from_environment(&aws)?;
        let procore = Procore::from_environment(aws.secret(&settings::required("PROCORE_CLIENT_SECRET_ARN")?).await?)?;
        let lease = delivery::lease_length(settings::seconds("COPY_TIMEOUT_SECONDS")?, procore.timeout());
        let copier = Arc::new(Copier {
            table,
            procore,
            copies,
            dead_letters: DeadLetters::from_environment(&aws)?,
            lease,
        });
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Batch>| {
            handle(Arc::clone(&copier), event)
        }))
        .await
    })
}

/// Tells SQS which messages are to come back. A message not named is done with.
async fn handle(copier: Arc<Copier>, event: LambdaEvent<Batch>) -> Result<Value, lambda_runtime::Error> {
    let mut again = Vec::new();
    let mut batch = copy::Batch::default();
    for message in event.payload.records {
        let wait = match serde_json::from_str::<Order>(&message.body) {
            Ok(order) => visit(&copier, &order, &message, &mut batch).await,
            Err(_) => lay_aside(&copier, &message).await,
        };
        if let Some(wait) = wait {
            hand_back(&copier, &message, wait).await;
            again.push(json!({"itemIdentifier": message.message_id}));
        }
    }
    Ok(json!({"batchItemFailures": again}))
}

/// One message's visit. Gives the wait after which it comes again, where it is not done with.
async fn visit(copier: &Copier, order: &Order, message: &Message, batch: &mut copy::Batch) -> Option<Duration> {
    let first = message.attributes.approximate_receive_count == "1";
    let reference = order.job.reference();
    match copier.copy(order, first, batch).await {
        Ok(Outcome::Done(what)) => {
            tracing::info!(%reference, what, "copied");
            None
        }
        Ok(Outcome::ComeBack(wait)) => {
            tracing::info!(%reference, seconds = wait.as_secs(), "handed back");
            Some(wait)
        }
        Err(error) => {
            tracing::error!(%reference, %error, "a copy met a problem of our own");
            Some(soon())
        }
    }
}

/// It was not we who wrote it, or it was another version of us: a person has to look at it.
async fn lay_aside(copier: &Copier, message: &Message) -> Option<Duration> {
    let id = &message.message_id;
    tracing::error!(message = id, "a message on the queue of copies cannot be read");
    match copier.dead_letters.lay_aside(&message.body, None).await {
        Ok(()) => None,
        Err(error) => {
            tracing::error!(message = id, %error, "it was not laid aside");
            Some(soon())
        }
    }
}

fn soon() -> Duration {
    pacing::back_off(3, chance::bits().unwrap_or_default())
}

/// If this fails the message comes back when the queue's visibility time-out has run out: late, but not lost.
async fn hand_back(copier: &Copier, message: &Message, wait: Duration) {
    if let Err(error) = copier.copies.hand_back(&message.receipt_handle, wait).await {
        tracing::warn!(%error, "a message was not handed back");
    }
}
