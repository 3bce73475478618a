//! Filters of a log that a person has given a name, in one project.

use std::{fmt, str::FromStr};

use gusset_words::say;
use serde::{Deserialize, Serialize};

/// The most views that a person keeps of a project's log.
pub const MAX_VIEWS: usize = 20;

/// The most characters of a name.
const LONGEST_NAME: usize = 60;

/// A view's name: one line of 1 to 60 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ViewName(String);

/// The text is no name of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", say!("problem-bad-field-detail-view", most = LONGEST_NAME))]
pub struct NameError;

impl FromStr for ViewName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim();
        let length = name.chars().count();
        let is_name = (1..=LONGEST_NAME).contains(&length) && !name.contains(char::is_control);
        is_name.then(|| Self(name.to_owned())).ok_or(NameError)
    }
}

impl ViewName {
    /// The name as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ViewName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A filter with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// The name.
    pub name: ViewName,
    /// The filter, as an address has it behind its question mark.
    pub query: String,
}

/// All that a person keeps of a project's log, in the order in which they were saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SavedViews(Vec<SavedView>);

impl SavedViews {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &SavedView> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Saves a view, in the place of one of that name. Returns whether there was room: for [`MAX_VIEWS`].
    #[must_use]
    pub fn save(&mut self, view: SavedView) -> bool {
        if let Some(same) = self.0.iter_mut().find(|it| it.name == view.name) {
            *same = view;
            return true;
        }
        if self.0.len() >= MAX_VIEWS {
            return false;
        }
        self.0.push(view);
        true
    }

    /// Deletes a view. One that is not there is deleted already.
    pub fn delete(&mut self, name: &ViewName) {
        self.0.retain(|view| view.name != *name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str, query: &str) -> SavedView {
        SavedView {
            name: name.parse().unwrap(),
            query: query.to_owned(),
        }
    }

    #[test]
    fn a_name_is_one_line_that_is_not_too_long() {
        assert_eq!(" Stuck RFIs ".parse::<ViewName>().unwrap().as_str(), "Stuck RFIs");
        let longest = "x".repeat(60);
        assert!(longest.parse::<ViewName>().is_ok());
        for wrong in ["", "  ", "two\nlines", &"x".repeat(61)] {
            assert_eq!(wrong.parse::<ViewName>(), Err(NameError), "{wrong:?}");
        }
    }

    #[test]
    fn a_view_replaces_the_one_of_its_name_and_twenty_are_kept() {
        let mut views = SavedViews::default();
        for number in 0..MAX_VIEWS {
            assert!(views.save(view(&format!("View {number}"), "tool=rfis")));
        }
        assert!(!views.save(view("One more", "tool=rfis")));
        assert!(views.save(view("View 3", "tool=notes")));
        assert_eq!(views.iter().nth(3).unwrap().query, "tool=notes");
        views.delete(&"View 0".parse().unwrap());
        views.delete(&"Nothing like it".parse().unwrap());
        assert!(views.save(view("One more", "tool=rfis")));
        assert_eq!(views.iter().count(), MAX_VIEWS);
    }
}
