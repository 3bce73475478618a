//! What Procore lists, in our words.

use gusset_adapters::procore::plans::{DocumentListed, DrawingListed, RevisionListed, SectionListed};
use gusset_domain::{
    plans::{
        Details, PlanKind, RevisionId,
        job::Source,
        listing::{Listed, ListedRevision},
    },
    text,
};

/// The longest name, number or folder that is kept, in characters.
const LONGEST: usize = 300;

/// A drawing.
pub(crate) fn drawing(drawing: DrawingListed) -> Listed {
    let number = line(drawing.number);
    let name = |revision: &RevisionListed| named(&format!("{number} {}", line(revision.number.clone())), "pdf");
    Listed {
        kind: PlanKind::Drawing,
        entity: drawing.id,
        revisions: revisions(&drawing.revisions, &name),
        details: Details {
            title: line(drawing.title),
            place: drawing.area.into_iter().map(|area| line(Some(area))).collect(),
            discipline: drawing.discipline.map(|discipline| line(Some(discipline))),
            obsolete: drawing.obsolete,
            current: drawing.current.map(RevisionId),
            number,
        },
    }
}

/// A section of the specifications.
pub(crate) fn section(section: SectionListed) -> Listed {
    let number = line(section.number);
    let name = |revision: &RevisionListed| named(&format!("{number} {}", line(revision.number.clone())), "pdf");
    Listed {
        kind: PlanKind::Specification,
        entity: section.id,
        revisions: revisions(&section.revisions, &name),
        details: Details {
            title: line(section.title),
            place: section
                .division
                .into_iter()
                .map(|division| line(Some(division)))
                .collect(),
            discipline: None,
            obsolete: false,
            current: section.current.map(RevisionId),
            number,
        },
    }
}

/// A document.
pub(crate) fn document(document: DocumentListed) -> Listed {
    let title = line(document.name);
    let name = |_: &RevisionListed| title.clone();
    Listed {
        kind: PlanKind::Document,
        entity: document.id,
        revisions: revisions(&document.revisions, &name),
        details: Details {
            number: String::new(),
            place: document.folders.into_iter().map(|folder| line(Some(folder))).collect(),
            discipline: None,
            obsolete: false,
            current: document.current.map(RevisionId),
            title,
        },
    }
}

fn line(text: Option<String>) -> String {
    text::one_line(&text.unwrap_or_default(), LONGEST)
}

fn named(stem: &str, ending: &str) -> String {
    format!("{}.{ending}", stem.trim())
}

fn revisions(revisions: &[RevisionListed], name: &dyn Fn(&RevisionListed) -> String) -> Vec<ListedRevision> {
    revisions.iter().map(|revision| one(revision, name(revision))).collect()
}

fn one(revision: &RevisionListed, file_name: String) -> ListedRevision {
    let id = RevisionId(revision.id);
    let stamp = stamp(revision);
    ListedRevision {
        id,
        number: line(revision.number.clone()),
        set: revision.set.clone().map(|set| line(Some(set))),
        issued: revision.issued_on,
        received: revision.received_on,
        file_name,
        source: revision.address.clone().map(|address| Source {
            revision: id,
            address: Some(address),
            thumbnail: revision.thumbnail.clone(),
            stamp: stamp.clone(),
        }),
        stamp,
    }
}

/// What tells a changed file from an unchanged one.
pub(crate) fn stamp(revision: &RevisionListed) -> String {
    let changed = revision.changed_at.map(|at| at.to_string()).unwrap_or_default();
    let size = revision.size.map(|size| size.to_string()).unwrap_or_default();
    format!("{changed} {size}")
}
