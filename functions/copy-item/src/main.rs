//! Copies items from their projects into the connected ones, each exactly once.
//!
//! What is true if the process dies at each `await` is written beside it in [`copy`].

mod attachments;
mod backfill;
mod copy;
mod places;
mod ready;
mod time;
mod turns;

use std::{collections::BTreeMap, process::ExitCode, sync::Arc, time::Duration};

use futures_util::{StreamExt, future::join_all, stream};
use gusset_adapters::{
    aws::Aws,
    batch::{self, Message},
    chance,
    procore::Procore,
    queue::{Copies, DeadLetters},
    settings,
    storage::Storage,
    table::Table,
};
use gusset_domain::{
    delivery::{self, Order},
    items::attachment,
};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::{
    copy::{Batch, Copier, Error, Outcome},
    places::Places,
    time::Time,
    turns::{CompanyCache, ThrottledItem},
};

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let table = Table::from_environment(&aws)?;
        let copies = Copies::from_environment(&aws)?;
        let procore = Procore::from_environment(aws.secret(&settings::required("PROCORE_CLIENT_SECRET_ARN")?).await?)?;
        let timeout = settings::seconds("COPY_TIMEOUT_SECONDS")?;
        let copier = Arc::new(Copier {
            table,
            procore,
            copies,
            dead_letters: DeadLetters::of_copies(&aws)?,
            timeout,
            largest_attachment: attachment::largest(settings::number("COPY_STORAGE_MEGABYTES")?),
            storage: Storage::from_environment(&aws)?,
            places: Places::default(),
            between: CompanyCache::default(),
            spool: Mutex::default(),
        });
        lambda_runtime::run(service_fn(move |event: LambdaEvent<batch::Batch>| {
            handle(Arc::clone(&copier), event)
        }))
        .await
    })
}

/// Items of one company that a worker copies at once. Nearly all of a copy's time is spent waiting for Procore, and the worker
/// is paid for by time. More of them would only run into the company's limit together. Companies do not wait for each other.
const AT_ONCE: usize = 5;

/// The most messages of a batch, as the template has it.
const BATCH: usize = 10;

/// A wait from which on a delivery's history says that Procore asked for it: two more requests to the table, for the sake of
/// who looks for an item that does not come.
const WORTH_TELLING: Duration = Duration::from_secs(60);

/// A message that is to come back.
struct Again<'a> {
    message: &'a Message,
    when: When,
}

/// When a message comes back.
enum When {
    /// After a wait.
    After(Duration),
    /// When it is its turn.
    InTurn(Order, ThrottledItem),
}

/// Tells SQS which messages are to come back. A message not named is done with.
async fn handle(copier: Arc<Copier>, event: LambdaEvent<batch::Batch>) -> Result<Value, lambda_runtime::Error> {
    let batch = Batch::new(Time::from_now(copier.timeout, copier.procore.timeout()));
    let visits = by_company(&event.payload.messages).into_values().map(|messages| {
        let visits = messages.into_iter().map(|message| visit(&copier, message, &batch));
        stream::iter(visits).buffer_unordered(AT_ONCE)
    });
    let again: Vec<&str> = stream::select_all(visits)
        .filter_map(async |comes_again| comes_again)
        // Those that wait for the same company's turn are known at the same time.
        .ready_chunks(BATCH)
        .map(|messages| hand_back(&copier, messages, &batch))
        .buffer_unordered(BATCH)
        .flat_map(stream::iter)
        .collect()
        .await;
    Ok(batch::come_again(again))
}

/// A batch's messages, those of each company in the order in which they came.
fn by_company(messages: &[Message]) -> BTreeMap<Option<&str>, Vec<&Message>> {
    let mut companies = BTreeMap::<_, Vec<_>>::new();
    for message in messages {
        companies.entry(message.group()).or_default().push(message);
    }
    companies
}

/// Whether a message comes for the first time.
fn is_new(message: &Message) -> bool {
    message.received() <= 1
}

/// One message's visit. Says when it comes back, where it is not done with.
async fn visit<'a>(copier: &Copier, message: &'a Message, batch: &Batch) -> Option<Again<'a>> {
    let when = if batch.time.is_half_over() {
        Some(When::After(Duration::ZERO))
    } else {
        match serde_json::from_str(&message.body) {
            Ok(delivery::Message::Copy(order)) => carry_out(copier, order, message, batch).await,
            Ok(delivery::Message::Backfill { backfill }) => step(copier, &backfill, batch).await,
            Err(error) => copier.dead_letters.dead_letter(message, &error).await.map(When::After),
        }
    };
    when.map(|when| Again { message, when })
}

/// Copies what a message orders, if it has not to wait. Says when it comes back, where it is not done with.
async fn carry_out(copier: &Copier, order: Order, message: &Message, batch: &Batch) -> Option<When> {
    let outcome = match copier.waits(&order, !is_new(message), batch).await {
        Ok(Some(waits)) => return Some(When::InTurn(order, waits)),
        Ok(None) => match copier.rest_of_backfill(&order) {
            Some(wait) => return Some(When::After(wait)),
            None => copier.copy(&order, batch).await,
        },
        Err(trouble) => Err(trouble),
    };
    come_of_it(&order, outcome).map(When::After)
}

/// Makes a step of a backfill. Says when its message comes back, where it is not done with.
async fn step(copier: &Copier, step: &gusset_domain::backfill::Step, batch: &Batch) -> Option<When> {
    let id = step.id;
    match copier.step(step, batch).await {
        Ok(Outcome::Done(what)) => {
            tracing::info!(backfill = %id, step = step.step, what, "stepped");
            None
        }
        Ok(Outcome::ComeBack(wait)) => Some(When::After(wait)),
        Err(error) => {
            tracing::error!(backfill = %id, %error, "a backfill met a problem of our own");
            Some(When::After(chance::back_off(3)))
        }
    }
}

/// Logs what came of an item. Gives the wait after which its message comes back, where it is not done with.
fn come_of_it(order: &Order, outcome: Result<Outcome, Error>) -> Option<Duration> {
    let reference = order.job.reference();
    match outcome {
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
            Some(chance::back_off(3))
        }
    }
}

/// Gives messages back to SQS, each for as long as it has to wait. If this fails they come back when the queue's visibility
/// time-out has run out: late, but not lost. Gives their ids.
async fn hand_back<'a>(copier: &Copier, messages: Vec<Again<'a>>, batch: &Batch) -> Vec<&'a str> {
    let messages = waits(copier, messages, batch).await;
    let receipts: Vec<_> = messages
        .iter()
        .map(|(message, wait)| (message.receipt_handle.as_str(), *wait))
        .collect();
    if let Err(error) = copier.copies.hand_back(&receipts).await {
        tracing::warn!(%error, "messages were not handed back");
    }
    messages
        .into_iter()
        .map(|(message, _)| message.message_id.as_str())
        .collect()
}

/// How long each of some messages has to wait. Those that wait for their turn take one, all together.
async fn waits<'a>(copier: &Copier, messages: Vec<Again<'a>>, batch: &Batch) -> Vec<(&'a Message, Duration)> {
    let mut waits = Vec::with_capacity(messages.len());
    let mut in_turn = Vec::new();
    for Again { message, when } in messages {
        match when {
            When::After(wait) => waits.push((message, wait)),
            When::InTurn(order, item) => in_turn.push((message, order, item)),
        }
    }
    let items: Vec<_> = in_turn.iter().map(|(_, _, item)| *item).collect();
    let turns = copier.take_turns(&items).await;
    let told = in_turn.iter().zip(turns).map(async |((message, order, _), wait)| {
        let outcome = if is_new(message) && wait >= WORTH_TELLING {
            copier.tell_of_wait(order, wait, batch).await
        } else {
            Ok(Outcome::ComeBack(wait))
        };
        come_of_it(order, outcome).map(|wait| (*message, wait))
    });
    waits.extend(join_all(told).await.into_iter().flatten());
    waits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_batch_is_worked_through_company_by_company() {
        let message = |id: &str, company: Option<&str>| {
            json!({"messageId": id, "receiptHandle": "r", "body": "{}",
                "attributes": {"ApproximateReceiveCount": "1", "MessageGroupId": company}})
        };
        // What was sent without a company is one of its own.
        let mut without = message("d", None);
        without["attributes"].as_object_mut().unwrap().remove("MessageGroupId");
        let busy = Some("1001");
        let batch = json!({"Records": [
            message("a", busy), message("b", busy), message("c", Some("1002")), without, message("e", busy),
        ]});
        let batch: batch::Batch = serde_json::from_value(batch).unwrap();
        let ids = |messages: &Vec<&Message>| messages.iter().map(|message| message.message_id.clone()).collect();
        let companies: Vec<Vec<String>> = by_company(&batch.messages).values().map(ids).collect();
        assert_eq!(companies, [vec!["d"], vec!["a", "b", "e"], vec!["c"]]);
    }
}
