//! Site Diary entries that wait for approval in their own project are nothing yet that could be sent.

use gusset_tests::{Tool, api, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::Pair;

async fn create_pending(pair: &Pair, tool: Tool, title: &str) -> u64 {
    let mut entry = tool.item(&pair.south.0, title);
    entry["status"] = json!("pending");
    pair.stand.create_as(&pair.south.0, tool, entry, json!([])).await
}

/// Waits until an approved note is across: whatever came before it would be, too.
async fn after_another(pair: &Pair, title: &str) {
    pair.stand.create(&pair.south.0, Tool::Notes, title).await;
    let project = pair.harbour.0.project();
    eventually(title, || async {
        let arrived = pair.stand.arrived(project).await;
        arrived
            .iter()
            .any(|item| item.all.to_string().contains(title))
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_pending_entry_waits_and_its_approval_sends_it() {
    let pair = Pair::automatic().await;
    let project = pair.harbour.0.project();
    for tool in [Tool::WorkingHours, Tool::Notes] {
        let title = format!("Pending {}", tool.name());
        let id = create_pending(&pair, tool, &title).await;
        after_another(&pair, &format!("After {}", tool.name())).await;
        pair.stand.settled_events(pair.south.0.project()).await;
        let of_it = || async {
            let mut arrived = pair.stand.arrived(project).await;
            arrived.retain(|item| item.all.to_string().contains(&title));
            arrived
        };
        assert_eq!(of_it().await.len(), 0, "{title}");
        pair.stand
            .change(&pair.south.0, tool, id, json!({"status": "approved"}))
            .await;
        eventually(&title, || async { of_it().await.pop() }).await;
    }
}

#[tokio::test]
async fn an_approval_of_which_no_webhook_told_is_found_by_the_sweep() {
    let pair = Pair::automatic().await;
    let (stand, south) = (&pair.stand, pair.south.0.project());
    let dropped = json!({"mode": "drop", "project_id": south.id});
    stand.side_door(Method::PUT, "/webhooks", dropped).await;
    let id = create_pending(&pair, Tool::Notes, "Quietly approved").await;
    assert!(stand.sweep(south).await);
    stand
        .change(&pair.south.0, Tool::Notes, id, json!({"status": "approved"}))
        .await;
    stand
        .sweep_until(south, "it is found", || async {
            stand.arrived(pair.harbour.0.project()).await.pop()
        })
        .await;
}

#[tokio::test]
async fn sending_a_pending_entry_by_hand_says_that_it_is_pending() {
    let pair = Pair::automatic().await;
    let (south, sam) = &pair.south;
    let id = create_pending(&pair, Tool::Notes, "Too early").await;
    let connection = format!("/connections/{}", pair.connection);
    let items = api(south.project(), &format!("{connection}/items"));
    let picked = json!({"tool": "notes", "item_id": id});
    sam.post(&items, picked).await;
    let deliveries = api(south.project(), &format!("{connection}/deliveries"));
    let held: Value = eventually("it waits", || async {
        let list = sam.get(&deliveries).await.expect(200);
        let delivery = list["deliveries"][0].clone();
        (delivery["status"] == "held").then_some(delivery)
    })
    .await;
    assert_eq!(held["waits_for"], "approval");
    assert!(
        held["reason"]
            .as_str()
            .unwrap()
            .contains("waits for approval in South project"),
        "{held}"
    );
    let (stand, harbour) = (&pair.stand, pair.harbour.0.project());
    stand
        .change(south, Tool::Notes, id, json!({"status": "approved"}))
        .await;
    eventually("it is approved", || async { stand.arrived(harbour).await.pop() }).await;
}
