//! Guessing codes: ten misses an hour, for a person and for a project, however many requests come at once.

use futures_util::future::join_all;
use gusset_tests::{Stand, api};
use reqwest::header;
use serde_json::json;

use crate::connected::code;

#[tokio::test]
async fn of_many_guesses_at_once_ten_are_answered() {
    let stand = Stand::new();
    let (south, sam) = stand.company("South").await;
    let (harbour, gina) = stand.company("Harbour").await;
    let real = code(&gina, &harbour).await;
    let ask = api(south.project(), "/connections");
    let guesses = (0..50).map(|n| sam.post(&ask, json!({"code": format!("1000 {n:04}")})));
    let answers = join_all(guesses.collect::<Vec<_>>()).await;
    let answered = answers.iter().filter(|answer| answer.status == 404).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((answered, refused), (10, 40));
    let refused = answers.into_iter().find(|answer| answer.status == 429).unwrap();
    let wait: u64 = refused.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((3_500..=3_600).contains(&wait), "{wait}");
    refused.problem(429, "too-many-misses");
    // Even the right code is not looked at now, or guessing could go on.
    sam.post(&ask, json!({"code": real}))
        .await
        .problem(429, "too-many-misses");
}

#[tokio::test]
async fn a_project_is_limited_whoever_guesses_from_it_and_a_person_from_whichever_project() {
    let stand = Stand::new();
    let company = stand
        .make_company(json!({
            "name": "South", "projects": [{"name": "One"}, {"name": "Two"}],
            "people": [{"name": "Sam", "level": "admin"}, {"name": "Sue", "level": "admin"}],
        }))
        .await;
    let sam = stand.sign_in(&company.people[0].0).await;
    let sue = stand.sign_in(&company.people[1].0).await;
    let (one, two) = (
        api(&company.projects[0], "/connections"),
        api(&company.projects[1], "/connections"),
    );
    for n in 0..10 {
        sam.post(&one, json!({"code": format!("1000 1{n:03}")}))
            .await
            .problem(404, "unknown-code");
    }
    sam.post(&two, json!({"code": "1000 2000"}))
        .await
        .problem(429, "too-many-misses");
    sue.post(&one, json!({"code": "1000 2000"}))
        .await
        .problem(429, "too-many-misses");
    sue.post(&two, json!({"code": "1000 2000"}))
        .await
        .problem(404, "unknown-code");
}

#[tokio::test]
async fn codes_that_hit_are_not_counted() {
    let stand = Stand::new();
    let (south, sam) = stand.company("South").await;
    let (harbour, gina) = stand.company("Harbour").await;
    let code = code(&gina, &harbour).await;
    let ask = api(south.project(), "/connections");
    sam.post(&ask, json!({"code": code})).await.expect(201);
    for _ in 0..15 {
        sam.post(&ask, json!({"code": code}))
            .await
            .problem(409, "already-asked");
    }
}
