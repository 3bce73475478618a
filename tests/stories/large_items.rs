//! Items with many files, under Procore's own limits: each file is carried over once, none is lost for another's sake, and the
//! company's other items hardly notice.

use std::time::Instant;

use gusset_tests::{Company, Stand, Tool, api, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::Pair;

/// Has a company's calls counted as Procore usually does.
pub(crate) async fn usual_limits(stand: &Stand, company: &Company) {
    let usual = json!({"company_id": company.id, "hour": 3_600, "spike": 25});
    stand.side_door(Method::PUT, "/limits", usual).await;
}

async fn usual_pair() -> Pair {
    let pair = Pair::automatic().await;
    for company in [&pair.south.0, &pair.harbour.0] {
        usual_limits(&pair.stand, company).await;
    }
    pair
}

fn files(count: usize) -> Value {
    let file = |number| json!({"name": format!("{number:02}.txt"), "text": "x"});
    (1..=count).map(file).collect()
}

/// How many files a copy has, by the first words of its title.
async fn files_of_copy(pair: &Pair, tool: Tool, title: &str) -> Option<usize> {
    let arrived = pair.stand.arrived(pair.harbour.0.project()).await;
    let copy = arrived
        .iter()
        .find(|item| item.tool == tool && item.all.to_string().contains(title))?;
    assert!(!copy.all.to_string().contains("did not come along"), "{}", copy.all);
    let attachments = match tool {
        Tool::Rfis => &copy.all["questions"][0]["attachments"],
        _ => &copy.all["attachments"],
    };
    Some(attachments.as_array().unwrap().len())
}

/// How many calls of a kind about the arriving project's uploads Procore has taken.
async fn uploads(pair: &Pair, method: &str) -> usize {
    taken(pair, method, "uploads").await
}

/// How many calls of a kind Procore has taken about something of the arriving project.
async fn taken(pair: &Pair, method: &str, what: &str) -> usize {
    let path = format!("/projects/{}/{what}", pair.harbour.0.project().id);
    let (calls, _) = pair.stand.calls(0).await;
    let taken = |call: &&gusset_tests::Call| call.method == method && call.path.contains(&path) && call.status < 300;
    calls.iter().filter(taken).count()
}

async fn statuses(pair: &Pair) -> Vec<Value> {
    let (south, sam) = &pair.south;
    let path = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    let list = sam.get(&path).await.expect(200);
    list["deliveries"].as_array().unwrap().clone()
}

/// Sends one item with many files, and a plain one when the first of them are across. Each file is uploaded once, and the plain
/// one does not wait for the large one.
async fn many_files(tool: Tool, count: usize) {
    let pair = usual_pair().await;
    let (stand, south) = (&pair.stand, &pair.south.0);
    let began = Instant::now();
    stand
        .create_as(south, tool, tool.item(south, "Large"), files(count))
        .await;
    eventually("the first files are across", || async {
        (uploads(&pair, "PATCH").await >= 3).then_some(())
    })
    .await;
    stand.create(south, Tool::Notes, "Plain").await;
    eventually("the plain one arrives", || files_of_copy(&pair, Tool::Notes, "Plain")).await;
    assert_eq!(
        files_of_copy(&pair, tool, "Large").await,
        None,
        "it did not wait for the large one"
    );
    let arrived = eventually("the large one arrives", || files_of_copy(&pair, tool, "Large")).await;
    assert_eq!(arrived, count, "after {:?}", began.elapsed());
    assert_eq!(uploads(&pair, "PATCH").await, count, "each is completed once");
    assert_eq!(uploads(&pair, "POST").await, count, "each is announced once");
}

#[tokio::test]
async fn thirteen_files_of_an_rfi_arrive_each_uploaded_once() {
    many_files(Tool::Rfis, 13).await;
}

#[tokio::test]
async fn twenty_files_of_an_rfi_arrive_each_uploaded_once() {
    many_files(Tool::Rfis, 20).await;
}

/// A Site Diary entry is there first, and gets its files one by one.
#[tokio::test]
async fn twenty_files_of_a_note_arrive_each_added_once() {
    let pair = usual_pair().await;
    let (stand, south) = (&pair.stand, &pair.south.0);
    stand
        .create_as(south, Tool::Notes, Tool::Notes.item(south, "Large"), files(20))
        .await;
    eventually("the first files are across", || async {
        (taken(&pair, "PATCH", "notes_logs").await >= 3).then_some(())
    })
    .await;
    stand.create(south, Tool::Rfis, "Plain").await;
    eventually("the plain one arrives", || files_of_copy(&pair, Tool::Rfis, "Plain")).await;
    let by_then = files_of_copy(&pair, Tool::Notes, "Large").await;
    assert!(by_then < Some(20), "it did not wait for the large one: {by_then:?}");
    eventually("all files arrive", || async {
        (files_of_copy(&pair, Tool::Notes, "Large").await == Some(20)).then_some(())
    })
    .await;
    eventually("it is delivered", || async {
        statuses(&pair)
            .await
            .iter()
            .all(|one| one["status"] == "delivered")
            .then_some(())
    })
    .await;
    assert_eq!(files_of_copy(&pair, Tool::Notes, "Large").await, Some(20));
    assert_eq!(taken(&pair, "PATCH", "notes_logs").await, 20, "each is added once");
    assert_eq!(taken(&pair, "POST", "notes_logs").await, 1);
}

#[tokio::test]
async fn files_whose_uploads_take_long_all_arrive() {
    let pair = usual_pair().await;
    let (stand, south) = (&pair.stand, &pair.south.0);
    let path = format!("/rest/v1.1/projects/{}/uploads/*", pair.harbour.0.project().id);
    let slow = json!({"method": "PATCH", "path": path, "delay_ms": 2_500, "times": 100});
    stand.side_door(Method::POST, "/faults", slow).await;
    stand
        .create_as(south, Tool::Rfis, Tool::Rfis.item(south, "Slow"), files(10))
        .await;
    let arrived = eventually("it arrives", || files_of_copy(&pair, Tool::Rfis, "Slow")).await;
    assert_eq!(arrived, 10);
}

#[tokio::test]
async fn storage_that_is_away_for_a_while_loses_no_file_and_the_item_says_that_it_waits() {
    let pair = usual_pair().await;
    let (stand, south) = (&pair.stand, &pair.south.0);
    let own = format!("away-{}.txt", south.id);
    let away = json!({"path": format!("/files/*/{own}"), "status": 500, "times": 3});
    stand.side_door(Method::POST, "/faults", away).await;
    let files = json!([{"name": own, "text": "x"}, {"name": "good.txt", "text": "x"}]);
    stand
        .create_as(south, Tool::Rfis, Tool::Rfis.item(south, "Away"), files)
        .await;
    eventually("it waits", || async {
        let waits = |one: &Value| one["status"] == "retrying" && one["reason"].as_str().unwrap().contains(&own);
        statuses(&pair).await.iter().any(waits).then_some(())
    })
    .await;
    let arrived = eventually("it arrives", || files_of_copy(&pair, Tool::Rfis, "Away")).await;
    assert_eq!(arrived, 2);
    assert_eq!(uploads(&pair, "PATCH").await, 2, "the good one was uploaded once");
}
