//! A project's tabs API and Notifications: service accounts, whose secrets are shown once, and who gets emails.

use gusset_tests::{Browser, Person, Scripts, Stand, eventually};

use gusset_tests::connected::Pair;

use crate::looks::inspect;

async fn token(stand: &Stand, id: &str, secret: &str) -> u16 {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
    ];
    let request = stand.http.post(format!("{}/oauth/token", stand.gusset)).form(&form);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_secret_is_shown_once_and_works_until_the_next_one() {
    let pair = Pair::automatic().await;
    let (south, _) = &pair.south;
    let sam = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    sam.go(&format!("/projects/{}", south.project().id)).await;
    sam.follow("API").await;
    sam.sees("None yet: programs cannot use the account").await;
    sam.press("Make a secret").await;
    let secret = sam
        .see_element("//dd/code[starts-with(@id, 'secret-')]")
        .await
        .text()
        .await
        .unwrap();
    let id = sam
        .see_element("//dd/code[starts-with(@id, 'client-')]")
        .await
        .text()
        .await
        .unwrap();
    assert_eq!(token(&pair.stand, &id, &secret).await, 200);
    sam.sees("Made just now").await;
    assert!(!sam.words().await.contains("None yet"));
    for (width, height) in [(320, 640), (1280, 900)] {
        sam.size(width, height).await;
        for theme in ["light", "dark"] {
            sam.theme(theme).await;
            inspect(&sam, &format!("secret-{width}-{theme}")).await;
        }
    }
    assert!(!sam.path().await.contains(&secret));
    sam.reload().await;
    sam.unfold("Rotate secret…").await;
    sam.sees("The current secret and its tokens stop working immediately")
        .await;
    assert!(!sam.source().await.contains(&secret), "it is gone with the page");
    sam.press("Rotate secret").await;
    let next = sam
        .see_element("//dd/code[starts-with(@id, 'secret-')]")
        .await
        .text()
        .await
        .unwrap();
    assert_eq!(token(&pair.stand, &id, &secret).await, 401);
    assert_eq!(token(&pair.stand, &id, &next).await, 200);
}

#[tokio::test]
async fn a_service_account_is_renamed_deleted_and_made_again() {
    let pair = Pair::automatic().await;
    let (south, _) = &pair.south;
    let sam = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    let page = format!("/projects/{}/api", south.project().id);
    sam.go(&page).await;
    sam.unfold("Rename").await;
    sam.fill("New name", "Night shift's <robot>").await;
    sam.press("Save").await;
    sam.see_element("//h3[.=\"Night shift's <robot>\"]").await;
    sam.unfold("Delete…").await;
    sam.press("Delete").await;
    sam.sees("The service account is deleted.").await;
    sam.sees("waits until an admin of South project makes it again").await;
    sam.press("Make it again").await;
    sam.see_element("//dd/code[starts-with(@id, 'secret-')]").await;
    sam.go(&page).await;
    sam.sees("Connection with Harbour project").await;
}

#[tokio::test]
async fn a_project_chooses_who_gets_its_mails() {
    let stand = Stand::new();
    let (company, admin): (_, Person) = stand.company("Harbour").await;
    let gina = Browser::sign_in(&stand, &company.people[0].0).await;
    gina.go(&format!("/projects/{}/notifications", company.project().id))
        .await;
    gina.sees("Nobody gets them at the moment.").await;
    gina.press("Get these emails").await;
    gina.sees("Your Connection Code").await;
    gina.go(&format!("/projects/{}/notifications", company.project().id))
        .await;
    gina.see_element(&format!("//li[.='{}']", admin.login)).await;
    gina.unfold("Change who gets them").await;
    gina.fill("Email addresses, one a line", "office@harbour.example\nnobody")
        .await;
    gina.press("Save").await;
    gina.sees("\"nobody\" is no address.").await;
    gina.fill("Email addresses, one a line", "office@harbour.example").await;
    gina.press("Save").await;
    gina.sees("Saved.").await;
    gina.see_element("//li[contains(., 'office@harbour.example') and contains(., 'has not answered yet')]")
        .await;
}

#[tokio::test]
async fn on_a_phone_a_project_with_one_connection_opens_at_its_activity() {
    let pair = Pair::automatic().await;
    let (harbour, _) = &pair.harbour;
    let gina = Browser::open(&pair.stand, Scripts::Off).await;
    gina.size(320, 640).await;
    gina.go("/").await;
    gina.sign_in_as(&harbour.people[0].0).await;
    // Without the script the list is filled when it is loaded anew.
    eventually("the list leads to Activity", || async {
        gina.reload().await;
        let button = "//form[input[contains(@value, '/activity')]]//button[.='Harbour project']";
        gina.has(button).await.then_some(())
    })
    .await;
    gina.press("Harbour project").await;
    gina.sees("Nothing has travelled yet.").await;
    assert!(gina.path().await.ends_with("/activity"));
    gina.see_element("//nav[@aria-label='Pages of the project']/a[@aria-current='page' and .='Activity']")
        .await;
    gina.follow("Send").await;
    assert!(
        gina.path()
            .await
            .ends_with(&format!("/connections/{}/send", pair.connection))
    );
    gina.follow("Notifications").await;
    gina.see_element(&format!("//li[.='{}']", harbour.people[0].0)).await;
    let gina = Browser::sign_in(&pair.stand, &harbour.people[0].0).await;
    for (width, page) in [(320, "notifications"), (320, "api"), (1280, "activity")] {
        gina.size(width, 640).await;
        gina.go(&format!("/projects/{}/{page}", harbour.project().id)).await;
        inspect(&gina, &format!("tabs-{page}-{width}")).await;
    }
}
