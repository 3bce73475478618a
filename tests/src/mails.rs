//! Mails that Gusset has sent, as the AWS emulator keeps them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{Stand, eventually, setting};

/// A mail as it was sent.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Whom it was sent to.
    pub to: Vec<String>,
    /// Whom it came from.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// Headers besides those that every email has.
    pub headers: BTreeMap<String, String>,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl Stand {
    /// All mails to an address, the oldest first.
    pub async fn mails_to(&self, address: &str) -> Vec<Mail> {
        let url = format!("{}/_ministack/ses/messages", setting("AWS_ENDPOINT_URL"));
        let answer: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        let word = |mail: &Value, field: &str| mail[field].as_str().unwrap_or_default().to_owned();
        let words = |mail: &Value, field: &str| -> Vec<String> {
            let list = mail[field].as_array().cloned().unwrap_or_default();
            list.iter()
                .map(|one| one.as_str().unwrap_or_default().to_owned())
                .collect()
        };
        let mut mails = Vec::new();
        messages(&answer, &mut |mail| {
            assert!(
                words(mail, "CC").is_empty() && words(mail, "BCC").is_empty(),
                "one mail is for one person"
            );
            mails.push(Mail {
                to: words(mail, "To"),
                from: word(mail, "Source"),
                subject: word(mail, "Subject"),
                headers: serde_json::from_value(mail["Headers"].clone()).expect("the stand keeps an email's headers"),
                text: word(mail, "BodyText"),
                html: word(mail, "BodyHtml"),
            });
        });
        mails.retain(|mail| mail.to == [address]);
        mails
    }

    /// The mails to an address with a subject that contains some words, once there is one.
    pub async fn mails_about(&self, address: &str, words: &str) -> Vec<Mail> {
        eventually(&format!("{address} has a mail about {words:?}"), || async {
            let mut mails = self.mails_to(address).await;
            mails.retain(|mail| mail.subject.contains(words));
            (!mails.is_empty()).then_some(mails)
        })
        .await
    }

    /// Has the mails that are due sent now, as the schedule does each minute.
    pub async fn send_due_mails(&self) {
        let function = setting("GUSSET_NOTIFY_FUNCTION");
        let url = format!(
            "{}/2015-03-31/functions/{function}/invocations",
            setting("AWS_ENDPOINT_URL")
        );
        let answer = self.http.post(url).json(&json!({"due": true})).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }
}

impl Stand {
    /// Puts a record into the outbox as another process would have left it: `item` is in DynamoDB's own JSON, without
    /// its keys. `due` is in Unix milliseconds.
    pub async fn leave_in_outbox(&self, id: &str, due: u64, mut item: Value) {
        item["pk"] = json!({"S": format!("OUTBOX#{id}")});
        item["sk"] = json!({"S": "OUTBOX"});
        item["list_pk"] = json!({"S": "DUE"});
        item["list_sk"] = json!({"S": format!("{due:013}#OUTBOX#{id}#OUTBOX")});
        self.table("PutItem", json!({"Item": item})).await;
    }
}

/// The emulator groups mails by account, or does not: a mail is what has a subject.
fn messages(answer: &Value, found: &mut impl FnMut(&Value)) {
    match answer {
        Value::Object(fields) if fields.contains_key("Subject") => found(answer),
        Value::Object(fields) => fields.values().for_each(|value| messages(value, found)),
        Value::Array(values) => values.iter().for_each(|value| messages(value, found)),
        _ => {}
    }
}
