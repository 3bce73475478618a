//! What the sync of plans costs, and how long it takes: a project's first sync, one with nothing new, and one large file.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use gusset_tests::{Call, Company, Person, Request, Stand, kill_function, peak_memory};
use serde_json::json;

use crate::{
    WORKER_MEMORY,
    attachment::MEGABYTE,
    figures::{Table, Target, bytes, count, seconds},
};

/// Sheets of the project.
const SHEETS: u64 = 1_000;

/// How long a run may make no progress. A bench that gets stuck fails.
const PATIENCE: Duration = Duration::from_secs(120);

const FUNCTION: &str = "SyncPlans";

/// What a run was seen to ask, and how long it took.
struct Seen {
    calls: Vec<Call>,
    requests: Vec<Request>,
    took: Duration,
}

/// The sync of plans.
pub(crate) async fn section(table: &mut Table, stand: &Stand) {
    let company = stand.planned("Bench", 1).await;
    let project = company.project();
    stand.add_sheets(project, SHEETS).await;
    let person = stand.estimator(&stand.new_email("bench")).await;
    kill_function(FUNCTION);
    let first = observed(stand, &person, stand.connect(&person, &company.people[0].0)).await;
    let run = stand.integration(&person).await["run"].clone();
    let copied = run["copied"].as_u64().expect("a run counts what it copied");
    table.section(&format!(
        "plans: the first sync of {SHEETS} sheets and some more, {copied} files, without Procore's limits"
    ));
    table.row("files a second", count(copied as f64 / first.took.as_secs_f64()), None);
    table.row("until all are here", seconds(first.took.as_secs_f64()), None);
    let per_file = |counted: usize| count(counted as f64 / copied as f64);
    table.row("calls to Procore for lists, a file", per_file(first.lists()), None);
    table.row("… that fetch files and thumbnails", per_file(first.fetches()), None);
    for (name, counted) in first.asked() {
        table.row(&format!("{name}, a file"), per_file(counted), None);
    }
    memory(table, "the worker, small files");

    let again = observed(stand, &person, async {
        person
            .post("/api/account/integration/refresh", json!({}))
            .await
            .expect(202);
    })
    .await;
    table.section(&format!("plans: a sync of {SHEETS} sheets with nothing new"));
    let fetches = again.fetches();
    table.row("calls to Procore for lists", again.lists().to_string(), None);
    let none = Target::judged("none", fetches == 0);
    table.row("… that fetch files", fetches.to_string(), Some(none));
    for (name, counted) in again.asked() {
        table.row(&name, counted.to_string(), None);
    }
    table.row("until it is done", seconds(again.took.as_secs_f64()), None);

    large(table, stand, &company, &person).await;
}

/// A sheet whose PDF has 200 MB.
async fn large(table: &mut Table, stand: &Stand, company: &Company, person: &Person) {
    kill_function(FUNCTION);
    let sheet = json!({
        "number": "L-001", "title": "Large", "discipline": "Civil", "area": "Site", "set": "Bid Set",
        "size": 200 * MEGABYTE,
    });
    stand.publish(company, company.project(), "drawing", sheet).await;
    let seen = observed(stand, person, async {
        person
            .post("/api/account/integration/refresh", json!({}))
            .await
            .expect(202);
    })
    .await;
    table.section("plans: a PDF of 200 MB");
    table.row("until it is here", seconds(seen.took.as_secs_f64()), None);
    memory(table, "the worker, started for it");
}

fn memory(table: &mut Table, name: &str) {
    let peak = peak_memory(FUNCTION);
    assert!(peak > 0, "{FUNCTION} runs");
    table.row(name, bytes(peak as f64), Some(Target::at_most(WORKER_MEMORY, bytes)));
}

/// Lets a run begin, and sees it to its end.
async fn observed(stand: &Stand, person: &Person, begin: impl Future<Output = ()>) -> Seen {
    let (calls_from, requests_from) = (stand.calls(u64::MAX).await.1, stand.requests(u64::MAX, &[]).await.1);
    let began = Instant::now();
    begin.await;
    let (mut progress, mut before) = (Instant::now(), String::new());
    loop {
        let run = stand.integration(person).await["run"].clone();
        if run["stage"] == "done" {
            assert_eq!(run["failed"], 0, "{run}");
            break;
        }
        let now = run.to_string();
        if now != before {
            (progress, before) = (Instant::now(), now);
        }
        assert!(progress.elapsed() < PATIENCE, "no progress: {before}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Seen {
        took: began.elapsed(),
        calls: stand.calls(calls_from).await.0,
        requests: stand.requests(requests_from, &[]).await.0,
    }
}

impl Seen {
    fn lists(&self) -> usize {
        self.calls.iter().filter(|call| call.path.starts_with("/rest/")).count()
    }

    fn fetches(&self) -> usize {
        let fetches = |call: &&Call| call.path.starts_with("/files/") || call.path.starts_with("/storage/");
        self.calls.iter().filter(fetches).count()
    }

    /// What the worker asked of AWS, by service and operation. What S3 is asked for has a path, which is left out.
    fn asked(&self) -> BTreeMap<String, usize> {
        let mut asked = BTreeMap::new();
        for request in self.requests.iter().filter(|request| request.function == FUNCTION) {
            let operation = request.operation.split(' ').next().unwrap_or_default();
            *asked.entry(format!("{} {operation}", request.service)).or_insert(0) += 1;
        }
        asked
    }
}
