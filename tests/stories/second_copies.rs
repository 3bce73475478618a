//! An item that is across is copied once more only where a person asks for a second copy.

use gusset_tests::{Tool, api, connected::Pair, eventually};
use serde_json::json;

#[tokio::test]
async fn an_item_that_is_across_is_answered_with_its_copy_and_copied_again_only_on_demand() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let item = stand.create(south, Tool::Rfis, "Twice").await;
    let here = format!("/connections/{}", pair.connection);
    let list = api(south.project(), &format!("{here}/deliveries?status=delivered"));
    let delivered = async |count: usize| {
        eventually(&format!("{count} are delivered"), || async {
            let list = sam.get(&list).await.expect(200);
            let list = list["deliveries"].as_array().unwrap().clone();
            (list.len() == count).then_some(list)
        })
        .await
    };
    let first = delivered(1).await;
    let items = api(south.project(), &format!("{here}/items"));
    let send = json!({"tool": "rfis", "item_id": item});
    let known = sam.post(&items, send).await.expect(200);
    assert_eq!(known["copy"], first[0]["copy"]);

    let second = json!({"tool": "rfis", "item_id": item, "second_copy": true});
    let queued = sam.post(&items, second.clone()).await.expect(202);
    assert_ne!(queued["reference"], first[0]["reference"]);
    assert_eq!(queued["repeat"], 1);
    let both = delivered(2).await;
    assert_ne!(both[0]["copy"], both[1]["copy"]);
    assert_eq!(stand.copies(harbour.project()).await.len(), 2);

    // Where nothing is across yet, there is nothing to repeat.
    let manual = json!({"send": {"rfis": "manual"}});
    sam.patch(&api(south.project(), &here), manual).await.expect(200);
    let other = stand.create(south, Tool::Rfis, "Once").await;
    let send = json!({"tool": "rfis", "item_id": other, "second_copy": true});
    let queued = sam.post(&items, send).await.expect(202);
    assert!(queued.get("repeat").is_none(), "{queued}");
    for wrong in [json!("maybe"), json!(1), json!([])] {
        let wrong = json!({"tool": "rfis", "item_id": item, "second_copy": wrong});
        sam.post(&items, wrong).await.problem(422, "bad-field");
    }
}
