//! The three shapes in which an event is told.

use serde_json::{Value, json};

use super::Event;

/// A hook's `api_version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V2,
    V3,
    V4,
}

impl Version {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "v2" | "v2.0" => Some(Self::V2),
            "v3" | "v3.0" => Some(Self::V3),
            "v4" | "v4.0" => Some(Self::V4),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::V2 => "v2.0",
            Self::V3 => "v3.0",
            Self::V4 => "v4.0",
        }
    }
}

/// The JSON that is sent.
pub(crate) fn payload(version: Version, event: &Event) -> Value {
    match version {
        Version::V2 => legacy(version, event),
        Version::V3 => {
            let mut payload = legacy(version, event);
            payload["related_resources"] = json!([{"id": event.project_id, "name": "Projects"}]);
            payload
        }
        Version::V4 => json!({
            "id": event.ulid,
            "timestamp": event.timestamp,
            "reason": event.event_type,
            "company_id": event.company_id.to_string(),
            "project_id": event.project_id.to_string(),
            "user_id": event.user_id.to_string(),
            "resource_type": event.resource_name,
            "resource_id": event.resource_id.to_string(),
        }),
    }
}

fn legacy(version: Version, event: &Event) -> Value {
    json!({
        "id": event.id,
        "ulid": event.ulid,
        "timestamp": event.timestamp,
        "metadata": {
            "source_user_id": event.user_id,
            "source_project_id": event.project_id,
            "source_operation_id": event.source_operation_id,
            "source_company_id": event.company_id,
            "source_application_id": event.source_application_id,
        },
        "user_id": event.user_id,
        "company_id": event.company_id,
        "project_id": event.project_id,
        "api_version": version.name(),
        "event_type": event.event_type,
        "resource_name": event.resource_name,
        "resource_id": event.resource_id,
    })
}
