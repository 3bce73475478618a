//! Whatever dies, hangs, repeats or is late, and whatever people choose, end and begin anew meanwhile, an item has one copy in the
//! end, and never two; and what anybody may have seen of its delivery is never forgotten.
//!
//! A world in small, with a clock of its own: messages that SQS hands out again and again, workers that may die between any
//! two steps, and a Procore whose answers may be lost, which may refuse, and which may take its time to finish what it was
//! asked. The rules are the real ones; only the world is made up. `functions/copy-item` follows the same steps.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use gusset_domain::{
    connection::{AccountSeeds, Change, Connection, ReviewChoice, RfiReview, ServiceUsers, Side, Terms},
    delivery::{
        Again, Arrival, Because, Cause, Claim, Delivery, Halt, Job, Lease, Order, Status, Stays, WaitsFor, lease_length,
    },
    ids::{CompanyId, ConnectionId, ItemId, ProjectId, UserId},
    items::{Completeness, Item, Rfi},
    people::{Actor, Person, Project, RfiManager},
    send::{SendChoice, SendMode, Tool},
    service_account::Seed,
};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

/// How long a worker's function may run.
const FUNCTION_TIMEOUT: u64 = 20;
/// How long an answer of Procore is waited for, and how long Procore may take to finish a request.
const LONGEST_REQUEST: u64 = 5;
/// After how long SQS hands a dead worker's message to another.
const VISIBILITY: u64 = 20;
/// When the faults stop, so that the end can be looked at.
const FAULTS_END: u64 = 400;
/// When everything has to have come to rest.
const END: u64 = 4_000;

/// What becomes of one attempt.
#[derive(Debug, Clone, Copy)]
struct Fate {
    /// Seconds that each step before the create takes.
    step: u64,
    /// Before which step the worker dies, if it does: 1 look, 2 create, 3 hear the answer, 4 record the outcome.
    dies_before: Option<u8>,
    /// What Procore makes of the create.
    create: Create,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Create {
    /// It is done after so many seconds, and answered.
    Works(u64),
    /// It is done after so many seconds, and the answer is lost.
    WorksUnheard(u64),
    /// Nothing is done, and no answer comes.
    NothingUnheard,
    /// 429.
    AsksToWait,
    /// 422.
    Refuses,
    /// 403: it waits for somebody.
    Forbids,
}

/// What else happens, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outside {
    /// Procore repeats the event, or the sweep finds the item.
    Message,
    /// A person picks the item, or presses Retry.
    Person,
    /// What it waited for is there.
    Release,
    /// An operator redrives the dead letters.
    Redrive,
    /// Either side disconnects.
    Disconnect,
    /// The two connect anew, whoever asks.
    Reconnect,
    /// The sending side chooses how it sends.
    Mode(SendMode),
    /// The arriving side chooses a manager, or none.
    Manager(bool),
    /// The arriving side says whether it accepts RFIs.
    Accepts(bool),
    /// Either side pauses, or resumes.
    Pause { by_source: bool, resume: bool },
    /// Somebody makes the item private, or public.
    Private(bool),
}

/// A step that is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Message(MessageAgain),
    Look { worker: usize },
    Create { worker: usize },
    Effect,
    Answer { worker: usize },
    Outside(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct MessageAgain {
    by_hand: bool,
    redriven: bool,
    /// The place of its connection among all that the two had.
    over: usize,
}

/// A worker at an attempt.
struct Worker {
    claimed: Delivery,
    version: u64,
    look_first: bool,
    message: MessageAgain,
    /// The connection as it read it.
    connection: Connection,
    /// The item as it read it.
    item: Item,
    /// When it began.
    began: u64,
    fate: Fate,
}

struct World {
    now: u64,
    due: BinaryHeap<Reverse<(u64, u64, Due)>>,
    ordinal: u64,
    record: Option<(Delivery, u64)>,
    workers: Vec<Worker>,
    fates: Vec<Fate>,
    /// Copies in the other project, and requests that will become some.
    copies: usize,
    outside: Vec<Outside>,
    /// The connections that the two projects had, the last one last: all but that one have ended.
    connections: Vec<Connection>,
    is_private: bool,
    /// Whether anybody may have seen the delivery.
    is_seen: bool,
    /// Whether the record was lost of something that somebody may have seen.
    is_forgotten: bool,
}

fn source() -> ProjectId {
    ProjectId::new(30001).unwrap()
}

fn target() -> ProjectId {
    ProjectId::new(20001).unwrap()
}

fn job(connection: &Connection) -> Job {
    let to = connection.side_of(target()).unwrap();
    Job::over(connection, to, Tool::Rfis, ItemId::new(501).unwrap())
}

fn person() -> Person {
    Person {
        id: UserId::new(1).unwrap(),
        name: "Sam".to_owned(),
    }
}

fn manager() -> RfiManager {
    RfiManager {
        person: person(),
        email: None,
    }
}

/// The two projects, newly connected for the `nth` time: each time another one asks.
fn connected(nth: usize, now: Timestamp) -> Connection {
    let project = |id| Project {
        id,
        name: "Pier 9".to_owned(),
        company_id: CompanyId::new(1).unwrap(),
        company_name: "Harbour".to_owned(),
    };
    let sends = Terms {
        send: SendChoice::from([(Tool::Rfis, SendMode::Automatic)]),
        review: Some(ReviewChoice::Becomes(RfiReview::Manager(manager()))),
    };
    let (asks, asked) = if nth.is_multiple_of(2) {
        (source(), target())
    } else {
        (target(), source())
    };
    let stamp = Actor { by: person(), at: now };
    let id = ConnectionId(Uuid::from_u128(nth as u128 + 1));
    let request = Connection::ask(id, project(asks), project(asked), sends.clone(), stamp).unwrap();
    let seeds = AccountSeeds {
        requester: Seed(1),
        recipient: Seed(2),
    };
    let accept = Change::Accept(sends, seeds, ServiceUsers::default());
    request.change(Side::Recipient, accept, &person(), now).unwrap()
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_second(i64::try_from(second).unwrap()).unwrap()
}

fn seconds(timestamp: Timestamp) -> u64 {
    u64::try_from(timestamp.as_second()).unwrap()
}

impl World {
    fn plan(&mut self, when: u64, due: Due) {
        self.ordinal += 1;
        self.due.push(Reverse((when, self.ordinal, due)));
    }

    /// A message about the item, over the present connection.
    fn message(&mut self, when: u64, by_hand: bool, redriven: bool) {
        let over = self.connections.len() - 1;
        self.plan(
            when,
            Due::Message(MessageAgain {
                by_hand,
                redriven,
                over,
            }),
        );
    }

    fn connection(&self) -> &Connection {
        self.connections.last().unwrap()
    }

    fn is_connected(&self) -> bool {
        self.connection().connected_since().is_some()
    }

    /// What people of either side do to the present connection, where it is possible.
    fn change(&mut self, from: ProjectId, change: Change) {
        let connection = self.connection();
        let side = connection.side_of(from).unwrap();
        if let Ok(changed) = connection.change(side, change, &person(), at(self.now)) {
            *self.connections.last_mut().unwrap() = changed;
        }
    }

    /// Whoever waits is sent on, as it was queued.
    fn send_on(&mut self) {
        let Some((delivery, _)) = &self.record else { return };
        let over = |connection: &Connection| connection.id == delivery.job.connection;
        let (by_hand, over) = (delivery.job.by_hand, self.connections.iter().position(over).unwrap());
        if delivery.is_listed_as_waiting && !matches!(delivery.status, Status::Delivered { .. }) {
            let message = MessageAgain {
                by_hand,
                redriven: false,
                over,
            };
            self.plan(self.now, Due::Message(message));
        }
    }

    fn write(&mut self, delivery: Delivery, version: u64) {
        self.is_seen |= delivery.is_seen();
        self.record = Some((delivery, version));
    }

    fn item(&self) -> Item {
        Item::Rfi(Rfi {
            id: ItemId::new(501).unwrap(),
            number: None,
            subject: "Beam".to_owned(),
            question_rich: String::new(),
            question_plain: "Which beam?".to_owned(),
            draft: false,
            private: self.is_private,
            deleted: false,
            opened_at: Some(at(1)),
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
        })
    }

    fn run(&mut self) {
        while let Some(Reverse((when, _, due))) = self.due.pop() {
            if when > END {
                break;
            }
            self.now = when;
            match due {
                Due::Message(message) => self.claim(message),
                Due::Look { worker } => self.look(worker),
                Due::Create { worker } => self.create(worker),
                Due::Effect => self.copies += 1,
                Due::Answer { worker } => self.hear(worker),
                Due::Outside(which) => self.happen(self.outside[which]),
            }
        }
    }

    fn happen(&mut self, what: Outside) {
        match what {
            Outside::Message => {
                let side = self.connection().side_of(source()).unwrap();
                if self.connection().sends_since(side, Tool::Rfis).is_some() {
                    self.message(self.now, false, false);
                }
            }
            Outside::Redrive => self.message(self.now, false, true),
            Outside::Release => self.send_on(),
            Outside::Disconnect => {
                self.change(source(), Change::Disconnect);
                self.send_on();
            }
            Outside::Reconnect => {
                if !self.is_connected() {
                    self.connections.push(connected(self.connections.len(), at(self.now)));
                }
            }
            Outside::Mode(mode) => {
                let terms = Terms {
                    send: SendChoice::from([(Tool::Rfis, mode)]),
                    review: None,
                };
                self.change(source(), Change::Settle(terms));
            }
            Outside::Manager(chosen) => {
                let terms = Terms {
                    send: SendChoice::new(),
                    review: Some(if chosen {
                        ReviewChoice::Becomes(RfiReview::Manager(manager()))
                    } else {
                        ReviewChoice::NoManager
                    }),
                };
                self.change(target(), Change::Settle(terms));
                self.send_on();
            }
            Outside::Accepts(accepts) => {
                let terms = Terms {
                    send: SendChoice::new(),
                    review: Some(if accepts {
                        ReviewChoice::Accept
                    } else {
                        ReviewChoice::Becomes(RfiReview::Refused)
                    }),
                };
                self.change(target(), Change::Settle(terms));
                self.send_on();
            }
            Outside::Pause { by_source, resume } => {
                let from = if by_source { source() } else { target() };
                self.change(from, if resume { Change::Resume } else { Change::Pause });
                if resume {
                    self.send_on();
                }
            }
            Outside::Private(private) => self.is_private = private,
            Outside::Person if !self.is_connected() => {}
            Outside::Person => {
                let longest = Duration::from_secs(LONGEST_REQUEST);
                let job = Job {
                    by_hand: true,
                    may_be_private: true,
                    ..job(self.connection())
                };
                let (again, version) = match &self.record {
                    None => (
                        Again::Write(Box::new(Delivery::picked(job, Vec::new(), "Picked", at(self.now)))),
                        0,
                    ),
                    Some((known, version)) => (known.again(&job, "Picked", longest, at(self.now)), *version),
                };
                match again {
                    Again::Write(delivery) => {
                        self.write(*delivery, version + 1);
                        self.message(self.now, true, false);
                    }
                    Again::IsUnderWay => self.message(self.now, true, false),
                    Again::IsDelivered | Again::IsCancelled => {}
                }
            }
        }
    }

    fn claim(&mut self, message: MessageAgain) {
        let lease = lease_length(
            Duration::from_secs(FUNCTION_TIMEOUT),
            Duration::from_secs(LONGEST_REQUEST),
        );
        let lease = Lease {
            id: Uuid::nil(),
            until: at(self.now + lease.as_secs()),
        };
        let connection = self.connections[message.over].clone();
        let job = Job {
            by_hand: message.by_hand,
            may_be_private: message.by_hand,
            ..job(&connection)
        };
        let order: Order = job.ordered(if message.redriven {
            Cause::DeadLetter
        } else {
            Cause::News
        });
        let known = self.record.as_ref().map(|(delivery, _)| delivery);
        let (mut claimed, look_first) = match Delivery::claim(known, &order, lease, at(self.now)) {
            Claim::Take(delivery) => (delivery, false),
            Claim::TakeOver(delivery) => (delivery, true),
            Claim::Leave => return,
            Claim::WaitUntil(until) => return self.plan(seconds(until).max(self.now + 1), Due::Message(message)),
        };
        let version = self.record.as_ref().map_or(0, |(_, version)| *version) + 1;
        self.write(claimed.clone(), version);
        claimed.hear(&connection);
        if let Err(because) = claimed.may_set_out(&connection) {
            return self.leave(claimed, version, because, &connection);
        }
        let smooth = Fate {
            step: 1,
            dies_before: None,
            create: Create::Works(0),
        };
        let fate = if self.now < FAULTS_END {
            self.fates.pop().unwrap_or(smooth)
        } else {
            smooth
        };
        let worker = self.workers.len();
        let step = fate.step;
        self.workers.push(Worker {
            claimed,
            version,
            look_first,
            message,
            connection,
            item: self.item(),
            began: self.now,
            fate,
        });
        if !self.dies(worker, 1) {
            self.plan(self.now + step, Due::Look { worker });
        }
    }

    /// Whether the worker dies here, or was ended because it took too long; its message then comes back.
    fn dies(&mut self, worker: usize, before: u8) -> bool {
        let Worker {
            began, fate, message, ..
        } = &self.workers[worker];
        let (ended, visible_at, message) = (began + FUNCTION_TIMEOUT, began + VISIBILITY, *message);
        if fate.dies_before != Some(before) && self.now <= ended {
            return false;
        }
        self.plan(visible_at.max(self.now), Due::Message(message));
        true
    }

    fn look(&mut self, worker: usize) {
        if self.workers[worker].look_first && self.copies > 0 {
            if !self.dies(worker, 4) {
                self.commit(worker);
            }
            return;
        }
        if self.dies(worker, 2) {
            return;
        }
        let Worker {
            claimed,
            version,
            message,
            connection,
            item,
            fate,
            ..
        } = &self.workers[worker];
        let (delivery, connection, version, message) = (claimed.clone(), connection.clone(), *version, *message);
        match delivery.may_go_on(&connection, item) {
            Ok(()) => {
                let step = fate.step;
                self.plan(self.now + step, Due::Create { worker });
            }
            Err(Halt::Stays(because)) => self.leave(delivery, version, because, &connection),
            Err(Halt::Waits(waits_for, reason)) if *self.connection() == connection => {
                let held = delivery.held(waits_for, reason, at(self.now));
                self.settle(worker, held);
            }
            // What it waits for may be there by now.
            Err(Halt::Waits(..)) => {
                let later = at(self.now + 1);
                self.settle(worker, delivery.postponed("changed", later, at(self.now)));
                self.plan(self.now + 1, Due::Message(message));
            }
        }
    }

    /// The item stays where it is.
    fn leave(&mut self, claimed: Delivery, version: u64, because: Because, connection: &Connection) {
        if self.record.as_ref().is_none_or(|(_, present)| *present != version) {
            return;
        }
        match claimed.stays(because, connection, at(self.now)) {
            Stays::Seen(cancelled) => self.write(*cancelled, version + 1),
            Stays::Unseen => {
                self.is_forgotten |= self.is_seen;
                self.record = None;
            }
        }
    }

    fn create(&mut self, worker: usize) {
        if self.dies(worker, 2) {
            return;
        }
        let create = self.workers[worker].fate.create;
        if let Create::Works(takes) | Create::WorksUnheard(takes) = create {
            self.plan(self.now + takes, Due::Effect);
        }
        if self.dies(worker, 3) {
            return;
        }
        let takes = match create {
            Create::Works(takes) => takes,
            Create::WorksUnheard(_) | Create::NothingUnheard => LONGEST_REQUEST,
            Create::AsksToWait | Create::Refuses | Create::Forbids => 0,
        };
        self.plan(self.now + takes, Due::Answer { worker });
    }

    fn hear(&mut self, worker: usize) {
        if self.dies(worker, 4) {
            return;
        }
        let create = self.workers[worker].fate.create;
        let delivery = self.workers[worker].claimed.clone();
        let (now, later) = (at(self.now), at(self.now + LONGEST_REQUEST));
        let outcome = match create {
            Create::Works(_) => return self.commit(worker),
            Create::WorksUnheard(_) | Create::NothingUnheard => delivery.failed_for_now("no answer", true, later, now),
            Create::AsksToWait => delivery.postponed("asked to wait", later, now),
            Create::Refuses => delivery.failed("refused".to_owned(), false, now),
            Create::Forbids => delivery.held(WaitsFor::AccessToTarget, "forbidden".to_owned(), now),
        };
        let comes_back = matches!(outcome.status, Status::Retrying { .. });
        self.settle(worker, outcome);
        if comes_back {
            let message = self.workers[worker].message;
            self.plan(self.now + LONGEST_REQUEST, Due::Message(message));
        }
    }

    fn commit(&mut self, worker: usize) {
        let delivery = self.workers[worker].claimed.clone();
        let delivered = delivery.delivered(
            ItemId::new(1).unwrap(),
            Completeness::default(),
            (Arrival::Whole, "there"),
            at(self.now),
        );
        self.settle(worker, delivered);
    }

    /// Written only over what the worker wrote when it claimed.
    fn settle(&mut self, worker: usize, outcome: Delivery) {
        let claimed = self.workers[worker].version;
        if self.record.as_ref().is_some_and(|(_, version)| *version == claimed) {
            self.write(outcome, claimed + 1);
        }
    }
}

fn create() -> impl Strategy<Value = Create> {
    prop_oneof![
        (0..=LONGEST_REQUEST).prop_map(Create::Works),
        (0..=LONGEST_REQUEST).prop_map(Create::WorksUnheard),
        Just(Create::NothingUnheard),
        Just(Create::AsksToWait),
        Just(Create::Refuses),
        Just(Create::Forbids),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    // The last moment in which a request may still be sent is that in which the function's time is up.
    let step = 0..=FUNCTION_TIMEOUT / 2;
    (step, proptest::option::weighted(0.5, 1_u8..=4), create()).prop_map(|(step, dies_before, create)| Fate {
        step,
        dies_before,
        create,
    })
}

fn outside() -> impl Strategy<Value = (u64, Outside)> {
    let what = prop_oneof![
        3 => Just(Outside::Message),
        2 => Just(Outside::Person),
        2 => Just(Outside::Release),
        1 => Just(Outside::Redrive),
        1 => Just(Outside::Disconnect),
        2 => Just(Outside::Reconnect),
        1 => prop_oneof![Just(SendMode::Automatic), Just(SendMode::Manual), Just(SendMode::Off)].prop_map(Outside::Mode),
        1 => any::<bool>().prop_map(Outside::Manager),
        1 => any::<bool>().prop_map(Outside::Private),
        1 => any::<bool>().prop_map(Outside::Accepts),
        2 => any::<(bool, bool)>().prop_map(|(by_source, resume)| Outside::Pause { by_source, resume }),
    ];
    (0..FAULTS_END, what)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn an_item_has_one_copy_whatever_happens(
        fates in proptest::collection::vec(fate(), 0..12),
        happens in proptest::collection::vec(outside(), 0..12),
    ) {
        let mut world = World {
            now: 0,
            due: BinaryHeap::new(),
            ordinal: 0,
            record: None,
            workers: Vec::new(),
            fates,
            copies: 0,
            outside: happens.iter().map(|(_, what)| *what).collect(),
            connections: vec![connected(0, at(0))],
            is_private: false,
            is_seen: false,
            is_forgotten: false,
        };
        world.message(0, false, false);
        for (which, (when, _)) in happens.iter().enumerate() {
            world.plan(*when, Due::Outside(which));
        }
        // When the faults are over, somebody sees to whatever stopped.
        let end = [
            Outside::Reconnect,
            Outside::Mode(SendMode::Manual),
            Outside::Manager(true),
            Outside::Pause { by_source: true, resume: true },
            Outside::Pause { by_source: false, resume: true },
            Outside::Person,
        ];
        for (after, what) in (100..).zip(end) {
            world.outside.push(what);
            let last = world.outside.len() - 1;
            world.plan(FAULTS_END + after, Due::Outside(last));
        }
        world.run();
        prop_assert!(!world.is_forgotten, "what was seen was forgotten");
        prop_assert_eq!(world.copies, 1);
        let (delivery, _) = world.record.unwrap();
        prop_assert!(matches!(delivery.status, Status::Delivered { .. }), "{:?}", delivery);
    }
}
