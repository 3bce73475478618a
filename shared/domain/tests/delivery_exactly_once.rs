//! Whatever dies, hangs, repeats or is late, an item has one copy in the end, and never two.
//!
//! A world in small, with a clock of its own: messages that SQS hands out again and again, workers that may die between any
//! two steps, and a Procore whose answers may be lost, which may refuse, and which may take its time to finish what it was
//! asked. The rules are the real ones; only the world is made up. `functions/copy-item` follows the same steps.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use gusset_domain::{
    connection::Side,
    delivery::{Again, Cause, Claim, Delivery, Job, Lease, Order, Status, WaitsFor, lease_length},
    ids::{ConnectionId, ItemId, ProjectId},
    items::Completeness,
    send::Tool,
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
#[derive(Debug, Clone, Copy)]
enum Outside {
    /// Procore repeats the event, or the sweep finds the item.
    Message,
    /// A person picks the item, or presses Retry.
    Person,
    /// What it waited for is there.
    Release,
    /// An operator redrives the dead letters.
    Redrive,
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
}

/// A worker at an attempt.
struct Worker {
    claimed: Delivery,
    version: u64,
    look_first: bool,
    message: MessageAgain,
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
}

fn job() -> Job {
    Job {
        connection: ConnectionId(Uuid::nil()),
        to: Side::Recipient,
        tool: Tool::Rfis,
        source: ProjectId::new(30001).unwrap(),
        target: ProjectId::new(20001).unwrap(),
        item: ItemId::new(501).unwrap(),
        repeat: 0,
        by_hand: false,
    }
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

    fn message(&mut self, when: u64, by_hand: bool, redriven: bool) {
        self.plan(when, Due::Message(MessageAgain { by_hand, redriven }));
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
            Outside::Message => self.message(self.now, false, false),
            Outside::Redrive => self.message(self.now, false, true),
            Outside::Release => {
                if matches!(&self.record, Some((delivery, _)) if matches!(delivery.status, Status::Held { .. })) {
                    self.message(self.now, false, false);
                }
            }
            Outside::Person => {
                let longest = Duration::from_secs(LONGEST_REQUEST);
                let (again, version) = match &self.record {
                    None => (
                        Again::Write(Box::new(Delivery::picked(job(), Vec::new(), "Picked", at(self.now)))),
                        0,
                    ),
                    Some((known, version)) => (
                        known.again(&Job { by_hand: true, ..job() }, "Picked", longest, at(self.now)),
                        *version,
                    ),
                };
                match again {
                    Again::Write(delivery) => {
                        self.record = Some((*delivery, version + 1));
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
        let mut job = job();
        job.by_hand = message.by_hand;
        let order: Order = job.ordered(if message.redriven {
            Cause::DeadLetter
        } else {
            Cause::News
        });
        let known = self.record.as_ref().map(|(delivery, _)| delivery);
        let (claimed, look_first) = match Delivery::claim(known, &order, lease, at(self.now)) {
            Claim::Take(delivery) => (delivery, false),
            Claim::TakeOver(delivery) => (delivery, true),
            Claim::Leave => return,
            Claim::WaitUntil(until) => return self.plan(seconds(until).max(self.now + 1), Due::Message(message)),
        };
        let version = self.record.as_ref().map_or(0, |(_, version)| *version) + 1;
        self.record = Some((claimed.clone(), version));
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
        if !self.dies(worker, 2) {
            let step = self.workers[worker].fate.step;
            self.plan(self.now + step, Due::Create { worker });
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
        let delivered = delivery.delivered(ItemId::new(1).unwrap(), Completeness::default(), "there", at(self.now));
        self.settle(worker, delivered);
    }

    /// Written only over what the worker wrote when it claimed.
    fn settle(&mut self, worker: usize, outcome: Delivery) {
        let claimed = self.workers[worker].version;
        if self.record.as_ref().is_some_and(|(_, version)| *version == claimed) {
            self.record = Some((outcome, claimed + 1));
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
    ];
    (0..FAULTS_END, what)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn an_item_has_one_copy_whatever_happens(
        fates in proptest::collection::vec(fate(), 0..12),
        happens in proptest::collection::vec(outside(), 0..8),
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
        };
        world.message(0, false, false);
        for (which, (when, _)) in happens.iter().enumerate() {
            world.plan(*when, Due::Outside(which));
        }
        // When the faults are over, somebody sees to whatever stopped.
        world.outside.push(Outside::Person);
        let last = world.outside.len() - 1;
        world.plan(FAULTS_END + 100, Due::Outside(last));
        world.run();
        prop_assert_eq!(world.copies, 1);
        let (delivery, _) = world.record.unwrap();
        prop_assert!(matches!(delivery.status, Status::Delivered { .. }), "{:?}", delivery);
    }
}
