//! What was asked of Procore, as its stand-in has it.

use reqwest::Method;
use serde_json::Value;

use crate::Stand;

/// One call to Procore.
#[derive(Debug, Clone)]
pub struct Call {
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The company that it concerns, where that is known.
    pub company: Option<u64>,
    /// Whether Gusset's own service account made it, and not Gusset for a person.
    pub by_gusset: bool,
}

impl Stand {
    /// The calls of our app and of people since a place in the log, the oldest first, and the log's present end.
    pub async fn calls(&self, since: u64) -> (Vec<Call>, u64) {
        let log = self
            .side_door(Method::GET, &format!("/calls?since={since}"), Value::Null)
            .await;
        let word = |call: &Value, field: &str| call[field].as_str().unwrap_or_default().to_owned();
        let calls = log["calls"].as_array().unwrap().iter().map(|call| Call {
            method: word(call, "method"),
            path: word(call, "path"),
            status: u16::try_from(call["status"].as_u64().unwrap()).unwrap(),
            company: call["company_id"].as_u64(),
            by_gusset: call["grant"] == "client_credentials",
        });
        (calls.collect(), log["last"].as_u64().unwrap())
    }
}
