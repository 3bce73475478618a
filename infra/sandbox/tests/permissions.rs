//! Who may do what, as people and as service accounts.

use crate::support::{Sandbox, rfi};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn every_level_gets_what_it_should() {
    let sandbox = Sandbox::start().await;
    let mut people: Vec<Value> = ["none", "read_only", "standard", "admin"]
        .iter()
        .map(|level| json!({"name": level, "level": level}))
        .collect();
    // Making webhooks is nobody's by any of these levels.
    people.push(json!({"name": "hooks only", "level": "none", "levels": {"webhooks_api": "standard"}}));
    let company = sandbox.side(Method::POST, "companies", json!({"people": people})).await;
    let project = company["projects"][0]["id"].as_u64().unwrap();
    let admin = company["people"][3]["id"].as_u64().unwrap();
    let rfis = format!("/rest/v1.0/projects/{project}/rfis");
    let notes = format!("/rest/v1.0/projects/{project}/notes_logs");
    let expected = [
        (403, 403, 403),
        (200, 403, 403),
        (200, 201, 403),
        (200, 201, 403),
        (403, 403, 201),
    ];
    for (person, (read, write, hook)) in company["people"].as_array().unwrap().iter().zip(expected) {
        let token = sandbox.person_token(person["login"].as_str().unwrap()).await;
        assert_eq!(sandbox.get(&token, &rfis).await.status(), read, "{person}");
        assert_eq!(sandbox.get(&token, &notes).await.status(), read, "{person}");
        assert_eq!(
            sandbox.send(Method::POST, &token, &rfis, rfi(admin)).await.status(),
            write,
            "{person}"
        );
        let note = json!({"notes_log": {"comment": "Rain"}});
        assert_eq!(
            sandbox.send(Method::POST, &token, &notes, note).await.status(),
            write,
            "{person}"
        );
        let wanted = json!({"payload_version": "v2.0", "namespace": "a", "destination_url": "https://a.example"});
        let hooks = format!(
            "/rest/v2.0/companies/{}/projects/{project}/webhooks/hooks",
            company["id"]
        );
        let made = sandbox.send(Method::POST, &token, &hooks, wanted).await;
        assert_eq!(made.status(), hook, "{person}");
    }
}

#[tokio::test]
async fn permissions_tell_the_admin_tools_level() {
    let sandbox = Sandbox::start().await;
    for (login, level) in [("gina.admin@harbour.example", 4), ("omar.manager@harbour.example", 1)] {
        let token = sandbox.person_token(login).await;
        let answer = sandbox
            .get(&token, "/rest/v1.0/settings/permissions?project_id=20001")
            .await;
        let answer: Value = answer.json().await.unwrap();
        let admin = answer["tools"]
            .as_array()
            .unwrap()
            .iter()
            .find(|tool| tool["name"] == "admin")
            .unwrap();
        assert_eq!(admin["user_access_level"]["id"], level);
    }
}

#[tokio::test]
async fn people_do_not_see_other_companies_projects() {
    let sandbox = Sandbox::start().await;
    let sam = sandbox.person_token("sam.admin@southside.example").await;
    let show = async |token: &str, project: u64, company: u64| {
        let path = format!("/rest/v1.0/projects/{project}?company_id={company}");
        sandbox.get(token, &path).await
    };
    assert_eq!(show(&sam, 20001, 1001).await.status(), 404);
    assert_eq!(show(&sam, 30001, 1002).await.status(), 200);
    let nora = sandbox.person_token("nora.admin@noapp.example").await;
    assert_eq!(show(&nora, 50001, 1004).await.status(), 401, "her company has no app");
}

#[tokio::test]
async fn service_accounts_act_per_company_and_only_in_permitted_projects() {
    let sandbox = Sandbox::start().await;
    let company = json!({"projects": [{}, {}], "permitted_projects": [0]});
    let company = sandbox.side(Method::POST, "companies", company).await;
    let (id, projects) = (company["id"].as_u64().unwrap(), &company["projects"]);
    let token = sandbox.service_token().await;
    assert_eq!(sandbox.get(&token, "/rest/v1.0/me").await.status(), 400);
    let me = sandbox
        .request(Method::GET, "/rest/v1.0/me")
        .bearer_auth(&token)
        .header("Procore-Company-Id", id);
    let me: Value = me.send().await.unwrap().json().await.unwrap();
    assert_eq!(me["login"], format!("gusset-local@{id}.service.example"));
    let status = async |project: &Value| {
        sandbox
            .get(&token, &format!("/rest/v1.0/projects/{}/rfis", project["id"]))
            .await
            .status()
    };
    assert_eq!(status(&projects[0]).await, 200);
    assert_eq!(status(&projects[1]).await, 403);
    sandbox
        .side(Method::PUT, &format!("companies/{id}/app"), json!({"installed": false}))
        .await;
    // With a good token.
    assert_eq!(status(&projects[0]).await, 401);
    let info = sandbox.get(&token, "/oauth/token/info").await;
    assert_eq!(info.status(), 200);
    sandbox
        .side(Method::PUT, &format!("companies/{id}/app"), json!({"forbids": true}))
        .await;
    assert_eq!(status(&projects[0]).await, 403);
}

#[tokio::test]
async fn a_call_without_its_company_is_refused_a_persons_too() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.person_token("gina.admin@harbour.example").await;
    let bare = async |path: &str| {
        let request = sandbox.request(Method::GET, path).bearer_auth(&token);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, said) = bare("/rest/v1.0/projects/20001?company_id=1001").await;
    assert_eq!(
        (status, &said["errors"]),
        (400, &json!("Missing Procore-Company-Id header!"))
    );
    for path in ["/rest/v1.0/me", "/rest/v1.0/companies"] {
        assert_eq!(bare(path).await.0, 200, "{path}");
    }
    let alone = sandbox.get(&token, "/rest/v1.0/projects/20001").await;
    assert_eq!(alone.status(), 400, "company_id is required as well");
    let me = sandbox.read(&token, "/rest/v1.0/me").await;
    assert_eq!(me["name"], Value::Null, "names are a company's");
    let me = sandbox.read(&token, "/rest/v1.0/me?company_id=1001").await;
    assert_eq!(me["name"], "Gina Castellano");
}
