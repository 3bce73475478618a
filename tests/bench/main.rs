//! `cargo xtask bench`: what one item costs, and how long it takes. `infra/xtask` starts a stand, and this program on it.
//!
//! Arguments: the number of items, cargo's profile by which the functions were built, and, if wanted, a file for the
//! figures as JSON. Everything is measured from outside: times are those of Procore's stand-in, calls and requests are counted
//! where they arrive, and memory is what the system says of the functions' processes.

mod attachment;
mod crowd;
mod drain;
mod figures;
mod plans;
mod sender;
mod window;

use std::path::PathBuf;

use gusset_tests::{Stand, peak_memory};
use reqwest::Method;
use serde_json::json;

use crate::{
    attachment::{MEGABYTE, Sent},
    crowd::{Crowd, Flood},
    figures::{Percentiles, Table, Target, bytes, count, millis, ratio, seconds},
    window::Seen,
};

/// What Procore waits for the answer to a webhook.
const PROCORES_PATIENCE: f64 = 5.0;

/// How much memory a worker may use.
const WORKER_MEMORY: f64 = (64 * MEGABYTE) as f64;

/// How much slower the quiet company may become by others: 1.5 times.
pub(crate) const SLOWED: f64 = 1.5;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let items: usize = arguments
        .next()
        .and_then(|items| items.parse().ok())
        .expect("a number of items");
    let profile = arguments.next().expect("a profile");
    let json = arguments.next().map(PathBuf::from);

    let stand = Stand::new();
    let mut table = Table::new(&profile);
    lift_limits(&stand).await;
    let crowd = Crowd::gather(&stand).await;

    drain::section(&mut table, &crowd, items).await;
    let (alone, seen_alone) = crowd.quiet_alone().await;
    let flood = crowd.flood(items, (items / 10).max(2)).await;
    stress(&mut table, items, &flood, &alone);
    let steady = crowd.steady().await;
    going_on_steadily(&mut table, &steady, &alone);
    cost(&mut table, "what an item costs while it is alone", &seen_alone);
    cost(&mut table, "what an item costs among many", &flood.seen);
    memory(&mut table, &crowd).await;
    plans::section(&mut table, &stand).await;

    if let Some(file) = json {
        std::fs::write(&file, table.json()).expect("the file for the figures can be written");
    }
}

/// Lifts Procore's limits for all companies that have none of their own: stress measures the machine.
async fn lift_limits(stand: &Stand) {
    let lifted = json!({"hour": 1_000_000, "spike": 100_000});
    stand.side_door(Method::PUT, "/limits", lifted).await;
}

/// The most memory that any running process of a function has had, in bytes.
fn memory_of(function: &str) -> u64 {
    let peak = peak_memory(function);
    assert!(peak > 0, "{function} runs");
    peak
}

/// Nothing of Procore's holds anybody back here: it is the machine's cores that are used up.
fn stress(table: &mut Table, items: usize, flood: &Flood, alone: &Percentiles) {
    table.section(&format!(
        "stress, which measures the machine: {items} items at once, without Procore's limits,\n\
         of two busy companies and a quiet one with {} of them, one each {} ms",
        flood.quiet.of,
        crowd::QUIET_PACE.as_millis()
    ));
    table.row("items a second", count(items as f64 / flood.took.as_secs_f64()), None);
    table.percentiles(
        "a webhook's answer",
        &flood.webhooks,
        Some(Target::at_most(PROCORES_PATIENCE, seconds)),
    );
    table.percentiles("created to copied, busy companies", &flood.busy, None);
    table.percentiles("created to copied, quiet company", &flood.quiet, None);
    table.percentiles("created to copied, quiet company alone", alone, None);
    table.row(
        "quiet company's p99, times what it is alone",
        ratio(flood.quiet.p99 / alone.p99),
        None,
    );
}

fn going_on_steadily(table: &mut Table, steady: &Flood, alone: &Percentiles) {
    table.section(&format!(
        "going on steadily: an item each {} ms from each of the three, twice what Procore's hourly limit lets a company do",
        crowd::STEADY_PACE.as_millis()
    ));
    table.percentiles("created to copied, busy companies", &steady.busy, None);
    table.percentiles("created to copied, quiet company", &steady.quiet, None);
    table.row(
        "quiet company's p99, times what it is alone",
        ratio(steady.quiet.p99 / alone.p99),
        None,
    );
}

/// What was asked of Procore and AWS for each item.
fn cost(table: &mut Table, section: &str, seen: &Seen) {
    table.section(&format!("{section} ({} items)", seen.items));
    let per_item = |counted: usize| counted as f64 / seen.items as f64;
    table.row(
        "calls to Procore: read and create",
        count(per_item(seen.of_items())),
        Some(Target::at_most(2.0, count)),
    );
    table.row("… for tokens, all together", seen.of_tokens().to_string(), None);
    let sends = seen.asked(&["ForwardItem"], "sqs");
    table.row(
        "SQS sends",
        count(per_item(sends.values().sum())),
        Some(Target::at_most(1.0, count)),
    );
    let records = seen.asked(&["ForwardItem", "CopyItem"], "dynamodb");
    table.row(
        "DynamoDB requests, to hear of it and to copy it",
        count(per_item(records.values().sum())),
        Some(Target::at_most(4.0, count)),
    );
    for ((function, operation), counted) in records {
        table.row(&format!("… {function} {operation}"), count(per_item(counted)), None);
    }
    for ((function, operation), counted) in seen.others() {
        table.row(&format!("{function} {operation}"), count(per_item(counted)), None);
    }
}

async fn memory(table: &mut Table, crowd: &Crowd) {
    table.section("memory, the most of any process");
    let copier = memory_of("CopyItem") as f64;
    table.row(
        "the worker, items without attachments",
        bytes(copier),
        Some(Target::at_most(WORKER_MEMORY, bytes)),
    );
    let forwarder = memory_of("ForwardItem") as f64;
    table.row("the function that hears webhooks", bytes(forwarder), None);
    for megabytes in [1, 200] {
        let sent = attachment::send(&crowd.quiet, megabytes).await;
        with_attachment(table, megabytes, &sent);
    }
}

fn with_attachment(table: &mut Table, megabytes: u64, sent: &Sent) {
    let name = |what: &str| format!("{what}, an attachment of {megabytes} MB");
    if !sent.arrived {
        let missing = Target::judged("arrives, byte by byte", false);
        table.row(&name("the copy"), "without it".to_owned(), Some(missing));
        return;
    }
    table.row(
        &name("the worker, started for it"),
        bytes(sent.memory as f64),
        Some(Target::at_most(WORKER_MEMORY, bytes)),
    );
    table.row(
        &name("calls to Procore to upload"),
        count(sent.uploads as f64),
        Some(Target::judged(
            &format!("create, {} × put, complete", sent.segments),
            sent.uploads <= sent.segments + 2,
        )),
    );
    table.row(&name("… to download"), sent.downloads.to_string(), None);
    table.row(&name("created to copied"), millis(sent.took.as_secs_f64()), None);
}
