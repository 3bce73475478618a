//! Rate limits, and calls that fail on order.

use crate::support::{Sandbox, rfi};
use reqwest::Method;
use serde_json::{Value, json};

const RFIS: &str = "/rest/v1.0/projects/20001/rfis";
const GINA: &str = "gina.admin@harbour.example";

async fn rfi_count(sandbox: &Sandbox) -> usize {
    sandbox.side(Method::GET, "projects/20001", json!({})).await["rfis"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn the_spike_limit_answers_429_and_says_when_to_come_back() {
    let sandbox = Sandbox::start().await;
    sandbox
        .side(Method::PUT, "limits", json!({"company_id": 1001, "spike": 2}))
        .await;
    let gina = sandbox.person_token(GINA).await;
    for remaining in ["1", "0"] {
        let answer = sandbox.get(&gina, RFIS).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["x-rate-limit-remaining"]),
            (200, &remaining.parse().unwrap())
        );
    }
    let refused = sandbox.get(&gina, RFIS).await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["x-rate-limit-limit"]),
        (429, &"2".parse().unwrap())
    );
    let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=10).contains(&seconds));
    let sam = sandbox.person_token("sam.admin@southside.example").await;
    assert_eq!(sandbox.get(&sam, "/rest/v1.0/projects/30001/rfis").await.status(), 200);
}

#[tokio::test]
async fn a_connection_dropped_before_leaves_nothing_and_after_leaves_the_effect() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    for (moment, added) in [("before", 0), ("after", 1)] {
        let before = rfi_count(&sandbox).await;
        let fault = json!({"method": "POST", "path": "/rest/v1.0/projects/*/rfis", "drop": moment});
        sandbox.side(Method::POST, "faults", fault).await;
        let request = sandbox.request(Method::POST, RFIS).bearer_auth(&gina).json(&rfi(101));
        let request = request.header("Procore-Company-Id", "1001");
        assert!(request.send().await.is_err(), "{moment}");
        assert_eq!(rfi_count(&sandbox).await, before + added, "{moment}");
    }
    assert_eq!(sandbox.send(Method::POST, &gina, RFIS, rfi(101)).await.status(), 201);
}

#[tokio::test]
async fn a_fault_hits_as_often_as_asked_and_only_its_company() {
    let sandbox = Sandbox::start().await;
    let fault = json!({"path": "/rest/*", "times": 2, "company_id": 1001, "status": 503,
                       "headers": {"Retry-After": "7"}, "body": {"errors": "busy"}});
    sandbox.side(Method::POST, "faults", fault).await;
    let (gina, sam) = (
        sandbox.person_token(GINA).await,
        sandbox.person_token("sam.admin@southside.example").await,
    );
    assert_eq!(sandbox.get(&sam, "/rest/v1.0/projects/30001/rfis").await.status(), 200);
    for _ in 0..2 {
        let answer = sandbox.get(&gina, RFIS).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["retry-after"]),
            (503, &"7".parse().unwrap())
        );
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({"errors": "busy"}));
    }
    assert_eq!(sandbox.get(&gina, RFIS).await.status(), 200);
}

#[tokio::test]
async fn a_status_after_the_effect_replaces_the_answer_only() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let before = rfi_count(&sandbox).await;
    sandbox
        .side(
            Method::POST,
            "faults",
            json!({"path": RFIS, "status": 502, "when": "after"}),
        )
        .await;
    assert_eq!(sandbox.send(Method::POST, &gina, RFIS, rfi(101)).await.status(), 502);
    assert_eq!(rfi_count(&sandbox).await, before + 1);
}

#[tokio::test]
async fn a_patch_changes_the_answer_and_not_what_is_there() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let created = sandbox.send(Method::POST, &gina, RFIS, rfi(101)).await;
    let id = created.json::<Value>().await.unwrap()["id"].clone();
    let one = format!("{RFIS}/{id}");
    let patch = json!({"path": one, "patch": {"/due_date": "", "/questions/0/attachments": null, "/cost_impact/value": "1200.00"}});
    sandbox.side(Method::POST, "faults", patch).await;
    let odd: Value = sandbox.get(&gina, &one).await.json().await.unwrap();
    assert_eq!(
        (
            &odd["due_date"],
            &odd["questions"][0]["attachments"],
            &odd["cost_impact"]["value"]
        ),
        (&json!(""), &Value::Null, &json!("1200.00"))
    );
    let plain: Value = sandbox.get(&gina, &one).await.json().await.unwrap();
    assert_eq!(
        (&plain["due_date"], &plain["questions"][0]["attachments"]),
        (&Value::Null, &json!([]))
    );
}

#[tokio::test]
async fn calls_are_written_down_without_secrets() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let since = sandbox.side(Method::GET, "calls", json!({})).await["last"].clone();
    sandbox.get(&gina, RFIS).await;
    sandbox.request(Method::GET, "/rest/v1.0/me").send().await.unwrap();
    let log = sandbox
        .side(Method::GET, &format!("calls?since={since}"), json!({}))
        .await;
    let calls = log["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 2);
    assert_eq!(
        (&calls[0]["login"], &calls[0]["grant"], &calls[0]["company_id"]),
        (&json!(GINA), &json!("authorization_code"), &json!(1001))
    );
    assert_eq!(
        (&calls[1]["status"], &calls[1]["has_authorization"]),
        (&json!(401), &json!(false))
    );
    let all = sandbox.side(Method::GET, "calls", json!({})).await.to_string();
    assert!(!all.contains(&gina));
}

#[tokio::test]
async fn the_side_door_says_what_is_wrong() {
    let sandbox = Sandbox::start().await;
    for (method, path, body) in [
        (Method::POST, "faults", json!({"path": "/x"})),
        (Method::POST, "faults", json!({"path": "/x", "status": 5})),
        (Method::POST, "faults", json!({"path": "/x", "patch": {"due_date": ""}})),
        (
            Method::POST,
            "faults",
            json!({"path": "/x", "status": 500, "patch": {"/due_date": ""}}),
        ),
        (Method::POST, "companies", json!({"peeple": []})),
        (Method::POST, "companies", json!({"people": [{"projects": [4]}]})),
        (Method::PUT, "webhooks", json!({"mode": "explode"})),
        (Method::PUT, "limits", json!({"webhook_backoff_scale": 9})),
        (
            Method::PUT,
            "people/gina.admin@harbour.example/permissions",
            json!({"level": "boss", "project_id": 20001}),
        ),
        (Method::POST, "projects/20001/rfis", json!({"rfi": {}})),
    ] {
        let answer = sandbox
            .request(method, &format!("/sandbox/{path}"))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 422, "{path} {body}");
        assert!(
            answer.json::<Value>().await.unwrap()["errors"].is_object(),
            "{path} {body}"
        );
    }
}

#[tokio::test]
async fn unknown_paths_are_json_too() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    for path in ["/rest/v1.0/nothing", "/nothing"] {
        let answer = sandbox.get(&gina, path).await;
        assert_eq!(answer.status(), 404);
        assert!(answer.json::<Value>().await.unwrap()["errors"].is_string());
    }
}
