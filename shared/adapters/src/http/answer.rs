//! What a function answers.

use lambda_http::{
    Body, Response,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use maud::Markup;
use serde::Serialize;
use serde_json::Value;

use super::Cookie;

/// What pages may load and do: only what we serve ourselves, no inline scripts or styles, in nobody's frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What browsers do with every answer, whatever it is.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    // Over plain HTTP, as on the stand, browsers ignore it.
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// How long caches may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// Not at all: it may be one person's.
    Nowhere,
    /// Not at all: it is one person's page.
    Private,
    /// By whoever asked, who has to ask again each time whether it is still so.
    Asking,
    /// For an hour.
    AnHour,
    /// For good: another content has another address.
    ForGood,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Content,
    cookies: Vec<Cookie>,
    headers: Vec<(HeaderName, String)>,
    as_it_is: bool,
}

#[derive(Debug)]
enum Content {
    None,
    Json {
        media_type: &'static str,
        value: Value,
    },
    Html(String),
    Text {
        media_type: &'static str,
        text: String,
    },
    File {
        media_type: &'static str,
        text: &'static str,
        keep: Keep,
    },
}

/// Sends the browser on, with `GET`.
#[must_use]
pub fn redirect(to: impl Into<String>) -> Answer {
    Answer::new(StatusCode::SEE_OTHER, Content::None).header(header::LOCATION, to)
}

impl Answer {
    fn new(status: StatusCode, body: Content) -> Self {
        Self {
            status,
            body,
            cookies: Vec::new(),
            headers: Vec::new(),
            as_it_is: false,
        }
    }

    /// JSON.
    #[must_use]
    pub fn json(status: StatusCode, value: impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => Self::new(
                status,
                Content::Json {
                    media_type: "application/json",
                    value,
                },
            ),
            Err(error) => Self::problem(&super::Problem::internal(error)),
        }
    }

    /// JSON, with 200.
    #[must_use]
    pub fn ok(value: impl Serialize) -> Self {
        Self::json(StatusCode::OK, value)
    }

    /// The same, with when to try again, where the problem says so.
    #[must_use]
    pub fn retried_after(self, problem: &super::Problem) -> Self {
        match problem.wait_seconds() {
            Some(seconds) => self.header(header::RETRY_AFTER, seconds.to_string()),
            None => self,
        }
    }

    /// A problem document.
    #[must_use]
    pub fn problem(problem: &super::Problem) -> Self {
        let value = problem.document();
        let answer = Self::new(
            problem.status(),
            Content::Json {
                media_type: "application/problem+json",
                value,
            },
        );
        let answer = answer.retried_after(problem);
        match problem.challenges() {
            Some(challenge) => answer.header(header::WWW_AUTHENTICATE, challenge),
            None => answer,
        }
    }

    /// A page.
    #[must_use]
    pub fn html(status: StatusCode, page: Markup) -> Self {
        Self::new(status, Content::Html(page.into_string()))
    }

    /// A text of a kind of its own, for one program that asks for it again and again: with an `ETag`, it need not be sent
    /// again while it stays as it is.
    #[must_use]
    pub fn text(media_type: &'static str, text: String) -> Self {
        Self::new(StatusCode::OK, Content::Text { media_type, text })
    }

    /// A file that is part of the program: it may be kept by browsers for an hour.
    #[must_use]
    pub fn file(media_type: &'static str, text: &'static str) -> Self {
        let keep = Keep::AnHour;
        Self::new(StatusCode::OK, Content::File { media_type, text, keep })
    }

    /// A file that pages load. `for_good`: its address names its content, so that browsers need never ask again.
    #[must_use]
    pub fn asset(media_type: &'static str, text: &'static str, for_good: bool) -> Self {
        let keep = if for_good { Keep::ForGood } else { Keep::Nowhere };
        Self::new(StatusCode::OK, Content::File { media_type, text, keep })
    }

    /// That nothing has changed since the answer that had this `ETag`.
    #[must_use]
    pub fn not_modified(tag: &str) -> Self {
        Self::new(StatusCode::NOT_MODIFIED, Content::None).header(header::ETAG, tag)
    }

    /// With a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: Cookie) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// The cookies of another answer besides its own.
    #[must_use]
    pub(super) fn with_cookies_of(mut self, other: Self) -> Self {
        self.cookies.extend(other.cookies);
        self
    }

    /// A page that also shows pictures from another origin, such as `https://bucket.s3.eu-central-1.amazonaws.com`.
    #[must_use]
    pub fn with_pictures_from(self, origin: &str) -> Self {
        let policy = CONTENT_SECURITY_POLICY.replace("img-src 'self'", &format!("img-src 'self' {origin}"));
        self.header(header::CONTENT_SECURITY_POLICY, policy)
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Its status and JSON, where it is that.
    #[must_use]
    pub fn data(&self) -> Option<(StatusCode, &Value)> {
        match &self.body {
            Content::Json { value, .. } => Some((self.status, value)),
            _ => None,
        }
    }

    /// To be given as it is, even to a browser that sent a form: it says something that is said only once.
    #[must_use]
    pub fn as_it_is(mut self) -> Self {
        self.as_it_is = true;
        self
    }

    /// Whether a browser that sent a form is better shown a page instead.
    pub(super) fn is_for_programs(&self) -> bool {
        matches!(self.body, Content::Json { .. }) && !self.as_it_is
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer as Lambda gives it to API Gateway.
    pub(super) fn into_response(self) -> Response<Body> {
        let (media_type, body, keep) = match self.body {
            Content::None => (None, Body::Empty, Keep::Nowhere),
            Content::Json { media_type, value } => (Some(media_type), Body::Text(value.to_string()), Keep::Nowhere),
            Content::Html(html) => (Some("text/html; charset=utf-8"), Body::Text(html), Keep::Private),
            Content::Text { media_type, text } => (Some(media_type), Body::Text(text), Keep::Asking),
            Content::File { media_type, text, keep } => (Some(media_type), Body::Text(text.to_owned()), keep),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        // One person's page must never reach another, through whatever stands in between.
        let cache = match keep {
            Keep::Nowhere => "no-store",
            Keep::Private => "private, no-store",
            Keep::Asking => "private, no-cache",
            Keep::AnHour => "public, max-age=3600",
            Keep::ForGood => "public, max-age=31536000, immutable",
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        if matches!(keep, Keep::Nowhere | Keep::Private) {
            headers.insert(header::VARY, HeaderValue::from_static("Cookie, Authorization, Accept"));
        }
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Some(media_type) = media_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        for cookie in &self.cookies {
            if let Ok(value) = HeaderValue::from_str(&cookie.header()) {
                headers.append(header::SET_COOKIE, value);
            }
        }
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name.clone(), value);
            }
        }
        response
    }
}
