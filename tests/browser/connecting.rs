//! The two questions of a connection, its pauses, and what asks first before it is done.

use gusset_tests::{Browser, Company, Scripts, Stand, Tool, api};
use serde_json::json;

use gusset_tests::connected::{Pair, code};

use crate::looks::inspect;

/// The window of a phone that is as narrow as they come, of somebody who has switched scripts off.
async fn narrow(stand: &Stand, company: &Company) -> Browser {
    let browser = Browser::open(stand, Scripts::Off).await;
    browser.size(320, 640).await;
    browser.go("/").await;
    browser.sign_in_as(&company.people[0].0).await;
    browser.go(&format!("/projects/{}", company.project().id)).await;
    browser
}

#[tokio::test]
async fn both_sides_answer_two_questions_of_which_nothing_is_answered_beforehand() {
    let stand = Stand::new();
    let (harbour, gina_by_program) = stand.company("Harbour").await;
    let (south, _) = stand.company("South").await;
    let code = code(&gina_by_program, &harbour).await;
    let sam = narrow(&stand, &south).await;
    sam.sees("What should the other project receive from you?").await;
    sam.sees("Who reviews RFIs from them?").await;
    assert!(!sam.has("//input[@name='sends' and @checked]").await);
    assert!(
        !sam.has("//label[.='Notes']").await,
        "tools are chosen one by one where somebody wants to"
    );
    // The browser itself asks for both answers.
    sam.type_code(&code).await;
    sam.press("Request connection").await;
    sam.field("Choose…").await.click().await.unwrap();
    sam.choose("Notes", "Automatically: every new one").await;
    sam.press("Request connection").await;
    assert!(!sam.has("//*[.='Awaiting Response']").await);
    sam.choose("Who reviews RFIs from them?", "South manager").await;
    sam.press("Request connection").await;
    sam.sees("Awaiting Response").await;
    sam.unfold("Details").await;
    sam.sees("Notes: automatically, every new one. RFIs, Working hours: only when someone sends it")
        .await;

    let gina = narrow(&stand, &harbour).await;
    gina.follow("Accept…").await;
    gina.sees("What should South project receive from you?").await;
    gina.press("Accept").await;
    assert!(gina.path().await.ends_with("/terms"), "both questions are asked");
    gina.answer("Nothing automatically", "We don't accept RFIs").await;
    gina.press("Accept").await;
    gina.sees("The two projects are connected.").await;
    gina.sees("Nobody: you don't accept RFIs").await;
    sam.reload().await;
    sam.sees("Harbour project does not accept RFIs").await;
    sam.follow("Send items").await;
    sam.see_element("//p[normalize-space()='Harbour project does not accept RFIs.']")
        .await;
    // The same page has the answers, to be changed.
    gina.follow("Change").await;
    gina.see_element("//select/option[@selected and .=\"We don't accept RFIs\"]")
        .await;
    gina.answer("All new RFIs", "Harbour manager").await;
    gina.press("Save").await;
    gina.sees("RFIs: automatically, every new one").await;
    gina.sees("Harbour manager").await;
}

#[tokio::test]
async fn a_side_pauses_and_resumes_and_both_see_what_waits_and_for_whom() {
    let pair = Pair::automatic().await;
    let (south, harbour) = (&pair.south.0, &pair.harbour.0);
    let sam = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    let gina = Browser::sign_in(&pair.stand, &harbour.people[0].0).await;
    sam.go(&format!("/projects/{}", south.project().id)).await;
    gina.go(&format!("/projects/{}", harbour.project().id)).await;
    gina.unfold("Pause…").await;
    gina.sees("South project is told by email that you paused").await;
    gina.press("Pause").await;
    gina.sees("Paused. What is new waits until you resume the connection.")
        .await;
    gina.sees("You paused this connection: Harbour admin").await;
    // Sam's page shows it by itself, and who did; it is not for Sam to resume.
    sam.sees_badge("Harbour project", "Paused").await;
    sam.sees("Harbour project paused this connection: Harbour admin of Harbour")
        .await;
    assert!(!sam.has("//button[.='Resume']").await);
    for (width, theme) in [(320, "light"), (390, "dark"), (1280, "light")] {
        for (browser, name) in [(&gina, "paused-by-us"), (&sam, "paused-by-them")] {
            browser.size(width, 900).await;
            browser.theme(theme).await;
            inspect(browser, &format!("{name}-{width}-{theme}")).await;
        }
    }

    pair.stand.create(south, Tool::Rfis, "Which anchor?").await;
    sam.click("//article//a[.='Activity']").await;
    sam.sees("Harbour project paused this connection").await;
    sam.sees_row("Which anchor?", "Waiting").await;
    sam.sees("Paused by Harbour admin of Harbour").await;
    assert!(!sam.has("//button[.='Retry']").await, "it would not help");
    inspect(&sam, "paused-activity").await;
    gina.press("Resume").await;
    gina.sees("Resumed.").await;
    sam.sees_row("Which anchor?", "Delivered").await;
    gina.sees_no_more("You paused this connection").await;
    gina.see_element("//summary[.='Pause…']").await;
}

#[tokio::test]
async fn a_connection_is_paused_resumed_and_a_request_declined_without_scripts() {
    let pair = Pair::automatic().await;
    let gina = narrow(&pair.stand, &pair.harbour.0).await;
    gina.unfold("Pause…").await;
    gina.press("Pause").await;
    gina.sees("You paused this connection").await;
    // An old address says nothing that does not hold any more.
    let paused = gina.path().await;
    gina.press("Resume").await;
    gina.sees("Resumed.").await;
    gina.go(&paused).await;
    gina.sees("Pause…").await;
    assert!(!gina.words().await.contains("Paused. What is new waits"), "{paused}");
    gina.unfold("Disconnect…").await;
    gina.press("Disconnect").await;
    gina.sees("The projects are disconnected.").await;
    let disconnected = gina.path().await;
    let code = code(&pair.harbour.1, &pair.harbour.0).await;
    let ask = json!({"code": code});
    let path = api(pair.south.0.project(), "/connections");
    pair.south.1.post(&path, ask).await.expect(201);
    gina.go(&disconnected).await;
    gina.sees("Request Pending").await;
    assert!(!gina.words().await.contains("The projects are disconnected."));
    gina.unfold("Decline…").await;
    gina.press("Decline").await;
    gina.sees("The request is declined.").await;
}

#[tokio::test]
async fn the_news_of_a_form_goes_when_something_else_happens() {
    let pair = Pair::automatic().await;
    let gina = Browser::sign_in(&pair.stand, &pair.harbour.0.people[0].0).await;
    gina.go(&format!("/projects/{}", pair.harbour.0.project().id)).await;
    gina.unfold("Disconnect…").await;
    gina.press("Disconnect").await;
    gina.sees("The projects are disconnected.").await;
    // The reader has had a moment for it, by the page's own clock.
    gina.script_waits(
        "setTimeout(arguments[0], Math.max(0, 5100 - performance.now()))",
        vec![],
    )
    .await;
    let code = code(&pair.harbour.1, &pair.harbour.0).await;
    let path = api(pair.south.0.project(), "/connections");
    pair.south.1.post(&path, json!({"code": code})).await.expect(201);
    gina.sees("Request Pending").await;
    gina.sees_no_more("The projects are disconnected.").await;
}

#[tokio::test]
async fn the_questions_look_well_and_work_with_the_keyboard() {
    let pair = Pair::asked().await;
    let gina = Browser::sign_in(&pair.stand, &pair.harbour.0.people[0].0).await;
    let project = format!("/projects/{}", pair.harbour.0.project().id);
    for (path, name) in [
        (project.clone(), "questions-ask"),
        (
            format!("{project}/connections/{}/terms", pair.connection),
            "questions-accept",
        ),
    ] {
        for (width, theme) in [(320, "dark"), (390, "light"), (1280, "dark")] {
            gina.size(width, 900).await;
            gina.theme(theme).await;
            gina.go(&path).await;
            if path == project {
                let fold = gina
                    .see_element("//details[@id='connect' and not(@open)]/summary")
                    .await;
                fold.send_keys("\u{e007}").await.unwrap();
            }
            inspect(&gina, &format!("{name}-{width}-{theme}")).await;
            let first = gina.field("Nothing automatically").await;
            first.send_keys(" ").await.unwrap();
            // Down, and down again: the last answer opens what is chosen tool by tool.
            first.send_keys("\u{e015}").await.unwrap();
            gina.field("All new RFIs").await.send_keys("\u{e015}").await.unwrap();
            gina.see_element("//label[.='Working hours']").await;
            let twice = "const ids = [...document.querySelectorAll('[id]')].map(it => it.id);
                return ids.filter((id, place) => ids.indexOf(id) !== place)";
            assert_eq!(
                gina.script(twice, vec![]).await,
                json!([]),
                "each label has its own field"
            );
            inspect(&gina, &format!("{name}-chosen-{width}-{theme}")).await;
        }
    }
}
