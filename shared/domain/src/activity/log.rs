//! The log of deliveries: a row for each, found by words, filtered, sorted and counted.
//!
//! A row is what a table of hundreds shows of a delivery. It is stored beside the delivery in an index of its own, so that a
//! log of thousands is read by one query and looked through here.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    str::FromStr,
};

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Direction, NotAFilter, StatusName};
use crate::{
    delivery::{Delivery, Status, WaitsFor, place_of},
    ids::{ConnectionId, ItemId, Pair, ProjectId},
    items::Files,
    marker::Reference,
    parameters::{self, Parameters, Wrong},
    plans::order::natural,
    send::Tool,
    text,
};

/// The longest subject in a row, in characters. A delivery's own page has all of it.
const LONGEST_TITLE: usize = 160;

/// The longest reason in a row, in characters.
const LONGEST_REASON: usize = 400;

/// One delivery in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its reference.
    pub reference: Reference,
    /// The connection over which it goes.
    pub connection: ConnectionId,
    /// The item's tool.
    pub tool: Tool,
    /// The project that the item is in.
    pub source: ProjectId,
    /// The project in which it arrives.
    pub target: ProjectId,
    /// The item.
    pub item: ItemId,
    /// The item's number in its own project, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The item's subject or first words. Empty: it has not been read yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Who wrote the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// How it stands.
    pub status: StatusName,
    /// For what, where it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<WaitsFor>,
    /// Why it stands so, where there is a reason.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// When it is tried again by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// The copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<ItemId>,
    /// The item's files, and how many of them its copy has.
    #[serde(default)]
    pub files: Files,
    /// Whether something of the item is not in its copy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_incomplete: bool,
    /// When it was first heard of.
    pub created_at: Timestamp,
    /// When something last happened to it.
    pub changed_at: Timestamp,
}

/// A column by which a log is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// When deliveries were first heard of.
    Created,
    /// When something last happened to them.
    Changed,
    /// The items' numbers.
    Number,
    /// The items' subjects.
    Subject,
    /// The items' tools.
    Tool,
    /// Who wrote the items.
    Author,
    /// How the deliveries stand.
    Status,
}

/// The order of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: Column,
    /// Whether the greatest comes first.
    pub is_descending: bool,
}

/// Which of a log's deliveries somebody wants to see, and in which order. What is left out does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words that number, subject, author or reference have to contain.
    pub text: String,
    /// The tool.
    pub tool: Option<Tool>,
    /// The way they go, as the looking side sees it.
    pub direction: Option<Direction>,
    /// How they stand. None of them: however they do.
    pub status: BTreeSet<StatusName>,
    /// Those that were first heard of then or later.
    pub since: Option<Timestamp>,
    /// Those that were first heard of before then.
    pub until: Option<Timestamp>,
    /// The order.
    pub sort: Sort,
}

/// The beginning of a time that is asked for: a moment, or a day from its beginning on, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since(pub Timestamp);

/// The end of a time that is asked for, which does not belong to it: a moment, or a day with all of it, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until(pub Timestamp);

/// What fits a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection<'a> {
    /// The rows, in the query's order.
    pub rows: Vec<&'a Row>,
    /// How many rows of each status fit the rest of the query.
    pub by_status: Counts<StatusName>,
    /// How many rows of each tool fit the rest of the query.
    pub by_tool: Counts<Tool>,
}

/// How many rows there are of each kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts<K>(BTreeMap<K, u64>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Counts<K> {
    fn count(&mut self, kind: K) {
        *self.0.entry(kind).or_default() += 1;
    }

    /// How many there are.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.0.values().sum()
    }

    /// How many there are of some kinds.
    #[must_use]
    pub fn of<'a>(&self, kinds: impl IntoIterator<Item = &'a K>) -> u64
    where
        K: 'a,
    {
        kinds.into_iter().filter_map(|kind| self.0.get(kind)).sum()
    }
}

impl Row {
    /// A delivery's row.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Self {
        let job = &delivery.job;
        let (reason, waits_for, not_before) = match &delivery.status {
            Status::Held { reason, waits_for } => (reason.as_str(), Some(*waits_for), None),
            Status::Retrying { reason, not_before } => (reason.as_str(), None, Some(*not_before)),
            Status::Failed { reason } | Status::Cancelled { reason, .. } => (reason.as_str(), None, None),
            Status::Queued | Status::Copying { .. } | Status::Delivered { .. } => ("", None, None),
        };
        Self {
            reference: delivery.reference.clone(),
            connection: job.connection,
            tool: job.tool,
            source: job.source,
            target: job.target,
            item: job.item,
            number: delivery.number.clone(),
            title: text::one_line(&delivery.title, LONGEST_TITLE),
            author: delivery.author.clone(),
            status: StatusName::of(&delivery.status),
            waits_for,
            reason: text::one_line(reason, LONGEST_REASON),
            not_before,
            copy: match delivery.status {
                Status::Delivered { copy } => Some(copy),
                _ => None,
            },
            files: delivery.completeness.files,
            is_incomplete: !delivery.completeness.is_complete(),
            created_at: delivery.created_at,
            changed_at: delivery.history.last().map_or(delivery.created_at, |entry| entry.at),
        }
    }

    /// The two projects.
    #[must_use]
    pub fn pair(&self) -> Pair {
        Pair::of(self.source, self.target)
    }

    /// Its [place](Delivery::place) in the log.
    #[must_use]
    pub fn place(&self) -> String {
        place_of(self.created_at, &self.reference)
    }

    /// The way that it goes, as seen from one of its projects.
    #[must_use]
    pub fn direction(&self, seen_from: ProjectId) -> Direction {
        Direction::to(self.target, seen_from)
    }

    /// The project on whose side somebody has to do something, where it is held.
    #[must_use]
    pub fn waits_in(&self) -> Option<ProjectId> {
        self.waits_for.map(|it| it.project_of(self.source, self.target))
    }

    /// The project of which somebody is asked to do something about it; see [`WaitsFor::asks`].
    #[must_use]
    pub fn asks(&self) -> Option<ProjectId> {
        self.waits_for?.asks(self.source, self.target)
    }

    fn contains(&self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let number = self.number.as_deref().unwrap_or_default();
        let author = self.author.as_deref().unwrap_or_default();
        let all = format!("#{number} {} {author} {}", self.title, self.reference).to_lowercase();
        words.iter().all(|word| all.contains(word.as_str()))
    }
}

impl Default for Sort {
    fn default() -> Self {
        Self {
            by: Column::Created,
            is_descending: true,
        }
    }
}

impl Column {
    /// Every column, in the order of a table.
    pub const ALL: [Self; 7] = [
        Self::Number,
        Self::Subject,
        Self::Tool,
        Self::Author,
        Self::Status,
        Self::Created,
        Self::Changed,
    ];

    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Number => "number",
            Self::Subject => "subject",
            Self::Tool => "tool",
            Self::Author => "author",
            Self::Status => "status",
        }
    }

    /// The order of two rows: of those that are alike here, the one that was heard of later is the greater.
    fn compare(self, one: &Row, other: &Row) -> Ordering {
        let number = |row: &Row| row.number.clone().unwrap_or_default();
        let text = |row: &Row| match self {
            Self::Subject => row.title.to_lowercase(),
            Self::Author => row.author.as_deref().unwrap_or_default().to_lowercase(),
            _ => String::new(),
        };
        let first = match self {
            Self::Created => Ordering::Equal,
            Self::Changed => one.changed_at.cmp(&other.changed_at),
            Self::Number => natural(&number(one), &number(other)),
            Self::Tool => one.tool.cmp(&other.tool),
            Self::Status => one.status.cmp(&other.status),
            Self::Subject | Self::Author => text(one).cmp(&text(other)),
        };
        first.then_with(|| moment(one).cmp(&moment(other)))
    }
}

fn moment(row: &Row) -> (i64, &str) {
    (row.created_at.as_millisecond(), row.reference.as_str())
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_descending { "-" } else { "" };
        write!(f, "{sign}{}", self.by.as_str())
    }
}

impl FromStr for Sort {
    type Err = NotAFilter;

    fn from_str(text: &str) -> Result<Self, NotAFilter> {
        let (name, is_descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        let found = Column::ALL.into_iter().find(|column| column.as_str() == name);
        let by = found.ok_or(NotAFilter(
            "sort is one of created, changed, number, subject, tool, author, status, with a - before it for the greatest first.",
        ))?;
        Ok(Self { by, is_descending })
    }
}

/// A moment, or the beginning of a day that is so many days later.
fn moment_or_day(text: &str, days_later: i64) -> Result<Timestamp, NotAFilter> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    let day: Option<Date> = text.parse().ok();
    let day = day.and_then(|day| day.checked_add(Span::new().days(days_later)).ok());
    let begins = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    begins.map(|begins| begins.timestamp()).ok_or(NotAFilter(
        "A time is a day such as 2026-03-01, or a moment such as 2026-03-01T09:30:00Z.",
    ))
}

impl FromStr for Since {
    type Err = NotAFilter;

    fn from_str(text: &str) -> Result<Self, NotAFilter> {
        moment_or_day(text, 0).map(Self)
    }
}

impl FromStr for Until {
    type Err = NotAFilter;

    fn from_str(text: &str) -> Result<Self, NotAFilter> {
        moment_or_day(text, 1).map(Self)
    }
}

impl Query {
    /// The query that some parameters say: `q`, `tool`, `direction`, `status`, `since`, `until` and `sort`. What is missing or empty
    /// does not matter.
    ///
    /// # Errors
    /// The name of a parameter that says none of what it may, and what that is.
    pub fn of(parameter: impl Fn(&str) -> Option<String>) -> Result<Self, Wrong> {
        let said = Parameters(parameter);
        let status = said.text("status").unwrap_or_default();
        let status = status.split(',').map(str::trim).filter(|word| !word.is_empty());
        Ok(Self {
            text: said.needle(),
            tool: said.read("tool")?,
            direction: said.read("direction")?,
            status: status
                .map(|word| parameters::read("status", word))
                .collect::<Result<_, _>>()?,
            since: said.read("since")?.map(|Since(at)| at),
            until: said.read("until")?.map(|Until(at)| at),
            sort: said.read("sort")?.unwrap_or_default(),
        })
    }

    /// The parameters that say the same.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let status: Vec<&str> = self.status.iter().map(|status| status.as_str()).collect();
        let all = [
            ("q", Some(self.text.clone())),
            ("tool", self.tool.map(|tool| tool.to_string())),
            ("direction", self.direction.map(|it| it.as_str().to_owned())),
            ("status", Some(status.join(","))),
            ("since", self.since.map(|since| since.to_string())),
            ("until", self.until.map(|until| until.to_string())),
            (
                "sort",
                Some(self.sort)
                    .filter(|sort| *sort != Sort::default())
                    .map(|sort| sort.to_string()),
            ),
        ];
        let said = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
        said.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Whether nothing is left out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        let sort = self.sort;
        Self {
            sort,
            ..Self::default()
        } == *self
    }

    /// Whether nothing but a time is asked for.
    #[must_use]
    pub fn is_only_a_time(&self) -> bool {
        let of_any_time = Self {
            since: None,
            until: None,
            ..self.clone()
        };
        of_any_time.is_everything()
    }

    /// Whether the order is that in which the log is stored: the newest first.
    #[must_use]
    pub fn is_in_stored_order(&self) -> bool {
        self.sort == Sort::default()
    }

    /// What of a log fits, as seen from one of the projects.
    #[must_use]
    pub fn select<'a>(&self, log: &'a [Row], seen_from: ProjectId) -> Selection<'a> {
        let words: Vec<String> = self.text.split_whitespace().map(str::to_lowercase).collect();
        let (mut by_status, mut by_tool) = (Counts::default(), Counts::default());
        let mut rows = Vec::new();
        for row in log {
            let fits = self.direction.is_none_or(|it| it == row.direction(seen_from))
                && self.since.is_none_or(|since| row.created_at >= since)
                && self.until.is_none_or(|until| row.created_at < until)
                && row.contains(&words);
            if !fits {
                continue;
            }
            let is_of_tool = self.tool.is_none_or(|tool| tool == row.tool);
            let is_of_status = self.status.is_empty() || self.status.contains(&row.status);
            if is_of_tool {
                by_status.count(row.status);
            }
            if is_of_status {
                by_tool.count(row.tool);
            }
            if is_of_tool && is_of_status {
                rows.push(row);
            }
        }
        rows.sort_by(|one, other| self.order(one, other));
        Selection {
            rows,
            by_status,
            by_tool,
        }
    }

    /// Where those begin that are behind the row at a place of the log, however it stands by now. The first of them, where the
    /// log has no such row.
    #[must_use]
    pub fn behind(&self, found: &Selection<'_>, log: &[Row], place: &str) -> usize {
        let Some(last) = log.iter().find(|row| row.place() == place) else {
            return 0;
        };
        found.rows.partition_point(|row| self.order(row, last).is_le())
    }

    fn order(&self, one: &Row, other: &Row) -> Ordering {
        let order = self.sort.by.compare(one, other);
        if self.sort.is_descending {
            order.reverse()
        } else {
            order
        }
    }
}

/// A kind of trouble that some deliveries share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// They are held for this.
    Waits(WaitsFor),
    /// They failed.
    Failed,
}

/// Deliveries that stand still for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// The tool.
    pub tool: Tool,
    /// For what they wait, or that they failed.
    pub trouble: Trouble,
    /// The project in which somebody has to do something. Of what failed: the one that looks.
    pub waits_in: ProjectId,
    /// The reason, as the newest of them has it.
    pub reason: &'a str,
    /// The deliveries, the newest first.
    pub rows: Vec<&'a Row>,
}

/// Deliveries that need somebody, in groups: what the looking project can mend comes first, then the largest group.
#[must_use]
pub fn groups(log: &[Row], seen_from: ProjectId) -> Vec<Group<'_>> {
    let (mut groups, mut places): (Vec<Group<'_>>, _) = (Vec::new(), HashMap::new());
    for row in log {
        let trouble = match (row.status, row.waits_for) {
            (StatusName::Held, Some(waits_for)) => Trouble::Waits(waits_for),
            (StatusName::Failed, _) => Trouble::Failed,
            _ => continue,
        };
        let waits_in = row.waits_in().unwrap_or(seen_from);
        // What failed is one kind where it failed for the same reason.
        let reason = (trouble == Trouble::Failed).then_some(row.reason.as_str());
        let place = places.entry((row.connection, row.tool, trouble, waits_in, reason));
        let place = *place.or_insert_with(|| {
            groups.push(Group {
                connection: row.connection,
                tool: row.tool,
                trouble,
                waits_in,
                reason: &row.reason,
                rows: Vec::new(),
            });
            groups.len() - 1
        });
        groups[place].rows.push(row);
    }
    groups.sort_by_key(|group| (group.waits_in != seen_from, Reverse(group.rows.len())));
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const HERE: u64 = 1;
    const THERE: u64 = 3;

    fn project(id: u64) -> ProjectId {
        ProjectId::new(id).unwrap()
    }

    fn row(number: u64, title: &str, status: StatusName) -> Row {
        let (source, target) = (project(HERE), project(THERE));
        let at = Timestamp::from_second(1_700_000_000 + i64::try_from(number).unwrap()).unwrap();
        let job = crate::delivery::Job {
            connection: ConnectionId(Uuid::nil()),
            to: crate::connection::Side::Recipient,
            tool: Tool::Rfis,
            source,
            target,
            item: ItemId::new(number).unwrap(),
            repeat: 0,
            by_hand: false,
            may_be_private: false,
        };
        Row {
            number: Some(number.to_string()),
            title: title.to_owned(),
            author: Some("Sam Ortiz".to_owned()),
            status,
            waits_for: (status == StatusName::Held).then_some(WaitsFor::Manager),
            ..Row::of(&Delivery::new(job, at))
        }
    }

    fn log() -> Vec<Row> {
        let mut received = row(10, "Anchor bolts", StatusName::Delivered);
        (received.source, received.target) = (received.target, received.source);
        vec![
            received,
            row(9, "Kerb height", StatusName::Failed),
            row(2, "anchor plates", StatusName::Held),
            row(1, "Slab edge", StatusName::Held),
        ]
    }

    fn numbers(query: &Query) -> Vec<String> {
        let log = log();
        let found = query.select(&log, project(HERE));
        found.rows.iter().filter_map(|row| row.number.clone()).collect()
    }

    #[test]
    fn words_are_found_in_number_subject_author_and_reference() {
        let reference = log()[1].reference.to_string().to_lowercase();
        for (text, found) in [
            ("anchor", vec!["10", "2"]),
            ("ANCHOR plat", vec!["2"]),
            ("#9", vec!["9"]),
            ("ortiz kerb", vec!["9"]),
            (reference.as_str(), vec!["9"]),
            ("nothing like it", vec![]),
            ("", vec!["10", "9", "2", "1"]),
        ] {
            let query = Query {
                text: text.to_owned(),
                ..Query::default()
            };
            assert_eq!(numbers(&query), found, "{text}");
        }
    }

    #[test]
    fn a_status_that_is_not_asked_for_is_counted_all_the_same() {
        let log = log();
        let query = Query {
            direction: Some(Direction::Sent),
            status: BTreeSet::from([StatusName::Failed]),
            ..Query::default()
        };
        let found = query.select(&log, project(HERE));
        assert_eq!(found.rows.len(), 1);
        assert_eq!(found.by_status.of(&[StatusName::Held, StatusName::Failed]), 3);
        assert_eq!(found.by_status.of(&[StatusName::Delivered]), 0, "that one was received");
        assert_eq!(found.by_status.all(), 3);
    }

    #[test]
    fn a_tool_that_is_not_asked_for_is_counted_all_the_same() {
        let log = log();
        let query = Query {
            tool: Some(Tool::Notes),
            status: BTreeSet::from([StatusName::Held]),
            ..Query::default()
        };
        let found = query.select(&log, project(HERE));
        assert_eq!((found.rows.len(), found.by_status.all()), (0, 0));
        assert_eq!(found.by_tool.of(&[Tool::Rfis]), 2);
        assert_eq!(found.by_tool.all(), 2);
    }

    #[test]
    fn numbers_are_sorted_as_numbers() {
        for (sort, found) in [
            ("number", ["1", "2", "9", "10"]),
            ("-number", ["10", "9", "2", "1"]),
            ("subject", ["10", "2", "9", "1"]),
            ("created", ["1", "2", "9", "10"]),
        ] {
            let query = Query {
                sort: sort.parse().unwrap(),
                ..Query::default()
            };
            assert_eq!(query.sort.to_string(), sort);
            assert_eq!(numbers(&query), found, "{sort}");
        }
        let numbered = |number: &str| Row {
            number: Some(number.to_owned()),
            ..row(1, "Slab edge", StatusName::Held)
        };
        let order = Column::Number.compare(&numbered("RFI-9"), &numbered("rfi-10"));
        assert!(order.is_lt());
        assert!("up".parse::<Sort>().is_err());
    }

    #[test]
    fn a_day_is_meant_with_all_of_it() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!("2026-03-01".parse(), Ok(Since(at("2026-03-01T00:00:00Z"))));
        assert_eq!("2026-03-01".parse(), Ok(Until(at("2026-03-02T00:00:00Z"))));
        assert_eq!(
            "2026-03-01T09:30:00+01:00".parse(),
            Ok(Until(at("2026-03-01T08:30:00Z")))
        );
        for wrong in ["yesterday", "2026-02-30", "9999-12-31T99:00:00Z", ""] {
            assert!(wrong.parse::<Since>().is_err(), "{wrong}");
        }
        assert!("9999-12-31".parse::<Until>().is_err());
    }

    #[test]
    fn what_stands_still_for_one_reason_is_one_group_and_ours_come_first() {
        let mut log = log();
        let mut theirs = row(7, "Anchor bolts", StatusName::Held);
        theirs.waits_for = Some(WaitsFor::Approval);
        log.insert(0, theirs);
        let found = groups(&log, project(THERE));
        let told: Vec<_> = found
            .iter()
            .map(|group| (group.trouble, group.waits_in.get(), group.rows.len()))
            .collect();
        assert_eq!(
            told,
            [
                (Trouble::Waits(WaitsFor::Manager), THERE, 2),
                (Trouble::Failed, THERE, 1),
                (Trouble::Waits(WaitsFor::Approval), HERE, 1),
            ]
        );
    }

    #[test]
    fn a_query_is_read_as_it_is_written() {
        let query = Query {
            text: "anchor bolts".to_owned(),
            tool: Some(Tool::Notes),
            direction: Some(Direction::Sent),
            status: BTreeSet::from([StatusName::Failed, StatusName::Held]),
            since: Some("2026-03-01T09:30:00Z".parse().unwrap()),
            until: Some("2026-03-02T00:00:00.125Z".parse().unwrap()),
            sort: "-number".parse().unwrap(),
        };
        for query in [query, Query::default()] {
            let written: BTreeMap<_, _> = query.parameters().into_iter().collect();
            assert_eq!(Query::of(|name| written.get(name).cloned()), Ok(query));
        }
        for name in ["tool", "direction", "status", "since", "until", "sort"] {
            let wrong = Query::of(|asked| (asked == name).then(|| "wrong".to_owned()));
            assert_eq!(wrong.unwrap_err().0, name);
        }
    }

    proptest! {
        /// However a log is sorted, going on behind each row shows every row once.
        #[test]
        fn pages_show_each_row_once(count in 0_u64..40, column in 0_usize..7, is_descending: bool, page in 1_usize..9) {
            let log: Vec<Row> = (1..=count).map(|number| row(number, "Alike", StatusName::Held)).collect();
            let sort = Sort { by: Column::ALL[column], is_descending };
            let query = Query { sort, ..Query::default() };
            let found = query.select(&log, project(HERE));
            let (mut seen, mut from) = (BTreeSet::new(), 0);
            while from < found.rows.len() {
                let shown = &found.rows[from..found.rows.len().min(from + page)];
                for row in shown {
                    prop_assert!(seen.insert(row.reference.clone()));
                }
                from = query.behind(&found, &log, &shown.last().unwrap().place());
            }
            prop_assert_eq!(seen.len(), log.len());
        }
    }
}
