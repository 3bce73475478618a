//! The demo data's plans: three projects with 60 sheets, a specification book and documents each. Ids, dates, sizes and
//! digests are the same at every start; only the due dates move, so that a bid calendar has something to show.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::super::{Id, World, today};
use super::document::NewVersion;
use super::{drawing, specification, usual_size};

/// Below the ids that are given out later, above the projects' own.
const FIRST_ID: Id = 600_000;

/// A set's name, and the day it was issued.
type Issue = (&'static str, (i16, i8, i8));

const ISSUES: [Issue; 3] = [
    ("Bid Set", (2026, 3, 2)),
    ("Addendum 1", (2026, 4, 13)),
    ("Addendum 2", (2026, 5, 18)),
];

/// An area's name, and its sheets' numbers and titles.
type Area = (&'static str, &'static [(&'static str, &'static str)]);

const TOWER: [Area; 2] = [
    (
        "Tower",
        &[
            ("G-001", "Cover sheet and drawing index"),
            ("G-002", "Code summary and life safety"),
            ("C-101", "Site plan"),
            ("C-201", "Grading and drainage"),
            ("S-001", "General structural notes"),
            ("S-101", "Foundation plan"),
            ("S-102", "Level 1 framing plan"),
            ("S-103", "Level 2 framing plan"),
            ("S-301", "Structural details"),
            ("A-101", "Level 1 floor plan"),
            ("A-102", "Level 2 floor plan"),
            ("A-103", "Roof plan"),
            ("A-201", "Exterior elevations"),
            ("A-301", "Building sections"),
            ("A-310", "Stair sections"),
            ("A-601", "Door and window schedules"),
            ("M-101", "Level 1 mechanical plan"),
            ("M-102", "Level 2 mechanical plan"),
            ("P-101", "Level 1 plumbing plan"),
            ("E-101", "Level 1 power plan"),
            ("E-201", "Level 2 power plan"),
            ("FP-101", "Fire sprinkler plan"),
        ],
    ),
    (
        "Pier",
        &[
            ("C-301", "Pier deck plan"),
            ("S-401", "Pile plan"),
            ("S-402", "Pile caps and deck details"),
            ("A-401", "Pier pavilion plan"),
            ("E-401", "Pier lighting plan"),
            ("L-401", "Planting plan"),
        ],
    ),
];

const LIBRARY: [Area; 1] = [(
    "Library",
    &[
        ("G-001", "Cover sheet"),
        ("A-011", "Demolition plan, main level"),
        ("A-012", "Demolition plan, upper level"),
        ("A-101", "Main level floor plan"),
        ("A-102", "Upper level floor plan"),
        ("A-121", "Reflected ceiling plan, main level"),
        ("A-122", "Reflected ceiling plan, upper level"),
        ("A-201", "Interior elevations, reading room"),
        ("A-501", "Millwork details"),
        ("A-601", "Finish schedule"),
        ("S-101", "Roof reinforcement plan"),
        ("S-501", "Reinforcement details"),
        ("M-101", "Mechanical plan, main level"),
        ("M-601", "Air handling schedules"),
        ("P-101", "Plumbing plan"),
        ("E-101", "Lighting plan, main level"),
        ("E-102", "Lighting plan, upper level"),
        ("FP-101", "Fire alarm plan"),
    ],
)];

const ELECTRICAL: [Area; 2] = [
    (
        "Tower",
        &[
            ("E-001", "Symbols, notes and one-line diagram"),
            ("E-101", "Level 1 power plan"),
            ("E-102", "Level 1 lighting plan"),
            ("E-201", "Level 2 power plan"),
            ("E-202", "Level 2 lighting plan"),
            ("E-301", "Roof power plan"),
            ("E-501", "Grounding details"),
            ("E-601", "Panelboard schedules"),
            ("E-602", "Lighting fixture schedule"),
            ("E-701", "Fire alarm riser"),
        ],
    ),
    (
        "Pier",
        &[
            ("E-801", "Pier power plan"),
            ("E-802", "Pier lighting plan"),
            ("E-811", "Shore power pedestals"),
            ("E-821", "Pier feeder details"),
        ],
    ),
];

const PROJECTS: [(Id, Id, &[Area]); 3] = [(20001, 101, &TOWER), (20002, 101, &LIBRARY), (30001, 104, &ELECTRICAL)];

/// The book's sections, besides those that every demo project has.
const SECTIONS: [(&str, &str); 6] = [
    ("00 11 16", "Invitation to Bid"),
    ("01 10 00", "Summary"),
    ("07 92 00", "Joint Sealants"),
    ("08 11 13", "Hollow Metal Doors and Frames"),
    ("09 91 23", "Interior Painting"),
    ("26 51 00", "Interior Lighting"),
];

/// A folder's path, and its files with how many versions each has.
type Files = (&'static [&'static str], &'static [(&'static str, usize)]);

const DOCUMENTS: [Files; 5] = [
    (
        &["01 Contract"],
        &[("Owner agreement.pdf", 2), ("Bonds and insurance.pdf", 1)],
    ),
    (
        &["02 Bid Documents"],
        &[("Instructions to bidders.pdf", 1), ("Bid form.pdf", 2)],
    ),
    (
        &["02 Bid Documents", "Addenda"],
        &[("Addendum 1.pdf", 1), ("Addendum 2.pdf", 1)],
    ),
    (&["03 Reports", "Geotechnical"], &[("Geotechnical report.pdf", 3)]),
    (
        &["03 Reports"],
        &[("Hazardous materials survey.pdf", 1), ("Traffic study.pdf", 1)],
    ),
];
/// The folder that only admins see.
const PRIVATE: &str = "01 Contract";

/// Bid packages, and in how many days bids are due.
const BID_PACKAGES: [(&str, Option<i32>); 4] = [
    ("Concrete", Some(14)),
    ("Structural steel", Some(28)),
    ("Electrical", Some(35)),
    ("Interior finishes", None),
];

pub(super) fn fill(world: &mut World) {
    world.numbering_from(FIRST_ID, |world| {
        for (index, (project_id, author, areas)) in (0..).zip(PROJECTS) {
            draw(world, project_id, areas);
            specify(world, project_id);
            file(world, project_id, author);
            for (title, days) in BID_PACKAGES {
                world.add_bid_package(project_id, title, days.and_then(|days| due(days + index * 7)));
            }
        }
    });
}

/// An issue's day, and noon of it.
fn issued((year, month, day): (i16, i8, i8)) -> (Date, Timestamp) {
    let date = Date::new(year, month, day).unwrap_or_default();
    let noon = date.at(12, 0, 0, 0).to_zoned(TimeZone::UTC);
    (date, noon.map(|noon| noon.timestamp()).unwrap_or_default())
}

/// The end of work, that many days from today.
fn due(days: i32) -> Option<Timestamp> {
    let day = today().checked_add(days.days()).ok()?;
    Some(day.at(17, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Every third sheet was revised with the first addendum, every fifth with the second. The last sheet is obsolete.
fn draw(world: &mut World, project_id: Id, areas: &[Area]) {
    let sheets: Vec<_> = areas
        .iter()
        .flat_map(|(area, sheets)| sheets.iter().map(move |sheet| (*area, *sheet)))
        .collect();
    for (round, (set, day)) in ISSUES.into_iter().enumerate() {
        let (date, at) = issued(day);
        let revised = |index: usize| match round {
            0 => true,
            1 => index % 3 == 1,
            _ => index % 5 == 1,
        };
        for (_, (area, (number, title))) in sheets.iter().enumerate().filter(|(index, _)| revised(*index)) {
            let new = drawing::NewRevision {
                number: (*number).to_owned(),
                title: Some((*title).to_owned()),
                area: Some((*area).to_owned()),
                set: Some(set.to_owned()),
                drawing_date: Some(date),
                ..drawing::NewRevision::default()
            };
            // Revisions number themselves here, so that none can be taken.
            let _ = world.add_drawing_revision(project_id, new, None, at);
        }
    }
    if let Some(last) = world
        .plans
        .drawings
        .values_mut()
        .rfind(|drawing| drawing.project_id == project_id)
    {
        last.obsolete = true;
    }
}

/// All sections are in the first issue; concrete and painting were revised since.
fn specify(world: &mut World, project_id: Id) {
    let known = world
        .projects
        .get(&project_id)
        .map(|project| &project.specification_sections);
    let known: Vec<(String, String)> = known
        .into_iter()
        .flat_map(|sections| sections.values())
        .map(|section| (section.number.clone(), section.description.clone()))
        .collect();
    let more = SECTIONS.map(|(number, description)| (number.to_owned(), description.to_owned()));
    let mut sections: Vec<_> = known.into_iter().chain(more).collect();
    sections.sort();
    for (round, (_, day)) in ISSUES.into_iter().enumerate() {
        let (date, at) = issued(day);
        for (number, description) in &sections {
            if round == 0 || (number.starts_with("03") || (round == 1 && number.starts_with("09"))) {
                let new = specification::NewRevision {
                    number: number.clone(),
                    description: Some(description.clone()),
                    revision: None,
                    issued_date: Some(date),
                    size: usual_size(&[number, description, &round.to_string()]),
                };
                let _ = world.add_specification_revision(project_id, new, None, at);
            }
        }
    }
}

fn file(world: &mut World, project_id: Id, author: Id) {
    for (path, files) in DOCUMENTS {
        for (name, versions) in files {
            for (issue, day) in ISSUES.into_iter().take(*versions) {
                let new = NewVersion {
                    name: (*name).to_owned(),
                    path: path.iter().map(|&name| name.to_owned()).collect(),
                    notes: Some(format!("As of {issue}")),
                    description: None,
                    size: usual_size(&[name, issue]),
                };
                world.add_version(author, project_id, new, None, issued(day).1);
            }
        }
    }
    let folders = world.plans.folders.values_mut();
    for folder in folders.filter(|folder| folder.project_id == project_id) {
        folder.private = folder.name == PRIVATE;
        folder.updated_at = issued(ISSUES[0].1).1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_data_has_sixty_sheets_with_former_revisions() {
        let world = World::demo(1_000_000);
        assert_eq!(world.plans.drawings.len(), 60);
        let revisions = world.plans.drawing_revisions.len();
        assert!((80..120).contains(&revisions), "{revisions}");
        assert_eq!(
            world.plans.drawings.values().filter(|drawing| drawing.obsolete).count(),
            3
        );
    }

    #[test]
    fn plans_are_numbered_alike_at_every_start() {
        let (one, other) = (World::demo(1_000_000), World::demo(2_000_000));
        let ids = |world: &World| world.plans.drawing_revisions.keys().copied().collect::<Vec<_>>();
        assert_eq!(ids(&one), ids(&other));
        let highest = one.files.keys().next_back().copied();
        assert!(
            highest.is_some_and(|id| (FIRST_ID..1_000_000).contains(&id)),
            "{highest:?}"
        );
    }
}
