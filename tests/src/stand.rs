//! The running stand.

use std::{
    env,
    future::Future,
    net::IpAddr,
    sync::LazyLock,
    time::{Duration, Instant},
};

use reqwest::{Client, Method, redirect::Policy};
use serde_json::Value;

/// The longest that anything on the stand is waited for. It is a limit, not a wait: what is there is seen at once.
const LIMIT: Duration = Duration::from_secs(90);

/// A setting that `cargo xtask test` gives to the tests.
pub fn setting(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the stories with `cargo xtask test`"))
}

/// The running stand: Gusset, and the stand-in for Procore.
#[derive(Clone)]
pub struct Stand {
    /// Where Gusset is.
    pub gusset: String,
    /// Where the stand-in for Procore is.
    pub procore: String,
    /// For whatever has no words of its own here. Follows no redirects.
    pub http: Client,
}

impl Stand {
    /// The stand that `cargo xtask test` started.
    pub fn new() -> Self {
        static TLS: LazyLock<()> = LazyLock::new(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        LazyLock::force(&TLS);
        Self {
            gusset: setting("GUSSET_URL"),
            procore: setting("GUSSET_SANDBOX_URL"),
            http: client(None),
        }
    }

    /// Uses the side door of the stand-in for Procore. Anything but success fails the test.
    pub async fn side_door(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self
            .http
            .request(method.clone(), format!("{}/sandbox{path}", self.procore));
        let response = if body.is_null() { request } else { request.json(&body) }
            .send()
            .await
            .unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{method} /sandbox{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Does something with the table itself, past Gusset, in DynamoDB's own JSON. The table's name is put in.
    pub async fn table(&self, operation: &str, request: Value) -> Value {
        self.try_table(operation, request)
            .await
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    /// As [`Self::table`], where it may be refused.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn try_table(&self, operation: &str, mut request: Value) -> Result<Value, String> {
        request["TableName"] = Value::from(setting("GUSSET_TABLE_NAME"));
        self.aws(&format!("DynamoDB_20120810.{operation}"), request).await
    }

    /// Does something with a queue itself, past Gusset, in SQS's own JSON. `queue` is the setting with its address.
    pub async fn queue(&self, queue: &str, operation: &str, mut request: Value) -> Value {
        request["QueueUrl"] = Value::from(setting(queue));
        let done = self.aws(&format!("AmazonSQS.{operation}"), request).await;
        done.unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    /// Asks the emulator itself, in the JSON protocol that DynamoDB and SQS share. `target` is the service and its operation.
    ///
    /// # Errors
    /// What it says, where it refuses.
    pub async fn aws(&self, target: &str, request: Value) -> Result<Value, String> {
        let request = self
            .http
            .post(setting("AWS_ENDPOINT_URL"))
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.0")
            .body(request.to_string());
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        if status.is_success() {
            Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
        } else {
            Err(text)
        }
    }

    /// All records of the table that a `Scan` finds, in however many pages.
    pub async fn scan(&self, request: Value) -> Vec<Value> {
        self.all_pages("Scan", request).await
    }

    /// All records that a `Scan` or a `Query` finds.
    pub(crate) async fn all_pages(&self, operation: &str, mut request: Value) -> Vec<Value> {
        let mut found = Vec::new();
        loop {
            let mut page = self.table(operation, request.clone()).await;
            found.extend(page["Items"].as_array().cloned().unwrap_or_default());
            match page["LastEvaluatedKey"].take() {
                Value::Null => return found,
                next => request["ExclusiveStartKey"] = next,
            }
        }
    }
}

impl Default for Stand {
    fn default() -> Self {
        Self::new()
    }
}

/// A client that comes from an address of this machine, or from whichever the system chooses.
pub(crate) fn client(from: Option<IpAddr>) -> Client {
    Client::builder()
        .redirect(Policy::none())
        .timeout(Duration::from_secs(60))
        .local_address(from)
        .build()
        .unwrap()
}

/// Asks again and again until there is an answer, and gives it. Fails the test when there is none for too long.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, ask: impl Fn() -> F) -> T {
    eventually_within(LIMIT, what, ask).await
}

/// As [`eventually`], for what may take longer, or has to come sooner.
pub async fn eventually_within<T, F: Future<Output = Option<T>>>(
    limit: Duration,
    what: &str,
    ask: impl Fn() -> F,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < limit, "waited for {limit:?}, and still not: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
