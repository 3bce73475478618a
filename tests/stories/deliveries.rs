//! The list of what has travelled, page by page.

use std::collections::BTreeSet;

use gusset_tests::{api, eventually};
use reqwest::Method;
use serde_json::json;

use crate::connected::Pair;

/// Enough for some to be claimed in the same millisecond.
const NOTES: usize = 12;

#[tokio::test]
async fn every_page_goes_on_where_the_one_before_ended_whatever_is_done_to_its_cursor() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam)) = (&pair.stand, &pair.south);
    let notes = format!("/projects/{}/notes_logs", south.project().id);
    let write = async |number: usize| {
        let note = json!({"login": sam.login, "notes_log": {"comment": format!("Note {number}")}});
        stand.side_door(Method::POST, &notes, note).await;
    };
    for number in 0..NOTES {
        write(number).await;
    }
    let list = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    eventually("all of them are delivered", || async {
        let all = sam.get(&format!("{list}?limit=100&status=delivered")).await.expect(200);
        (all["deliveries"].as_array().unwrap().len() == NOTES).then_some(())
    })
    .await;

    let (mut seen, mut next) = (BTreeSet::new(), format!("{list}?limit=1"));
    loop {
        let page = sam.get(&next).await.expect(200);
        for delivery in page["deliveries"].as_array().unwrap() {
            let reference = delivery["reference"].as_str().unwrap().to_owned();
            assert!(seen.insert(reference), "{delivery} is on two pages");
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        // It is put into the address as it is: nothing in it means anything there.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        assert!(cursor.bytes().all(is_plain), "{cursor}");
        next = format!("{list}?limit=1&cursor={cursor}");
        // What was cut short is no other place.
        let (half, _) = cursor.split_once('.').unwrap();
        for wrong in [half, "nowhere", &cursor[1..], &cursor[..cursor.len() - 1]] {
            let wrong = sam.get(&format!("{list}?cursor={wrong}")).await;
            wrong.problem(422, "bad-field");
        }
    }
    assert_eq!(seen.len(), NOTES);
}
