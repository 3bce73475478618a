//! What a copy of an item will carry, for a person who is about to send it.

use super::{Decimal, Entry, Impact, Item, LeftOut, attachment::Attachment};
use crate::text;

/// The longest value that a preview shows, in characters.
const LONGEST_VALUE: usize = 400;

// Whether the other project has them shows only when the item is copied.
const LOCATION: &str = "Location, unless the other project has it too";
const SECTION: &str = "Specification section, unless the other project has it too";

/// What of an item is copied as such, and what is kept as text in the copy because the other project has no place for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// What is copied: each field's name and its value in words.
    pub copied: Vec<(&'static str, String)>,
    /// What is kept as text: each field's name and its value in words.
    pub kept_as_text: Vec<(&'static str, String)>,
    /// What is left out, each with the reason. More may be, once the copy is made: a file that the other project refuses.
    pub left_out: Vec<LeftOut>,
}

impl Preview {
    fn copied(&mut self, name: &'static str, value: Option<String>) {
        Self::put(&mut self.copied, name, value);
    }

    fn kept(&mut self, name: &'static str, value: Option<String>) {
        Self::put(&mut self.kept_as_text, name, value);
    }

    fn put(list: &mut Vec<(&'static str, String)>, name: &'static str, value: Option<String>) {
        let value = value.map(|value| text::one_line(&value, LONGEST_VALUE));
        list.extend(value.filter(|value| !value.is_empty()).map(|value| (name, value)));
    }

    fn entry(&mut self, entry: &Entry) {
        self.copied("Day", entry.date.map(|date| date.to_string()));
        self.copied("Comment", Some(entry.comment.clone()));
        self.attachments(&entry.attachments);
    }

    fn attachments(&mut self, attachments: &[Attachment]) {
        let names: Vec<_> = attachments.iter().map(|attachment| attachment.name.as_str()).collect();
        self.copied("Attachments", Some(names.join(", ")));
    }

    fn kept_of_entry(&mut self, entry: &Entry) {
        for (kind, name) in &entry.named {
            self.kept(kind, Some(name.clone()));
        }
        self.kept("Author", entry.author.clone());
        self.kept(LOCATION, entry.location.clone());
    }
}

impl Item {
    /// What a copy of it will carry.
    #[must_use]
    pub fn preview(&self) -> Preview {
        let mut preview = Preview::default();
        match self {
            Self::Rfi(rfi) => {
                let question = if rfi.question_plain.trim().is_empty() {
                    text::html_to_plain(&rfi.question_rich)
                } else {
                    rfi.question_plain.clone()
                };
                preview.copied("Subject", Some(rfi.named_subject()));
                preview.copied("Question", Some(question));
                preview.copied("Due date", rfi.due_date.map(|date| date.to_string()));
                preview.copied("Reference", rfi.reference.clone());
                let impact = |status: Option<Impact>, value: Option<&Decimal>, unit: &str| {
                    let status = status.map(|status| status.title().to_owned());
                    let value = value.map(|value| format!("{value}{unit}"));
                    let words: Vec<String> = [status, value].into_iter().flatten().collect();
                    Some(words.join(", "))
                };
                let cost = rfi.cost_impact.as_ref();
                let cost = cost.and_then(|cost| impact(cost.status, cost.value.as_ref(), ""));
                preview.copied("Cost impact", cost);
                let schedule = rfi.schedule_impact.as_ref();
                let schedule = schedule.and_then(|it| impact(it.status, it.value.as_ref(), " days"));
                preview.copied("Schedule impact", schedule);
                preview.copied("Drawing number", rfi.drawing_number.clone());
                preview.attachments(&rfi.attachments);
                preview.kept("Number", rfi.number.clone());
                preview.kept("Author", rfi.author.clone());
                preview.kept(LOCATION, rfi.location.clone());
                let section = rfi.specification_section.as_ref();
                preview.kept(
                    SECTION,
                    section.map(|section| format!("{} {}", section.number, section.title)),
                );
                for (kind, name) in &rfi.named {
                    preview.kept(kind, Some(name.clone()));
                }
            }
            Self::WorkingHours(hours) => {
                preview.copied("Workers", hours.workers.map(|workers| workers.to_string()));
                preview.copied("Hours", hours.hours.as_ref().map(ToString::to_string));
                preview.entry(&hours.entry);
                preview.kept_of_entry(&hours.entry);
            }
            Self::Note(note) => {
                preview.copied("Issue day", note.is_issue_day.then(|| "Yes".to_owned()));
                preview.entry(&note.entry);
                preview.kept_of_entry(&note.entry);
            }
        }
        preview.left_out = self.left_behind(&[]);
        preview
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::ItemId,
        items::{Note, Unreadable},
    };

    #[test]
    fn what_is_there_is_shown_in_one_line_each_and_what_is_not_is_left_out() {
        let entry = Entry {
            id: ItemId::new(1).unwrap(),
            date: None,
            comment: "Rain\n\nuntil noon".to_owned(),
            created_at: None,
            author: Some("Sam Okafor".to_owned()),
            author_id: None,
            deleted: false,
            pending: false,
            location: Some("Level 2 > Lobby".to_owned()),
            attachments: Vec::new(),
            named: Vec::new(),
            unreadable: vec![Unreadable::new("Day", Some("soon"))],
        };
        let note = Item::Note(Note {
            entry,
            is_issue_day: false,
        });
        let preview = note.preview();
        assert_eq!(preview.copied, [("Comment", "Rain until noon".to_owned())]);
        let left_out: Vec<String> = preview.left_out.iter().map(ToString::to_string).collect();
        assert_eq!(left_out, ["Day could not be read: soon"]);
        assert_eq!(
            preview.kept_as_text,
            [
                ("Author", "Sam Okafor".to_owned()),
                (LOCATION, "Level 2 > Lobby".to_owned())
            ]
        );
    }
}
