//! Items that a person picks: seen beforehand, ticked, sent once.

use gusset_tests::{Browser, Scripts, api, eventually};
use serde_json::json;

use gusset_tests::connected::Pair;

/// A connection over which South sends only what somebody picks, and an RFI and a note of South's.
pub(crate) async fn manual() -> (Pair, u64, u64) {
    let pair = Pair::automatic().await;
    let (south, sam) = &pair.south;
    let settle = api(south.project(), &format!("/connections/{}", pair.connection));
    let manual = json!({"send": {"rfis": "manual", "notes": "manual", "working_hours": "off"}});
    sam.patch(&settle, manual).await.expect(200);
    let rfi = json!({
        "subject": "Conduit clashes with beam B4", "draft": false, "rfi_manager_id": south.people[1].1,
        "reference": "E-201", "question": {"body": "<p>Which <b>route</b>?</p>"},
    });
    let rfi = pair.stand.create_rfi(south.project(), &sam.login, rfi).await;
    let notes = format!("/projects/{}/notes_logs", south.project().id);
    let note = json!({"login": sam.login, "notes_log": {"comment": "Rain until noon"}});
    let note = pair.stand.side_door(reqwest::Method::POST, &notes, note).await;
    let note = note["id"].as_u64().unwrap();
    (pair, rfi, note)
}

#[tokio::test]
async fn a_person_previews_items_ticks_them_and_sends_them() {
    let (pair, _, _) = manual().await;
    let (south, _) = &pair.south;
    let sam = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    sam.go(&format!(
        "/projects/{}/connections/{}",
        south.project().id,
        pair.connection
    ))
    .await;
    sam.follow("Send items").await;
    sam.sees("Your project sends none over this connection.").await;
    sam.follow("Conduit clashes with beam B4").await;
    sam.sees("Is copied").await;
    sam.sees("Which route?").await;
    sam.sees("E-201").await;
    sam.press("Close").await;
    sam.press("Send").await;
    sam.sees("Tick at least one item.").await;
    for words in ["Conduit", "Rain"] {
        sam.click(&format!("//tr[contains(., '{words}')]//input")).await;
    }
    sam.press("Send").await;
    sam.sees("On its way.").await;
    for words in ["Conduit clashes with beam B4", "Rain until noon"] {
        sam.sees_row(words, "Delivered").await;
    }
    // What was sent says so, and is not offered again.
    sam.follow("Send items").await;
    for words in ["Conduit clashes with beam B4", "Rain until noon"] {
        sam.sees_row(words, "Sent").await;
    }
    assert!(!sam.has("//tbody//input").await);
}

#[tokio::test]
async fn several_items_are_sent_without_scripts() {
    let (pair, _, _) = manual().await;
    let (south, _) = &pair.south;
    let (harbour, _) = &pair.harbour;
    let sam = Browser::open(&pair.stand, Scripts::Off).await;
    sam.go("/").await;
    sam.sign_in_as(&south.people[0].0).await;
    sam.go(&format!(
        "/projects/{}/connections/{}/send",
        south.project().id,
        pair.connection
    ))
    .await;
    for words in ["Conduit", "Rain"] {
        sam.click(&format!("//tr[contains(., '{words}')]//input")).await;
    }
    sam.press("Send").await;
    sam.sees("On its way.").await;
    eventually("the RFI is copied", || async {
        (pair.stand.copies(harbour.project()).await.len() == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn each_of_several_items_is_sent_or_refused_for_itself_and_once() {
    let (pair, rfi, note) = manual().await;
    let (south, sam) = &pair.south;
    let (harbour, _) = &pair.harbour;
    let items = api(south.project(), &format!("/connections/{}/items", pair.connection));
    let several = json!({"items": [
        {"tool": "rfis", "item_id": rfi}, {"tool": "working_hours", "item_id": 7}, {"tool": "notes", "item_id": note},
    ]});
    for _ in 0..3 {
        let answer = sam.post(&items, several.clone()).await.expect(200);
        assert_eq!(answer["sent"].as_array().unwrap().len(), 2, "{answer}");
        let refused = &answer["refused"][0];
        assert_eq!(
            (&refused["tool"], &refused["item_id"]),
            (&json!("working_hours"), &json!(7))
        );
        assert_eq!(refused["problem"]["type"], "urn:gusset:problem:not-sent");
    }
    eventually("the RFI is copied", || async {
        (pair.stand.copies(harbour.project()).await.len() == 1).then_some(())
    })
    .await;
    pair.stand.settled_events(harbour.project()).await;
    assert_eq!(pair.stand.copies(harbour.project()).await.len(), 1);
    for wrong in [
        json!({"items": []}),
        json!({"items": "x"}),
        json!({"items": [{"tool": "rfis"}]}),
        json!({"items": [{"tool": "rfis", "item_id": rfi}], "tool": "rfis"}),
    ] {
        sam.post(&items, wrong).await.problem(422, "bad-field");
    }
}
