//! What has become of the items.

use std::collections::BTreeSet;

use gusset_tests::{Item, Project, Stand, api, connected::Pair};
use serde_json::Value;

use crate::items::{Created, Fate};

/// All deliveries of a pair's connection.
async fn deliveries(pair: &Pair) -> Vec<Value> {
    let (south, sam) = &pair.south;
    let list = api(
        south.project(),
        &format!("/connections/{}/deliveries?limit=100", pair.connection),
    );
    let (mut all, mut next) = (Vec::new(), list.clone());
    loop {
        let page = sam.get(&next).await.expect(200);
        all.extend(page["deliveries"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else {
            return all;
        };
        next = format!("{list}&cursor={cursor}");
    }
}

/// The two projects of a pair, and what arrived in each.
async fn arrivals<'a>(stand: &Stand, pair: &'a Pair) -> Vec<(&'a Project, Vec<Item>)> {
    let mut arrivals = Vec::new();
    for (company, _) in [&pair.south, &pair.harbour] {
        arrivals.push((company.project(), stand.arrived(company.project()).await));
    }
    arrivals
}

/// What is not at its end yet, in words: items that are not there, deliveries and messages under way.
pub(crate) async fn open(stand: &Stand, pairs: &[Pair], items: &[Created]) -> Vec<String> {
    let mut open = Vec::new();
    for (number, pair) in pairs.iter().enumerate() {
        let deliveries = deliveries(pair).await;
        let under_way = |one: &&Value| matches!(one["status"].as_str().unwrap(), "queued" | "copying" | "retrying");
        open.extend(deliveries.iter().filter(under_way).map(|one| format!("delivery {one}")));
        let heard = |item: &&Created| deliveries.iter().any(|delivery| item.is_of(delivery));
        let missing = items
            .iter()
            .filter(|item| item.pair == number && item.fate == Fate::Arrives);
        open.extend(
            missing
                .filter(|item| !heard(item))
                .map(|item| format!("unheard of: {item:?}")),
        );
        for (company, _) in [&pair.south, &pair.harbour] {
            let events = format!("/webhooks/events?project_id={}", company.project().id);
            let events = stand.side_door(reqwest::Method::GET, &events, Value::Null).await;
            let waiting = events["events"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|event| event["waiting"] != 0);
            open.extend(waiting.map(|event| format!("event {event}")));
        }
    }
    if open.is_empty() {
        let waiting = stand.messages("GUSSET_COPIES_QUEUE_URL").await;
        open.extend((waiting > 0).then(|| format!("{waiting} messages on the queue of copies")));
    }
    open
}

/// Holds what has become of the items to what should have. Fails with all that is wrong.
pub(crate) async fn hold(stand: &Stand, pairs: &[Pair], items: &[Created]) {
    let mut wrong = Vec::new();
    for (number, pair) in pairs.iter().enumerate() {
        let deliveries = deliveries(pair).await;
        let arrivals = arrivals(stand, pair).await;
        for item in items.iter().filter(|item| item.pair == number) {
            let of: Vec<&Value> = deliveries.iter().filter(|delivery| item.is_of(delivery)).collect();
            if let Some(why) = what_is_wrong(item, pairs, &of, &arrivals) {
                let history = serde_json::to_string_pretty(&of).unwrap();
                wrong.push(format!("{item:?}: {why}. Its deliveries: {history}"));
            }
        }
        let of_nothing = |delivery: &&Value| !items.iter().any(|item| item.pair == number && item.is_of(delivery));
        wrong.extend(
            deliveries
                .iter()
                .filter(of_nothing)
                .map(|one| format!("a delivery of no item: {one}")),
        );
        let copies: Vec<&Item> = arrivals.iter().flat_map(|(_, copies)| copies).collect();
        let references: BTreeSet<_> = copies.iter().map(|copy| &copy.reference).collect();
        if references.len() != copies.len() {
            wrong.push(format!("{} copies with {} references", copies.len(), references.len()));
        }
        for copy in copies {
            let text = copy.all["comment"].as_str().or(copy.all["notes"].as_str());
            let text = text.or(copy.all["questions"][0]["plain_text_body"].as_str()).unwrap();
            if text.matches(" · GST-").count() != 1 {
                wrong.push(format!("a copy of a copy: {}", copy.all));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} items:\n{}",
        wrong.len(),
        items.len(),
        wrong.join("\n")
    );
}

fn what_is_wrong(
    item: &Created,
    pairs: &[Pair],
    deliveries: &[&Value],
    arrivals: &[(&Project, Vec<Item>)],
) -> Option<String> {
    let (from, to) = item.way(pairs);
    let copies_in = |project: &Project| {
        let (_, copies) = arrivals.iter().find(|(at, _)| at.id == project.id).unwrap();
        copies
            .iter()
            .filter(|copy| copy.all.to_string().contains(&item.title))
            .collect::<Vec<_>>()
    };
    let (back, there) = (copies_in(from.project()), copies_in(to.project()));
    if !back.is_empty() {
        return Some("it came back".to_owned());
    }
    let status = |delivery: &Value| delivery["status"].as_str().unwrap().to_owned();
    let statuses: Vec<_> = deliveries.iter().map(|delivery| status(delivery)).collect();
    let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
    match (item.fate, there.as_slice(), statuses.as_slice()) {
        (Fate::Arrives | Fate::IsDeleted, [copy], ["delivered"]) => {
            let is_it = deliveries[0]["copy"] == copy.id && copy.tool == item.tool;
            (!is_it).then(|| format!("its delivery tells of another copy than {}", copy.id))
        }
        (Fate::Stays, [], []) | (Fate::IsDeleted, [], []) => None,
        (Fate::IsDeleted, [], ["failed"]) => {
            let reason = deliveries[0]["reason"].as_str().unwrap();
            (!reason.contains("not in")).then(|| format!("it was deleted, and not {reason:?}"))
        }
        (_, there, statuses) => Some(format!("{} copies, deliveries {statuses:?}", there.len())),
    }
}
