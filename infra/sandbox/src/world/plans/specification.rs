//! The specification book: sections in divisions, each with its revisions.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::super::{Actor, Id, Level, Resource, SpecificationSection, Tool, World, now, today};
use super::drawing::following;
use super::{pdf_size, usual_size};
use crate::files::{Owner, StoredFile};
use crate::papers::{Layout, Paper};
use crate::params::Fields;
use crate::refusal::Refusal;
use crate::webhooks::EventType;

/// A chapter of the book, such as `03`.
#[derive(Debug, Clone)]
pub(crate) struct Division {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) number: String,
    pub(crate) description: String,
}

/// A section as it was issued once.
#[derive(Debug, Clone)]
pub(crate) struct SpecificationRevision {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) section_id: Id,
    pub(crate) division_id: Id,
    pub(crate) revision: String,
    pub(crate) issued_date: Date,
    pub(crate) received_date: Date,
    pub(crate) updated_at: Timestamp,
    /// A file, by its id.
    pub(crate) pdf: Option<Id>,
}

/// MasterFormat's divisions that the demo data uses.
const DIVISIONS: [(&str, &str); 10] = [
    ("00", "Procurement and Contracting Requirements"),
    ("01", "General Requirements"),
    ("03", "Concrete"),
    ("05", "Metals"),
    ("07", "Thermal and Moisture Protection"),
    ("08", "Openings"),
    ("09", "Finishes"),
    ("22", "Plumbing"),
    ("23", "Heating, Ventilating, and Air Conditioning (HVAC)"),
    ("26", "Electrical"),
];

/// A revision to be published. What is None stays as it was, or is what is usual.
#[derive(Debug, Clone, Default)]
pub(super) struct NewRevision {
    pub(super) number: String,
    pub(super) description: Option<String>,
    pub(super) revision: Option<String>,
    pub(super) issued_date: Option<Date>,
    pub(super) size: u64,
}

impl World {
    /// Publishes a revision of the section with this number, which is made where the project has none.
    /// Answers with the section's id.
    pub(crate) fn publish_specification(
        &mut self,
        actor: &Actor,
        project_id: Id,
        values: &Value,
        mut files: Vec<StoredFile>,
    ) -> Result<Id, Refusal> {
        self.require(actor.person_id, project_id, Tool::Specifications, Level::Admin)?;
        self.require_active(project_id)?;
        let mut fields = Fields::of(values);
        let number = fields.required_text("number").trim().to_owned();
        let new = NewRevision {
            size: pdf_size(&mut fields, usual_size(&[&number])),
            number,
            description: fields.text("description"),
            revision: fields.text("revision"),
            issued_date: fields.date("issued_date"),
        };
        fields.finish()?;
        let id = self.add_specification_revision(project_id, new, files.pop(), now())?;
        self.tell(
            actor,
            project_id,
            Resource::SpecificationSectionRevisions,
            id,
            EventType::Create,
        );
        let revision = self.plans.specification_revisions.get(&id);
        revision.map(|revision| revision.section_id).ok_or(Refusal::NotFound)
    }

    /// Takes a section with all its revisions out of the book.
    pub(crate) fn delete_specification(
        &mut self,
        actor: &Actor,
        project_id: Id,
        section_id: Id,
    ) -> Result<(), Refusal> {
        self.require(actor.person_id, project_id, Tool::Specifications, Level::Admin)?;
        self.require_active(project_id)?;
        let project = self.projects.get_mut(&project_id).ok_or(Refusal::NotFound)?;
        project
            .specification_sections
            .remove(&section_id)
            .ok_or(Refusal::NotFound)?;
        self.drop_files(Owner::SpecificationSection(section_id));
        let revisions = self.specification_revisions(project_id, section_id);
        for id in revisions.map(|revision| revision.id).collect::<Vec<_>>() {
            self.plans.specification_revisions.remove(&id);
            self.tell(
                actor,
                project_id,
                Resource::SpecificationSectionRevisions,
                id,
                EventType::Delete,
            );
        }
        Ok(())
    }

    /// A section's revisions, oldest first; the last is current.
    pub(crate) fn specification_revisions(
        &self,
        project_id: Id,
        section_id: Id,
    ) -> impl Iterator<Item = &SpecificationRevision> {
        self.plans
            .specification_revisions
            .values()
            .filter(move |revision| revision.project_id == project_id && revision.section_id == section_id)
    }

    pub(crate) fn is_current_specification(&self, revision: &SpecificationRevision) -> bool {
        let last = self
            .specification_revisions(revision.project_id, revision.section_id)
            .last();
        last.is_some_and(|last| last.id == revision.id)
    }

    /// Adds a revision, and what it belongs to where that is new. Tells nobody.
    pub(super) fn add_specification_revision(
        &mut self,
        project_id: Id,
        new: NewRevision,
        pdf: Option<StoredFile>,
        at: Timestamp,
    ) -> Result<Id, Refusal> {
        let division_id = self.division_of(project_id, &new.number);
        let mut sections = self.project(project_id)?.specification_sections.values();
        let section_id = match sections.find(|section| section.number == new.number) {
            Some(section) => section.id,
            None => {
                let id = self.new_id();
                self.add_section(project_id, id, &new.number, &new.number);
                id
            }
        };
        let former = self.specification_revisions(project_id, section_id);
        let former: Vec<&str> = former.map(|revision| revision.revision.as_str()).collect();
        let revision = match new.revision {
            Some(revision) if former.contains(&revision.as_str()) => {
                return Err(Refusal::invalid("revision", "has already been taken"));
            }
            Some(revision) => revision,
            None => following(&former),
        };
        let sections = self
            .projects
            .get_mut(&project_id)
            .map(|project| &mut project.specification_sections);
        let section: &mut SpecificationSection = sections
            .and_then(|sections| sections.get_mut(&section_id))
            .ok_or(Refusal::NotFound)?;
        section.description = new.description.unwrap_or_else(|| section.description.clone());
        let title = section.description.clone();
        let issued_date = new.issued_date.unwrap_or_else(today);
        let paper = Arc::new(Paper {
            layout: Layout::Page,
            project: self.project_name(project_id),
            number: new.number,
            title,
            revision: revision.clone(),
            date: issued_date.to_string(),
            pdf_size: new.size,
        });
        let id = self.new_id();
        let pdf = self.keep_pdf(Owner::SpecificationSection(section_id), project_id, pdf, &paper);
        self.plans.specification_revisions.insert(
            id,
            SpecificationRevision {
                id,
                project_id,
                section_id,
                division_id,
                revision,
                issued_date,
                received_date: issued_date,
                updated_at: at,
                pdf,
            },
        );
        Ok(id)
    }

    /// The division that a section's number begins with, made where the project has none.
    fn division_of(&mut self, project_id: Id, section: &str) -> Id {
        let number: String = section.chars().take(2).collect();
        let mut divisions = self.plans.divisions.values();
        let known = divisions.find(|division| division.project_id == project_id && division.number == number);
        known.map(|division| division.id).unwrap_or_else(|| {
            let standard = DIVISIONS.iter().find(|(known, _)| *known == number);
            let description = standard.map_or_else(|| format!("Division {number}"), |(_, text)| (*text).to_owned());
            let id = self.new_id();
            self.plans.divisions.insert(
                id,
                Division {
                    id,
                    project_id,
                    number,
                    description,
                },
            );
            id
        })
    }
}
