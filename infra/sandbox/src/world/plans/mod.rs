//! What estimators price from: drawings, specifications, documents, and the bid packages that are due.

mod bid_package;
mod demo;
mod document;
mod drawing;
mod specification;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use bid_package::BidPackage;
pub(crate) use document::{Document, Folder};
pub(crate) use drawing::{Discipline, Drawing, DrawingArea, DrawingRevision, DrawingSet};
pub(crate) use specification::{Division, SpecificationRevision};

use super::{Actor, Change, Id, Resource, World};
use crate::files::{Owner, StoredFile};
use crate::papers::{LARGEST_PDF, Paper, Picture, SMALLEST_PDF, Writing};
use crate::params::Fields;
use crate::webhooks::EventType;

/// The plans of all projects.
#[derive(Default)]
pub(crate) struct Plans {
    pub(crate) areas: BTreeMap<Id, DrawingArea>,
    pub(crate) disciplines: BTreeMap<Id, Discipline>,
    pub(crate) sets: BTreeMap<Id, DrawingSet>,
    pub(crate) drawings: BTreeMap<Id, Drawing>,
    pub(crate) drawing_revisions: BTreeMap<Id, DrawingRevision>,
    pub(crate) divisions: BTreeMap<Id, Division>,
    pub(crate) specification_revisions: BTreeMap<Id, SpecificationRevision>,
    pub(crate) folders: BTreeMap<Id, Folder>,
    pub(crate) documents: BTreeMap<Id, Document>,
    pub(crate) bid_packages: BTreeMap<Id, BidPackage>,
}

impl Plans {
    /// The demo data: three projects' plans.
    pub(super) fn fill_demo(world: &mut World) {
        demo::fill(world);
    }
}

impl World {
    fn tell(&mut self, actor: &Actor, project_id: Id, resource: Resource, resource_id: Id, event_type: EventType) {
        self.record(
            actor,
            Change {
                project_id,
                resource,
                resource_id,
                event_type,
            },
        );
    }

    /// The PDF that was given, or else one that the sandbox writes.
    fn keep_pdf(&mut self, owner: Owner, project_id: Id, given: Option<StoredFile>, paper: &Arc<Paper>) -> Option<Id> {
        let file = given.unwrap_or_else(|| StoredFile::written(&file_name(paper, "pdf"), Writing::pdf(paper)));
        self.keep_files(project_id, owner, vec![file]).pop()
    }

    fn keep_picture(&mut self, owner: Owner, project_id: Id, paper: &Arc<Paper>, picture: Picture) -> Option<Id> {
        let file = StoredFile::written(&file_name(paper, "png"), Writing::picture(paper, picture));
        self.keep_files(project_id, owner, vec![file]).pop()
    }

    fn drop_files(&mut self, owner: Owner) {
        self.files.retain(|_, file| file.owner != Some(owner));
    }

    fn project_name(&self, project_id: Id) -> String {
        self.projects
            .get(&project_id)
            .map(|project| project.name.clone())
            .unwrap_or_default()
    }
}

fn file_name(paper: &Paper, ending: &str) -> String {
    let name = [&paper.number, &paper.title, &paper.revision].map(String::as_str);
    let name = match paper.revision.as_str() {
        "" => name[..2].join(" "),
        revision => format!("{} Rev {revision}", name[..2].join(" ")),
    };
    format!("{}.{ending}", name.trim().replace(['/', '\\'], "-"))
}

/// How large a PDF shall be, in bytes.
fn pdf_size(fields: &mut Fields<'_>, usual: u64) -> u64 {
    let size = fields.id("size").unwrap_or(usual);
    if !(SMALLEST_PDF..=LARGEST_PDF).contains(&size) {
        fields.complain(
            "size",
            &format!("must be between {SMALLEST_PDF} and {LARGEST_PDF} bytes"),
        );
    }
    size
}

/// A size for a paper that asks for none: 16 to 48 kB, the same for the same texts.
fn usual_size(texts: &[&str]) -> u64 {
    let sum = texts
        .iter()
        .flat_map(|text| text.bytes())
        .fold(7_u64, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
    SMALLEST_PDF + sum % (32 * 1024)
}
