//! What is not done, and what people are told about it: in a sentence, with a way on, and with what they typed still there.

use gusset_tests::{Browser, Stand};
use reqwest::Method;
use serde_json::json;

use gusset_tests::connected::{Pair, code};

#[tokio::test]
async fn a_code_that_is_refused_stays_in_its_field() {
    let stand = Stand::new();
    let (harbour, gina_by_program) = stand.company("Harbour").await;
    let own = code(&gina_by_program, &harbour).await;
    let gina = Browser::sign_in(&stand, &harbour.people[0].0).await;
    gina.go(&format!("/projects/{}", harbour.project().id)).await;
    for (typed, told) in [(own.as_str(), "your own project"), ("12", "has 8 digits")] {
        gina.type_code(typed).await;
        gina.answer("Nothing automatically", "Harbour manager").await;
        gina.press("Request connection").await;
        gina.see_element(&format!("//form//*[@role='alert'][contains(., '{told}')]"))
            .await;
        let field = gina.field("The other project's code").await;
        assert_eq!(field.value().await.unwrap(), typed);
    }
}

#[tokio::test]
async fn asking_twice_points_to_the_request_and_asking_back_to_accepting() {
    let pair = Pair::asked().await;
    let (harbour, gina_by_program) = &pair.harbour;
    let (south, sam_by_program) = &pair.south;
    let (harbours, souths) = (code(gina_by_program, harbour).await, code(sam_by_program, south).await);
    let sam = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    sam.go(&format!("/projects/{}", south.project().id)).await;
    sam.type_code(&harbours).await;
    sam.answer("Nothing automatically", "South manager").await;
    sam.press("Request connection").await;
    sam.sees("Already asked").await;
    let gina = Browser::sign_in(&pair.stand, &harbour.people[0].0).await;
    gina.go(&format!("/projects/{}", harbour.project().id)).await;
    gina.type_code(&souths).await;
    gina.answer("Nothing automatically", "Harbour manager").await;
    gina.press("Request connection").await;
    gina.sees("They have asked you").await;
}

#[tokio::test]
async fn accepting_what_was_withdrawn_meanwhile_is_told_and_changes_nothing() {
    let pair = Pair::asked().await;
    let (harbour, _) = &pair.harbour;
    let (south, sam) = &pair.south;
    let gina = Browser::sign_in(&pair.stand, &harbour.people[0].0).await;
    let connection = format!("/projects/{}/connections/{}", harbour.project().id, pair.connection);
    gina.go(&format!("{connection}/terms")).await;
    let withdraw = format!(
        "/api/projects/{}/connections/{}/disconnect",
        south.project().id,
        pair.connection
    );
    sam.post(&withdraw, json!({})).await.expect(200);
    gina.answer("All new RFIs", "Harbour manager").await;
    gina.press("Accept").await;
    gina.sees("The request is not pending any more.").await;
    gina.reload().await;
    gina.sees("There is nothing to choose here any more.").await;
}

#[tokio::test]
async fn a_reminder_is_offered_again_after_an_hour() {
    let pair = Pair::asked().await;
    let (south, _) = &pair.south;
    let sam = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    sam.go(&format!("/projects/{}", south.project().id)).await;
    sam.press("Send Reminder").await;
    sam.sees("The reminder is sent.").await;
    sam.sees("The next reminder can be sent from").await;
    assert!(!sam.has("//button[.='Send Reminder']").await);
}

#[tokio::test]
async fn who_is_no_admin_is_told_who_is() {
    let stand = Stand::new();
    let (harbour, _) = stand.company("Harbour").await;
    let reader = Browser::sign_in(&stand, &harbour.people[2].0).await;
    reader.go(&format!("/projects/{}", harbour.project().id)).await;
    reader.sees("You are not an admin of this project").await;
    reader.see_element("//li[.='Harbour admin']").await;
    assert!(!reader.has("//li[.='Harbour manager']").await);
    reader.follow("To your projects").await;
    reader.sees("Your projects").await;
}

#[tokio::test]
async fn what_is_not_there_has_a_page_with_a_way_on() {
    let pair = Pair::automatic().await;
    let (harbour, _) = &pair.harbour;
    let gina = Browser::sign_in(&pair.stand, &harbour.people[0].0).await;
    let project = harbour.project().id;
    for path in [
        "/nowhere".to_owned(),
        "/projects/x".to_owned(),
        "/projects/999999999".to_owned(),
        format!("/projects/{project}/connections/00000000-0000-7000-8000-000000000000"),
        format!("/projects/{project}/connections/{}/send/rfis/1", pair.connection),
        format!("/projects/{project}/connections/{}?status=lost", pair.connection),
    ] {
        gina.go(&path).await;
        gina.see_element("//a[.='To your projects']").await;
        gina.sees("Sign out").await;
    }
}

#[tokio::test]
async fn a_project_that_procore_closes_to_somebody_stops_being_shown() {
    let stand = Stand::new();
    let (harbour, _) = stand.company("Harbour").await;
    let login = &harbour.people[0].0;
    let gina = Browser::sign_in(&stand, login).await;
    gina.go(&format!("/projects/{}", harbour.project().id)).await;
    gina.sees("Your Connection Code").await;
    stand
        .side_door(Method::POST, &format!("/people/{login}/revoke"), json!({}))
        .await;
    // The page itself notices at the latest when Procore is asked again.
    gina.sees("You are signed out").await;
    gina.follow("Sign in to go on").await;
    gina.sees("Sign in with Procore").await;
}
