//! The strict mode: every call to the API and to sign-in, and every answer to one, is held against the [contract](crate::contract).
//!
//! What is asked otherwise than described is refused with 400; what would be answered otherwise is answered with 500. Both are
//! listed at `GET /sandbox/contract`. Faults that the side door orders come after it: a lie on purpose is no difference.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::App;
use crate::contract::{CompanyHeader, Contract, Difference, Encoding, Endpoint, UsedBy};
use crate::params;
use crate::refusal::Refusal;

/// The largest body that is held against the contract as a whole. Forms in parts are read where their files go.
const LARGEST: usize = 16 * 1024 * 1024;

/// Differences that are kept apart. There is something very wrong long before.
const MAX_KEPT: usize = 1_000;

/// Whose difference it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
    /// The caller's.
    Caller,
    /// Ours.
    Sandbox,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Sandbox => "sandbox",
        }
    }
}

/// What the strict mode has met so far. It outlives a reset.
#[derive(Debug, Default)]
pub(crate) struct Met {
    /// How often each difference was met, by the call and who made it.
    differences: BTreeMap<(String, By, String), u64>,
    /// The endpoints that were called with success.
    called: BTreeSet<usize>,
}

impl Met {
    fn write(&mut self, call: &str, by: By, differences: &[Difference]) {
        for difference in differences {
            tracing::warn!("{call}, by the {}: {difference}", by.name());
            let key = (call.to_owned(), by, difference.to_string());
            if self.differences.len() < MAX_KEPT || self.differences.contains_key(&key) {
                *self.differences.entry(key).or_default() += 1;
            }
        }
    }
}

/// The endpoint that a form in parts is held against once it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Described(usize);

/// Holds a call and its answer against the contract.
pub(crate) async fn hold(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(contract) = &app.contract else {
        return next.run(request).await;
    };
    let (method, path) = (request.method().as_str(), request.uri().path());
    let Some(number) = contract.find(method, path) else {
        if !path.starts_with("/rest/") {
            return next.run(request).await;
        }
        let call = format!("{method} {path}");
        return refused(&app, &call, &[Difference::new("this endpoint", "not described")]);
    };
    let endpoint = &contract.endpoints()[number];
    let call = endpoint.call();
    if endpoint.company_header() == CompanyHeader::Required && !request.headers().contains_key("procore-company-id") {
        // It is refused where Procore refuses it, and in its words.
        let missing = Difference::new("the header Procore-Company-Id", "required");
        app.met().write(&call, By::Caller, &[missing]);
    }
    let query = request.uri().query().unwrap_or_default();
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let pairs = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    let mut differences = endpoint.of_query(pairs);
    let request = match body_of(endpoint, number, request).await {
        Ok((request, in_body)) => {
            differences.extend(in_body);
            request
        }
        Err(refusal) => return refusal.into_response(),
    };
    if !differences.is_empty() {
        return refused(&app, &call, &differences);
    }
    let answer = next.run(request).await;
    held_answer(&app, endpoint, number, answer).await
}

/// A request whose body was read, and how that differs from what is described.
async fn body_of(
    endpoint: &Endpoint,
    number: usize,
    mut request: Request,
) -> Result<(Request, Vec<Difference>), Refusal> {
    let encoding = encoding(request.headers());
    if encoding == Encoding::Multipart {
        request.extensions_mut().insert(Described(number));
        return Ok((request, Vec::new()));
    }
    let (head, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, LARGEST).await;
    let bytes = bytes.map_err(|error| Refusal::BadRequest(format!("the body cannot be read: {error}")))?;
    let text = String::from_utf8_lossy(&bytes);
    let differences = match (text.trim().is_empty(), encoding) {
        (true, _) => endpoint.of_body(None),
        (false, Encoding::Form) => endpoint.of_body(Some((&params::parse_urlencoded(&text), Encoding::Form))),
        (false, _) => match serde_json::from_str(&text) {
            Ok(body) => endpoint.of_body(Some((&body, Encoding::Json))),
            Err(error) => vec![Difference::new("the body", format!("not JSON: {error}"))],
        },
    };
    Ok((Request::from_parts(head, RawBody::from(bytes)), differences))
}

fn encoding(headers: &HeaderMap) -> Encoding {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    if kind.starts_with("multipart/form-data") {
        Encoding::Multipart
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        Encoding::Form
    } else {
        Encoding::Json
    }
}

/// Holds a form in parts against the contract, `values` with [`file`](crate::contract::file) where files were.
///
/// # Errors
/// [`Refusal::BadRequest`], where it differs.
pub(crate) fn hold_form(app: &App, described: Option<Described>, values: &Value) -> Result<(), Refusal> {
    let (Some(contract), Some(Described(number))) = (&app.contract, described) else {
        return Ok(());
    };
    let endpoint = &contract.endpoints()[number];
    let differences = endpoint.of_body(Some((values, Encoding::Multipart)));
    if differences.is_empty() {
        return Ok(());
    }
    app.met().write(&endpoint.call(), By::Caller, &differences);
    Err(Refusal::BadRequest(in_words(&differences)))
}

fn in_words(differences: &[Difference]) -> String {
    let told: Vec<String> = differences.iter().map(ToString::to_string).collect();
    format!("not as the contract has it: {}", told.join("; "))
}

fn refused(app: &App, call: &str, differences: &[Difference]) -> Response {
    app.met().write(call, By::Caller, differences);
    let said = in_words(differences);
    let body = if call.contains(" /oauth/") {
        json!({"error": "invalid_request", "error_description": said})
    } else {
        json!({ "errors": said })
    };
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// The answer, where it is as described.
async fn held_answer(app: &App, endpoint: &Endpoint, number: usize, answer: Response) -> Response {
    let status = answer.status();
    if status.is_success() || status.is_redirection() {
        app.met().called.insert(number);
    }
    let (mut head, body) = answer.into_parts();
    let (body, differences) = if endpoint.describes_answer(status.as_u16()) {
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
        let value: Option<Value> = serde_json::from_slice(&bytes).ok();
        let differences = endpoint.of_answer(status.as_u16(), value.as_ref());
        (RawBody::from(bytes), differences)
    } else {
        (body, endpoint.of_answer(status.as_u16(), None))
    };
    if differences.is_empty() {
        return Response::from_parts(head, body);
    }
    app.met().write(&endpoint.call(), By::Sandbox, &differences);
    head.status = StatusCode::INTERNAL_SERVER_ERROR;
    head.headers.remove(header::CONTENT_LENGTH);
    let said = json!({ "errors": format!("the sandbox's answer is {}", in_words(&differences)) });
    Response::from_parts(head, RawBody::from(said.to_string()))
}

/// What was met, as `GET /sandbox/contract` shows it.
pub(crate) fn shown(contract: Option<&Contract>, met: &Met) -> Value {
    let differences: Vec<Value> = met
        .differences
        .iter()
        .map(|((call, by, difference), times)| {
            json!({"call": call, "by": by.name(), "difference": difference, "times": times})
        })
        .collect();
    let endpoints = contract.map(Contract::endpoints).unwrap_or_default();
    let uncalled: Vec<String> = endpoints
        .iter()
        .enumerate()
        .filter(|(number, endpoint)| endpoint.used_by() == UsedBy::Product && !met.called.contains(number))
        .map(|(_, endpoint)| endpoint.call())
        .collect();
    json!({"strict": contract.is_some(), "differences": differences, "uncalled": uncalled})
}
