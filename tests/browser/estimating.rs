//! What estimators do with their projects and plans, with and without scripts.

use gusset_tests::{Browser, Company, Scripts, Stand};

/// An estimator whose account is connected to a company with plans.
async fn connected(stand: &Stand, scripts: Scripts, projects: &[&str]) -> (Browser, Company) {
    let harbour = stand
        .bidding("Harbour General Contractors", "Gina Castellano", projects)
        .await;
    let gina = &harbour.people[0].0;
    stand
        .publish_a_bid_set(&harbour, harbour.project(), &[("Concrete", 14)])
        .await;
    let (erin, _) = Browser::estimator(stand, "erin", scripts).await;
    erin.connect(gina).await;
    match scripts {
        Scripts::Run => erin.sees_everything_copied().await,
        Scripts::Off => {
            while !erin.has("//h2[.='Up to date']").await {
                erin.reload().await;
            }
        }
    }
    (erin, harbour)
}

#[tokio::test]
async fn projects_are_found_and_their_due_dates_set_by_hand() {
    let stand = Stand::new();
    for scripts in [Scripts::Run, Scripts::Off] {
        let (erin, _) = connected(&stand, scripts, &["Pier 9 Tower", "Library Retrofit"]).await;
        erin.follow("Bid Calendar").await;
        erin.see_element("//section[h2='Bids due']//a[.='Pier 9 Tower']").await;
        erin.see_element("//section[h2='Without a date']//a[.='Library Retrofit']")
            .await;
        erin.fill("Search projects", "concrete").await;
        erin.press("Search").await;
        erin.sees_no_more("Library Retrofit").await;
        erin.sees("Pier 9 Tower").await;
        erin.fill("Search projects", "nothing like it").await;
        erin.press("Search").await;
        erin.sees("No project is like").await;
        erin.follow("Bid Calendar").await;

        erin.follow("Library Retrofit").await;
        erin.unfold("Set the date by hand").await;
        let field = erin.see_element("//input[@type='datetime-local']").await;
        // How it is typed depends on the machine. WebDriver's own scripts run where the page's do not.
        let fill = "arguments[0].value = '2031-03-04T15:30'";
        erin.script(fill, vec![field.argument()]).await;
        erin.press("Save").await;
        erin.sees("Saved.").await;
        erin.sees("Set by hand").await;
        erin.sees("2031").await;
        erin.go("/estimating/calendar?view=month&month=2031-03").await;
        erin.see_element("//li[@data-day='2031-03-04']//a[contains(., 'Library Retrofit')]")
            .await;
        erin.follow("15:30 Library Retrofit").await;
        erin.unfold("Change the date").await;
        erin.press("Use Procore's dates").await;
        erin.sees("Procore has no date.").await;
    }
}

#[tokio::test]
async fn a_month_is_in_the_readers_time_zone() {
    let stand = Stand::new();
    let (erin, _) = connected(&stand, Scripts::Run, &["Pier 9 Tower"]).await;
    erin.time_zone("Asia/Tokyo").await;
    erin.follow("Bid Calendar").await;
    erin.follow("Pier 9 Tower").await;
    erin.unfold("Set the date by hand").await;
    let field = erin.see_element("//input[@type='datetime-local']").await;
    erin.sees("(Asia/Tokyo)").await;
    // The first of the month in Tokyo is the last of the month before in UTC.
    erin.script("arguments[0].value = '2032-11-01T00:30'", vec![field.argument()])
        .await;
    erin.press("Save").await;
    erin.sees("Saved.").await;
    erin.go("/estimating/calendar?view=month&month=2032-11").await;
    erin.sees("Asia/Tokyo").await;
    erin.see_element("//li[@data-day='2032-11-01']//a[starts-with(normalize-space(), '00:30 Pier 9 Tower')]")
        .await;
    erin.time_zone("America/Los_Angeles").await;
    erin.reload().await;
    let first = "//li[@data-day='2032-11-01']//a[contains(., 'Pier 9 Tower')]";
    assert!(!erin.has(first).await, "it is October there");
    erin.click("//a[@rel='prev']").await;
    erin.see_element("//li[@data-day='2032-10-31']//a[starts-with(normalize-space(), '08:30 Pier 9 Tower')]")
        .await;
}

#[tokio::test]
async fn the_calendars_address_is_copied_and_replaced() {
    let stand = Stand::new();
    let (erin, _) = Browser::estimator(&stand, "erin", Scripts::Run).await;
    erin.go("/estimating/calendar").await;
    erin.unfold("Subscribe from Outlook, iPhone or Google").await;
    let address = async || {
        erin.see_element("//*[@id='calendar-address']")
            .await
            .text()
            .await
            .unwrap()
    };
    let first = address().await;
    let feed = async |address: &str| stand.http.get(address).send().await.unwrap().status().as_u16();
    assert_eq!(feed(&first).await, 200);
    let subscribe = erin
        .see_element("//a[.='Subscribe']")
        .await
        .attribute("href")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(subscribe.strip_prefix("webcal"), first.strip_prefix("http"));
    erin.unfold("Replace the address…").await;
    erin.press("Replace the address").await;
    erin.sees("Your calendar has a new address.").await;
    erin.unfold("Subscribe from Outlook, iPhone or Google").await;
    let second = address().await;
    assert_ne!(second, first);
    assert_eq!((feed(&first).await, feed(&second).await), (404, 200));
}

#[tokio::test]
async fn plans_are_found_labelled_and_packed() {
    let stand = Stand::new();
    for scripts in [Scripts::Run, Scripts::Off] {
        let (erin, harbour) = connected(&stand, scripts, &["Pier 9 Tower"]).await;
        let page = format!("/estimating/projects/{}", harbour.project().id);
        erin.go(&page).await;
        erin.see_element("//article[.//h3='S-102 Level 1 framing plan']//span[.='Obsolete']")
            .await;
        erin.choose("Discipline", "Structural (3)").await;
        erin.press("Show").await;
        erin.sees_no_more("A-101 Level 1 floor plan").await;
        erin.fill("Search", "foundation").await;
        erin.press("Show").await;
        erin.sees_no_more("S-401 Pile plan").await;

        // What is written to a plan brings one back to it, in the same search.
        erin.unfold("Label and note").await;
        erin.fill("Label", "Ours").await;
        erin.fill("Note", "Check the scale.\nAsk for a section.").await;
        erin.press("Save").await;
        erin.sees("Saved.").await;
        erin.see_element("//article//span[.='Ours']").await;
        erin.sees("Check the scale.\nAsk for a section.").await;
        assert!(
            erin.path().await.contains("discipline=Structural&q=foundation"),
            "{}",
            erin.path().await
        );
        erin.unfold("Label and note").await;
        erin.fill("Label", "").await;
        erin.press("Save").await;
        erin.sees_no_more("Ours").await;
        erin.sees("Check the scale.").await;

        erin.click("//nav[@aria-label='Kinds of plans']//a[starts-with(., 'Documents')]")
            .await;
        erin.sees("02 Bid Documents / Addenda").await;
        erin.click("//nav[@aria-label='Kinds of plans']//a[starts-with(., 'Specifications')]")
            .await;
        erin.sees("03 30 00 Cast-in-Place Concrete").await;

        erin.press("Download all").await;
        if scripts == Scripts::Off {
            while !erin.has("//a[.='Download all']").await {
                erin.reload().await;
            }
        }
        erin.see_element("//a[.='Download all']").await;
        erin.sees("Zip, ").await;
    }
}

#[tokio::test]
async fn one_account_does_not_see_anothers_project() {
    let stand = Stand::new();
    let (_, harbour) = connected(&stand, Scripts::Run, &["Pier 9 Tower"]).await;
    let (mallory, _) = Browser::estimator(&stand, "mallory", Scripts::Run).await;
    mallory
        .go(&format!("/estimating/projects/{}", harbour.project().id))
        .await;
    mallory.sees("Not found").await;
    mallory.follow("To plan sync").await;
    mallory.sees("App Integrations").await;
}
