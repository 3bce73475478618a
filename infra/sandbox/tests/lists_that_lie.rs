//! Answers with status 200 that are not the truth, and what changes while a list is read.

use crate::support::{Sandbox, rfi};
use reqwest::{Method, Response};
use serde_json::{Value, json};

const RFIS: &str = "/rest/v1.0/projects/20001/rfis";
const GINA: &str = "gina.admin@harbour.example";

async fn order(sandbox: &Sandbox, fault: Value) {
    sandbox.side(Method::POST, "faults", fault).await;
}

async fn ids(list: Response) -> Vec<u64> {
    assert_eq!(list.status(), 200);
    let list: Value = list.json().await.unwrap();
    let entries = list.as_array().unwrap().iter();
    entries.map(|entry| entry["id"].as_u64().unwrap()).collect()
}

fn header<'a>(list: &'a Response, name: &str) -> Option<&'a str> {
    Some(list.headers().get(name)?.to_str().unwrap())
}

#[tokio::test]
async fn a_list_is_short_or_empty_with_status_200_and_its_headers_say_what_was_ordered() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let true_total = header(&sandbox.get(&gina, RFIS).await, "total").unwrap().to_owned();
    assert!(true_total.parse::<usize>().unwrap() >= 2);

    order(&sandbox, json!({"path": RFIS, "entries": 1})).await;
    let short = sandbox.get(&gina, RFIS).await;
    assert_eq!(header(&short, "total"), Some(&*true_total), "only the entries lie");
    assert_eq!(ids(short).await.len(), 1);

    order(
        &sandbox,
        json!({"path": RFIS, "entries": 0, "headers": {"Total": "0", "Link": ""}}),
    )
    .await;
    let empty = sandbox.get(&gina, &format!("{RFIS}?per_page=1")).await;
    assert_eq!((header(&empty, "total"), header(&empty, "link")), (Some("0"), None));
    assert!(ids(empty).await.is_empty());

    order(&sandbox, json!({"path": RFIS, "headers": {"Total": ""}})).await;
    let untold = sandbox.get(&gina, &format!("{RFIS}?per_page=1")).await;
    assert_eq!(header(&untold, "total"), None);
    assert!(header(&untold, "link").is_some_and(|link| link.contains("rel=\"next\"")));
    assert_eq!(ids(untold).await.len(), 1);

    let whole = sandbox.get(&gina, RFIS).await;
    assert_eq!(
        header(&whole, "total"),
        Some(&*true_total),
        "then it tells the truth again"
    );
}

#[tokio::test]
async fn a_fault_can_be_for_one_page_and_what_is_no_list_is_left_as_it_is() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    order(&sandbox, json!({"path": RFIS, "query": "*page=2&*", "entries": 0})).await;
    let page = async |number: u32| ids(sandbox.get(&gina, &format!("{RFIS}?page={number}&per_page=1")).await).await;
    assert_eq!(page(1).await.len(), 1);
    assert_eq!(page(2).await.len(), 0);
    assert_eq!(page(2).await.len(), 1);

    order(&sandbox, json!({"path": "/rest/v1.0/projects/20001", "entries": 0})).await;
    let project = sandbox.read(&gina, "/rest/v1.0/projects/20001?company_id=1001").await;
    assert_eq!(project["id"], 20001);
}

#[tokio::test]
async fn of_the_calls_that_a_fault_concerns_each_so_many_th_suffers() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    order(&sandbox, json!({"path": RFIS, "times": 2, "every": 3, "status": 500})).await;
    let mut statuses = Vec::new();
    for _ in 0..9 {
        statuses.push(sandbox.get(&gina, RFIS).await.status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 500, 200, 200, 500, 200, 200, 200]);
}

#[tokio::test]
async fn an_entry_goes_between_two_pages_so_that_the_next_one_is_missed() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    for _ in 0..2 {
        assert_eq!(sandbox.send(Method::POST, &gina, RFIS, rfi(101)).await.status(), 201);
    }
    let all = ids(sandbox.get(&gina, RFIS).await).await;
    let path = format!("/sandbox/projects/20001/rfis/{}", all[0]);
    let deleted = json!({"method": "DELETE", "path": path, "body": {"login": GINA}});
    order(
        &sandbox,
        json!({"path": RFIS, "query": "*page=1&*", "meanwhile": deleted}),
    )
    .await;
    let first = ids(sandbox.get(&gina, &format!("{RFIS}?page=1&per_page=2")).await).await;
    let second = ids(sandbox.get(&gina, &format!("{RFIS}?page=2&per_page=2")).await).await;
    assert_eq!(first, all[..2], "the answer is of before");
    assert!(!second.contains(&all[2]), "{second:?} of {all:?}");
    let left = ids(sandbox.get(&gina, RFIS).await).await;
    assert_eq!(left, all[1..]);
}

#[tokio::test]
async fn an_entry_comes_and_a_role_goes_as_a_call_took_effect() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let before = ids(sandbox.get(&gina, RFIS).await).await;
    let mut body = rfi(101);
    body["login"] = json!(GINA);
    let added = json!({"method": "POST", "path": "/sandbox/projects/20001/rfis", "body": body});
    order(&sandbox, json!({"path": RFIS, "meanwhile": added})).await;
    assert_eq!(ids(sandbox.get(&gina, RFIS).await).await, before);
    assert_eq!(ids(sandbox.get(&gina, RFIS).await).await.len(), before.len() + 1);

    let managers = format!("{RFIS}/potential_rfi_managers");
    let may_manage = ids(sandbox.get(&gina, &managers).await).await;
    assert!(may_manage.contains(&102), "{may_manage:?}");
    let role = json!({"method": "PUT", "path": "/sandbox/people/omar.manager@harbour.example/permissions",
                      "body": {"project_id": 20001, "tool": "rfis", "level": "read_only", "rfi_manager": false}});
    order(&sandbox, json!({"path": managers, "meanwhile": role})).await;
    assert_eq!(ids(sandbox.get(&gina, &managers).await).await, may_manage);
    assert!(!ids(sandbox.get(&gina, &managers).await).await.contains(&102));
}

#[tokio::test]
async fn an_order_that_makes_no_sense_is_refused_with_its_reason() {
    let sandbox = Sandbox::start().await;
    for (fault, reason) in [
        (json!({"path": RFIS, "every": 2}), "at least one of status"),
        (json!({"path": RFIS, "entries": 1, "every": 0}), "at least 1"),
        (
            json!({"path": RFIS, "entries": 1, "status": 200}),
            "either a status or entries",
        ),
        (json!({"path": RFIS, "body": [], "entries": 1}), "a body needs a status"),
        (
            json!({"path": RFIS, "meanwhile": {"method": "GET", "path": "/rest/v1.0/me"}}),
            "begins with /sandbox/",
        ),
        (
            json!({"path": RFIS, "meanwhile": {"method": "", "path": "/sandbox/reset"}}),
            "no method",
        ),
    ] {
        let request = sandbox.request(Method::POST, "/sandbox/faults").json(&fault);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 422, "{fault}");
        let said = answer.text().await.unwrap();
        assert!(said.contains(reason), "{fault}: {said}");
    }
    let none = sandbox.side(Method::GET, "faults", json!({})).await;
    assert_eq!(none["faults"], json!([]));
}
