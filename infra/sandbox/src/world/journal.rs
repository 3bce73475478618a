//! The one way in which a change becomes known: an event, and from it webhooks.

use super::{Id, World};
use crate::webhooks::{Event, EventType};

/// The kinds of things that webhooks tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Resource {
    Rfis,
    ManpowerLogs,
    NotesLogs,
    Drawings,
    DrawingSets,
    SpecificationSectionRevisions,
    ProjectFolders,
    ProjectFiles,
    ProjectFileVersions,
}

impl Resource {
    /// The `resource_name` of payloads and triggers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rfis => "RFIs",
            Self::ManpowerLogs => "Manpower Logs",
            Self::NotesLogs => "Notes Logs",
            Self::Drawings => "Drawings",
            Self::DrawingSets => "Drawing Sets",
            Self::SpecificationSectionRevisions => "Specification Section Revisions",
            Self::ProjectFolders => "Project Folders",
            Self::ProjectFiles => "Project Files",
            Self::ProjectFileVersions => "Project File Versions",
        }
    }
}

/// Who makes a change, and through which app; none when it was made on the sandbox's own pages.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) person_id: Id,
    pub(crate) application: Option<String>,
}

impl Actor {
    pub(crate) fn by_hand(person_id: Id) -> Self {
        Self {
            person_id,
            application: None,
        }
    }
}

/// What happened to what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) project_id: Id,
    pub(crate) resource: Resource,
    pub(crate) resource_id: Id,
    pub(crate) event_type: EventType,
}

impl World {
    /// Writes the change down and queues its webhooks.
    pub(crate) fn record(&mut self, actor: &Actor, change: Change) {
        let Some(project) = self.projects.get(&change.project_id) else {
            return;
        };
        let company_id = project.company_id;
        let id = self.new_id();
        let event = Event::new(id, company_id, actor, change);
        let installed = |application: &str| {
            self.companies
                .get(&company_id)
                .is_some_and(|company| company.has_installed(application))
        };
        self.webhooks.publish(event, installed);
    }
}
