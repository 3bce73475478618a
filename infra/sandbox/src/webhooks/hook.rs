//! A hook, its triggers, and what became of its deliveries.

use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{Event, EventType, Version};
use crate::world::Id;

/// Whose changes a hook hears of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    Company(Id),
    Project(Id),
}

/// By which of Procore's two APIs a hook was made. Each shows its own, which is our reading: nothing says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    V1,
    V2,
}

/// An address that wants to hear of changes.
#[derive(Debug, Clone)]
pub(crate) struct Hook {
    pub(crate) id: Id,
    pub(crate) scope: Scope,
    pub(crate) api: Api,
    pub(crate) application: String,
    pub(crate) owner: Id,
    pub(crate) namespace: String,
    /// As it was given: `v2` stays `v2`.
    pub(crate) api_version: String,
    pub(crate) version: Version,
    pub(crate) destination_url: String,
    /// The value of the `Authorization` header.
    pub(crate) authorization: Option<String>,
    pub(crate) triggers: Vec<Trigger>,
    /// Nothing is sent to it any more.
    pub(crate) disabled: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(super) queue: Vec<Queued>,
    /// Events that `Mode::Reorder` holds, and until when.
    pub(super) held: Vec<Queued>,
    pub(super) held_until: Option<Instant>,
    pub(super) paused_until: Option<Instant>,
    pub(super) failures: u32,
    pub(super) in_flight: usize,
}

impl Hook {
    #[allow(clippy::too_many_arguments, reason = "these are the fields of one JSON object")]
    pub(crate) fn new(
        id: Id,
        (scope, api): (Scope, Api),
        application: String,
        owner: Id,
        namespace: String,
        api_version: String,
        version: Version,
        destination_url: String,
        authorization: Option<String>,
    ) -> Self {
        let now = Timestamp::now();
        Self {
            id,
            scope,
            api,
            application,
            owner,
            namespace,
            api_version,
            version,
            destination_url,
            authorization,
            triggers: Vec::new(),
            disabled: false,
            created_at: now,
            updated_at: now,
            queue: Vec::new(),
            held: Vec::new(),
            held_until: None,
            paused_until: None,
            failures: 0,
            in_flight: 0,
        }
    }

    pub(super) fn hears(&self, event: &Event) -> bool {
        // All that happens here happens in projects, of which a company's hook does not hear.
        !self.disabled
            && self.scope == Scope::Project(event.project_id)
            && self
                .triggers
                .iter()
                .any(|trigger| trigger.resource_name == event.resource_name && trigger.event_type == event.event_type)
    }
}

/// What a hook wants to hear of.
#[derive(Debug, Clone)]
pub(crate) struct Trigger {
    pub(crate) id: Id,
    pub(crate) resource_name: String,
    pub(crate) event_type: EventType,
    pub(crate) user_id: Id,
}

/// An event on its way to a hook.
#[derive(Debug, Clone)]
pub(super) struct Queued {
    pub(super) event: Event,
    pub(super) queued: Instant,
    pub(super) not_before: Instant,
    pub(super) attempts: u32,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Successful,
    Failing,
    /// Given up after twelve hours.
    Discarded,
    /// Lost on purpose, by the side door's order; Procore's own log would not show it.
    Dropped,
}

impl Outcome {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Successful => "successful",
            Self::Failing => "failing",
            Self::Discarded => "discarded",
            Self::Dropped => "dropped",
        }
    }
}

/// One attempt to deliver an event.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    pub(crate) id: Id,
    pub(crate) hook_id: Id,
    /// The payload that was sent.
    pub(crate) event: Value,
    pub(crate) event_id: Id,
    pub(crate) attempt: u32,
    pub(crate) outcome: Outcome,
    pub(crate) response_status: Option<u16>,
    pub(crate) response_headers: serde_json::Map<String, Value>,
    pub(crate) response_body: Option<String>,
    pub(crate) response_error: Option<String>,
    pub(crate) started_at: Timestamp,
    pub(crate) completed_at: Timestamp,
}
