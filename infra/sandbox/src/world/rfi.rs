//! RFIs: drafts without a number, opened by their manager or an admin, numbered once in a project.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::{Actor, Change, Id, Level, Resource, Tool, World, now};
use crate::files::{Owner, StoredFile};
use crate::params::Fields;
use crate::refusal::Refusal;
use crate::webhooks::EventType;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RfiStatus {
    Draft,
    Open,
    Closed,
    /// It was closed without having been opened.
    ClosedDraft,
    /// A revision of it was made.
    ClosedWithRevision,
}

impl RfiStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::ClosedDraft => "closed_draft",
            Self::ClosedWithRevision => "closed_with_revision",
        }
    }

    pub(crate) fn translated(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Open => "Open",
            Self::Closed => "Closed",
            Self::ClosedDraft => "Closed - Draft",
            Self::ClosedWithRevision => "Closed - Revised",
        }
    }

    /// Whether it has never been opened.
    pub(crate) fn is_draft(self) -> bool {
        matches!(self, Self::Draft | Self::ClosedDraft)
    }

    pub(crate) fn is_closed(self) -> bool {
        matches!(self, Self::Closed | Self::ClosedDraft | Self::ClosedWithRevision)
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Draft, Self::Open, Self::Closed, Self::ClosedDraft]
            .into_iter()
            .find(|status| status.name().eq_ignore_ascii_case(text))
    }
}

/// A cost (in the project's currency) or schedule (in days) impact.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Impact {
    pub(crate) status: Option<String>,
    pub(crate) value: Option<f64>,
}

const IMPACTS: [&str; 5] = ["yes_known", "yes_unknown", "no_impact", "tbd", "n_a"];

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) id: Id,
    /// As given: HTML, or text.
    pub(crate) body: String,
    pub(crate) attachments: Vec<Id>,
    pub(crate) created_by: Id,
    pub(crate) created_at: Timestamp,
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) id: Id,
    pub(crate) body: String,
    pub(crate) official: bool,
    pub(crate) attachments: Vec<Id>,
    pub(crate) created_by: Id,
    pub(crate) created_at: Timestamp,
}

/// A request for information.
#[derive(Debug, Clone)]
pub(crate) struct Rfi {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) status: RfiStatus,
    pub(crate) number: Option<String>,
    pub(crate) subject: String,
    pub(crate) question: Question,
    pub(crate) replies: Vec<Reply>,
    pub(crate) private: bool,
    pub(crate) due_date: Option<Date>,
    pub(crate) reference: Option<String>,
    pub(crate) drawing_number: Option<String>,
    /// The header of the RFI that this one revises.
    pub(crate) source_header_id: Option<Id>,
    pub(crate) revision: Option<String>,
    pub(crate) cost_impact: Impact,
    pub(crate) schedule_impact: Impact,
    pub(crate) location_id: Option<Id>,
    pub(crate) specification_section_id: Option<Id>,
    pub(crate) responsible_contractor_id: Option<Id>,
    pub(crate) received_from_id: Option<Id>,
    pub(crate) assignee_ids: Vec<Id>,
    pub(crate) distribution_ids: Vec<Id>,
    pub(crate) rfi_manager_id: Id,
    pub(crate) created_by: Id,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) initiated_at: Option<Timestamp>,
    pub(crate) time_resolved: Option<Timestamp>,
}

impl World {
    /// Whether the person may know of the RFI: drafts and private ones are for those who take part.
    pub(crate) fn sees_rfi(&self, person_id: Id, rfi: &Rfi) -> bool {
        let level = self.project_level(person_id, rfi.project_id, Tool::Rfis);
        if level < Level::ReadOnly {
            return false;
        }
        if level == Level::Admin || person_id == rfi.created_by || person_id == rfi.rfi_manager_id {
            return true;
        }
        let takes_part = rfi.assignee_ids.contains(&person_id)
            || rfi.distribution_ids.contains(&person_id)
            || rfi.received_from_id == Some(person_id);
        match rfi.status {
            RfiStatus::Draft | RfiStatus::ClosedDraft => false,
            RfiStatus::Open | RfiStatus::Closed | RfiStatus::ClosedWithRevision => !rfi.private || takes_part,
        }
    }

    /// The RFI, if it is there and this person may see it.
    pub(crate) fn visible_rfi(&self, person_id: Id, project_id: Id, rfi_id: Id) -> Result<&Rfi, Refusal> {
        self.require(person_id, project_id, Tool::Rfis, Level::ReadOnly)?;
        let rfi = self
            .rfis
            .get(&rfi_id)
            .filter(|rfi| rfi.project_id == project_id)
            .ok_or(Refusal::NotFound)?;
        if self.sees_rfi(person_id, rfi) {
            Ok(rfi)
        } else {
            Err(Refusal::NotFound)
        }
    }

    /// Whether the person may open, number and close RFIs with this manager.
    pub(crate) fn may_open(&self, person_id: Id, project_id: Id, created_by: Id, manager_id: Id) -> bool {
        self.project_level(person_id, project_id, Tool::Rfis) == Level::Admin
            || (self.acts_as_rfi_manager(person_id, project_id) && (person_id == manager_id || person_id == created_by))
    }

    pub(crate) fn create_rfi(
        &mut self,
        actor: &Actor,
        project_id: Id,
        values: &Value,
        mut files: Vec<StoredFile>,
    ) -> Result<Id, Refusal> {
        self.require(actor.person_id, project_id, Tool::Rfis, Level::Standard)?;
        self.require_active(project_id)?;
        let mut fields = Fields::of(values);
        let subject = fields.required_text("subject");
        let body = fields.required_text("question.body");
        let manager = fields.id("rfi_manager_id");
        match manager {
            None => fields.complain("rfi_manager_id", "can't be blank"),
            Some(id) if !self.may_manage_rfis(id, project_id) => {
                fields.complain("rfi_manager_id", "is not a potential RFI manager of this project");
            }
            Some(_) => {}
        }
        let uuids = fields.texts("question.upload_ids");
        let wants_draft = fields.boolean("draft").unwrap_or(false);
        let number = fields.text("number");
        let mut rfi = Rfi {
            id: 0,
            project_id,
            status: RfiStatus::Draft,
            number: None,
            subject,
            question: Question {
                id: 0,
                body,
                attachments: vec![],
                created_by: actor.person_id,
                created_at: now(),
            },
            replies: Vec::new(),
            private: false,
            due_date: None,
            reference: None,
            drawing_number: None,
            source_header_id: None,
            revision: None,
            cost_impact: Impact::default(),
            schedule_impact: Impact::default(),
            location_id: None,
            specification_section_id: None,
            responsible_contractor_id: None,
            received_from_id: None,
            assignee_ids: Vec::new(),
            distribution_ids: Vec::new(),
            rfi_manager_id: manager.unwrap_or_default(),
            created_by: actor.person_id,
            created_at: now(),
            updated_at: now(),
            initiated_at: None,
            time_resolved: None,
        };
        self.read_rfi_details(&mut fields, &mut rfi);
        fields.finish()?;
        files.extend(self.files_of_uploads(project_id, &uuids)?);
        if !wants_draft && self.may_open(actor.person_id, project_id, rfi.created_by, rfi.rfi_manager_id) {
            self.open(&mut rfi, number)?;
        }
        rfi.id = self.new_id();
        rfi.question.id = self.new_id();
        rfi.question.attachments = self.keep_files(project_id, Owner::Rfi(rfi.id), files);
        let (rfi_id, source) = (rfi.id, rfi.source_header_id);
        self.rfis.insert(rfi_id, rfi);
        self.record_rfi(actor, project_id, rfi_id, EventType::Create);
        self.close_with_revision(actor, project_id, source);
        Ok(rfi_id)
    }

    /// The RFI of which a revision was made is closed.
    fn close_with_revision(&mut self, actor: &Actor, project_id: Id, source: Option<Id>) {
        let source = source.and_then(|source| self.rfis.get_mut(&source));
        let Some(source) = source.filter(|source| source.project_id == project_id && !source.status.is_draft()) else {
            return;
        };
        source.status = RfiStatus::ClosedWithRevision;
        source.time_resolved = source.time_resolved.or_else(|| Some(now()));
        source.updated_at = now();
        let source = source.id;
        self.record_rfi(actor, project_id, source, EventType::Update);
    }

    pub(crate) fn update_rfi(
        &mut self,
        actor: &Actor,
        project_id: Id,
        rfi_id: Id,
        values: &Value,
    ) -> Result<(), Refusal> {
        let mut rfi = self.visible_rfi(actor.person_id, project_id, rfi_id)?.clone();
        self.require(actor.person_id, project_id, Tool::Rfis, Level::ReadOnly)?;
        self.require_active(project_id)?;
        let opens = self.may_open(actor.person_id, project_id, rfi.created_by, rfi.rfi_manager_id);
        let own_draft = rfi.created_by == actor.person_id
            && rfi.status == RfiStatus::Draft
            && self.project_level(actor.person_id, project_id, Tool::Rfis) >= Level::Standard;
        if !opens && !own_draft {
            return Err(Refusal::forbidden("Only an RFI's manager or an admin may change it"));
        }
        let mut fields = Fields::of(values);
        let mut wanted = rfi.status;
        if let Some(text) = fields.text("status") {
            match RfiStatus::parse(&text) {
                Some(status) => wanted = status,
                None => fields.complain("status", "must be draft, open, closed or closed_draft"),
            }
        }
        if wanted == RfiStatus::ClosedDraft && !rfi.status.is_draft() {
            fields.complain("status", "an RFI that was opened cannot be closed as a draft");
        }
        match fields.boolean("draft") {
            Some(false) if wanted == RfiStatus::Draft => wanted = RfiStatus::Open,
            Some(true) if !rfi.status.is_draft() => fields.complain("draft", "an open RFI cannot become a draft"),
            _ => {}
        }
        if wanted == RfiStatus::Draft && !rfi.status.is_draft() {
            fields.complain("status", "an open RFI cannot become a draft");
        }
        if fields.names("subject") {
            rfi.subject = fields.required_text("subject");
        }
        if let Some(body) = fields.text("question.body") {
            rfi.question.body = body;
        }
        if let Some(manager) = fields.id("rfi_manager_id") {
            if self.may_manage_rfis(manager, project_id) {
                rfi.rfi_manager_id = manager;
            } else {
                fields.complain("rfi_manager_id", "is not a potential RFI manager of this project");
            }
        }
        let number = fields.text("number");
        self.read_rfi_details(&mut fields, &mut rfi);
        fields.finish()?;
        if wanted != rfi.status && !opens {
            return Err(Refusal::forbidden("Only an RFI's manager or an admin may open it"));
        }
        match (rfi.status, wanted) {
            (before, after) if before.is_draft() && !after.is_draft() => self.open(&mut rfi, number)?,
            (before, _) if before.is_draft() => {}
            _ => {
                if let Some(number) = number {
                    self.check_number(&rfi, &number)?;
                    rfi.number = Some(number);
                }
            }
        }
        rfi.status = wanted;
        rfi.time_resolved = wanted.is_closed().then(|| rfi.time_resolved.unwrap_or_else(now));
        rfi.updated_at = now();
        self.rfis.insert(rfi_id, rfi);
        self.record_rfi(actor, project_id, rfi_id, EventType::Update);
        Ok(())
    }

    pub(crate) fn delete_rfi(&mut self, actor: &Actor, project_id: Id, rfi_id: Id) -> Result<(), Refusal> {
        self.visible_rfi(actor.person_id, project_id, rfi_id)?;
        self.require(actor.person_id, project_id, Tool::Rfis, Level::Admin)?;
        self.require_active(project_id)?;
        self.rfis.remove(&rfi_id);
        self.files.retain(|_, file| file.owner != Some(Owner::Rfi(rfi_id)));
        self.record_rfi(actor, project_id, rfi_id, EventType::Delete);
        Ok(())
    }

    pub(crate) fn reply_to_rfi(
        &mut self,
        actor: &Actor,
        project_id: Id,
        rfi_id: Id,
        values: &Value,
        mut files: Vec<StoredFile>,
    ) -> Result<Reply, Refusal> {
        let rfi = self.visible_rfi(actor.person_id, project_id, rfi_id)?;
        let opens = self.may_open(actor.person_id, project_id, rfi.created_by, rfi.rfi_manager_id);
        if !opens {
            self.require(actor.person_id, project_id, Tool::Rfis, Level::Standard)?;
        }
        self.require_active(project_id)?;
        let mut fields = Fields::of(values);
        let body = fields.required_text("body");
        let official = fields.boolean("official").unwrap_or(false);
        let uuids = fields.texts("upload_ids");
        fields.finish()?;
        if official && !opens {
            return Err(Refusal::forbidden(
                "Only an RFI's manager or an admin may choose the official response",
            ));
        }
        files.extend(self.files_of_uploads(project_id, &uuids)?);
        let id = self.new_id();
        let attachments = self.keep_files(project_id, Owner::Rfi(rfi_id), files);
        let reply = Reply {
            id,
            body,
            official,
            attachments,
            created_by: actor.person_id,
            created_at: now(),
        };
        if let Some(rfi) = self.rfis.get_mut(&rfi_id) {
            rfi.replies.push(reply.clone());
            rfi.updated_at = now();
        }
        self.record_rfi(actor, project_id, rfi_id, EventType::Update);
        Ok(reply)
    }

    /// The fields that may come with a new RFI and change later.
    fn read_rfi_details(&self, fields: &mut Fields<'_>, rfi: &mut Rfi) {
        if let Some(private) = fields.boolean("private") {
            rfi.private = private;
        }
        if fields.names("due_date") {
            rfi.due_date = fields.date("due_date");
        }
        if fields.names("reference") {
            rfi.reference = fields.text("reference");
        }
        if fields.names("source_rfi_header_id") {
            rfi.source_header_id = fields.id("source_rfi_header_id");
        }
        if fields.names("revision") {
            rfi.revision = fields.text("revision");
        }
        if fields.names("drawing_number") {
            rfi.drawing_number = fields.text("drawing_number");
        }
        for (name, impact) in [
            ("cost_impact", &mut rfi.cost_impact),
            ("schedule_impact", &mut rfi.schedule_impact),
        ] {
            if fields.names(name) {
                let status = fields.text(&format!("{name}.status"));
                if status.as_deref().is_some_and(|status| !IMPACTS.contains(&status)) {
                    fields.complain(name, "status must be yes_known, yes_unknown, no_impact, tbd or n_a");
                }
                let value = fields.decimal(&format!("{name}.value"));
                *impact = Impact { status, value };
            }
        }
        let Some(project) = self.projects.get(&rfi.project_id) else {
            return;
        };
        let mut pointer = |name: &str, known: &dyn Fn(Id) -> bool, slot: &mut Option<Id>| {
            if fields.names(name) {
                *slot = fields.id(name);
                if slot.is_some_and(|id| !known(id)) {
                    fields.complain(name, "does not exist in this project");
                }
            }
        };
        let person = |id| self.sees_project(id, rfi.project_id);
        pointer(
            "location_id",
            &|id| project.locations.contains_key(&id),
            &mut rfi.location_id,
        );
        let sections = &project.specification_sections;
        pointer(
            "specification_section_id",
            &|id| sections.contains_key(&id),
            &mut rfi.specification_section_id,
        );
        let vendors = &project.vendors;
        pointer(
            "responsible_contractor_id",
            &|id| vendors.contains_key(&id),
            &mut rfi.responsible_contractor_id,
        );
        pointer("received_from_login_information_id", &person, &mut rfi.received_from_id);
        for (names, slot) in [
            (
                &["assignee_ids", "assignee_id", "required_assignee_ids"][..],
                &mut rfi.assignee_ids,
            ),
            (&["distribution_ids"][..], &mut rfi.distribution_ids),
        ] {
            for name in names
                .iter()
                .copied()
                .filter(|&name| fields.names(name))
                .collect::<Vec<_>>()
            {
                let ids = fields.ids(name);
                if ids.iter().any(|&id| !person(id)) {
                    fields.complain(name, "names somebody who is not in this project");
                }
                *slot = ids;
            }
        }
    }

    fn open(&self, rfi: &mut Rfi, number: Option<String>) -> Result<(), Refusal> {
        let number = match number {
            Some(number) => {
                self.check_number(rfi, &number)?;
                number
            }
            None => self.next_rfi_number(rfi.project_id),
        };
        rfi.number = Some(number);
        rfi.status = RfiStatus::Open;
        rfi.initiated_at = Some(now());
        Ok(())
    }

    fn check_number(&self, rfi: &Rfi, number: &str) -> Result<(), Refusal> {
        let taken = self.rfis.values().any(|other| {
            other.project_id == rfi.project_id && other.id != rfi.id && other.number.as_deref() == Some(number)
        });
        if taken {
            Err(Refusal::invalid("number", "has already been taken"))
        } else {
            Ok(())
        }
    }

    fn next_rfi_number(&self, project_id: Id) -> String {
        let numbers = self.rfis.values().filter(|rfi| rfi.project_id == project_id);
        let highest = numbers
            .filter_map(|rfi| rfi.number.as_ref()?.parse::<u64>().ok())
            .max()
            .unwrap_or(0);
        (highest + 1).to_string()
    }

    /// An inactive project can be read and not written.
    pub(crate) fn require_active(&self, project_id: Id) -> Result<(), Refusal> {
        if self.project(project_id)?.active {
            Ok(())
        } else {
            Err(Refusal::forbidden("This project is not active"))
        }
    }

    fn record_rfi(&mut self, actor: &Actor, project_id: Id, resource_id: Id, event_type: EventType) {
        self.record(
            actor,
            Change {
                project_id,
                resource: Resource::Rfis,
                resource_id,
                event_type,
            },
        );
    }
}
