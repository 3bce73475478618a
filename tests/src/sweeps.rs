//! The sweep, as the clock and the queue call for it, and what it tells of itself.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{Project, Stand, Tool, eventually, setting};

/// How long what a sweep set going has before it is asked for again.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(10);

/// What the functions have logged so far.
fn functions_log() -> String {
    let log = fs::read(setting("GUSSET_FUNCTIONS_LOG")).unwrap();
    String::from_utf8_lossy(&log).into_owned()
}

impl Stand {
    /// Has every connected project swept, as the schedule does. They are swept when the queue comes to them.
    pub async fn sweep_all(&self) {
        let answer = self.call_sweep(json!({"sweep": true})).await;
        assert_eq!(answer, Value::Null);
    }

    /// Has no sweep, by the clock or by anybody, find what is missing in a project: as if it had been swept until a day that
    /// is far off.
    pub async fn leave_unswept(&self, project: &Project) {
        let until = json!({"S": "2099-12-31T00:00:00Z"});
        let until: serde_json::Map<String, Value> = Tool::ALL
            .into_iter()
            .map(|tool| (tool.name().to_owned(), until.clone()))
            .collect();
        let pk = format!("SWEPT#{}", project.id);
        let record = json!({"pk": {"S": pk}, "sk": {"S": "SWEPT"}, "until": {"M": until}});
        self.table("PutItem", json!({"Item": record})).await;
    }

    /// Has one project swept, as the queue does: once more where the message comes back because Procore asks to wait. True once the
    /// message is done with.
    pub async fn sweep(&self, project: &Project) -> bool {
        self.sweep_to_the_end(json!({"project": project.id})).await
    }

    /// Has a project swept, now and every ten seconds, until there is an answer, and gives it. A sweep that came while what it looks
    /// for was under way does not see it; ten in a second would take the calls from what they set going.
    pub async fn sweep_until<T, F: Future<Output = Option<T>>>(
        &self,
        project: &Project,
        what: &str,
        ask: impl Fn() -> F,
    ) -> T {
        eventually(what, || async {
            assert!(self.sweep(project).await);
            let swept = Instant::now();
            while swept.elapsed() < BETWEEN_SWEEPS {
                if let Some(answer) = ask().await {
                    return Some(answer);
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            None
        })
        .await
    }

    /// As [`Self::sweep`], for any message of the queue of sweeps.
    pub async fn sweep_to_the_end(&self, message: Value) -> bool {
        eventually("the message is done with", || async {
            self.sweep_message(message.to_string()).await.then_some(true)
        })
        .await
    }

    /// Hands a message of the queue of sweeps to the function. True where it is done with.
    pub async fn sweep_message(&self, body: String) -> bool {
        let message = json!({
            "messageId": "19dd0b57-b21e-4ac1-bd88-01bbb068cb78", "receiptHandle": "none", "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
        });
        let answer = self.call_sweep(json!({"Records": [message]})).await;
        let failures = answer["batchItemFailures"].as_array();
        failures.unwrap_or_else(|| panic!("{answer}")).is_empty()
    }

    /// Calls the function that sweeps, with anything, and gives its answer.
    pub async fn call_sweep(&self, with: Value) -> Value {
        let url = format!(
            "{}/2015-03-31/functions/{}/invocations",
            setting("AWS_ENDPOINT_URL"),
            setting("GUSSET_SWEEP_FUNCTION")
        );
        let answer = self.http.post(url).json(&with).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.json().await.unwrap()
    }

    /// What a schedule has called its function with so far, oldest first. It has the name that SAM gives it: the function's and
    /// the event's.
    pub fn called_by_the_clock(&self, schedule: &str) -> Vec<Value> {
        let log = functions_log();
        let of_clocks = log.lines().filter_map(|line| line.strip_prefix("clock\t"));
        let calls = of_clocks.filter_map(|call| call.split_once(' '));
        calls
            .filter(|(name, _)| name.contains(schedule))
            .map(|(_, input)| serde_json::from_str(input).unwrap())
            .collect()
    }

    /// What each sweep of a project has told of itself so far, oldest first: the metrics that CloudWatch reads.
    pub fn sweeps_of(&self, project: &Project) -> Vec<Value> {
        self.lines_about_sweeps(project, |line| line["_aws"].is_object())
    }

    /// What the log says of a project, in lines with these words as their message.
    pub fn log_of(&self, project: &Project, words: &str) -> Vec<Value> {
        self.lines_about_sweeps(project, |line| {
            line["message"].as_str().is_some_and(|said| said.contains(words))
        })
    }

    /// The lines that functions have logged so far with a text in them.
    pub fn log_with(&self, text: &str) -> Vec<String> {
        functions_log()
            .lines()
            .filter(|line| line.contains(text))
            .map(str::to_owned)
            .collect()
    }

    fn lines_about_sweeps(&self, project: &Project, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let log = functions_log();
        // Metrics name it as a number, lines of the log as text.
        let (number, text) = (project.id, project.id.to_string());
        let is_about = |line: &Value| line["project"] == number || line["project"] == text;
        let lines = log
            .lines()
            .filter_map(|line| line.find('{').map(|begins| &line[begins..]));
        lines
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(|line| is_about(line) && wanted(line))
            .collect()
    }
}
