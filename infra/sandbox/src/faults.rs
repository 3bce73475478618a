//! Faults that a test orders: the next calls of a kind fail in a chosen way, or are answered with less than the truth.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
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

/// A request to the side door that is made as soon as a call took effect, before its caller has the answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Meanwhile {
    pub(crate) method: String,
    /// Begins with `/sandbox/`.
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) body: Value,
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
    /// A query in which `*` stands for anything.
    #[serde(default = "any")]
    pub(crate) query: String,
    #[serde(default = "once", rename = "times")]
    pub(crate) remaining: u32,
    /// Of the calls that it concerns, only each so many suffer.
    #[serde(default = "once")]
    pub(crate) every: u32,
    /// The calls that it concerned so far.
    #[serde(default, skip_deserializing, skip_serializing)]
    met: u32,
    pub(crate) company_id: Option<Id>,
    /// Of the calls for tokens, only those that ask by this.
    pub(crate) grant_type: Option<String>,
    pub(crate) status: Option<u16>,
    /// Put over the answer's own. One without a value is taken out of the answer.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    /// A list's answer keeps only so many entries, from its beginning.
    pub(crate) entries: Option<usize>,
    pub(crate) meanwhile: Option<Meanwhile>,
    #[serde(default)]
    pub(crate) delay_ms: u64,
    #[serde(rename = "drop")]
    pub(crate) dropped: Option<Drop>,
    /// Whether `status` and `delay_ms` come before the effect, which a status then prevents, or after it.
    #[serde(default, rename = "when")]
    pub(crate) moment: Moment,
    /// What the answer says otherwise than it would: JSON pointers and values. See [`Self::patch`].
    #[serde(default)]
    pub(crate) patch: BTreeMap<String, Value>,
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
        let lies = self.entries.is_some() || !self.headers.is_empty() || !self.patch.is_empty();
        let acts = self.status.is_some() || self.dropped.is_some() || self.delay_ms > 0 || self.meanwhile.is_some();
        if !acts && !lies {
            return Some(
                "a fault needs at least one of status, delay_ms, drop, entries, headers, patch and meanwhile"
                    .to_owned(),
            );
        }
        if !self.patch.is_empty() && (self.status.is_some() || self.dropped.is_some()) {
            return Some("a patch needs the real answer: no status and no drop".to_owned());
        }
        if let Some(pointer) = self.patch.keys().find(|key| !key.is_empty() && !key.starts_with('/')) {
            return Some(format!(
                "patch has {pointer:?}, which is no JSON pointer such as /0/due_date"
            ));
        }
        if self.status.is_some() && self.dropped.is_some() {
            return Some("a fault has either a status or a drop".to_owned());
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Some("status must be between 200 and 599".to_owned());
        }
        if self.status.is_none() && self.body.is_some() {
            return Some("a body needs a status".to_owned());
        }
        if self.status.is_some() && self.entries.is_some() {
            return Some("a fault has either a status or entries: a list that lies is answered with 200".to_owned());
        }
        if let Some(meanwhile) = &self.meanwhile {
            if !meanwhile.path.starts_with("/sandbox/") {
                return Some(
                    "what is done meanwhile is asked of the side door: its path begins with /sandbox/".to_owned(),
                );
            }
            if meanwhile.method.parse::<Method>().is_err() || meanwhile.path.parse::<Uri>().is_err() {
                return Some("what is done meanwhile has no method or no path".to_owned());
            }
        }
        let bad = self
            .headers
            .iter()
            .find(|(name, value)| name.parse::<HeaderName>().is_err() || HeaderValue::from_str(value).is_err());
        if let Some((name, _)) = bad {
            return Some(format!("header {name:?} is not one"));
        }
        (self.remaining == 0 || self.every == 0).then(|| "times and every must be at least 1".to_owned())
    }

    fn concerns(&self, facts: &Facts) -> bool {
        (self.method == "*" || self.method == facts.method)
            && matches(&self.path, &facts.path)
            && matches(&self.query, &facts.query)
            && self.company_id.is_none_or(|company| facts.company_id == Some(company))
            && (self.grant_type.is_none() || self.grant_type == facts.grant_type)
    }

    /// Counts a call that it concerns, and says whether that one suffers.
    fn is_due(&mut self) -> bool {
        self.met += 1;
        self.met.is_multiple_of(self.every)
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
        self.write_headers(response.headers_mut());
        response
    }

    /// Puts its headers over an answer's.
    fn write_headers(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                (Ok(name), Ok(value)) if value.is_empty() => drop(headers.remove(name)),
                (Ok(name), Ok(value)) => drop(headers.insert(name, value)),
                _ => {}
            }
        }
    }

    /// Makes a true answer say less, or something else in its headers. An answer that is no list keeps its body.
    pub(crate) async fn distort(&self, response: Response) -> Response {
        let (mut parts, mut body) = response.into_parts();
        if let Some(kept) = self.entries {
            let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
            body = match serde_json::from_slice::<Value>(&bytes) {
                Ok(Value::Array(mut entries)) => {
                    entries.truncate(kept);
                    let less = Value::Array(entries).to_string();
                    parts
                        .headers
                        .insert(header::CONTENT_LENGTH, HeaderValue::from(less.len()));
                    less.into()
                }
                _ => bytes.into(),
            };
        }
        self.write_headers(&mut parts.headers);
        Response::from_parts(parts, body)
    }
}

impl Fault {
    /// The answer with other values in it, where it is JSON. A step `*` of a pointer is every element or member, `-` a new
    /// element; an object gets members that it lacks; a pointer that leads nowhere changes nothing.
    pub(crate) async fn patched(&self, response: Response) -> Response {
        if self.patch.is_empty() {
            return response;
        }
        let (mut head, body) = response.into_parts();
        // Every answer of the sandbox's is in memory, but files: those are no JSON, and stay as they are.
        let is_json = head
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        if !is_json {
            return Response::from_parts(head, body);
        }
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
        let bytes = match serde_json::from_slice::<Value>(&bytes) {
            Ok(mut answer) => {
                for (pointer, value) in &self.patch {
                    let steps: Vec<String> = pointer
                        .split('/')
                        .skip(1)
                        .map(|step| step.replace("~1", "/").replace("~0", "~"))
                        .collect();
                    put(&mut answer, &steps, value);
                }
                answer.to_string().into()
            }
            Err(_) => bytes,
        };
        head.headers.remove(header::CONTENT_LENGTH);
        Response::from_parts(head, axum::body::Body::from(bytes))
    }
}

fn put(place: &mut Value, steps: &[String], value: &Value) {
    let Some((step, rest)) = steps.split_first() else {
        *place = value.clone();
        return;
    };
    match place {
        Value::Array(list) if step == "*" => list.iter_mut().for_each(|one| put(one, rest, value)),
        Value::Array(list) if step == "-" => {
            let mut new = Value::Null;
            put(&mut new, rest, value);
            list.push(new);
        }
        Value::Array(list) => {
            if let Some(one) = step.parse().ok().and_then(|at: usize| list.get_mut(at)) {
                put(one, rest, value);
            }
        }
        Value::Object(members) if step == "*" => members.values_mut().for_each(|one| put(one, rest, value)),
        Value::Object(members) => put(members.entry(step.clone()).or_insert(Value::Null), rest, value),
        Value::Null => {
            let mut members = serde_json::Map::new();
            put(members.entry(step.clone()).or_insert(Value::Null), rest, value);
            *place = Value::Object(members);
        }
        _ => {}
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
        let mut concerned = self.waiting.iter_mut().filter(|fault| fault.concerns(facts));
        let fault = concerned.find_map(|fault| fault.is_due().then_some(fault))?;
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
    fn a_patch_changes_what_its_pointer_leads_to_and_nothing_else() {
        let mut answer = json!([{"a": 1, "b": {"c": [1]}}, {"a": 2, "b": null}]);
        for (pointer, value) in [
            ("/0/a", json!("")),
            ("/*/d", json!(true)),
            ("/1/b/c", json!("text")),
            ("/0/b/c/-", json!(2)),
            ("/7/a", json!(0)),
            ("/0/a/x", json!(0)),
        ] {
            let steps: Vec<String> = pointer.split('/').skip(1).map(str::to_owned).collect();
            put(&mut answer, &steps, &value);
        }
        assert_eq!(
            answer,
            json!([{"a": "", "b": {"c": [1, 2]}, "d": true}, {"a": 2, "b": {"c": "text"}, "d": true}])
        );
    }

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
