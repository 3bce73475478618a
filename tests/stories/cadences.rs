//! How often people get emails about items: each, by the hour, by the day, or never, as each of them chooses by a link.

use gusset_tests::{Answer, Mail, Person, Stand, Tool, eventually};
use reqwest::{Method, header};
use serde_json::json;

use crate::connected::Pair;

/// The path of the link in an email behind which its recipient chooses.
fn link(stand: &Stand, mail: &Mail) -> String {
    let (_, after) = mail
        .text
        .split_once("Choose how often you get these emails:\n")
        .expect("a link");
    let address = after.split_whitespace().next().unwrap();
    address.strip_prefix(&stand.gusset).unwrap().to_owned()
}

async fn choose(nobody: &Person, link: &str, cadence: &str) -> Answer {
    nobody
        .send(Method::POST, link, |request| request.form(&[("cadence", cadence)]))
        .await
}

/// Two connected projects, and the emails that Harbour's manager gets about RFIs from South.
struct Managed {
    pair: Pair,
    manager: String,
    link: String,
}

impl Managed {
    async fn new() -> Self {
        let pair = Pair::automatic().await;
        let manager = pair.harbour.0.people[1].0.clone();
        pair.stand.create(&pair.south.0, Tool::Rfis, "The first").await;
        let first = pair.stand.mails_about(&manager, "The first").await;
        let link = link(&pair.stand, &first[0]);
        Self { pair, manager, link }
    }

    /// The key under which is collected what the manager gets later.
    fn collected(&self) -> String {
        let project = self.pair.harbour.0.project().id;
        format!("COLLECTED#{project}#{}", self.manager.to_ascii_lowercase())
    }

    /// Waits until so many things are collected.
    async fn collects(&self, wanted: usize) {
        eventually(&format!("{wanted} are collected"), || async {
            self.pair.stand.send_due_mails().await;
            let records = self.pair.stand.records(&self.collected()).await;
            let entries = records
                .iter()
                .filter(|one| one["sk"]["S"].as_str().unwrap().starts_with("ENTRY#"));
            (entries.count() == wanted).then_some(())
        })
        .await;
    }

    /// Has what is collected be due now. Gives when it would have been, in Unix milliseconds.
    async fn come(&self) -> i64 {
        let (pk, sk) = (self.collected(), "COLLECTED#");
        let key = json!({"pk": {"S": pk}, "sk": {"S": sk}});
        let before = self
            .pair
            .stand
            .table("GetItem", json!({"Key": key, "ConsistentRead": true}))
            .await;
        let due = before["Item"]["list_sk"]["S"].as_str().unwrap()[..13].parse().unwrap();
        let place = format!("{:013}#{pk}#{sk}", 0);
        let change = json!({"Key": key, "UpdateExpression": "SET list_sk = :place",
            "ExpressionAttributeValues": {":place": {"S": place}}});
        self.pair.stand.table("UpdateItem", change).await;
        self.pair.stand.send_due_mails().await;
        due
    }

    async fn mails(&self) -> Vec<Mail> {
        let mut mails = self.pair.stand.mails_to(&self.manager).await;
        mails.retain(|mail| mail.subject.contains("RFI"));
        mails.retain(|mail| !mail.subject.contains("You receive"));
        mails
    }
}

#[tokio::test]
async fn what_a_day_brings_is_one_email_in_the_morning() {
    let managed = Managed::new().await;
    let (stand, south) = (&managed.pair.stand, &managed.pair.south.0);
    let nobody = stand.stranger();
    let saved = choose(&nobody, &managed.link, "daily").await;
    assert!(saved.text.contains("Saved."), "{}", saved.text);
    for subject in ["The second", "The third"] {
        stand.create(south, Tool::Rfis, subject).await;
    }
    managed.collects(2).await;
    assert_eq!(managed.mails().await.len(), 1, "the first");
    let due = managed.come().await;
    assert_eq!(
        due.rem_euclid(24 * 3_600_000),
        7 * 3_600_000,
        "it is due at seven, in UTC"
    );
    let mails = eventually("the email of the day is there", || async {
        let mails = managed.mails().await;
        (mails.len() > 1).then_some(mails)
    })
    .await;
    assert_eq!(mails.len(), 2, "{mails:#?}");
    let mail = &mails[1];
    assert_eq!(mail.subject, "2 RFIs arrived in Harbour project");
    assert_eq!(mail.text.matches("RFIs from South project").count(), 1, "{}", mail.text);
    let copies = stand.copies(managed.pair.harbour.0.project()).await;
    for copy in copies.iter().filter(|copy| copy["subject"] != "The first") {
        let project = managed.pair.harbour.0.project().id;
        let link = format!("{}/{project}/project/rfi/show/{}", stand.procore, copy["id"]);
        assert!(mail.text.contains(&link), "{link}: {}", mail.text);
    }
    // It was told, and is not told again.
    managed.collects(0).await;
    assert_eq!(managed.mails().await.len(), 2);
}

#[tokio::test]
async fn what_an_hour_brings_is_due_on_the_hour_and_each_is_told_at_once_again() {
    let managed = Managed::new().await;
    let (stand, south) = (&managed.pair.stand, &managed.pair.south.0);
    let nobody = stand.stranger();
    choose(&nobody, &managed.link, "hourly").await;
    stand.create(south, Tool::Rfis, "The second").await;
    managed.collects(1).await;
    let due = managed.come().await;
    assert_eq!(due.rem_euclid(3_600_000), 0, "it is due on the hour");
    stand
        .mails_about(&managed.manager, "1 RFI arrived in Harbour project")
        .await;
    choose(&nobody, &managed.link, "each").await;
    stand.create(south, Tool::Rfis, "The third").await;
    stand.mails_about(&managed.manager, "The third").await;
}

#[tokio::test]
async fn who_wants_none_gets_none_by_the_page_or_by_one_click() {
    let managed = Managed::new().await;
    let (stand, south) = (&managed.pair.stand, &managed.pair.south.0);
    let nobody = stand.stranger();
    choose(&nobody, &managed.link, "daily").await;
    stand.create(south, Tool::Rfis, "The second").await;
    managed.collects(1).await;
    // As a mail program does it, without a page.
    let click = nobody
        .send(Method::POST, &managed.link, |request| {
            let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            request.body("List-Unsubscribe=One-Click")
        })
        .await;
    assert_eq!(click.status, 200, "{}", click.text);
    let page = nobody.get(&managed.link).await;
    assert!(page.text.contains("value=\"never\" checked"), "{}", page.text);
    managed.come().await;
    managed.collects(0).await;
    stand.create(south, Tool::Rfis, "The third").await;
    stand.settled_events(south.project()).await;
    eventually("all have arrived", || async {
        (stand.copies(managed.pair.harbour.0.project()).await.len() == 3).then_some(())
    })
    .await;
    stand.send_due_mails().await;
    assert_eq!(managed.mails().await.len(), 1, "the first");
    // The others hear as before.
    choose(&nobody, &managed.link, "each").await;
    stand.create(south, Tool::Rfis, "The fourth").await;
    stand.mails_about(&managed.manager, "The fourth").await;
}

#[tokio::test]
async fn a_link_is_for_one_choice_of_one_person_and_looking_changes_nothing() {
    let managed = Managed::new().await;
    let nobody = managed.pair.stand.stranger();
    for _ in 0..2 {
        let page = nobody.get(&managed.link).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(
            page.text.contains("value=\"each\" checked") && page.text.contains(&managed.manager),
            "{}",
            page.text
        );
    }
    let wrong = choose(&nobody, &managed.link, "weekly").await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    let foreign = nobody
        .send(Method::POST, &managed.link, |request| {
            request
                .header("sec-fetch-site", "cross-site")
                .form(&[("cadence", "never")])
        })
        .await;
    assert_eq!(foreign.status, 403, "{}", foreign.text);
    let cut = &managed.link[..managed.link.len() - 1];
    for link in [cut, "/emails/x", "/emails/x.y"] {
        assert_eq!(nobody.get(link).await.status, 410, "{link}");
        assert_eq!(choose(&nobody, link, "never").await.status, 410, "{link}");
    }
    let page = nobody.get(&managed.link).await;
    assert!(page.text.contains("value=\"each\" checked"), "{}", page.text);
    // It opens nothing else: whoever has it is nobody.
    let project = format!("/projects/{}", managed.pair.harbour.0.project().id);
    assert_ne!(nobody.get(&project).await.status, 200);
}
