//! The stack-wide policy for new connections, and what it says to people.
//!
//! The policy is the deployment's, so the function runs here as it is deployed, with another policy in its environment.

use gusset_tests::{
    Stand,
    functions::{deployed_functions, environment, event},
};
use serde_json::{Value, json};

use crate::{
    connected::{Pair, code},
    runtime_interface::invoke,
};

/// What `create-connection` answers to South's admin, who types Delta's code, under a policy.
async fn ask_under(policy: &[(&str, &str)], pair: &Pair, code: &str) -> (u64, Value) {
    let (south, sam) = &pair.south;
    let mut settings = environment(&deployed_functions(&pair.stand.http).await, "CreateConnection");
    for (name, value) in policy {
        settings.retain(|(known, _)| known != name);
        settings.push(((*name).to_owned(), (*value).to_owned()));
    }
    let mut asks: Value = serde_json::from_str(&event("create-connection")).unwrap();
    asks["pathParameters"]["project"] = json!(south.project().id.to_string());
    asks["path"] = json!(format!("/api/projects/{}/connections", south.project().id));
    asks["multiValueHeaders"]["Cookie"] = json!([format!(
        "__Host-gusset_session={}",
        sam.cookie("__Host-gusset_session").unwrap()
    )]);
    asks["body"] = json!(json!({"code": code}).to_string());
    let answer = invoke(&pair.stand.http, "create-connection", &settings, &asks.to_string()).await;
    (
        answer["statusCode"].as_u64().unwrap(),
        serde_json::from_str(answer["body"].as_str().unwrap()).unwrap(),
    )
}

#[tokio::test]
async fn a_policy_refuses_new_connections_says_whom_to_write_to_and_leaves_the_others_alone() {
    let pair = Pair::automatic().await;
    let (delta, dana) = Stand::new().company("Delta").await;
    let code = code(&dana, &delta).await;
    let project = pair.south.0.project().id.to_string();
    let contact = ("SUPPORT_CONTACT", "connections@gusset.example");
    for policy in [
        vec![("NEW_CONNECTIONS", "closed"), contact],
        vec![
            ("NEW_CONNECTIONS", "closed"),
            ("NEW_CONNECTIONS_CLOSED_FROM", "2026-01-01T00:00:00Z"),
            contact,
        ],
        vec![
            ("NEW_CONNECTIONS", "allow_list"),
            ("NEW_CONNECTIONS_PROJECTS", "1,2"),
            contact,
        ],
    ] {
        let (status, problem) = ask_under(&policy, &pair, &code).await;
        assert_eq!(
            (status, &problem["type"]),
            (403, &json!("urn:gusset:problem:connections-closed")),
            "{problem}"
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains("connections@gusset.example") && detail.contains(&project),
            "{detail}"
        );
        assert!(detail.contains("Existing connections keep working"), "{detail}");
    }
    let (south, sam) = &pair.south;
    let one = gusset_tests::api(south.project(), &format!("/connections/{}", pair.connection));
    assert_eq!(sam.get(&one).await.expect(200)["status"], "connected");

    let named = [
        ("NEW_CONNECTIONS", "allow_list"),
        ("NEW_CONNECTIONS_PROJECTS", project.as_str()),
    ];
    let (status, asked) = ask_under(&named, &pair, &code).await;
    assert_eq!(
        (status, &asked["status"]),
        (201, &json!("awaiting_response")),
        "{asked}"
    );
}

#[tokio::test]
async fn the_page_says_that_new_connections_are_closed_what_still_works_and_whom_to_write_to() {
    let pair = Pair::automatic().await;
    let (south, sam) = &pair.south;
    let project = south.project().id.to_string();
    let mut settings = environment(&deployed_functions(&pair.stand.http).await, "Page");
    for (name, value) in [
        ("NEW_CONNECTIONS", "closed"),
        ("SUPPORT_CONTACT", "connections@gusset.example"),
    ] {
        settings.retain(|(known, _)| known != name);
        settings.push((name.to_owned(), value.to_owned()));
    }
    let mut opens: Value = serde_json::from_str(&event("page")).unwrap();
    opens["path"] = json!(format!("/projects/{project}"));
    opens["multiValueHeaders"]["Cookie"] = json!([format!(
        "__Host-gusset_session={}",
        sam.cookie("__Host-gusset_session").unwrap()
    )]);
    let answer = invoke(&pair.stand.http, "page", &settings, &opens.to_string()).await;
    let page = answer["body"].as_str().unwrap();
    assert_eq!(answer["statusCode"], 200, "{page}");
    for words in [
        "New connections are closed.",
        "Existing connections keep working.",
        "connections@gusset.example",
        &format!("name project {project}"),
        &pair.harbour.0.project().name,
        "Disconnect",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("Request connection"), "{page}");
}
