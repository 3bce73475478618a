//! The story of plan sync: an estimator connects, finds the plans, and keeps them when the access ends.

use gusset_tests::{Browser, Scripts, Stand};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn an_estimator_connects_sees_plans_arrive_and_keeps_them_when_the_access_ends() {
    let stand = Stand::new();
    let harbour = stand
        .bidding("Harbour General Contractors", "Gina Castellano", &["Pier 9 Tower"])
        .await;
    let gina = &harbour.people[0].0;
    let tower = harbour.project();
    stand
        .publish_a_bid_set(&harbour, tower, &[("Concrete", 14), ("Structural steel", 28)])
        .await;
    let (erin, _) = Browser::estimator(&stand, "erin", Scripts::Run).await;

    // A reader's login is refused, says why, and nothing is kept.
    erin.connect(&harbour.people[1].0).await;
    erin.sees("Only a Procore admin account can be connected").await;
    erin.follow("Back to App Integrations").await;
    erin.see_element("//article[@id='procore']//span[.='Not connected']")
        .await;

    // Back on the page, the first sync has begun. Its bar survives a reload.
    erin.connect(gina).await;
    erin.see_element("//article[@id='procore']//span[.='Connected']").await;
    assert_eq!(erin.path().await, "/estimating/integrations");
    erin.sees("Gina Castellano").await;
    erin.see_element("//article[@id='run']").await;
    erin.reload().await;
    erin.sees_everything_copied().await;
    erin.sees("17 of 17").await;

    // The plans.
    erin.follow("Bid Calendar").await;
    erin.sees("Harbour General Contractors").await;
    erin.sees("Concrete").await;
    erin.follow("Pier 9 Tower").await;
    erin.sees("S-101 Foundation plan").await;
    erin.sees("Names of synced plans come from Procore").await;
    let picture = "//article[.//h3='S-101 Foundation plan']//img";
    let loaded = "const [image, done] = [arguments[0], arguments[1]]; image.loading = 'eager';
        const look = () => image.complete && image.naturalWidth ? done(true) : setTimeout(look, 50); look()";
    let image = erin.see_element(picture).await;
    assert_eq!(erin.script_waits(loaded, vec![image.argument()]).await, true);

    // A name cannot be changed: there is no field for it, and who makes one is told so.
    let card = "//article[.//h3='S-101 Foundation plan']";
    erin.click(&format!("{card}//summary[.='Label and note']")).await;
    assert!(!erin.has(&format!("{card}//input[@name='name']")).await);
    let form = erin.see_element(&format!("{card}//form")).await;
    let smuggle = "const field = document.createElement('input'); field.name = 'name'; field.value = 'Mine';
        arguments[0].append(field)";
    erin.script(smuggle, vec![form.argument()]).await;
    erin.click(&format!("{card}//button[.='Save']")).await;
    erin.see_element(&format!(
        "{card}//*[@role='alert'][contains(., 'names of synced plans come from Procore')]"
    ))
    .await;
    erin.complaints().await;

    // A new revision arrives by itself, on the open page.
    erin.reload().await;
    let revised = json!({"number": "A-101", "revision": "1", "set": "Addendum 2", "drawing_date": "2026-05-18"});
    stand.publish(&harbour, tower, "drawing", revised).await;
    let card = "//article[.//h3='A-101 Level 1 floor plan']";
    erin.see_element(&format!("{card}//p[contains(., 'Revision 1') and contains(., 'kB')]"))
        .await;
    erin.see_element(&format!("{card}//summary[.='Previous revisions (1)']"))
        .await;
    assert_eq!(erin.complaints().await, Vec::<String>::new());

    // Revoked in Procore: Connect is back, and the plans stay.
    stand
        .side_door(Method::POST, &format!("/people/{gina}/revoke"), Value::Null)
        .await;
    erin.go("/estimating/integrations").await;
    erin.press("Refresh").await;
    erin.see_element("//article[@id='procore']//span[.='Disconnected']")
        .await;
    erin.sees("it was revoked there").await;
    erin.see_element("//a[.='Connect']").await;
    erin.follow("Bid Calendar").await;
    erin.sees("No longer receives updates").await;
    erin.follow("Pier 9 Tower").await;
    erin.sees("No longer receives updates from Procore").await;
    erin.sees("A-101 Level 1 floor plan").await;
    erin.see_element("//article[.//h3='A-101 Level 1 floor plan']//a[.='Download']")
        .await;

    // Another login adds its projects; the former ones stay.
    let south = stand
        .bidding("Southside Electrical", "Sam Okafor", &["Pier 9 Electrical"])
        .await;
    let sam = &south.people[0].0;
    stand
        .publish_a_bid_set(&south, south.project(), &[("Lighting", 7)])
        .await;
    erin.connect(sam).await;
    erin.sees("Sam Okafor").await;
    erin.sees_everything_copied().await;
    erin.follow("Bid Calendar").await;
    erin.sees("Pier 9 Electrical").await;
    erin.see_element("//article[.//a='Pier 9 Tower']//span[.='No longer receives updates']")
        .await;
    assert!(
        !erin
            .has("//article[.//a='Pier 9 Electrical']//span[.='No longer receives updates']")
            .await
    );
    erin.follow("Pier 9 Tower").await;
    erin.sees("It came by the Procore login of Gina Castellano").await;
    erin.follow("← Bid Calendar").await;
    erin.follow("Pier 9 Electrical").await;
    erin.sees("S-101 Foundation plan").await;
    assert_eq!(erin.complaints().await, Vec::<String>::new());
}
