//! Site Diary entries: working hours (Procore's manpower logs) and notes (notes logs).

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{
    Decimal, Prepared, StaysHere, Unreadable,
    attachment::{self, Attachment, Missing},
    is_older,
};
use crate::{
    ids::{ItemId, LocationId, UserId},
    marker::{self, Reference},
    names,
    people::Project,
    text,
};

/// What working hours and notes have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id. Unique within its tool only.
    pub id: ItemId,
    /// The day that it is about.
    pub date: Option<Date>,
    /// What its author wrote.
    pub comment: String,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Its author's name.
    pub author: Option<String>,
    /// Its author.
    pub author_id: Option<UserId>,
    /// Whether it has been deleted.
    pub deleted: bool,
    /// Whether it waits for approval in its project.
    pub pending: bool,
    /// The location's path.
    pub location: Option<String>,
    /// What is attached.
    pub attachments: Vec<Attachment>,
    /// What else Procore names, and the other project may not have: the company, people, trade and cost code, each with
    /// its kind.
    pub named: Vec<(&'static str, String)>,
    /// Fields that cannot be read.
    pub unreadable: Vec<Unreadable>,
}

/// How many worked, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingHours {
    /// The entry.
    pub entry: Entry,
    /// How many people.
    pub workers: Option<u64>,
    /// Hours each of them worked. Procore writes them as text.
    pub hours: Option<Decimal>,
}

/// A note of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The entry.
    pub entry: Entry,
    /// Whether the note marks the day as one with an issue.
    pub is_issue_day: bool,
}

/// What is created on the other side: the `manpower_log` of Procore's `POST …/manpower_logs`. Files are added afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkingHoursCopy {
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_workers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_hours: Option<Decimal>,
    notes: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<LocationId>,
}

/// What is created on the other side: the `notes_log` of Procore's `POST …/notes_logs`. Files are added afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteCopy {
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<Date>,
    is_issue_day: bool,
    comment: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<LocationId>,
}

impl Entry {
    /// Whether the entry is sent without anybody picking it, over a connection that exists since `connected_since`.
    pub(super) fn travels_by_itself(&self, connected_since: Timestamp) -> Result<(), StaysHere> {
        if self.deleted {
            Err(StaysHere::Deleted)
        } else if self.pending {
            Err(StaysHere::Pending)
        } else if is_older(self.created_at, connected_since) {
            Err(StaysHere::OlderThanConnection)
        } else {
            Ok(())
        }
    }

    /// What its author wrote, then what the other project has no place for, then the marker. Plain text, as Procore's
    /// Site Diary takes it.
    fn text(&self, from: &Project, reference: &Reference, ready: &Prepared) -> String {
        let mut lines = Vec::new();
        if !self.comment.trim().is_empty() {
            lines.push(self.comment.trim_end().to_owned());
        }
        let location = self.location.clone().filter(|_| ready.location.is_none());
        for (name, value) in &self.named {
            lines.push(format!("{name}: {}", text::one_line(value, 2_000)));
        }
        lines.extend(location.map(|location| ready.place_line("Location", &text::one_line(&location, 2_000))));
        lines.extend(self.unreadable.iter().map(ToString::to_string));
        lines.extend(attachment::lines(&ready.missing));
        let what = self
            .author
            .as_ref()
            .map_or_else(String::new, |author| format!("by {}", names::shown(author)));
        lines.push(text::one_line(&marker::line(from, &what, reference), 2_000));
        lines.join("\n")
    }
}

impl Entry {
    /// The comment with what it does not yet say of files that stay behind. None where it says all of it. `self` is the copy.
    pub(super) fn with_untold(&self, missing: &[Missing]) -> Option<String> {
        let untold: Vec<String> = attachment::lines(missing)
            .filter(|line| !self.comment.contains(line.as_str()))
            .collect();
        if untold.is_empty() {
            return None;
        }
        let told = Some(self.comment.trim_end()).filter(|told| !told.is_empty());
        let lines = told.into_iter().chain(untold.iter().map(String::as_str));
        Some(lines.collect::<Vec<_>>().join("\n"))
    }
}

impl WorkingHours {
    /// The entry as it is created on the other side.
    pub(super) fn copy(&self, from: &Project, reference: &Reference, ready: &Prepared) -> WorkingHoursCopy {
        WorkingHoursCopy {
            date: self.entry.date,
            num_workers: self.workers,
            num_hours: self.hours.clone(),
            notes: self.entry.text(from, reference, ready),
            location_id: ready.location,
        }
    }
}

impl Note {
    /// The note as it is created on the other side.
    pub(super) fn copy(&self, from: &Project, reference: &Reference, ready: &Prepared) -> NoteCopy {
        NoteCopy {
            date: self.entry.date,
            is_issue_day: self.is_issue_day,
            comment: self.entry.text(from, reference, ready),
            location_id: ready.location,
        }
    }
}

impl WorkingHoursCopy {
    /// The names of the fields that were sent and that the copy, as its project shows it, does not have.
    pub(super) fn not_shown_in(&self, arrived: &WorkingHours) -> Vec<&'static str> {
        let hours = self.num_hours.as_ref().is_none_or(|sent| {
            let shown = arrived.hours.as_ref();
            shown.is_some_and(|shown| shown.equals(sent))
        });
        let of_hours = [
            (
                "Workers",
                self.num_workers.is_none() || self.num_workers == arrived.workers,
            ),
            ("Hours", hours),
        ];
        let of_entry = arrived.entry.shows(self.date, self.location_id);
        not_there(of_hours.into_iter().chain(of_entry))
    }
}

impl NoteCopy {
    /// The names of the fields that were sent and that the copy, as its project shows it, does not have.
    pub(super) fn not_shown_in(&self, arrived: &Note) -> Vec<&'static str> {
        let of_note = [("Issue day", !self.is_issue_day || arrived.is_issue_day)];
        let of_entry = arrived.entry.shows(self.date, self.location_id);
        not_there(of_note.into_iter().chain(of_entry))
    }
}

impl Entry {
    fn shows(&self, date: Option<Date>, location: Option<LocationId>) -> [(&'static str, bool); 3] {
        [
            ("Day", date.is_none() || date == self.date),
            // What is sent has a marker at least.
            ("Comment", !self.comment.trim().is_empty()),
            ("Location", location.is_none() || self.location.is_some()),
        ]
    }
}

fn not_there(fields: impl Iterator<Item = (&'static str, bool)>) -> Vec<&'static str> {
    fields
        .filter_map(|(field, is_there)| (!is_there).then_some(field))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        ids::{CompanyId, ProjectId},
        items::attachment::{FileName, SkipReason, UploadId},
        send::Tool,
    };

    fn entry() -> Entry {
        Entry {
            id: ItemId::new(601).unwrap(),
            date: Some(Date::constant(2026, 11, 22)),
            comment: "Poured the slab.\nNo incidents.".to_owned(),
            created_at: Some(Timestamp::from_second(100).unwrap()),
            author: Some("Sam Ortiz".to_owned()),
            author_id: UserId::new(104),
            deleted: false,
            pending: false,
            location: Some("Level 2 > Lobby".to_owned()),
            attachments: vec![Attachment {
                name: "slab.jpg".to_owned(),
                address: None,
                is_picture: false,
            }],
            named: vec![("Company", "Volt Ltd".to_owned())],
            unreadable: vec![Unreadable::new("Hours", None)],
        }
    }

    /// One attachment came along, one did not.
    fn ready() -> Prepared {
        Prepared {
            uploads: vec![UploadId::new("a5b2c".to_owned())],
            missing: vec![Missing {
                name: FileName::nearest("slab.jpg"),
                why: SkipReason::Gone,
            }],
            ..Prepared::default()
        }
    }

    fn from() -> Project {
        Project {
            id: ProjectId::new(30001).unwrap(),
            name: "Pier 9 Electrical".to_owned(),
            company_id: CompanyId::new(1002).unwrap(),
            company_name: "Southside".to_owned(),
        }
    }

    fn reference(tool: Tool) -> Reference {
        Reference::of(from().id, ProjectId::new(20001).unwrap(), tool, entry().id, 0)
    }

    #[test]
    fn a_copy_keeps_day_numbers_and_comment_and_the_rest_as_text() {
        let hours = WorkingHours {
            entry: entry(),
            workers: Some(4),
            hours: Some("7.5".parse().unwrap()),
        };
        insta::assert_json_snapshot!(
            "working_hours",
            hours.copy(&from(), &reference(Tool::WorkingHours), &ready())
        );
        let note = Note {
            entry: entry(),
            is_issue_day: true,
        };
        insta::assert_json_snapshot!("note", note.copy(&from(), &reference(Tool::Notes), &ready()));
        let there = Prepared {
            location: LocationId::new(41),
            ..Prepared::default()
        };
        let copy = note.copy(&from(), &reference(Tool::Notes), &there);
        assert!(
            copy.location_id == there.location && !copy.comment.contains("Lobby"),
            "{copy:?}"
        );
    }

    #[test]
    fn what_stays_behind_is_said_once_below_what_is_there() {
        let missing = ready().missing;
        let copy = Entry {
            comment: "Slab\nSent from Pier 9\n".to_owned(),
            ..entry()
        };
        let amended = copy.with_untold(&missing).unwrap();
        assert_eq!(
            amended,
            "Slab\nSent from Pier 9\nslab.jpg did not come along: it is not in the source project any more"
        );
        let amended = Entry {
            comment: amended,
            ..entry()
        };
        assert_eq!(amended.with_untold(&missing), None);
        assert_eq!(copy.with_untold(&[]), None);
    }

    #[test]
    fn what_waits_for_approval_is_not_sent_before() {
        let pending = Entry {
            pending: true,
            ..entry()
        };
        assert_eq!(pending.travels_by_itself(Timestamp::MIN), Err(StaysHere::Pending));
        assert_eq!(entry().travels_by_itself(Timestamp::MIN), Ok(()));
    }

    #[test]
    fn what_a_copy_does_not_show_is_named() {
        let hours = WorkingHours {
            entry: entry(),
            workers: Some(4),
            hours: Some("7.5".parse().unwrap()),
        };
        let copy = hours.copy(&from(), &reference(Tool::WorkingHours), &Prepared::default());
        assert_eq!(copy.not_shown_in(&hours), Vec::<&str>::new());
        let zero = WorkingHours {
            workers: None,
            hours: Some("7".parse().unwrap()),
            entry: Entry { date: None, ..entry() },
        };
        assert_eq!(copy.not_shown_in(&zero), ["Workers", "Hours", "Day"]);
    }

    proptest! {
        #[test]
        fn a_copy_of_anything_carries_its_reference(comment: String, author: String, location: String, file: String, said: String) {
            let source = Entry { comment, author: Some(author), location: Some(location), ..entry() };
            let missing = vec![Missing { name: FileName::nearest(&file), why: SkipReason::Refused { said } }];
            let ready = Prepared { missing, ..Prepared::default() };
            let copy = Note { entry: source, is_issue_day: false }.copy(&from(), &reference(Tool::Notes), &ready);
            let arrived = Entry { comment: copy.comment, ..entry() };
            prop_assert_eq!(marker::find(&arrived.comment), Some(reference(Tool::Notes)));
        }
    }
}
