//! What of a project's items a person is offered to send: how far back, which of them, and how each stands.

use std::{fmt, str::FromStr};

use gusset_words::say;
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    activity::StatusName,
    delivery::{Delivery, Origin},
    ids::ProjectId,
    items::Item,
    parameters::{Parameters, Wrong},
    send::Tool,
};

/// Days of a Site Diary that Procore lists at once, the first and the last included.
const DAYS_AT_ONCE: i64 = 90;

/// Lists without any entry after which a Site Diary counts as read to its beginning: half a year.
const EMPTY_LISTS: u32 = 2;

/// The most lists of one Site Diary: ten years.
const MAX_LISTS: u32 = 40;

/// How far back items are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Reach {
    /// The last 14 days.
    #[default]
    #[serde(rename = "14d")]
    Fortnight,
    /// The last 90 days.
    #[serde(rename = "90d")]
    Quarter,
    /// All there are.
    #[serde(rename = "all")]
    All,
}

impl Reach {
    /// Each of them, the shortest first.
    pub const EACH: [Self; 3] = [Self::Fortnight, Self::Quarter, Self::All];

    /// The name in addresses and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fortnight => "14d",
            Self::Quarter => "90d",
            Self::All => "all",
        }
    }

    /// The name on pages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Fortnight => say!("period-fortnight"),
            Self::Quarter => say!("period-quarter"),
            Self::All => say!("period-all"),
        }
    }

    /// The first day. Of 90 days Procore lists the present one and, since days are the project's own, the next one, too.
    #[must_use]
    pub fn first_day(self, today: Date) -> Option<Date> {
        let back = |days| today.saturating_sub(Span::new().days(days));
        match self {
            Self::Fortnight => Some(back(14)),
            Self::Quarter => Some(back(DAYS_AT_ONCE - 2)),
            Self::All => None,
        }
    }

    /// The shortest that reaches back to a moment.
    #[must_use]
    pub fn back_to(since: Timestamp, now: Timestamp) -> Self {
        let (since, today) = (date(since), date(now));
        let reaches = |reach: &Self| reach.first_day(today).is_none_or(|first| first <= since);
        Self::EACH.into_iter().find(reaches).unwrap_or(Self::All)
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A range is one of 14d, 90d, all.")]
pub struct ParseReachError;

impl FromStr for Reach {
    type Err = ParseReachError;

    fn from_str(text: &str) -> Result<Self, ParseReachError> {
        let found = Self::EACH.into_iter().find(|reach| reach.as_str() == text);
        found.ok_or(ParseReachError)
    }
}

/// One list of Procore's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stretch {
    /// All of a tool's items.
    Everything,
    /// Items from one day to another, both included: RFIs that were created then, Site Diary entries about those days.
    Days(Date, Date),
}

/// The lists that reach as far back as somebody wants, the newest first, and no more of them than needed.
///
/// RFIs come in one list. Procore lists 90 days of a Site Diary at once: one that is wanted whole is read back until half a year
/// of it is empty.
#[derive(Debug, Clone)]
pub struct Walk {
    tool: Tool,
    reach: Reach,
    last: Date,
    empty: u32,
    asked: u32,
}

impl Walk {
    /// The lists of a tool.
    #[must_use]
    pub fn new(tool: Tool, reach: Reach, now: Timestamp) -> Self {
        let tomorrow = date(now).saturating_add(Span::new().days(1));
        Self {
            tool,
            reach,
            last: tomorrow,
            empty: 0,
            asked: 0,
        }
    }

    /// The next list, if there is one. `found`: how many items the one before had.
    pub fn next(&mut self, found: usize) -> Option<Stretch> {
        self.asked += 1;
        let today = self.last.saturating_sub(Span::new().days(1));
        if let Some(first) = self.reach.first_day(today) {
            return (self.asked == 1).then_some(Stretch::Days(first, self.last));
        }
        if self.tool == Tool::Rfis {
            return (self.asked == 1).then_some(Stretch::Everything);
        }
        if self.asked > 1 {
            self.empty = if found == 0 { self.empty + 1 } else { 0 };
        }
        if self.empty == EMPTY_LISTS || self.asked > MAX_LISTS {
            return None;
        }
        let first = self.last.saturating_sub(Span::new().days(DAYS_AT_ONCE - 1));
        let stretch = Stretch::Days(first, self.last);
        self.last = first.saturating_sub(Span::new().days(1));
        Some(stretch)
    }
}

fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Whose items are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Those that were created in the project.
    #[default]
    Ours,
    /// Copies that arrived over a connection.
    Others,
}

/// The text names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("from is one of ours, others.")]
pub struct ParseWhoseError;

impl Whose {
    /// The name in addresses and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Others => "others",
        }
    }
}

impl FromStr for Whose {
    type Err = ParseWhoseError;

    fn from_str(text: &str) -> Result<Self, ParseWhoseError> {
        match text {
            "ours" => Ok(Self::Ours),
            "others" => Ok(Self::Others),
            _ => Err(ParseWhoseError),
        }
    }
}

/// Which items a person looks for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wanted {
    /// How far back.
    pub reach: Reach,
    /// Whose.
    #[serde(default)]
    pub whose: Whose,
    /// Of one tool alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<Tool>,
    /// With all of these words. Empty: with any.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

impl Wanted {
    /// What some parameters say: `range`, `from`, `tool` and `q`. What is missing or empty does not matter.
    ///
    /// # Errors
    /// The name of a parameter that says none of what it may, and what that is.
    pub fn of(parameter: impl Fn(&str) -> Option<String>) -> Result<Self, Wrong> {
        let said = Parameters(parameter);
        Ok(Self {
            reach: said.read("range")?.unwrap_or_default(),
            whose: said.read("from")?.unwrap_or_default(),
            tool: said.read("tool")?,
            text: said.needle(),
        })
    }

    /// The parameters that say the same.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("q", Some(self.text.clone()).filter(|text| !text.is_empty())),
            ("tool", self.tool.map(|tool| tool.to_string())),
            (
                "range",
                (self.reach != Reach::default()).then(|| self.reach.to_string()),
            ),
            (
                "from",
                (self.whose != Whose::default()).then(|| self.whose.as_str().to_owned()),
            ),
        ];
        let said = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
        said.collect()
    }

    /// Whether an item has all the words that are searched for: in its number, subject, text or author.
    #[must_use]
    pub fn has_words(&self, item: &Item) -> bool {
        if self.text.is_empty() {
            return true;
        }
        let number = item.number().map(|number| format!("#{number}")).unwrap_or_default();
        let author = item.author_name().unwrap_or_default();
        let all = format!("{number} {} {} {author}", item.title(), item.words()).to_lowercase();
        self.text
            .to_lowercase()
            .split_whitespace()
            .all(|word| all.contains(word))
    }
}

/// How an item stands with the project across.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has not set out.
    NotSent,
    /// It is on its way, or waits for something.
    OnItsWay,
    /// Its copy is there.
    Sent,
    /// It did not arrive: failed or cancelled.
    NotArrived(StatusName),
    /// It came from there.
    CameFromThere,
}

impl Standing {
    /// How an item stands: `delivery` is what became of sending it to the project `target`, `came_from` where it came from.
    #[must_use]
    pub fn of(delivery: Option<&Delivery>, came_from: &[Origin], target: ProjectId) -> Self {
        if Origin::in_project(came_from, target).is_some() {
            return Self::CameFromThere;
        }
        let Some(status) = delivery.map(|delivery| StatusName::of(&delivery.status)) else {
            return Self::NotSent;
        };
        match status {
            StatusName::Delivered => Self::Sent,
            StatusName::Failed | StatusName::Cancelled => Self::NotArrived(status),
            StatusName::Queued | StatusName::Copying | StatusName::Held | StatusName::Retrying => Self::OnItsWay,
        }
    }

    /// The name on pages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::NotSent => say!("standing-not-sent"),
            Self::OnItsWay => say!("standing-on-its-way"),
            Self::Sent => say!("standing-sent"),
            Self::NotArrived(status) => status.title(),
            Self::CameFromThere => say!("standing-came-from-there"),
        }
    }
}

/// Whether an item may be ticked among others: it has not set out, and nobody has to confirm anything about it.
#[must_use]
pub fn may_be_ticked(item: &Item, standing: Standing) -> bool {
    standing == Standing::NotSent && !item.is_private()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ItemId;

    fn now() -> Timestamp {
        "2026-11-26T12:00:00Z".parse().unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// Each list of a walk, where the one at a place finds so many items.
    fn walk(tool: Tool, reach: Reach, found: &[usize]) -> Vec<Stretch> {
        let mut walk = Walk::new(tool, reach, now());
        let mut stretches = Vec::new();
        while let Some(stretch) = walk.next(stretches.len().checked_sub(1).map_or(0, |last| found[last])) {
            stretches.push(stretch);
        }
        stretches
    }

    #[test]
    fn a_limited_time_is_one_list_that_procore_takes() {
        for tool in Tool::ALL {
            assert_eq!(
                walk(tool, Reach::Fortnight, &[5]),
                [Stretch::Days(day("2026-11-12"), day("2026-11-27"))]
            );
            let [Stretch::Days(first, last)] = walk(tool, Reach::Quarter, &[5])[..] else {
                panic!("one list")
            };
            assert_eq!((first, last), (day("2026-08-30"), day("2026-11-27")));
            assert_eq!(last.since(first).unwrap().get_days(), 89);
        }
    }

    #[test]
    fn all_rfis_are_one_list_and_a_diary_is_read_until_half_a_year_is_empty() {
        assert_eq!(walk(Tool::Rfis, Reach::All, &[0]), [Stretch::Everything]);
        assert_eq!(walk(Tool::Notes, Reach::All, &[0, 0]).len(), 2);
        let lists = walk(Tool::WorkingHours, Reach::All, &[9, 0, 3, 0, 0]);
        assert_eq!(lists.len(), 5);
        for pair in lists.windows(2) {
            let [Stretch::Days(first, _), Stretch::Days(_, before)] = pair else {
                panic!("days")
            };
            assert_eq!(before.tomorrow().unwrap(), *first, "no day is left out");
        }
        assert_eq!(walk(Tool::Notes, Reach::All, &[1; 100]).len(), 40);
    }

    #[test]
    fn the_shortest_range_is_taken_that_reaches_back() {
        for (since, reach) in [
            ("2026-11-26T11:00:00Z", Reach::Fortnight),
            ("2026-11-12T00:00:00Z", Reach::Fortnight),
            ("2026-11-11T23:59:59Z", Reach::Quarter),
            ("2026-08-29T00:00:00Z", Reach::All),
        ] {
            assert_eq!(Reach::back_to(since.parse().unwrap(), now()), reach);
        }
    }

    #[test]
    fn what_is_looked_for_stands_in_the_address_and_is_read_from_there() {
        let wanted = Wanted {
            reach: Reach::All,
            whose: Whose::Others,
            tool: Some(Tool::Notes),
            text: "slab edge".to_owned(),
        };
        let said = wanted.parameters();
        let read = Wanted::of(|name| {
            let found = said.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| value.clone())
        });
        assert_eq!(read.unwrap(), wanted);
        assert!(Wanted::default().parameters().is_empty());
        for name in ["range", "from", "tool"] {
            let wrong = Wanted::of(|other| (other == name).then(|| "x".to_owned()));
            assert_eq!(wrong.unwrap_err().0, name);
        }
    }

    #[test]
    fn what_came_from_the_other_project_is_not_sent_there() {
        let target = ProjectId::new(20001).unwrap();
        let from = |id| {
            [Origin {
                project: ProjectId::new(id).unwrap(),
                name: "Pier 9".to_owned(),
                item: ItemId::new(501).unwrap(),
            }]
        };
        assert_eq!(Standing::of(None, &from(20001), target), Standing::CameFromThere);
        assert_eq!(Standing::of(None, &from(30001), target), Standing::NotSent);
        assert_eq!(Standing::of(None, &[], target), Standing::NotSent);
    }
}
