//! The sweep: what of a project has been missed, found without any webhook.
//!
//! Each sweep asks Procore once for each tool that matters ([`looks`]), and compares what it shows with what is known of
//! it ([`candidates`], [`findings`]). A tool's cursor moves on only when its look has succeeded, so that nothing is lost
//! while Procore is down or the app is not installed. What is found wrongly does no harm: a delivery is made once,
//! whoever asks for it and how often.
//!
//! How far back a look goes:
//!
//! - RFIs are asked for by the time of their last update, since opening a draft is one. A look reaches back an hour
//!   before the cursor: for clocks that differ, for what Procore indexes late, and long enough for a delivery to be seen
//!   as stuck ([`STUCK_AFTER`]).
//! - Procore knows no filter on the time at which a Site Diary entry was written, but on the day that it is about. A look
//!   takes in a week around the cursor: most entries are about the day, or about the last few.
//! - Once a day a project's look is a long one: 7 days of updated RFIs, 60 days of Site Diary. It finds what is about an
//!   older day, and is a second net under the first. Each project has its own hour for it, so that they do not all come
//!   at midnight. Tools that only arrive are looked at then alone: there is nothing to be missed in them, only doubled.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    time::Duration,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    backfill::Backfill,
    connection::{Connection, Side},
    delivery::{Delivery, Job, Status, Waiting, WaitsFor},
    ids::{ItemId, ProjectId, UserId},
    items::{CLOCKS_APART, Item},
    marker::Reference,
    send::Tool,
};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How far before the cursor a look reaches.
const OVERLAP: Duration = HOUR;

/// How far before the cursor a long look reaches for RFIs.
const LONG_OVERLAP: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Days of the Site Diary around the cursor: before it, and after the present day.
const DAYS: u32 = 7;

/// The same in a long look.
const LONG_DAYS: u32 = 60;

/// How long after its time has come, or its lease has run out, a delivery that nobody took counts as stuck. Longer than
/// a message takes from one worker to the next, even where a queue has grown long.
pub const STUCK_AFTER: Duration = Duration::from_secs(30 * 60);

/// That a project is to be swept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The project.
    pub project: ProjectId,
    /// When that was asked for. A tool that was swept since then is left out: whatever else is waiting on the queue for
    /// the same project has been answered by that sweep. Absent, all tools are swept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// Where the project's webhook secret is to be replaced as well: when that was asked for. One that was replaced since
    /// then is left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace_secret: Option<Timestamp>,
}

/// How long a list that met a limit may take. One that was begun before that is read anew.
const LIST_KEPT: Duration = Duration::from_secs(6 * 60 * 60);

/// How far each tool of a project has been swept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SweepCursor {
    /// The start of each tool's last look that succeeded.
    until: BTreeMap<Tool, Timestamp>,
    /// The start of each tool's look that met a limit, and goes on where it stopped.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    begun: BTreeMap<Tool, Timestamp>,
}

impl SweepCursor {
    /// Until when a tool was swept, if it ever was.
    #[must_use]
    pub fn until(&self, tool: Tool) -> Option<Timestamp> {
        self.until.get(&tool).copied()
    }

    /// A tool's look that began at `began` has succeeded, and all that it showed is dealt with.
    pub fn advance(&mut self, tool: Tool, began: Timestamp) {
        self.until.insert(tool, began);
        self.begun.remove(&tool);
    }

    /// A tool's list was not whole: what was read of it counts for nothing, and the next look begins anew, as far back.
    pub fn begins_anew(&mut self, tool: Tool) {
        self.begun.remove(&tool);
    }

    /// When a tool's look began that met a limit and goes on, if there is one.
    #[must_use]
    pub fn begun(&self, tool: Tool, now: Timestamp) -> Option<Timestamp> {
        let began = self.begun.get(&tool).copied()?;
        let ends = began.saturating_add(LIST_KEPT).unwrap_or(began);
        (now < ends).then_some(began)
    }

    /// A tool's look that began at `began` has met a limit.
    pub fn goes_on(&mut self, tool: Tool, began: Timestamp) {
        self.begun.insert(tool, began);
    }
}

/// What to ask Procore for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListQuery {
    /// The tool.
    pub tool: Tool,
    /// What was changed (an RFI) or written (a Site Diary entry) before this has been seen to.
    pub from: Timestamp,
    /// The first day of the Site Diary to list.
    pub first_day: Date,
    /// The last day of the Site Diary to list, itself included.
    pub last_day: Date,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The item, as far as a list shows it.
    pub item: Item,
    /// When it was last changed (an RFI) or written (a Site Diary entry), where Procore says so.
    pub changed_at: Option<Timestamp>,
}

/// What the table knows of candidates.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Their deliveries, as far as there are any.
    pub deliveries: HashMap<Reference, Delivery>,
    /// Which of the items are copies.
    pub copies: HashSet<(Tool, ItemId)>,
}

/// What a sweep has found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// What should have been sent and was never heard of: its webhook was lost.
    pub missing: Vec<Job>,
    /// Deliveries that wait for a worker who does not come: the message to it was lost.
    pub stuck: Vec<Job>,
}

/// Copies that carry the same marker: one of them is too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateCopies {
    /// The reference in the marker.
    pub reference: Reference,
    /// The copies' ids, the oldest first.
    pub items: Vec<ItemId>,
}

/// Decides what to ask Procore for: at most one look for each tool.
#[must_use]
pub fn looks(connections: &[Connection], request: &Request, swept: &SweepCursor, now: Timestamp) -> Vec<ListQuery> {
    let earliest = |side_of: &dyn Fn(&Connection) -> Option<Side>, tool| {
        let since = |connection: &Connection| connection.sends_since(side_of(connection)?, tool);
        connections.iter().filter_map(since).min()
    };
    let here = |connection: &Connection| connection.side_of(request.project);
    let there = |connection: &Connection| here(connection).map(Side::other);
    let look = |tool| {
        let cursor = swept.until(tool);
        if cursor
            .zip(request.asked_at)
            .is_some_and(|(cursor, asked)| cursor >= asked)
        {
            return None;
        }
        let long = cursor.is_none_or(|cursor| day_of(request.project, cursor) != day_of(request.project, now));
        let since = earliest(&here, tool).or_else(|| earliest(&there, tool).filter(|_| long))?;
        let begin = cursor.map_or(since, |cursor| cursor.max(since));
        let (overlap, days) = match (long, tool) {
            (false, _) => (OVERLAP, DAYS),
            (true, Tool::Rfis) => (LONG_OVERLAP, LONG_DAYS),
            (true, Tool::WorkingHours | Tool::Notes) => (DAY * LONG_DAYS, LONG_DAYS),
        };
        Some(ListQuery {
            tool,
            from: back(begin, overlap).max(back(since, CLOCKS_APART)),
            first_day: day(back(begin, DAY * days)),
            last_day: day(now.saturating_add(DAY * days).unwrap_or(now)),
        })
    };
    Tool::ALL.into_iter().filter_map(look).collect()
}

/// Of what a look has shown, all that should travel by itself, as jobs: whether it has is for the table to say.
///
/// `grace`: what was changed so recently is left for the next sweep, because its webhook may be on its way.
#[must_use]
pub fn candidates(
    connections: &[Connection],
    project: ProjectId,
    look: &ListQuery,
    listed: &[Listed],
    grace: Duration,
    now: Timestamp,
) -> Vec<Job> {
    let fresh = back(now, grace);
    let due = |listed: &&Listed| {
        listed
            .changed_at
            .is_none_or(|changed| look.from <= changed && changed <= fresh)
    };
    let mut jobs = Vec::new();
    let mut seen = HashSet::new();
    for listed in listed.iter().filter(due) {
        for connection in connections {
            let Some(side) = connection.side_of(project) else {
                continue;
            };
            let Some(since) = connection.sends_since(side, look.tool) else {
                continue;
            };
            // A page that moved on while the list was read shows some entries twice.
            let is_new = seen.insert((connection.id, listed.item.id()));
            if is_new
                && listed
                    .item
                    .travels_by_itself(since, connection.party(side).service_user)
                    .is_ok()
            {
                jobs.push(Job::over(connection, side.other(), look.tool, listed.item.id()));
            }
        }
    }
    jobs
}

/// Decides which candidates have been missed, and which have come to a stop on their way.
#[must_use]
pub fn findings(candidates: Vec<Job>, known: &Known, now: Timestamp) -> Findings {
    let mut findings = Findings::default();
    for job in candidates {
        if known.copies.contains(&(job.tool, job.item)) {
            continue;
        }
        match known.deliveries.get(&job.reference()) {
            None => findings.missing.push(job),
            Some(delivery) if is_stuck(delivery, now) => findings.stuck.push(delivery.job.clone()),
            // What is a candidate has been approved, and its webhook was lost.
            Some(delivery) if waits_for_approval(delivery) => findings.missing.push(delivery.job.clone()),
            // It would be sent now, and was not when it was last looked at: it was opened since, or chosen.
            Some(delivery) if delivery.may_set_out_anew(&job) => findings.missing.push(job),
            Some(_) => {}
        }
    }
    findings
}

/// Of what waits between two projects, decides what to have tried whether somebody has done in Procore what it waits for:
/// nobody tells us of that. One of each kind is enough, the one that was tried longest ago; where it gets through, the others
/// follow. Of closed days, each is a kind of its own.
#[must_use]
pub fn probes(waiting: &[Waiting]) -> Vec<Job> {
    let mut oldest: HashMap<_, &Waiting> = HashMap::new();
    let probed = |waiting: &&Waiting| waiting.waits_for.is_some_and(WaitsFor::is_probed);
    for waiting in waiting.iter().filter(probed) {
        let day = waiting.day.filter(|_| waiting.waits_for == Some(WaitsFor::OpenDay));
        let kind = (waiting.job.target, waiting.job.tool, waiting.waits_for, day);
        let known = oldest.entry(kind).or_insert(waiting);
        if waiting.since < known.since {
            *known = waiting;
        }
    }
    oldest.into_values().map(|waiting| waiting.job.clone()).collect()
}

/// Of the backfills over a connection, those that leave a project and should have made a step long ago, while nobody has paused
/// the connection.
#[must_use]
pub fn forgotten_backfills<'a>(
    backfills: &'a [Backfill],
    connection: &Connection,
    source: ProjectId,
    now: Timestamp,
) -> Vec<&'a Backfill> {
    let forgotten =
        |backfill: &&Backfill| !connection.is_paused() && backfill.source == source && backfill.is_forgotten(now);
    backfills.iter().filter(forgotten).collect()
}

/// Of what waits between two projects, what waits for a pause that is over: the process died between the end of the pause and
/// the word to the workers.
#[must_use]
pub fn after_pauses(waiting: &[Waiting], connection: &Connection) -> Vec<Job> {
    let is_over = |waiting: &&Waiting| {
        let pause = waiting.waits_for.filter(|waits_for| waits_for.is_pause());
        let by = pause.and_then(|pause| connection.side_of(pause.project(&waiting.job)));
        by.is_some_and(|side| connection.pause_of(side).is_none())
    };
    waiting
        .iter()
        .filter(is_over)
        .map(|waiting| waiting.job.clone())
        .collect()
}

/// Of what waits over a connection, what waits for a worker who should have been told: a person picked it, and the process
/// died between the record and the word to the worker, or the word was lost. `deliveries` says how they stand.
#[must_use]
pub fn forgotten(waiting: &[Waiting], deliveries: &HashMap<Reference, Delivery>, now: Timestamp) -> Vec<Job> {
    let is_forgotten = |waiting: &&Waiting| {
        let delivery = deliveries.get(&waiting.job.reference());
        waiting.waits_for.is_none() && delivery.is_some_and(|delivery| is_stuck(delivery, now))
    };
    let waiting = waiting.iter().filter(is_forgotten);
    waiting.map(|waiting| waiting.job.clone()).collect()
}

/// The markers that more than one entry of a tool's list carries, of those that our app wrote: `ours` are the users as whom it
/// acts there. What people quote in items of their own is no marker.
#[must_use]
pub fn doubled(listed: &[Listed], ours: &BTreeSet<UserId>) -> Vec<DuplicateCopies> {
    let mut items: BTreeMap<Reference, BTreeSet<ItemId>> = BTreeMap::new();
    let is_ours = |item: &Item| item.author().is_some_and(|author| ours.contains(&author));
    for listed in listed
        .iter()
        .filter(|listed| is_ours(&listed.item) && !listed.item.is_deleted())
    {
        if let Some(reference) = listed.item.marker() {
            items.entry(reference).or_default().insert(listed.item.id());
        }
    }
    let doubled = items.into_iter().filter(|(_, items)| items.len() > 1);
    doubled
        .map(|(reference, items)| DuplicateCopies {
            reference,
            items: items.into_iter().collect(),
        })
        .collect()
}

fn waits_for_approval(delivery: &Delivery) -> bool {
    matches!(
        delivery.status,
        Status::Held {
            waits_for: WaitsFor::Approval,
            ..
        }
    )
}

/// Whether a delivery waits for a worker who should have come long ago.
fn is_stuck(delivery: &Delivery, now: Timestamp) -> bool {
    let expected = match &delivery.status {
        Status::Queued => delivery.history.last().map_or(delivery.created_at, |entry| entry.at),
        Status::Copying { lease } => lease.until,
        Status::Retrying { not_before, .. } => *not_before,
        Status::Delivered { .. } | Status::Held { .. } | Status::Failed { .. } | Status::Cancelled { .. } => {
            return false;
        }
    };
    expected <= back(now, STUCK_AFTER)
}

fn back(from: Timestamp, by: Duration) -> Timestamp {
    from.saturating_sub(by).unwrap_or(Timestamp::MIN)
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The day as a project counts it, which begins at an hour and minute of the project's own.
fn day_of(project: ProjectId, at: Timestamp) -> Date {
    let begins = Duration::from_secs(project.get() % DAY.as_secs());
    day(back(at, begins))
}
