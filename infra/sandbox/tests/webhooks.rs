//! Webhooks: their payloads, their retries, and how they can be made to misbehave.

use crate::support::{Receiver, Sandbox, eventually, hook, rfi};
use reqwest::Method;
use serde_json::{Value, json};

const RFIS: &str = "/rest/v1.0/projects/30001/rfis";
const SAM: &str = "sam.admin@southside.example";

#[tokio::test]
async fn each_payload_version_has_its_shape() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.service_token().await;
    let mut receivers = Vec::new();
    for version in ["v2.0", "v3.0", "v4.0"] {
        let receiver = Receiver::start(&[]).await;
        hook(&sandbox, &token, 30001, version, &receiver.url).await;
        receivers.push(receiver);
    }
    let made: Value = sandbox
        .send(Method::POST, &token, RFIS, rfi(104))
        .await
        .json()
        .await
        .unwrap();
    let mut bodies = Vec::new();
    for receiver in &receivers {
        bodies.push(receiver.wait_for(1).await.remove(0));
        assert_eq!(receiver.received()[0].0["authorization"], "Bearer hook-secret");
    }
    let (two, three, four) = (&bodies[0], &bodies[1], &bodies[2]);
    assert_eq!(
        (&two["api_version"], &two["resource_name"], &two["event_type"]),
        (&json!("v2.0"), &json!("RFIs"), &json!("create"))
    );
    assert_eq!((&two["resource_id"], &two["project_id"]), (&made["id"], &json!(30001)));
    assert_eq!(two["metadata"]["source_application_id"], "gusset-local");
    assert!(two["id"].is_u64() && two["ulid"].is_string());
    assert!(three["related_resources"][0]["id"].is_u64());
    assert_eq!(
        (&four["reason"], &four["resource_type"], &four["project_id"]),
        (&json!("create"), &json!("RFIs"), &json!("30001"))
    );
    assert_eq!((&four["id"], four["resource_id"].is_string()), (&two["ulid"], true));
}

#[tokio::test]
async fn changes_by_hand_name_no_app_and_every_change_is_told() {
    let sandbox = Sandbox::start().await;
    let receiver = Receiver::start(&[]).await;
    let token = sandbox.service_token().await;
    hook(&sandbox, &token, 30001, "v2", &receiver.url).await;
    let mut body = rfi(104);
    body["login"] = json!(SAM);
    body["rfi"]["draft"] = json!(true);
    let made = sandbox.side(Method::POST, "projects/30001/rfis", body).await;
    let path = format!("projects/30001/rfis/{}", made["id"]);
    sandbox
        .side(Method::PATCH, &path, json!({"login": SAM, "rfi": {"status": "open"}}))
        .await;
    sandbox.side(Method::DELETE, &path, json!({"login": SAM})).await;
    let mut told: Vec<String> = Vec::new();
    for event in receiver.wait_for(3).await {
        assert_eq!(
            (&event["metadata"]["source_application_id"], &event["user_id"]),
            (&Value::Null, &json!(104))
        );
        told.push(event["event_type"].as_str().unwrap().to_owned());
    }
    told.sort();
    assert_eq!(told, ["create", "delete", "update"]);
}

#[tokio::test]
async fn a_failed_delivery_is_retried_until_it_succeeds_and_logged() {
    let sandbox = Sandbox::start().await;
    sandbox
        .side(Method::PUT, "limits", json!({"webhook_backoff_scale": 0.01}))
        .await;
    let receiver = Receiver::start(&[500, 302]).await;
    let token = sandbox.service_token().await;
    let id = hook(&sandbox, &token, 30001, "v2", &receiver.url).await;
    sandbox.send(Method::POST, &token, RFIS, rfi(104)).await;
    let bodies = receiver.wait_for(3).await;
    assert!(bodies.iter().all(|body| body["ulid"] == bodies[0]["ulid"]));
    let path = format!("/rest/v1.0/webhooks/hooks/{id}/deliveries?project_id=30001");
    let log = eventually("the third delivery's record", async || {
        let log: Vec<Value> = sandbox.get(&token, &path).await.json().await.unwrap();
        (log.len() == 3).then_some(log)
    })
    .await;
    let outcomes: Vec<_> = log
        .iter()
        .map(|entry| (&entry["outcome"], &entry["response_status"]))
        .collect();
    assert_eq!(
        outcomes,
        [
            (&json!("successful"), &json!(200)),
            (&json!("failing"), &json!(302)),
            (&json!("failing"), &json!(500))
        ]
    );
}

#[tokio::test]
async fn events_are_given_up_after_the_twelve_hours() {
    let sandbox = Sandbox::start().await;
    sandbox
        .side(Method::PUT, "limits", json!({"webhook_backoff_scale": 0.0}))
        .await;
    let receiver = Receiver::start(&[500]).await;
    let token = sandbox.service_token().await;
    hook(&sandbox, &token, 30001, "v2", &receiver.url).await;
    sandbox.send(Method::POST, &token, RFIS, rfi(104)).await;
    eventually("the end of the event", async || {
        let events = sandbox
            .side(Method::GET, "webhooks/events?project_id=30001", json!({}))
            .await;
        let event = &events["events"][0];
        let last = event["deliveries"].as_array()?.last()?["outcome"].clone();
        (last == "discarded" && event["waiting"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_slow_receiver_counts_as_failing() {
    let sandbox = Sandbox::start().await;
    let settings = json!({"webhook_backoff_scale": 0.01, "webhook_timeout_ms": 50});
    sandbox.side(Method::PUT, "limits", settings).await;
    // Bound and never accepting: the connection is made by the kernel, the answer never comes.
    let silent = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let token = sandbox.service_token().await;
    hook(
        &sandbox,
        &token,
        30001,
        "v2",
        &format!("http://{}/", silent.local_addr().unwrap()),
    )
    .await;
    sandbox.send(Method::POST, &token, RFIS, rfi(104)).await;
    eventually("a timeout", async || {
        let events = sandbox
            .side(Method::GET, "webhooks/events?project_id=30001", json!({}))
            .await;
        (events["events"][0]["deliveries"][0]["response_error"] == "Timed out").then_some(())
    })
    .await;
}

#[tokio::test]
async fn modes_drop_duplicate_and_reorder() {
    let sandbox = Sandbox::start().await;
    let receiver = Receiver::start(&[]).await;
    let token = sandbox.service_token().await;
    hook(&sandbox, &token, 30001, "v2", &receiver.url).await;
    let create = async || {
        let made: Value = sandbox
            .send(Method::POST, &token, RFIS, rfi(104))
            .await
            .json()
            .await
            .unwrap();
        made["id"].clone()
    };
    sandbox
        .side(Method::PUT, "webhooks", json!({"mode": "drop", "project_id": 30001}))
        .await;
    create().await;
    sandbox
        .side(
            Method::PUT,
            "webhooks",
            json!({"mode": "duplicate", "copies": 2, "project_id": 30001}),
        )
        .await;
    let twice = create().await;
    let bodies = receiver.wait_for(2).await;
    assert!(bodies.iter().all(|body| body["resource_id"] == twice));
    sandbox
        .side(
            Method::PUT,
            "webhooks",
            json!({"mode": "reorder", "window": 2, "within_ms": 60000, "project_id": 30001}),
        )
        .await;
    create().await;
    let events = sandbox
        .side(Method::GET, "webhooks/events?project_id=30001", json!({}))
        .await;
    assert_eq!(events["events"][2]["waiting"], 1);
    create().await;
    receiver.wait_for(4).await;
    assert_eq!(events["events"][0]["deliveries"][0]["outcome"], "dropped");
}

#[tokio::test]
async fn a_namespace_is_taken_once_per_project() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.service_token().await;
    let id = hook(&sandbox, &token, 30001, "v2", "https://a.example/").await;
    let body = json!({"project_id": 30001, "hook": {"api_version": "v2", "namespace": "gusset-v2", "destination_url": "http://a.example"}});
    let answer = sandbox
        .send(Method::POST, &token, "/rest/v1.0/webhooks/hooks", body)
        .await;
    assert_eq!(answer.status(), 422);
    let errors = answer.json::<Value>().await.unwrap()["errors"].clone();
    assert_eq!(errors["namespace"][0], "has already been taken");
    assert_eq!(errors["destination_url"][0], "must be an HTTPS address");
    let path = format!("/rest/v1.0/webhooks/hooks/{id}?project_id=30001");
    assert_eq!(
        sandbox.send(Method::DELETE, &token, &path, json!({})).await.status(),
        200
    );
    assert_eq!(sandbox.get(&token, &path).await.status(), 404);
}
