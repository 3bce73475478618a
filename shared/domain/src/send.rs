//! What a side sends: a mode for each tool.

use std::{collections::BTreeMap, fmt, str::FromStr};

use gusset_words::say;
use serde::{Deserialize, Serialize};

/// The kinds of item that travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Requests for information.
    Rfis,
    /// Site Diary: manpower logs.
    WorkingHours,
    /// Site Diary: notes logs.
    Notes,
}

impl Tool {
    /// Every tool, in the order in which pages list them.
    pub const ALL: [Self; 3] = [Self::Rfis, Self::WorkingHours, Self::Notes];

    /// The name in the API and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rfis => "rfis",
            Self::WorkingHours => "working_hours",
            Self::Notes => "notes",
        }
    }

    /// The name on pages and in mails.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Rfis => say!("tool-rfis"),
            Self::WorkingHours => say!("tool-working-hours"),
            Self::Notes => say!("tool-notes"),
        }
    }

    /// So many items, of which `number` is the count as people read it.
    #[must_use]
    pub fn counted(self, count: u64, number: &str) -> String {
        match self {
            Self::Rfis => say!("items-rfis", count = count, number = number),
            Self::WorkingHours => say!("items-working-hours", count = count, number = number),
            Self::Notes => say!("items-notes", count = count, number = number),
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A tool is one of rfis, working_hours, notes.")]
pub struct NotATool;

impl FromStr for Tool {
    type Err = NotATool;

    fn from_str(text: &str) -> Result<Self, NotATool> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == text).ok_or(NotATool)
    }
}

/// How a tool's items leave a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendMode {
    /// Each new item is sent by itself.
    Automatic,
    /// A person picks what is sent. The mode of whatever nobody chose.
    #[default]
    Manual,
    /// Nothing is sent, not even by hand.
    Off,
}

/// The modes that somebody chose. A tool that is not named keeps the mode it has.
pub type SendChoice = BTreeMap<Tool, SendMode>;

/// The short answer to what the other side is to receive, as pages ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShortChoice {
    /// Nothing that no person sends.
    Nothing,
    /// All new RFIs, and of the rest what a person sends.
    Rfis,
    /// What is chosen tool by tool.
    Chosen,
}

impl ShortChoice {
    /// Every answer, in the order in which pages list them.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Rfis, Self::Chosen];

    /// The answer that says the same as some modes.
    #[must_use]
    pub fn of(modes: &SendModes) -> Self {
        [Self::Nothing, Self::Rfis]
            .into_iter()
            .find(|short| SendModes::default().with(&short.modes(SendChoice::new())) == *modes)
            .unwrap_or(Self::Chosen)
    }

    /// The name in forms.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Rfis => "rfis",
            Self::Chosen => "chosen",
        }
    }

    /// The answer on pages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Nothing => say!("short-nothing-title"),
            Self::Rfis => say!("short-rfis-title"),
            Self::Chosen => say!("short-chosen-title"),
        }
    }

    /// The modes that it comes to. `chosen`: those that were chosen tool by tool.
    #[must_use]
    pub fn modes(self, chosen: SendChoice) -> SendChoice {
        let all_manual = Tool::ALL.map(|tool| (tool, SendMode::Manual));
        match self {
            Self::Nothing => SendChoice::from(all_manual),
            Self::Rfis => {
                let mut modes = SendChoice::from(all_manual);
                modes.insert(Tool::Rfis, SendMode::Automatic);
                modes
            }
            Self::Chosen => chosen,
        }
    }
}

/// One side's mode for each tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SendModes {
    rfis: SendMode,
    working_hours: SendMode,
    notes: SendMode,
}

impl SendModes {
    /// The mode of one tool.
    #[must_use]
    pub fn of(&self, tool: Tool) -> SendMode {
        match tool {
            Tool::Rfis => self.rfis,
            Tool::WorkingHours => self.working_hours,
            Tool::Notes => self.notes,
        }
    }

    /// These modes, with a person's choices put in.
    #[must_use]
    pub fn with(mut self, choice: &SendChoice) -> Self {
        for (tool, mode) in choice {
            match tool {
                Tool::Rfis => self.rfis = *mode,
                Tool::WorkingHours => self.working_hours = *mode,
                Tool::Notes => self.notes = *mode,
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_chose_is_manual() {
        let modes = SendModes::default().with(&SendChoice::from([(Tool::Notes, SendMode::Automatic)]));
        assert_eq!(modes.of(Tool::Rfis), SendMode::Manual);
        assert_eq!(modes.of(Tool::WorkingHours), SendMode::Manual);
        assert_eq!(modes.of(Tool::Notes), SendMode::Automatic);
    }

    #[test]
    fn a_short_answer_leaves_nothing_as_it_was_and_is_known_by_what_it_comes_to() {
        let before = SendModes::default().with(&Tool::ALL.map(|tool| (tool, SendMode::Off)).into());
        let chosen = SendChoice::from([(Tool::Notes, SendMode::Automatic)]);
        for (short, rfis, notes) in [
            (ShortChoice::Nothing, SendMode::Manual, SendMode::Manual),
            (ShortChoice::Rfis, SendMode::Automatic, SendMode::Manual),
            (ShortChoice::Chosen, SendMode::Off, SendMode::Automatic),
        ] {
            let modes = before.with(&short.modes(chosen.clone()));
            assert_eq!((modes.of(Tool::Rfis), modes.of(Tool::Notes)), (rfis, notes));
            assert_eq!(ShortChoice::of(&modes), short);
        }
    }
}
