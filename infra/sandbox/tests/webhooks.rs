//! Webhooks: their payloads, their retries, and how they can be made to misbehave.

use crate::support::{Receiver, Sandbox, eventually, hook, hook_for, rfi, webhooks};
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
    let path = format!("{}/hooks/{id}/deliveries", webhooks(30001));
    let log = eventually("the third delivery's record", async || {
        let log: Value = sandbox.get(&token, &path).await.json().await.unwrap();
        let attempts = log["data"][0]["delivery_attempts"].as_array()?.len();
        (attempts == 3).then_some(log["data"].clone())
    })
    .await;
    assert_eq!(log.as_array().unwrap().len(), 1, "one event");
    assert_eq!(
        (&log[0]["status"], &log[0]["payload"]["resource_name"]),
        (&json!("delivered"), &json!("RFIs"))
    );
    let statuses: Vec<&Value> = log[0]["delivery_attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| &attempt["response_status"])
        .collect();
    assert_eq!(statuses, [&json!(500), &json!(302), &json!(200)]);
    for (status, count) in [("succeeded", 1), ("failed", 0)] {
        let found = sandbox.read(&token, &format!("{path}?filter[status]={status}")).await;
        assert_eq!(found["data"].as_array().unwrap().len(), count, "{status}");
    }
}

#[tokio::test]
async fn events_are_given_up_after_the_twelve_hours() {
    let sandbox = Sandbox::start().await;
    sandbox
        .side(Method::PUT, "limits", json!({"webhook_backoff_scale": 0.0}))
        .await;
    let receiver = Receiver::start(&[500]).await;
    let token = sandbox.service_token().await;
    let id = hook(&sandbox, &token, 30001, "v2", &receiver.url).await;
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
    // What fails for so long is disabled, and hears nothing any more.
    let hooks = format!("{}/hooks/{id}", webhooks(30001));
    assert_eq!(sandbox.read(&token, &hooks).await["data"]["status"], "disabled");
    sandbox.send(Method::POST, &token, RFIS, rfi(104)).await;
    let events = sandbox
        .side(Method::GET, "webhooks/events?project_id=30001", json!({}))
        .await;
    assert_eq!(events["events"][1]["deliveries"], json!([]));
    let revive = json!({"status": "active"});
    let refused = sandbox.send(Method::PATCH, &token, &hooks, revive).await;
    assert_eq!(refused.status(), 400, "a project's hook has no status to be set");
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
    let hooks = format!("{}/hooks", webhooks(30001));
    let body = json!({"payload_version": "v2", "namespace": "gusset-v2", "destination_url": "http://a.example"});
    let answer = sandbox.send(Method::POST, &token, &hooks, body).await;
    assert_eq!(answer.status(), 400);
    let errors = answer.json::<Value>().await.unwrap()["errors"].to_string();
    for words in [
        "namespace has already been taken",
        "destination_url must be an HTTPS address",
    ] {
        assert!(errors.contains(words), "{errors}");
    }
    let path = format!("{hooks}/{id}");
    assert_eq!(
        sandbox.send(Method::DELETE, &token, &path, json!({})).await.status(),
        204
    );
    assert_eq!(sandbox.get(&token, &path).await.status(), 404);
}

#[tokio::test]
async fn a_hook_is_shown_with_its_id_as_text_and_its_secret_masked() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.service_token().await;
    let id = hook(&sandbox, &token, 30001, "v2.0", "https://a.example/").await;
    let hooks = format!("{}/hooks", webhooks(30001));
    assert_eq!(sandbox.get(&token, &hooks).await.status(), 400, "namespace is required");
    let path = format!("{hooks}?namespace=gusset-v2-0&include_trigger_count=true");
    let found = sandbox.read(&token, &path).await;
    let hook = &found["data"][0];
    assert_eq!(hook["id"], id.to_string());
    assert_eq!((&hook["status"], &hook["trigger_count"]), (&json!("active"), &json!(3)));
    assert_eq!(hook["destination_headers"]["Authorization"], "*****ecret");
    assert_eq!(
        (&hook["company_id"], &hook["project_id"]),
        (&json!("1002"), &json!("30001"))
    );
    let triggers = sandbox.read(&token, &format!("{hooks}/{id}/triggers")).await;
    assert_eq!(triggers["data"][0]["event_type"], "CREATED");
}

#[tokio::test]
async fn what_webhooks_tell_of_is_listed_ten_a_page_and_a_company_hears_of_no_project() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.service_token().await;
    let path = format!("{}/resources", webhooks(30001));
    assert_eq!(sandbox.get(&token, &path).await.status(), 400);
    let mut names = Vec::new();
    for page in 1..=2 {
        let found = sandbox
            .read(&token, &format!("{path}?payload_version=v2.0&page={page}"))
            .await;
        let found = found["data"].as_array().unwrap().clone();
        assert!(found.len() <= 10);
        names.extend(found.iter().map(|one| one["name"].as_str().unwrap().to_owned()));
    }
    for name in ["RFIs", "Drawing Sets", "Project File Versions", "Submittals"] {
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
    }
    for name in ["Drawing Revisions", "Documents", "Files"] {
        assert!(!names.iter().any(|known| known == name), "{name}: {names:?}");
    }
    let gina = "gina.admin@harbour.example";
    let permission = json!({"company_id": 1001, "tool": "webhooks_api", "level": "standard"});
    sandbox
        .side(Method::PUT, &format!("people/{gina}/permissions"), permission)
        .await;
    let gina = sandbox.person_token(gina).await;
    let of_company = sandbox
        .read(
            &gina,
            "/rest/v2.0/companies/1001/webhooks/resources?payload_version=v2.0",
        )
        .await;
    assert!(!of_company.to_string().contains("RFIs"), "{of_company}");
}

#[tokio::test]
async fn of_triggers_those_that_cannot_be_are_refused_one_by_one() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.service_token().await;
    let id = hook_for(&sandbox, &token, 30001, "v2.0", "https://a.example/", &["RFIs"]).await;
    let asked = json!([
        {"resource_name": "Notes Logs", "event_type": "create"},
        {"resource_name": "Drawing Revisions", "event_type": "create"},
        {"resource_name": "RFIs", "event_type": "CREATE"},
    ]);
    let path = format!("{}/hooks/{id}/triggers/bulk", webhooks(30001));
    let answer = sandbox.send(Method::POST, &token, &path, asked).await;
    assert_eq!(answer.status(), 207);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["data"]["succeeded"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(answer["data"]["failed"].as_array().unwrap().len(), 2, "{answer}");
    let wrapped = json!({"triggers": []});
    assert_eq!(sandbox.send(Method::POST, &token, &path, wrapped).await.status(), 400);
}

#[tokio::test]
async fn version_one_is_deprecated_unless_it_is_switched_on() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.service_token().await;
    let path = "/rest/v1.0/webhooks/hooks?project_id=30001";
    let gone = sandbox.get(&token, path).await;
    assert_eq!(gone.status(), 410);
    assert_eq!(gone.json::<Value>().await.unwrap()["errors"], "deprecated");
    sandbox
        .side(Method::PUT, "webhooks/v1", json!({"project_id": 30001, "on": true}))
        .await;
    let hook = json!({"project_id": 30001, "hook": {"api_version": "v2", "namespace": "a", "destination_url": "https://a.example"}});
    let made = sandbox
        .send(Method::POST, &token, "/rest/v1.0/webhooks/hooks", hook)
        .await;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    let triggers = json!({"project_id": 30001, "triggers": [
        {"resource_name": "RFIs", "event_type": "create"}, {"resource_name": "Files", "event_type": "create"},
    ]});
    let path = format!("/rest/v1.0/webhooks/hooks/{}/triggers/bulk", made["id"]);
    let answer = sandbox.send(Method::POST, &token, &path, triggers).await;
    assert_eq!(answer.status(), 207);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["success"][0]["event_type"], "CREATE");
    assert_eq!(answer["failed"].as_array().unwrap().len(), 1, "{answer}");
    let hooks = format!("{}/hooks?namespace=a", webhooks(30001));
    assert_eq!(sandbox.read(&token, &hooks).await["data"], json!([]));
}
