//! A backfill sends each of its items once, however its steps are cut off, repeated or held up, and counts each once.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::{collections::HashMap, time::Duration};

use gusset_domain::{
    backfill::{Backfill, Counts, Pick, SetsOut, State, Turn, UNDER_WAY, minutes},
    connection::Side,
    delivery::{Arrival, Delivery, WaitsFor},
    ids::{ConnectionId, ItemId, ProjectId},
    items::Completeness,
    offered::Wanted,
    send::Tool,
};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn pick(number: u32) -> Pick {
    Pick {
        tool: Tool::Rfis,
        item: ItemId::new(u64::from(number) + 1).unwrap(),
    }
}

fn backfill(total: u32) -> Backfill {
    Backfill {
        id: Uuid::nil(),
        connection: ConnectionId(Uuid::nil()),
        source: ProjectId::new(30001).unwrap(),
        target: ProjectId::new(20001).unwrap(),
        wanted: Wanted::default(),
        started_by: "Sam".to_owned(),
        started_at: at(0),
        state: State::Running,
        total,
        next: 0,
        under_way: Vec::new(),
        counts: Counts::default(),
        step: 0,
        stepped_at: at(0),
    }
}

/// The table and the queue, as far as a backfill knows them.
struct World {
    stored: Backfill,
    deliveries: HashMap<Pick, Delivery>,
    /// The words about steps that are on the queue, with how often each was given.
    words: Vec<gusset_domain::backfill::Step>,
    now: i64,
}

/// Where a step is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CutOff {
    Nowhere,
    AfterRecording(usize),
    BeforeSaving,
    BeforeTelling,
}

impl World {
    /// Makes the step that a word on the queue asks for, as the worker does. The word stays on the queue where it is cut off.
    fn step(&mut self, place: usize, cut_off: CutOff) {
        let word = self.words[place];
        let now = at(self.now);
        match self.stored.turn(&word, now) {
            Turn::Drop => drop(self.words.remove(place)),
            Turn::Later(wait) => self.now += i64::try_from(wait.as_secs()).unwrap(),
            Turn::TellNext => self.words[place] = self.stored.next_step(),
            Turn::Make => {
                let counted = self.stored.clone().counted(|pick| self.deliveries.get(&pick).cloned());
                let first = counted.next;
                let last = counted.total.min(first + u32::try_from(counted.room()).unwrap());
                let (mut picks, mut skipped) = (Vec::new(), 0);
                for (done, pick) in (first..last).map(pick).enumerate() {
                    if cut_off == CutOff::AfterRecording(done) {
                        return;
                    }
                    match counted.sets_out(self.deliveries.get(&pick)) {
                        SetsOut::New => {
                            let job = counted.next_step().job(Side::Recipient, pick);
                            let delivery = Delivery::picked(job, Vec::new(), "Picked", now);
                            assert!(self.deliveries.insert(pick, delivery).is_none(), "twice");
                            picks.push(pick);
                        }
                        SetsOut::Again => picks.push(pick),
                        SetsOut::Skipped => skipped += 1,
                    }
                }
                let next = counted.set_out(picks, skipped);
                if next == self.stored && next.left() + u32::try_from(next.under_way.len()).unwrap() > 0 {
                    return;
                }
                if cut_off == CutOff::BeforeSaving {
                    return;
                }
                self.stored = next.stepped(now);
                if cut_off == CutOff::BeforeTelling {
                    return;
                }
                if self.stored.goes_on() {
                    self.words[place] = self.stored.next_step();
                } else {
                    self.words.remove(place);
                }
            }
        }
    }

    /// A worker comes for one of the deliveries.
    fn deliver(&mut self, pick: Pick, fate: u8) {
        let now = at(self.now);
        let Some(delivery) = self.deliveries.remove(&pick) else {
            return;
        };
        let ends = match fate % 3 {
            0 => {
                let arrival = (Arrival::Whole, "Pier 9");
                delivery.delivered(ItemId::new(9).unwrap(), Completeness::default(), arrival, now)
            }
            1 => delivery.held(WaitsFor::Manager, "Choose one".to_owned(), now),
            _ => delivery.failed("Rejected".to_owned(), false, now),
        };
        self.deliveries.insert(pick, ends);
    }
}

fn cut_off() -> impl Strategy<Value = CutOff> {
    prop_oneof![
        4 => Just(CutOff::Nowhere),
        1 => (0..UNDER_WAY).prop_map(CutOff::AfterRecording),
        1 => Just(CutOff::BeforeSaving),
        1 => Just(CutOff::BeforeTelling),
    ]
}

proptest! {
    #[test]
    fn each_item_is_sent_and_counted_once(
        total in 0_u32..23,
        sent_before in prop::collection::btree_set(0_u32..23, 0..6),
        acts in prop::collection::vec((0_usize..5, cut_off(), any::<u8>()), 0..120),
    ) {
        let stored = backfill(total);
        let words = vec![stored.next_step()];
        let mut world = World { stored, deliveries: HashMap::new(), words, now: 0 };
        let before: Vec<u32> = sent_before.into_iter().filter(|number| *number < total).collect();
        for number in &before {
            let job = world.stored.next_step().job(Side::Recipient, pick(*number));
            world.deliveries.insert(pick(*number), Delivery::picked(job, Vec::new(), "Earlier", at(-60)));
        }
        // Whatever happens, and then all that is left to happen.
        let rest = (0..400).map(|number| (number % 2, CutOff::Nowhere, 0));
        for (act, cut_off, random) in acts.into_iter().chain(rest) {
            world.now += 5;
            match act {
                0 if !world.words.is_empty() => world.step(usize::from(random) % world.words.len(), cut_off),
                1 => {
                    let under_way = world.stored.under_way.clone();
                    if let Some(pick) = under_way.get(usize::from(random) % under_way.len().max(1)) {
                        world.deliver(*pick, random);
                    }
                }
                2 if !world.words.is_empty() => world.words.push(world.words[0]),
                // The queue has lost it, and the sweep finds it forgotten.
                3 if world.stored.goes_on() => {
                    world.now += 1_800;
                    world.words.clear();
                    prop_assert!(world.stored.is_forgotten(at(world.now)));
                    world.words.push(world.stored.next_step());
                }
                4 => {
                    let now = at(world.now);
                    let changed = match &world.stored.state {
                        State::Paused { .. } => world.stored.clone().resumed(now),
                        _ => world.stored.clone().paused("Sam".to_owned(), now),
                    };
                    if let Ok(changed) = changed {
                        world.stored = changed;
                        world.words.push(world.stored.next_step());
                    }
                }
                _ => {}
            }
            prop_assert!(world.stored.under_way.len() <= UNDER_WAY);
        }
        if let State::Paused { .. } = world.stored.state {
            world.stored = world.stored.clone().resumed(at(world.now)).unwrap();
            world.words.push(world.stored.next_step());
            for number in 0..400 {
                world.now += 5;
                let under_way = world.stored.under_way.clone();
                match under_way.first() {
                    Some(pick) if number % 2 == 1 => world.deliver(*pick, 0),
                    _ if !world.words.is_empty() => world.step(0, CutOff::Nowhere),
                    _ => {}
                }
            }
        }
        let is_done = matches!(world.stored.state, State::Done { .. });
        prop_assert!(is_done, "{:?}", world.stored);
        let Counts { delivered, waiting, failed, skipped } = world.stored.counts;
        prop_assert_eq!(delivered + waiting + failed + skipped, total);
        prop_assert_eq!(skipped as usize, before.len());
        prop_assert_eq!(world.deliveries.len(), total as usize);
    }

    #[test]
    fn more_items_or_files_never_take_less_time(items in 0_usize..9_000, files in 0_usize..20_000, more in 0_usize..500) {
        let estimate = minutes(items, files);
        prop_assert!(estimate >= 1);
        prop_assert!(minutes(items + more, files) >= estimate);
        prop_assert!(minutes(items, files + more) >= estimate);
    }
}

#[test]
fn what_is_paused_or_cancelled_sets_out_nothing_more() {
    let running = backfill(10);
    assert_eq!(running.room(), UNDER_WAY);
    let paused = running.clone().paused("Sam".to_owned(), at(1)).unwrap();
    assert_eq!((paused.room(), paused.goes_on()), (0, false));
    assert!(paused.clone().paused("Sam".to_owned(), at(2)).is_err());
    let cancelled = paused.cancelled("Cancelled by Sam".to_owned(), at(3)).unwrap();
    assert_eq!(
        (cancelled.room(), cancelled.goes_on(), cancelled.is_over()),
        (0, false, true)
    );
    assert!(cancelled.clone().resumed(at(4)).is_err());
    // What is under way is still counted.
    let under_way = running
        .set_out(vec![pick(0)], 0)
        .cancelled(String::new(), at(5))
        .unwrap();
    assert!(under_way.goes_on());
    assert!(!under_way.counted(|_| None).goes_on());
}

#[test]
fn one_item_that_is_tried_again_for_long_does_not_hold_up_the_others() {
    let running = backfill(10).set_out(vec![pick(0)], 0);
    let job = running.next_step().job(Side::Recipient, pick(0));
    let mut delivery = Delivery::picked(job, Vec::new(), "Picked", at(0));
    for attempts in 1..=3 {
        delivery = delivery.failed_for_now("Procore does not answer", false, at(60), at(1));
        delivery.attempts = attempts;
        let counted = running.clone().counted(|_| Some(delivery.clone()));
        assert_eq!(counted.counts.waiting, u32::from(attempts == 3));
    }
}

#[test]
fn a_word_that_was_lost_is_given_again_after_half_an_hour() {
    let running = backfill(1);
    assert!(!running.is_forgotten(at(1_799)));
    assert!(running.is_forgotten(at(1_800)));
    let paused = running.paused("Sam".to_owned(), at(1)).unwrap();
    assert!(!paused.is_forgotten(at(9_999)));
}

#[test]
fn the_estimate_is_that_of_half_of_what_procore_usually_allows() {
    for (items, files, expected) in [
        (1, 0, 1),
        (214, 0, 4),
        (214, 122, 7),
        (1_800, 0, 30),
        // The second half of the hour's calls has to wait for the next hour.
        (1_801, 0, 60),
        (9_000, 0, 240),
    ] {
        assert_eq!(minutes(items, files), expected, "{items} and {files} files");
    }
}

#[test]
fn the_next_step_comes_when_there_is_something_to_do() {
    let running = backfill(10);
    let seconds = |until: Option<i64>| running.wait(until.map(at), at(0));
    assert_eq!(seconds(None), Duration::from_secs(5));
    assert_eq!(seconds(Some(1)), Duration::from_secs(5));
    assert_eq!(seconds(Some(60)), Duration::from_secs(60));
    assert_eq!(seconds(Some(3_600)), Duration::from_secs(900));
}
