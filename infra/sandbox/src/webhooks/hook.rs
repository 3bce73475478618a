//! A hook, its triggers, and what became of its deliveries.

use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{Event, EventType, Version};
use crate::world::Id;

/// Whose changes a hook hears of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Company(Id),
    Project(Id),
}

/// An address that wants to hear of changes.
#[derive(Debug, Clone)]
pub(crate) struct Hook {
    pub(crate) id: Id,
    pub(crate) scope: Scope,
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
        scope: Scope,
        application: String,
        owner: Id,
        namespace: String,
        api_version: String,
        version: Version,
        destination_url: String,
        authorization: Option<String>,
    ) -> Self {
        Self {
            id,
            scope,
            application,
            owner,
            namespace,
            api_version,
            version,
            destination_url,
            authorization,
            triggers: Vec::new(),
            queue: Vec::new(),
            held: Vec::new(),
            held_until: None,
            paused_until: None,
            failures: 0,
            in_flight: 0,
        }
    }

    pub(super) fn hears(&self, event: &Event) -> bool {
        let in_scope = match self.scope {
            Scope::Company(id) => id == event.company_id,
            Scope::Project(id) => id == event.project_id,
        };
        in_scope
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
