//! Procore's limits are obeyed company by company, and one company at its limit does not slow another.

use gusset_tests::{Company, Stand, api, eventually};
use jiff::Timestamp;
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

/// When Procore refused calls to a company because there were too many, the first one first.
async fn refusals(stand: &Stand, company: &Company) -> Vec<Timestamp> {
    let path = format!("/calls?company_id={}", company.id);
    let calls = stand.side_door(Method::GET, &path, Value::Null).await;
    let calls = calls["calls"].as_array().unwrap().iter();
    let refused = calls.filter(|call| call["status"] == 429);
    refused.map(|call| time(&call["time"])).collect()
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
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
    // Workers find out that the window is used up. From then on all of them together give turns at the pace of the limit: only
    // what comes a moment too early, because messages come back on whole seconds, is refused once more.
    let refused = refusals(stand, &busy.harbour.0).await;
    assert!(refused.len() <= NOTES, "{refused:?}");
    let later = refused
        .iter()
        .filter(|at| at.duration_since(refused[0]).as_secs() >= 10);
    assert!(later.count() <= NOTES / 4, "{refused:?}");
}

#[tokio::test]
async fn what_has_to_wait_for_long_says_until_when_and_nobody_waits_for_the_same_turn() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let an_hour = json!({"company_id": harbour.id, "hour": 3, "spike": 100});
    stand.side_door(Method::PUT, "/limits", an_hour).await;
    let began = Timestamp::now();
    write_notes(stand, (south, &sam.login), 6).await;
    let deliveries = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    let mut turns: Vec<Timestamp> = eventually("what is too much says that it waits", || async {
        let list = sam.get(&deliveries).await.expect(200);
        let all = list["deliveries"].as_array().unwrap();
        let wait = |one: &Value| one["status"] == "retrying" && one["reason"] == "Procore asked to wait";
        let turns = all.iter().filter(|one| wait(one)).map(|one| time(&one["not_before"]));
        let turns: Vec<_> = turns.collect();
        (turns.len() == 3).then_some(turns)
    })
    .await;
    turns.sort_unstable();
    assert!(
        turns[0].duration_since(began).as_mins() >= 58,
        "the hour is not over: {turns:?}"
    );
    for two in turns.windows(2) {
        let apart = two[1].duration_since(two[0]);
        assert!(apart.as_mins() >= 19, "three calls an hour: {turns:?}");
    }
    assert_eq!(copied_notes(stand, harbour).await, 3);
}
