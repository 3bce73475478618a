//! The whole story, from the code to the copied RFI: two people in two browsers.

use gusset_tests::{Browser, Stand};
use serde_json::json;

use gusset_tests::connected::{an_hour_after_asking, code};

#[tokio::test]
async fn two_people_connect_their_projects_copy_an_rfi_and_disconnect() {
    let stand = Stand::new();
    let (harbour, gina_by_program) = stand.company("Harbour").await;
    let (south, _) = stand.company("South").await;
    let code = code(&gina_by_program, &harbour).await;
    let gina = Browser::sign_in(&stand, &harbour.people[0].0).await;
    gina.go(&format!("/projects/{}", harbour.project().id)).await;
    gina.sees(&code).await;
    gina.sees("No connections yet.").await;

    // Sam types the code without its space.
    let sam = Browser::sign_in(&stand, &south.people[0].0).await;
    sam.go(&format!("/projects/{}", south.project().id)).await;
    sam.sees("What should the other project receive from you?").await;
    sam.type_code(&code.replace(' ', "")).await;
    sam.answer("All new RFIs", "South manager").await;
    sam.press("Request connection").await;
    sam.sees("Awaiting Response").await;
    sam.sees("Request sent.").await;
    sam.unfold("Details").await;
    sam.sees("RFIs: automatically, every new one. Working hours, Notes: only when someone sends it")
        .await;

    // Gina's page shows it by itself.
    gina.sees("Request Pending").await;
    gina.sees("South project").await;
    gina.follow("Accept…").await;
    gina.sees("What should South project receive from you?").await;
    gina.answer("Nothing automatically", "Harbour manager").await;
    gina.press("Accept").await;
    gina.sees("The two projects are connected.").await;
    gina.sees("Harbour manager").await;
    // As does Sam's.
    sam.sees_badge("Harbour project", "Connected").await;
    assert!(!sam.words().await.contains("Awaiting Response"));

    sam.follow("Activity").await;
    sam.sees("Nothing has travelled yet.").await;
    let rfi = json!({"subject": "Riser 2 has no sleeve", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &south.people[0].0, rfi).await;
    sam.sees_row("Riser 2 has no sleeve", "Delivered").await;
    assert_eq!(stand.copies(harbour.project()).await.len(), 1);
    // The copy is two clicks away for those who have it.
    gina.follow("Activity").await;
    gina.follow("Riser 2 has no sleeve").await;
    let copy = gina.see_element("//dialog//a[.='Open in Procore']").await;
    let address = copy.attribute("href").await.unwrap().unwrap();
    let id = stand.copies(harbour.project()).await[0]["id"].to_string();
    assert_eq!(
        address,
        format!("{}/{}/project/rfi/show/{id}", stand.procore, harbour.project().id)
    );

    gina.go(&format!("/projects/{}", harbour.project().id)).await;
    gina.unfold("Disconnect…").await;
    gina.sees("Everything that was copied stays").await;
    gina.press("Disconnect").await;
    gina.sees("The projects are disconnected.").await;
    gina.unfold("History").await;
    gina.sees("Disconnected by Harbour admin").await;
    sam.go(&format!("/projects/{}", south.project().id)).await;
    sam.unfold("History").await;
    sam.sees("Disconnected by Harbour admin").await;
    assert_eq!(stand.copies(harbour.project()).await.len(), 1);
}

#[tokio::test]
async fn a_request_is_declined_and_another_one_withdrawn() {
    let stand = Stand::new();
    let (harbour, gina_by_program) = stand.company("Harbour").await;
    let (south, _) = stand.company("South").await;
    let code = code(&gina_by_program, &harbour).await;
    let gina = Browser::sign_in(&stand, &harbour.people[0].0).await;
    let sam = Browser::sign_in(&stand, &south.people[0].0).await;
    gina.go(&format!("/projects/{}", harbour.project().id)).await;
    sam.go(&format!("/projects/{}", south.project().id)).await;

    sam.type_code(&code).await;
    sam.answer("Choose…", "We don't accept RFIs").await;
    sam.choose("Notes", "Never").await;
    sam.press("Request connection").await;
    sam.unfold("Details").await;
    sam.sees("Notes: never").await;
    gina.sees("Request Pending").await;
    gina.unfold("Details").await;
    gina.sees("Notes: never").await;
    gina.sees("South project does not accept RFIs").await;
    gina.unfold("Decline…").await;
    gina.sees("is told by email that you declined").await;
    gina.press("Decline").await;
    gina.sees("The request is declined.").await;
    gina.unfold("History").await;
    gina.sees("Declined by Harbour admin").await;

    sam.sees("No connections yet.").await;
    sam.type_code(&code).await;
    sam.answer("Nothing automatically", "South manager").await;
    sam.press("Request connection").await;
    sam.sees("Asked a short while ago").await;
    an_hour_after_asking(&stand, (south.project(), south.people[0].1), harbour.project()).await;
    sam.press("Request connection").await;
    sam.sees("Request sent.").await;
    sam.unfold("Withdraw…").await;
    sam.sees("is told by email that you took it back").await;
    sam.press("Withdraw").await;
    sam.sees("The request is withdrawn.").await;
    gina.sees("Withdrawn by South admin").await;
}

#[tokio::test]
async fn a_side_changes_what_it_sends_and_replaces_its_code() {
    let pair = gusset_tests::connected::Pair::automatic().await;
    let (harbour, _) = &pair.harbour;
    let gina = Browser::sign_in(&pair.stand, &harbour.people[0].0).await;
    gina.go(&format!("/projects/{}", harbour.project().id)).await;
    gina.follow("Change").await;
    gina.choose("RFIs", "Only when someone sends it").await;
    gina.choose("Who reviews RFIs from them?", "We don't accept RFIs").await;
    gina.press("Save").await;
    gina.sees("Saved.").await;
    gina.sees("RFIs: only when someone sends it").await;
    gina.sees("Nobody: you don't accept RFIs").await;

    gina.unfold("Connect another project").await;
    let old = gina.see_element("//*[@id='code']").await.text().await.unwrap();
    gina.unfold("Replace code…").await;
    gina.press("Replace code").await;
    gina.sees("The project has a new code.").await;
    gina.sees_no_more(&old).await;
}
