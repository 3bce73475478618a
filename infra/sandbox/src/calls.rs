//! The log of calls, for tests to read and for people to watch.

use std::fmt;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::faults::Drop;
use crate::oauth::GrantType;
use crate::params;
use crate::world::Id;

/// The longest body of a call for a token, in bytes.
const LONGEST_FORM: usize = 64 * 1024;

/// Calls kept; older ones go.
const KEPT: usize = 50_000;

/// What is known of a call before it is handled.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Facts {
    pub(crate) method: String,
    /// Without the unguessable part of a storage address.
    pub(crate) path: String,
    /// Without tokens, secrets and codes.
    pub(crate) query: String,
    /// Who: null without a valid token, and for client credentials whose company is not known from the request.
    pub(crate) login: Option<String>,
    pub(crate) grant: Option<GrantType>,
    pub(crate) application: Option<String>,
    /// The company that the call concerns, from the header, the project or the query.
    pub(crate) company_id: Option<Id>,
    /// What the `Procore-Company-Id` header said.
    pub(crate) company_header: Option<String>,
    pub(crate) has_authorization: bool,
    /// By what a call for a token asks for it, where it asks in a form.
    #[serde(skip)]
    pub(crate) grant_type: Option<String>,
}

impl Facts {
    pub(crate) fn of(app: &App, request: &Request) -> Self {
        let path = request.uri().path();
        let query = request.uri().query().unwrap_or_default();
        let headers = request.headers();
        let company_header = headers
            .get("procore-company-id")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let world = app.world();
        let company_id = company_of(&world, company_header.as_deref(), path, query);
        let token = bearer(headers).and_then(|token| world.grants.access(token));
        let login = token.and_then(|token| match token.person_id {
            Some(person_id) => world.people.get(&person_id),
            None => {
                let company = world.companies.get(&company_id?)?;
                world
                    .people
                    .get(&company.installations.get(&token.application)?.service_account)
            }
        });
        Self {
            method: request.method().to_string(),
            path: without_key(path),
            query: without_secrets(query),
            login: login.map(|person| person.login.clone()),
            grant: token.map(|token| token.grant),
            application: token.map(|token| token.application.clone()),
            company_id,
            company_header,
            has_authorization: headers.contains_key(header::AUTHORIZATION),
            grant_type: None,
        }
    }

    /// The same, with what the body of a call for a token says. The body is read and put back.
    pub(crate) async fn with_body(app: &App, request: Request) -> (Self, Request) {
        let facts = Self::of(app, &request);
        if facts.path != "/oauth/token" {
            return (facts, request);
        }
        let (head, body) = request.into_parts();
        // One that is longer is no call for a token, and is refused for it.
        let bytes = axum::body::to_bytes(body, LONGEST_FORM).await.unwrap_or_default();
        let form = params::parse_urlencoded(&String::from_utf8_lossy(&bytes));
        let grant_type = form.get("grant_type").and_then(|text| text.as_str()).map(str::to_owned);
        let request = Request::from_parts(head, Body::from(bytes));
        (Self { grant_type, ..facts }, request)
    }
}

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn company_of(world: &crate::world::World, header: Option<&str>, path: &str, query: &str) -> Option<Id> {
    if let Some(id) = header.and_then(|text| text.trim().parse().ok()) {
        return Some(id);
    }
    let of_project = |id: Id| world.projects.get(&id).map(|project| project.company_id);
    let after = |name: &str| path.split_once(name)?.1.split('/').next()?.parse::<Id>().ok();
    if let Some(company) = after("/projects/").and_then(of_project) {
        return Some(company);
    }
    let query = params::parse_urlencoded(query);
    let number = |name: &str| query.get(name)?.as_str()?.parse::<Id>().ok();
    number("project_id")
        .and_then(of_project)
        .or_else(|| number("company_id"))
        .or_else(|| after("/companies/"))
}

fn without_key(path: &str) -> String {
    for prefix in ["/storage/", "/segments/"] {
        if let Some(rest) = path.strip_prefix(prefix) {
            return match rest.split_once('/') {
                Some((_, name)) => format!("{prefix}…/{name}"),
                None => format!("{prefix}…"),
            };
        }
    }
    path.to_owned()
}

fn without_secrets(query: &str) -> String {
    let secret = |name: &str| {
        ["token", "secret", "code", "state"]
            .iter()
            .any(|word| name.contains(word))
    };
    let parts = query.split('&').map(|part| match part.split_once('=') {
        Some((name, _)) if secret(name) && name != "response_type" => format!("{name}=…"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("&")
}

/// One call, as `GET /sandbox/calls` shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Call {
    pub(crate) sequence: u64,
    pub(crate) time: Timestamp,
    #[serde(flatten)]
    pub(crate) facts: Facts,
    pub(crate) status: u16,
    /// Whether a fault hung up on the client, and when.
    pub(crate) dropped: Option<Drop>,
    pub(crate) duration_ms: u128,
}

impl Call {
    pub(crate) fn new(facts: Facts, status: StatusCode, dropped: Option<Drop>, took: Duration) -> Self {
        let (time, status, duration_ms) = (Timestamp::now(), status.as_u16(), took.as_millis());
        Self {
            sequence: 0,
            time,
            facts,
            status,
            dropped,
            duration_ms,
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Facts {
            method,
            path,
            query,
            login,
            company_id,
            ..
        } = &self.facts;
        write!(formatter, "{} {method} {path}", self.status)?;
        if !query.is_empty() {
            write!(formatter, "?{query}")?;
        }
        write!(formatter, " {} ms", self.duration_ms)?;
        if let Some(login) = login {
            write!(formatter, ", {login}")?;
        }
        if let Some(company_id) = company_id {
            write!(formatter, ", company {company_id}")?;
        }
        if self.dropped.is_some() {
            write!(formatter, ", connection dropped")?;
        }
        Ok(())
    }
}

/// The log itself.
#[derive(Default)]
pub(crate) struct Calls {
    last: u64,
    calls: std::collections::VecDeque<Call>,
}

impl Calls {
    pub(crate) fn push(&mut self, mut call: Call) {
        self.last += 1;
        call.sequence = self.last;
        if self.calls.len() == KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// The calls after a sequence number, oldest first.
    pub(crate) fn since(&self, sequence: u64) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(move |call| call.sequence > sequence)
    }

    /// Forgets all calls, but not how many there were: sequence numbers never come back.
    pub(crate) fn clear(&mut self) {
        self.calls.clear();
    }

    pub(crate) fn last(&self) -> u64 {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_written_down() {
        assert_eq!(
            without_secrets("client_id=a&code=b&access_token=c"),
            "client_id=a&code=…&access_token=…"
        );
        assert_eq!(without_key("/storage/s3cret/plan.pdf"), "/storage/…/plan.pdf");
        assert_eq!(without_key("/rest/v1.0/me"), "/rest/v1.0/me");
    }
}
