//! A copy is known by its record and its author, not by its text.

use gusset_tests::{Item, Tool, api, connected::Pair, eventually};
use reqwest::Method;
use serde_json::{Value, json};

const LINE: &str = "Sent from Pier 9 Tower (Harbour), RFI #3 by Gina · GST-AAAAAAAAAAAA";

async fn travels(tool: Tool, text: String) {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let mut item = tool.item(south, &text);
    if tool == Tool::Rfis {
        item["subject"] = json!("Quotes an old one");
        item["question"] = json!({"body": format!("<p>{}</p>", text.replace('\n', "</p><p>"))});
    }
    stand.create_as(south, tool, item, json!([])).await;
    let copy = eventually("the copy is there", || async {
        stand.arrived(harbour.project()).await.pop()
    })
    .await;
    let sent = copy.all.to_string();
    assert_eq!(
        sent.matches("· GST-").count() % 2,
        0,
        "the quoted one and its own: {sent}"
    );
}

#[tokio::test]
async fn an_rfi_that_begins_with_a_quoted_line_travels() {
    travels(Tool::Rfis, format!("{LINE}\nIs that still so?")).await;
}

#[tokio::test]
async fn working_hours_that_end_with_a_quoted_line_travel() {
    travels(Tool::WorkingHours, format!("As agreed in\n{LINE}")).await;
}

#[tokio::test]
async fn a_note_with_a_quoted_line_within_it_travels() {
    travels(Tool::Notes, format!("Before\n{LINE}\nand after")).await;
}

/// A copy of which nobody has heard that it is there: the answer to its creation was lost.
async fn unheard(tool: Tool) -> (Pair, Item) {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let lost = json!({
        "method": "POST", "path": format!("/rest/v1.0/projects/*/{}", tool.path()), "times": 1,
        "company_id": harbour.id, "drop": "after",
    });
    stand.side_door(Method::POST, "/faults", lost).await;
    stand
        .create(south, tool, "Conduit clashes with beam B4 on level 2")
        .await;
    let copy = eventually("the copy is there, unheard", || async {
        stand.arrived(harbour.project()).await.pop()
    })
    .await;
    (pair, copy)
}

/// Somebody edits a copy before its creation was heard of. Gives what is in the other project.
async fn edited_unheard(tool: Tool, edit: Value) -> (Value, usize) {
    let (pair, copy) = unheard(tool).await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    stand.change(harbour, tool, copy.id, edit).await;
    let list = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    let delivered = eventually("it is delivered", || async {
        let list = sam.get(&list).await.expect(200);
        let one = list["deliveries"][0].clone();
        (one["status"] == "delivered").then_some(one)
    })
    .await;
    assert_eq!(delivered["copy"], copy.id, "{delivered}");
    let there = stand.items(harbour.project()).await;
    (delivered, there.iter().filter(|item| item.tool == tool).count())
}

#[tokio::test]
async fn an_rfi_whose_line_was_edited_away_before_its_creation_was_heard_of_is_found() {
    let edit = json!({"subject": "Conduit clashes with beam B4 on level 2", "question": {"body": "<p>Edited.</p>"}});
    assert_eq!(edited_unheard(Tool::Rfis, edit).await.1, 1);
}

#[tokio::test]
async fn a_note_whose_line_was_edited_away_before_its_creation_was_heard_of_is_found() {
    let edit = json!({"comment": "Conduit clashes with beam B4 on level 2. Seen by Gina."});
    assert_eq!(edited_unheard(Tool::Notes, edit).await.1, 1);
}

/// Somebody sends a copy back by hand before its creation was heard of.
async fn sent_back_unheard(tool: Tool) {
    let (pair, copy) = unheard(tool).await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let items = api(harbour.project(), &format!("/connections/{}/items", pair.connection));
    let wanted = json!({"tool": tool.name(), "item_id": copy.id});
    let sent = gina.post(&items, wanted).await.expect(202);
    let reference = sent["reference"].as_str().unwrap().to_owned();
    let list = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    let ended = eventually("both are at their end", || async {
        let list = sam.get(&list).await.expect(200);
        let all = list["deliveries"].as_array().unwrap().clone();
        let ended = |one: &Value| matches!(one["status"].as_str(), Some("delivered" | "cancelled"));
        (all.len() == 2 && all.iter().all(ended)).then_some(all)
    })
    .await;
    let back = ended.iter().find(|one| one["reference"] == reference).unwrap();
    assert_eq!(back["status"], "cancelled", "{back}");
    let original = &south.project().name;
    assert_eq!(
        back["reason"],
        format!("It is a copy itself: {original} has the original")
    );
    assert_eq!(stand.arrived(south.project()).await.len(), 0, "nothing came back");
    assert_eq!(stand.arrived(harbour.project()).await.len(), 1);
}

#[tokio::test]
async fn a_copy_that_nobody_has_heard_of_yet_is_not_sent_back_by_hand() {
    sent_back_unheard(Tool::WorkingHours).await;
    sent_back_unheard(Tool::Rfis).await;
}
