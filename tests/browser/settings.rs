//! A project's settings: service accounts, whose secrets are shown once, and who gets mails.

use gusset_tests::{Browser, Person, Stand};

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
    sam.follow("Settings").await;
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
    let settings = format!("/projects/{}/settings", south.project().id);
    sam.go(&settings).await;
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
    sam.go(&settings).await;
    sam.sees("Connection with Harbour project").await;
}

#[tokio::test]
async fn a_project_chooses_who_gets_its_mails() {
    let stand = Stand::new();
    let (company, admin): (_, Person) = stand.company("Harbour").await;
    let gina = Browser::sign_in(&stand, &company.people[0].0).await;
    gina.go(&format!("/projects/{}/settings", company.project().id)).await;
    gina.sees("Nobody gets them at the moment.").await;
    gina.press("Get these emails").await;
    gina.sees("Your Connection Code").await;
    gina.go(&format!("/projects/{}/settings", company.project().id)).await;
    gina.see_element(&format!("//li[.='{}']", admin.login)).await;
    gina.unfold("Change who gets them").await;
    gina.fill("E-mail addresses, one a line", "office@harbour.example\nnobody")
        .await;
    gina.press("Save").await;
    gina.sees("\"nobody\" is no address.").await;
    gina.fill("E-mail addresses, one a line", "office@harbour.example")
        .await;
    gina.press("Save").await;
    gina.sees("Saved.").await;
    gina.see_element("//li[contains(., 'office@harbour.example') and contains(., 'has not answered yet')]")
        .await;
}
