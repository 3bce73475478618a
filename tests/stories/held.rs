//! Whatever a person can end is held, not failed: one email to the side that can, and it goes on when it is done.

use gusset_tests::{Company, Stand, Tool, api, connected::Pair, eventually};
use reqwest::Method;
use serde_json::{Value, json};

/// The newest delivery of South's side, once it stands so.
async fn newest(pair: &Pair, status: &str) -> Value {
    let (south, sam) = &pair.south;
    let list = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    eventually(&format!("the newest is {status}"), || async {
        let list = sam.get(&list).await.expect(200);
        let one = list["deliveries"].get(0)?.clone();
        (one["status"] == status).then_some(one)
    })
    .await
}

async fn permit(stand: &Stand, login: &str, change: Value) {
    let path = format!("/people/{login}/permissions");
    stand.side_door(Method::PUT, &path, change).await;
}

/// The words of a held delivery name all of these.
#[track_caller]
fn names(held: &Value, all: &[&str]) {
    let reason = held["reason"].as_str().unwrap();
    for word in all {
        assert!(reason.contains(word), "{word}: {reason}");
    }
}

/// A manager who lost the role, or left: RFIs wait, and all of them go on when another is chosen.
async fn manager_lost(change: impl Fn(&Company) -> Value) {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    permit(stand, &harbour.people[1].0, change(harbour)).await;
    for number in 1..=2 {
        stand.create(south, Tool::Rfis, &format!("For nobody {number}")).await;
        let held = newest(&pair, "held").await;
        assert_eq!(held["waits_for"], "manager_role", "{held}");
        names(&held, &["Harbour manager", &harbour.project().name, "Directory"]);
    }
    let one = api(harbour.project(), &format!("/connections/{}", pair.connection));
    let admin = json!({"rfi_manager_id": harbour.people[0].1});
    gina.patch(&one, admin).await.expect(200);
    eventually("both have arrived", || async {
        (stand.copies(harbour.project()).await.len() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn rfis_for_a_manager_who_lost_the_role_wait_and_go_on_when_another_is_chosen() {
    manager_lost(|harbour| json!({"project_id": harbour.project().id, "level": "read_only", "rfi_manager": false}))
        .await;
}

#[tokio::test]
async fn rfis_for_a_manager_who_left_the_project_wait_and_go_on_when_another_is_chosen() {
    manager_lost(|harbour| json!({"project_id": harbour.project().id, "remove": true})).await;
}

#[tokio::test]
async fn entries_for_a_closed_day_wait_and_go_on_once_it_is_reopened() {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let project = format!("/projects/{}", harbour.project().id);
    let closed = json!({"completed_days": ["2026-11-20"]});
    stand.side_door(Method::PUT, &project, closed).await;
    for tool in [Tool::Notes, Tool::WorkingHours] {
        stand.create(south, tool, "About a closed day").await;
        let held = newest(&pair, "held").await;
        assert_eq!(
            (&held["waits_for"], &held["day"]),
            (&json!("open_day"), &json!("2026-11-20"))
        );
        names(&held, &[&harbour.project().name, "20 November 2026", "Reopen", "Retry"]);
    }
    stand
        .side_door(Method::PUT, &project, json!({"completed_days": []}))
        .await;
    assert!(stand.sweep(south.project()).await);
    eventually("both have arrived", || async {
        (stand.arrived(harbour.project()).await.len() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_day_that_only_procores_words_call_closed_is_held_as_well_and_retried() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let closed = json!({
        "method": "POST", "path": "/rest/v1.0/projects/*/notes_logs", "times": 1, "company_id": harbour.id,
        "status": 422, "body": {"errors": {"base": ["Daily log for 2026-11-24 is complete"]}},
    });
    stand.side_door(Method::POST, "/faults", closed).await;
    stand.create(south, Tool::Notes, "Too late for that day").await;
    let held = newest(&pair, "held").await;
    assert_eq!(held["waits_for"], "open_day");
    let reference = held["reference"].as_str().unwrap();
    let retry = format!("/connections/{}/deliveries/{reference}/retry", pair.connection);
    sam.post(&api(south.project(), &retry), json!({})).await.expect(202);
    newest(&pair, "delivered").await;
}
