//! What was shown once is never forgotten: it ends as delivered, cancelled or failed, with the reason.

use gusset_tests::{Person, Tool, api, connected::Pair, eventually};
use reqwest::Method;
use serde_json::{Value, json};

/// The deliveries of a side of a connection, once all of them stand so.
async fn all(pair: &Pair, count: usize, status: &str) -> Vec<Value> {
    let (south, sam) = &pair.south;
    let list = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    eventually(&format!("{count} are {status}"), || async {
        let list = sam.get(&list).await.expect(200);
        let list = list["deliveries"].as_array().unwrap().clone();
        let stand_so = list.iter().filter(|one| one["status"] == status).count();
        (stand_so == count && list.len() == count).then_some(list)
    })
    .await
}

/// A pair whose receiving side has no manager, and three RFIs that wait for one.
async fn held() -> Pair {
    let pair = Pair::automatic().await;
    choose(&pair, &pair.harbour.1, json!({"rfi_manager_id": null})).await;
    for number in 1..=3 {
        pair.stand
            .create(&pair.south.0, Tool::Rfis, &format!("Waits {number}"))
            .await;
    }
    all(&pair, 3, "held").await;
    pair
}

async fn choose(pair: &Pair, person: &Person, terms: Value) {
    let project = if person.login == pair.south.1.login {
        pair.south.0.project()
    } else {
        pair.harbour.0.project()
    };
    let one = api(project, &format!("/connections/{}", pair.connection));
    person.patch(&one, terms).await.expect(200);
}

#[tokio::test]
async fn what_set_out_while_automatic_goes_on_although_the_mode_is_manual_since() {
    let pair = held().await;
    choose(&pair, &pair.south.1, json!({"send": {"rfis": "manual"}})).await;
    let manager = json!({"rfi_manager_id": pair.harbour.0.people[1].1});
    choose(&pair, &pair.harbour.1, manager).await;
    all(&pair, 3, "delivered").await;
    assert_eq!(pair.stand.copies(pair.harbour.0.project()).await.len(), 3);
}

#[tokio::test]
async fn what_waits_is_cancelled_with_the_reason_when_its_tool_is_switched_off_and_is_sent_anyway() {
    let pair = held().await;
    let (south, sam) = &pair.south;
    choose(&pair, sam, json!({"send": {"rfis": "off"}})).await;
    for one in all(&pair, 3, "cancelled").await {
        assert_eq!(one["because"], "switched_off");
        let reason = one["reason"].as_str().unwrap();
        assert!(
            reason.contains(&south.project().name) && reason.contains("RFIs"),
            "{reason}"
        );
    }
    choose(&pair, sam, json!({"send": {"rfis": "manual"}})).await;
    let manager = json!({"rfi_manager_id": pair.harbour.0.people[1].1});
    choose(&pair, &pair.harbour.1, manager).await;
    let list = all(&pair, 3, "cancelled").await;
    let items = api(south.project(), &format!("/connections/{}/items", pair.connection));
    for one in list {
        let send = json!({"tool": "rfis", "item_id": one["item"]});
        sam.post(&items, send).await.expect(202);
    }
    all(&pair, 3, "delivered").await;
    assert_eq!(pair.stand.copies(pair.harbour.0.project()).await.len(), 3);
}

#[tokio::test]
async fn an_rfi_that_turns_private_before_it_is_tried_again_is_cancelled_with_the_reason() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let busy = json!({
        "method": "POST", "path": "/rest/v1.0/projects/*/rfis", "times": 1, "company_id": harbour.id,
        "status": 503, "headers": {"retry-after": "5"},
    });
    stand.side_door(Method::POST, "/faults", busy).await;
    let item = stand.create(south, Tool::Rfis, "Turns private").await;
    all(&pair, 1, "retrying").await;
    stand.change(south, Tool::Rfis, item, json!({"private": true})).await;
    let cancelled = all(&pair, 1, "cancelled").await;
    assert_eq!(cancelled[0]["because"], "private");
    assert_eq!(stand.copies(harbour.project()).await.len(), 0);

    // A person may send it anyway, having said so; the copy is private too.
    let items = api(south.project(), &format!("/connections/{}/items", pair.connection));
    let send = json!({"tool": "rfis", "item_id": item, "confirm_private": true});
    sam.post(&items, send).await.expect(202);
    all(&pair, 1, "delivered").await;
    let copies = stand.copies(harbour.project()).await;
    assert_eq!((copies.len(), &copies[0]["private"]), (1, &json!(true)));
}

/// Ends the connection once the only copy is there, and sees that its delivery is told of as what it is.
async fn is_delivered_though_the_connection_ends(pair: &Pair) {
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let copy = eventually("the copy is there", || async {
        stand.arrived(harbour.project()).await.pop()
    })
    .await;
    let disconnect = api(south.project(), &format!("/connections/{}/disconnect", pair.connection));
    sam.post(&disconnect, json!({})).await.expect(200);
    let delivered = all(pair, 1, "delivered").await;
    assert_eq!(delivered[0]["copy"], copy.id, "{delivered:?}");
    assert_eq!(stand.arrived(harbour.project()).await.len(), 1);
}

#[tokio::test]
async fn what_arrived_unheard_before_the_connection_ended_is_delivered() {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let lost = json!({
        "method": "POST", "path": "/rest/v1.0/projects/*/notes_logs", "times": 1, "company_id": harbour.id, "drop": "after",
    });
    stand.side_door(Method::POST, "/faults", lost).await;
    stand.create(south, Tool::Notes, "Arrived unheard").await;
    is_delivered_though_the_connection_ends(&pair).await;
}

/// The connection ends while a Site Diary entry gets its files, and then Procore does not take them any more.
#[tokio::test]
async fn an_entry_that_is_there_is_delivered_though_the_connection_ended_before_its_files_were_added() {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    for what in [
        json!({"status": 503, "headers": {"Retry-After": "4"}}),
        json!({"status": 403, "times": 20}),
    ] {
        let mut fault =
            json!({"method": "PATCH", "path": "/rest/v1.0/projects/*/notes_logs/*", "company_id": harbour.id});
        fault.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        stand.side_door(Method::POST, "/faults", fault).await;
    }
    let note = Tool::Notes.item(south, "Rain");
    stand
        .create_as(south, Tool::Notes, note, json!([{"name": "list.txt", "text": "1"}]))
        .await;
    is_delivered_though_the_connection_ends(&pair).await;
}
