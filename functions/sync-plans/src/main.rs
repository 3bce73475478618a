//! Keeps estimators' plans in step with Procore.
//!
//! All of it is messages on one queue, of the account that they are for: see which companies and projects a login sees,
//! then which plans each project has, then fetch each plan's files. So a large project is many small pieces of work that
//! several workers share, one account does not hold up another, and a company at Procore's limit holds up nobody else.
//!
//! A message may come twice, late or out of order, and a worker may die anywhere: each piece of work begins with a look at
//! what is on record, and what is true if the process dies is written beside each `await` that changes something.

mod archive;
mod clock;
mod discover;
mod files;
mod listing;
mod project;
mod watch;
mod work;

use std::{process::ExitCode, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use gusset_adapters::{
    aws::Aws,
    batch::{self, Batch, Message},
    hooks::Hooks,
    integrations::Integrations,
    metrics::Metrics,
    queue::{DeadLetters, PlanFiles},
    settings,
    storage::Storage,
};
use gusset_domain::{items::attachment, plans::job::Job};
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use tokio::{sync::RwLock, time::Instant};

use crate::work::{Outcome, Shift};

/// What a worker works with.
struct SyncPlans {
    integrations: Integrations,
    queue: PlanFiles,
    dead_letters: DeadLetters,
    storage: Storage,
    hooks: Hooks,
    metrics: Metrics,
    public_url: String,
    /// The largest file that is fetched, in bytes.
    largest: u64,
    /// Many may read small files at once, or one a large one: see [`files`].
    spool: RwLock<()>,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let app = Arc::new(SyncPlans {
            integrations: Integrations::from_environment(&aws).await?,
            queue: PlanFiles::from_environment(&aws)?,
            dead_letters: DeadLetters::of_plan_files(&aws)?,
            storage: Storage::from_environment(&aws)?,
            hooks: Hooks::from_environment(&aws).await?,
            metrics: Metrics::from_environment()?,
            public_url: settings::required("PUBLIC_URL")?.trim_end_matches('/').to_owned(),
            largest: attachment::largest(settings::number("PLAN_STORAGE_MEGABYTES")?),
            spool: RwLock::default(),
        });
        let timeout = settings::seconds("PLAN_TIMEOUT_SECONDS")?;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
            handle(Arc::clone(&app), event.payload, timeout)
        }))
        .await
    })
}

/// Messages of a batch that are worked at together. Nearly all of the time is spent waiting for Procore and S3.
const AT_ONCE: usize = 4;

/// Called by the clock, or by the queue with a batch of messages.
async fn handle(app: Arc<SyncPlans>, event: Value, timeout: Duration) -> Result<Value, lambda_runtime::Error> {
    if let Some(call) = clock::call(&event)? {
        clock::ask_for_all(&app, call).await?;
        return Ok(Value::Null);
    }
    let shift = Shift::until(Instant::now() + timeout);
    let batch: Batch = serde_json::from_value(event)?;
    let visits = batch.messages.iter().map(|message| visit(&app, message, &shift));
    let again: Vec<&str> = stream::iter(visits)
        .buffer_unordered(AT_ONCE)
        .filter_map(async |again| again)
        .collect()
        .await;
    Ok(batch::come_again(again))
}

/// One message's visit. Gives its id where it is to come again.
async fn visit<'a>(app: &SyncPlans, message: &'a Message, shift: &Shift) -> Option<&'a str> {
    let outcome = match serde_json::from_str::<Job>(&message.body) {
        _ if shift.is_half_over() => Outcome::ComeBack(Duration::ZERO),
        Ok(job) => work::carry_out(app, &job, message.received(), shift).await,
        Err(error) => {
            let wait = app.dead_letters.dead_letter(message, &error).await;
            wait.map_or(Outcome::Done, Outcome::ComeBack)
        }
    };
    let Outcome::ComeBack(wait) = outcome else { return None };
    // If this fails the message comes back when the queue's visibility time-out has run out: late, but not lost.
    if let Err(error) = app.queue.hand_back(&message.receipt_handle, wait).await {
        tracing::warn!(%error, "a message was not handed back");
    }
    Some(&message.message_id)
}

/// Now.
fn now() -> Timestamp {
    Timestamp::now()
}
