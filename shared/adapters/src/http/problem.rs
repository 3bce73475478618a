//! Errors as RFC 9457 problem documents, in words that the person can act on.

use std::time::Duration;

use gusset_domain::{
    connection::{ConnectError, TransitionError},
    send::Tool,
    webhook::Unreadable,
};
use gusset_words::say;
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
            say!("problem-bad-request-title"),
            detail,
        )
    }

    /// A field of the request is wrong.
    #[must_use]
    pub fn bad_field(field: &str, detail: impl Into<String>) -> Self {
        let problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad-field",
            say!("problem-bad-field-title"),
            detail,
        );
        problem.with("field", field)
    }

    /// Nobody is signed in, or not any more.
    #[must_use]
    pub fn not_signed_in(detail: impl Into<String>) -> Self {
        let title = say!("problem-not-signed-in-title");
        Self::new(StatusCode::UNAUTHORIZED, "not-signed-in", title, detail)
    }

    /// A service account's token comes where a person has to.
    #[must_use]
    pub fn people_only() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "people-only",
            say!("problem-people-only-title"),
            say!("problem-people-only-detail"),
        )
    }

    /// The person may look at the project but not act on its connections.
    #[must_use]
    pub fn not_admin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "not-admin",
            say!("problem-not-admin-title"),
            say!("problem-not-admin-detail"),
        )
    }

    /// There is no such thing, or none that this person may know of. `what` it is, in words.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        let detail = say!("problem-not-found-detail", what = what);
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            say!("problem-not-found-title"),
            detail,
        )
    }

    /// Somebody else was faster.
    #[must_use]
    pub fn changed_meanwhile() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "changed-meanwhile",
            say!("problem-changed-meanwhile-title"),
            say!("problem-changed-meanwhile-detail"),
        )
    }

    /// It was done too often within a while, and may be done again at `until`. `why` is a sentence that says so.
    #[must_use]
    pub fn too_many(slug: Slug, title: &str, why: &str, until: Timestamp, now: Timestamp) -> Self {
        let wait = until.duration_since(now).unsigned_abs();
        let minutes = wait.as_secs().div_ceil(60).max(1);
        let detail = say!("problem-too-many-detail", why = why, minutes = minutes);
        Self::new(StatusCode::TOO_MANY_REQUESTS, slug, title, detail).retry_after(wait)
    }

    /// A person wants something done with an item that Procore does not show that person.
    #[must_use]
    pub fn item_hidden(tool: Tool) -> Self {
        let what = match tool {
            Tool::Rfis => say!("thing-rfi"),
            Tool::WorkingHours => say!("thing-working-hours"),
            Tool::Notes => say!("thing-note"),
        };
        Self::new(
            StatusCode::FORBIDDEN,
            "item-hidden",
            say!("problem-item-hidden-title"),
            say!("problem-item-hidden-detail", what = what),
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
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            say!("problem-internal-title"),
            say!("problem-internal-detail"),
        )
        .because(cause)
    }

    /// The refusal of a request for a connection.
    #[must_use]
    pub fn ask_refused(refused: &ConnectError) -> Self {
        let detail = refused.to_string();
        match refused {
            ConnectError::OwnProject => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "own-project",
                say!("problem-own-project-title"),
                detail,
            ),
            ConnectError::AlreadyConnected(id) => {
                let title = say!("problem-already-connected-title");
                Self::new(StatusCode::CONFLICT, "already-connected", title, detail).with("connection", id)
            }
            ConnectError::AlreadyAsked(id) => {
                let title = say!("problem-already-asked-title");
                Self::new(StatusCode::CONFLICT, "already-asked", title, detail).with("connection", id)
            }
            ConnectError::AcceptInstead(id) => {
                let title = say!("problem-accept-instead-title");
                Self::new(StatusCode::CONFLICT, "accept-instead", title, detail).with("connection", id)
            }
        }
    }

    /// The refusal of an action on a connection.
    #[must_use]
    pub fn refused(refusal: &TransitionError, now: Timestamp) -> Self {
        let detail = refusal.to_string();
        match refusal {
            TransitionError::WrongSide(_) => Self::new(
                StatusCode::FORBIDDEN,
                "wrong-side",
                say!("problem-wrong-side-title"),
                detail,
            ),
            TransitionError::WrongState { status, .. } => Self::new(
                StatusCode::CONFLICT,
                "wrong-state",
                say!("problem-wrong-state-title"),
                detail,
            )
            .with("connection_status", status),
            TransitionError::TooSoon(until) => {
                let wait = until.duration_since(now).unsigned_abs();
                let title = say!("problem-too-soon-title");
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too-soon", title, detail).retry_after(wait)
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
            ProcoreError::Unauthorized => Self::not_signed_in(say!("problem-not-signed-in-detail-procore")),
            ProcoreError::Forbidden(said) => Self::new(
                StatusCode::FORBIDDEN,
                "procore-forbids",
                say!("problem-procore-forbids-title"),
                say!("problem-procore-forbids-detail", said = said),
            ),
            ProcoreError::App(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "procore-app",
                say!("problem-procore-app-title"),
                say!("problem-procore-app-detail"),
            )
            .retry_after(gusset_domain::pacing::APP_REFUSED),
            ProcoreError::NotFound => Self::not_found(say!("thing-project-in-procore")),
            ProcoreError::Invalid(said) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "procore-refuses",
                say!("problem-procore-refuses-title"),
                say!("problem-procore-refuses-detail", said = said),
            ),
            ProcoreError::Wait(wait) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "procore-busy",
                say!("problem-procore-busy-title"),
                say!("problem-procore-busy-detail"),
            )
            .retry_after(wait),
            ProcoreError::Unavailable(wait) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "procore-unavailable",
                say!("problem-procore-unavailable-title"),
                say!("problem-procore-unavailable-detail"),
            )
            .retry_after(wait),
            ProcoreError::Unknown(_) | ProcoreError::Unexpected { .. } | ProcoreError::ListChanged => Self::new(
                StatusCode::BAD_GATEWAY,
                "procore-unavailable",
                say!("problem-procore-unavailable-title-unheard"),
                say!("problem-procore-unavailable-detail-unheard"),
            ),
        };
        problem.because(cause)
    }
}
