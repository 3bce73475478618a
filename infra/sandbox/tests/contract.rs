//! The strict mode: calls and answers as the contract describes them.

use crate::support::Sandbox;
use reqwest::Method;
use sandbox::contract::Contract;
use serde_json::{Value, json};

const HARBOUR: &str = "1001";

async fn differences(sandbox: &Sandbox) -> Vec<String> {
    let met = sandbox.side(Method::GET, "contract", Value::Null).await;
    let differences = met["differences"].as_array().unwrap().iter();
    let in_words = |one: &Value| {
        let part = |name: &str| one[name].as_str().unwrap().to_owned();
        format!("{}, by the {}: {}", part("call"), part("by"), part("difference"))
    };
    differences.map(in_words).collect()
}

async fn get(sandbox: &Sandbox, token: &str, path: &str) -> (u16, Value) {
    let request = sandbox.request(Method::GET, path).bearer_auth(token);
    let response = request.header("Procore-Company-Id", HARBOUR).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

async fn post(sandbox: &Sandbox, token: &str, path: &str, body: Value) -> (u16, Value) {
    let request = sandbox.request(Method::POST, path).bearer_auth(token).json(&body);
    let response = request.header("Procore-Company-Id", HARBOUR).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

#[tokio::test]
async fn what_is_asked_otherwise_than_described_is_refused_and_says_how() {
    let sandbox = Sandbox::start_strict().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let project = "/rest/v1.0/projects/20001";
    for (path, said) in [
        (format!("{project}/submittals"), "this endpoint is not described"),
        (format!("{project}/rfis?pgae=2"), "the query's pgae is not described"),
        (
            format!("{project}/rfis?page=two"),
            "the query's page is \"two\", not a whole number",
        ),
        (
            "/rest/v1.1/projects/20001/bid_packages?view=some".to_owned(),
            "the query's view is \"some\", none of all, internal, use_previous_bidders, use_previous_bid_packages",
        ),
        (project.to_owned(), "the query's company_id is required"),
    ] {
        let (status, answer) = get(&sandbox, &gina, &path).await;
        assert_eq!(
            (status, &answer["errors"]),
            (400, &json!(format!("not as the contract has it: {said}"))),
            "{path}"
        );
    }
    let rfi = |more: Value| {
        let mut rfi = json!({"subject": "x", "rfi_manager_id": 101, "question": {"body": "y"}});
        rfi.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "rfi": rfi })
    };
    let path = format!("{project}/rfis");
    for (body, said) in [
        (rfi(json!({"statsu": "open"})), "the body.rfi.statsu is not described"),
        (
            rfi(json!({"due_date": "soon"})),
            "the body.rfi.due_date is \"soon\", not a day (YYYY-MM-DD)",
        ),
        (
            rfi(json!({"cost_impact": {"value": 12.5}})),
            "the body.rfi.cost_impact.value is 12.5, not a number as text",
        ),
        (
            rfi(json!({"cost_impact": {"status": "perhaps"}})),
            "the body.rfi.cost_impact.status is \"perhaps\", none of yes_known, yes_unknown, no_impact, tbd, n_a",
        ),
        (
            json!({"rfi": {"subject": "x", "rfi_manager_id": 101}}),
            "the body.rfi.question is required",
        ),
    ] {
        let (status, answer) = post(&sandbox, &gina, &path, body).await;
        assert_eq!(
            (status, &answer["errors"]),
            (400, &json!(format!("not as the contract has it: {said}")))
        );
    }
    assert_eq!(post(&sandbox, &gina, &path, rfi(json!({}))).await.0, 201);
    let written = differences(&sandbox).await;
    assert_eq!(written.len(), 10, "{written:#?}");
    assert!(written.contains(&format!(
        "GET {project}/submittals, by the caller: this endpoint is not described"
    )));
}

#[tokio::test]
async fn forms_with_files_are_held_against_the_contract_too() {
    let sandbox = Sandbox::start_strict().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let path = "/rest/v1.0/projects/20001/notes_logs";
    let send = async |name: &'static str| {
        let file = reqwest::multipart::Part::bytes(b"picture".to_vec()).file_name("crane.jpg");
        let form = reqwest::multipart::Form::new()
            .text("notes_log[comment]", "Crane")
            .text("notes_log[is_issue_day]", "true")
            .part(name, file);
        let request = sandbox.request(Method::POST, path).bearer_auth(&gina);
        let request = request.header("Procore-Company-Id", HARBOUR).multipart(form);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (status, note) = send("attachments[]").await;
    assert_eq!(
        (status, &note["attachments"][0]["filename"]),
        (201, &json!("crane.jpg"))
    );
    let (status, refused) = send("files[]").await;
    assert_eq!(
        (status, &refused["errors"]),
        (
            400,
            &json!("not as the contract has it: the body.files is not described")
        )
    );
}

#[tokio::test]
async fn a_lie_that_was_ordered_is_no_difference() {
    let sandbox = Sandbox::start_strict().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let path = "/rest/v1.0/projects/20001/rfis";
    for fault in [
        json!({"path": path, "patch": {"/0/status": "odd", "/0/id": null}}),
        json!({"path": path, "status": 200, "body": "odd"}),
        json!({"path": path, "status": 503}),
    ] {
        let status = fault["status"].as_u64().unwrap_or(200);
        sandbox.side(Method::POST, "faults", fault).await;
        let (answered, _) = get(&sandbox, &gina, path).await;
        assert_eq!(u64::from(answered), status);
    }
    assert_eq!(differences(&sandbox).await, [""; 0]);
}

#[tokio::test]
async fn a_call_without_its_company_is_written_down_and_left_to_procore() {
    let sandbox = Sandbox::start_strict().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let path = "/rest/v1.0/projects/20001/locations";
    sandbox
        .request(Method::GET, path)
        .bearer_auth(&gina)
        .send()
        .await
        .unwrap();
    assert_eq!(
        differences(&sandbox).await,
        ["GET /rest/v1.0/projects/{project_id}/locations, by the caller: the header Procore-Company-Id is required"]
    );
    // Who a token belongs to needs none.
    sandbox
        .request(Method::GET, "/rest/v1.0/me")
        .bearer_auth(&gina)
        .send()
        .await
        .unwrap();
    assert_eq!(differences(&sandbox).await.len(), 1);
}

#[tokio::test]
async fn without_it_the_sandbox_takes_what_it_knows() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let (status, _) = get(&sandbox, &gina, "/rest/v1.0/projects/20001/vendors?odd=1").await;
    assert_eq!(status, 200);
    let met = sandbox.side(Method::GET, "contract", Value::Null).await;
    assert_eq!(met, json!({"strict": false, "differences": [], "uncalled": []}));
}

/// The README says of each endpoint what is from the reference and what is our reading, as the descriptions do.
#[test]
fn the_readme_shows_the_contract() {
    let readme = include_str!("../README.md");
    let shown = readme.split_once("<!-- contract -->\n").unwrap().1;
    let shown = shown.split_once("<!-- end of contract -->").unwrap().0;
    let table = Contract::read().unwrap().table();
    assert!(
        shown.trim() == table.trim(),
        "README.md's table is another than the descriptions'. It should be:\n{table}"
    );
}
