//! What became of each item: found, understood, and mended.

use gusset_tests::{Browser, Scripts, api, eventually};
use serde_json::{Value, json};

use gusset_tests::connected::Pair;

use crate::looks::inspect;

#[tokio::test]
async fn rfis_that_wait_are_one_problem_on_top_that_is_mended_there() {
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
    gina.sees("1 RFI waits: choose an RFI manager for South project").await;
    gina.sees_row("Waits for somebody", "Waiting").await;
    gina.choose("RFI manager", "Harbour manager").await;
    gina.press("Save and send 1").await;
    gina.sees("Saved. What waited for it goes on now.").await;
    gina.sees_row("Waits for somebody", "Delivered").await;
    gina.sees_no_more("1 RFI waits").await;
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
    sam.sees("1 RFI failed: Harbour project").await;
    sam.sees("is not welcome").await;
    sam.sees_row("Is refused once", "Failed").await;
    sam.press("Retry").await;
    sam.sees_row("Is refused once", "Delivered").await;
    sam.follow("Is refused once").await;
    sam.see_element("//dialog//h2[.='Timeline']").await;
    sam.sees("Tried again by South admin").await;
    sam.press("Close").await;
    sam.sees_no_more("Tried again by South admin").await;
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
    // What is chosen is there at once, and in the address.
    browser.choose("Direction", "Sent").await;
    browser.sees_no_more("From Harbour").await;
    browser.sees("From South").await;
    browser.follow("Needs attention0").await;
    browser.sees("No item like this was found").await;
    let address = browser.path().await;
    assert!(
        address.contains("direction=sent") && address.contains("status=held%2Cfailed"),
        "{address}"
    );
    browser.reload().await;
    browser.sees("No item like this was found").await;
    browser.follow("Clear").await;
    browser.fill("Search", "harbour admin").await;
    browser.sees_no_more("From South").await;
    browser.sees("From Harbour").await;
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

/// So many items as a project has after a year, written as Gusset writes them: copies of one delivery's record. One of them, the
/// oldest, failed.
async fn a_year_of_items(pair: &Pair, count: usize) {
    let (south, sam) = &pair.south;
    let rfi = json!({"subject": "The first", "draft": false, "rfi_manager_id": south.people[1].1});
    pair.stand.create_rfi(south.project(), &sam.login, rfi).await;
    let list = api(south.project(), "/deliveries?status=delivered");
    let reference = eventually("the first is delivered", || async {
        let page = sam.get(&list).await.expect(200);
        page["deliveries"][0]["reference"].as_str().map(str::to_owned)
    })
    .await;
    let key = json!({"pk": {"S": pair.deliveries()}, "sk": {"S": format!("DELIVERY#{reference}")}});
    let first = pair.stand.table("GetItem", json!({"Key": key})).await["Item"].clone();
    let now: i64 = first["list_sk"]["S"].as_str().unwrap()[..13].parse().unwrap();
    let records: Vec<Value> = (1..=count)
        .map(|number| {
            let reference = format!("GST-{number:012}");
            let at = now - i64::try_from(number).unwrap() * 4 * 60 * 60 * 1_000;
            let told = jiff::Timestamp::from_millisecond(at).unwrap().to_string();
            let mut record = first.clone();
            record["sk"]["S"] = json!(format!("DELIVERY#{reference}"));
            record["list_sk"]["S"] = json!(format!("{at:013}.{reference}"));
            let is_oldest = number == count;
            let title = if is_oldest {
                "Needle in the haystack".to_owned()
            } else {
                format!("Slab edge at grid {number}")
            };
            for place in ["", "row"] {
                let of = if place.is_empty() {
                    &mut record
                } else {
                    &mut record["row"]["M"]
                };
                of["reference"] = json!({"S": reference});
                of["title"] = json!({"S": title});
                of["number"] = json!({"S": number.to_string()});
                of["created_at"] = json!({"S": told});
                if is_oldest {
                    of["status"] = json!({"S": "failed"});
                    of["reason"] = json!({"S": "Procore rejected this RFI"});
                }
            }
            record["row"]["M"]["changed_at"] = json!({"S": told});
            json!({"PutRequest": {"Item": record}})
        })
        .collect();
    let name = gusset_tests::setting("GUSSET_TABLE_NAME");
    for batch in records.chunks(25) {
        let request = json!({"RequestItems": {name.as_str(): batch}});
        pair.stand
            .aws("DynamoDB_20120810.BatchWriteItem", request)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn of_two_thousand_the_one_that_failed_long_ago_is_found_and_many_are_ticked_at_once() {
    let pair = Pair::automatic().await;
    a_year_of_items(&pair, 2_000).await;
    let (south, _) = &pair.south;
    let page = format!("/projects/{}/activity", south.project().id);
    for scripts in [Scripts::Run, Scripts::Off] {
        let sam = Browser::open(&pair.stand, scripts).await;
        sam.go("/").await;
        sam.sign_in_as(&south.people[0].0).await;
        sam.go(&page).await;
        sam.sees("1 RFI failed: Harbour project").await;
        sam.follow("All2,001").await;
        sam.sees("Slab edge at grid 99").await;
        assert!(!sam.has("//th[contains(., 'grid 101')]").await, "a hundred on a page");
        sam.follow("Older").await;
        sam.sees("Slab edge at grid 101").await;
        sam.go(&page).await;
        sam.follow("Needs attention1").await;
        sam.sees_row("Needle in the haystack", "Failed").await;
        sam.sees_no_more("Slab edge").await;
        sam.go(&page).await;
        sam.fill("Search", "haystack").await;
        if matches!(scripts, Scripts::Off) {
            sam.press("Filter").await;
        }
        sam.sees_no_more("Slab edge").await;
        sam.sees_row("Needle in the haystack", "Failed").await;
        // Nothing ticked says so, and what is typed stays.
        sam.press("Dismiss selected").await;
        sam.sees("Tick at least one item.").await;
    }
}

#[tokio::test]
async fn a_filter_gets_a_name_and_is_a_chip_from_then_on() {
    let pair = Pair::automatic().await;
    let (harbour, gina) = &pair.harbour;
    let page = format!("/projects/{}/activity", harbour.project().id);
    let browser = Browser::sign_in(&pair.stand, &gina.login).await;
    browser.go(&page).await;
    browser.follow("RFIs0").await;
    browser.unfold("Save this view…").await;
    browser.fill("Name of the view", "Only RFIs").await;
    browser.press("Save view").await;
    browser.sees("The view is saved.").await;
    browser.see_element("//a[.='Only RFIs' and @aria-current]").await;
    inspect(&browser, "activity-saved-view").await;
    browser.go(&page).await;
    browser.follow("Only RFIs").await;
    browser
        .see_element("//nav[@aria-label='By tool']//a[starts-with(., 'RFIs') and @aria-current]")
        .await;

    let plain = Browser::open(&pair.stand, Scripts::Off).await;
    plain.go("/").await;
    plain.sign_in_as(&gina.login).await;
    plain.go(&page).await;
    plain.follow("Only RFIs").await;
    plain
        .see_element("//nav[@aria-label='By tool']//a[starts-with(., 'RFIs') and @aria-current]")
        .await;
    plain.unfold("Delete a view…").await;
    plain.choose("View to delete", "Only RFIs").await;
    plain.press("Delete view").await;
    plain.sees("The view is deleted.").await;
    assert!(!plain.has("//a[.='Only RFIs']").await);
}
