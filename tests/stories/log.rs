//! The log of deliveries: found by words, filtered, sorted and taken along; and what is done to many at once.

use std::collections::BTreeSet;

use gusset_tests::{Company, Person, api, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::Pair;

/// Has a side choose nobody for the RFIs that arrive, so that they wait.
async fn choose_nobody(pair: &Pair) {
    let (harbour, gina) = &pair.harbour;
    let settle = api(harbour.project(), &format!("/connections/{}", pair.connection));
    gina.patch(&settle, json!({"rfi_manager_id": null})).await.expect(200);
}

async fn rfi(pair: &Pair, subject: &str) {
    let (south, sam) = &pair.south;
    let rfi = json!({"subject": subject, "draft": false, "rfi_manager_id": south.people[1].1});
    pair.stand.create_rfi(south.project(), &sam.login, rfi).await;
}

async fn log(of: &(Company, Person), query: &str) -> Vec<Value> {
    let list =
        of.1.get(&api(of.0.project(), &format!("/deliveries?{query}")))
            .await
            .expect(200);
    list["deliveries"].as_array().unwrap().clone()
}

fn titles(deliveries: &[Value]) -> Vec<&str> {
    deliveries.iter().map(|it| it["title"].as_str().unwrap()).collect()
}

/// Waits until so many deliveries of a project fit a query.
async fn wait_for(of: &(Company, Person), query: &str, count: usize) -> Vec<Value> {
    eventually(query, || async {
        let found = log(of, query).await;
        (found.len() == count).then_some(found)
    })
    .await
}

#[tokio::test]
async fn all_that_a_project_sent_and_received_is_found_by_words_sorted_and_paged() {
    let pair = Pair::automatic().await;
    for subject in ["Kerb height", "anchor bolts", "Anchor plates"] {
        rfi(&pair, subject).await;
    }
    let (harbour, gina) = &pair.harbour;
    let note = json!({"login": gina.login, "notes_log": {"comment": "Crane is here"}});
    let notes = format!("/projects/{}/notes_logs", harbour.project().id);
    pair.stand.side_door(Method::POST, &notes, note).await;
    let all = wait_for(&pair.south, "status=delivered", 4).await;
    let kerb = all.iter().find(|it| it["title"] == "Kerb height").unwrap();
    let (reference, number) = (kerb["reference"].as_str().unwrap(), kerb["number"].as_str().unwrap());
    assert_eq!(kerb["author"], "South admin");

    let words = [
        (
            "q=anchor&sort=subject".to_owned(),
            vec!["anchor bolts", "Anchor plates"],
        ),
        ("q=bolts%20south%20ADMIN".to_owned(), vec!["anchor bolts"]),
        (format!("q={reference}"), vec!["Kerb height"]),
        (format!("q=%23{number}&tool=rfis&sort=number"), vec!["Kerb height"]),
        ("direction=received".to_owned(), vec!["Crane is here"]),
        (
            "sort=-subject&direction=sent".to_owned(),
            vec!["Kerb height", "Anchor plates", "anchor bolts"],
        ),
        ("q=anchor&status=held,failed".to_owned(), vec![]),
        ("until=2020-01-01".to_owned(), vec![]),
        ("since=2020-01-01&q=crane".to_owned(), vec!["Crane is here"]),
        ("q=%25%5B%27%22%3E%3Cscript%3E".to_owned(), vec![]),
    ];
    for (query, found) in words {
        assert_eq!(titles(&log(&pair.south, &query).await), found, "{query}");
    }
    // The other side sees the same the other way round.
    assert_eq!(titles(&log(&pair.harbour, "direction=sent").await), ["Crane is here"]);

    for sort in ["subject", "-number", "changed", "-created"] {
        let (mut seen, mut cursor) = (BTreeSet::new(), String::new());
        loop {
            let list = api(
                pair.south.0.project(),
                &format!("/deliveries?limit=1&sort={sort}{cursor}"),
            );
            let page = pair.south.1.get(&list).await.expect(200);
            for delivery in page["deliveries"].as_array().unwrap() {
                assert!(
                    seen.insert(delivery["reference"].clone().to_string()),
                    "{sort}: {delivery}"
                );
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 4, "{sort}");
    }

    for (wrong, field) in [
        ("sort=up", "sort"),
        ("since=yesterday", "since"),
        ("until=2026-02-30", "until"),
        ("status=held,lost", "status"),
        ("tool=drawings", "tool"),
        ("format=pdf", "format"),
        ("cursor=nowhere", "cursor"),
        ("limit=101", "limit"),
    ] {
        let list = api(pair.south.0.project(), &format!("/deliveries?{wrong}"));
        let problem = pair.south.1.get(&list).await.problem(422, "bad-field");
        assert_eq!(problem["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn what_is_filtered_is_taken_along_as_a_table_that_runs_nothing() {
    let pair = Pair::automatic().await;
    for subject in [
        "=HYPERLINK(\"http://127.0.0.1\";\"x\")",
        "Plain, with \"quotes\"\nand a line",
    ] {
        rfi(&pair, subject).await;
    }
    wait_for(&pair.south, "status=delivered", 2).await;
    let (south, sam) = &pair.south;
    let answer = sam
        .get(&api(south.project(), "/deliveries?format=csv&sort=subject"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert!(
        answer.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    let text = answer.text.trim_start_matches('\u{feff}');
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("Number,Subject,Tool,Direction,From,To,Author,Status,Reason"),
        "{text}"
    );
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[1].contains("\"'=HYPERLINK("), "{text}");
    assert!(
        lines[2].contains(
            "\"Plain, with \"\"quotes\"\" and a line\",RFIs,Sent,South project,Harbour project,South admin,Delivered"
        ),
        "{text}"
    );
    let none = sam
        .get(&api(south.project(), "/deliveries?format=csv&status=failed"))
        .await;
    assert_eq!(none.text.lines().count(), 1, "{}", none.text);
    // A program says so by the header.
    let by_header = sam
        .send(Method::GET, &api(south.project(), "/deliveries"), |request| {
            request.header("accept", "text/csv")
        })
        .await;
    assert_eq!(by_header.text.lines().count(), 3);
    // Nobody else gets it.
    let list = api(south.project(), "/deliveries?format=csv");
    pair.harbour.1.get(&list).await.problem(404, "not-found");
    pair.stand.stranger().get(&list).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn many_are_tried_again_or_put_aside_at_once_and_each_only_as_its_side_may() {
    let pair = Pair::automatic().await;
    choose_nobody(&pair).await;
    for subject in ["First", "Second", "Third"] {
        rfi(&pair, subject).await;
    }
    let held = wait_for(&pair.harbour, "status=held", 3).await;
    let reference = |title: &str| {
        let found = held.iter().find(|it| it["title"] == title).unwrap();
        found["reference"].as_str().unwrap().to_owned()
    };
    let (harbour, gina) = &pair.harbour;
    let [retry, dismiss] = ["retry", "dismiss"].map(|act| api(harbour.project(), &format!("/deliveries/{act}")));

    let done = gina
        .post(&dismiss, json!({"deliveries": [reference("First")]}))
        .await
        .expect(200);
    assert_eq!(done, json!({"done": [reference("First")], "refused": [], "left": 0}));
    let aside = wait_for(&pair.south, "status=cancelled", 1).await;
    assert_eq!(aside[0]["reason"], "Dismissed by Harbour admin");
    // What is put aside stays so, whatever comes: there is nothing to try again, and no sweep brings it back.
    let again = gina
        .post(&retry, json!({"deliveries": [reference("First")]}))
        .await
        .expect(200);
    assert_eq!(again["done"], json!([]));
    pair.stand.sweep(pair.south.0.project()).await;

    let settle = api(harbour.project(), &format!("/connections/{}", pair.connection));
    // Nothing is mended yet: they are tried, and wait again.
    let tried = gina
        .post(&retry, json!({"matching": {"status": "held", "q": "second"}}))
        .await
        .expect(200);
    assert_eq!(tried["done"], json!([reference("Second")]));
    wait_for(&pair.harbour, "status=held", 2).await;
    gina.patch(&settle, json!({"rfi_manager_id": harbour.people[1].1}))
        .await
        .expect(200);
    wait_for(&pair.harbour, "status=delivered", 2).await;
    assert_eq!(pair.stand.copies(harbour.project()).await.len(), 2);
    assert_eq!(log(&pair.south, "status=cancelled").await.len(), 1);

    for (wrong, field) in [
        (json!({}), "deliveries"),
        (json!({"deliveries": []}), "deliveries"),
        (json!({"deliveries": ["GST-1"]}), "deliveries"),
        (json!({"deliveries": 7}), "deliveries"),
        (json!({"matching": 7}), "matching"),
        (json!({"matching": {"status": "lost"}}), "status"),
        (json!({"everything": true}), "body"),
    ] {
        let problem = gina.post(&retry, wrong.clone()).await.problem(422, "bad-field");
        assert_eq!(problem["field"], field, "{wrong}");
    }
    // Another project's deliveries are none of theirs, and a project that is not theirs is closed.
    let other = Pair::automatic().await;
    let (elsewhere, admin) = &other.south;
    let theirs = admin
        .post(
            &api(elsewhere.project(), "/deliveries/dismiss"),
            json!({"deliveries": [reference("Second")]}),
        )
        .await
        .expect(200);
    assert_eq!(theirs["done"], json!([]));
    admin
        .post(&retry, json!({"matching": {}}))
        .await
        .problem(404, "not-found");
}

/// Gusset lends nobody anything: of many as of one.
#[tokio::test]
async fn of_many_those_that_procore_hides_from_the_person_are_not_sent() {
    let pair = Pair::automatic().await;
    choose_nobody(&pair).await;
    for subject in ["One", "Two"] {
        rfi(&pair, subject).await;
    }
    wait_for(&pair.south, "status=held", 2).await;
    let (south, sam) = &pair.south;
    let level = format!("/people/{}/permissions", sam.login);
    let none = json!({"project_id": south.project().id, "tool": "rfis", "level": "none"});
    pair.stand.side_door(Method::PUT, &level, none).await;
    let retry = api(south.project(), "/deliveries/retry");
    let answer = sam.post(&retry, json!({"matching": {}})).await.expect(200);
    assert_eq!(answer["done"], json!([]), "{answer}");
    assert_eq!(answer["refused"].as_array().unwrap().len(), 2, "{answer}");
}

/// A form says one thing, on the page from which it was sent.
#[tokio::test]
async fn a_form_with_nothing_ticked_says_to_tick_something() {
    let pair = Pair::automatic().await;
    let (south, sam) = &pair.south;
    let back = format!("/projects/{}/activity", south.project().id);
    let answer = sam
        .submit(&api(south.project(), "/deliveries/retry"), &[("return_to", &back)])
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let page = sam.get(&sam.path(&answer.location())).await;
    assert!(page.text.contains("Tick at least one item."), "{}", page.text);
}
