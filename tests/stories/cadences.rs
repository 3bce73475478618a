//! How often people get emails about items: each, by the hour, by the day, or never, as each of them chooses by a link.

use gusset_tests::{
    Answer, Mail, Person, Stand, Tool, api,
    connected::{Party, ask},
    eventually,
};
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

/// The key under which is collected what somebody of a project gets later.
fn collected(project: u64, address: &str) -> String {
    format!("COLLECTED#{project}#{}", address.to_ascii_lowercase())
}

/// Waits until so many things are collected.
async fn collects(stand: &Stand, collected: &str, wanted: usize) {
    eventually(&format!("{wanted} are collected"), || async {
        stand.send_due_mails().await;
        let records = stand.records(collected).await;
        let entries = records
            .iter()
            .filter(|one| one["sk"]["S"].as_str().unwrap().starts_with("ENTRY#"));
        (entries.count() == wanted).then_some(())
    })
    .await;
}

/// Has what is collected be due now. Gives when it would have been, in Unix milliseconds.
async fn come(stand: &Stand, collected: &str) -> i64 {
    let sk = "COLLECTED#";
    let key = json!({"pk": {"S": collected}, "sk": {"S": sk}});
    let before = stand
        .table("GetItem", json!({"Key": key, "ConsistentRead": true}))
        .await;
    let due = before["Item"]["list_sk"]["S"].as_str().unwrap()[..13].parse().unwrap();
    let place = format!("{:013}#{collected}#{sk}", 0);
    let change = json!({"Key": key, "UpdateExpression": "SET list_sk = :place",
        "ExpressionAttributeValues": {":place": {"S": place}}});
    stand.table("UpdateItem", change).await;
    stand.send_due_mails().await;
    due
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
        collected(self.pair.harbour.0.project().id, &self.manager)
    }

    async fn collects(&self, wanted: usize) {
        collects(&self.pair.stand, &self.collected(), wanted).await;
    }

    async fn come(&self) -> i64 {
        come(&self.pair.stand, &self.collected()).await
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
    // As a mail program does it, without a page: what to post where stands in the email's headers.
    let first = managed.mails().await.remove(0);
    assert_eq!(
        first.headers["List-Unsubscribe"],
        format!("<{}{}>", stand.gusset, managed.link)
    );
    let click = nobody
        .send(Method::POST, &managed.link, |request| {
            let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            request.body(first.headers["List-Unsubscribe-Post"].clone())
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

/// Connects a company with Harbour, where nobody is chosen for RFIs, and has some of its RFIs stop there. Gives the path of the
/// connection in the API.
async fn stops(stand: &Stand, harbour: &Party, company: &Party, subjects: &[&str]) -> String {
    let connection = ask(company, harbour).await;
    let one = api(harbour.0.project(), &format!("/connections/{connection}"));
    harbour.1.post(&format!("{one}/accept"), json!({})).await.expect(200);
    for subject in subjects {
        stand.create(&company.0, Tool::Rfis, subject).await;
    }
    let held = format!("{one}/deliveries?status=held");
    eventually("all of them wait", || async {
        let list = harbour.1.get(&held).await.expect(200);
        (list["deliveries"].as_array().unwrap().len() == subjects.len()).then_some(())
    })
    .await;
    one
}

#[tokio::test]
async fn what_came_to_a_stop_is_told_by_the_hour_or_by_the_day_as_it_stands_then() {
    let stand = Stand::new();
    let harbour = stand.company("Harbour").await;
    let (project, gina) = (harbour.0.project().id, harbour.1.login.clone());
    let collected = collected(project, &gina);
    let told = async || {
        let mut mails = stand.mails_to(&gina).await;
        mails.retain(|mail| mail.subject.contains("wait") || mail.subject.contains("to look at"));
        mails
    };
    // The first is told at once, with the link by which one chooses.
    let south = stand.company("South").await;
    stops(&stand, &harbour, &south, &["Stops at once"]).await;
    let first = eventually("it is told", || async {
        stand.send_due_mails().await;
        told().await.pop()
    })
    .await;
    let link = link(&stand, &first);
    assert_eq!(first.headers["List-Unsubscribe"], format!("<{}{link}>", stand.gusset));
    let asked = stand.mails_about(&gina, "asks to connect").await;
    assert!(
        asked[0].headers.is_empty(),
        "what is not about items comes whatever was chosen"
    );

    let nobody = stand.stranger();
    let mut count = 1;
    for (cadence, name, every, at) in [
        ("hourly", "North", 3_600_000, 0),
        ("daily", "East", 24 * 3_600_000, 7 * 3_600_000),
    ] {
        choose(&nobody, &link, cadence).await;
        let company = stand.company(name).await;
        let subjects = [format!("{name} one"), format!("{name} two")];
        stops(&stand, &harbour, &company, &[&subjects[0], &subjects[1]]).await;
        collects(&stand, &collected, 1).await;
        assert_eq!(told().await.len(), count, "{cadence}: it is laid aside");
        assert_eq!(come(&stand, &collected).await.rem_euclid(every), at, "{cadence}");
        count += 1;
        let mails = eventually("what was laid aside is told", || async {
            let mails = told().await;
            (mails.len() == count).then_some(mails)
        })
        .await;
        let mail = mails.last().unwrap();
        assert_eq!(mail.subject, "2 items to look at in Harbour project");
        for subject in &subjects {
            assert!(mail.text.contains(subject), "{subject}: {}", mail.text);
        }
        assert!(!mail.text.contains("Stops at once"), "{}", mail.text);
        assert!(mail.text.contains(&format!("{}/projects/{project}", stand.gusset)));
        collects(&stand, &collected, 0).await;
    }

    // What goes on before the day ends is told to nobody.
    let west = stand.company("West").await;
    let one = stops(&stand, &harbour, &west, &["Goes on"]).await;
    collects(&stand, &collected, 1).await;
    let manager = json!({"rfi_manager_id": harbour.0.people[1].1});
    harbour.1.patch(&one, manager).await.expect(200);
    eventually("it has arrived", || async {
        let copies = stand.copies(harbour.0.project()).await;
        copies.iter().any(|copy| copy["subject"] == "Goes on").then_some(())
    })
    .await;
    eventually("it does not wait any more", || async {
        let held = format!("{one}/deliveries?status=held");
        let list = harbour.1.get(&held).await.expect(200);
        list["deliveries"].as_array().unwrap().is_empty().then_some(())
    })
    .await;
    come(&stand, &collected).await;
    collects(&stand, &collected, 0).await;
    assert_eq!(told().await.len(), count);
}
