//! What has become of the items.

use std::collections::BTreeSet;

use gusset_tests::{Item, Stand, Tally, Tool};
use serde_json::Value;

use crate::{
    items::{Created, Fate},
    site::{Site, reference},
};

/// What is not at its end yet, in words: items that are not there, deliveries and messages under way.
pub(crate) async fn open(stand: &Stand, sites: &[Site], items: &[Created]) -> Vec<String> {
    let mut open = Vec::new();
    for (number, site) in sites.iter().enumerate() {
        let deliveries = site.deliveries().await;
        let ended = |one: &&Value| matches!(one["status"].as_str().unwrap(), "delivered" | "failed" | "cancelled");
        open.extend(
            deliveries
                .iter()
                .filter(|one| !ended(one))
                .map(|one| format!("delivery {one}")),
        );
        let heard = |item: &&Created| deliveries.iter().any(|delivery| item.is_of(delivery));
        let missing = items
            .iter()
            .filter(|item| item.site == number && item.fate(sites) == Fate::Arrives);
        open.extend(
            missing
                .filter(|item| !heard(item))
                .map(|item| format!("unheard of: {item:?}")),
        );
        for in_south in [true, false] {
            let project = site.side(in_south).0.project();
            let events = format!("/webhooks/events?project_id={}", project.id);
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

/// Holds what has become of the items to what should have. Fails with all that is wrong. Gives what was counted.
pub(crate) async fn hold(stand: &Stand, sites: &[Site], items: &[Created]) -> Tally {
    let (mut wrong, mut counted) = (Vec::new(), Tally::default());
    for (number, site) in sites.iter().enumerate() {
        let deliveries = site.deliveries().await;
        // By the side to which they came: that which asked is the second.
        let mut arrivals = [Vec::new(), Vec::new()];
        for in_south in [false, true] {
            arrivals[usize::from(in_south)] = stand.arrived(site.side(in_south).0.project()).await;
        }
        for item in items.iter().filter(|item| item.site == number) {
            let of: Vec<&Value> = deliveries.iter().filter(|delivery| item.is_of(delivery)).collect();
            match became(item, item.fate(sites), &of, &arrivals) {
                Ok(name) => counted.count(name, 1),
                Err(why) => {
                    let history = serde_json::to_string_pretty(&of).unwrap();
                    wrong.push(format!("{item:?}: {why}. Its deliveries: {history}"));
                }
            }
        }
        let of_nothing = |delivery: &&Value| !items.iter().any(|item| item.site == number && item.is_of(delivery));
        for one in deliveries.iter().filter(of_nothing) {
            // Somebody sent it back before its creation was heard of.
            if one["status"] == "cancelled"
                && one["reason"]
                    .as_str()
                    .is_some_and(|why| why.starts_with("It is a copy itself"))
            {
                counted.count("copy sent back unheard of, stayed", 1);
            } else {
                wrong.push(format!("a delivery of no item: {one}"));
            }
        }
        wrong.extend(gone(site, &deliveries));
        counted.count("deliveries listed, none of which disappeared", site.shown.len());
        for copies in &arrivals {
            wrong.extend(copies.iter().filter_map(is_no_plain_copy));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} items:\n{}",
        wrong.len(),
        items.len(),
        wrong.join("\n")
    );
    counted
}

/// What a list has shown once, and does not any more.
fn gone(site: &Site, deliveries: &[Value]) -> Vec<String> {
    let there: BTreeSet<String> = deliveries.iter().map(reference).collect();
    let gone = site.shown.iter().filter(|(reference, _)| !there.contains(*reference));
    gone.map(|(_, shown)| format!("was listed, and is not any more: {shown}"))
        .collect()
}

/// Says what is wrong with a copy by itself, if anything.
fn is_no_plain_copy(copy: &Item) -> Option<String> {
    let text = copy.all["comment"].as_str().or(copy.all["notes"].as_str());
    let text = text.or(copy.all["questions"][0]["plain_text_body"].as_str()).unwrap();
    (text.matches(" · GST-").count() != 1).then(|| format!("a copy of a copy: {}", copy.all))
}

/// What an item became, in a word to count it by.
///
/// # Errors
/// What is wrong.
fn became(
    item: &Created,
    fate: Fate,
    deliveries: &[&Value],
    arrivals: &[Vec<Item>; 2],
) -> Result<&'static str, String> {
    let (in_south, tool) = item.way;
    let copies_in = |south: bool| -> Vec<&Item> {
        let copies = arrivals[usize::from(south)].iter();
        copies.filter(|copy| item.is_in(&copy.all)).collect()
    };
    let (back, there) = (copies_in(in_south), copies_in(!in_south));
    if !back.is_empty() {
        return Err("it came back".to_owned());
    }
    let is = |status: &str| deliveries.iter().filter(|one| one["status"] == status).count();
    // Over all connections that the two projects have had.
    let (delivered, ended) = (is("delivered"), is("failed") + is("cancelled"));
    if delivered + ended != deliveries.len() {
        return Err("a delivery is not at its end".to_owned());
    }
    let says_why = |one: &&&Value| one["reason"].as_str().is_some_and(|reason| reason.len() > 10);
    if deliveries.iter().filter(says_why).count() < ended {
        return Err("a delivery that ended does not say why".to_owned());
    }
    match (there.as_slice(), delivered) {
        ([], 0) => {}
        ([copy], 1) => {
            let delivery = deliveries.iter().find(|one| one["status"] == "delivered").unwrap();
            if delivery["copy"] != copy.id || copy.tool != tool {
                return Err(format!("its delivery tells of another copy than {}", copy.id));
            }
            has_its_files(item, copy, delivery)?;
        }
        (copies, _) => return Err(format!("{} copies, {delivered} delivered", copies.len())),
    }
    match (fate, there.len(), deliveries.len()) {
        (Fate::Arrives, 1, 1) => Ok("arrived once"),
        (Fate::Arrives, ..) => Err("it should have arrived".to_owned()),
        (Fate::Stays, 0, 0) => Ok("stayed"),
        // It had to wait before it was read, which was shown: so it says why it stays.
        (Fate::Stays, 0, _) if deliveries.iter().all(|one| one["status"] == "cancelled") => Ok("stayed, and says why"),
        (Fate::Stays, ..) => Err("it should have stayed".to_owned()),
        (Fate::IsDeleted, 1, _) => Ok("arrived once, deleted later"),
        (Fate::IsDeleted, 0, 0) => Ok("deleted, unheard of"),
        (Fate::IsDeleted, ..) => Ok("deleted, and its delivery says so"),
        (Fate::IsOpen, 1, _) => Ok("arrived once over one of several connections"),
        (Fate::IsOpen, 0, 0) => Ok("stayed as its connection or mode ended"),
        (Fate::IsOpen, ..) => Ok("ended with its connection or mode, and says so"),
    }
}

/// Whether all files are there, or the copy says that some are not.
fn has_its_files(item: &Created, copy: &Item, delivery: &Value) -> Result<(), String> {
    let files = match copy.tool {
        Tool::Rfis => &copy.all["questions"][0]["attachments"],
        Tool::WorkingHours | Tool::Notes => &copy.all["attachments"],
    };
    let files = files.as_array().map_or(0, Vec::len);
    let all = copy.all.to_string();
    if files == item.files || all.contains("did not come along") {
        return Ok(());
    }
    Err(format!("{files} of {} files are there: {delivery}", item.files))
}
