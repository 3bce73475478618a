//! The table of what a project may send: searched, filtered, paged, ticked, and previewed without losing a tick.

use futures_util::future::join_all;
use gusset_tests::{Browser, Scripts, connected::Pair};
use serde_json::{Value, json};

use crate::{
    looks::{LARGEST_PAGE, weight},
    send_items::manual,
};

/// So many RFIs of South's, beside the one that is there.
pub(crate) async fn rfis(pair: &Pair, count: usize) {
    let (south, sam) = &pair.south;
    let create = async |number: usize| {
        let rfi = json!({"subject": format!("Slab edge at grid G{number}"), "draft": false, "rfi_manager_id": south.people[1].1});
        pair.stand.create_rfi(south.project(), &sam.login, rfi).await
    };
    for numbers in (1..=count).collect::<Vec<_>>().chunks(10) {
        join_all(numbers.iter().map(|number| create(*number))).await;
    }
}

pub(crate) fn page(pair: &Pair) -> String {
    let (south, _) = &pair.south;
    format!("/projects/{}/connections/{}/send", south.project().id, pair.connection)
}

async fn ticked(sam: &Browser) -> Vec<Value> {
    let script = "return [...document.querySelectorAll('tbody input:checked')].map(box => box.value)";
    sam.script(script, vec![]).await.as_array().unwrap().clone()
}

#[tokio::test]
async fn a_hundred_of_all_items_stand_on_a_page_are_searched_and_narrowed_by_tool_and_time() {
    let (pair, _, _) = manual().await;
    rfis(&pair, 120).await;
    let (south, person) = &pair.south;
    let (weight, page) = (weight(&pair.stand, person, &page(&pair)).await, page(&pair));
    assert!(weight < LARGEST_PAGE, "{weight} bytes");
    for scripts in [Scripts::Run, Scripts::Off] {
        let sam = Browser::open(&pair.stand, scripts).await;
        sam.go("/").await;
        sam.sign_in_as(&south.people[0].0).await;
        sam.go(&page).await;
        sam.sees("1 to 100 of 122 items.").await;
        sam.follow("Older").await;
        sam.sees("101 to 122 of 122 items.").await;
        sam.follow("Newer").await;
        sam.sees("1 to 100 of 122 items.").await;
        sam.fill("Search", "slab g117").await;
        sam.press("Show").await;
        sam.sees("1 item.").await;
        sam.sees_row("Slab edge at grid G117", "Not sent").await;
        sam.follow("Clear").await;
        sam.choose("Tool", "Notes").await;
        sam.choose("Created or about", "All").await;
        sam.press("Show").await;
        sam.sees_row("Rain until noon", "Not sent").await;
        sam.sees("1 item.").await;
        assert!(
            sam.path().await.ends_with("?q=&tool=notes&range=all"),
            "{}",
            sam.path().await
        );
    }
}

#[tokio::test]
async fn others_items_are_behind_a_chip_that_warns_and_what_came_from_there_is_not_sent_back() {
    let (pair, _, _) = manual().await;
    let (harbour, gina) = &pair.harbour;
    let rfi = json!({"subject": "Anchor at grid 7", "draft": false, "rfi_manager_id": harbour.people[1].1});
    pair.stand.create_rfi(harbour.project(), &gina.login, rfi).await;
    let sam = Browser::open(&pair.stand, Scripts::Off).await;
    sam.go("/").await;
    sam.sign_in_as(&pair.south.0.people[0].0).await;
    pair.stand.settled_events(harbour.project()).await;
    gusset_tests::eventually("it has arrived", || async {
        (pair.stand.copies(pair.south.0.project()).await.len() == 1).then_some(())
    })
    .await;
    sam.go(&page(&pair)).await;
    sam.follow("Received from others1").await;
    sam.sees("These are other companies' items").await;
    sam.see_element("//tr[contains(., 'Anchor at grid 7')]//span[.='Received from there']")
        .await;
    assert!(!sam.has("//tbody//input").await);
    sam.follow("Ours2").await;
    sam.sees_no_more("Anchor at grid 7").await;
}

#[tokio::test]
async fn a_preview_beside_the_table_keeps_the_ticks_and_going_back_ticks_nothing_else() {
    let (pair, rfi, _) = manual().await;
    rfis(&pair, 3).await;
    let sam = Browser::sign_in(&pair.stand, &pair.south.0.people[0].0).await;
    sam.go(&page(&pair)).await;
    sam.press("Send").await;
    sam.sees("Tick at least one item.").await;
    sam.click("//tr[contains(., 'Conduit')]//input").await;
    sam.follow("Slab edge at grid G2").await;
    sam.see_element("//dialog//*[.='Is copied']").await;
    sam.press("Close").await;
    assert_eq!(ticked(&sam).await, [json!(format!("rfis:{rfi}"))]);
    sam.press("Send").await;
    sam.sees("On its way.").await;
    sam.sees_row("Conduit clashes with beam B4", "Delivered").await;
    // Whatever stands in its place by now.
    rfis(&pair, 1).await;
    sam.script("history.back()", vec![]).await;
    sam.see_element("//h1[contains(., 'Send items to')]").await;
    let others = ticked(&sam).await;
    assert!(
        others.iter().all(|value| *value == json!(format!("rfis:{rfi}"))),
        "{others:?}"
    );
}
