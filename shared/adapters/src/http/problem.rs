//! Errors as RFC 9457 problem documents, in words that the person can act on.

use std::time::Duration;

use gusset_domain::{
    connection::{AskRefused, Refusal},
    send::Tool,
    webhook::Unreadable,
};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    envelope::EnvelopeError, procore::ProcoreError, queue::QueueError, storage::StorageError, table::TableError,
};

/// The stable name of a kind of problem: the last part of its `type`.
pub type Slug = &'static str;

/// What went wrong, for the person who asked.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// `urn:gusset:problem:` and the kind's stable name.
    #[serde(rename = "type")]
    kind: String,
    /// A few words, always the same for the kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here, and what to do about it.
    pub detail: String,
    /// Further members.
    #[serde(flatten)]
    extra: Map<String, Value>,
    #[serde(skip)]
    retry_after: Option<Duration>,
    #[serde(skip)]
    challenge: Option<&'static str>,
    /// What really happened, for the log alone.
    #[serde(skip)]
    cause: Option<String>,
}

impl Problem {
    /// A problem of a kind.
    #[must_use]
    pub fn new(status: StatusCode, slug: Slug, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:gusset:problem:{slug}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            extra: Map::new(),
            retry_after: None,
            challenge: None,
            cause: None,
        }
    }

    /// With a further member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.extra
            .insert(name.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// With the time after which trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait.max(Duration::from_secs(1)));
        self
    }

    /// With what a program has to show to be let in: the answer's `WWW-Authenticate`, which API Gateway passes on as
    /// `x-amzn-Remapped-WWW-Authenticate`.
    #[must_use]
    pub fn challenge(mut self, challenge: &'static str) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// With what really happened, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl ToString) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// What really happened, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The kind's stable name.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.kind.rsplit(':').next().unwrap_or_default()
    }

    /// How long to wait, in whole seconds, rounded up.
    #[must_use]
    pub fn wait_seconds(&self) -> Option<u64> {
        self.retry_after
            .map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }

    /// Whether Procore asks to wait, or does not answer: nothing is wrong with what was asked.
    #[must_use]
    pub fn is_procore_away(&self) -> bool {
        matches!(self.slug(), "procore-busy" | "procore-unavailable" | "procore-app")
    }

    /// What a program has to show to be let in.
    pub(super) fn challenges(&self) -> Option<&'static str> {
        self.challenge
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The request itself is wrong.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "The request cannot be understood",
            detail,
        )
    }

    /// A field of the request is wrong.
    #[must_use]
    pub fn bad_field(field: &str, detail: impl Into<String>) -> Self {
        let problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad-field",
            "Please check this field",
            detail,
        );
        problem.with("field", field)
    }

    /// Nobody is signed in, or not any more.
    #[must_use]
    pub fn not_signed_in(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not-signed-in", "Sign in first", detail)
    }

    /// A service account's token comes where a person has to.
    #[must_use]
    pub fn people_only() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "people-only",
            "Service accounts cannot do this",
            "Service accounts can only send items and read deliveries. Everything else is done by people who are signed in.",
        )
    }

    /// The person may look at the project but not act on its connections.
    #[must_use]
    pub fn not_admin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "not-admin",
            "You are not an admin of this project",
            "Connections are managed by people with Admin on the project's Admin tool in Procore. Ask one of them, or have \
             them give you that permission.",
        )
    }

    /// There is no such thing, or none that this person may know of.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        let detail = format!("There is no such {what}, or you have no access to it.");
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// Somebody else was faster.
    #[must_use]
    pub fn changed_meanwhile() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "changed-meanwhile",
            "Somebody else has just changed this",
            "Look at how it stands now, and try again if you still want to.",
        )
    }

    /// It was done too often within a while, and may be done again at `until`. `why` is a sentence that says so.
    #[must_use]
    pub fn too_many(slug: Slug, title: &str, why: &str, until: Timestamp, now: Timestamp) -> Self {
        let wait = until.duration_since(now).unsigned_abs();
        let again = match wait.as_secs().div_ceil(60) {
            0 | 1 => "in a minute".to_owned(),
            minutes => format!("in {minutes} minutes"),
        };
        let detail = format!("{why} Try again {again}.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, slug, title, detail).retry_after(wait)
    }

    /// A person wants something done with an item that Procore does not show that person.
    #[must_use]
    pub fn item_hidden(tool: Tool) -> Self {
        let what = match tool {
            Tool::Rfis => "RFI",
            Tool::WorkingHours => "working-hours entry",
            Tool::Notes => "note",
        };
        let detail = format!(
            "Procore does not show you this {what}: it may be private, gone, or in a tool to which you have no access. Gusset \
             does nothing with it on your behalf. Ask somebody who can open it in Procore, or a project admin for access to \
             the tool."
        );
        Self::new(
            StatusCode::FORBIDDEN,
            "item-hidden",
            "You cannot see this item in Procore",
            detail,
        )
    }

    /// It cannot be done as things stand.
    #[must_use]
    pub fn conflict(slug: Slug, title: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, slug, title, detail)
    }

    /// Something of ours does not work.
    #[must_use]
    pub fn internal(cause: impl ToString) -> Self {
        let detail = "Something went wrong on Gusset's side. Nothing was lost; please try again in a minute.";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Gusset has a problem",
            detail,
        )
        .because(cause)
    }

    /// The refusal of a request for a connection.
    #[must_use]
    pub fn ask_refused(refused: &AskRefused) -> Self {
        let detail = refused.to_string();
        match refused {
            AskRefused::OwnProject => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "own-project",
                "This is your own project's code",
                detail,
            ),
            AskRefused::AlreadyConnected(id) => {
                Self::new(StatusCode::CONFLICT, "already-connected", "Already connected", detail).with("connection", id)
            }
            AskRefused::AlreadyAsked(id) => {
                Self::new(StatusCode::CONFLICT, "already-asked", "Already asked", detail).with("connection", id)
            }
            AskRefused::AcceptInstead(id) => {
                Self::new(StatusCode::CONFLICT, "accept-instead", "They have asked you", detail).with("connection", id)
            }
        }
    }

    /// The refusal of an action on a connection.
    #[must_use]
    pub fn refused(refusal: &Refusal, now: Timestamp) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::WrongSide(_) => Self::new(
                StatusCode::FORBIDDEN,
                "wrong-side",
                "This is for the other project to do",
                detail,
            ),
            Refusal::WrongState { status, .. } => Self::new(
                StatusCode::CONFLICT,
                "wrong-state",
                "The connection has moved on",
                detail,
            )
            .with("connection_status", status),
            Refusal::TooSoon(until) => {
                let wait = until.duration_since(now).unsigned_abs();
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too-soon", "Not yet", detail).retry_after(wait)
            }
        }
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> Value {
        serde_json::to_value(self).unwrap_or_else(|_| json!({"status": self.status}))
    }
}

impl From<Unreadable> for Problem {
    /// In words for whoever reads the hook's deliveries in Procore.
    fn from(error: Unreadable) -> Self {
        let slug = match error {
            Unreadable::NotJson => "not-json",
            Unreadable::UnknownVersion => "unknown-version",
            Unreadable::Field(_) => "bad-event",
        };
        let title = "The event cannot be read";
        Self::new(StatusCode::BAD_REQUEST, slug, title, error.to_string())
    }
}

impl From<TableError> for Problem {
    fn from(error: TableError) -> Self {
        Self::internal(error)
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        Self::internal(error)
    }
}

impl From<QueueError> for Problem {
    fn from(error: QueueError) -> Self {
        Self::internal(error)
    }
}

impl From<EnvelopeError> for Problem {
    fn from(error: EnvelopeError) -> Self {
        Self::internal(error)
    }
}

impl From<crate::chance::NoRandomness> for Problem {
    fn from(error: crate::chance::NoRandomness) -> Self {
        Self::internal(error)
    }
}

impl From<ProcoreError> for Problem {
    /// What Procore answered to something done for a person who waits for the answer.
    fn from(error: ProcoreError) -> Self {
        let cause = error.to_string();
        let problem = match error {
            ProcoreError::Unauthorized => {
                Self::not_signed_in("Procore does not let Gusset act for you any more. Sign in again.")
            }
            ProcoreError::Forbidden(said) => Self::new(
                StatusCode::FORBIDDEN,
                "procore-forbids",
                "Procore does not allow this",
                format!("Procore says: {said}. An admin of the company in Procore can change that."),
            ),
            ProcoreError::App(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "procore-app",
                "Gusset cannot reach Procore",
                "Procore refuses Gusset itself. Whoever operates Gusset has to mend that, and has been alerted. You are still \
                 signed in and nothing was changed; try again later.",
            )
            .retry_after(gusset_domain::pacing::APP_REFUSED),
            ProcoreError::NotFound => Self::not_found("project in Procore"),
            ProcoreError::Invalid(said) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "procore-refuses",
                "Procore refuses this",
                format!("Procore says: {said}."),
            ),
            ProcoreError::Wait(wait) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "procore-busy",
                "Procore asks to wait",
                "Procore's limit for this company is used up for the moment. Nothing was changed; try again shortly.",
            )
            .retry_after(wait),
            ProcoreError::Unavailable(wait) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "procore-unavailable",
                "Procore is not available",
                "Procore says that it is not available for the moment. Try again shortly.",
            )
            .retry_after(wait),
            ProcoreError::Unknown(_) | ProcoreError::Unexpected { .. } | ProcoreError::ListChanged => Self::new(
                StatusCode::BAD_GATEWAY,
                "procore-unavailable",
                "Procore does not answer",
                "Procore could not be reached or answered with an error of its own. Try again in a minute.",
            ),
        };
        problem.because(cause)
    }
}
