//! Signing in and out, and choosing a project.

use gusset_tests::{Browser, Scripts, Stand};
use serde_json::json;

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

#[tokio::test]
async fn signing_in_leads_to_the_page_that_was_asked_for() {
    let stand = Stand::new();
    let (company, _) = stand.company("Harbour").await;
    let gina = Browser::open(&stand, Scripts::Run).await;
    let page = format!("/projects/{}", company.project().id);
    gina.go(&page).await;
    gina.sign_in_as(&company.people[0].0).await;
    gina.sees("Your Connection Code").await;
    assert_eq!(gina.path().await, page);
}

#[tokio::test]
async fn a_person_with_several_projects_switches_between_them() {
    let stand = Stand::new();
    let company = stand
        .make_company(json!({
            "name": "Harbour",
            "projects": [{"name": "Tower"}, {"name": "Library"}],
            "people": [{"name": "Gina Castellano", "level": "admin", "company_admin": true}],
        }))
        .await;
    let gina = Browser::sign_in(&stand, &company.people[0].0).await;
    gina.press("Tower").await;
    gina.sees("Your Connection Code").await;
    gina.unfold("Switch project").await;
    gina.follow("Library (Harbour)").await;
    gina.see_element("//h1[.='Library']").await;
}
