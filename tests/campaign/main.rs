//! A campaign of faults: items are created in several companies while everything that can fail does, and people change what
//! they can. At the end each item is on the other side once, or its delivery says why not, and what was listed is listed.
//!
//! Procore's limits hold: there are so many companies that the items fit into them.
//!
//! All chance comes from one seed, which is printed. `GUSSET_SEED=…` repeats what a seed chose: the items, and which troubles
//! came in which order. When they meet which call is up to the machine.
//!
//! Run with `cargo xtask test`, or with more items by `cargo xtask test --faults 10000`.

mod items;
mod site;
mod trouble;
mod verdict;

use std::time::{Duration, Instant};

use fastrand::Rng;
use gusset_tests::{
    Stand,
    seed::{Seed, number},
};

use items::Items;
use site::Site;
use trouble::Trouble;

/// Items in a run of all tests.
const ITEMS: usize = 240;

/// Of so many items one is created by companies where nothing fails.
const QUIET: usize = 12;

/// Troubled sites, at least, and how many items each of them takes: of an item a company sees some six calls, files and what is
/// done twice included, and Procore lets a company make 3,600 an hour.
const SITES: usize = 2;
const ITEMS_OF_A_SITE: usize = 500;

/// Locations of the first site's projects.
const LOCATIONS: usize = 5_000;

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
    // All but the last are busy, and troubled. That one is quiet.
    let troubled = SITES.max(count.div_ceil(ITEMS_OF_A_SITE));
    let mut sites = Vec::new();
    for number in 0..=troubled {
        sites.push(Site::new(if number == 0 { LOCATIONS } else { 0 }).await);
    }
    let dead_letters = stand.messages("GUSSET_COPIES_DEAD_LETTERS_URL").await;
    let mut chance = Rng::with_seed(seed.number);
    let mut items = Items::new(chance.fork());
    let mut trouble = Trouble::new(&stand, &sites[..troubled], chance.fork()).await;
    let began = Instant::now();
    for created in 1..=count {
        let number = if created % QUIET == 0 {
            troubled
        } else {
            chance.usize(..troubled)
        };
        items.create(number, &sites[number]).await;
        if chance.u8(..3) == 0 {
            trouble.make(&mut sites, &mut items).await;
        }
        if chance.u8(..4) == 0 {
            items.go_on(&sites).await;
        }
        if chance.u8(..20) == 0 {
            items.send_again(&sites).await;
        }
        if chance.u8(..20) == 0 {
            let number = chance.usize(..troubled);
            sites[number].remember().await;
        }
        // No more at once than people create: some are on their way while others are created.
        tokio::time::sleep(Duration::from_millis(chance.u64(..250))).await;
        if created % 40 == 0 {
            println!("{created} created after {:?}. {trouble}", began.elapsed());
        }
    }
    trouble.end(&sites).await;
    while items.go_on(&sites).await {}
    println!("Nothing fails any more after {:?}. {trouble}", began.elapsed());
    for site in &mut sites {
        site.remember().await;
    }
    let ended = Instant::now();
    let (mut told, mut swept) = (0, None::<Instant>);
    loop {
        let open = verdict::open(&stand, &sites, items.all()).await;
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
    let counted = verdict::hold(&stand, &sites, items.all()).await;
    let more = stand.messages("GUSSET_COPIES_DEAD_LETTERS_URL").await;
    assert_eq!(more, dead_letters, "nothing became a dead letter");
    let files: usize = items.all().iter().map(|item| item.files).sum();
    println!(
        "{count} items with {files} files in {} projects, all at their end {:?} after the last fault: {counted}. {trouble}",
        2 * sites.len(),
        ended.elapsed()
    );
}
