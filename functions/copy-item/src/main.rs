//! Copies one item after the other from its project into the connected one, exactly once.
//!
//! What is true if the process dies at each `await` is written beside it in [`copy`].

mod attachments;
mod copy;
mod places;
mod ready;
mod time;

use std::{process::ExitCode, sync::Arc, time::Duration};

use gusset_adapters::{aws::Aws, procore::Procore, queue::Copies, settings, table::Table};
use gusset_domain::{
    delivery::{self, Job},
    items::attachment,
    pacing,
};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    copy::{Copier, Outcome},
    places::Places,
    time::Time,
};

struct CopyItem {
    copier: Copier,
    copies: Copies,
    /// The function's time-out.
    timeout: Duration,
}

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
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let table = Table::from_environment(&aws)?;
        let copies = Copies::from_environment(&aws)?;
        let procore = Procore::from_environment(aws.secret(&settings::required("PROCORE_CLIENT_SECRET_ARN")?).await?)?;
        let timeout = settings::seconds("COPY_TIMEOUT_SECONDS")?;
        let copier = Copier {
            lease: delivery::lease_length(timeout, procore.timeout()),
            largest_attachment: attachment::largest(settings::number("COPY_STORAGE_MEGABYTES")?),
            places: Places::default(),
            table,
            procore,
        };
        let app = Arc::new(CopyItem {
            copier,
            copies,
            timeout,
        });
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Batch>| {
            handle(Arc::clone(&app), event)
        }))
        .await
    })
}

/// Tells SQS which messages are to come back. A message not named is done with.
async fn handle(app: Arc<CopyItem>, event: LambdaEvent<Batch>) -> Result<Value, lambda_runtime::Error> {
    let mut again = Vec::new();
    let mut batch = copy::Batch::new(Time::from_now(app.timeout, app.copier.procore.timeout()));
    for message in event.payload.records {
        if batch.time.is_half_over() {
            hand_back(&app, &message, Duration::ZERO).await;
            again.push(json!({"itemIdentifier": message.message_id}));
            continue;
        }
        let Ok(job) = serde_json::from_str::<Job>(&message.body) else {
            // Left to the dead-letter queue, where a person sees it: it was not we who wrote it, or it was another version of us.
            tracing::error!(
                message = message.message_id,
                "a message on the queue of copies cannot be read"
            );
            again.push(json!({"itemIdentifier": message.message_id}));
            continue;
        };
        let outcome = app.copier.copy(&job, &mut batch).await;
        let reference = job.reference();
        match outcome {
            Ok(Outcome::Done(what)) => tracing::info!(%reference, what, "copied"),
            Ok(Outcome::ComeBack(wait)) => {
                tracing::info!(%reference, seconds = wait.as_secs(), "handed back");
                hand_back(&app, &message, wait).await;
                again.push(json!({"itemIdentifier": message.message_id}));
            }
            Err(error) => {
                tracing::error!(%reference, %error, "a copy met a problem of our own");
                hand_back(
                    &app,
                    &message,
                    pacing::back_off(3, gusset_adapters::chance::bits().unwrap_or_default()),
                )
                .await;
                again.push(json!({"itemIdentifier": message.message_id}));
            }
        }
    }
    Ok(json!({"batchItemFailures": again}))
}

/// If this fails the message comes back when the queue's visibility time-out has run out: late, but not lost.
async fn hand_back(app: &CopyItem, message: &Message, wait: Duration) {
    if let Err(error) = app.copies.hand_back(&message.receipt_handle, wait).await {
        tracing::warn!(%error, "a message was not handed back");
    }
}
