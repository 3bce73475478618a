//! `/sandbox/limits`: rates, and how long things take.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::json::{Input, wrong};
use crate::app::App;
use crate::limits::{Limits, Per};
use crate::refusal::Refusal;
use crate::world::Id;

/// What is to change; the rest stays. With a company, only its rates.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    company_id: Option<Id>,
    hour: Option<u32>,
    spike: Option<u32>,
    per: Option<Per>,
    token_lifetime_s: Option<u64>,
    webhook_backoff_scale: Option<f64>,
    webhook_timeout_ms: Option<u64>,
}

pub(super) async fn set(State(app): State<App>, Input(change): Input<Change>) -> Result<Json<Value>, Refusal> {
    if change
        .webhook_backoff_scale
        .is_some_and(|scale| !(0.0..=1.0).contains(&scale))
    {
        return Err(wrong("webhook_backoff_scale must be between 0 and 1".to_owned()));
    }
    let of_all = change.per.is_some()
        || change.token_lifetime_s.is_some()
        || change.webhook_backoff_scale.is_some()
        || change.webhook_timeout_ms.is_some();
    if change.company_id.is_some() && of_all {
        return Err(wrong("with company_id only hour and spike can be set".to_owned()));
    }
    if let Some(company_id) = change.company_id
        && !app.world().companies.contains_key(&company_id)
    {
        return Err(wrong(format!("there is no company {company_id}")));
    }
    let mut limits = app.limits();
    limits.per = change.per.unwrap_or(limits.per);
    let fallback = limits.rate;
    let rate = match change.company_id {
        Some(company_id) => limits.rates_by_company.entry(company_id).or_insert(fallback),
        None => &mut limits.rate,
    };
    rate.hour = change.hour.unwrap_or(rate.hour);
    rate.spike = change.spike.unwrap_or(rate.spike);
    if let Some(seconds) = change.token_lifetime_s {
        limits.token_lifetime = Duration::from_secs(seconds);
    }
    if let Some(scale) = change.webhook_backoff_scale {
        limits.webhook_backoff_scale = scale;
    }
    if let Some(milliseconds) = change.webhook_timeout_ms {
        limits.webhook_timeout = Duration::from_millis(milliseconds);
    }
    // What was counted under the former rate should not surprise the next test.
    if change.hour.is_some() || change.spike.is_some() || change.per.is_some() {
        limits.restart(change.company_id);
    }
    Ok(Json(shown(&limits)))
}

pub(super) async fn show(State(app): State<App>) -> Json<Value> {
    Json(shown(&app.limits()))
}

fn shown(limits: &Limits) -> Value {
    json!({
        "per": limits.per,
        "hour": limits.rate.hour,
        "spike": limits.rate.spike,
        "by_company": limits.rates_by_company,
        "token_lifetime_s": limits.token_lifetime.as_secs(),
        "webhook_backoff_scale": limits.webhook_backoff_scale,
        "webhook_timeout_ms": limits.webhook_timeout.as_millis(),
    })
}
