//! A connection's activity as one side looks at it: which deliveries, and how many a day came to what.

mod log;
mod saved;

use std::{fmt, str::FromStr};

use gusset_words::say;
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

pub use log::{Column, Counts, Group, Query, Row, Selection, Since, Sort, Trouble, Until, groups};
pub use saved::{MAX_VIEWS, NameError, SavedView, SavedViews, ViewName};

use crate::{delivery::Status, ids::ProjectId};

/// A delivery's status by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusName {
    /// Waits for a worker.
    Queued,
    /// A worker has it.
    Copying,
    /// The copy is there.
    Delivered,
    /// Waits for a person.
    Held,
    /// Waits for time.
    Retrying,
    /// Did not work, and will not by itself.
    Failed,
    /// It is not sent after all.
    Cancelled,
}

/// What a delivery has come to, as a chart groups it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The copy is there.
    Delivered,
    /// It is on its way.
    UnderWay,
    /// It waits for a person.
    Held,
    /// It failed, or the connection ended first.
    Failed,
}

/// The way that a delivery goes, as one side sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From this side's project.
    Sent,
    /// To this side's project.
    Received,
}

/// The text is not one of the words that a filter knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAFilter(&'static str);

impl StatusName {
    /// Every status, in the order in which pages list them.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Copying,
        Self::Delivered,
        Self::Held,
        Self::Retrying,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name of a status.
    #[must_use]
    pub fn of(status: &Status) -> Self {
        match status {
            Status::Queued => Self::Queued,
            Status::Copying { .. } => Self::Copying,
            Status::Delivered { .. } => Self::Delivered,
            Status::Held { .. } => Self::Held,
            Status::Retrying { .. } => Self::Retrying,
            Status::Failed { .. } => Self::Failed,
            Status::Cancelled { .. } => Self::Cancelled,
        }
    }

    /// The name in the API and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Copying => "copying",
            Self::Delivered => "delivered",
            Self::Held => "held",
            Self::Retrying => "retrying",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The name on pages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Queued => say!("status-queued"),
            Self::Copying => say!("status-copying"),
            Self::Delivered => say!("status-delivered"),
            Self::Held => say!("status-held"),
            Self::Retrying => say!("status-retrying"),
            Self::Failed => say!("status-failed"),
            Self::Cancelled => say!("status-cancelled"),
        }
    }

    /// What it comes to.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Queued | Self::Copying | Self::Retrying => Outcome::UnderWay,
            Self::Delivered => Outcome::Delivered,
            Self::Held => Outcome::Held,
            Self::Failed | Self::Cancelled => Outcome::Failed,
        }
    }

    /// Whether a person may have a delivery that stands so tried again now.
    #[must_use]
    pub fn may_be_retried(self) -> bool {
        matches!(self, Self::Held | Self::Retrying | Self::Failed)
    }
}

impl fmt::Display for StatusName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for StatusName {
    type Err = NotAFilter;

    fn from_str(text: &str) -> Result<Self, NotAFilter> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.ok_or(NotAFilter(
            "A status is one of queued, copying, delivered, held, retrying, failed, cancelled.",
        ))
    }
}

impl Direction {
    /// The direction of what arrives in a project, as seen from one of the two that it goes between.
    #[must_use]
    pub fn to(target: ProjectId, seen_from: ProjectId) -> Self {
        if target == seen_from {
            Self::Received
        } else {
            Self::Sent
        }
    }

    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
        }
    }
}

impl FromStr for Direction {
    type Err = NotAFilter;

    fn from_str(text: &str) -> Result<Self, NotAFilter> {
        match text {
            "sent" => Ok(Self::Sent),
            "received" => Ok(Self::Received),
            _ => Err(NotAFilter("A direction is one of sent, received.")),
        }
    }
}

/// What the deliveries that were first heard of on one day have come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The day, in UTC.
    pub date: Date,
    /// How many are delivered.
    pub delivered: u32,
    /// How many are on their way.
    pub under_way: u32,
    /// How many wait for a person.
    pub held: u32,
    /// How many failed or were cancelled.
    pub failed: u32,
}

impl Day {
    /// How many there are in all.
    #[must_use]
    pub fn all(&self) -> u32 {
        self.delivered + self.under_way + self.held + self.failed
    }
}

/// The last `days` days up to today, the oldest first, days without any delivery included.
#[must_use]
pub fn per_day<'a>(deliveries: impl IntoIterator<Item = &'a Row>, days: u8, now: Timestamp) -> Vec<Day> {
    let day_of = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let today = day_of(now);
    let mut counted: Vec<Day> = (0..i64::from(days))
        .rev()
        .map(|back| Day {
            date: today.saturating_sub(Span::new().days(back)),
            delivered: 0,
            under_way: 0,
            held: 0,
            failed: 0,
        })
        .collect();
    for delivery in deliveries {
        let date = day_of(delivery.created_at);
        let Some(day) = counted.iter_mut().find(|day| day.date == date) else {
            continue;
        };
        match delivery.status.outcome() {
            Outcome::Delivered => day.delivered += 1,
            Outcome::UnderWay => day.under_way += 1,
            Outcome::Held => day.held += 1,
            Outcome::Failed => day.failed += 1,
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        connection::Side,
        delivery::{Because, Delivery, Job, WaitsFor},
        ids::{ConnectionId, ItemId},
        send::Tool,
    };

    fn delivery(created_at: &str, status: Status) -> Row {
        let job = Job {
            connection: ConnectionId(Uuid::nil()),
            to: Side::Recipient,
            tool: Tool::Rfis,
            source: ProjectId::new(1).unwrap(),
            target: ProjectId::new(3).unwrap(),
            item: ItemId::new(2).unwrap(),
            repeat: 0,
            by_hand: false,
            may_be_private: false,
        };
        let delivery = Delivery::new(job, created_at.parse().unwrap());
        Row::of(&Delivery { status, ..delivery })
    }

    #[test]
    fn each_day_says_what_its_items_came_to_and_days_without_any_are_there() {
        let held = || Status::Held {
            reason: String::new(),
            waits_for: WaitsFor::Manager,
        };
        let cancelled = Status::Cancelled {
            reason: String::new(),
            because: Because::ConnectionEnded,
        };
        let deliveries = [
            delivery("2026-02-27T23:59:59Z", Status::Queued),
            delivery("2026-02-28T00:00:00Z", cancelled),
            delivery("2026-03-02T11:00:00Z", held()),
            delivery("2026-03-02T12:00:00Z", Status::Queued),
        ];
        let days = per_day(&deliveries, 3, "2026-03-02T12:00:00Z".parse().unwrap());
        let told: Vec<_> = days
            .iter()
            .map(|day| (day.date.to_string(), day.under_way, day.held, day.failed, day.all()))
            .collect();
        assert_eq!(
            told,
            [
                ("2026-02-28".to_owned(), 0, 0, 1, 1),
                ("2026-03-01".to_owned(), 0, 0, 0, 0),
                ("2026-03-02".to_owned(), 1, 1, 0, 2),
            ]
        );
    }

    #[test]
    fn every_word_of_a_filter_is_read_as_it_is_written() {
        for status in StatusName::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        let row = delivery("2026-03-02T12:00:00Z", Status::Queued);
        for (direction, here) in [(Direction::Sent, row.source), (Direction::Received, row.target)] {
            assert_eq!(direction.as_str().parse(), Ok(direction));
            assert_eq!(row.direction(here), direction);
        }
        assert!("Held".parse::<StatusName>().is_err());
    }
}
