//! Creating twice with the same `Idempotency-Key` gives the first answer again.

use futures_util::future::join_all;
use gusset_tests::{Answer, Person, Stand, api};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::code;

async fn ask(person: &Person, path: &str, key: &str, body: Value) -> Answer {
    person
        .send(Method::POST, path, |request| {
            request.header("Idempotency-Key", key).json(&body)
        })
        .await
}

#[tokio::test]
async fn a_request_with_the_same_key_gets_the_first_answer() {
    let stand = Stand::new();
    let (south, sam) = stand.company("South").await;
    let (harbour, gina) = stand.company("Harbour").await;
    let path = api(south.project(), "/connections");
    let body = json!({"code": code(&gina, &harbour).await});
    let first = ask(&sam, &path, "one", body.clone()).await.expect(201);
    let again = ask(&sam, &path, "one", body.clone()).await.expect(201);
    assert_eq!(first, again);
    ask(&sam, &path, "two", body.clone())
        .await
        .problem(409, "already-asked");
    ask(&sam, &path, "one", json!({"code": "1000 0000"}))
        .await
        .problem(422, "idempotency-key-reused");
    ask(&sam, &path, &"k".repeat(256), body.clone())
        .await
        .problem(400, "bad-request");
    // What failed can be tried again under the same key.
    ask(&sam, &path, "three", json!({"code": "1000 0000"}))
        .await
        .problem(404, "unknown-code");
    ask(&sam, &path, "three", body.clone())
        .await
        .problem(409, "already-asked");
    assert_eq!(
        sam.get(&path).await.expect(200)["connections"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn many_at_once_with_one_key_make_one_connection() {
    let stand = Stand::new();
    let (south, sam) = stand.company("South").await;
    let (harbour, gina) = stand.company("Harbour").await;
    let path = api(south.project(), "/connections");
    let body = json!({"code": code(&gina, &harbour).await});
    let answers = join_all((0..10).map(|_| ask(&sam, &path, "one", body.clone()))).await;
    let made: Vec<&Value> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| &answer.json["id"])
        .collect();
    assert!(!made.is_empty() && made.iter().all(|id| *id == made[0]), "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|answer| [201, 409].contains(&answer.status.as_u16())),
        "{answers:?}"
    );
    assert_eq!(
        sam.get(&path).await.expect(200)["connections"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
