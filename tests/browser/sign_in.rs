//! Signing in and out.

use gusset_tests::{Browser, Stand};

#[tokio::test]
async fn a_person_signs_in_with_procore_and_out_again() {
    let stand = Stand::new();
    let (company, _) = stand.company("Harbour").await;
    let gina = Browser::sign_in(&stand, &company.people[0].0).await;
    gina.sees("Harbour project").await;
    gina.sees("Harbour admin").await;
    gina.press("Sign out").await;
    gina.sees("Sign in with Procore").await;
}
