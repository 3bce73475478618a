//! Signing in to an estimating account and out again, with and without scripts.

use gusset_tests::{Browser, Scripts, Stand, eventually};

#[tokio::test]
async fn an_estimator_signs_in_by_the_link_that_is_mailed_and_out_again() {
    let stand = Stand::new();
    for scripts in [Scripts::Run, Scripts::Off] {
        let email = stand.new_email("erin");
        let erin = Browser::open(&stand, scripts).await;
        erin.go("/").await;
        erin.follow("For estimators: keep plans in sync").await;
        // The browser would see that it is no address: this is what it takes for one, and Gusset does not.
        erin.fill("Your e-mail address", "erin@localhost").await;
        erin.press("Send me a link").await;
        erin.see_element("//*[@role='alert'][contains(., 'An e-mail address such as')]")
            .await;
        erin.fill("Your e-mail address", &email).await;
        erin.press("Send me a link").await;
        erin.sees("We have sent you a link.").await;
        eventually("the mail is there", || async {
            (!stand.mails_to(&email).await.is_empty()).then_some(())
        })
        .await;
        let link = stand.link_mailed_to(&email).await;
        erin.go(&link).await;
        erin.sees(&email).await;
        erin.press("Sign in").await;
        erin.sees("App Integrations").await;
        assert_eq!(erin.path().await, "/estimating");
        erin.sees(&email).await;
        erin.press("Sign out").await;
        erin.sees("Send me a link").await;
        erin.go(&link).await;
        erin.sees("This link has expired or was already used").await;
        erin.follow("Ask for a new link").await;
        erin.sees("Send me a link").await;
    }
}
