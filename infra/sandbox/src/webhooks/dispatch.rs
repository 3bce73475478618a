//! The sending half.

use std::time::Instant;

use jiff::Timestamp;
use reqwest::header;
use serde_json::{Map, Value};

use super::queue::{Answer, Attempt};
use crate::app::App;

/// How much of an answer the log keeps.
const KEPT_BODY: usize = 4096;

/// A client that keeps to what Procore does: no redirects, no proxies.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .user_agent("Procore-Webhooks/1.0 (sandbox)")
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
}

/// Sends whatever becomes due, until the process ends.
pub(crate) async fn dispatch(app: App) {
    let wake = app.world().webhooks.wake();
    loop {
        let (due, next) = app.world().webhooks.take_due(Instant::now());
        for attempt in due {
            tokio::spawn(deliver(app.clone(), attempt));
        }
        match next {
            Some(next) => tokio::select! {
                () = tokio::time::sleep_until(next.into()) => {}
                () = wake.notified() => {}
            },
            None => wake.notified().await,
        }
    }
}

async fn deliver(app: App, attempt: Attempt) {
    let (timeout, backoff_scale) = {
        let limits = app.limits();
        (limits.webhook_timeout, limits.webhook_backoff_scale)
    };
    let started_at = Timestamp::now();
    let mut request = app.http.post(&attempt.url).timeout(timeout).json(&attempt.body);
    if let Some(authorization) = &attempt.authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let answer = match request.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            let headers = response.headers().iter();
            let headers: Map<String, Value> = headers
                .map(|(name, value)| {
                    (
                        name.to_string(),
                        String::from_utf8_lossy(value.as_bytes()).into_owned().into(),
                    )
                })
                .collect();
            let body = response.text().await.map(|text| text.chars().take(KEPT_BODY).collect());
            Answer {
                started_at,
                status: Some(status),
                headers,
                body: body.ok(),
                error: None,
            }
        }
        Err(error) => {
            let reason = if error.is_timeout() {
                "Timed out".to_owned()
            } else {
                error.without_url().to_string()
            };
            Answer {
                started_at,
                status: None,
                headers: Map::new(),
                body: None,
                error: Some(reason),
            }
        }
    };
    let outcome = answer
        .status
        .map_or_else(|| answer.error.clone().unwrap_or_default(), |status| status.to_string());
    let event = &attempt.queued.event;
    tracing::info!(
        "webhook {} {} {} of project {}: {outcome}",
        event.resource_name,
        event.resource_id,
        event.event_type.name(),
        event.project_id
    );
    let mut world = app.world();
    let log_id = world.new_id();
    world.webhooks.conclude(log_id, attempt, answer, backoff_scale);
}
