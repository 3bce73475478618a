//! The demo data. Its ids are fixed: scripts and the README rely on them.

use serde_json::json;

use super::{Actor, Application, DailyLogKind, Id, Level, Location, Member, Person, Plans, World, now};
use crate::oauth::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET};

const GINA: Id = 101;
const OMAR: Id = 102;
const RITA: Id = 103;
const SAM: Id = 104;
const DANA: Id = 105;
const NORA: Id = 106;

const PEOPLE: [(Id, &str, &str, &str); 6] = [
    (
        GINA,
        "gina.admin@harbour.example",
        "Gina Castellano",
        "Project Executive",
    ),
    (OMAR, "omar.manager@harbour.example", "Omar Haddad", "Project Manager"),
    (
        RITA,
        "rita.reader@harbour.example",
        "Rita Lindqvist",
        "Owner's Representative",
    ),
    (
        SAM,
        "sam.admin@southside.example",
        "Sam Okafor",
        "Electrical Superintendent",
    ),
    (DANA, "dana.admin@delta.example", "Dana Novak", "Concrete Foreman"),
    (NORA, "nora.admin@noapp.example", "Nora Whitfield", "Office Manager"),
];

/// A company's id and name, its admin, and its projects.
type DemoCompany = (Id, &'static str, Id, &'static [(Id, &'static str)]);

const COMPANIES: [DemoCompany; 4] = [
    (
        1001,
        "Harbour General Contractors",
        GINA,
        &[(20001, "Pier 9 Tower"), (20002, "Library Retrofit")],
    ),
    (1002, "Southside Electrical", SAM, &[(30001, "Pier 9 Electrical")]),
    (1003, "Delta Concrete", DANA, &[(40001, "Pier 9 Structure")]),
    (1004, "No App Ltd", NORA, &[(50001, "Warehouse Fit-out")]),
];

const SECTIONS: [(&str, &str); 4] = [
    ("03 30 00", "Cast-in-Place Concrete"),
    ("05 12 00", "Structural Steel Framing"),
    ("26 05 19", "Low-Voltage Electrical Power Conductors and Cables"),
    ("26 24 16", "Panelboards"),
];

const VENDORS: [&str; 3] = ["Southside Electrical", "Delta Concrete", "Whitmore Architects"];

/// Locations by their number in the project, with their parent's.
const LOCATIONS: [(Id, Option<Id>, &str); 6] = [
    (1, None, "Tower"),
    (2, Some(1), "Level 1"),
    (3, Some(1), "Level 2"),
    (4, Some(3), "Room 204"),
    (5, None, "Basement"),
    (6, None, "Roof"),
];

const RFIS: [(&str, &str, &str); 2] = [
    (
        "Conduit clashes with beam B-12",
        "<p>The 100&nbsp;mm conduit on <strong>E-201</strong> runs through beam B-12 at grid C4.</p>\
         <ul><li>May we core the beam?</li><li>Or re-route below the slab?</li></ul>",
        "E-201",
    ),
    (
        "Slab edge height at the east stair",
        "<p>A-310 shows the slab edge at <em>+12.450</em>, S-104 at <em>+12.400</em>. Which governs?</p>",
        "A-310 / S-104",
    ),
];

pub(super) fn fill(world: &mut World) {
    let application = Application {
        client_id: DEMO_CLIENT_ID.to_owned(),
        client_secret: DEMO_CLIENT_SECRET.to_owned(),
        name: "Gusset".to_owned(),
    };
    world.applications.insert(application.client_id.clone(), application);
    for (id, login, name, title) in PEOPLE {
        world.people.insert(id, Person::new(id, login, name).titled(title));
    }
    for (company_id, name, admin, projects) in COMPANIES {
        world.add_company(company_id, name);
        world.add_company_member(company_id, admin, Member::of(Level::Admin));
        for &(project_id, name) in projects {
            world.add_project(project_id, company_id, name);
            furnish(world, project_id);
            world.add_member(project_id, admin, Member::of(Level::Admin).making_webhooks());
        }
    }
    for person_id in [OMAR, RITA] {
        world.add_company_member(1001, person_id, Member::of(Level::ReadOnly));
    }
    for project_id in [20001, 20002] {
        world.add_member(
            project_id,
            OMAR,
            Member::of(Level::Standard)
                .managing_rfis()
                .of_vendor(project_id * 10 + 3),
        );
        world.add_member(project_id, RITA, Member::of(Level::ReadOnly));
    }
    for company_id in [1001, 1002, 1003] {
        let permitted = world.projects_of(company_id).map(|project| project.id).collect();
        world.install(company_id, DEMO_CLIENT_ID, permitted);
    }
    for (_, _, admin, projects) in COMPANIES {
        for &(project_id, _) in projects {
            write_entries(world, project_id, admin);
        }
    }
    Plans::fill_demo(world);
    // What was there from the start is no news.
    world.webhooks.forget_events();
}

/// Locations, vendors and specification sections, with ids that begin with the project's.
fn furnish(world: &mut World, project_id: Id) {
    let base = project_id * 10;
    if let Some(project) = world.projects.get_mut(&project_id) {
        for (number, parent, name) in LOCATIONS {
            let (id, parent_id) = (base + number, parent.map(|parent| base + parent));
            let location = Location {
                id,
                node_name: name.to_owned(),
                parent_id,
                created_at: now(),
            };
            project.locations.insert(id, location);
        }
    }
    for (number, name) in (1..).zip(VENDORS) {
        world.add_vendor(project_id, base + number, name);
    }
    for (number, (section, description)) in (1..).zip(SECTIONS) {
        world.add_section(project_id, base + number, section, description);
    }
}

fn write_entries(world: &mut World, project_id: Id, admin: Id) {
    let actor = Actor::by_hand(admin);
    for (subject, body, reference) in RFIS {
        let rfi = json!({
            "subject": subject, "reference": reference, "rfi_manager_id": admin,
            "location_id": project_id * 10 + 3, "specification_section_id": project_id * 10 + 1,
            "question": {"body": body},
        });
        // The demo data breaks no rule; were it ever to, a test below says so.
        let _ = world.create_rfi(&actor, project_id, &rfi, Vec::new());
    }
    let hours = json!({"num_workers": 6, "num_hours": "8.0", "notes": "Formwork, level 2"});
    let _ = world.create_daily_log(&actor, project_id, DailyLogKind::Manpower, &hours, Vec::new());
    let note = json!({"comment": "Crane inspected, no findings."});
    let _ = world.create_daily_log(&actor, project_id, DailyLogKind::Notes, &note, Vec::new());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_demo_project_has_rfis_and_a_site_diary() {
        let world = World::demo(1_000_000);
        for project_id in [20001, 20002, 30001, 40001, 50001] {
            assert_eq!(
                world.rfis.values().filter(|rfi| rfi.project_id == project_id).count(),
                2
            );
            assert_eq!(
                world
                    .daily_logs
                    .values()
                    .filter(|log| log.project_id == project_id)
                    .count(),
                2
            );
        }
    }
}
