//! What is left when a worker of plan sync dies over any of its calls, or an answer to it is lost: each file once, and counts
//! that are exact, once the message has come again.

use std::time::Duration;

use futures_util::future::join_all;
use gusset_tests::{Company, Person, Stand, revisions};
use serde_json::{Value, json};

use crate::{
    AT_ONCE,
    host::{Ended, Function},
    queue::Queue,
    wire::{Call, Mishap},
};

/// Sheets that a sync finds, each with a file and a picture.
const SHEETS: u64 = 2;

/// Calls that such a sync cannot do without: the app's two secrets; for each of four messages the access, the work's first
/// look and the answer; Procore's lists; for each sheet a file and a picture, in two requests each, put, and written down.
const LEAST_CALLS: usize = 40;

/// Accounts that try calls by turns.
const LANES: usize = 4;

/// How long a worker may take.
const SECONDS: u64 = 20;

/// An account whose plans come here by a worker of its own.
struct Lane {
    stand: Stand,
    company: Company,
    person: Person,
    account: String,
    queue: Queue,
    worker: Function,
}

impl Lane {
    async fn new(stand: &Stand) -> Self {
        let admin = json!({"name": "Harbour admin", "level": "admin", "company_admin": true,
            "levels": {"webhooks_api": "standard"}});
        let company = json!({"name": "Harbour", "projects": [{"name": "Harbour 1"}], "people": [admin]});
        let company = stand.make_company(company).await;
        let email = stand.new_email("erin");
        let person = stand.estimator(&email).await;
        stand.connect(&person, &company.people[0].0).await;
        // There is nothing yet. What comes next is not for the stand's own workers.
        stand.synced(&person).await;
        let account = stand.account_of(&email).await;
        let queue = Queue::new(stand, &format!("plans-{account}")).await;
        let own = [
            ("PLAN_FILES_QUEUE_URL", queue.url.clone()),
            ("PLAN_TIMEOUT_SECONDS", SECONDS.to_string()),
        ];
        let limit = Duration::from_secs(SECONDS);
        let worker = Function::new(stand, ("sync-plans", "SyncPlans"), &own, limit).await;
        Self {
            stand: stand.clone(),
            company,
            person,
            account,
            queue,
            worker,
        }
    }

    /// Has new sheets synced, by workers of which one meets a mishap at its `nth` call, counted from 1. False where they make
    /// fewer calls.
    async fn sync(&mut self, nth: usize, mishap: Mishap) -> bool {
        let _place = AT_ONCE.acquire().await.unwrap();
        let what = format!("{mishap:?} at call {nth}");
        loop {
            self.stand.add_sheets(self.company.project(), SHEETS).await;
            self.worker.wire.expect(nth, mishap);
            let run = format!(
                "{:08x}-0000-7000-8000-{:012x}",
                fastrand::u32(..),
                fastrand::u64(..1 << 48)
            );
            self.queue.send(&self.message(&run)).await;
            while !self.queue.is_empty().await {
                if let Ended::Failed(error) = self.queue.hand_to(&mut self.worker).await {
                    panic!("{what}: {error}");
                }
            }
            let link = self.stand.synced(&self.person).await;
            // Otherwise the stand's clock was quicker, and has had these sheets brought here by the stand's own workers.
            if link["run"]["id"] == run.as_str() {
                self.holds(&what, &link["run"]).await;
                return !self.worker.wire.expects();
            }
        }
    }

    /// What the clock puts on the queue.
    fn message(&self, run: &str) -> Value {
        let login = self.company.people[0].1;
        json!({"account": self.account, "login": login, "run": run, "do": "discover", "by_hand": false})
    }

    /// Each sheet of the run is counted and here once, and nothing waits.
    async fn holds(&self, what: &str, run: &Value) {
        let count = |name: &str| run[name].as_u64().unwrap();
        let counts = ["projects_found", "projects_listed", "found", "copied", "failed"].map(count);
        assert_eq!(counts, [1, 1, SHEETS, SHEETS, 0], "{what}: {run}");
        let project = self.company.project();
        let expected = self.stand.published_files(project).await;
        assert_eq!(self.person.plan_files(project).await, expected, "{what}");
        for plan in self.person.plans(project).await {
            for revision in revisions(&plan) {
                let here = (&revision["state"], &revision["thumbnail"]);
                assert_eq!(here, (&json!("stored"), &json!(true)), "{what}: {plan}");
            }
        }
        // A sheet's file and picture, each under the name of its content.
        let objects = self.stand.objects(&format!("accounts/{}/", self.account)).await;
        assert_eq!(objects.len(), expected.len() * 2, "{what}: {objects:?}");
    }
}

/// At each call of a sync: one account has every so many-th of them.
async fn at_every_call(stand: &Stand, mishap: Mishap) {
    let lane = |first: usize| async move {
        let mut lane = Lane::new(stand).await;
        let mut nth = first;
        while lane.sync(nth, mishap).await {
            nth += LANES;
        }
        lane.queue.remove().await;
        nth
    };
    let ends = join_all((1..=LANES).map(lane)).await;
    let calls = ends.iter().min().unwrap() - 1;
    println!("A sync: {mishap:?} at each of {calls} calls");
    assert!(calls >= LEAST_CALLS, "{calls}");
}

#[tokio::test]
async fn a_worker_that_dies_over_any_call_of_a_sync_leaves_each_file_once() {
    let stand = Stand::new();
    let ways = [Mishap::Dies(Call::Fails), Mishap::Dies(Call::Works)];
    join_all(ways.map(|mishap| at_every_call(&stand, mishap))).await;
}

#[tokio::test]
async fn a_call_of_a_sync_whose_answer_is_lost_leaves_each_file_once() {
    at_every_call(&Stand::new(), Mishap::IsCutOff(Call::Works)).await;
}

#[tokio::test]
async fn a_run_of_which_nobody_was_told_is_gone_on_with_when_the_clock_comes() {
    let mut lane = Lane::new(&Stand::new()).await;
    let forgotten = "00000000-0000-7000-8000-000000000001";
    let two_minutes_ago = jiff::Timestamp::now() - Duration::from_secs(120);
    let begun = json!({
        "Key": {"pk": {"S": format!("ESTIMATOR#{}", lane.account)}, "sk": {"S": "RUN"}},
        "UpdateExpression": "SET id = :run, changed_at = :then REMOVE projects",
        "ExpressionAttributeValues": {":run": {"S": forgotten}, ":then": {"S": two_minutes_ago.to_string()}},
    });
    lane.stand.table("UpdateItem", begun).await;
    lane.stand.add_sheets(lane.company.project(), SHEETS).await;
    lane.queue
        .send(&lane.message("00000000-0000-7000-8000-000000000002"))
        .await;
    while !lane.queue.is_empty().await {
        lane.queue.hand_to(&mut lane.worker).await;
    }
    let link = lane.stand.synced(&lane.person).await;
    assert_eq!(link["run"]["id"], forgotten);
    lane.holds("a forgotten run", &link["run"]).await;
    lane.queue.remove().await;
}
