//! The list of projects: what it says to whom, and what a visit asks of Procore.

use gusset_tests::{
    Call, Company, Person, Stand, api,
    connected::{Pair, ask},
    eventually,
};
use reqwest::Method;
use serde_json::{Value, json};

/// The questions about rights of a company's projects among some calls.
fn rights(calls: &[Call], company: &Company) -> usize {
    let asks = |call: &&Call| call.path == "/rest/v1.0/settings/permissions" && call.company == Some(company.id);
    calls.iter().filter(asks).count()
}

async fn company(stand: &Stand, projects: usize) -> (Company, Person) {
    let projects: Vec<Value> = (1..=projects)
        .map(|number| json!({"name": format!("Lot {number:02}")}))
        .collect();
    let company = stand
        .make_company(json!({
            "name": "Forty Lots", "projects": projects,
            "people": [{"name": "Gina Castellano", "level": "admin", "company_admin": true}],
        }))
        .await;
    let admin = stand.sign_in(&company.people[0].0).await;
    (company, admin)
}

/// Changes something that a session remembers of a project, as only time would.
async fn change(stand: &Stand, found: Value, update: &str, value: &str) {
    let records = stand.scan(found).await;
    assert!(!records.is_empty(), "it is remembered");
    for record in records {
        let change = json!({
            "Key": {"pk": record["pk"], "sk": record["sk"]},
            "UpdateExpression": update,
            "ExpressionAttributeValues": {":value": {"S": value}},
        });
        stand.table("UpdateItem", change).await;
    }
}

/// The list of somebody who is no admin of the only project in it, once Procore was asked: half of the window may be used up.
async fn told_apart(person: &Person) -> String {
    eventually("the right is asked about", || async {
        let page = person.get("/").await.text;
        page.contains("You are not an admin of 1 project").then_some(page)
    })
    .await
}

/// Makes what Procore said of rights in a company's project so old that nothing is shown by it any more.
async fn half_an_hour_later(stand: &Stand, company: &Company) {
    let long_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(31);
    let rights = rights_about(company.project().id);
    change(stand, rights, "SET asked_at = :value", &long_ago.to_string()).await;
}

fn rights_about(project: u64) -> Value {
    json!({"FilterExpression": "sk = :sk", "ExpressionAttributeValues": {":sk": {"S": format!("ADMIN#{project}")}}})
}

#[tokio::test]
async fn a_visit_asks_about_a_few_rights_and_the_next_ones_about_the_rest() {
    let stand = Stand::new();
    let (lots, gina) = company(&stand, 20).await;
    let (_, since) = stand.calls(u64::MAX).await;
    let page = gina.get("/").await;
    assert!(
        page.text.contains("Lot 01") && page.text.contains("Lot 20"),
        "{}",
        page.text
    );
    assert!(page.text.contains("12 projects to go"), "{}", page.text);
    let (calls, _) = stand.calls(since).await;
    assert_eq!(rights(&calls, &lots), 8);

    // What is left of the company's window is used up by half, so that this takes more than one.
    let visits = std::sync::atomic::AtomicUsize::new(0);
    eventually("all are asked about", || async {
        let (_, before) = stand.calls(u64::MAX).await;
        let live = gina.get("/live").await;
        assert_eq!(live.status, 200);
        let (calls, _) = stand.calls(before).await;
        assert!(rights(&calls, &lots) <= 8, "one visit");
        visits.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        (!live.text.contains("Checking…")).then_some(())
    })
    .await;
    let (calls, _) = stand.calls(since).await;
    assert_eq!(rights(&calls, &lots), 20, "each was asked about once");
    let lists = calls
        .iter()
        .filter(|call| call.company == Some(lots.id) && call.path == "/rest/v1.0/projects");
    assert_eq!(lists.count(), 1, "the list is remembered");
    // And not again.
    let (_, before) = stand.calls(u64::MAX).await;
    gina.get("/").await;
    let (calls, _) = stand.calls(before).await;
    assert_eq!(rights(&calls, &lots), 0);
}

#[tokio::test]
async fn where_little_is_left_of_a_companys_window_little_is_asked() {
    let stand = Stand::new();
    let (lots, gina) = company(&stand, 20).await;
    stand
        .side_door(Method::PUT, "/limits", json!({"company_id": lots.id, "spike": 6}))
        .await;
    let (_, since) = stand.calls(u64::MAX).await;
    assert_eq!(gina.get("/").await.status, 200);
    let (calls, _) = stand.calls(since).await;
    // Of six, one lists the projects, and half of the other five may be used.
    assert_eq!(rights(&calls, &lots), 2);
    assert!(
        calls
            .iter()
            .all(|call| call.company != Some(lots.id) || call.status == 200)
    );
}

#[tokio::test]
async fn counts_and_names_are_for_admins_and_titles_for_nobody() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let settle = api(harbour.project(), &format!("/connections/{}", pair.connection));
    gina.patch(&settle, json!({"rfi_manager_id": null})).await.expect(200);
    let rfi = json!({"subject": "Which anchor?", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    let page = eventually("it waits", || async {
        let page = gina.get("/").await.text;
        page.contains("1 RFI waits: choose an RFI manager for South project")
            .then_some(page)
    })
    .await;
    assert!(
        page.contains(&format!("/connections/{}/manager\"", pair.connection)),
        "{page}"
    );
    assert!(!page.contains("Which anchor?"), "{page}");
    // What waits for Harbour is nothing that South's people can do.
    let other = sam.get("/").await.text;
    assert!(
        other.contains("Harbour project") && !other.contains("RFI waits"),
        "{other}"
    );

    let reader = stand.sign_in(&harbour.people[2].0).await;
    let closed = told_apart(&reader).await;
    assert!(closed.contains("Ask Harbour admin"), "{closed}");
    assert!(
        !closed.contains("South project") && !closed.contains("RFI waits"),
        "{closed}"
    );

    // A right that was taken away shows nothing once it is asked about again, half an hour later at the latest.
    let taken = json!({"project_id": harbour.project().id, "level": "read_only"});
    let path = format!("/people/{}/permissions", gina.login);
    stand.side_door(Method::PUT, &path, taken).await;
    assert!(gina.get("/").await.text.contains("South project"));
    half_an_hour_later(stand, harbour).await;
    let closed = told_apart(gina).await;
    assert!(!closed.contains("South project"), "{closed}");
}

#[tokio::test]
async fn a_right_that_could_not_be_confirmed_in_time_shows_nothing() {
    let pair = Pair::automatic().await;
    let (stand, harbour, gina) = (&pair.stand, &pair.harbour.0, &pair.harbour.1);
    assert!(gina.get("/").await.text.contains("South project"));
    half_an_hour_later(stand, harbour).await;
    let away =
        json!({"method": "GET", "path": "/rest/v1.0/settings/permissions", "company_id": harbour.id, "status": 503});
    stand.side_door(Method::POST, "/faults", away).await;
    let page = gina.get("/").await.text;
    assert!(page.contains("Checking…") && !page.contains("South project"), "{page}");
    eventually("it is confirmed again", || async {
        gina.get("/live").await.text.contains("South project").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_request_is_in_the_inbox_and_is_declined_there() {
    let pair = Pair::asked().await;
    let (harbour, gina) = &pair.harbour;
    let page = gina.get("/").await.text;
    assert!(
        page.contains("South project asks to connect with Harbour project"),
        "{page}"
    );
    let decline = api(harbour.project(), &format!("/connections/{}/decline", pair.connection));
    assert!(
        page.contains(&format!("action=\"{}{decline}\"", pair.stand.gusset)),
        "{page}"
    );
    let done = gina.submit(&decline, &[("return_to", "/?done=declined")]).await;
    assert_eq!(done.location(), format!("{}/?done=declined", pair.stand.gusset));
    let page = gina.get("/?done=declined").await.text;
    assert!(page.contains("The request is declined."), "{page}");
    assert!(!page.contains("asks to connect"), "{page}");
}

#[tokio::test]
async fn chips_and_a_search_narrow_the_list_and_count_what_they_show() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let south = stand.company("South").await;
    let (lots, toni) = company(&stand, 5).await;
    toni.post(&api(lots.project(), ""), json!({})).await.expect(200);
    let south_asks = ask(&south, &(lots.clone(), toni)).await;
    let toni = stand.sign_in(&lots.people[0].0).await;
    let rows = |text: &str| text.matches("<tr id=\"line-").count();
    let all = toni.get("/").await.text;
    assert_eq!(rows(&all), 5, "{all}");
    for (query, count) in [
        ("?show=needs-you", 1),
        ("?show=requests", 1),
        ("?show=not-connected", 5),
        ("?q=lot+03", 1),
        ("?q=forty", 5),
        ("?q=nothing+like+it", 0),
        ("?show=requests&q=lot+03", 0),
        ("?show=nonsense&page=99", 5),
        ("?page=-1", 5),
    ] {
        let page = toni.get(&format!("/{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        assert_eq!(rows(&page.text), count, "{query}: {}", page.text);
    }
    assert!(all.contains(&south_asks), "{all}");
    // Nobody else's are in it.
    assert!(!all.contains(&harbour.project().name) && gina.get("/").await.text.contains(&harbour.project().name));
}

#[tokio::test]
async fn whose_company_has_not_installed_the_app_learns_whom_to_ask_for_what() {
    let stand = Stand::new();
    for forbids in [false, true] {
        let company = stand
            .make_company(json!({
                "name": "Clearwater Plumbing", "app_installed": false, "projects": [{"name": "Pier 9 Water"}],
                "people": [{"name": "Cleo Ade", "level": "admin", "company_admin": true}],
            }))
            .await;
        let path = format!("/companies/{}/app", company.id);
        stand.side_door(Method::PUT, &path, json!({"forbids": forbids})).await;
        let cleo = stand.sign_in(&company.people[0].0).await;
        let page = cleo.get("/").await.text;
        assert!(
            page.contains("Clearwater Plumbing has not installed Gusset in Procore"),
            "{page}"
        );
        assert!(page.contains("Send these two lines to your Procore admin"), "{page}");
        assert!(!page.contains("You have no active project"), "{page}");
        // As soon as it is there, so are its projects.
        stand.side_door(Method::PUT, &path, json!({"installed": true})).await;
        let found = json!({"FilterExpression": "contains(pk, :listed) AND contains(#l.without_app[0].#n, :name)",
            "ExpressionAttributeNames": {"#l": "listed", "#n": "name"},
            "ExpressionAttributeValues": {":listed": {"S": "#LISTED"}, ":name": {"S": "Clearwater"}}});
        change(&stand, found, "SET listed.asked_at = :value", "2026-01-01T00:00:00Z").await;
        let page = cleo.get("/").await.text;
        assert!(page.contains("Pier 9 Water"), "{page}");
    }
}

#[tokio::test]
async fn while_procore_is_busy_the_list_is_the_last_one() {
    let pair = Pair::automatic().await;
    let (stand, harbour, gina) = (&pair.stand, &pair.harbour.0, &pair.harbour.1);
    assert!(gina.get("/").await.text.contains("South project"));
    let found = json!({"FilterExpression": "contains(pk, :listed) AND listed.companies[0].company.id = :id",
        "ExpressionAttributeValues": {":listed": {"S": "#LISTED"}, ":id": {"N": harbour.id.to_string()}}});
    change(stand, found, "SET listed.asked_at = :value", "2026-11-01T10:00:00Z").await;
    let away = json!({"method": "GET", "path": "/rest/v1.0/projects", "company_id": harbour.id, "status": 503});
    stand.side_door(Method::POST, "/faults", away).await;
    let page = gina.get("/").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains("Procore is busy") && page.text.contains("1 Nov 2026"),
        "{}",
        page.text
    );
    assert!(page.text.contains("South project"), "{}", page.text);
    eventually("Procore answers again", || async {
        (!gina.get("/").await.text.contains("Procore is busy")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_shown_the_way_in_and_nothing_else() {
    let stand = Stand::new();
    let nobody = stand.stranger();
    let page = nobody.get("/?return_to=/projects/7").await.text;
    assert!(page.contains("/oauth/start?return_to=/projects/7\""), "{page}");
    nobody.get("/live").await.problem(401, "not-signed-in");
}
