//! The specification book by divisions, and bid packages.

use crate::support::{Receiver, Sandbox, hook_for};
use reqwest::Method;
use serde_json::{Value, json};

const GINA: &str = "gina.admin@harbour.example";

async fn division(sandbox: &Sandbox, token: &str, number: &str) -> u64 {
    let divisions = sandbox
        .read(token, "/rest/v1.0/specification_section_divisions?project_id=20001")
        .await;
    let mut divisions = divisions.as_array().unwrap().iter();
    divisions.find(|division| division["number"] == number).unwrap()["id"]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn a_divisions_current_revisions_are_listed_unless_all_are_asked_for() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let concrete = division(&sandbox, &gina, "03").await;
    let base = "/rest/v1.0/specification_section_revisions?project_id=20001";
    assert_eq!(sandbox.get(&gina, base).await.status(), 400);
    let current = sandbox
        .read(&gina, &format!("{base}&specification_section_division_id={concrete}"))
        .await;
    assert_eq!(current.as_array().unwrap().len(), 1);
    assert_eq!(
        (&current[0]["number"], &current[0]["revision"]),
        (&json!("03 30 00"), &json!("2"))
    );
    let path = format!("{base}&specification_section_division_id={concrete}&all_revisions=true");
    let all = sandbox.read(&gina, &path).await;
    assert_eq!(all.as_array().unwrap().len(), 3);
    let pdf = sandbox.download(&gina, &current[0]["url"]).await;
    assert!(pdf.starts_with(b"%PDF-"));
    assert!(pdf.windows(22).any(|text| text == b"Cast-in-Place Concrete"));
    let sections = sandbox
        .read(&gina, "/rest/v1.0/specification_sections?project_id=20001&sort=-number")
        .await;
    let numbers: Vec<&Value> = sections
        .as_array()
        .unwrap()
        .iter()
        .map(|section| &section["number"])
        .collect();
    assert!(numbers.is_sorted_by(|one, other| one.as_str() >= other.as_str()));
    let section = sections
        .as_array()
        .unwrap()
        .iter()
        .find(|section| section["number"] == "03 30 00")
        .unwrap();
    assert_eq!(section["current_revision_id"], current[0]["id"]);
    let one = format!(
        "/rest/v1.0/specification_section_revisions/{}?project_id=20001",
        current[0]["id"]
    );
    // Alone it is shown in other words than in the list.
    let alone = sandbox.read(&gina, &one).await;
    assert_eq!((&alone["id"], &alone["url"]), (&current[0]["id"], &current[0]["url"]));
    assert_eq!(alone["section_id"], current[0]["specification_section_id"]);
    assert_eq!(alone["updated_at"], Value::Null);
}

#[tokio::test]
async fn publishing_and_deleting_a_section_is_told() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let receiver = Receiver::start(&[]).await;
    let token = sandbox.service_token().await;
    hook_for(
        &sandbox,
        &token,
        20001,
        "v2",
        &receiver.url,
        &["Specification Section Revisions"],
    )
    .await;
    let section = json!({"number": "22 11 16", "description": "Domestic Water Piping", "issued_date": "2026-06-30"});
    let body = json!({"login": GINA, "specification_section": section});
    let made = sandbox
        .side(Method::POST, "projects/20001/specification_sections", body)
        .await;
    assert_eq!(
        (&made["revision"], &made["issued_date"]),
        (&json!("0"), &json!("2026-06-30"))
    );
    let plumbing = division(&sandbox, &gina, "22").await;
    assert_eq!(made["specification_section_division_id"], plumbing);
    let event = receiver.wait_for(1).await.remove(0);
    assert_eq!(
        (&event["event_type"], &event["resource_id"]),
        (&json!("create"), &made["id"])
    );
    let path = format!(
        "projects/20001/specification_sections/{}",
        made["specification_section_id"]
    );
    sandbox.side(Method::DELETE, &path, json!({"login": GINA})).await;
    assert_eq!(receiver.wait_for(2).await[1]["event_type"], "delete");
    let path = format!(
        "/rest/v1.0/specification_section_revisions?project_id=20001&specification_section_division_id={plumbing}"
    );
    assert_eq!(sandbox.read(&gina, &path).await, json!([]));
}

#[tokio::test]
async fn bid_packages_have_due_dates_that_change() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let path = "/rest/v1.1/projects/20001/bid_packages";
    let packages = sandbox.read(&gina, path).await;
    let due: Vec<_> = packages
        .as_array()
        .unwrap()
        .iter()
        .map(|package| package["bid_due_date"].as_str())
        .collect();
    assert_eq!(due.len(), 4);
    assert!(due[3].is_none() && due[..3].iter().all(Option::is_some));
    let change = |due: Value| json!({"login": GINA, "bid_package": {"bid_due_date": due}});
    let one = format!("projects/20001/bid_packages/{}", packages[0]["id"]);
    let set = sandbox
        .side(Method::PATCH, &one, change(json!("2027-01-15T17:00:00Z")))
        .await;
    assert_eq!(set["bid_due_date"], "2027-01-15T17:00:00Z");
    assert_eq!(sandbox.read(&gina, path).await[0], set);
    assert_eq!(
        sandbox.side(Method::PATCH, &one, change(Value::Null)).await["bid_due_date"],
        Value::Null
    );
    let wrong = sandbox
        .request(Method::PATCH, &format!("/sandbox/{one}"))
        .json(&change(json!("soon")));
    assert_eq!(wrong.send().await.unwrap().status(), 422);
    sandbox.side(Method::DELETE, &one, json!({"login": GINA})).await;
    assert_eq!(sandbox.read(&gina, path).await.as_array().unwrap().len(), 3);
    // What is closed is listed only where all are asked for.
    let another = format!("projects/20001/bid_packages/{}", packages[1]["id"]);
    let close = json!({"login": GINA, "bid_package": {"open": false}});
    assert_eq!(sandbox.side(Method::PATCH, &another, close).await["open"], false);
    assert_eq!(sandbox.read(&gina, path).await.as_array().unwrap().len(), 2);
    let all = sandbox.read(&gina, &format!("{path}?view=all")).await;
    assert_eq!(all.as_array().unwrap().len(), 3);
}
