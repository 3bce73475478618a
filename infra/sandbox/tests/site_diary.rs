//! Working hours and notes, by day.

use crate::support::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn lists_show_today_unless_a_date_is_given() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let path = "/rest/v1.0/projects/20001/manpower_logs";
    let body = json!({"manpower_log": {"date": "2025-03-04", "num_workers": 4, "num_hours": "7.5", "mt_location": ["Tower", "Level 9"]}});
    let made = sandbox.send(Method::POST, &gina, path, body).await;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    assert_eq!(
        (&made["man_hours"], &made["num_hours"], &made["num_workers"]),
        (&json!("30.0"), &json!("7.5"), &json!(4))
    );
    assert_eq!(made["location"]["name"], "Tower > Level 9");
    let count = async |query: &str| {
        sandbox
            .get(&gina, &format!("{path}{query}"))
            .await
            .json::<Vec<Value>>()
            .await
            .unwrap()
            .len()
    };
    assert_eq!(count("").await, 1);
    assert_eq!(count("?log_date=2025-03-04").await, 1);
    assert_eq!(count("?log_date=2025-03-05").await, 0);
    assert_eq!(count("?start_date=2025-03-01&end_date=2025-05-29").await, 1);
    let long = sandbox
        .get(&gina, &format!("{path}?start_date=2025-03-01&end_date=2025-05-30"))
        .await;
    assert_eq!(long.status(), 422);
}

#[tokio::test]
async fn a_pending_entry_shows_in_no_list_that_does_not_ask_for_it() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let entry = json!({"login": "gina.admin@harbour.example", "notes_log": {"comment": "Crane", "date": "2025-03-04", "status": "pending"}});
    let made = sandbox.side(Method::POST, "projects/20001/notes_logs", entry).await;
    assert_eq!(made["status"], "pending");
    for (status, count) in [
        ("", 0),
        ("&filters[status]=all", 1),
        ("&filters[status]=pending", 1),
        ("&filters[status]=approved", 0),
    ] {
        let path = format!("/rest/v1.0/projects/20001/notes_logs?log_date=2025-03-04{status}");
        let list: Vec<Value> = sandbox.get(&gina, &path).await.json().await.unwrap();
        assert_eq!(list.len(), count, "{status}");
    }
}

#[tokio::test]
async fn multipart_entries_take_attachments() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let file = reqwest::multipart::Part::bytes(b"picture".to_vec()).file_name("crane.jpg");
    let form = reqwest::multipart::Form::new()
        .text("notes_log[comment]", "Crane")
        .text("notes_log[is_issue_day]", "true")
        .part("attachments[]", file);
    let path = "/rest/v1.0/projects/20001/notes_logs";
    let made = sandbox
        .request(Method::POST, path)
        .header("Procore-Company-Id", "1001")
        .bearer_auth(&gina)
        .multipart(form)
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    assert_eq!(
        (&made["is_issue_day"], &made["attachments"][0]["filename"]),
        (&json!(true), &json!("crane.jpg"))
    );
}
