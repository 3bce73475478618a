//! A private RFI is sent when a person has confirmed that it is, and its copy is private too.

use gusset_tests::{Tool, api, connected::Pair, eventually};
use serde_json::json;

#[tokio::test]
async fn a_private_rfi_sent_by_hand_waits_until_that_is_confirmed_and_its_copy_is_private() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let mut private = Tool::Rfis.item(south, "For few eyes");
    private["private"] = json!(true);
    let item = stand.create_as(south, Tool::Rfis, private, json!([])).await;
    let here = format!("/connections/{}", pair.connection);
    let stands = async |status: &'static str| {
        let list = api(south.project(), &format!("{here}/deliveries"));
        eventually(&format!("it is {status}"), || async {
            let list = sam.get(&list).await.expect(200);
            let one = list["deliveries"].get(0)?.clone();
            (one["status"] == status).then_some(one)
        })
        .await
    };
    let items = api(south.project(), &format!("{here}/items"));
    let send = json!({"tool": "rfis", "item_id": item});
    sam.post(&items, send).await.expect(202);
    let held = stands("held").await;
    assert_eq!(held["waits_for"], "confirmation");
    let reference = held["reference"].as_str().unwrap();

    // It is not for the other side to confirm.
    let retry = api(harbour.project(), &format!("{here}/deliveries/{reference}/retry"));
    gina.post(&retry, json!({})).await.expect(202);
    let tries = |one: &serde_json::Value| one["history"].as_array().unwrap().len();
    eventually("it was tried again, and waits again", || async {
        let one = stands("held").await;
        (tries(&one) > tries(&held)).then_some(())
    })
    .await;
    assert_eq!(stand.copies(harbour.project()).await.len(), 0);

    let confirmed = json!({"tool": "rfis", "item_id": item, "confirm_private": true});
    sam.post(&items, confirmed).await.expect(202);
    stands("delivered").await;
    let copies = stand.copies(harbour.project()).await;
    assert_eq!((copies.len(), &copies[0]["private"]), (1, &json!(true)));
}
