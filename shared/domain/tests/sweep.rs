//! The sweep finds exactly what is missing, in whatever order Procore lists it, and whatever sweeps failed before.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::{collections::BTreeSet, time::Duration};

use gusset_domain::{
    connection::{AccountSeeds, Change, Connection, ReviewChoice, RfiReview, ServiceUsers, Side, Terms},
    delivery::{Because, Delivery, Job, Lease, Status, Waiting, WaitsFor},
    ids::{CompanyId, ConnectionId, ItemId, ProjectId, UserId},
    items::{Entry, Item, Note, Rfi},
    marker::{self, Reference},
    people::{Actor, Person, Project},
    send::{SendChoice, SendMode, Tool},
    service_account::Seed,
    sweep::{self, Known, ListQuery, Listed, Request, SweepCursor},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proptest::prelude::*;
use uuid::Uuid;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const GRACE: Duration = Duration::from_secs(120);

/// The moment at which the connections were accepted.
const ACCEPTED: i64 = 1_795_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn item(id: u64) -> ItemId {
    ItemId::new(id).unwrap()
}

fn project(id: u64) -> Project {
    Project {
        id: ProjectId::new(id).unwrap(),
        name: format!("Project {id}"),
        company_id: CompanyId::new(id / 10 + 1).unwrap(),
        company_name: format!("Company {id}"),
    }
}

/// The project that is swept.
fn swept_project() -> ProjectId {
    project(30001).id
}

fn stamp(second: i64) -> Actor {
    Actor {
        by: Person {
            id: UserId::new(1).unwrap(),
            name: "Sam".to_owned(),
        },
        at: at(second),
    }
}

fn terms(tool: Tool, mode: SendMode) -> Terms {
    Terms {
        send: SendChoice::from([(tool, mode)]),
        review: None,
    }
}

/// A connection of the swept project to another, in which each side sends a tool as told.
fn connected(other: u64, tool: Tool, sends: SendMode, gets: SendMode) -> Connection {
    let id = ConnectionId(Uuid::from_u128(u128::from(other)));
    let asked = stamp(ACCEPTED - HOUR);
    let asked = Connection::ask(id, project(30001), project(other), terms(tool, sends), asked).unwrap();
    let seeds = AccountSeeds {
        requester: Seed(1),
        recipient: Seed(2),
    };
    let accept = Change::Accept(terms(tool, gets), seeds, ServiceUsers::default());
    asked
        .change(Side::Recipient, accept, &stamp(0).by, at(ACCEPTED))
        .unwrap()
}

fn rfi(id: u64, opened: i64, question: &str) -> Rfi {
    Rfi {
        id: item(id),
        number: None,
        subject: "Beam".to_owned(),
        question_rich: question.to_owned(),
        question_plain: question.to_owned(),
        draft: false,
        private: false,
        deleted: false,
        opened_at: Some(at(opened)),
        author: None,
        author_id: None,
        due_date: None,
        reference: None,
        cost_impact: None,
        schedule_impact: None,
        location: None,
        drawing_number: None,
        specification_section: None,
        attachments: Vec::new(),
        pictures: Vec::new(),
        revision: None,
        link: None,
        named: Vec::new(),
        unreadable: Vec::new(),
    }
}

fn note(id: u64, written: i64, date: Date) -> Listed {
    let entry = Entry {
        id: item(id),
        date: Some(date),
        comment: "Rain".to_owned(),
        created_at: Some(at(written)),
        author: None,
        author_id: None,
        deleted: false,
        location: None,
        attachments: Vec::new(),
        pending: false,
        named: Vec::new(),
        unreadable: Vec::new(),
    };
    Listed {
        item: Item::Note(Note {
            entry,
            is_issue_day: false,
        }),
        changed_at: Some(at(written)),
    }
}

fn marker() -> String {
    let reference = Reference::of(project(20001).id, swept_project(), Tool::Rfis, item(7), 0);
    format!("<p>{}</p>", marker::line(&project(20001), "RFI #7", &reference))
}

fn request() -> Request {
    Request {
        project: swept_project(),
        asked_at: None,
        replace_secret: None,
    }
}

fn day(second: i64) -> Date {
    at(second).to_zoned(TimeZone::UTC).date()
}

/// What Procore lists for a look.
fn listed(look: &ListQuery, all: &[Listed], now: i64) -> Vec<Listed> {
    let shows = |listed: &&Listed| {
        let is_there = listed.changed_at.unwrap() <= at(now);
        is_there
            && match &listed.item {
                Item::Rfi(_) => listed.changed_at.unwrap() >= look.from,
                Item::Note(note) => (look.first_day..=look.last_day).contains(&note.entry.date.unwrap()),
                Item::WorkingHours(_) => unreachable!("not used here"),
            }
    };
    all.iter().filter(shows).cloned().collect()
}

/// An RFI, and what is known of it.
#[derive(Debug, Clone)]
struct Case {
    changed: i64,
    opened: i64,
    draft: bool,
    private: bool,
    deleted: bool,
    marked: bool,
    recorded_as_copy: bool,
    status: Option<Status>,
}

fn status() -> impl Strategy<Value = Status> {
    let reason = || "x".to_owned();
    prop_oneof![
        Just(Status::Queued),
        (-2 * HOUR..HOUR).prop_map(|until| Status::Copying {
            lease: Lease {
                id: Uuid::nil(),
                until: at(ACCEPTED + DAY + until),
            },
        }),
        Just(Status::Delivered { copy: item(1) }),
        Just(Status::Held {
            reason: reason(),
            waits_for: WaitsFor::Manager
        }),
        (-2 * HOUR..HOUR).prop_map(move |not_before| Status::Retrying {
            reason: reason(),
            not_before: at(ACCEPTED + DAY + not_before),
        }),
        Just(Status::Failed { reason: reason() }),
        because().prop_map(move |because| Status::Cancelled {
            reason: reason(),
            because
        }),
    ]
}

fn because() -> impl Strategy<Value = Because> {
    prop_oneof![
        Just(Because::ConnectionEnded),
        Just(Because::Draft),
        Just(Because::Copy),
        Just(Because::SwitchedOff),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let rarely = || prop::bool::weighted(0.15);
    let flags = (rarely(), rarely(), rarely(), rarely(), rarely());
    let times = (-2 * HOUR..DAY + MINUTE, -2 * HOUR..DAY);
    (times, flags, prop::option::of(status())).prop_map(|((changed, opened), flags, status)| Case {
        changed: ACCEPTED + changed,
        opened: ACCEPTED + opened.min(changed),
        draft: flags.0,
        private: flags.1,
        deleted: flags.2,
        marked: flags.3,
        recorded_as_copy: flags.4,
        status,
    })
}

fn long_ago(status: &Status, now: i64) -> bool {
    let then = at(now - 30 * MINUTE);
    match status {
        // The test's deliveries were queued when their connection was accepted.
        Status::Queued => true,
        Status::Copying { lease } => lease.until <= then,
        Status::Retrying { not_before, .. } => *not_before <= then,
        _ => false,
    }
}

fn looked(connections: &[Connection], request: &Request, swept: &SweepCursor, now: i64) -> Option<ListQuery> {
    sweep::looks(connections, request, swept, at(now)).into_iter().next()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_found_is_exactly_what_is_missing_in_whatever_order_and_however_often_it_is_listed(
        cases in prop::collection::vec(case(), 0..20),
        order in any::<prop::sample::Index>(),
        sends_too in any::<bool>(),
    ) {
        let now = ACCEPTED + DAY;
        let second = if sends_too { SendMode::Automatic } else { SendMode::Manual };
        let connections = [
            connected(20001, Tool::Rfis, SendMode::Automatic, SendMode::Off),
            connected(20002, Tool::Rfis, second, SendMode::Off),
        ];
        let look = looked(&connections, &request(), &SweepCursor::default(), now).unwrap();
        let (mut all, mut known) = (Vec::new(), Known::default());
        let (mut missing, mut stuck) = (BTreeSet::new(), BTreeSet::new());
        for (place, case) in cases.iter().enumerate() {
            let id = place as u64 + 100;
            let question = if case.marked { marker() } else { "<p>Why?</p>".to_owned() };
            let rfi = Rfi { draft: case.draft, private: case.private, deleted: case.deleted, ..rfi(id, case.opened, &question) };
            all.push(Listed { item: Item::Rfi(rfi), changed_at: Some(at(case.changed)) });
            if case.recorded_as_copy {
                known.copies.insert((Tool::Rfis, item(id)));
            }
            for connection in &connections {
                let job = Job::over(connection, Side::Recipient, Tool::Rfis, item(id));
                let travels = !(case.draft || case.private || case.deleted || case.marked || case.recorded_as_copy)
                    && case.opened >= ACCEPTED - MINUTE
                    && case.changed >= ACCEPTED - MINUTE
                    && case.changed <= now - 2 * MINUTE
                    && connection.sends_since(Side::Requester, Tool::Rfis).is_some();
                if let Some(status) = &case.status {
                    let delivery = Delivery { status: status.clone(), ..Delivery::new(job.clone(), at(ACCEPTED)) };
                    known.deliveries.insert(job.reference(), delivery);
                }
                match &case.status {
                    None if travels => drop(missing.insert(job.reference())),
                    Some(status) if travels && long_ago(status, now) => drop(stuck.insert(job.reference())),
                    // What kept it may have passed: it is looked at anew.
                    Some(Status::Cancelled { because: Because::Draft | Because::SwitchedOff, .. }) if travels => {
                        missing.insert(job.reference());
                    }
                    _ => {}
                }
            }
        }
        // Procore's order is not ours to choose, and a page that moves on shows entries twice.
        let turn = if all.is_empty() { 0 } else { order.index(all.len()) };
        all.rotate_left(turn);
        all.extend(all.first().cloned());
        let candidates = sweep::candidates(&connections, swept_project(), &look, &all, GRACE, at(now));
        let found = sweep::findings(candidates, &known, at(now));
        let references = |jobs: &[Job]| jobs.iter().map(Job::reference).collect::<BTreeSet<_>>();
        prop_assert_eq!(found.missing.len(), missing.len());
        prop_assert_eq!(references(&found.missing), missing);
        prop_assert_eq!(found.stuck.len(), stuck.len());
        prop_assert_eq!(references(&found.stuck), stuck);
    }

    /// Sweeps come at any time and any of them may fail. Once one has succeeded after the grace, every RFI has been found.
    #[test]
    fn no_rfi_is_lost_however_many_sweeps_fail(
        changes in prop::collection::vec(0..10 * DAY, 1..20),
        mut sweeps in prop::collection::vec((0..10 * DAY, any::<bool>()), 0..40),
    ) {
        let connections = [connected(20001, Tool::Rfis, SendMode::Automatic, SendMode::Off)];
        let all: Vec<_> = changes.iter().enumerate().map(|(place, changed)| Listed {
            item: Item::Rfi(rfi(place as u64 + 1, ACCEPTED + changed, "Why?")),
            changed_at: Some(at(ACCEPTED + changed)),
        }).collect();
        sweeps.sort_unstable();
        sweeps.push((10 * DAY + 5 * MINUTE, true));
        let found = run(&connections, &all, &sweeps);
        prop_assert_eq!(found.len(), all.len());
    }

    /// The same for the Site Diary, for entries up to 50 days before or after the day on which they are written: the long
    /// look of the next day has them all, and those about the last days are found at once.
    #[test]
    fn no_entry_is_lost_whatever_day_it_is_about(
        entries in prop::collection::vec((0..10 * DAY, -50_i64..50), 1..20),
        mut sweeps in prop::collection::vec((0..10 * DAY, any::<bool>()), 0..40),
    ) {
        let connections = [connected(20001, Tool::Notes, SendMode::Automatic, SendMode::Off)];
        let all: Vec<_> = entries.iter().enumerate().map(|(place, (written, days))| {
            let written = ACCEPTED + written;
            note(place as u64 + 1, written, day(written + days * DAY))
        }).collect();
        sweeps.sort_unstable();
        sweeps.push((10 * DAY + 5 * MINUTE, true));
        let recent = entries.iter().filter(|(_, days)| (-6..=6).contains(days)).count();
        prop_assert!(run(&connections, &all, &sweeps).len() >= recent);
        sweeps.push((11 * DAY + 5 * MINUTE, true));
        prop_assert_eq!(run(&connections, &all, &sweeps).len(), all.len());
    }
}

/// What is found by sweeps at some times after the acceptance, of which each succeeds or not.
fn run(connections: &[Connection], all: &[Listed], sweeps: &[(i64, bool)]) -> BTreeSet<Reference> {
    let mut swept = SweepCursor::default();
    let mut found = BTreeSet::new();
    for (time, succeeds) in sweeps {
        let now = ACCEPTED + time;
        let Some(look) = looked(connections, &request(), &swept, now).filter(|_| *succeeds) else {
            continue;
        };
        let shown = listed(&look, all, now);
        let jobs = sweep::candidates(connections, swept_project(), &look, &shown, GRACE, at(now));
        found.extend(jobs.iter().map(Job::reference));
        swept.advance(look.tool, at(now));
    }
    found
}

#[test]
fn a_tool_is_looked_at_once_and_only_if_it_matters() {
    let connections = [
        connected(20001, Tool::Rfis, SendMode::Automatic, SendMode::Automatic),
        connected(20002, Tool::Rfis, SendMode::Automatic, SendMode::Off),
        connected(20003, Tool::Notes, SendMode::Manual, SendMode::Off),
    ];
    let looks = sweep::looks(&connections, &request(), &SweepCursor::default(), at(ACCEPTED + HOUR));
    assert_eq!(looks.iter().map(|look| look.tool).collect::<Vec<_>>(), [Tool::Rfis]);
}

#[test]
fn what_only_arrives_is_looked_at_once_a_day() {
    let connections = [connected(20001, Tool::Rfis, SendMode::Manual, SendMode::Automatic)];
    let mut swept = SweepCursor::default();
    let mut looks = 0;
    for quarter in 1..=4 * 24 * 3 {
        let now = ACCEPTED + quarter * 15 * MINUTE;
        for look in sweep::looks(&connections, &request(), &swept, at(now)) {
            swept.advance(look.tool, at(now));
            looks += 1;
        }
    }
    assert!((3..=4).contains(&looks), "{looks} looks in three days");
}

#[test]
fn a_sweep_that_came_later_than_it_was_asked_for_answers_all_who_asked_before() {
    let connections = [connected(20001, Tool::Rfis, SendMode::Automatic, SendMode::Off)];
    let mut swept = SweepCursor::default();
    swept.advance(Tool::Rfis, at(ACCEPTED + HOUR));
    let asked = |second| Request {
        asked_at: Some(at(second)),
        ..request()
    };
    let now = ACCEPTED + 2 * HOUR;
    assert_eq!(looked(&connections, &asked(ACCEPTED + HOUR), &swept, now), None);
    assert!(looked(&connections, &asked(ACCEPTED + HOUR + 1), &swept, now).is_some());
}

#[test]
fn what_is_older_than_the_choice_to_send_it_by_itself_is_not_found() {
    let manual = connected(20001, Tool::Rfis, SendMode::Manual, SendMode::Off);
    let chosen = ACCEPTED + 100 * DAY;
    let automatic = Change::Settle(terms(Tool::Rfis, SendMode::Automatic));
    let automatic = manual
        .change(Side::Requester, automatic, &stamp(0).by, at(chosen))
        .unwrap();
    // Choosing what is chosen already changes nothing.
    let again = Change::Settle(terms(Tool::Rfis, SendMode::Automatic));
    let automatic = automatic
        .change(Side::Requester, again, &stamp(0).by, at(chosen + 2 * HOUR))
        .unwrap();
    assert_eq!(automatic.sends_since(Side::Requester, Tool::Rfis), Some(at(chosen)));
    assert_eq!(automatic.sends_since(Side::Recipient, Tool::Rfis), None);
    let connections = [automatic];
    let all: Vec<_> = [chosen - HOUR, chosen + HOUR]
        .into_iter()
        .enumerate()
        .map(|(place, opened)| Listed {
            item: Item::Rfi(rfi(place as u64 + 1, opened, "Why?")),
            // Both were touched only just now.
            changed_at: Some(at(chosen + HOUR)),
        })
        .collect();
    let now = chosen + 2 * HOUR;
    let look = looked(&connections, &request(), &SweepCursor::default(), now).unwrap();
    assert!(look.from >= at(chosen - MINUTE), "{look:?}");
    let jobs = sweep::candidates(&connections, swept_project(), &look, &all, GRACE, at(now));
    assert_eq!(jobs.iter().map(|job| job.item).collect::<Vec<_>>(), [item(2)]);
}

#[test]
fn two_copies_with_one_marker_are_told_of_until_one_is_deleted() {
    let (gusset, person) = (UserId::new(9), UserId::new(4));
    let by = |author_id, id, deleted| Listed {
        item: Item::Rfi(Rfi {
            deleted,
            author_id,
            ..rfi(id, ACCEPTED, &marker())
        }),
        changed_at: None,
    };
    let copy = |id, deleted| by(gusset, id, deleted);
    let ours = gusset.into_iter().collect();
    // One that a list shows twice is one.
    assert_eq!(sweep::doubled(&[copy(1, false), copy(1, false)], &ours), []);
    let doubled = sweep::doubled(&[copy(2, false), copy(1, false)], &ours);
    assert_eq!(doubled.len(), 1);
    assert_eq!(doubled[0].items, [item(1), item(2)]);
    assert_eq!(sweep::doubled(&[copy(2, true), copy(1, false)], &ours), []);
    // What a person quotes is no copy, and nobody can say who wrote what has no author.
    assert_eq!(sweep::doubled(&[by(person, 2, false), copy(1, false)], &ours), []);
    assert_eq!(sweep::doubled(&[by(None, 2, false), copy(1, false)], &ours), []);
}

#[test]
fn of_what_waits_for_access_the_longest_waiting_of_each_kind_is_tried() {
    let waiting = |item, tool, waits_for, since| Waiting {
        job: Job {
            connection: ConnectionId(Uuid::nil()),
            to: Side::Recipient,
            tool,
            source: ProjectId::new(1).unwrap(),
            target: ProjectId::new(2).unwrap(),
            item: ItemId::new(item).unwrap(),
            repeat: 0,
            by_hand: false,
            may_be_private: false,
        },
        waits_for,
        day: None,
        since: Timestamp::from_second(since).unwrap(),
    };
    let (source, target) = (Some(WaitsFor::AccessToSource), Some(WaitsFor::AccessToTarget));
    let all = [
        waiting(1, Tool::Rfis, target, 20),
        waiting(2, Tool::Rfis, target, 10),
        waiting(3, Tool::Notes, target, 30),
        waiting(4, Tool::Notes, source, 40),
        waiting(5, Tool::Rfis, Some(WaitsFor::Manager), 1),
        waiting(6, Tool::Rfis, Some(WaitsFor::Account), 1),
        waiting(7, Tool::Rfis, Some(WaitsFor::Confirmation), 1),
        waiting(8, Tool::Rfis, Some(WaitsFor::ManagerRole), 3),
        waiting(9, Tool::Notes, Some(WaitsFor::OpenDay), 3),
        waiting(10, Tool::Notes, Some(WaitsFor::OpenDay), 2),
        Waiting {
            day: Some(day(0)),
            ..waiting(11, Tool::Notes, Some(WaitsFor::OpenDay), 4)
        },
        waiting(7, Tool::Rfis, None, 1),
    ];
    let mut tried: Vec<u64> = sweep::probes(&all).iter().map(|job| job.item.get()).collect();
    tried.sort_unstable();
    assert_eq!(tried, [2, 3, 4, 8, 10, 11], "each closed day by itself");
}

#[test]
fn what_waits_for_a_pause_that_is_over_is_sent_on_and_the_rest_goes_on_waiting() {
    let connection = connected(20001, Tool::Notes, SendMode::Automatic, SendMode::Automatic);
    let by = &stamp(0).by;
    let paused = connection
        .change(Side::Recipient, Change::Pause, by, at(ACCEPTED))
        .unwrap();
    let waiting = |number, waits_for| Waiting {
        job: Job::over(&paused, Side::Recipient, Tool::Notes, item(number)),
        waits_for,
        day: None,
        since: at(ACCEPTED),
    };
    let all = [
        waiting(1, Some(WaitsFor::ResumeBySource)),
        waiting(2, Some(WaitsFor::ResumeByTarget)),
        waiting(3, Some(WaitsFor::Manager)),
        waiting(4, None),
    ];
    let over = |connection: &Connection| {
        let jobs = sweep::after_pauses(&all, connection);
        jobs.iter().map(|job| job.item.get()).collect::<Vec<_>>()
    };
    assert_eq!(over(&paused), [1], "the source has not paused it");
    let resumed = paused
        .change(Side::Recipient, Change::Resume, by, at(ACCEPTED))
        .unwrap();
    assert_eq!(over(&resumed), [1, 2]);
    let ended = paused
        .change(Side::Requester, Change::Disconnect, by, at(ACCEPTED))
        .unwrap();
    assert_eq!(over(&ended), [1, 2], "they are cancelled");
}

#[test]
fn rfis_that_the_other_side_does_not_accept_are_not_looked_for_and_later_only_what_is_new() {
    let connection = connected(20001, Tool::Rfis, SendMode::Automatic, SendMode::Off);
    let by = &stamp(0).by;
    let settle = |connection: &Connection, choice, second| {
        let terms = Terms {
            review: Some(choice),
            ..Terms::default()
        };
        connection
            .change(Side::Recipient, Change::Settle(terms), by, at(second))
            .unwrap()
    };
    let request = Request {
        project: ProjectId::new(30001).unwrap(),
        asked_at: None,
        replace_secret: None,
    };
    let looks = |connection: &Connection| {
        let looks = sweep::looks(
            std::slice::from_ref(connection),
            &request,
            &SweepCursor::default(),
            at(ACCEPTED + DAY),
        );
        looks.iter().map(|look| look.tool).collect::<Vec<_>>()
    };
    assert_eq!(looks(&connection), [Tool::Rfis]);
    let refused = settle(&connection, ReviewChoice::Becomes(RfiReview::Refused), ACCEPTED + HOUR);
    assert_eq!(looks(&refused), []);
    let accepted = settle(&refused, ReviewChoice::Accept, ACCEPTED + 2 * HOUR);
    assert_eq!(looks(&accepted), [Tool::Rfis]);
    let since = accepted.sends_since(Side::Requester, Tool::Rfis);
    assert_eq!(since, Some(at(ACCEPTED + 2 * HOUR)));
}
