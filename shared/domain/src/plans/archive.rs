//! A project's current plans as one archive: which files, under which paths.

use std::collections::HashSet;

use ring::digest::{Context, SHA256};

use super::{Plan, PlanKind, StoredFile};
use crate::items::attachment::FileName;

/// A file in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path, safe on any computer, with `/` between its parts. No two are the same, whatever case they are written in.
    pub path: String,
    /// The file.
    pub file: StoredFile,
}

/// What is in the archive: of each plan that holds, the file of its current revision.
#[must_use]
pub fn contents(plans: &[Plan]) -> Vec<Entry> {
    let mut plans: Vec<&Plan> = plans.iter().filter(|plan| holds(plan)).collect();
    plans.sort_by(|one, other| {
        (one.id.kind, &one.details.place, one.name()).cmp(&(other.id.kind, &other.details.place, other.name()))
    });
    let mut taken = HashSet::new();
    let entry = |plan: &Plan| {
        let (_, revision) = plan.current()?;
        let file = revision.file()?.clone();
        let path = path(plan, &mut taken)?;
        Some(Entry { path, file })
    };
    plans.into_iter().filter_map(entry).collect()
}

fn holds(plan: &Plan) -> bool {
    !plan.details.obsolete && plan.gone_since.is_none()
}

/// Where a plan is in the archive: like the folders that the page shows, and under its name.
fn path(plan: &Plan, taken: &mut HashSet<String>) -> Option<String> {
    let (_, revision) = plan.current()?;
    let tool = match plan.id.kind {
        PlanKind::Drawing => "Drawings",
        PlanKind::Specification => "Specifications",
        PlanKind::Document => "Documents",
    };
    let folders = plan.details.place.iter().chain(&plan.details.discipline);
    let folders: String = folders
        .map(|folder| format!("{}/", FileName::nearest(folder)))
        .collect();
    let ending = revision.file_name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let (stem, ending) = match plan.id.kind {
        PlanKind::Document => match plan.details.title.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() => (stem.to_owned(), ending),
            _ => (plan.details.title.clone(), ""),
        },
        _ => {
            let number = Some(&revision.number).filter(|number| !number.is_empty());
            let revision = number.map(|number| format!(" (revision {number})"));
            (format!("{}{}", plan.name(), revision.unwrap_or_default()), ending)
        }
    };
    let dot = if ending.is_empty() { "" } else { "." };
    let named = |number: u32| {
        let numbered = if number == 1 {
            String::new()
        } else {
            format!(" ({number})")
        };
        let name = FileName::nearest(&format!("{stem}{numbered}{dot}{ending}"));
        format!("{tool}/{folders}{name}")
    };
    // A name so long that its number is cut off would never become another: it gives up after a while, and is left out.
    (1..10_000).map(named).find(|path| taken.insert(path.to_lowercase()))
}

/// What tells one content from another: in lower-case hexadecimal digits of a SHA-256.
#[must_use]
pub fn fingerprint(entries: &[Entry]) -> String {
    let mut context = Context::new(&SHA256);
    for entry in entries {
        // Each part says how long it is, so that no two lists read the same.
        for part in [&entry.path, &entry.file.sha256] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
    }
    let digest = context.finish();
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        ids::ProjectId,
        plans::{Copy, Details, Own, PlanId, Revision, RevisionId, Stored},
    };

    fn plan(kind: PlanKind, entity: u64, number: &str, title: &str, place: &[&str]) -> Plan {
        let stored = Stored {
            file: StoredFile {
                sha256: format!("{entity:064x}"),
                size: 1,
                content_type: "application/pdf".to_owned(),
            },
            thumbnail: None,
            stamp: String::new(),
        };
        let revision = Revision {
            number: "2".to_owned(),
            set: None,
            issued: None,
            received: None,
            file_name: "whatever.pdf".to_owned(),
            copy: Copy::Stored(stored),
            run: None,
            version: 1,
        };
        Plan {
            id: PlanId {
                project: ProjectId::new(20001).unwrap(),
                kind,
                entity,
            },
            details: Details {
                number: number.to_owned(),
                title: title.to_owned(),
                place: place.iter().map(|&folder| folder.to_owned()).collect(),
                discipline: None,
                obsolete: false,
                current: None,
            },
            revisions: BTreeMap::from([(RevisionId(1), revision)]),
            missing_since: None,
            gone_since: None,
            seen_at: None,
            own: Own::default(),
            version: 1,
        }
    }

    #[test]
    fn plans_lie_in_folders_under_their_names() {
        let mut sheet = plan(PlanKind::Drawing, 1, "S-101", "Level 1: framing", &["Tower"]);
        sheet.details.discipline = Some("Structural".to_owned());
        let section = plan(
            PlanKind::Specification,
            2,
            "03 30 00",
            "Cast-in-Place Concrete",
            &["03 Concrete"],
        );
        let file = plan(
            PlanKind::Document,
            3,
            "",
            "Survey.v2.docx",
            &["03 Reports", "../Survey"],
        );
        let twin = plan(
            PlanKind::Document,
            4,
            "",
            "survey.v2.docx",
            &["03 Reports", "../Survey"],
        );
        let mut obsolete = plan(PlanKind::Drawing, 5, "A-1", "Old", &[]);
        obsolete.details.obsolete = true;
        let mut gone = plan(PlanKind::Drawing, 6, "A-2", "Gone", &[]);
        gone.gone_since = Some(Timestamp::UNIX_EPOCH);
        let paths: Vec<_> = contents(&[file, sheet, twin, section, obsolete, gone])
            .into_iter()
            .map(|entry| entry.path)
            .collect();
        assert_eq!(
            paths,
            [
                "Drawings/Tower/Structural/S-101 Level 1- framing (revision 2).pdf",
                "Specifications/03 Concrete/03 30 00 Cast-in-Place Concrete (revision 2).pdf",
                "Documents/03 Reports/Survey/Survey.v2.docx",
                "Documents/03 Reports/Survey/survey.v2 (2).docx",
            ]
        );
    }

    #[test]
    fn another_content_has_another_fingerprint_and_the_order_does_not_matter() {
        let (one, other) = (
            plan(PlanKind::Document, 1, "", "a", &[]),
            plan(PlanKind::Document, 2, "", "b", &[]),
        );
        let print = |plans: &[Plan]| fingerprint(&contents(plans));
        assert_eq!(
            print(&[one.clone(), other.clone()]),
            print(&[other.clone(), one.clone()])
        );
        assert_ne!(print(&[one.clone(), other]), print(&[one]));
    }

    proptest! {
        #[test]
        fn no_path_leads_out_of_the_archive_and_no_two_are_the_same(
            names in proptest::collection::vec((".{0,12}", proptest::collection::vec("(\\.\\.|/|\\\\|\\PC){0,6}", 0..3)), 0..6),
        ) {
            let plans: Vec<Plan> = (1..).zip(&names).map(|(entity, (title, place))| {
                let place: Vec<&str> = place.iter().map(String::as_str).collect();
                plan(PlanKind::Document, entity, "", title, &place)
            }).collect();
            let entries = contents(&plans);
            prop_assert_eq!(entries.len(), plans.len());
            let mut seen = HashSet::new();
            for entry in &entries {
                prop_assert!(entry.path.split('/').all(|part| !part.is_empty() && part != "." && part != ".."), "{}", entry.path);
                prop_assert!(!entry.path.contains(['\\', '\0', '\n']));
                prop_assert!(seen.insert(entry.path.to_lowercase()));
            }
        }
    }
}
