//! What of an item is not in its copy: files and fields, each with its reason.

use std::fmt;

use gusset_words::say;
use serde::{Deserialize, Serialize};

use super::attachment::{FileName, Missing};
use crate::text;

/// The most entries that are kept with a delivery. The rest is counted.
pub const MAX_LEFT_OUT: usize = 60;

/// The longest name or reason that is kept, in characters.
const MAX_WORDS: usize = 300;

/// What of an odd value is shown, in characters.
const MAX_SAID: usize = 80;

/// What was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A field, such as the due date.
    Field,
    /// An attachment, or a picture of the text.
    File,
}

/// Something of an item that is not in its copy. As text it is one sentence without its full stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// What it is.
    pub part: Part,
    /// The field's or the file's name.
    pub name: String,
    /// Why it is not there, in words that follow on the name: `could not be read`.
    pub reason: String,
}

impl LeftOut {
    /// A field.
    #[must_use]
    pub fn field(name: &str, reason: &str) -> Self {
        Self::new(Part::Field, name, reason)
    }

    /// A file that Procore took and then does not show.
    #[must_use]
    pub fn file(name: &str, reason: &str) -> Self {
        Self::new(Part::File, name, reason)
    }

    fn new(part: Part, name: &str, reason: &str) -> Self {
        Self {
            part,
            name: text::one_line(name, MAX_WORDS),
            reason: text::one_line(reason, MAX_WORDS),
        }
    }
}

impl From<&Missing> for LeftOut {
    fn from(missing: &Missing) -> Self {
        let reason = format!("did not come along: {}", missing.why);
        Self::file(missing.name.as_str(), &reason)
    }
}

impl From<&Unreadable> for LeftOut {
    fn from(unreadable: &Unreadable) -> Self {
        Self::field(unreadable.field, &unreadable.reason())
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.reason)
    }
}

/// A field of the source that Gusset cannot read. The item is sent without it, and the copy says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The field's name, as people know it: `Due date`.
    pub field: &'static str,
    /// What stands there, where it is a word or a number.
    pub said: Option<String>,
}

impl Unreadable {
    /// A field, and what stands in it.
    #[must_use]
    pub fn new(field: &'static str, said: Option<&str>) -> Self {
        Self {
            field,
            said: said
                .map(|said| text::one_line(said, MAX_SAID))
                .filter(|said| !said.is_empty()),
        }
    }

    fn reason(&self) -> String {
        match &self.said {
            Some(said) => format!("could not be read: {said}"),
            None => "could not be read".to_owned(),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.reason())
    }
}

/// A picture in the rich text of an item, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its file name, or else what its author calls it.
    pub name: FileName,
    /// Whether it is among the item's attachments. Otherwise it is not kept in Procore, and stays behind.
    pub is_attached: bool,
}

/// Files of an item, and how many of them are in its copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// How many belong to the item: attachments, and pictures of its text.
    pub all: usize,
    /// How many are in the copy.
    pub copied: usize,
}

/// How complete a copy is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completeness {
    /// The item's files.
    #[serde(default)]
    pub files: Files,
    /// What is not in the copy; the first [`MAX_LEFT_OUT`].
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
}

impl Completeness {
    /// Of an item with `files` files, of which some are left out as `left_out` says.
    #[must_use]
    pub fn new(files: usize, mut left_out: Vec<LeftOut>) -> Self {
        let missing = left_out.iter().filter(|one| one.part == Part::File).count();
        if left_out.len() > MAX_LEFT_OUT {
            let more = left_out.len() - MAX_LEFT_OUT + 1;
            left_out.truncate(MAX_LEFT_OUT - 1);
            left_out.push(LeftOut::file(&format!("{more} more"), "did not come along"));
        }
        Self {
            files: Files {
                all: files,
                copied: files.saturating_sub(missing),
            },
            left_out,
        }
    }

    /// Whether all of the item is in its copy.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.left_out.is_empty()
    }

    /// What is missing, in a few words for a list: `1 of 2 files`, `without Due date`. None where nothing is.
    #[must_use]
    pub fn in_short(&self) -> Option<String> {
        let Files { all, copied } = self.files;
        let files = (copied < all).then(|| say!("left-out-files", copied = copied, count = all));
        let fields = self.left_out.iter().filter(|one| one.part == Part::Field);
        let fields: Vec<&str> = fields.map(|one| one.name.as_str()).collect();
        let fields = (!fields.is_empty()).then(|| say!("left-out-fields", fields = fields.join(", ")));
        let parts: Vec<String> = files.into_iter().chain(fields).collect();
        (!parts.is_empty()).then(|| text::one_line(&parts.join(", "), MAX_WORDS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_in_a_few_words() {
        let date = LeftOut::from(&Unreadable::new("Due date", Some("next\nweek")));
        assert_eq!(date.to_string(), "Due date could not be read: next week");
        let file = LeftOut::file("setup.exe", "did not come along: this project does not take it");
        let short = |files, left_out| Completeness::new(files, left_out).in_short();
        assert_eq!(short(2, vec![]), None);
        assert_eq!(short(2, vec![file.clone()]).as_deref(), Some("1 of 2 files"));
        assert_eq!(short(1, vec![file.clone()]).as_deref(), Some("0 of 1 file"));
        assert_eq!(
            short(2, vec![date.clone(), file]).as_deref(),
            Some("1 of 2 files, without Due date")
        );
        assert_eq!(short(0, vec![date]).as_deref(), Some("without Due date"));
    }

    #[test]
    fn a_thousand_files_left_out_do_not_fill_the_record() {
        let files = (0..1_000).map(|file| LeftOut::file(&format!("{file}.jpg"), "did not come along: x"));
        let all = Completeness::new(1_001, files.collect());
        assert_eq!(all.files, Files { all: 1_001, copied: 1 });
        assert_eq!(all.left_out.len(), MAX_LEFT_OUT);
        assert_eq!(all.left_out.last().unwrap().name, "941 more");
    }
}
