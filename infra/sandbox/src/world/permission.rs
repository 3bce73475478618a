//! Who may do what: a level per person and tool.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Id, World};
use crate::refusal::Refusal;

/// Procore's four levels; the numbers are part of its API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    None = 1,
    ReadOnly = 2,
    Standard = 3,
    Admin = 4,
}

impl Level {
    pub(crate) fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ReadOnly => "read_only",
            Self::Standard => "standard",
            Self::Admin => "admin",
        }
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let level = match (value.as_u64(), value.as_str()) {
            (Some(1), _) | (_, Some("none")) => Self::None,
            (Some(2), _) | (_, Some("read_only")) => Self::ReadOnly,
            (Some(3), _) | (_, Some("standard")) => Self::Standard,
            (Some(4), _) | (_, Some("admin")) => Self::Admin,
            _ => {
                let message = format!(
                    "level {value} is none of \"none\" (1), \"read_only\" (2), \"standard\" (3), \"admin\" (4)"
                );
                return Err(serde::de::Error::custom(message));
            }
        };
        Ok(level)
    }
}

/// A tool that can be switched on for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tool {
    Admin,
    Directory,
    #[serde(alias = "rfi")]
    Rfis,
    #[serde(alias = "daily_logs")]
    DailyLog,
    Drawings,
    Specifications,
    Documents,
    Bidding,
    /// What making webhooks takes. Nobody has it unless somebody gives it, admins included.
    WebhooksApi,
}

impl Tool {
    pub(crate) const PROJECT: [Self; 9] = [
        Self::Admin,
        Self::Directory,
        Self::Rfis,
        Self::DailyLog,
        Self::Drawings,
        Self::Specifications,
        Self::Documents,
        Self::Bidding,
        Self::WebhooksApi,
    ];
    pub(crate) const COMPANY: [Self; 3] = [Self::Admin, Self::Directory, Self::WebhooksApi];

    /// The `name` that Procore's permissions carry.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Directory => "directory",
            Self::Rfis => "rfi",
            Self::DailyLog => "daily_log",
            Self::Drawings => "drawing_log",
            Self::Specifications => "specification_sections",
            Self::Documents => "documents",
            Self::Bidding => "bidding",
            Self::WebhooksApi => "webhooks_api",
        }
    }

    pub(crate) fn friendly_name(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Directory => "Directory",
            Self::Rfis => "RFIs",
            Self::DailyLog => "Daily Log",
            Self::Drawings => "Drawings",
            Self::Specifications => "Specifications",
            Self::Documents => "Documents",
            Self::Bidding => "Bidding",
            Self::WebhooksApi => "Webhooks API",
        }
    }
}

/// A person's place in a project or company.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// The level in every tool that `levels` does not name.
    pub(crate) level: Level,
    pub(crate) levels: BTreeMap<Tool, Level>,
    /// The granular permission *Act as RFI Manager*.
    pub(crate) rfi_manager: bool,
    pub(crate) vendor_id: Option<Id>,
}

impl Member {
    /// One level for all tools, except that only Admin reaches the Admin tool, and that nobody may make webhooks.
    pub(crate) fn of(level: Level) -> Self {
        let mut levels = BTreeMap::from([(Tool::WebhooksApi, Level::None)]);
        if level < Level::Admin {
            levels.insert(Tool::Admin, Level::None);
        }
        Self {
            level,
            levels,
            rfi_manager: false,
            vendor_id: None,
        }
    }

    pub(crate) fn service_account() -> Self {
        Self::of(Level::Admin).making_webhooks()
    }

    pub(crate) fn making_webhooks(mut self) -> Self {
        self.levels.insert(Tool::WebhooksApi, Level::Standard);
        self
    }

    pub(crate) fn managing_rfis(mut self) -> Self {
        self.rfi_manager = true;
        self
    }

    pub(crate) fn of_vendor(mut self, vendor_id: Id) -> Self {
        self.vendor_id = Some(vendor_id);
        self
    }

    pub(crate) fn level_in(&self, tool: Tool) -> Level {
        self.levels.get(&tool).copied().unwrap_or(self.level)
    }

    /// The permission template's name, as the directory shows it.
    pub(crate) fn template(&self) -> &'static str {
        match self.level {
            Level::None => "None",
            Level::ReadOnly => "Read Only",
            Level::Standard => "Standard",
            Level::Admin => "Project Admin",
        }
    }
}

impl World {
    /// A person's level in a tool of a project. A company's admins are admins of all its projects, unless a project
    /// says otherwise; a service account only of those it is permitted.
    pub(crate) fn project_level(&self, person_id: Id, project_id: Id, tool: Tool) -> Level {
        let Some(project) = self.projects.get(&project_id) else {
            return Level::None;
        };
        if let Some(member) = project.members.get(&person_id) {
            return member.level_in(tool);
        }
        let is_service_account = self
            .people
            .get(&person_id)
            .is_some_and(|person| person.serves.is_some());
        if tool == Tool::WebhooksApi {
            return self.company_level(person_id, project.company_id, tool);
        }
        if !is_service_account && self.company_level(person_id, project.company_id, Tool::Admin) == Level::Admin {
            Level::Admin
        } else {
            Level::None
        }
    }

    pub(crate) fn company_level(&self, person_id: Id, company_id: Id, tool: Tool) -> Level {
        let member = self
            .companies
            .get(&company_id)
            .and_then(|company| company.members.get(&person_id));
        member.map_or(Level::None, |member| member.level_in(tool))
    }

    /// Whether the project exists for this person at all.
    pub(crate) fn sees_project(&self, person_id: Id, project_id: Id) -> bool {
        let member = self
            .projects
            .get(&project_id)
            .is_some_and(|project| project.members.contains_key(&person_id));
        member || self.project_level(person_id, project_id, Tool::Admin) == Level::Admin
    }

    /// Whether the company exists for this person at all.
    pub(crate) fn sees_company(&self, person_id: Id, company_id: Id) -> bool {
        let in_directory = self
            .companies
            .get(&company_id)
            .is_some_and(|company| company.members.contains_key(&person_id));
        in_directory
            || self
                .projects_of(company_id)
                .any(|project| project.members.contains_key(&person_id))
    }

    pub(crate) fn require(&self, person_id: Id, project_id: Id, tool: Tool, level: Level) -> Result<(), Refusal> {
        if self.project_level(person_id, project_id, tool) >= level {
            Ok(())
        } else {
            Err(Refusal::Forbidden(format!(
                "You do not have permission: {} on {}",
                level.name(),
                tool.friendly_name()
            )))
        }
    }

    /// Whether the person could be named as an RFI's manager.
    pub(crate) fn may_manage_rfis(&self, person_id: Id, project_id: Id) -> bool {
        if self.people.get(&person_id).is_none_or(|person| person.serves.is_some()) {
            return false;
        }
        self.project_level(person_id, project_id, Tool::Rfis) == Level::Admin
            || self.acts_as_rfi_manager(person_id, project_id)
    }

    /// Whether the person has the granular permission *Act as RFI Manager*.
    pub(crate) fn acts_as_rfi_manager(&self, person_id: Id, project_id: Id) -> bool {
        let member = self
            .projects
            .get(&project_id)
            .and_then(|project| project.members.get(&person_id));
        member.is_some_and(|member| member.rfi_manager && member.level_in(Tool::Rfis) >= Level::ReadOnly)
    }
}
