//! What comes to the webhook's address without being one, or without being one that can be read, changes nothing.

use gusset_tests::{Answer, Project, Stand};
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::connected::Pair;

async fn hook_of(stand: &Stand, project: &Project) -> (String, String) {
    let hooks = stand
        .as_gusset(&format!("/rest/v1.0/webhooks/hooks?project_id={}", project.id))
        .await;
    let secret = hooks[0]["destination_headers"]["Authorization"]
        .as_str()
        .unwrap()
        .to_owned();
    (hooks[0]["destination_url"].as_str().unwrap().to_owned(), secret)
}

async fn deliver(stand: &Stand, project: u64, secret: Option<&str>, body: String) -> Answer {
    let secret = secret.map(str::to_owned);
    let nobody = stand.stranger();
    nobody
        .send(Method::POST, &format!("/webhooks/procore/{project}"), |request| {
            let request = request.header(header::CONTENT_TYPE, "application/json").body(body);
            match secret {
                Some(secret) => request.header(header::AUTHORIZATION, secret),
                None => request,
            }
        })
        .await
}

fn event(project: u64, item: Value) -> Value {
    json!({
        "id": 1, "ulid": "01J8", "timestamp": "2026-11-22T08:00:00Z", "user_id": 7, "company_id": 1, "project_id": project,
        "api_version": "v2.0", "event_type": "create", "resource_name": "RFIs", "resource_id": item, "metadata": {},
    })
}

#[tokio::test]
async fn a_webhook_without_its_projects_secret_is_refused() {
    let pair = Pair::automatic().await;
    let stand = &pair.stand;
    let project = pair.south.0.project().id;
    let (url, secret) = hook_of(stand, pair.south.0.project()).await;
    assert_eq!(url, format!("{}/webhooks/procore/{project}", stand.gusset));
    let (_, others) = hook_of(stand, pair.harbour.0.project()).await;
    let body = event(project, json!(1)).to_string();
    for wrong in [
        None,
        Some(""),
        Some("Bearer "),
        Some("Bearer x"),
        Some(others.as_str()),
        Some(secret.trim_start_matches("Bearer ")),
    ] {
        deliver(stand, project, wrong, body.clone())
            .await
            .problem(401, "wrong-webhook-secret");
    }
    deliver(stand, project, Some(&secret), body).await.expect(200);
}

#[tokio::test]
async fn a_webhook_that_cannot_be_read_says_why() {
    let pair = Pair::automatic().await;
    let stand = &pair.stand;
    let project = pair.south.0.project().id;
    let (_, secret) = hook_of(stand, pair.south.0.project()).await;
    let mut unknown = event(project, json!(1));
    unknown["api_version"] = json!("v9.0");
    let huge = format!("{{\"x\":\"{}\"}}", "y".repeat(1_000_000));
    for (body, status, slug) in [
        ("<html>".to_owned(), 400, "not-json"),
        (String::new(), 400, "not-json"),
        (huge, 413, "too-large"),
        (unknown.to_string(), 400, "unknown-version"),
        (event(project, json!("seven")).to_string(), 400, "bad-event"),
        (event(project + 1, json!(1)).to_string(), 400, "bad-request"),
    ] {
        deliver(stand, project, Some(&secret), body).await.problem(status, slug);
    }
    // What is not ours to copy is answered well, or Procore would hold back everything behind it.
    let mut other = event(project, json!(1));
    other["resource_name"] = json!("Punch Items");
    assert_eq!(
        deliver(stand, project, Some(&secret), other.to_string())
            .await
            .expect(200),
        json!({"queued": 0})
    );
    // Of an RFI that does not exist, nothing comes but a delivery that says so.
    assert_eq!(
        deliver(
            stand,
            project,
            Some(&secret),
            event(project, json!(999_999_999)).to_string()
        )
        .await
        .expect(200),
        json!({"queued": 1})
    );
    assert_eq!(stand.copies(pair.harbour.0.project()).await.len(), 0);
}

#[tokio::test]
async fn a_project_that_is_no_project_has_no_webhook() {
    let stand = Stand::new();
    for project in ["x", "0", "-1"] {
        let answer = stand
            .stranger()
            .post(&format!("/webhooks/procore/{project}"), json!({}))
            .await;
        answer.problem(404, "not-found");
    }
}
