//! Procore's webhook events, in each of the payload versions that Procore sends. What proves them is in
//! [`webhook_secret`](crate::webhook_secret).

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    ids::{CompanyId, ItemId, ProjectId, UserId},
    send::Tool,
};

/// How often a project's hook is looked at although nothing seems to be wrong: Procore disables one that fails for long.
const CHECKED_EVERY: Duration = Duration::from_secs(60 * 60);

/// Returns whether a project's hook is to be looked at, which was looked at last at `checked_at`, if ever.
#[must_use]
pub fn is_check_due(checked_at: Option<Timestamp>, now: Timestamp) -> bool {
    checked_at.is_none_or(|checked| checked.saturating_add(CHECKED_EVERY).is_ok_and(|due| due <= now))
}

/// The versions of payloads that Gusset reads, the one to ask for first: v2.0 names the app by which a change was made, so that
/// a copy of ours is known without reading it.
pub const PAYLOAD_VERSIONS: [&str; 3] = ["v2.0", "v3.0", "v4.0"];

/// The events that a hook can be triggered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventType {
    /// Something was created.
    Create,
    /// Something was changed.
    Update,
    /// Something was deleted.
    Delete,
}

impl EventType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Create, Self::Update, Self::Delete];

    /// The word by which triggers are asked for.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// The event of a word. Procore writes `create`, `CREATE` and `CREATED` for the same.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let is = |event: &Self| {
            let past = word.strip_suffix(['d', 'D']).unwrap_or(word);
            event.name().eq_ignore_ascii_case(word) || event.name().eq_ignore_ascii_case(past)
        };
        Self::ALL.into_iter().find(is)
    }
}

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
        match Version::of(&payload)? {
            Version::Numbered => Self::read_numbered(&payload),
            Version::Four => Self::read_v4(&payload),
        }
    }

    fn read_numbered(payload: &Value) -> Result<Self, Unreadable> {
        let metadata = payload.get("metadata").unwrap_or(&Value::Null);
        Ok(Self {
            id: numbered_id(payload)?,
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

/// What events about plans are about, as Procore names it in the catalogue of a project's webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanResource {
    /// A drawing.
    Drawings,
    /// A set of drawings: what is published in one comes as the set's change.
    DrawingSets,
    /// A revision of a section of the specifications.
    SpecificationSectionRevisions,
    /// A document.
    ProjectFiles,
    /// A document's version.
    ProjectFileVersions,
    /// A folder of documents.
    ProjectFolders,
}

impl PlanResource {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Drawings,
        Self::DrawingSets,
        Self::SpecificationSectionRevisions,
        Self::ProjectFiles,
        Self::ProjectFileVersions,
        Self::ProjectFolders,
    ];

    /// Procore's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Drawings => "Drawings",
            Self::DrawingSets => "Drawing Sets",
            Self::SpecificationSectionRevisions => "Specification Section Revisions",
            Self::ProjectFiles => "Project Files",
            Self::ProjectFileVersions => "Project File Versions",
            Self::ProjectFolders => "Project Folders",
        }
    }

    /// The one of this name, if any has it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|resource| resource.name().eq_ignore_ascii_case(name))
    }
}

/// An event in a company's projects, read from a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanEvent {
    /// The payload's own id, for the logs.
    pub id: String,
    /// The company it happened in, as the payload says. The hook's secret proves a company: it has to be this one.
    pub company: CompanyId,
    /// The project it happened in.
    pub project: ProjectId,
    /// What it is about, where that is a part of plans.
    pub resource: Option<PlanResource>,
}

impl PlanEvent {
    /// Reads a payload of version 2.0, 3.0 or 4.0.
    ///
    /// # Errors
    /// [`Unreadable`], in words for whoever reads the hook's deliveries in Procore.
    pub fn read(body: &[u8]) -> Result<Self, Unreadable> {
        let payload: Value = serde_json::from_slice(body).map_err(|_| Unreadable::NotJson)?;
        match Version::of(&payload)? {
            Version::Numbered => Ok(Self {
                id: numbered_id(&payload)?,
                company: number(&payload, "company_id")
                    .and_then(CompanyId::new)
                    .ok_or(Unreadable::Field("company_id"))?,
                project: number(&payload, "project_id")
                    .and_then(ProjectId::new)
                    .ok_or(Unreadable::Field("project_id"))?,
                resource: PlanResource::named(text(&payload, "resource_name")?),
            }),
            Version::Four => Ok(Self {
                id: text(&payload, "id")?.to_owned(),
                company: text(&payload, "company_id")?
                    .parse()
                    .map_err(|_| Unreadable::Field("company_id"))?,
                project: text(&payload, "project_id")?
                    .parse()
                    .map_err(|_| Unreadable::Field("project_id"))?,
                resource: PlanResource::named(text(&payload, "resource_type")?),
            }),
        }
    }
}

/// Which of Procore's two shapes a payload has.
enum Version {
    /// 2.0 and 3.0: ids are numbers.
    Numbered,
    /// 4.0: ids are texts.
    Four,
}

impl Version {
    fn of(payload: &Value) -> Result<Self, Unreadable> {
        match payload.get("api_version").and_then(Value::as_str) {
            Some("v2.0" | "v2" | "v3.0" | "v3") => Ok(Self::Numbered),
            // v4.0 carries no version: it is known by its field names.
            Some("v4.0" | "v4") | None if payload.get("resource_type").is_some() => Ok(Self::Four),
            _ => Err(Unreadable::UnknownVersion),
        }
    }
}

/// A numbered payload's own id.
fn numbered_id(payload: &Value) -> Result<String, Unreadable> {
    let id = payload.get("ulid").and_then(Value::as_str).map(str::to_owned);
    let id = id.or_else(|| payload.get("id").filter(|id| id.is_u64()).map(Value::to_string));
    id.ok_or(Unreadable::Field("id"))
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
    match EventType::named(word) {
        Some(EventType::Create) => Happened::Created,
        Some(EventType::Update) => Happened::Updated,
        Some(EventType::Delete) | None => Happened::Other,
    }
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
    fn plans_events_are_read_from_every_version() {
        for resource in PlanResource::ALL {
            let mut two = numbered();
            two["resource_name"] = json!(resource.name());
            let mut three = two.clone();
            three["api_version"] = json!("v3.0");
            let four = json!({
                "id": "01J8", "reason": "delete", "company_id": "1002", "project_id": "30001",
                "resource_type": resource.name().to_lowercase(), "resource_id": "501",
            });
            for payload in [two, three, four] {
                let event = PlanEvent::read(payload.to_string().as_bytes()).unwrap();
                let expected = PlanEvent {
                    id: "01J8".to_owned(),
                    company: CompanyId::new(1002).unwrap(),
                    project: ProjectId::new(30001).unwrap(),
                    resource: Some(resource),
                };
                assert_eq!(event, expected);
            }
        }
        let other = PlanEvent::read(numbered().to_string().as_bytes()).unwrap();
        assert_eq!(other.resource, None);
        let mut payload = numbered();
        payload["company_id"] = json!(null);
        let unreadable = PlanEvent::read(payload.to_string().as_bytes());
        assert_eq!(unreadable, Err(Unreadable::Field("company_id")));
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
    fn events_are_the_same_however_they_are_written() {
        for (word, expected) in [
            ("create", Some(EventType::Create)),
            ("CREATE", Some(EventType::Create)),
            ("CREATED", Some(EventType::Create)),
            ("Updated", Some(EventType::Update)),
            ("deleted", Some(EventType::Delete)),
            ("d", None),
            ("", None),
            ("createdd", None),
        ] {
            assert_eq!(EventType::named(word), expected, "{word}");
        }
    }

    #[test]
    fn a_hook_is_looked_at_once_an_hour() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert!(is_check_due(None, at(0)));
        assert!(!is_check_due(Some(at(0)), at(3_599)) && is_check_due(Some(at(0)), at(3_600)));
        assert!(!is_check_due(Some(Timestamp::MAX), at(0)));
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
            let _ = PlanEvent::read(&body);
        }
    }
}
