//! What a function is asked.

use std::{net::IpAddr, str::FromStr};

use gusset_domain::{
    activity::Query,
    delivery::is_place,
    ids::{ConnectionId, ProjectId},
    marker::Reference,
    return_to,
    service_account::ServiceAccountId,
    text::shortened,
};
use gusset_words::say;
use lambda_http::{
    Body, Request, RequestExt,
    http::{Method, header},
    request::RequestContext,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, map::Entry};

use super::Problem;
use crate::settings;

/// Where people and Procore reach this stack. Configured, or taken from each request.
#[derive(Debug, Clone)]
pub struct PublicUrl(Option<String>);

impl PublicUrl {
    /// The address that the template was given, if it was.
    #[must_use]
    pub fn from_environment() -> Self {
        Self(settings::optional("PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned()))
    }

    /// The configured address.
    #[must_use]
    pub fn configured(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// The largest body that any endpoint takes, in bytes.
const LARGEST_BODY: usize = 256 * 1024;

/// The most letters that are said of what is wrong with a body.
const LONGEST_COMPLAINT: usize = 300;

/// Paging wishes: at most, by default.
const LIMITS: (u32, u32) = (100, 25);

/// A body without fields.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A request on its way in.
pub struct Incoming {
    request: Request,
    public_url: PublicUrl,
}

/// The `cursor` and `limit` of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Where to go on.
    pub cursor: Option<String>,
    /// How many to give, from 1 to 100.
    pub limit: u32,
}

impl Ask {
    /// The page of a list that was read whole, the newest first, and where the next page begins. `id` is what an entry is
    /// sorted by, and says when it was made.
    #[must_use]
    pub fn newest_first<T, I: Ord + ToString>(&self, mut entries: Vec<T>, id: impl Fn(&T) -> I) -> (Vec<T>, Option<I>) {
        entries.sort_by_key(|entry| std::cmp::Reverse(id(entry)));
        // The next page holds what is older than the last of this one, whatever was made in between.
        entries.retain(|entry| self.cursor.as_ref().is_none_or(|after| id(entry).to_string() < *after));
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).map(id);
        (entries, next)
    }

    /// The page of a list that was read whole and is in an order of its own, and where the next page begins: after the
    /// entry that this one ends with, wherever that is by then.
    ///
    /// # Errors
    /// 422 when the cursor is no entry's `id`.
    pub fn in_order<T, I: ToString>(
        &self,
        mut entries: Vec<T>,
        id: impl Fn(&T) -> I,
    ) -> Result<(Vec<T>, Option<String>), Problem> {
        if let Some(cursor) = &self.cursor {
            let last = entries.iter().position(|entry| id(entry).to_string() == *cursor);
            entries.drain(..=last.ok_or_else(not_a_cursor)?);
        }
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).map(|entry| id(entry).to_string());
        Ok((entries, next))
    }

    /// Where a list of deliveries goes on.
    ///
    /// # Errors
    /// 422 when the cursor is no [place](is_place) in such a list.
    pub fn place_of_delivery(&self) -> Result<Option<&str>, Problem> {
        match self.cursor.as_deref() {
            Some(cursor) if !is_place(cursor) => Err(not_a_cursor()),
            cursor => Ok(cursor),
        }
    }
}

impl Incoming {
    pub(super) fn new(request: Request, public_url: PublicUrl) -> Self {
        Self { request, public_url }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        self.request.method()
    }

    /// The path as it was asked for, without the stage.
    #[must_use]
    pub fn path(&self) -> &str {
        self.request.raw_http_path()
    }

    /// The path as the template names it, for example `/api/projects/{project}`.
    #[must_use]
    pub fn resource(&self) -> String {
        match self.request.request_context_ref() {
            Some(RequestContext::ApiGatewayV1(context)) => context.resource_path.clone().unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// A header that comes once, as text.
    #[must_use]
    pub fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    /// A parameter of the query.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        self.request
            .query_string_parameters_ref()?
            .first(name)
            .map(str::to_owned)
    }

    /// A cookie of ours. `name` is without what all our names begin with.
    #[must_use]
    pub fn cookie(&self, name: &'static str) -> Option<&str> {
        let name = super::cookie::name_at(name, &self.public_url());
        let headers = self.request.headers().get_all(header::COOKIE);
        let cookies = headers
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'));
        cookies
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(key, _)| **key == *name)
            .map(|(_, value)| value)
    }

    /// What the request shows by way of authorisation, of one scheme: for example `Bearer`. Empty where it names the
    /// scheme only.
    #[must_use]
    pub fn authorization(&self, scheme: &str) -> Option<&str> {
        let header = self.header(header::AUTHORIZATION)?.trim();
        let (named, shown) = header.split_once(' ').unwrap_or((header, ""));
        named.eq_ignore_ascii_case(scheme).then(|| shown.trim())
    }

    /// The bearer token that the request carries.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        self.authorization("Bearer")
    }

    /// The address on the network from which the request comes, as API Gateway sees it: no header can claim another.
    ///
    /// # Errors
    /// When API Gateway does not say.
    pub fn caller(&self) -> Result<IpAddr, Problem> {
        let address = match self.request.request_context_ref() {
            Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.as_deref(),
            _ => None,
        };
        let address = address.and_then(|address| address.parse().ok());
        address.ok_or_else(|| Problem::internal("API Gateway does not say where a request comes from"))
    }

    /// The project that the path names.
    ///
    /// # Errors
    /// "Not found": what is not a project's id is the id of no project.
    pub fn project(&self) -> Result<ProjectId, Problem> {
        self.path_id("project", say!("thing-project"))
    }

    /// The connection that the path names.
    ///
    /// # Errors
    /// "Not found": what is not a connection's id is the id of no connection.
    pub fn connection(&self) -> Result<ConnectionId, Problem> {
        self.path_id("connection", say!("thing-connection"))
    }

    /// The service account that the path names.
    ///
    /// # Errors
    /// "Not found": what is not an account's id is the id of no account.
    pub fn service_account(&self) -> Result<ServiceAccountId, Problem> {
        self.path_id("account", say!("thing-service-account"))
    }

    /// The delivery that the path names, by its reference.
    ///
    /// # Errors
    /// "Not found": what is not a reference is that of no delivery.
    pub fn delivery(&self) -> Result<Reference, Problem> {
        self.path_id("delivery", say!("thing-delivery"))
    }

    /// The secret that the path carries in place of a name: never to be logged.
    ///
    /// # Errors
    /// "Not found", where the path has none.
    pub fn token(&self) -> Result<String, Problem> {
        self.path_id("token", say!("thing-page"))
    }

    /// What a part of the path names. `what` it is, in words.
    ///
    /// # Errors
    /// "Not found": what is not the id of such a thing is the id of none.
    pub fn path_id<T: FromStr>(&self, name: &str, what: &str) -> Result<T, Problem> {
        let parameters = self.request.path_parameters_ref();
        let id = parameters
            .and_then(|parameters| parameters.first(name))
            .and_then(|text| text.parse().ok());
        id.ok_or_else(|| Problem::not_found(what))
    }

    /// The paging wishes of a list.
    ///
    /// # Errors
    /// When `limit` is not a number from 1 to 100, or `cursor` is none of ours.
    pub fn paging(&self) -> Result<Ask, Problem> {
        let (most, default) = LIMITS;
        let limit = match self.query("limit") {
            None => default,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=most).contains(limit))
                .ok_or_else(|| Problem::bad_field("limit", format!("limit is a whole number from 1 to {most}.")))?,
        };
        let fits =
            |cursor: &String| (1..=128).contains(&cursor.len()) && cursor.bytes().all(|byte| byte.is_ascii_graphic());
        match self.query("cursor") {
            None => Ok(Ask { cursor: None, limit }),
            Some(cursor) if fits(&cursor) => Ok(Ask {
                cursor: Some(cursor),
                limit,
            }),
            Some(_) => Err(not_a_cursor()),
        }
    }

    /// Which deliveries the query asks for: see [`Query::of`].
    ///
    /// # Errors
    /// 422 when a parameter is no such word or time.
    pub fn log_query(&self) -> Result<Query, Problem> {
        Query::of(|name| self.query(name)).map_err(|(name, wrong)| Problem::bad_field(name, wrong))
    }

    /// The address that was asked for, with another value of one of its parameters.
    #[must_use]
    pub fn address_with(&self, name: &str, value: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(parameters) = self.request.query_string_parameters_ref() {
            let others = parameters.iter().filter(|(other, _)| *other != name);
            query.extend_pairs(others);
        }
        query.append_pair(name, value);
        format!("{}{}?{}", self.public_url(), self.path(), query.finish())
    }

    /// The body's bytes.
    ///
    /// # Errors
    /// 413 when it is larger than any endpoint takes.
    pub fn bytes(&self) -> Result<&[u8], Problem> {
        let bytes = match self.request.body() {
            Body::Empty => &[],
            Body::Text(text) => text.as_bytes(),
            Body::Binary(bytes) => bytes.as_slice(),
            _ => return Err(Problem::bad_request("The body is of a kind that is not understood.")),
        };
        if bytes.len() > LARGEST_BODY {
            let (has, most) = (bytes.len().to_string(), LARGEST_BODY.to_string());
            let detail = say!("problem-too-large-detail", has = has, most = most);
            let status = lambda_http::http::StatusCode::PAYLOAD_TOO_LARGE;
            return Err(Problem::new(
                status,
                "too-large",
                say!("problem-too-large-title"),
                detail,
            ));
        }
        Ok(bytes)
    }

    /// Whether the body is an HTML form's.
    #[must_use]
    pub fn is_form(&self) -> bool {
        let media_type = self.header(header::CONTENT_TYPE).unwrap_or_default();
        media_type
            .split(';')
            .next()
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    }

    /// The body as a JSON object, or an HTML form's fields. A form's `send.rfis=automatic` is JSON's
    /// `{"send": {"rfis": "automatic"}}`; a field that comes several times, as of ticked boxes, is a list; an empty field
    /// was not filled in, and is left out. No body at all is an empty object.
    ///
    /// # Errors
    /// 400 when it is neither, 413 when it is too large.
    pub fn object(&self) -> Result<Map<String, Value>, Problem> {
        let bytes = self.bytes()?;
        if bytes.is_empty() {
            return Ok(Map::new());
        }
        if self.is_form() {
            return form(bytes);
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(Problem::bad_request("The body has to be a JSON object.")),
            Err(error) => Err(Problem::bad_request(format!("The body is not JSON: {error}."))),
        }
    }

    /// The body as a value of a type.
    ///
    /// # Errors
    /// As [`Self::object`], and 422 when a field is missing, unknown or not of its type.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let mut object = self.object()?;
        if self.is_form() {
            object.remove("return_to");
        }
        serde_json::from_value(Value::Object(object)).map_err(|error| {
            // It quotes the names and values of whoever sent them.
            let error = shortened(&error.to_string(), LONGEST_COMPLAINT);
            Problem::bad_field("body", format!("The body cannot be read: {error}."))
        })
    }

    /// Whether the body is a form's, and the form has a field of this name that was left empty. Among the fields of
    /// [`Self::object`] it is missing.
    #[must_use]
    pub fn is_left_empty(&self, name: &str) -> bool {
        let fields = self.bytes().ok().filter(|_| self.is_form()).unwrap_or_default();
        url::form_urlencoded::parse(fields).any(|(field, value)| field == name && value.is_empty())
    }

    /// The fields of an HTML form as they were sent.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let bytes = self.bytes().unwrap_or_default();
        url::form_urlencoded::parse(bytes).into_owned().collect()
    }

    /// The page of ours that a form wants to come back to.
    #[must_use]
    pub fn return_to(&self) -> String {
        let field = self
            .object()
            .ok()
            .and_then(|fields| fields.get("return_to")?.as_str().map(str::to_owned));
        return_to::own_page(field.as_deref())
    }

    /// Where people reach this stack: as configured, or else as this request reached it. No slash at the end.
    #[must_use]
    pub fn public_url(&self) -> String {
        if let Some(url) = self.public_url.configured() {
            return url.to_owned();
        }
        let (domain, stage) = match self.request.request_context_ref() {
            Some(RequestContext::ApiGatewayV1(context)) => (context.domain_name.clone(), context.stage.clone()),
            _ => (None, None),
        };
        let host = domain
            .or_else(|| self.header(header::HOST).map(str::to_owned))
            .unwrap_or_default();
        // API Gateway's own addresses carry the stage; a custom domain is configured.
        stage.map_or_else(|| format!("https://{host}"), |stage| format!("https://{host}/{stage}"))
    }

    /// Refuses what another site's page makes a signed-in browser do.
    ///
    /// Our cookie is not sent along with other sites' posts (`SameSite=Lax`); this is the second bolt, for browsers and
    /// sites on the same domain for which the first does not hold. Programs other than browsers send no `Origin`.
    ///
    /// # Errors
    /// 403 when the request names another origin than ours.
    pub fn same_origin(&self) -> Result<(), Problem> {
        let ours = url::Url::parse(&self.public_url())
            .ok()
            .map(|url| url.origin().ascii_serialization());
        let foreign = |origin: &str| ours.as_deref() != Some(origin);
        let site = self
            .request
            .headers()
            .get("sec-fetch-site")
            .and_then(|site| site.to_str().ok());
        if self.header(header::ORIGIN).is_some_and(foreign) || site.is_some_and(|site| site == "cross-site") {
            return Err(Problem::new(
                lambda_http::http::StatusCode::FORBIDDEN,
                "foreign-origin",
                say!("problem-foreign-origin-title"),
                say!("problem-foreign-origin-detail"),
            ));
        }
        Ok(())
    }
}

fn not_a_cursor() -> Problem {
    Problem::bad_field("cursor", "cursor is the next_cursor of the page before.")
}

fn form(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    let fields: Vec<(String, String)> =
        serde_urlencoded::from_bytes(bytes).map_err(|_| Problem::bad_request("The form's fields cannot be read."))?;
    let plain = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.'))
    };
    if !fields.iter().all(|(name, _)| plain(name)) {
        let detail = "These are not a form's fields. JSON is sent with the header \"Content-Type: application/json\".";
        return Err(Problem::bad_request(detail));
    }
    let mut object = Map::new();
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        match name.split_once('.') {
            None => match object.entry(name) {
                Entry::Vacant(first) => drop(first.insert(Value::String(value))),
                Entry::Occupied(mut again) => match again.get_mut() {
                    Value::Array(values) => values.push(Value::String(value)),
                    once => *once = Value::Array(vec![once.take(), Value::String(value)]),
                },
            },
            Some((outer, inner)) => {
                let nested = object.entry(outer).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(nested) = nested {
                    nested.insert(inner.to_owned(), Value::String(value));
                }
            }
        }
    }
    Ok(object)
}
