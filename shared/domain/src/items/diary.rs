//! Site Diary entries: working hours (Procore's manpower logs) and notes (notes logs).

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{
    MadeReady, StaysHere,
    attachment::{self, Attachment, UploadId},
    is_older,
};
use crate::{
    ids::{ItemId, LocationId, UserId},
    marker::{self, Reference},
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
    /// The location's path.
    pub location: Option<String>,
    /// What is attached.
    pub attachments: Vec<Attachment>,
}

/// How many worked, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingHours {
    /// The entry.
    pub entry: Entry,
    /// How many people.
    pub workers: Option<u64>,
    /// Hours each of them worked, as Procore writes them, for example `7.5`.
    pub hours: Option<String>,
    /// What else Procore names, and the other project may not have: the company, trade and cost code, each with its
    /// kind.
    pub named: Vec<(&'static str, String)>,
}

/// A note of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The entry.
    pub entry: Entry,
    /// Whether the note marks the day as one with an issue.
    pub is_issue_day: bool,
}

/// What is created on the other side: the `manpower_log` of Procore's `POST …/manpower_logs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkingHoursCopy {
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_workers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_hours: Option<String>,
    notes: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<LocationId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    upload_ids: Vec<UploadId>,
}

/// What is created on the other side: the `notes_log` of Procore's `POST …/notes_logs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteCopy {
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<Date>,
    is_issue_day: bool,
    comment: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<LocationId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    upload_ids: Vec<UploadId>,
}

impl Entry {
    /// Whether the entry is sent without anybody picking it, over a connection that exists since `connected_since`.
    pub(super) fn travels_by_itself(&self, connected_since: Timestamp) -> Result<(), StaysHere> {
        if self.deleted {
            Err(StaysHere::Deleted)
        } else if marker::find(&self.comment).is_some() {
            Err(StaysHere::Copy)
        } else if is_older(self.created_at, connected_since) {
            Err(StaysHere::OlderThanConnection)
        } else {
            Ok(())
        }
    }

    /// What its author wrote, then what the other project has no place for, then the marker. Plain text, as Procore's
    /// Site Diary takes it.
    fn text(&self, from: &Project, named: &[(&str, String)], reference: &Reference, ready: &MadeReady) -> String {
        let mut lines = Vec::new();
        if !self.comment.trim().is_empty() {
            lines.push(self.comment.trim_end().to_owned());
        }
        let location = self.location.clone().filter(|_| ready.location.is_none());
        let location = location.map(|location| ("Location", location));
        for (name, value) in named.iter().cloned().chain(location) {
            lines.push(format!("{name}: {}", text::one_line(&value, 2_000)));
        }
        lines.extend(attachment::lines(&ready.missing));
        let what = self
            .author
            .as_ref()
            .map_or_else(String::new, |author| format!("by {author}"));
        lines.push(text::one_line(&marker::line(from, &what, reference), 2_000));
        lines.join("\n")
    }
}

impl WorkingHours {
    /// The entry as it is created on the other side.
    pub(super) fn copy(&self, from: &Project, reference: &Reference, ready: &MadeReady) -> WorkingHoursCopy {
        WorkingHoursCopy {
            date: self.entry.date,
            num_workers: self.workers,
            num_hours: self.hours.clone(),
            notes: self.entry.text(from, &self.named, reference, ready),
            location_id: ready.location,
            upload_ids: ready.uploads.clone(),
        }
    }
}

impl Note {
    /// The note as it is created on the other side.
    pub(super) fn copy(&self, from: &Project, reference: &Reference, ready: &MadeReady) -> NoteCopy {
        NoteCopy {
            date: self.entry.date,
            is_issue_day: self.is_issue_day,
            comment: self.entry.text(from, &[], reference, ready),
            location_id: ready.location,
            upload_ids: ready.uploads.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        ids::{CompanyId, ProjectId},
        items::attachment::{FileName, Missing, StaysBehind},
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
            location: Some("Level 2 > Lobby".to_owned()),
            attachments: vec![Attachment {
                name: "slab.jpg".to_owned(),
                address: None,
            }],
        }
    }

    /// One attachment came along, one did not.
    fn ready() -> MadeReady {
        MadeReady {
            uploads: vec![UploadId::new("a5b2c".to_owned())],
            missing: vec![Missing {
                name: FileName::nearest("slab.jpg"),
                why: StaysBehind::Gone,
            }],
            ..MadeReady::default()
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
            hours: Some("7.5".to_owned()),
            named: vec![("Company", "Volt Ltd".to_owned())],
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
        let there = MadeReady {
            location: LocationId::new(41),
            ..MadeReady::default()
        };
        let copy = note.copy(&from(), &reference(Tool::Notes), &there);
        assert!(
            copy.location_id == there.location && !copy.comment.contains("Lobby"),
            "{copy:?}"
        );
    }

    proptest! {
        #[test]
        fn a_copy_of_anything_is_known_as_a_copy(comment: String, author: String, location: String, file: String, said: String) {
            let source = Entry { comment, author: Some(author), location: Some(location), ..entry() };
            let missing = vec![Missing { name: FileName::nearest(&file), why: StaysBehind::Refused { said } }];
            let ready = MadeReady { missing, ..MadeReady::default() };
            let copy = Note { entry: source, is_issue_day: false }.copy(&from(), &reference(Tool::Notes), &ready);
            let arrived = Entry { comment: copy.comment, ..entry() };
            prop_assert_eq!(arrived.travels_by_itself(Timestamp::MIN), Err(StaysHere::Copy));
        }
    }
}
