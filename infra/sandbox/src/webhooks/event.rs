//! What happened.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::random;
use crate::world::{Actor, Change, Id};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EventType {
    Create,
    Update,
    Delete,
}

impl EventType {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Create, Self::Update, Self::Delete]
            .into_iter()
            .find(|event_type| event_type.name().eq_ignore_ascii_case(text))
    }
}

/// A change, as webhooks tell it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Event {
    pub(crate) id: Id,
    pub(crate) ulid: String,
    pub(crate) timestamp: Timestamp,
    pub(crate) event_type: EventType,
    pub(crate) resource_name: &'static str,
    pub(crate) resource_id: Id,
    pub(crate) company_id: Id,
    pub(crate) project_id: Id,
    pub(crate) user_id: Id,
    /// The client id of the app whose token made the change.
    pub(crate) source_application_id: Option<String>,
    pub(crate) source_operation_id: String,
}

impl Event {
    pub(crate) fn new(id: Id, company_id: Id, actor: &Actor, change: Change) -> Self {
        let timestamp = Timestamp::now();
        Self {
            id,
            ulid: random::ulid(timestamp.as_millisecond()),
            timestamp,
            event_type: change.event_type,
            resource_name: change.resource.name(),
            resource_id: change.resource_id,
            company_id,
            project_id: change.project_id,
            user_id: actor.person_id,
            source_application_id: actor.application.clone(),
            source_operation_id: Uuid::new_v4().to_string(),
        }
    }
}
