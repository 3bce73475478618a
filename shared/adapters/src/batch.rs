//! A batch of messages, as Lambda hands it over from SQS, and what is said of it in return.

use serde::Deserialize;
use serde_json::{Value, json};

/// A batch of messages.
#[derive(Debug, Deserialize)]
pub struct Batch {
    /// The messages.
    #[serde(rename = "Records")]
    pub messages: Vec<Message>,
}

/// A message that was handed out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id, for the logs and for [`come_again`].
    pub message_id: String,
    /// By which it is handed back.
    pub receipt_handle: String,
    /// What it says.
    pub body: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Attributes {
    message_group_id: Option<String>,
    approximate_receive_count: Option<String>,
}

impl Message {
    /// Whom it is for: a company or an account.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.attributes.message_group_id.as_deref()
    }

    /// How often it has been handed out, this time included. Zero where SQS does not say.
    #[must_use]
    pub fn received(&self) -> u32 {
        let received = self.attributes.approximate_receive_count.as_deref();
        received.and_then(|count| count.parse().ok()).unwrap_or_default()
    }
}

/// Tells SQS which messages are to come again. A message not named is done with.
#[must_use]
pub fn come_again<'a>(ids: impl IntoIterator<Item = &'a str>) -> Value {
    let failures: Vec<Value> = ids.into_iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({"batchItemFailures": failures})
}
