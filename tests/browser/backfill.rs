//! Sending all that fits: told beforehand what it comes to, followed, paused, gone on with and cancelled.

use gusset_tests::{Browser, Scripts};

use crate::{
    looks::{SIZES, look, show_at},
    send::{page, rfis},
    send_items::manual,
};

#[tokio::test]
async fn all_that_match_are_sent_with_a_look_at_what_that_takes_before() {
    let (pair, _, _) = manual().await;
    rfis(&pair, 7).await;
    let page = page(&pair);
    let sam = Browser::sign_in(&pair.stand, &pair.south.0.people[0].0).await;
    sam.go(&format!("{page}?tool=rfis&q=slab")).await;
    sam.sees("7 items.").await;
    sam.follow("Send all that match…").await;
    sam.sees("7 RFIs, of the last 14 days with “slab”, no files, about a minute at Procore’s usual limit.")
        .await;
    show_at(&sam, &look("send-all", format!("{page}/all?tool=rfis&q=slab")), &SIZES).await;
    sam.press("Send 7 items").await;
    sam.sees("They are being sent. How far it is shows here.").await;
    // It is followed without anybody's doing.
    sam.sees("All that matched was sent").await;
    sam.sees("7 of 7 have set out · 7 sent.").await;
    sam.sees_no_more("They are being sent.").await;
    show_at(&sam, &look("send-all-done", page.clone()), &SIZES).await;
    // The one that did not match is still offered, and going back sends nothing again.
    sam.sees_row("Conduit clashes with beam B4", "Not sent").await;
    sam.go(&format!("{page}/all?tool=rfis&q=slab")).await;
    sam.sees("There is nothing to send.").await;
    sam.sees("7 other items fit and are left out").await;
}

#[tokio::test]
async fn without_a_script_it_is_paused_gone_on_with_and_cancelled() {
    let (pair, _, _) = manual().await;
    rfis(&pair, 40).await;
    let page = page(&pair);
    let sam = Browser::open(&pair.stand, Scripts::Off).await;
    sam.go("/").await;
    sam.sign_in_as(&pair.south.0.people[0].0).await;
    sam.go(&page).await;
    sam.follow("Send all that match…").await;
    sam.sees("41 RFIs and 1 note, of the last 14 days").await;
    sam.press("Send 42 items").await;
    sam.sees("Sending all that matched").await;
    sam.press("Pause").await;
    sam.sees("Paused by South admin").await;
    sam.press("Resume").await;
    sam.sees("Sending all that matched").await;
    sam.press("Cancel what is left").await;
    sam.sees("Cancelled by South admin").await;
    assert!(!sam.has("//button[contains(., 'Resume')]").await);
}
