//! A campaign of faults against plan sync: plans come here from several projects while everything that can fail does, and
//! at the end each file is here once, as it is in Procore.
//!
//! All chance comes from one seed, which is printed. `GUSSET_SEED=…` repeats what a seed chose: what changes in Procore, and
//! which troubles come in which order. When they meet which call is up to the machine.
//!
//! Run with `cargo xtask test`, or with more sheets by `cargo xtask test --faults 10000`.

mod books;
mod trouble;
mod verdict;

use std::time::{Duration, Instant};

use fastrand::Rng;
use gusset_tests::{
    Stand,
    seed::{Seed, number},
};

use books::Books;
use trouble::Trouble;
use verdict::Account;

/// Sheets in a run of all tests, besides what else there is.
const SHEETS: u64 = 100;

/// How often something happens at least, a trouble, a change in Procore, or somebody who presses *Refresh*, and for how many sheets
/// it happens once more.
const HAPPENINGS: u64 = 120;
const SHEETS_A_HAPPENING: u64 = 10;

/// After so many happenings each account's page is looked at.
const LOOKS: u64 = 4;

/// The longest that is waited for the end once nothing fails any more: a dead worker's messages, waits that had grown long while
/// much failed, and some time for each sheet, of which most may not be here yet.
const LIMIT: Duration = Duration::from_secs(300);
const LIMIT_A_SHEET: Duration = Duration::from_millis(200);

/// The longest that a second look at what was deleted is waited for, before somebody presses *Refresh* once more.
const SECOND_LOOK: Duration = Duration::from_secs(60);

/// What failed for passing reasons is tried again by the next sync, of which so many are asked for at most.
const MAX_REFRESHES: usize = 3;

#[tokio::test]
async fn each_file_of_a_plan_is_here_once_whatever_fails() {
    let seed = Seed::choose("changes and troubles");
    let sheets = number("GUSSET_FAULT_ITEMS").unwrap_or(SHEETS);
    println!("A campaign of {sheets} sheets. GUSSET_SEED={}", seed.number);
    let stand = Stand::new();
    let mut chance = Rng::with_seed(seed.number);
    let mut books = Books::new(&stand, sheets, chance.fork()).await;
    let dead_letters = stand.messages("GUSSET_PLAN_FILES_DEAD_LETTERS_URL").await;
    let others = stand.messages("GUSSET_PLAN_FILES_QUEUE_URL").await;
    let mut trouble = Trouble::new(&stand, chance.fork()).await;
    let began = Instant::now();
    // Two accounts share a login and its projects.
    let mut accounts = Vec::new();
    for company in [0, 0, 1] {
        accounts.push(Account::new(&stand, &books.companies[company]).await);
    }
    let happenings = HAPPENINGS + sheets / SHEETS_A_HAPPENING;
    let limit = LIMIT + LIMIT_A_SHEET * u32::try_from(sheets).unwrap();
    for happened in 1..=happenings {
        match chance.u8(..40) {
            0..25 => trouble.make(&books).await,
            25..36 => books.change().await,
            // Plans are deleted while the lists of all accounts are read.
            36 => {
                trouble.late_lists(&books).await;
                for account in &mut accounts {
                    account.refresh(&stand).await;
                }
                books.delete().await;
            }
            _ => {
                let account = chance.usize(..accounts.len());
                accounts[account].refresh(&stand).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(chance.u64(..250))).await;
        if happened % LOOKS == 0 {
            for account in &mut accounts {
                account.look(&stand).await;
            }
        }
        if happened % 40 == 0 {
            println!(
                "{happened} of {happenings} after {:?}. {trouble}; {books}",
                began.elapsed()
            );
        }
    }
    trouble.end(&books).await;
    println!("Nothing fails any more after {:?}. {trouble}; {books}", began.elapsed());
    let ended = Instant::now();
    books.are_told_of().await;
    for refreshes in 0.. {
        for account in &mut accounts {
            account.settles(&stand, ended + limit).await;
        }
        // A plan that was deleted counts as gone when a second look agrees, which comes by itself.
        let second = Instant::now() + SECOND_LOOK;
        let mut missing = verdict::missing(&books, &accounts).await;
        while !missing.is_empty() && Instant::now() < second {
            tokio::time::sleep(Duration::from_millis(500)).await;
            missing = verdict::missing(&books, &accounts).await;
        }
        println!(
            "{:?} later, after {refreshes} refreshes, {} are missing.",
            ended.elapsed(),
            missing.len()
        );
        // A person's refresh tries all again, so that at least one is needed where something misbehaved for good.
        if missing.is_empty() && refreshes > 0 {
            break;
        }
        assert!(
            refreshes < MAX_REFRESHES,
            "after {refreshes} refreshes:\n{}",
            missing.join("\n")
        );
        for account in &mut accounts {
            account.refresh(&stand).await;
        }
    }
    verdict::hold(&stand, &books, &accounts).await;
    verdict::queues_are_empty(&stand, others, dead_letters, ended + limit).await;
    println!(
        "{sheets} sheets, all here once {:?} after the last fault. {trouble}; {books}",
        ended.elapsed()
    );
}
