//! Who can be put on a project's list for emails: its own people, and whoever says so. Others get one question.

use gusset_tests::{Answer, Mail, Person, Stand, api, eventually};
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::connected::{Pair, code};

async fn choose(admin: &Person, list: &str, addresses: &[String]) -> Answer {
    let body = json!({"recipients": addresses});
    admin.send(Method::PUT, list, |request| request.json(&body)).await
}

/// Addresses that are nobody's, of one test alone.
fn addresses(of: u64, most: usize) -> Vec<String> {
    (0..most)
        .map(|number| format!("victim-{number}@v{of}.example"))
        .collect()
}

/// The path of the link in the question to an address.
fn link(stand: &Stand, question: &Mail) -> String {
    let start = format!("{}/notifications/", stand.gusset);
    let (_, after) = question.text.split_once(&start).expect("a link");
    format!("/notifications/{}", after.split_whitespace().next().unwrap())
}

fn confirmed(list: &Value) -> Vec<bool> {
    let list = list["recipients"].as_array().unwrap().iter();
    list.map(|one| one["confirmed"].as_bool().unwrap()).collect()
}

#[tokio::test]
async fn fifty_strangers_on_the_list_of_a_project_with_a_link_for_a_name_get_nothing_from_it() {
    let stand = Stand::new();
    let evil = stand
        .make_company(json!({
            "name": "www.evil.example", "projects": [{"name": "URGENT: pay at http://evil.example/now"}],
            "people": [{"name": "Eve http://evil.example", "level": "admin"}],
        }))
        .await;
    let eve = stand.sign_in(&evil.people[0].0).await;
    let code = code(&eve, &evil).await;
    let list = api(evil.project(), "/notifications");
    let victims = addresses(evil.id, 50);
    let refused = choose(&eve, &list, &victims).await;
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    refused.problem(429, "too-many-questions");
    let before = eve.get(&list).await.expect(200);
    assert_eq!(before["default"], true, "nothing was changed: {before}");

    // Ten of them are asked, once however often the list is saved.
    for _ in 0..3 {
        let listed = choose(&eve, &list, &victims[..10]).await.expect(200);
        assert_eq!(confirmed(&listed), [false; 10], "{listed}");
    }
    choose(&eve, &list, &victims[..11])
        .await
        .problem(429, "too-many-questions");
    // What others do is told to none of them.
    let (south, sam) = stand.company("South").await;
    let asked = sam
        .post(&api(south.project(), "/connections"), json!({"code": code}))
        .await
        .expect(201);
    let disconnect = format!("/connections/{}/disconnect", asked["id"].as_str().unwrap());
    sam.post(&api(south.project(), &disconnect), json!({}))
        .await
        .expect(200);
    stand.send_due_mails().await;
    for victim in &victims[..10] {
        let mails = stand.mails_to(victim).await;
        assert_eq!(mails.len(), 1, "{mails:#?}");
        assert_eq!(mails[0].subject, "Do you want emails from Gusset?");
        let said = format!("{} {}", mails[0].text, mails[0].html);
        assert!(
            !said.contains("http://evil") && !said.contains("evil.example"),
            "{said}"
        );
    }
    for victim in &victims[10..] {
        assert!(stand.mails_to(victim).await.is_empty());
    }
}

#[tokio::test]
async fn an_address_that_says_yes_gets_the_emails_and_one_that_only_looked_does_not() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let (south, sam) = stand.company("South").await;
    let code = code(&gina, &harbour).await;
    let list = api(harbour.project(), "/notifications");
    let both = addresses(harbour.id, 2);
    choose(&gina, &list, &both).await.expect(200);
    let nobody = stand.stranger();
    let mut links = Vec::new();
    for address in &both {
        let question = stand.mails_about(address, "Do you want emails").await;
        links.push(link(&stand, &question[0]));
    }
    for link in &links {
        let page = nobody.get(link).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("Harbour project"), "{}", page.text);
    }
    assert_eq!(confirmed(&gina.get(&list).await.expect(200)), [false, false]);
    let foreign = nobody
        .send(Method::POST, &links[0], |request| {
            request.header("sec-fetch-site", "cross-site")
        })
        .await;
    assert_eq!(foreign.status, 403, "{}", foreign.text);
    let yes = nobody.send(Method::POST, &links[0], |request| request).await;
    assert!(yes.text.contains("You will get these emails"), "{}", yes.text);
    assert_eq!(confirmed(&gina.get(&list).await.expect(200)), [true, false]);
    let settings = gina
        .get(&format!("/projects/{}/notifications", harbour.project().id))
        .await;
    assert!(
        settings.text.contains("was asked, and has not answered yet"),
        "{}",
        settings.text
    );

    sam.post(&api(south.project(), "/connections"), json!({"code": code}))
        .await
        .expect(201);
    stand.mails_about(&both[0], "asks to connect").await;
    stand.send_due_mails().await;
    assert_eq!(stand.mails_to(&both[1]).await.len(), 1, "the question");

    // Who was taken off the list and is put on it again has said yes already.
    choose(&gina, &list, &[]).await.expect(200);
    assert_eq!(confirmed(&choose(&gina, &list, &both[..1]).await.expect(200)), [true]);
    assert_eq!(stand.mails_to(&both[0]).await.len(), 2);
    for wrong in [
        "/notifications/x",
        "/notifications/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        assert_eq!(nobody.get(wrong).await.status, 410);
        assert_eq!(nobody.send(Method::POST, wrong, |request| request).await.status, 410);
    }
}

#[tokio::test]
async fn people_of_the_project_are_not_asked() {
    let pair = Pair::asked().await;
    let (stand, (harbour, gina)) = (&pair.stand, &pair.harbour);
    let list = api(harbour.project(), "/notifications");
    let people: Vec<String> = harbour.people.iter().map(|(login, _)| login.to_uppercase()).collect();
    let listed = choose(gina, &list, &people).await.expect(200);
    assert_eq!(confirmed(&listed), [true; 3], "{listed}");
    let (south, sam) = &pair.south;
    let remind = api(south.project(), &format!("/connections/{}/remind", pair.connection));
    sam.post(&remind, json!({})).await.expect(200);
    for address in &people {
        stand.mails_about(address, "Reminder: ").await;
        let mails = stand.mails_to(address).await;
        assert!(
            mails.iter().all(|mail| !mail.subject.contains("Do you want")),
            "{mails:#?}"
        );
    }
}

#[tokio::test]
async fn a_mailbox_is_asked_three_times_a_day_whatever_projects_want_it() {
    let stand = Stand::new();
    let names = ["One", "Two", "Three", "Four"].map(|name| json!({"name": name}));
    let company = stand
        .make_company(json!({"name": "Many", "projects": names, "people": [{"name": "Mia", "level": "admin"}]}))
        .await;
    let mia = stand.sign_in(&company.people[0].0).await;
    let one = addresses(company.id, 1);
    for project in &company.projects[..3] {
        choose(&mia, &api(project, "/notifications"), &one).await.expect(200);
    }
    let fourth = api(&company.projects[3], "/notifications");
    let refused = choose(&mia, &fourth, &one).await;
    let wait: u64 = refused.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((82_800..=86_400).contains(&wait), "{wait}");
    refused.problem(429, "too-many-questions");
    eventually("all questions are there", || async {
        (stand.mails_to(&one[0]).await.len() == 3).then_some(())
    })
    .await;
}
