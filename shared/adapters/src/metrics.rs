//! Metrics, as lines of the log: CloudWatch reads them from there (its "embedded metric format"), so that telling one
//! costs no call, and needs no permission.
//!
//! Lambda hands on a line that is JSON already as it is, with `LogFormat: JSON` as well.

use std::io::Write;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::settings::{self, ConfigError};

/// The namespace of all of Gusset's metrics. The alarms in the template name it as well.
const NAMESPACE: &str = "Gusset";

/// Tells metrics of this stack.
pub struct Metrics {
    stack: String,
}

impl Metrics {
    /// Metrics of the stack that the template's settings name. Each stack has metrics and alarms of its own.
    ///
    /// # Errors
    /// [`ConfigError`], when they name none.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Ok(Self {
            stack: settings::required("STACK_NAME")?,
        })
    }

    /// Tells some counts, as one line. `about` is what else the line says, for people who search the log: CloudWatch
    /// makes no metric of it. A count has to have the same name in the template's alarms.
    pub fn count(&self, counts: &[(&str, u64)], about: &[(&str, Value)]) {
        let line = line(&self.stack, Timestamp::now(), counts, about);
        // One write, so that no other line comes between. There is nobody to tell that the log cannot be written.
        let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
    }
}

/// Tells that Procore refuses Gusset's own app, which has an alarm of its own: everything that reaches Procore stands still until
/// an operator has mended it. `said` is Procore's word for it.
pub(crate) fn app_refused(said: &str) {
    tracing::error!(said, "Procore refuses Gusset's app: its client id or secret is wrong");
    if let Ok(metrics) = Metrics::from_environment() {
        metrics.count(
            &[("AppRefusals", 1)],
            &[("message", json!("Procore refuses Gusset's app"))],
        );
    }
}

fn line(stack: &str, now: Timestamp, counts: &[(&str, u64)], about: &[(&str, Value)]) -> Value {
    let metrics: Vec<_> = counts
        .iter()
        .map(|(name, _)| json!({"Name": name, "Unit": "Count"}))
        .collect();
    let directive = json!({"Namespace": NAMESPACE, "Dimensions": [["Stack"]], "Metrics": metrics});
    let mut line = Map::new();
    let counts = counts.iter().map(|(name, count)| (*name, json!(count)));
    line.extend(
        about
            .iter()
            .cloned()
            .chain(counts)
            .map(|(name, value)| (name.to_owned(), value)),
    );
    line.insert("Stack".to_owned(), json!(stack));
    line.insert(
        "_aws".to_owned(),
        json!({"Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive]}),
    );
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As CloudWatch's specification of the format has it: each metric and dimension that is named has its value beside.
    #[test]
    fn a_line_is_what_cloudwatch_reads_metrics_from() {
        let now = Timestamp::from_millisecond(1_795_334_400_000).unwrap();
        let line = line("gusset", now, &[("ItemsFound", 2)], &[("project", json!(30001))]);
        assert_eq!(
            line,
            json!({
                "_aws": {
                    "Timestamp": 1_795_334_400_000_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Gusset",
                        "Dimensions": [["Stack"]],
                        "Metrics": [{"Name": "ItemsFound", "Unit": "Count"}],
                    }],
                },
                "Stack": "gusset",
                "ItemsFound": 2,
                "project": 30001,
            })
        );
    }
}
