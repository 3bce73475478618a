//! Mails: each change is told once, in words with a link, to those whom it concerns and to nobody else.

use gusset_tests::{Mail, Stand, api, eventually};
use reqwest::Method;
use serde_json::json;

use crate::connected::{Pair, all_automatic, code};

/// Checks that a mail is whole, and is one of one.
#[track_caller]
fn once(stand: &Stand, mails: &[Mail], project: u64) -> Mail {
    once_with(mails, &format!("{}/projects/{project}", stand.gusset))
}

/// The same, of a mail that leads somewhere else.
#[track_caller]
fn once_with(mails: &[Mail], link: &str) -> Mail {
    assert_eq!(mails.len(), 1, "{mails:#?}");
    let mail = mails[0].clone();
    assert!(mail.text.contains(link), "{}", mail.text);
    assert!(mail.html.contains(&format!("href=\"{link}\"")), "{}", mail.html);
    assert!(mail.from.contains("gusset@gusset.example"), "{}", mail.from);
    mail
}

#[tokio::test]
async fn each_step_of_a_connection_is_told_once_to_the_side_that_did_not_take_it() {
    let pair = Pair::asked().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let (souths, harbours) = (south.project().id, harbour.project().id);

    let requests = stand.mails_about(&gina.login, "asks to connect").await;
    let mail = once(stand, &requests, harbours);
    assert!(
        mail.subject.contains(&south.project().name) && mail.subject.contains(&harbour.project().name),
        "{}",
        mail.subject
    );
    assert!(
        mail.text.contains("South admin") && mail.html.contains("Accept or decline"),
        "{mail:#?}"
    );

    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    gina.post(&accept, all_automatic(harbour)).await.expect(200);
    let accepted = stand.mails_about(&sam.login, "is connected to").await;
    let mail = once(stand, &accepted, souths);
    assert!(mail.text.contains("Harbour admin"), "{}", mail.text);
    for (company, other) in [(harbour, south), (south, harbour)] {
        let chosen = stand.mails_about(&company.people[1].0, "You receive the RFIs").await;
        let rfis = format!("{}/{}/project/rfi/list", stand.procore, company.project().id);
        let mail = once_with(&chosen, &rfis);
        assert!(mail.subject.contains(&other.project().name), "{}", mail.subject);
    }

    // Another manager is told, the former one is not told again, and neither are the admins.
    let one = api(harbour.project(), &format!("/connections/{}", pair.connection));
    let manager = harbour.people[1].1;
    gina.patch(&one, json!({"rfi_manager_id": null})).await.expect(200);
    gina.patch(&one, json!({"rfi_manager_id": manager})).await.expect(200);
    eventually("the manager is told anew", || async {
        let mails = stand.mails_to(&harbour.people[1].0).await;
        (mails.len() == 2).then_some(())
    })
    .await;
    assert_eq!(stand.mails_to(&gina.login).await.len(), 1);
    assert_eq!(stand.mails_to(&sam.login).await.len(), 1);
    // A reader of the project is nobody's recipient.
    assert_eq!(stand.mails_to(&harbour.people[2].0).await.len(), 0);
}

#[tokio::test]
async fn a_reminder_a_withdrawal_and_a_disconnect_are_told_to_the_other_side() {
    let pair = Pair::asked().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let souths = api(south.project(), "/connections");
    let act = async |id: &str, verb: &str| sam.post(&format!("{souths}/{id}/{verb}"), json!({})).await.expect(200);
    act(&pair.connection, "remind").await;
    let reminders = stand.mails_about(&gina.login, "Reminder: ").await;
    let reminder = once(stand, &reminders, harbour.project().id);
    assert!(reminder.text.contains("South admin"), "{}", reminder.text);

    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    gina.post(&accept, json!({})).await.expect(200);
    act(&pair.connection, "disconnect").await;
    let ended = stand.mails_about(&gina.login, "is disconnected from").await;
    let ended = once(stand, &ended, harbour.project().id);
    assert!(ended.text.contains("What was copied stays"), "{}", ended.text);

    let ask = json!({"code": code(gina, harbour).await});
    let asked = sam.post(&souths, ask).await.expect(201);
    act(asked["id"].as_str().unwrap(), "disconnect").await;
    let withdrawn = stand.mails_about(&gina.login, "no longer asks to connect").await;
    once(stand, &withdrawn, harbour.project().id);
}

#[tokio::test]
async fn a_refusal_is_told_to_those_who_asked() {
    let pair = Pair::asked().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let decline = api(harbour.project(), &format!("/connections/{}/decline", pair.connection));
    gina.post(&decline, json!({})).await.expect(200);
    let declined = stand.mails_about(&sam.login, "declined to connect").await;
    once(stand, &declined, south.project().id);
    assert_eq!(
        stand.mails_to(&south.people[1].0).await.len(),
        0,
        "no RFI will arrive: its manager hears nothing"
    );
}

#[tokio::test]
async fn an_rfi_that_arrives_is_told_to_its_manager() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let subject = "Beam <b>B4</b> & \"conduit\"";
    let rfi = json!({"subject": subject, "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    let manager = &harbour.people[1].0;
    let arrived = stand.mails_about(manager, "RFI from").await;
    // It leads to where the manager may go, who is no admin.
    let copy = stand.copies(harbour.project()).await[0]["id"].to_string();
    let link = format!("{}/{}/project/rfi/show/{copy}", stand.procore, harbour.project().id);
    let mail = once_with(&arrived, &link);
    assert!(mail.subject.contains(subject), "{}", mail.subject);
    assert!(mail.text.contains(subject), "{}", mail.text);
    assert!(
        mail.html.contains("Beam &lt;b&gt;B4&lt;/b&gt; &amp;") && !mail.html.contains("<b>"),
        "{}",
        mail.html
    );
    let copy = eventually("the copy is there", || async {
        stand.copies(harbour.project()).await.pop()
    })
    .await;
    let reference = mail
        .text
        .split("reference is ")
        .nth(1)
        .unwrap()
        .split('.')
        .next()
        .unwrap();
    assert!(copy.to_string().contains(reference), "{reference}");
    assert!(
        stand
            .mails_to(&gina.login)
            .await
            .iter()
            .all(|mail| !mail.subject.contains("RFI from"))
    );
}

#[tokio::test]
async fn hostile_names_are_text_in_mails() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let evil = "<script>alert(1)</script>\r\nBcc: eve@evil.example";
    let company = stand
        .make_company(json!({
            "name": evil,
            "projects": [{"name": evil}],
            "people": [{"name": evil, "level": "admin", "company_admin": true}],
        }))
        .await;
    let eve = stand.sign_in(&company.people[0].0).await;
    let code = code(&gina, &harbour).await;
    eve.post(&api(company.project(), "/connections"), json!({"code": code}))
        .await
        .expect(201);
    let mails = stand.mails_about(&gina.login, "asks to connect").await;
    let mail = once(&stand, &mails, harbour.project().id);
    assert!(!mail.subject.contains(['\r', '\n']), "{:?}", mail.subject);
    assert!(
        mail.subject.contains("<script>alert(1)</script> Bcc:"),
        "{:?}",
        mail.subject
    );
    assert!(
        mail.html.contains("&lt;script&gt;") && !mail.html.contains("<script"),
        "{}",
        mail.html
    );
    assert!(!mail.text.contains("\nBcc"), "{}", mail.text);
}

#[tokio::test]
async fn a_project_chooses_who_gets_its_mails() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let (south, sam) = stand.company("South").await;
    let code = code(&gina, &harbour).await;
    let list = api(harbour.project(), "/notifications");
    let shown = gina.get(&list).await.expect(200);
    assert_eq!(
        shown,
        json!({"recipients": [{"email": gina.login, "name": "Harbour admin", "confirmed": true}], "default": true})
    );
    for wrong in [
        json!({"recipients": ["nobody"]}),
        json!({"recipients": ["a@b.example\r\nBcc: eve@evil.example"]}),
        json!({"recipients": ["a@b.example, c@d.example"]}),
        json!({"recipients": "a@b.example"}),
        json!({"recipients": vec!["a@b.example"; 51]}),
        json!({}),
    ] {
        gina.send(Method::PUT, &list, |request| request.json(&wrong))
            .await
            .problem(422, "bad-field");
    }
    // People of the project. Of others tells the story `notification_lists`.
    let (office, site) = (harbour.people[1].0.clone(), harbour.people[2].0.clone());
    let chosen = json!({"recipients": [office, site, site.to_ascii_uppercase()]});
    let chosen = gina
        .send(Method::PUT, &list, |request| request.json(&chosen))
        .await
        .expect(200);
    assert_eq!(
        chosen,
        json!({
            "recipients": [
                {"email": office, "name": null, "confirmed": true}, {"email": site, "name": null, "confirmed": true},
            ],
            "default": false,
        })
    );
    // The same by the page's form.
    let page = format!("/projects/{}/notifications", harbour.project().id);
    assert!(
        gina.get(&page)
            .await
            .text
            .contains(&format!("{office}\n{site}</textarea>"))
    );
    let written = format!("{site}\r\n{office}\r\n");
    let fields = [("recipients", written.as_str()), ("return_to", page.as_str())];
    assert_eq!(gina.submit(&list, &fields).await.status, 303);
    let turned = gina.get(&list).await.expect(200);
    assert_eq!(turned["recipients"][0]["email"], json!(site));
    let reader = stand.sign_in(&harbour.people[2].0).await;
    reader.get(&list).await.problem(403, "not-admin");
    sam.get(&list).await.problem(404, "not-found");

    sam.post(&api(south.project(), "/connections"), json!({"code": code}))
        .await
        .expect(201);
    for address in [&office, &site] {
        let mails = stand.mails_about(address, "asks to connect").await;
        once(&stand, &mails, harbour.project().id);
    }
    assert_eq!(stand.mails_to(&gina.login).await.len(), 0);
    let default = gina.send(Method::DELETE, &list, |request| request).await.expect(200);
    assert_eq!(default["default"], true);
    assert_eq!(default["recipients"][0]["email"], gina.login);
}

#[tokio::test]
async fn many_held_rfis_are_one_mail() {
    let pair = Pair::asked().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let one = api(harbour.project(), &format!("/connections/{}", pair.connection));
    gina.post(&format!("{one}/accept"), json!({})).await.expect(200);
    // The clock, which has what is due sent once a minute, is not to come between the first and the last.
    let before = stand.called_by_the_clock("NotifyDue").len();
    eventually("the clock has just been", || async {
        (stand.called_by_the_clock("NotifyDue").len() > before).then_some(())
    })
    .await;
    for number in 1..=12 {
        let subject = format!("Waits {number}");
        let rfi = json!({"subject": subject, "draft": false, "rfi_manager_id": south.people[1].1});
        stand.create_rfi(south.project(), &sam.login, rfi).await;
    }
    eventually("all are held", || async {
        let list = gina.get(&format!("{one}/deliveries")).await.expect(200);
        let held = list["deliveries"].as_array().unwrap().iter();
        (held.filter(|one| one["status"] == "held").count() == 12).then_some(())
    })
    .await;
    let digests = eventually("the digest is there", || async {
        stand.send_due_mails().await;
        let mut mails = stand.mails_to(&gina.login).await;
        mails.retain(|mail| mail.subject.contains("wait"));
        (!mails.is_empty()).then_some(mails)
    })
    .await;
    let mail = once(stand, &digests, harbour.project().id);
    assert!(mail.subject.contains("12 items wait"), "{}", mail.subject);
    assert!(
        mail.text.contains("- RFIs: Waits ")
            && mail.text.matches("has not chosen a Connected RFI Manager").count() == 1,
        "{}",
        mail.text
    );
    assert_eq!(mail.html.matches("<li>").count(), 10, "{}", mail.html);
    assert!(
        stand
            .mails_to(&sam.login)
            .await
            .iter()
            .all(|mail| !mail.subject.contains("wait")),
        "it is not for the side that sent them to mend"
    );
    // What comes to a stop within the hour is told at its end.
    let rfi = json!({"subject": "Waits, too", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    stand.settled_events(south.project()).await;
    stand.send_due_mails().await;
    let mails = stand.mails_to(&gina.login).await;
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("wait")).count(), 1);
}

#[tokio::test]
async fn an_rfi_that_could_not_be_delivered_is_told_to_the_side_that_sent_it() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    // What the other project's Procore will not take, now or ever.
    let fault =
        json!({"method": "POST", "path": format!("/rest/v1.0/projects/{}/rfis", harbour.project().id), "status": 422});
    stand.side_door(Method::POST, "/faults", fault).await;
    let rfi = json!({"subject": "Lost", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    let digests = eventually("the digest is there", || async {
        stand.send_due_mails().await;
        let mut mails = stand.mails_to(&sam.login).await;
        mails.retain(|mail| mail.subject.contains("not delivered"));
        (!mails.is_empty()).then_some(mails)
    })
    .await;
    let mail = once(stand, &digests, south.project().id);
    assert!(mail.subject.starts_with("1 item "), "{}", mail.subject);
    assert!(mail.text.contains("\n- RFIs: Lost\n"), "{}", mail.text);
    assert!(
        stand
            .mails_to(&gina.login)
            .await
            .iter()
            .all(|mail| !mail.subject.contains("not delivered")),
        "the other side does not miss it"
    );
}

#[tokio::test]
async fn a_mail_that_was_half_sent_goes_on_with_those_whom_it_has_not_reached() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    code(&gina, &harbour).await;
    let site = harbour.people[2].0.clone();
    let both = json!({"recipients": [gina.login, site]});
    let list = api(harbour.project(), "/notifications");
    gina.send(Method::PUT, &list, |request| request.json(&both))
        .await
        .expect(200);

    let project = |id: u64, name: &str| json!({"M": {"id": {"N": id.to_string()}, "name": {"S": name}, "company_id": {"N": "1"}, "company_name": {"S": "South"}}});
    let mail = |by: &str| {
        json!({"notification": {"M": {
            "audience": {"S": "project"},
            "connection": {"S": "01980000-0000-7000-8000-000000000000"},
            "project": project(harbour.project().id, "Harbour project"),
            "other": project(1, by),
            "news": {"M": {"happened": {"S": "requested"}, "by": {"S": by}}},
        }}, "expires_at": {"N": "4102444800"}})
    };
    let id = |what: &str| format!("{what}-{}", harbour.id);
    // One that nobody can read, one that another process is sending, and one whose sender died after the first recipient.
    stand
        .leave_in_outbox(&id("poison"), 0, json!({"notification": {"S": "?"}}))
        .await;
    stand
        .leave_in_outbox(&id("taken"), 4_102_444_800_000, mail("Taken"))
        .await;
    let mut half_sent = mail("Half sent");
    half_sent["told"] = json!({"SS": [gina.login.to_ascii_lowercase()]});
    stand.leave_in_outbox(&id("half"), 0, half_sent).await;

    let mails = stand.mails_about(&site, "Half sent asks to connect").await;
    once(&stand, &mails, harbour.project().id);
    stand.send_due_mails().await;
    assert_eq!(stand.mails_to(&site).await.len(), 1);
    assert_eq!(stand.mails_to(&gina.login).await.len(), 0);
}
