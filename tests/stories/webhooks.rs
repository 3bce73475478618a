//! What comes to the webhook's address without being one, or without being one that can be read, changes nothing.

use gusset_tests::{Answer, Project, Stand, Tool, api, eventually};
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::connected::Pair;

/// Where a project's hook delivers to, and with which `Authorization`.
pub(crate) async fn hook_of(stand: &Stand, project: &Project) -> (String, String) {
    let hook = stand.hooks(project, "gusset").await.remove(0);
    let text = |field: &str| hook[field].as_str().unwrap().to_owned();
    (text("destination_url"), text("authorization"))
}

/// Delivers an event to a project's webhook address, as Procore would.
pub(crate) async fn deliver(stand: &Stand, project: u64, secret: Option<&str>, body: String) -> Answer {
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

/// The delivery of an item over a pair's connection, once it has come to a status.
async fn delivery(pair: &Pair, item: u64, status: &str) -> Value {
    let (south, sam) = &pair.south;
    let list = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    eventually(&format!("the delivery of {item} is {status}"), || async {
        let list = sam.get(&list).await.expect(200);
        let mut list = list["deliveries"].as_array().unwrap().iter();
        list.find(|one| one["item"] == item && one["status"] == status).cloned()
    })
    .await
}

/// Procore tells of nothing by itself: what is told of, the story tells.
async fn silence(pair: &Pair) {
    for company in [&pair.south.0, &pair.harbour.0] {
        let nothing = json!({"mode": "drop", "project_id": company.project().id});
        pair.stand.side_door(Method::PUT, "/webhooks", nothing).await;
    }
}

#[tokio::test]
async fn an_event_of_a_project_that_gusset_does_not_know_is_refused() {
    let pair = Pair::automatic().await;
    let (_, secret) = hook_of(&pair.stand, pair.south.0.project()).await;
    let (never_connected, _) = pair.stand.company("Elsewhere").await;
    for project in [never_connected.project().id, 987_654_321] {
        let body = event(project, json!(1)).to_string();
        deliver(&pair.stand, project, Some(&secret), body)
            .await
            .problem(401, "wrong-webhook-secret");
    }
}

#[tokio::test]
async fn an_event_after_the_connection_has_ended_is_answered_well_and_makes_nothing() {
    let pair = Pair::automatic().await;
    let (stand, south, (harbour, gina)) = (&pair.stand, &pair.south.0, &pair.harbour);
    let (_, secret) = hook_of(stand, south.project()).await;
    silence(&pair).await;
    let item = stand.create(south, Tool::Notes, "Too late").await;
    let end = api(
        harbour.project(),
        &format!("/connections/{}/disconnect", pair.connection),
    );
    gina.post(&end, json!({})).await.expect(200);
    let mut late = event(south.project().id, json!(item));
    late["resource_name"] = json!(Tool::Notes.resource());
    let answer = deliver(stand, south.project().id, Some(&secret), late.to_string()).await;
    assert_eq!(answer.expect(200), json!({"queued": 0}));
    assert_eq!(stand.arrived(harbour.project()).await.len(), 0);
}

#[tokio::test]
async fn of_an_item_that_was_deleted_before_it_was_read_the_delivery_says_that_it_is_gone() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), harbour) = (&pair.stand, &pair.south, &pair.harbour.0);
    let (_, secret) = hook_of(stand, south.project()).await;
    silence(&pair).await;
    for tool in Tool::ALL {
        let item = stand.create(south, tool, "Gone").await;
        let path = format!("/projects/{}/{}/{item}", south.project().id, tool.path());
        stand
            .side_door(Method::DELETE, &path, json!({"login": sam.login}))
            .await;
        let mut created = event(south.project().id, json!(item));
        created["resource_name"] = json!(tool.resource());
        let answer = deliver(stand, south.project().id, Some(&secret), created.to_string()).await;
        assert_eq!(answer.expect(200), json!({"queued": 1}));
        let failed = delivery(&pair, item, "failed").await;
        let reason = failed["reason"].as_str().unwrap();
        assert!(
            reason.contains(&format!("not in {} any more", south.project().name)),
            "{reason}"
        );
        // That it was deleted is told as well, and is nobody's business.
        created["event_type"] = json!("delete");
        let answer = deliver(stand, south.project().id, Some(&secret), created.to_string()).await;
        assert_eq!(answer.expect(200), json!({"queued": 0}));
    }
    assert_eq!(stand.arrived(harbour.project()).await.len(), 0);
}

#[tokio::test]
async fn of_an_item_that_gusset_may_not_read_the_delivery_says_who_can_change_that() {
    let pair = Pair::automatic().await;
    let (stand, south, harbour) = (&pair.stand, &pair.south.0, &pair.harbour.0);
    let (_, secret) = hook_of(stand, south.project()).await;
    silence(&pair).await;
    let item = stand.create(south, Tool::Notes, "Out of reach").await;
    let account = format!("/people/gusset-local@{}.service.example/permissions", south.id);
    let no_access = json!({"project_id": south.project().id, "tool": "daily_log", "level": "none"});
    stand.side_door(Method::PUT, &account, no_access).await;
    let mut created = event(south.project().id, json!(item));
    created["resource_name"] = json!(Tool::Notes.resource());
    let answer = deliver(stand, south.project().id, Some(&secret), created.to_string()).await;
    assert_eq!(answer.expect(200), json!({"queued": 1}));
    let held = delivery(&pair, item, "held").await;
    let reason = held["reason"].as_str().unwrap();
    assert!(
        reason.contains(&south.name) || reason.contains(&south.project().name),
        "{reason}"
    );
    assert_eq!(stand.arrived(harbour.project()).await.len(), 0);
}

#[tokio::test]
async fn ids_that_are_none_are_refused_in_each_shape_of_an_event() {
    let pair = Pair::automatic().await;
    let stand = &pair.stand;
    let project = pair.south.0.project().id;
    let (_, secret) = hook_of(stand, pair.south.0.project()).await;
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for id in [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e30),
        json!("x"),
        json!(""),
        json!(" 7"),
        json!("７"),
        json!(null),
        json!([7]),
        json!({"id": 7}),
        json!(true),
        json!("18446744073709551616"),
    ] {
        let two = event(project, id.clone());
        let mut three = two.clone();
        three["api_version"] = json!("v3.0");
        let four = json!({
            "id": "01J8", "timestamp": "2026-11-22T08:00:00Z", "reason": "create", "company_id": "1",
            "project_id": project.to_string(), "user_id": "7", "resource_type": "RFIs", "resource_id": text(&id),
        });
        for event in [two, three, four] {
            let answer = deliver(stand, project, Some(&secret), event.to_string()).await;
            answer.problem(400, "bad-event");
        }
    }
}

#[tokio::test]
async fn bodies_that_are_meant_to_harm_are_refused_and_harm_nobody() {
    let pair = Pair::automatic().await;
    let stand = &pair.stand;
    let project = pair.south.0.project().id;
    let (_, secret) = hook_of(stand, pair.south.0.project()).await;
    let whole = event(project, json!(1)).to_string();
    for (body, slug) in [
        ("[".repeat(20_000), "not-json"),
        (
            format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000)),
            "not-json",
        ),
        (whole[..whole.len() - 1].to_owned(), "not-json"),
        (format!("{whole}{whole}"), "not-json"),
        ("\u{0}".to_owned(), "not-json"),
        ("null".to_owned(), "unknown-version"),
        ("[]".to_owned(), "unknown-version"),
        ("\"v2.0\"".to_owned(), "unknown-version"),
    ] {
        deliver(stand, project, Some(&secret), body).await.problem(400, slug);
    }
}

#[tokio::test]
async fn an_event_from_the_future_or_the_past_sends_its_item_once_as_any_other() {
    let pair = Pair::automatic().await;
    let (stand, south, harbour) = (&pair.stand, &pair.south.0, &pair.harbour.0);
    let (_, secret) = hook_of(stand, south.project()).await;
    silence(&pair).await;
    let item = stand.create(south, Tool::Notes, "Whenever").await;
    for timestamp in ["9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "0000-00-00", "", "soon"] {
        let mut event = event(south.project().id, json!(item));
        event["resource_name"] = json!(Tool::Notes.resource());
        event["timestamp"] = json!(timestamp);
        let answer = deliver(stand, south.project().id, Some(&secret), event.to_string()).await;
        assert_eq!(answer.expect(200), json!({"queued": 1}), "{timestamp}");
    }
    delivery(&pair, item, "delivered").await;
    // What came last is through when all of them are.
    let last = stand.create(south, Tool::Notes, "The last").await;
    let mut told = event(south.project().id, json!(last));
    told["resource_name"] = json!(Tool::Notes.resource());
    deliver(stand, south.project().id, Some(&secret), told.to_string())
        .await
        .expect(200);
    delivery(&pair, last, "delivered").await;
    assert_eq!(stand.arrived(harbour.project()).await.len(), 2);
}
