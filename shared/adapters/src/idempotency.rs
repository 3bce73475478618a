//! `Idempotency-Key`: creating twice with the same key gives the first answer again.
//!
//! The guarantee: of requests with one key, made by one person for one path within a day, one creates, and the others
//! get its answer, even where the first one's answer was lost or its process died. Its limits: an answer that is no
//! success is not kept, so that what failed can be tried again under the same key.

use std::{future::Future, time::Duration};

use gusset_domain::ids::UserId;
use jiff::Timestamp;
use lambda_http::http::{HeaderName, StatusCode};
use uuid::Uuid;

use crate::{
    chance,
    http::{Answer, Incoming, Problem, Reply},
    table::{
        Table,
        idempotency::{FirstAnswer, FirstRequest},
    },
};

/// How long a first answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// How long one request may take: longer than a function may run.
const BUSY: Duration = Duration::from_secs(30);

/// The longest key taken.
const LONGEST_KEY: usize = 255;

/// Carries out a request that creates something, once for each `Idempotency-Key`. `create` is given the id for what it
/// creates; without a key that is a new one each time.
///
/// Dies in `create`: the key is taken and has no answer. Once [`BUSY`] is over, a repeat creates with the same id, and
/// so finds what was created before.
///
/// # Errors
/// 400 for a key that is too long, 409 while the first request is under way, 422 for a key that was used for another
/// request; and whatever `create` refuses.
pub async fn once<F>(table: &Table, incoming: &Incoming, by: UserId, create: impl FnOnce(Uuid) -> F) -> Reply
where
    F: Future<Output = Reply>,
{
    let Some(key) = incoming.header(HeaderName::from_static("idempotency-key")) else {
        return create(Uuid::now_v7()).await;
    };
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(Problem::bad_request(format!(
            "An Idempotency-Key has from 1 to {LONGEST_KEY} characters."
        )));
    }
    let hash = chance::hash(&format!("{by}\n{}\n{}\n{key}", incoming.method(), incoming.path()));
    let now = Timestamp::now();
    let later = |wait: Duration| now.saturating_add(wait).unwrap_or(Timestamp::MAX);
    let mut first = FirstRequest {
        fingerprint: chance::hash(&String::from_utf8_lossy(incoming.bytes()?)),
        creates: Uuid::now_v7(),
        answer: None,
        busy_until: later(BUSY).as_millisecond(),
        expires_at: later(KEPT).as_second(),
    };
    if let Some(known) = table.begin_once(&hash, &first, now).await? {
        if known.fingerprint != first.fingerprint {
            return Err(used_for_another());
        }
        if let Some(answer) = known.answer {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
            return Ok(Answer::json(status, answer.body));
        }
        if now.as_millisecond() < known.busy_until {
            return Err(under_way());
        }
        first.creates = known.creates;
        table.put_first(&hash, &first).await?;
    }
    let reply = create(first.creates).await;
    match reply.as_ref().ok().and_then(Answer::data) {
        Some((status, body)) => {
            first.answer = Some(FirstAnswer {
                status: status.as_u16(),
                body: body.clone(),
            });
            table.put_first(&hash, &first).await?;
        }
        None => table.forget_first(&hash).await?,
    }
    reply
}

fn used_for_another() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "The key was used for another request",
        "An Idempotency-Key stands for one request. Use a new one for a request with another body.",
    )
}

fn under_way() -> Problem {
    let detail =
        "The first request with this Idempotency-Key is still under way. Ask again in a moment for its answer.";
    Problem::new(StatusCode::CONFLICT, "still-under-way", "Still under way", detail).retry_after(Duration::from_secs(1))
}
