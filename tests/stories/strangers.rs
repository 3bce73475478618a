//! What a stranger costs a company: a call or two to Procore for a project that Gusset knows, and none for any other, however often
//! that person asks.

use futures_util::future::join_all;
use gusset_tests::{Company, Person, Stand, api};
use reqwest::header;

use crate::connected::{Pair, code};

/// Calls that people made to Procore about a company since a place in the log.
async fn calls_about(stand: &Stand, company: &Company, since: u64) -> usize {
    let (calls, _) = stand.calls(since).await;
    let about = calls
        .iter()
        .filter(|call| !call.by_gusset && call.company == Some(company.id));
    about.count()
}

/// Everything that can be looked at of a project.
fn looks(pair: &Pair) -> Vec<String> {
    let project = pair.harbour.0.project();
    let one = format!("/connections/{}", pair.connection);
    let page = format!("/projects/{}", project.id);
    vec![
        api(project, ""),
        api(project, "/connections"),
        api(project, &one),
        api(project, &format!("{one}/deliveries")),
        api(project, "/service-accounts"),
        api(project, "/notifications"),
        page.clone(),
        format!("{page}/live"),
        format!("{page}/notifications"),
        format!("{page}/api"),
        format!("{page}{one}"),
        format!("{page}{one}/live"),
        format!("{page}{one}/terms"),
        format!("{page}{one}/manager"),
        format!("{page}{one}/send"),
        format!("{page}{one}/send/rfis/1"),
    ]
}

async fn stranger(stand: &Stand) -> Person {
    stand.company("Delta").await.1
}

#[tokio::test]
async fn thirty_looks_at_somebodys_project_cost_its_company_a_call_or_two() {
    let pair = Pair::asked().await;
    let dana = stranger(&pair.stand).await;
    let (_, since) = pair.stand.calls(0).await;
    let all = looks(&pair);
    for path in all.iter().cycle().take(30) {
        let answer = dana.get(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    let cost = calls_about(&pair.stand, &pair.harbour.0, since).await;
    assert!((1..=2).contains(&cost), "{cost}");
}

#[tokio::test]
async fn thirty_looks_at_once_cost_no_more() {
    let pair = Pair::asked().await;
    let dana = stranger(&pair.stand).await;
    let (_, since) = pair.stand.calls(0).await;
    let all = looks(&pair);
    let at_once = all.iter().cycle().take(30).map(|path| dana.get(path));
    for answer in join_all(at_once.collect::<Vec<_>>()).await {
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
    let cost = calls_about(&pair.stand, &pair.harbour.0, since).await;
    assert!((1..=2).contains(&cost), "{cost}");
}

#[tokio::test]
async fn who_signs_in_anew_for_each_look_is_told_to_wait() {
    let pair = Pair::asked().await;
    let stand = &pair.stand;
    let login = stranger(stand).await.login;
    let (_, since) = stand.calls(0).await;
    let list = api(pair.harbour.0.project(), "/connections");
    for _ in 0..2 {
        let dana = stand.sign_in(&login).await;
        dana.get(&list).await.problem(404, "not-found");
    }
    let dana = stand.sign_in(&login).await;
    let answer = dana.get(&list).await;
    let wait: u64 = answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    answer.problem(429, "too-many-projects");
    assert_eq!(calls_about(stand, &pair.harbour.0, since).await, 2);
}

#[tokio::test]
async fn who_tries_one_project_after_the_other_has_to_wait_and_keeps_what_is_that_persons_own() {
    let stand = Stand::new();
    let (delta, dana) = stand.company("Delta").await;
    code(&dana, &delta).await;
    for number in 0..30 {
        let path = format!("/api/projects/{}/connections", 900_000_000 + number);
        dana.get(&path).await.problem(404, "not-found");
    }
    for path in ["/api/projects/910000000", "/api/projects/910000001/connections"] {
        let answer = dana.get(path).await;
        let wait: u64 = answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!((3_400..=3_600).contains(&wait), "{wait}");
        answer.problem(429, "too-many-projects");
    }
    let page = dana.get("/projects/910000002").await;
    assert_eq!(page.status, 429, "{}", page.text);
    assert!(
        page.text.contains("Too many projects that you cannot see"),
        "{}",
        page.text
    );
    dana.get(&api(delta.project(), "")).await.expect(200);
    let again = stand.sign_in(&dana.login).await;
    again.get(&api(delta.project(), "")).await.expect(200);
}

#[tokio::test]
async fn a_project_of_ones_own_may_be_opened_in_many_tabs_at_once() {
    let stand = Stand::new();
    let (delta, dana) = stand.company("Delta").await;
    let list = api(delta.project(), "/connections");
    let at_once = (0..30).map(|_| dana.get(&list));
    for answer in join_all(at_once.collect::<Vec<_>>()).await {
        answer.expect(200);
    }
}

#[tokio::test]
async fn disconnecting_once_more_costs_the_other_company_a_few_calls_at_most() {
    let pair = Pair::asked().await;
    let (south, sam) = &pair.south;
    let disconnect = api(south.project(), &format!("/connections/{}/disconnect", pair.connection));
    sam.post(&disconnect, serde_json::json!({})).await.expect(200);
    let (_, since) = pair.stand.calls(0).await;
    for _ in 0..40 {
        sam.post(&disconnect, serde_json::json!({}))
            .await
            .problem(409, "wrong-state");
    }
    let (calls, _) = pair.stand.calls(since).await;
    let about = calls
        .iter()
        .filter(|call| call.company == Some(pair.harbour.0.id))
        .count();
    assert!((1..=30).contains(&about), "{about}");
}
