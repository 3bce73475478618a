//! Drawings: sheets in areas and disciplines, each with its revisions, the last of which is current.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::super::{Actor, Id, Level, Resource, Tool, World, now, today};
use super::{pdf_size, usual_size};
use crate::files::{Owner, StoredFile};
use crate::papers::{Layout, Paper, Picture, SMALLEST_PDF};
use crate::params::Fields;
use crate::refusal::Refusal;
use crate::webhooks::EventType;

/// A part of the site that has drawings of its own.
#[derive(Debug, Clone)]
pub(crate) struct DrawingArea {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) name: String,
}

/// A trade.
#[derive(Debug, Clone)]
pub(crate) struct Discipline {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) name: String,
}

/// What was issued together.
#[derive(Debug, Clone)]
pub(crate) struct DrawingSet {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) name: String,
    pub(crate) date: Date,
    pub(crate) created_at: Timestamp,
}

/// A sheet.
#[derive(Debug, Clone)]
pub(crate) struct Drawing {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) area_id: Id,
    pub(crate) discipline_id: Id,
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) obsolete: bool,
    /// Oldest first; never empty.
    pub(crate) revision_ids: Vec<Id>,
}

impl Drawing {
    pub(crate) fn current_revision_id(&self) -> Option<Id> {
        self.revision_ids.last().copied()
    }
}

/// A sheet as it was issued once.
#[derive(Debug, Clone)]
pub(crate) struct DrawingRevision {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) drawing_id: Id,
    pub(crate) set_id: Id,
    pub(crate) revision_number: String,
    pub(crate) drawing_date: Date,
    pub(crate) received_date: Date,
    pub(crate) updated_at: Timestamp,
    /// Files, by their ids.
    pub(crate) pdf: Option<Id>,
    pub(crate) png: Option<Id>,
    pub(crate) thumbnail: Option<Id>,
    pub(crate) large_thumbnail: Option<Id>,
}

/// What a sheet's number begins with, by discipline.
pub(super) const DISCIPLINES: [(&str, &str); 9] = [
    ("G", "General"),
    ("C", "Civil"),
    ("L", "Landscape"),
    ("S", "Structural"),
    ("A", "Architectural"),
    ("P", "Plumbing"),
    ("M", "Mechanical"),
    ("E", "Electrical"),
    ("FP", "Fire Protection"),
];

/// A revision to be published. What is None stays as it was, or is what is usual.
#[derive(Debug, Clone, Default)]
pub(super) struct NewRevision {
    pub(super) number: String,
    pub(super) title: Option<String>,
    pub(super) discipline: Option<String>,
    pub(super) area: Option<String>,
    pub(super) set: Option<String>,
    pub(super) revision: Option<String>,
    pub(super) drawing_date: Option<Date>,
    pub(super) received_date: Option<Date>,
    /// In bytes; 0 for the usual.
    pub(super) size: u64,
}

impl NewRevision {
    fn read(values: &Value) -> Result<Self, Refusal> {
        let mut fields = Fields::of(values);
        let number = fields.required_text("number");
        let usual = usual_size(&[&number]);
        let new = Self {
            number: number.trim().to_owned(),
            title: fields.text("title"),
            discipline: fields.text("discipline"),
            area: fields.text("area"),
            set: fields.text("set"),
            revision: fields.text("revision"),
            drawing_date: fields.date("drawing_date"),
            received_date: fields.date("received_date"),
            size: if fields.names("size") {
                pdf_size(&mut fields, usual)
            } else {
                0
            },
        };
        fields.finish()?;
        Ok(new)
    }
}

impl World {
    /// Publishes a revision of the sheet with this number, which is made where the project has none. An obsolete
    /// sheet is valid again afterwards. Answers with the drawing's id.
    pub(crate) fn publish_drawing(
        &mut self,
        actor: &Actor,
        project_id: Id,
        values: &Value,
        mut files: Vec<StoredFile>,
    ) -> Result<Id, Refusal> {
        self.require(actor.person_id, project_id, Tool::Drawings, Level::Admin)?;
        self.require_active(project_id)?;
        let new = NewRevision::read(values)?;
        let (known, sets) = (self.drawing_numbered(project_id, &new).is_some(), self.plans.sets.len());
        let revision_id = self.add_drawing_revision(project_id, new, files.pop(), now())?;
        let revision = self.drawing_revision(project_id, revision_id)?;
        let (drawing_id, set_id) = (revision.drawing_id, revision.set_id);
        let event = if known { EventType::Update } else { EventType::Create };
        self.tell(actor, project_id, Resource::Drawings, drawing_id, event);
        let set_event = if sets == self.plans.sets.len() {
            EventType::Update
        } else {
            EventType::Create
        };
        self.tell(actor, project_id, Resource::DrawingSets, set_id, set_event);
        Ok(drawing_id)
    }

    /// Renames a sheet, or says whether it is obsolete.
    pub(crate) fn update_drawing(
        &mut self,
        actor: &Actor,
        project_id: Id,
        drawing_id: Id,
        values: &Value,
    ) -> Result<(), Refusal> {
        self.require(actor.person_id, project_id, Tool::Drawings, Level::Admin)?;
        self.require_active(project_id)?;
        let mut fields = Fields::of(values);
        let (obsolete, title) = (fields.boolean("obsolete"), fields.text("title"));
        fields.finish()?;
        let drawing = self.plans.drawings.get_mut(&drawing_id);
        let drawing = drawing
            .filter(|drawing| drawing.project_id == project_id)
            .ok_or(Refusal::NotFound)?;
        drawing.obsolete = obsolete.unwrap_or(drawing.obsolete);
        drawing.title = title.unwrap_or_else(|| drawing.title.clone());
        let revision_ids = drawing.revision_ids.clone();
        self.tell(actor, project_id, Resource::Drawings, drawing_id, EventType::Update);
        for id in revision_ids {
            if let Some(revision) = self.plans.drawing_revisions.get_mut(&id) {
                revision.updated_at = now();
            }
        }
        Ok(())
    }

    pub(crate) fn delete_drawing(&mut self, actor: &Actor, project_id: Id, drawing_id: Id) -> Result<(), Refusal> {
        self.require(actor.person_id, project_id, Tool::Drawings, Level::Admin)?;
        self.require_active(project_id)?;
        let drawing = self.plans.drawings.get(&drawing_id);
        let drawing = drawing.filter(|drawing| drawing.project_id == project_id);
        let revision_ids = drawing.ok_or(Refusal::NotFound)?.revision_ids.clone();
        self.plans.drawings.remove(&drawing_id);
        self.drop_files(Owner::Drawing(drawing_id));
        for id in revision_ids {
            self.plans.drawing_revisions.remove(&id);
        }
        self.tell(actor, project_id, Resource::Drawings, drawing_id, EventType::Delete);
        Ok(())
    }

    /// Fills a project with sheets that were always there: nobody is told. Answers with their numbers.
    pub(crate) fn add_sheets(&mut self, project_id: Id, count: u64, size: Option<u64>) -> Result<Vec<String>, Refusal> {
        let mut numbers = Vec::new();
        for index in 0..count {
            let (letter, discipline) = DISCIPLINES[usize::try_from(index).unwrap_or_default() % DISCIPLINES.len()];
            let number = format!("{letter}-{:04}", 1 + index / DISCIPLINES.len() as u64);
            let new = NewRevision {
                title: Some(format!("{discipline} sheet {}", index + 1)),
                discipline: Some(discipline.to_owned()),
                number: number.clone(),
                size: size.unwrap_or(0),
                ..NewRevision::default()
            };
            self.add_drawing_revision(project_id, new, None, now())?;
            numbers.push(number);
        }
        Ok(numbers)
    }

    /// A revision that belongs to the project.
    pub(crate) fn drawing_revision(&self, project_id: Id, id: Id) -> Result<&DrawingRevision, Refusal> {
        let revision = self.plans.drawing_revisions.get(&id);
        revision
            .filter(|revision| revision.project_id == project_id)
            .ok_or(Refusal::NotFound)
    }

    fn drawing_numbered(&self, project_id: Id, new: &NewRevision) -> Option<&Drawing> {
        let in_area = |drawing: &Drawing| {
            let area = self.plans.areas.get(&drawing.area_id);
            new.area.is_none() || area.map(|area| &area.name) == new.area.as_ref()
        };
        self.plans
            .drawings
            .values()
            .find(|drawing| drawing.project_id == project_id && drawing.number == new.number && in_area(drawing))
    }

    /// Adds a revision, and what it belongs to where that is new. Tells nobody.
    pub(super) fn add_drawing_revision(
        &mut self,
        project_id: Id,
        new: NewRevision,
        pdf: Option<StoredFile>,
        at: Timestamp,
    ) -> Result<Id, Refusal> {
        let known = self.drawing_numbered(project_id, &new).cloned();
        let former = known.iter().flat_map(|drawing| &drawing.revision_ids);
        let former: Vec<&str> = former
            .filter_map(|id| self.plans.drawing_revisions.get(id))
            .map(|revision| revision.revision_number.as_str())
            .collect();
        let revision_number = match new.revision {
            Some(revision) if former.contains(&revision.as_str()) => {
                return Err(Refusal::invalid("revision", "has already been taken"));
            }
            Some(revision) => revision,
            None => following(&former),
        };
        let discipline = new.discipline.or_else(|| discipline_of(&new.number));
        let mut drawing = match known {
            Some(drawing) => drawing,
            None => Drawing {
                id: self.new_id(),
                project_id,
                area_id: self.area_named(project_id, new.area.as_deref()),
                discipline_id: self.discipline_named(project_id, discipline.as_deref().unwrap_or("General")),
                number: new.number.clone(),
                title: new.number,
                obsolete: false,
                revision_ids: Vec::new(),
            },
        };
        drawing.title = new.title.unwrap_or(drawing.title);
        drawing.obsolete = false;
        let drawing_date = new.drawing_date.unwrap_or_else(today);
        let texts = [
            drawing.number.as_str(),
            drawing.title.as_str(),
            revision_number.as_str(),
        ];
        let paper = Arc::new(Paper {
            layout: Layout::Sheet,
            project: self.project_name(project_id),
            number: drawing.number.clone(),
            title: drawing.title.clone(),
            revision: revision_number.clone(),
            date: drawing_date.to_string(),
            pdf_size: if new.size >= SMALLEST_PDF {
                new.size
            } else {
                usual_size(&texts)
            },
        });
        let owner = Owner::Drawing(drawing.id);
        let revision = DrawingRevision {
            id: self.new_id(),
            project_id,
            drawing_id: drawing.id,
            set_id: self.set_named(project_id, new.set.as_deref(), drawing_date, at),
            revision_number,
            drawing_date,
            received_date: new.received_date.unwrap_or(drawing_date),
            updated_at: at,
            pdf: self.keep_pdf(owner, project_id, pdf, &paper),
            png: self.keep_picture(owner, project_id, &paper, Picture::Full),
            thumbnail: self.keep_picture(owner, project_id, &paper, Picture::Thumbnail),
            large_thumbnail: self.keep_picture(owner, project_id, &paper, Picture::LargeThumbnail),
        };
        let id = revision.id;
        // What was current no longer is, which is a change of it.
        if let Some(former) = drawing
            .current_revision_id()
            .and_then(|id| self.plans.drawing_revisions.get_mut(&id))
        {
            former.updated_at = at;
        }
        drawing.revision_ids.push(id);
        self.plans.drawing_revisions.insert(id, revision);
        self.plans.drawings.insert(drawing.id, drawing);
        Ok(id)
    }

    /// The area with this name, or the project's first.
    fn area_named(&mut self, project_id: Id, name: Option<&str>) -> Id {
        let mut areas = self.plans.areas.values().filter(|area| area.project_id == project_id);
        let known = areas
            .find(|area| name.is_none_or(|name| name == area.name))
            .map(|area| area.id);
        known.unwrap_or_else(|| {
            let (id, name) = (self.new_id(), name.unwrap_or("All drawings").to_owned());
            self.plans.areas.insert(id, DrawingArea { id, project_id, name });
            id
        })
    }

    fn discipline_named(&mut self, project_id: Id, name: &str) -> Id {
        let mut disciplines = self.plans.disciplines.values();
        let known = disciplines.find(|known| known.project_id == project_id && known.name == name);
        known.map(|discipline| discipline.id).unwrap_or_else(|| {
            let (id, name) = (self.new_id(), name.to_owned());
            self.plans.disciplines.insert(id, Discipline { id, project_id, name });
            id
        })
    }

    /// The set with this name, or the project's latest.
    fn set_named(&mut self, project_id: Id, name: Option<&str>, date: Date, created_at: Timestamp) -> Id {
        let mut sets = self.plans.sets.values().filter(|set| set.project_id == project_id);
        let known = sets.rfind(|set| name.is_none_or(|name| name == set.name));
        known.map(|set| set.id).unwrap_or_else(|| {
            let set = DrawingSet {
                id: self.new_id(),
                project_id,
                name: name.unwrap_or("Bid Set").to_owned(),
                date,
                created_at,
            };
            let id = set.id;
            self.plans.sets.insert(id, set);
            id
        })
    }
}

/// The number after the last revision's: 0 for the first.
pub(super) fn following(former: &[&str]) -> String {
    match former.last() {
        None => "0".to_owned(),
        Some(last) => match last.parse::<u32>() {
            Ok(number) => number.saturating_add(1).to_string(),
            Err(_) => format!("{last}.{}", former.len()),
        },
    }
}

/// The discipline whose letters a sheet's number begins with.
fn discipline_of(number: &str) -> Option<String> {
    let letters: String = number.chars().take_while(char::is_ascii_alphabetic).collect();
    let known = DISCIPLINES
        .iter()
        .find(|(start, _)| start.eq_ignore_ascii_case(&letters));
    known.map(|(_, name)| (*name).to_owned())
}
