//! A campaign of faults: items are created in several companies while everything that can fail does, and at the end each
//! of them is on the other side once.
//!
//! All chance comes from one seed, which is printed. `GUSSET_SEED=…` repeats what a seed chose: the items, and which troubles
//! came in which order. When they meet which call is up to the machine.
//!
//! Run with `cargo xtask test`, or with more items by `cargo xtask test --faults 10000`.

mod items;
mod trouble;
mod verdict;

use std::time::{Duration, Instant};

use fastrand::Rng;
use gusset_tests::{
    Stand,
    connected::Pair,
    seed::{Seed, number},
};

use items::{Fate, Items};
use trouble::Trouble;

/// Items in a run of all tests.
const ITEMS: usize = 240;

/// Of so many items one is created by companies where nothing fails.
const QUIET: usize = 12;

/// The longest that is waited for the last items once nothing fails any more: the sweep, a dead worker's messages and waits
/// that had grown long while much failed.
const LIMIT: Duration = Duration::from_secs(300);

/// How often a sweep is asked for while something is open then.
const SWEEP_EACH: Duration = Duration::from_secs(10);

#[tokio::test]
async fn each_item_arrives_once_whatever_fails() {
    let seed = Seed::choose("items and troubles");
    let count = number("GUSSET_FAULT_ITEMS").map_or(ITEMS, |count| usize::try_from(count).unwrap());
    println!("A campaign of {count} items. GUSSET_SEED={}", seed.number);
    let stand = Stand::new();
    // The first two are busy, and troubled. The third is quiet.
    let pairs = [
        Pair::automatic().await,
        Pair::automatic().await,
        Pair::automatic().await,
    ];
    let dead_letters = stand.messages("GUSSET_COPIES_DEAD_LETTERS_URL").await;
    let mut chance = Rng::with_seed(seed.number);
    let mut items = Items::new(&pairs, chance.fork());
    let mut trouble = Trouble::new(&stand, &pairs[..2], chance.fork()).await;
    let began = Instant::now();
    for created in 1..=count {
        let pair = if created % QUIET == 0 { 2 } else { chance.usize(..2) };
        items.create(pair).await;
        if chance.u8(..3) == 0 {
            trouble.make().await;
        }
        if chance.u8(..4) == 0 {
            items.go_on().await;
        }
        // No more at once than people create: some are on their way while others are created.
        tokio::time::sleep(Duration::from_millis(chance.u64(..250))).await;
        if created % 40 == 0 {
            println!("{created} created after {:?}. {trouble}", began.elapsed());
        }
    }
    trouble.end().await;
    while items.go_on().await {}
    println!("Nothing fails any more after {:?}. {trouble}", began.elapsed());
    let ended = Instant::now();
    let (mut told, mut swept) = (0, None::<Instant>);
    loop {
        let open = verdict::open(&stand, &pairs, items.all()).await;
        if open.is_empty() {
            break;
        }
        if ended.elapsed().as_secs() / 10 > told {
            told = ended.elapsed().as_secs() / 10;
            println!(
                "{:?} later {} are open, such as {}",
                ended.elapsed(),
                open.len(),
                open[0]
            );
        }
        assert!(
            ended.elapsed() < LIMIT,
            "still open after {LIMIT:?}:\n{}",
            open.join("\n")
        );
        // Not by what was told: where there are many items, a look at them takes longer than that.
        if swept.is_none_or(|at| at.elapsed() >= SWEEP_EACH) {
            stand.sweep_all().await;
            swept = Some(Instant::now());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    verdict::hold(&stand, &pairs, items.all()).await;
    let more = stand.messages("GUSSET_COPIES_DEAD_LETTERS_URL").await;
    assert_eq!(more, dead_letters, "nothing became a dead letter");
    let arrived = items.all().iter().filter(|item| item.fate == Fate::Arrives).count();
    println!(
        "{arrived} of {count} arrived once, {:?} after the last fault.",
        ended.elapsed()
    );
}
