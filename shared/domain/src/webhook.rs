//! Procore's webhook events, in each of the payload versions that Procore sends, and the secret that proves them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::Value;

use crate::{
    ids::{ItemId, ProjectId, UserId},
    send::Tool,
};

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It was created.
    Created,
    /// It was changed.
    Updated,
    /// Anything else: deleted, or one of v4.0's further reasons.
    Other,
}

/// An event, read from a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The payload's own id, for the logs.
    pub id: String,
    /// The tool it is about, where it is one whose items travel.
    pub tool: Option<Tool>,
    /// What happened.
    pub happened: Happened,
    /// The item it happened to.
    pub item: ItemId,
    /// The project it happened in.
    pub project: ProjectId,
    /// Who did it, where Procore says so.
    pub user: Option<UserId>,
    /// The client id of the app by which it was done. v4.0 does not say.
    pub application: Option<String>,
}

/// Why a payload cannot be read as an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not JSON.
    #[error("The body is not JSON.")]
    NotJson,
    /// It is neither v2.0, v3.0 nor v4.0.
    #[error("The payload's version is not known: v2.0, v3.0 and v4.0 are.")]
    UnknownVersion,
    /// A field that the version promises is missing, or of another type.
    #[error("The payload's field \"{0}\" is missing or not of the expected type.")]
    Field(&'static str),
}

/// Procore's resource names for the items that travel, as the triggers of a hook name them.
#[must_use]
pub fn resource_name(tool: Tool) -> &'static str {
    match tool {
        Tool::Rfis => "RFIs",
        Tool::WorkingHours => "Manpower Logs",
        Tool::Notes => "Notes Logs",
    }
}

impl Event {
    /// Reads a payload of version 2.0, 3.0 or 4.0.
    ///
    /// # Errors
    /// [`Unreadable`], in words for whoever reads the hook's deliveries in Procore.
    pub fn read(body: &[u8]) -> Result<Self, Unreadable> {
        let payload: Value = serde_json::from_slice(body).map_err(|_| Unreadable::NotJson)?;
        match payload.get("api_version").and_then(Value::as_str) {
            Some("v2.0" | "v2" | "v3.0" | "v3") => Self::read_numbered(&payload),
            // v4.0 carries no version: it is known by its field names.
            Some("v4.0" | "v4") | None if payload.get("resource_type").is_some() => Self::read_v4(&payload),
            _ => Err(Unreadable::UnknownVersion),
        }
    }

    fn read_numbered(payload: &Value) -> Result<Self, Unreadable> {
        let metadata = payload.get("metadata").unwrap_or(&Value::Null);
        let id = payload.get("ulid").and_then(Value::as_str).map(str::to_owned);
        let id = id.or_else(|| payload.get("id").filter(|id| id.is_u64()).map(Value::to_string));
        Ok(Self {
            id: id.ok_or(Unreadable::Field("id"))?,
            tool: tool_named(text(payload, "resource_name")?),
            happened: happened(text(payload, "event_type")?),
            item: number(payload, "resource_id")
                .and_then(ItemId::new)
                .ok_or(Unreadable::Field("resource_id"))?,
            project: number(payload, "project_id")
                .and_then(ProjectId::new)
                .ok_or(Unreadable::Field("project_id"))?,
            user: number(payload, "user_id").and_then(UserId::new),
            application: metadata
                .get("source_application_id")
                .and_then(Value::as_str)
                .map(str::to_owned),
        })
    }

    fn read_v4(payload: &Value) -> Result<Self, Unreadable> {
        Ok(Self {
            id: text(payload, "id")?.to_owned(),
            tool: tool_named(text(payload, "resource_type")?),
            happened: happened(text(payload, "reason")?),
            item: text(payload, "resource_id")?
                .parse()
                .map_err(|_| Unreadable::Field("resource_id"))?,
            project: text(payload, "project_id")?
                .parse()
                .map_err(|_| Unreadable::Field("project_id"))?,
            user: payload
                .get("user_id")
                .and_then(Value::as_str)
                .and_then(|id| id.parse().ok()),
            application: None,
        })
    }
}

fn text<'a>(payload: &'a Value, field: &'static str) -> Result<&'a str, Unreadable> {
    payload
        .get(field)
        .and_then(Value::as_str)
        .ok_or(Unreadable::Field(field))
}

fn number(payload: &Value, field: &str) -> Option<u64> {
    payload.get(field).and_then(Value::as_u64)
}

fn tool_named(resource: &str) -> Option<Tool> {
    Tool::ALL
        .into_iter()
        .find(|tool| resource_name(*tool).eq_ignore_ascii_case(resource))
}

fn happened(word: &str) -> Happened {
    match word {
        "create" | "created" => Happened::Created,
        "update" | "updated" => Happened::Updated,
        _ => Happened::Other,
    }
}

/// The `Authorization` header that a project's hook carries: derived, so that nothing has to be stored, and of use
/// for that project alone.
#[must_use]
pub fn authorization(master_secret: &[u8], project: ProjectId) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, master_secret), &signed_text(project));
    format!("Bearer {}", URL_SAFE_NO_PAD.encode(tag))
}

/// Whether a webhook carries its project's secret. Takes the same time whatever the header says.
#[must_use]
pub fn is_authentic(master_secret: &[u8], project: ProjectId, header: Option<&str>) -> bool {
    let Some(secret) = header.and_then(|header| header.strip_prefix("Bearer ")) else {
        return false;
    };
    let Ok(tag) = URL_SAFE_NO_PAD.decode(secret) else {
        return false;
    };
    hmac::verify(
        &hmac::Key::new(hmac::HMAC_SHA256, master_secret),
        &signed_text(project),
        &tag,
    )
    .is_ok()
}

fn signed_text(project: ProjectId) -> Vec<u8> {
    format!("procore webhook for project {project}").into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn numbered() -> Value {
        json!({
            "id": 17, "ulid": "01J8", "timestamp": "2026-11-22T08:00:00Z", "user_id": 7, "company_id": 1002,
            "project_id": 30001, "api_version": "v2.0", "event_type": "create", "resource_name": "RFIs",
            "resource_id": 501, "metadata": {"source_application_id": "gusset-local", "source_user_id": 7},
        })
    }

    #[test]
    fn versions_two_three_and_four_say_the_same() {
        let two = Event::read(numbered().to_string().as_bytes()).unwrap();
        let mut three = numbered();
        three["api_version"] = json!("v3.0");
        three["related_resources"] = json!([]);
        let four = json!({
            "id": "01J8", "timestamp": "2026-11-22T08:00:00Z", "reason": "create", "company_id": "1002",
            "project_id": "30001", "user_id": "7", "resource_type": "RFIs", "resource_id": "501",
        });
        assert_eq!(two.tool, Some(Tool::Rfis));
        assert_eq!(two.application.as_deref(), Some("gusset-local"));
        assert_eq!(Event::read(three.to_string().as_bytes()).unwrap(), two);
        let four = Event::read(four.to_string().as_bytes()).unwrap();
        assert_eq!(
            four,
            Event {
                application: None,
                ..two
            }
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_apart() {
        assert_eq!(Event::read(b"<html>"), Err(Unreadable::NotJson));
        assert_eq!(
            Event::read(br#"{"api_version":"v9.0"}"#),
            Err(Unreadable::UnknownVersion)
        );
        for (field, wrong) in [
            ("resource_id", json!("x")),
            ("project_id", json!(-3)),
            ("event_type", json!(5)),
        ] {
            let mut payload = numbered();
            payload[field] = wrong;
            assert_eq!(
                Event::read(payload.to_string().as_bytes()),
                Err(Unreadable::Field(field))
            );
        }
    }

    #[test]
    fn an_event_about_something_else_is_read_and_has_no_tool() {
        let mut payload = numbered();
        payload["resource_name"] = json!("Punch Items");
        assert_eq!(Event::read(payload.to_string().as_bytes()).unwrap().tool, None);
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body: Vec<u8>) {
            let _ = Event::read(&body);
        }

        #[test]
        fn a_secret_proves_its_own_project_and_no_other(one in 1_u64..1 << 50, other in 1_u64..1 << 50) {
            let (one, other) = (ProjectId::new(one).unwrap(), ProjectId::new(other).unwrap());
            let header = authorization(b"master", one);
            prop_assert!(is_authentic(b"master", one, Some(&header)));
            prop_assert!(!is_authentic(b"another", one, Some(&header)));
            prop_assert_eq!(is_authentic(b"master", other, Some(&header)), one == other);
            prop_assert!(!is_authentic(b"master", one, Some(&header[..header.len() - 1])));
            prop_assert!(!is_authentic(b"master", one, None));
        }
    }
}
