//! What is across between two projects is known, whatever connections they had.

use gusset_tests::{
    Tool, api,
    connected::{Pair, accept, ask},
    eventually,
};
use serde_json::{Value, json};

/// The two connect anew, in the other direction than before. Gives the new connection.
async fn anew(pair: &Pair) -> String {
    let end = api(
        pair.south.0.project(),
        &format!("/connections/{}/disconnect", pair.connection),
    );
    pair.south.1.post(&end, json!({})).await.expect(200);
    let connection = ask(&pair.harbour, &pair.south).await;
    accept(&pair.south, &connection).await;
    connection
}

/// The only delivery that South's side of a connection lists, once it stands so.
async fn only(pair: &Pair, connection: &str, status: &str) -> Value {
    let (south, sam) = &pair.south;
    let list = api(south.project(), &format!("/connections/{connection}/deliveries"));
    eventually(&format!("there is one delivery, {status}"), || async {
        let list = sam.get(&list).await.expect(200);
        let [one] = list["deliveries"].as_array().unwrap().as_slice() else {
            return None;
        };
        (one["status"] == status).then(|| one.clone())
    })
    .await
}

async fn is_across_once(tool: Tool) {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let item = stand.create(south, tool, "Across once").await;
    let before = only(&pair, &pair.connection, "delivered").await;

    let connection = anew(&pair).await;
    let known = only(&pair, &connection, "delivered").await;
    assert_eq!(
        (&known["reference"], &known["copy"]),
        (&before["reference"], &before["copy"])
    );
    let received = format!("/connections/{connection}/deliveries?direction=received");
    let received = gina.get(&api(harbour.project(), &received)).await.expect(200);
    assert_eq!(received["deliveries"][0]["copy"], before["copy"], "{received}");

    let send = json!({"tool": tool.name(), "item_id": item});
    let items = api(south.project(), &format!("/connections/{connection}/items"));
    let again = sam.post(&items, send).await.expect(200);
    assert_eq!(
        (&again["status"], &again["copy"]),
        (&json!("delivered"), &before["copy"])
    );

    // The copy does not go back to where it came from, over whatever connection.
    let back = json!({"tool": tool.name(), "item_id": before["copy"]});
    let items = api(harbour.project(), &format!("/connections/{connection}/items"));
    let refused = gina.post(&items, back).await.problem(409, "is-copy");
    let came_from = format!("came from {}", south.project().name);
    assert!(refused["detail"].as_str().unwrap().contains(&came_from), "{refused}");

    // What is new travels: and so everything that came before it has been dealt with.
    stand.create(south, Tool::Notes, "The last").await;
    eventually("what is new arrives", || async {
        let arrived = stand.arrived(harbour.project()).await;
        let is_last = |text: &str| text.contains("The last");
        arrived.iter().any(|item| is_last(&item.all.to_string())).then_some(())
    })
    .await;
    let arrived = stand.arrived(harbour.project()).await;
    let copies = arrived.iter().filter(|one| one.all.to_string().contains("Across once"));
    assert_eq!(copies.count(), 1, "{arrived:?}");
}

#[tokio::test]
async fn an_rfi_that_is_across_is_not_sent_again_over_a_new_connection_nor_back() {
    is_across_once(Tool::Rfis).await;
}

#[tokio::test]
async fn working_hours_that_are_across_are_not_sent_again_over_a_new_connection_nor_back() {
    is_across_once(Tool::WorkingHours).await;
}

#[tokio::test]
async fn a_note_that_is_across_is_not_sent_again_over_a_new_connection_nor_back() {
    is_across_once(Tool::Notes).await;
}

#[tokio::test]
async fn what_the_end_of_a_connection_cancelled_is_sent_over_the_next_one_by_hand() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let one = api(harbour.project(), &format!("/connections/{}", pair.connection));
    gina.patch(&one, json!({"rfi_manager_id": null})).await.expect(200);
    let item = stand.create(south, Tool::Rfis, "Held, then cancelled").await;
    only(&pair, &pair.connection, "held").await;
    let connection = anew(&pair).await;
    let cancelled = only(&pair, &connection, "cancelled").await;
    assert_eq!(stand.copies(harbour.project()).await.len(), 0);

    let items = api(south.project(), &format!("/connections/{connection}/items"));
    let send = json!({"tool": "rfis", "item_id": item});
    sam.post(&items, send).await.expect(202);
    let delivered = only(&pair, &connection, "delivered").await;
    assert_eq!(delivered["reference"], cancelled["reference"]);
    assert_eq!(delivered["connection"], connection);
    assert_eq!(stand.copies(harbour.project()).await.len(), 1);
}

#[tokio::test]
async fn a_copy_is_passed_on_to_a_third_project_and_from_there_not_back_to_the_first() {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let third = stand.company("Third").await;
    let onwards = ask(&pair.harbour, &third).await;
    accept(&third, &onwards).await;
    let round = ask(&third, &pair.south).await;
    accept(&pair.south, &round).await;

    stand.create(south, Tool::Rfis, "Passed on").await;
    let copy = only(&pair, &pair.connection, "delivered").await["copy"].clone();
    let items = api(harbour.project(), &format!("/connections/{onwards}/items"));
    let send = json!({"tool": "rfis", "item_id": copy});
    gina.post(&items, send).await.expect(202);
    // The original comes there by itself as well, over the third connection.
    let by_harbour = format!("Sent from {}", harbour.project().name);
    let passed_on = eventually("it is in the third project", || async {
        let copies = stand.copies(third.0.project()).await;
        copies.into_iter().find(|copy| copy.to_string().contains(&by_harbour))
    })
    .await;
    let question = passed_on["questions"][0]["rich_text_body"].as_str().unwrap();
    for (company, _) in [&pair.south, &pair.harbour] {
        let sent_from = format!("Sent from {} ({})", company.project().name, company.name);
        assert!(question.contains(&sent_from), "{question}");
    }

    let items = api(third.0.project(), &format!("/connections/{round}/items"));
    let send = json!({"tool": "rfis", "item_id": passed_on["id"]});
    let refused = third.1.post(&items, send).await.problem(409, "is-copy");
    let came_from = format!("came from {}", south.project().name);
    assert!(refused["detail"].as_str().unwrap().contains(&came_from), "{refused}");
}
