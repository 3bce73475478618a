//! Drafts, numbers, pages and complaints.

use crate::support::{Sandbox, rfi};
use reqwest::Method;
use serde_json::{Value, json};

const RFIS: &str = "/rest/v1.0/projects/20001/rfis";

#[tokio::test]
async fn drafts_have_no_number_until_the_manager_opens_them() {
    let sandbox = Sandbox::start().await;
    let person = json!([{"name": "Ann", "level": "standard"}, {"name": "Max", "level": "standard", "rfi_manager": true},
                        {"name": "Ada", "level": "admin"}]);
    let company = sandbox.side(Method::POST, "companies", json!({"people": person})).await;
    let rfis = format!("/rest/v1.0/projects/{}/rfis", company["projects"][0]["id"]);
    let token = async |index: usize| {
        sandbox
            .person_token(company["people"][index]["login"].as_str().unwrap())
            .await
    };
    let (author, manager, admin) = (token(0).await, token(1).await, token(2).await);
    let manager_id = company["people"][1]["id"].as_u64().unwrap();

    let draft: Value = sandbox
        .send(Method::POST, &author, &rfis, rfi(manager_id))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&draft["status"], &draft["number"], &draft["draft"]),
        (&json!("draft"), &Value::Null, &json!(true))
    );
    let path = format!("{rfis}/{}", draft["id"]);
    let open = json!({"rfi": {"status": "open"}});
    assert_eq!(
        sandbox.send(Method::PATCH, &author, &path, open.clone()).await.status(),
        403
    );
    let opened: Value = sandbox
        .send(Method::PATCH, &manager, &path, open)
        .await
        .json()
        .await
        .unwrap();
    assert_eq!((&opened["status"], &opened["number"]), (&json!("open"), &json!("1")));

    let second: Value = sandbox
        .send(Method::POST, &admin, &rfis, rfi(manager_id))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!((&second["status"], &second["number"]), (&json!("open"), &json!("2")));
    let path = format!("{rfis}/{}", second["id"]);
    let taken = sandbox
        .send(Method::PATCH, &admin, &path, json!({"rfi": {"number": "1"}}))
        .await;
    assert_eq!(taken.status(), 422);
    assert_eq!(
        taken.json::<Value>().await.unwrap()["errors"]["number"][0],
        "has already been taken"
    );
}

#[tokio::test]
async fn drafts_and_private_rfis_are_hidden_from_bystanders() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let rita = sandbox.person_token("rita.reader@harbour.example").await;
    let mut hidden = Vec::new();
    for (name, value) in [("draft", true), ("private", true)] {
        let mut body = rfi(101);
        body["rfi"][name] = json!(value);
        let made: Value = sandbox
            .send(Method::POST, &gina, RFIS, body)
            .await
            .json()
            .await
            .unwrap();
        hidden.push(made["id"].as_u64().unwrap());
    }
    let listed: Vec<Value> = sandbox.get(&rita, RFIS).await.json().await.unwrap();
    assert_eq!(listed.len(), 2);
    for id in hidden {
        assert_eq!(sandbox.get(&rita, &format!("{RFIS}/{id}")).await.status(), 404);
        assert_eq!(sandbox.get(&gina, &format!("{RFIS}/{id}")).await.status(), 200);
    }
}

#[tokio::test]
async fn complaints_come_by_field() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let answer = sandbox
        .send(
            Method::POST,
            &gina,
            RFIS,
            json!({"rfi": {"due_date": "soon", "rfi_manager_id": 103}}),
        )
        .await;
    assert_eq!(answer.status(), 422);
    let errors = answer.json::<Value>().await.unwrap()["errors"].clone();
    let fields: Vec<_> = errors.as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["due_date", "question.body", "rfi_manager_id", "subject"]);
}

#[tokio::test]
async fn lists_come_in_pages_with_links() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    sandbox.send(Method::POST, &gina, RFIS, rfi(101)).await;
    let first = sandbox
        .get(&gina, &format!("{RFIS}?filters[status]=open&per_page=2"))
        .await;
    assert_eq!(
        (&first.headers()["total"], &first.headers()["per-page"]),
        (&"3".parse().unwrap(), &"2".parse().unwrap())
    );
    let link = first.headers()["link"].to_str().unwrap().to_owned();
    let next = link.split(", ").find(|link| link.ends_with("rel=\"next\"")).unwrap();
    let next = next.trim_start_matches('<').split('>').next().unwrap();
    assert!(next.contains("page=2&per_page=2") && next.contains("filters"), "{next}");
    let path = next.split_once("/rest").unwrap().1;
    let second = sandbox.get(&gina, &format!("/rest{path}")).await;
    assert!(second.headers()["link"].to_str().unwrap().contains("rel=\"prev\""));
    assert_eq!(second.json::<Vec<Value>>().await.unwrap().len(), 1);
}

#[tokio::test]
async fn time_ranges_filter() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let count = async |range: &str| {
        let answer = sandbox.get(&gina, &format!("{RFIS}?filters[created_at]={range}")).await;
        answer.json::<Vec<Value>>().await.unwrap().len()
    };
    assert_eq!(count("2020-01-01T00:00:00Z...2021-01-01T00:00:00Z").await, 0);
    assert_eq!(count("2020-01-01T00:00:00Z...2999-01-01T00:00:00Z").await, 2);
}

#[tokio::test]
async fn replies_are_added_and_listed() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let listed: Vec<Value> = sandbox.get(&gina, RFIS).await.json().await.unwrap();
    let path = format!("{RFIS}/{}/replies", listed[0]["id"]);
    let body = json!({"reply": {"body": "<p>Re-route &amp; confirm.</p>", "official": true}});
    assert_eq!(sandbox.send(Method::POST, &gina, &path, body).await.status(), 201);
    let replies: Vec<Value> = sandbox.get(&gina, &path).await.json().await.unwrap();
    assert_eq!(replies[0]["plain_text_body"], "Re-route & confirm.");
}

#[tokio::test]
async fn a_draft_can_be_closed_and_an_rfi_that_is_revised_is() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let send = async |method: Method, path: &str, body: Value| -> Value {
        sandbox.send(method, &gina, path, body).await.json().await.unwrap()
    };
    let mut draft = rfi(101);
    draft["rfi"]["draft"] = json!(true);
    let draft = send(Method::POST, RFIS, draft).await;
    let path = format!("{RFIS}/{}", draft["id"]);
    let closed = send(Method::PATCH, &path, json!({"rfi": {"status": "closed_draft"}})).await;
    assert_eq!(
        (&closed["status"], &closed["draft"], &closed["number"]),
        (&json!("closed_draft"), &json!(true), &Value::Null)
    );
    let first = send(Method::POST, RFIS, rfi(101)).await;
    let mut revision = rfi(101);
    revision["rfi"]["source_rfi_header_id"] = first["id"].clone();
    revision["rfi"]["revision"] = json!("1");
    let revision = send(Method::POST, RFIS, revision).await;
    assert_eq!(revision["status"], "open", "{revision}");
    let path = format!("{RFIS}/{}", first["id"]);
    let first = send(Method::GET, &path, Value::Null).await;
    assert_eq!(first["status"], "closed_with_revision", "{first}");
    let refused = json!({"rfi": {"status": "closed_draft"}});
    assert_eq!(sandbox.send(Method::PATCH, &gina, &path, refused).await.status(), 422);
}
