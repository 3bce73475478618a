//! The clocks run: what nobody asks for happens, as often as the stand was asked to have it.
//!
//! No story has all projects swept, so that what is swept here is swept by the clock.

use std::time::Duration;

use gusset_tests::{Stand, Tool, eventually, eventually_within};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{connected::Pair, sweep::lose_webhooks};

/// Longer than two rounds of the slowest of the stand's clocks, which sweeps every three minutes. The emulator looks each ten seconds
/// whether it is time, and what changes right before a sweep is left to the next.
const TWO_ROUNDS: Duration = Duration::from_secs(450);

/// Waits until a schedule has called its function once more than so often, and checks what it calls it with.
async fn calls_again(stand: &Stand, schedule: &str, before: usize, with: Value) {
    let calls = eventually_within(TWO_ROUNDS, schedule, || async {
        let calls = stand.called_by_the_clock(schedule);
        (calls.len() > before).then_some(calls)
    })
    .await;
    assert!(calls.iter().all(|call| *call == with), "{calls:?}");
}

#[tokio::test]
async fn an_item_that_no_webhook_told_of_arrives_although_nobody_asks_for_a_sweep() {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    lose_webhooks(stand, south.project()).await;
    let before = stand.called_by_the_clock("SweepClock").len();
    let note = stand.create(south, Tool::Notes, "Nobody heard of this").await;
    let copy = eventually_within(TWO_ROUNDS, "it arrives", || async {
        stand.arrived(harbour.project()).await.pop()
    })
    .await;
    assert!(
        copy.all.to_string().contains("Nobody heard of this"),
        "{note}: {}",
        copy.all
    );
    calls_again(stand, "SweepClock", before, json!({"sweep": true})).await;
    // It tells of itself when it has looked at all tools.
    eventually("the sweep tells of itself", || async {
        (!stand.sweeps_of(south.project()).is_empty()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_access_that_ended_in_procore_is_noticed_although_nobody_asks_for_a_check() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let admin = &company.people[0].0;
    let erin = stand.synced_estimator(admin).await;
    let before = stand.called_by_the_clock("SyncPlansCheck").len();
    let revoke = format!("/people/{admin}/revoke");
    stand.side_door(Method::POST, &revoke, Value::Null).await;
    eventually_within(TWO_ROUNDS, "it is disconnected", || async {
        (stand.integration(&erin).await["status"] == "disconnected").then_some(())
    })
    .await;
    calls_again(&stand, "SyncPlansCheck", before, json!({"clock": "check"})).await;
}

#[tokio::test]
async fn mails_that_are_due_are_looked_for_each_minute() {
    let stand = Stand::new();
    let before = stand.called_by_the_clock("NotifyDue").len();
    calls_again(&stand, "NotifyDue", before, json!({"due": true})).await;
}
