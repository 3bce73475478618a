//! Lists: their filters, and their pages with `Link`, `Total` and `Per-Page`.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;

use crate::app::App;
use crate::params;
use crate::refusal::Refusal;
use crate::world::Id;

const DEFAULT_PER_PAGE: usize = 100;

/// What lists of version 1 give at once, and the list of projects.
const LARGEST_PER_PAGE: usize = 2_000;
const LARGEST_OF_PROJECTS: usize = 300;

/// What lists from version 2 on give at once: usually, and at most.
const USUAL_OF_V2: usize = 10;
const LARGEST_OF_V2: usize = 100;

/// A request for a list.
pub(crate) struct Listing {
    path: String,
    raw_query: String,
    query: Value,
    public_url: String,
    /// The most entries that a page has.
    largest: usize,
}

impl FromRequestParts<App> for Listing {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        let path = parts.uri.path();
        let project = path.split_once("/projects/").and_then(|(_, rest)| {
            let id: Id = rest.split('/').next()?.parse().ok()?;
            app.world().projects.get(&id)?.largest_page
        });
        let largest = match path {
            "/rest/v1.1/projects" => LARGEST_OF_PROJECTS,
            _ if is_v2(path) => project.unwrap_or(LARGEST_OF_V2).min(LARGEST_OF_V2),
            _ => project.unwrap_or(LARGEST_PER_PAGE),
        };
        Ok(Self {
            path: parts.uri.path().to_owned(),
            query: params::parse_urlencoded(&raw_query),
            raw_query,
            public_url: app.addresses.public.clone(),
            largest,
        })
    }
}

impl Listing {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.query.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// The whole query, nested.
    pub(crate) fn query(&self) -> &Value {
        &self.query
    }

    /// `outer[inner]`, as text.
    pub(crate) fn nested(&self, outer: &str, inner: &str) -> Option<&str> {
        self.query.get(outer)?.get(inner)?.as_str()
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let parse = |text: &str| text.parse().map_err(|_| Refusal::invalid(name, "is not a number"));
        self.text(name).map(parse).transpose()
    }

    /// Whether a parameter says yes.
    pub(crate) fn truth(&self, name: &str) -> bool {
        matches!(self.text(name), Some("true" | "1"))
    }

    /// Whether a filter says yes.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.nested("filters", name), Some("true" | "1"))
    }

    pub(crate) fn required_id(&self, name: &str) -> Result<Id, Refusal> {
        self.number(name)?
            .ok_or_else(|| Refusal::BadRequest(format!("param is missing or the value is empty: {name}")))
    }

    /// The `filters[name]`, as a list of texts: `a`, `a,b`, `["a","b"]` and repeated `[]` are all the same.
    pub(crate) fn filter(&self, name: &str) -> Option<Vec<String>> {
        texts(self.query.get("filters")?.get(name)?)
    }

    pub(crate) fn id_filter(&self, name: &str) -> Result<Option<Vec<Id>>, Refusal> {
        as_ids(name, self.filter(name))
    }

    /// The ids in a parameter outside `filters`.
    pub(crate) fn ids(&self, name: &str) -> Result<Option<Vec<Id>>, Refusal> {
        as_ids(name, self.query.get(name).and_then(texts))
    }

    /// A time range, `FROM...TO`, both ends included; either end may be missing.
    pub(crate) fn range(&self, name: &str) -> Result<Option<(Timestamp, Timestamp)>, Refusal> {
        let Some(text) = self
            .query
            .get("filters")
            .and_then(|filters| filters.get(name))
            .and_then(Value::as_str)
        else {
            return Ok(None);
        };
        let complaint = || {
            Refusal::invalid(
                name,
                "is not a range such as 2026-01-01T00:00:00Z...2026-01-02T00:00:00Z",
            )
        };
        let (from, to) = text.trim_matches('"').split_once("...").ok_or_else(complaint)?;
        let end = |text: &str, missing: Timestamp, of_day: &str| match text.trim() {
            "" => Ok(missing),
            date if date.len() == 10 => format!("{date}T{of_day}Z").parse().map_err(|_| complaint()),
            time => time.parse().map_err(|_| complaint()),
        };
        Ok(Some((
            end(from, Timestamp::MIN, "00:00:00")?,
            end(to, Timestamp::MAX, "23:59:59")?,
        )))
    }

    /// The asked page of `items`, each shown by `view`.
    pub(crate) fn answer<T>(&self, items: &[T], view: impl Fn(&T) -> Value) -> Result<Response, Refusal> {
        let at_least_one = |name: &str, number: Option<u64>| match number {
            Some(0) => Err(Refusal::invalid(name, "must be at least 1")),
            number => Ok(number.map(|number| usize::try_from(number).unwrap_or(usize::MAX))),
        };
        let page = at_least_one("page", self.number("page")?)?.unwrap_or(1);
        let per_page = at_least_one("per_page", self.number("per_page")?)?;
        let usual = if is_v2(&self.path) {
            USUAL_OF_V2
        } else {
            DEFAULT_PER_PAGE
        };
        let per_page = per_page.unwrap_or(usual);
        let per_page = per_page.min(self.largest);
        let pages = items.len().div_ceil(per_page).max(1);
        let shown = items
            .iter()
            .skip((page - 1).saturating_mul(per_page))
            .take(per_page)
            .map(view);
        let shown = Value::Array(shown.collect());
        let shown = if is_v2(&self.path) {
            serde_json::json!({"data": shown})
        } else {
            shown
        };
        let mut response = Json(shown).into_response();
        let headers = response.headers_mut();
        headers.insert("total", HeaderValue::from(items.len()));
        headers.insert("per-page", HeaderValue::from(per_page));
        let mut links = Vec::new();
        if page > 1 {
            links.push(self.link("first", 1, per_page));
            links.push(self.link("prev", (page - 1).min(pages), per_page));
        }
        if page < pages {
            links.push(self.link("next", page + 1, per_page));
            links.push(self.link("last", pages, per_page));
        }
        if let Ok(value) = HeaderValue::from_str(&links.join(", "))
            && !links.is_empty()
        {
            headers.insert(header::LINK, value);
        }
        Ok(response)
    }

    fn link(&self, relation: &str, page: usize, per_page: usize) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(self.raw_query.as_bytes()) {
            if name != "page" && name != "per_page" {
                query.append_pair(&name, &value);
            }
        }
        query
            .append_pair("page", &page.to_string())
            .append_pair("per_page", &per_page.to_string());
        format!(
            "<{}{}?{}>; rel=\"{relation}\"",
            self.public_url,
            self.path,
            query.finish()
        )
    }
}

/// Whether a path is one of the versions that wrap their answers in `data`.
fn is_v2(path: &str) -> bool {
    path.starts_with("/rest/v2.")
}

fn as_ids(name: &str, texts: Option<Vec<String>>) -> Result<Option<Vec<Id>>, Refusal> {
    let Some(texts) = texts else {
        return Ok(None);
    };
    let ids = texts.iter().map(|text| text.parse()).collect::<Result<_, _>>();
    ids.map(Some).map_err(|_| Refusal::invalid(name, "is not an id"))
}

/// The texts in a parameter, however it lists them.
fn texts(value: &Value) -> Option<Vec<String>> {
    let texts: Vec<&str> = match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let split = texts.iter().flat_map(|text| text.trim_matches(['[', ']']).split(','));
    let texts: Vec<String> = split
        .map(|text| text.trim().trim_matches('"').to_owned())
        .filter(|text| !text.is_empty())
        .collect();
    (!texts.is_empty()).then_some(texts)
}
