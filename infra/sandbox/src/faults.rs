//! Faults that a test orders: the next calls of a kind fail in a chosen way.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::calls::Facts;
use crate::world::Id;

/// When, seen from the call's effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Moment {
    #[default]
    Before,
    After,
}

/// The connection is closed without an answer, with or without the call's effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Drop {
    Before,
    After,
}

fn any() -> String {
    "*".to_owned()
}

fn once() -> u32 {
    1
}

/// A fault, as `POST /sandbox/faults` takes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    #[serde(default, skip_deserializing)]
    pub(crate) id: u64,
    #[serde(default = "any")]
    pub(crate) method: String,
    /// A path in which `*` stands for anything.
    pub(crate) path: String,
    #[serde(default = "once", rename = "times")]
    pub(crate) remaining: u32,
    pub(crate) company_id: Option<Id>,
    pub(crate) status: Option<u16>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    #[serde(default)]
    pub(crate) delay_ms: u64,
    #[serde(rename = "drop")]
    pub(crate) dropped: Option<Drop>,
    /// Whether `status` and `delay_ms` come before the effect, which a status then prevents, or after it.
    #[serde(default, rename = "when")]
    pub(crate) moment: Moment,
}

impl Fault {
    /// What is wrong with it, if anything.
    pub(crate) fn problem(&self) -> Option<String> {
        let known = ["*", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
        if !known.contains(&self.method.as_str()) {
            return Some(format!("method must be one of {}", known.join(", ")));
        }
        if !self.path.starts_with(['/', '*']) {
            return Some("path must begin with / or *".to_owned());
        }
        if self.status.is_none() && self.dropped.is_none() && self.delay_ms == 0 {
            return Some("a fault needs at least one of status, delay_ms and drop".to_owned());
        }
        if self.status.is_some() && self.dropped.is_some() {
            return Some("a fault has either a status or a drop".to_owned());
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Some("status must be between 200 and 599".to_owned());
        }
        if self.status.is_none() && (self.body.is_some() || !self.headers.is_empty()) {
            return Some("headers and body need a status".to_owned());
        }
        let bad = self
            .headers
            .iter()
            .find(|(name, value)| name.parse::<HeaderName>().is_err() || HeaderValue::from_str(value).is_err());
        if let Some((name, _)) = bad {
            return Some(format!("header {name:?} is not one"));
        }
        (self.remaining == 0).then(|| "times must be at least 1".to_owned())
    }

    fn concerns(&self, facts: &Facts) -> bool {
        (self.method == "*" || self.method == facts.method)
            && matches(&self.path, &facts.path)
            && self.company_id.is_none_or(|company| facts.company_id == Some(company))
    }

    /// The answer that stands in for the real one.
    pub(crate) fn answer(&self) -> Response {
        let status = self
            .status
            .and_then(|status| StatusCode::from_u16(status).ok())
            .unwrap_or(StatusCode::OK);
        let mut response = match &self.body {
            None => (
                status,
                Json(json!({"errors": status.canonical_reason().unwrap_or("Fault")})),
            )
                .into_response(),
            Some(Value::String(text)) => (status, text.clone()).into_response(),
            Some(body) => (status, Json(body)).into_response(),
        };
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// Whether a path fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => path.strip_prefix(start).is_some_and(|tail| {
            rest.is_empty()
                || (0..=tail.len())
                    .filter(|&at| tail.is_char_boundary(at))
                    .any(|at| matches(rest, &tail[at..]))
        }),
    }
}

/// The faults still to come, oldest first.
#[derive(Default)]
pub(crate) struct Faults {
    last_id: u64,
    waiting: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, mut fault: Fault) -> u64 {
        self.last_id += 1;
        fault.id = self.last_id;
        self.waiting.push(fault);
        self.last_id
    }

    /// The first fault that concerns this call, counted down.
    pub(crate) fn take(&mut self, facts: &Facts) -> Option<Fault> {
        let fault = self.waiting.iter_mut().find(|fault| fault.concerns(facts))?;
        fault.remaining -= 1;
        let taken = fault.clone();
        self.waiting.retain(|fault| fault.remaining > 0);
        Some(taken)
    }

    /// Drops all faults, or those of one company.
    pub(crate) fn clear(&mut self, company_id: Option<Id>) {
        self.waiting
            .retain(|fault| company_id.is_some() && fault.company_id != company_id);
    }

    pub(crate) fn waiting(&self) -> &[Fault] {
        &self.waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("/rest/v1.0/projects/*/rfis", "/rest/v1.0/projects/20001/rfis"));
        assert!(matches("*", "/oauth/token"));
        assert!(matches("/rest/*/rfis*", "/rest/v1.0/projects/1/rfis/2"));
        assert!(!matches(
            "/rest/v1.0/projects/*/rfis",
            "/rest/v1.0/projects/20001/rfis/1"
        ));
        assert!(!matches("/rest/v1.0/me", "/rest/v1.0/me/"));
    }
}
