//! What a refusal of Procore means for a delivery, and who can end it.
//!
//! Whatever a person of either side can end is *held*, never *failed*: one email goes to the side that can, the reason says
//! what to do and where to click in Procore, and the item goes on by itself when it is done. Procore's own words are passed on,
//! and decide nothing: what is refused, and why, is asked of Procore as facts.

use gusset_words::say;
use jiff::civil::Date;

use super::{Job, WaitsFor};
use crate::{connection::Connection, names::shown, people::Project, send::Tool};

/// What was asked of Procore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To show the item in its project.
    Read,
    /// To create, or look for, its copy in the other project.
    Create,
}

/// Why Procore refused it, as far as that could be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The app is not installed in the company, or not permitted for the project: the project cannot be seen at all.
    NoAccess,
    /// The project can be seen, but the tool is closed to us: our level in it is too low, or it is switched off.
    NoPermission,
    /// The item is not there, or may not be seen.
    NotThere,
    /// The Connected RFI Manager may not be the manager of an RFI in the project.
    NotAManager,
    /// The day of the Site Diary is marked complete.
    DayIsClosed(Option<Date>),
    /// It is refused as it is.
    AsItIs,
}

/// What it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It waits for a person: for what, and in words.
    Held(WaitsFor, String),
    /// It will not work by itself: why, in words.
    Failed(String),
}

/// Decides what a refusal comes to. `said`: Procore's own words, or none.
#[must_use]
pub fn refused(step: Step, refused: Refused, said: &str, job: &Job, connection: &Connection) -> Verdict {
    let [source, target] = [job.to.other(), job.to].map(|side| &connection.party(side).project);
    let project = match step {
        Step::Read => source,
        Step::Create => target,
    };
    let at = |from, to| if step == Step::Read { from } else { to };
    match refused {
        Refused::NoAccess => Verdict::Held(
            at(WaitsFor::AccessToSource, WaitsFor::AccessToTarget),
            no_access(project, said),
        ),
        Refused::NoPermission => Verdict::Held(
            at(WaitsFor::PermissionInSource, WaitsFor::PermissionInTarget),
            no_permission(step, job.tool, project, said),
        ),
        Refused::NotThere if step == Step::Create => Verdict::Held(WaitsFor::AccessToTarget, no_access(project, said)),
        Refused::NotThere => Verdict::Failed(say!("reason-not-there", project = shown(&project.name))),
        Refused::NotAManager => {
            let manager = connection.party(job.to).rfi_manager();
            let name = manager.map_or_else(
                || say!("reason-manager-role-somebody").to_owned(),
                |manager| shown(&manager.person.name),
            );
            Verdict::Held(
                WaitsFor::ManagerRole,
                say!("reason-manager-role", name = name, project = shown(&target.name)),
            )
        }
        Refused::DayIsClosed(day) => {
            let day = day.map_or_else(
                || say!("reason-open-day-some").to_owned(),
                |day| day.strftime("%-d %B %Y").to_string(),
            );
            Verdict::Held(
                WaitsFor::OpenDay,
                say!("reason-open-day", project = shown(&target.name), day = day),
            )
        }
        Refused::AsItIs => {
            let project = shown(&target.name);
            Verdict::Failed(match job.tool {
                Tool::Rfis => say!("reason-rejected-rfi", project = project, said = said),
                Tool::WorkingHours => say!("reason-rejected-working-hours", project = project, said = said),
                Tool::Notes => say!("reason-rejected-note", project = project, said = said),
            })
        }
    }
}

fn no_access(project: &Project, said: &str) -> String {
    let (name, company) = (shown(&project.name), shown(&project.company_name));
    quoted(say!("reason-no-access", project = name, company = company), said)
}

fn no_permission(step: Step, tool: Tool, project: &Project, said: &str) -> String {
    // As Procore calls them.
    let level = match step {
        Step::Read => "Read Only",
        Step::Create => "Admin",
    };
    let tool = match tool {
        Tool::Rfis => "RFIs",
        Tool::WorkingHours | Tool::Notes => "Daily Log",
    };
    let name = shown(&project.name);
    quoted(
        say!("reason-no-permission", level = level, tool = tool, project = name),
        said,
    )
}

/// A reason with Procore's own words, where it has any.
fn quoted(reason: String, said: &str) -> String {
    if said.is_empty() {
        reason
    } else {
        say!("reason-quoted", reason = reason, said = said)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        connection::{Side, Terms},
        ids::{CompanyId, ConnectionId, ItemId, ProjectId, UserId},
        people::{Actor, Person},
    };

    fn connection() -> Connection {
        let project = |id, name: &str, company: &str| Project {
            id: ProjectId::new(id).unwrap(),
            name: name.to_owned(),
            company_id: CompanyId::new(id / 10).unwrap(),
            company_name: company.to_owned(),
        };
        let sam = Person {
            id: UserId::new(104).unwrap(),
            name: "Sam Okafor".to_owned(),
        };
        let asked = Actor {
            by: sam,
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        Connection::ask(
            ConnectionId(Uuid::nil()),
            project(30001, "Pier 9 Electrical", "Southside Electrical"),
            project(20001, "Pier 9 Tower", "Harbour Construction"),
            Terms::default(),
            asked,
        )
        .unwrap()
    }

    fn decide(step: Step, why: Refused, said: &str, tool: Tool) -> Verdict {
        let connection = connection();
        let job = Job::over(&connection, Side::Recipient, tool, ItemId::new(501).unwrap());
        refused(step, why, said, &job, &connection)
    }

    #[test]
    fn what_a_person_can_end_is_held_and_names_the_place_to_click() {
        for (step, why, waits_for, needles) in [
            (
                Step::Read,
                Refused::NoAccess,
                WaitsFor::AccessToSource,
                ["Southside Electrical", "App Management", "Pier 9 Electrical"],
            ),
            (
                Step::Create,
                Refused::NoAccess,
                WaitsFor::AccessToTarget,
                ["Harbour Construction", "App Management", "Pier 9 Tower"],
            ),
            (
                Step::Create,
                Refused::NotThere,
                WaitsFor::AccessToTarget,
                ["Harbour Construction", "permitted projects", "Pier 9 Tower"],
            ),
            (
                Step::Read,
                Refused::NoPermission,
                WaitsFor::PermissionInSource,
                ["Read Only on the RFIs tool", "Pier 9 Electrical", "Directory → Gusset"],
            ),
            (
                Step::Create,
                Refused::NoPermission,
                WaitsFor::PermissionInTarget,
                ["Admin on the RFIs tool", "Pier 9 Tower", "Directory → Gusset"],
            ),
            (
                Step::Create,
                Refused::NotAManager,
                WaitsFor::ManagerRole,
                ["Connected RFI Manager", "Pier 9 Tower", "Act as RFI Manager"],
            ),
            (
                Step::Create,
                Refused::DayIsClosed(Some(Date::constant(2026, 11, 24))),
                WaitsFor::OpenDay,
                ["24 November 2026", "Pier 9 Tower", "Reopen"],
            ),
        ] {
            let Verdict::Held(found, words) = decide(step, why, "", Tool::Rfis) else {
                panic!("{step:?} {why:?} is not held");
            };
            assert_eq!(found, waits_for, "{step:?} {why:?}");
            for needle in needles {
                assert!(words.contains(needle), "{needle} is not in: {words}");
            }
            assert!(words.contains("press Retry"), "{words}");
            assert!(!words.contains("Procore says"), "{words}");
        }
    }

    #[test]
    fn the_tool_of_hours_and_notes_is_the_daily_log() {
        for tool in [Tool::WorkingHours, Tool::Notes] {
            let verdict = decide(Step::Create, Refused::NoPermission, "no", tool);
            let Verdict::Held(_, words) = verdict else {
                panic!("{tool} is not held");
            };
            assert!(words.contains("Admin on the Daily Log tool"), "{words}");
            assert!(words.ends_with("Procore says: “no”"), "{words}");
        }
    }

    #[test]
    fn what_nobody_can_end_failed_in_procores_words() {
        let gone = decide(Step::Read, Refused::NotThere, "", Tool::Notes);
        assert!(matches!(gone, Verdict::Failed(words) if words.contains("Pier 9 Electrical")));
        let as_it_is = decide(Step::Create, Refused::AsItIs, "subject is not welcome", Tool::Rfis);
        assert_eq!(
            as_it_is,
            Verdict::Failed("Pier 9 Tower rejected this RFI: “subject is not welcome”".to_owned())
        );
    }
}
