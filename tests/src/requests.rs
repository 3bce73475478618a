//! What functions have asked of AWS, as the emulator counts it.

use serde_json::Value;

use crate::{Stand, setting};

/// One request of a function to AWS. A transaction is one, and so is each time that the SDK tries again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// The function, by its logical name in the template.
    pub function: String,
    /// The service, as requests to it are signed: `dynamodb`, `sqs`.
    pub service: String,
    /// The operation, such as `Query`.
    pub operation: String,
}

impl Stand {
    /// The functions' requests since a place in the list, the oldest first, and the list's present end. With ids of projects
    /// or connections, only the requests that name one of them.
    pub async fn requests(&self, since: u64, about: &[String]) -> (Vec<Request>, u64) {
        let mut query = vec![("since", since.to_string())];
        query.extend(about.iter().map(|id| ("about", id.clone())));
        let url = format!("{}/_gusset/requests", setting("AWS_ENDPOINT_URL"));
        let answer = self.http.get(url).query(&query).send().await.unwrap();
        let list: Value = answer.json().await.unwrap();
        let word = |request: &Value, field: &str| request[field].as_str().unwrap().to_owned();
        let requests = list["requests"].as_array().unwrap().iter().map(|request| Request {
            function: logical_name(request["function"].as_str().unwrap()),
            service: word(request, "service"),
            operation: word(request, "operation"),
        });
        (requests.collect(), list["last"].as_u64().unwrap())
    }
}

/// `gusset-CopyItem-1A2B3C` is `CopyItem`.
fn logical_name(function: &str) -> String {
    function.split('-').nth(1).unwrap_or(function).to_owned()
}
