//! What Procore says to an app that a company has not installed ends nobody's access: it may be a 401 with a good token.

use gusset_tests::{Stand, api, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::code;

/// A company installs the app, or removes it and answers 401, or 403 where it `forbids`.
async fn app(stand: &Stand, company: u64, installed: bool, forbids: bool) {
    let path = format!("/companies/{company}/app");
    let place = json!({"installed": installed, "forbids": forbids});
    stand.side_door(Method::PUT, &path, place).await;
}

async fn stays_signed_in(forbids: bool) {
    let stand = Stand::new();
    let (south, sam) = stand.company("South").await;
    code(&sam, &south).await;
    app(&stand, south.id, false, forbids).await;
    // Somebody who comes anew, and finds the company's projects closed to Gusset.
    let anew = stand.sign_in(&sam.login).await;
    let projects = anew.get("/api/projects").await.expect(200);
    assert_eq!(projects["projects"], json!([]), "{projects}");
    anew.get(&api(south.project(), "/connections"))
        .await
        .problem(404, "not-found");
    anew.get("/api/projects").await.expect(200);
    app(&stand, south.id, true, forbids).await;
    let projects = anew.get("/api/projects").await.expect(200);
    assert_eq!(projects["projects"][0]["id"], south.project().id, "{projects}");
    // And who was in the project already.
    sam.get(&api(south.project(), "/connections")).await.expect(200);
}

#[tokio::test]
async fn a_person_whose_company_removed_the_app_stays_signed_in_though_procore_answers_401() {
    stays_signed_in(false).await;
}

#[tokio::test]
async fn a_person_whose_company_removed_the_app_stays_signed_in_where_procore_answers_403() {
    stays_signed_in(true).await;
}

#[tokio::test]
async fn an_integration_outlives_the_app_in_its_company() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let erin = stand.synced_estimator(&company.people[0].0).await;
    app(&stand, company.id, false, false).await;
    let refresh = "/api/account/integration/refresh";
    erin.post(refresh, json!({})).await.expect(202);
    let ended = eventually("the run comes to its end", || async {
        let link = stand.integration(&erin).await;
        let stage = link["run"]["stage"].clone();
        (link["run"]["asked_by"] != "connect" && (stage == "done" || stage == "incomplete")).then_some(link)
    })
    .await;
    assert_eq!(ended["status"], "connected", "{ended}");
    assert_eq!(ended["why"], Value::Null, "{ended}");
    app(&stand, company.id, true, false).await;
    erin.post(refresh, json!({})).await.expect(202);
    let link = stand.synced(&erin).await;
    assert_eq!(link["status"], "connected", "{link}");
}
