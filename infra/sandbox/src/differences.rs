//! Ways in which the stand-in differs, by a switch, from what is published: `cargo xtask probe` has to find each of them.
//!
//! They come after the [strict mode](crate::strict), as faults do: a difference on purpose is none of the contract's.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::App;

/// One way to differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Difference {
    /// A call about a project is answered without `Procore-Company-Id`.
    HeaderOptional,
    /// A token says that it is good for two hours.
    TokenLife,
    /// A wrong secret is `invalid_grant`, as an access that has ended.
    WrongSecret,
    /// No answer says what is left of the limits.
    NoLimits,
    /// No list says how long it is.
    NoTotal,
    /// A page has a hundred entries at most.
    SmallPages,
    /// The cost of one RFI is a number, as in lists.
    CostAsNumber,
    /// What a note has attached is not in the answer.
    NoFilesOfNotes,
    /// Answers about webhooks are not wrapped in `data`.
    WebhooksBare,
    /// RFIs have another name among the resources of webhooks.
    ResourceRenamed,
}

const LARGEST_PAGE: &str = "100";

/// Lets the differences that are switched on have their way with a call and its answer.
pub(crate) async fn differ(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let differences = app.differences().clone();
    if differences.is_empty() {
        return next.run(request).await;
    }
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    if differences.contains(&Difference::HeaderOptional) {
        name_company(&app, &path, &mut request);
    }
    if differences.contains(&Difference::SmallPages) && path.starts_with("/rest/v1.") {
        shorten_pages(&mut request);
    }
    let mut answer = next.run(request).await;
    if differences.contains(&Difference::NoLimits) {
        for name in ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"] {
            answer.headers_mut().remove(name);
        }
    }
    if differences.contains(&Difference::NoTotal) {
        answer.headers_mut().remove("total");
    }
    let of_bodies = differences
        .into_iter()
        .filter(|difference| difference.is_about(&method, &path));
    let of_bodies: Vec<Difference> = of_bodies.collect();
    if of_bodies.is_empty() {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(head, Body::from(bytes));
    };
    for difference in of_bodies {
        difference.change(&mut value);
    }
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(value.to_string()))
}

impl Difference {
    /// Whether it changes the body of the answer to a call.
    fn is_about(self, method: &Method, path: &str) -> bool {
        match self {
            Self::TokenLife | Self::WrongSecret => path == "/oauth/token",
            Self::CostAsNumber => path.contains("/rfis/") || (path.ends_with("/rfis") && method == Method::POST),
            Self::NoFilesOfNotes => path.contains("/notes_logs/"),
            Self::WebhooksBare => path.starts_with("/rest/v2.0/") && path.contains("/webhooks/"),
            Self::ResourceRenamed => path.ends_with("/webhooks/resources"),
            Self::HeaderOptional | Self::NoLimits | Self::NoTotal | Self::SmallPages => false,
        }
    }

    fn change(self, body: &mut Value) {
        match self {
            Self::TokenLife if body["expires_in"].is_number() => body["expires_in"] = json!(7_200),
            Self::WrongSecret if body["error"] == "invalid_client" => body["error"] = json!("invalid_grant"),
            Self::CostAsNumber => {
                let cost = body["cost_impact"]["value"]
                    .as_str()
                    .and_then(|text| text.parse::<f64>().ok());
                if let Some(cost) = cost {
                    body["cost_impact"]["value"] = json!(cost);
                }
            }
            Self::NoFilesOfNotes if body["attachments"].is_array() => body["attachments"] = json!([]),
            Self::WebhooksBare if !body["data"].is_null() => *body = body["data"].take(),
            Self::ResourceRenamed => {
                let entries = match body.get_mut("data") {
                    Some(data) => data.as_array_mut(),
                    None => body.as_array_mut(),
                };
                for entry in entries.into_iter().flatten().filter(|entry| entry["name"] == "RFIs") {
                    entry["name"] = json!("RFI");
                }
            }
            _ => {}
        }
    }
}

/// Names the company of the project that a path is about, where the caller does not.
fn name_company(app: &App, path: &str, request: &mut Request) {
    let mut parts = path.split('/').skip_while(|part| *part != "projects").skip(1);
    let project = parts.next().and_then(|id| id.parse().ok());
    let company = project.and_then(|id| app.world().projects.get(&id).map(|project| project.company_id));
    if let Some(company) = company
        && !request.headers().contains_key("procore-company-id")
    {
        request
            .headers_mut()
            .insert("procore-company-id", HeaderValue::from(company));
    }
}

fn shorten_pages(request: &mut Request) {
    let query = request.uri().query().unwrap_or_default();
    let mut shorter = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let is_long = name == "per_page" && value.parse::<u64>().is_ok_and(|size| size > 100);
        shorter.append_pair(&name, if is_long { LARGEST_PAGE } else { &value });
    }
    let shorter = shorter.finish();
    let path = request.uri().path();
    let uri: Result<Uri, _> = if shorter.is_empty() {
        path.parse()
    } else {
        format!("{path}?{shorter}").parse()
    };
    if let Ok(uri) = uri {
        *request.uri_mut() = uri;
    }
}

/// The differences that are switched on.
pub(crate) type Differences = BTreeSet<Difference>;
