//! Procore's limits are obeyed company by company, and one company at its limit does not slow another.

use gusset_tests::{Company, Stand, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::Pair;

/// Notes that the busy pair sends: as many copies as the arriving company takes in four windows.
const NOTES: usize = 16;

async fn write_notes(stand: &Stand, (company, login): (&Company, &str), count: usize) {
    for number in 0..count {
        let note = json!({"login": login, "notes_log": {"comment": format!("Note {number}")}});
        let path = format!("/projects/{}/notes_logs", company.project().id);
        stand.side_door(Method::POST, &path, note).await;
    }
}

async fn copied_notes(stand: &Stand, company: &Company) -> usize {
    let path = format!("/projects/{}", company.project().id);
    let project = stand.side_door(Method::GET, &path, Value::Null).await;
    let notes = project["notes_logs"].as_array().unwrap().iter();
    notes
        .filter(|note| note["comment"].as_str().unwrap().contains(" · GST-"))
        .count()
}

async fn answers_to(stand: &Stand, company: &Company, status: u64) -> usize {
    let path = format!("/calls?company_id={}", company.id);
    let calls = stand.side_door(Method::GET, &path, Value::Null).await;
    let calls = calls["calls"].as_array().unwrap().iter();
    calls.filter(|call| call["status"] == status).count()
}

#[tokio::test]
async fn a_company_at_its_limit_is_left_alone_and_does_not_slow_another() {
    let (busy, quiet) = (Pair::automatic().await, Pair::automatic().await);
    let stand = &busy.stand;
    let spike = json!({"company_id": busy.harbour.0.id, "hour": 100_000, "spike": 4});
    stand.side_door(Method::PUT, "/limits", spike).await;
    write_notes(stand, (&busy.south.0, &busy.south.1.login), NOTES).await;
    write_notes(stand, (&quiet.south.0, &quiet.south.1.login), 1).await;
    eventually("the quiet pair's note arrives", || async {
        (copied_notes(stand, &quiet.harbour.0).await == 1).then_some(())
    })
    .await;
    assert!(
        copied_notes(stand, &busy.harbour.0).await < NOTES,
        "the busy pair is still at it"
    );
    eventually("all of the busy pair's notes arrive", || async {
        (copied_notes(stand, &busy.harbour.0).await == NOTES).then_some(())
    })
    .await;
    assert_eq!(copied_notes(stand, &busy.harbour.0).await, NOTES);
    // Each worker finds out once in a window that it is closed, if another one has used it up.
    let refused = answers_to(stand, &busy.harbour.0, 429).await;
    assert!(refused <= NOTES, "{refused} calls were refused for {NOTES} copies");
}
