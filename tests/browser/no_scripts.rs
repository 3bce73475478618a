//! The main path without JavaScript: connecting, accepting, disconnecting, and what goes wrong on the way.

use gusset_tests::{Browser, Scripts, Stand};

use gusset_tests::connected::code;

#[tokio::test]
async fn projects_are_connected_and_disconnected_without_scripts() {
    let stand = Stand::new();
    let (harbour, gina_by_program) = stand.company("Harbour").await;
    let (south, _) = stand.company("South").await;
    let code = code(&gina_by_program, &harbour).await;
    let sam = Browser::open(&stand, Scripts::Off).await;
    sam.go("/").await;
    sam.sign_in_as(&south.people[0].0).await;
    sam.go(&format!("/projects/{}", south.project().id)).await;
    assert!(
        !sam.has("//button[.='Copy Code']").await,
        "what needs the script is not shown"
    );
    sam.type_code("1234").await;
    sam.answer("Nothing automatically", "South manager").await;
    sam.press("Request connection").await;
    sam.see_element("//*[@role='alert']").await;
    sam.type_code(&code).await;
    sam.answer("Nothing automatically", "South manager").await;
    sam.press("Request connection").await;
    sam.sees("Awaiting Response").await;

    let gina = Browser::open(&stand, Scripts::Off).await;
    gina.go("/").await;
    gina.sign_in_as(&harbour.people[0].0).await;
    gina.press("Harbour project").await;
    gina.sees("Request Pending").await;
    // Times are told in UTC.
    gina.see_element("//time[contains(., 'UTC')]").await;
    gina.follow("Accept…").await;
    gina.answer("All new RFIs", "Harbour manager").await;
    gina.press("Accept").await;
    gina.sees("The two projects are connected.").await;

    sam.reload().await;
    sam.sees_badge("Harbour project", "Connected").await;
    // What connects another project is folded away now, and open again where it was refused.
    sam.see_element("//details[@id='connect' and not(@open)]").await;
    sam.type_code("1234").await;
    sam.answer("Nothing automatically", "South manager").await;
    sam.press("Request connection").await;
    sam.see_element("//*[@role='alert']").await;
    sam.see_element("//details[@id='connect' and @open]//label[.=\"The other project's code\"]")
        .await;
    sam.reload().await;
    sam.see_element("//details[@id='connect' and not(@open)]").await;
    sam.unfold("Disconnect…").await;
    sam.press("Disconnect").await;
    sam.sees("The projects are disconnected.").await;
    sam.unfold("History").await;
    sam.sees("Disconnected by South admin").await;
}
