//! Sends mails from the outbox: new ones as the table's stream brings them, and by the clock whatever else is due.
//!
//! The clock is what makes it sure: a mail stays on the list of what is due until it was sent, so neither an event that
//! is lost nor a day without SES loses it. Nothing here fails a whole batch, so that no mail stands in another's way.

mod send;

use std::{process::ExitCode, sync::Arc, time::Duration};

use gusset_adapters::{
    aws::Aws,
    cadence_links::CadenceLinks,
    mail::Mailer,
    settings,
    table::{Table, outbox::MailKey},
};
use gusset_domain::email::EmailAddress;
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::send::Sender;

/// What is looked for in one go when the clock calls. What is left is found a minute later.
const AT_ONCE: i32 = 100;

/// Time left at which no further mail is begun.
const ENOUGH_FOR_ONE: Duration = Duration::from_secs(15);

/// A batch of the table's stream, or, without records, a call by the clock.
#[derive(Deserialize)]
struct Call {
    #[serde(default, rename = "Records")]
    records: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    dynamodb: Keyed,
}

#[derive(Deserialize)]
struct Keyed {
    #[serde(rename = "Keys")]
    keys: Keys,
    #[serde(rename = "SequenceNumber")]
    sequence_number: String,
}

#[derive(Deserialize)]
struct Keys {
    pk: Text,
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let from: EmailAddress = settings::required("MAIL_FROM")?.parse()?;
        let sender = Arc::new(Sender {
            table: Table::from_environment(&aws)?,
            mailer: Mailer::new(aws.ses(), &from),
            public_url: settings::required("PUBLIC_URL")?.trim_end_matches('/').to_owned(),
            procore_url: settings::address("PROCORE_WEB_URL")?
                .as_str()
                .trim_end_matches('/')
                .to_owned(),
            links: CadenceLinks::from_environment(&aws).await?,
            gather: settings::seconds("DIGEST_DELAY_SECONDS")?,
            lease: settings::seconds("NOTIFY_TIMEOUT_SECONDS")?,
        });
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
            handle(Arc::clone(&sender), event)
        }))
        .await
    })
}

/// Tells the stream where to go on, should the table not have answered. A mail that could not be sent is not told here:
/// it is due again by itself.
async fn handle(sender: Arc<Sender>, event: LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error> {
    let ends = event.context.deadline();
    let time_is_left = || ends.duration_since(std::time::SystemTime::now()).unwrap_or_default() > ENOUGH_FOR_ONE;
    let (mails, from_stream) = asked_for(&sender, event.payload).await?;
    let mut again = Vec::new();
    for (mail, place) in mails {
        if !time_is_left() {
            tracing::warn!("out of time: the rest is sent when the clock calls");
            break;
        }
        if let Err(error) = sender.send(mail).await {
            tracing::error!(%error, "a mail met a problem of our own");
            again.extend(place.map(|place| json!({"itemIdentifier": place})));
        }
    }
    if from_stream {
        Ok(json!({"batchItemFailures": again}))
    } else {
        Ok(Value::Null)
    }
}

/// The mails to send, each with its place in the stream, and whether it was the stream that called.
async fn asked_for(
    sender: &Sender,
    payload: Value,
) -> Result<(Vec<(MailKey, Option<String>)>, bool), lambda_runtime::Error> {
    let from_stream = payload.get("Records").is_some();
    if !from_stream {
        let due = sender.table.due_mails(Timestamp::now(), AT_ONCE).await?;
        tracing::info!(mails = due.len(), "due");
        return Ok((due.into_iter().map(|mail| (mail, None)).collect(), false));
    }
    // A batch that cannot be read would come again and again, before all others. Its mails are due, and sent by the clock.
    let call: Call = serde_json::from_value(payload).unwrap_or_else(|error| {
        tracing::error!(%error, "a batch of the stream cannot be read");
        Call { records: Vec::new() }
    });
    let mail = |change: Change| {
        let key = MailKey::in_outbox(&change.dynamodb.keys.pk.text)?;
        Some((key, Some(change.dynamodb.sequence_number)))
    };
    let mails: Vec<_> = call.records.into_iter().filter_map(mail).collect();
    tracing::info!(mails = mails.len(), "heard");
    Ok((mails, true))
}
