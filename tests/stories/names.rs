//! Names of others stay in their place: no page, email, copy or feed has a character of theirs that is invisible, turns what
//! follows around or begins a line; and in emails none becomes a link.

use gusset_tests::{Company, Mail, Stand, api, eventually};
use serde_json::json;

use crate::connected::{Party, accept, ask};

/// Turns the rest of a line around, hides in it, begins another one, and leads elsewhere.
const HOSTILE: &str =
    "\u{202e}Pay\u{200b} now\r\n\u{2066}at http://evil.example\u{2028}\u{200d}or\u{feff} www.evil.example\u{ad}";

/// As others read it.
const SHOWN: &str = "Pay now at http://evil.example or www.evil.example";

/// As others read it in an email.
const IN_EMAILS: &str = "Pay now at http[:]//evil[.]example or www[.]evil[.]example";

/// A name that runs from right to left, and what it is put into.
const HEBREW: &str = "מגדל 9";
const ISOLATED: &str = "\u{2068}מגדל 9\u{2069}";

/// A company all of whose names are `name`. Its people's addresses are at `domain`.
async fn company(stand: &Stand, name: &str, domain: &str) -> Party {
    let (admin, manager) = (format!("admin@{domain}"), format!("manager@{domain}"));
    let made: Company = stand
        .make_company(json!({
            "name": name, "projects": [{"name": name}],
            "people": [
                {"login": admin, "name": name, "level": "admin", "company_admin": true},
                {"login": manager, "name": name, "level": "standard", "rfi_manager": true},
            ],
        }))
        .await;
    let admin = stand.sign_in(&made.people[0].0).await;
    (made, admin)
}

/// Checks that nothing of a hostile name acts in a text.
#[track_caller]
fn harmless(wherefrom: &str, text: &str) {
    let acts = |character: char| matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}' | '\u{2067}' | '\u{feff}');
    if let Some(place) = text.find(acts) {
        let around: String = text[..place].chars().rev().take(40).collect();
        let around: String = around.chars().rev().collect();
        panic!("{wherefrom}: {:?} after {around:?}", text[place..].chars().next());
    }
    // What is isolated ends where it should.
    assert_eq!(
        text.matches('\u{2068}').count(),
        text.matches('\u{2069}').count(),
        "{wherefrom}"
    );
}

#[tokio::test]
async fn names_of_others_stay_in_their_place_on_pages_in_emails_and_in_copies() {
    let stand = Stand::new();
    let evil = company(&stand, HOSTILE, "names-hostile.example").await;
    let harbour = company(&stand, HEBREW, "names-hebrew.example").await;
    let connection = ask(&evil, &harbour).await;
    let mut mails: Vec<Mail> = stand.mails_about(&harbour.1.login, "asks to connect").await;
    let pages = async |what: &str| {
        for ((company, admin), seen) in [(&evil, ISOLATED), (&harbour, SHOWN)] {
            let project = format!("/projects/{}", company.project().id);
            let one = format!("{project}/connections/{connection}");
            let mut found = 0;
            for path in [
                "/".to_owned(),
                project.clone(),
                format!("{project}/live"),
                format!("{project}/notifications"),
                format!("{project}/api"),
                one.clone(),
                format!("{one}/live"),
                format!("{one}/terms"),
                format!("{one}/send"),
            ] {
                let page = admin.get(&path).await;
                assert_eq!(page.status, 200, "{path}: {}", page.text);
                harmless(&format!("{what}: {path}"), &page.text);
                found += usize::from(page.text.contains(seen));
            }
            assert!(found >= 3, "{what}: {seen} was on {found} pages");
        }
    };
    pages("asked").await;
    accept(&harbour, &connection).await;
    let subject = format!("{HOSTILE} {HEBREW}");
    for (company, admin) in [&evil, &harbour] {
        let rfi = json!({"subject": subject, "draft": false, "rfi_manager_id": company.people[1].1});
        stand.create_rfi(company.project(), &admin.login, rfi).await;
    }
    let copies = eventually("both are copied", || async {
        let there = stand.copies(evil.0.project()).await.pop()?;
        let here = stand.copies(harbour.0.project()).await.pop()?;
        Some([there, here])
    })
    .await;
    for (copy, from) in copies.iter().zip([ISOLATED, SHOWN]) {
        let question = copy["questions"].to_string();
        let (_, marker) = question.split_once("Sent from ").expect("a marker");
        let marker = marker.split("GST-").next().unwrap();
        harmless("a marker", marker);
        assert!(marker.starts_with(&format!("{from} ({from}), RFI")), "{marker}");
    }
    eventually("both are told as delivered", || async {
        let list = api(harbour.0.project(), &format!("/connections/{connection}/deliveries"));
        let list = harbour.1.get(&list).await.expect(200);
        let list = list["deliveries"].as_array().unwrap().clone();
        list.iter().all(|one| one["status"] == "delivered").then_some(())
    })
    .await;
    pages("connected").await;

    mails.extend(stand.mails_about(&evil.1.login, "is connected to").await);
    mails.extend(stand.mails_about(&harbour.0.people[1].0, "RFI from").await);
    let disconnect = api(evil.0.project(), &format!("/connections/{connection}/disconnect"));
    evil.1.post(&disconnect, json!({})).await.expect(200);
    mails.extend(stand.mails_about(&harbour.1.login, "is disconnected from").await);
    pages("ended").await;
    for mail in &mails {
        for part in [&mail.subject, &mail.text, &mail.html] {
            harmless(&mail.subject, part);
            assert!(
                !part.contains("evil.example") && !part.contains("http://evil"),
                "{part}"
            );
        }
        assert!(!mail.subject.contains(['\r', '\n']), "{:?}", mail.subject);
        assert!(
            mail.text.contains(IN_EMAILS) && mail.text.contains(ISOLATED),
            "{}",
            mail.text
        );
        assert!(
            mail.subject.contains(ISOLATED) || mail.subject.contains("Pay now"),
            "{}",
            mail.subject
        );
    }
    assert!(mails.len() >= 4, "{mails:#?}");
}
