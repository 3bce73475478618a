//! What became of each item: found, understood, and mended.

use gusset_tests::{Browser, api, eventually};
use serde_json::json;

use gusset_tests::connected::Pair;

#[tokio::test]
async fn a_held_rfi_is_on_top_says_what_to_do_and_goes_on_once_it_is_done() {
    let pair = Pair::automatic().await;
    let (south, sam) = &pair.south;
    let (harbour, gina_by_program) = &pair.harbour;
    let settle = api(harbour.project(), &format!("/connections/{}", pair.connection));
    gina_by_program
        .patch(&settle, json!({"rfi_manager_id": null}))
        .await
        .expect(200);
    let gina = Browser::sign_in(&pair.stand, &harbour.people[0].0).await;
    gina.go(&format!(
        "/projects/{}/connections/{}",
        harbour.project().id,
        pair.connection
    ))
    .await;
    let rfi = json!({"subject": "Waits for somebody", "draft": false, "rfi_manager_id": south.people[1].1});
    pair.stand.create_rfi(south.project(), &sam.login, rfi).await;
    gina.see_element("//section[h2[.='Waiting for somebody']]//h3[.='Waits for somebody']")
        .await;
    gina.follow("Choose a Connected RFI Manager").await;
    gina.choose("Who reviews RFIs from them?", "Harbour manager").await;
    gina.press("Save").await;
    gina.sees("Saved.").await;
    gina.follow("Activity").await;
    gina.see_element("//section[h2[.='Items']]//article[.//h3[.='Waits for somebody']]//span[.='Delivered']")
        .await;
    assert!(!gina.has("//h2[.='Waiting for somebody']").await);
}

#[tokio::test]
async fn what_failed_says_why_and_is_tried_again() {
    let pair = Pair::automatic().await;
    let (south, sam_by_program) = &pair.south;
    let (harbour, _) = &pair.harbour;
    // Procore refuses what is created in Harbour's project, once.
    let refusal = json!({
        "method": "POST", "path": format!("/rest/v1.0/projects/{}/rfis", harbour.project().id), "company_id": harbour.id,
        "status": 422, "body": {"errors": {"subject": ["is not welcome"]}},
    });
    pair.stand.side_door(reqwest::Method::POST, "/faults", refusal).await;
    let rfi = json!({"subject": "Is refused once", "draft": false, "rfi_manager_id": south.people[1].1});
    pair.stand.create_rfi(south.project(), &sam_by_program.login, rfi).await;
    let sam = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    sam.go(&format!(
        "/projects/{}/connections/{}",
        south.project().id,
        pair.connection
    ))
    .await;
    sam.sees_badge("Is refused once", "Failed").await;
    sam.sees("is not welcome").await;
    sam.press("Retry").await;
    sam.sees_badge("Is refused once", "Delivered").await;
    sam.unfold("Timeline").await;
    sam.sees("Tried again by South admin").await;
    assert_eq!(pair.stand.copies(harbour.project()).await.len(), 1);
}

#[tokio::test]
async fn deliveries_are_filtered_by_tool_direction_and_status_on_the_page_and_by_the_api() {
    let pair = Pair::automatic().await;
    let (south, sam) = &pair.south;
    let (harbour, gina) = &pair.harbour;
    let rfi = json!({"subject": "From South", "draft": false, "rfi_manager_id": south.people[1].1});
    pair.stand.create_rfi(south.project(), &sam.login, rfi).await;
    let note = json!({"login": gina.login, "notes_log": {"comment": "From Harbour"}});
    let notes = format!("/projects/{}/notes_logs", harbour.project().id);
    pair.stand.side_door(reqwest::Method::POST, &notes, note).await;
    let list = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    let titles = |query: &'static str| {
        let list = &list;
        async move {
            let page = sam.get(&format!("{list}?{query}")).await.expect(200);
            let deliveries = page["deliveries"].as_array().unwrap().clone();
            deliveries
                .iter()
                .map(|it| it["title"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        }
    };
    eventually("both are delivered", || async {
        (titles("status=delivered").await.len() == 2).then_some(())
    })
    .await;
    for (query, found) in [
        ("tool=rfis", vec!["From South"]),
        ("tool=notes&direction=received", vec!["From Harbour"]),
        ("direction=sent", vec!["From South"]),
        ("status=held", vec![]),
        ("tool=rfis&direction=received&status=delivered", vec![]),
        ("tool=", vec!["From Harbour", "From South"]),
    ] {
        let mut titles = titles(query).await;
        titles.sort();
        assert_eq!(titles, found, "{query}");
    }
    for query in ["tool=drawings", "direction=up", "status=lost"] {
        sam.get(&format!("{list}?{query}")).await.problem(422, "bad-field");
    }

    let browser = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    browser
        .go(&format!(
            "/projects/{}/connections/{}",
            south.project().id,
            pair.connection
        ))
        .await;
    browser.sees("From Harbour").await;
    browser
        .see_element("//*[@role='img' and @aria-label='2 items in 14 days']")
        .await;
    browser.choose("Direction", "Sent").await;
    browser.press("Filter").await;
    browser.sees_no_more("From Harbour").await;
    browser.sees("From South").await;
    browser.choose("Status", "Failed").await;
    browser.press("Filter").await;
    browser.sees("No item like this was found").await;
}

#[tokio::test]
async fn a_page_of_filtered_deliveries_goes_on_where_it_ended() {
    let pair = Pair::automatic().await;
    let (south, sam) = &pair.south;
    let notes = format!("/projects/{}/notes_logs", south.project().id);
    for number in 0..5 {
        let note = json!({"login": sam.login, "notes_log": {"comment": format!("Note {number}")}});
        pair.stand.side_door(reqwest::Method::POST, &notes, note).await;
    }
    let list = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    let page = |cursor: String| {
        let path = format!("{list}?tool=notes&status=delivered&limit=2{cursor}");
        async move { sam.get(&path).await.expect(200) }
    };
    eventually("all are delivered", || async {
        let all = sam.get(&format!("{list}?status=delivered")).await.expect(200);
        (all["deliveries"].as_array().unwrap().len() == 5).then_some(())
    })
    .await;
    let (mut titles, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = page(cursor).await;
        let deliveries = page["deliveries"].as_array().unwrap();
        assert!(deliveries.len() <= 2);
        titles.extend(deliveries.iter().map(|it| it["title"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            None => break,
            Some(next) => cursor = format!("&cursor={}", next.replace('#', "%23")),
        }
    }
    titles.sort();
    assert_eq!(titles, ["Note 0", "Note 1", "Note 2", "Note 3", "Note 4"]);
}
