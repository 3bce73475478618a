//! How often one company may invite another: once an hour where it is not accepted, and so many in all.

use gusset_tests::{Answer, Company, Person, Project, Stand, api, eventually};
use reqwest::header;
use serde_json::json;

use crate::connected::{Pair, Party, code};

async fn ask((company, admin): &Party, code: &str) -> Answer {
    admin
        .post(&api(company.project(), "/connections"), json!({"code": code}))
        .await
}

/// Has a project ask, and its admin take it back.
async fn withdraw((company, admin): &Party, connection: &str) {
    let disconnect = api(company.project(), &format!("/connections/{connection}/disconnect"));
    admin.post(&disconnect, json!({})).await.expect(200);
}

#[track_caller]
fn waits(answer: Answer, slug: &str) {
    let wait: u64 = answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((3_300..=3_600).contains(&wait), "{wait}");
    let problem = answer.problem(429, slug);
    assert!(
        problem["detail"].as_str().unwrap().contains("Try again in "),
        "{problem}"
    );
}

#[tokio::test]
async fn who_asks_and_withdraws_in_turn_writes_to_the_other_once() {
    let pair = Pair::asked().await;
    let (stand, south, (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let code = code(gina, harbour).await;
    withdraw(south, &pair.connection).await;
    for _ in 0..12 {
        waits(ask(south, &code).await, "asked-lately");
    }
    eventually("both mails are there", || async {
        stand.send_due_mails().await;
        (stand.mails_to(&gina.login).await.len() >= 2).then_some(())
    })
    .await;
    let subjects: Vec<String> = stand
        .mails_to(&gina.login)
        .await
        .into_iter()
        .map(|mail| mail.subject)
        .collect();
    assert_eq!(subjects.len(), 2, "{subjects:?}");

    // The other side has not written to anybody, and may.
    let back = crate::connected::code(&south.1, &south.0).await;
    ask(&pair.harbour, &back).await.expect(201);
}

#[tokio::test]
async fn of_many_who_ask_and_withdraw_at_once_one_gets_through() {
    let stand = Stand::new();
    let harbour = stand.company("Harbour").await;
    let south = stand.company("South").await;
    let code = code(&harbour.1, &harbour.0).await;
    let turns = (0..12).map(|_| async {
        let answer = ask(&south, &code).await;
        if answer.status == 201 {
            withdraw(&south, answer.json["id"].as_str().unwrap()).await;
        }
        answer.status.as_u16()
    });
    let answers = futures_util::future::join_all(turns.collect::<Vec<_>>()).await;
    assert_eq!(
        answers.iter().filter(|status| **status == 201).count(),
        1,
        "{answers:?}"
    );
    assert!(
        answers.iter().all(|status| [201, 409, 429].contains(status)),
        "{answers:?}"
    );
}

#[tokio::test]
async fn a_declined_request_is_not_made_again_at_once_and_an_accepted_one_keeps_nobody_waiting() {
    let pair = Pair::asked().await;
    let (south, (harbour, gina)) = (&pair.south, &pair.harbour);
    let act = async |connection: &str, verb: &str| {
        let path = api(harbour.project(), &format!("/connections/{connection}/{verb}"));
        gina.post(&path, json!({})).await.expect(200)
    };
    let code = code(gina, harbour).await;
    act(&pair.connection, "accept").await;
    for _ in 0..3 {
        let list = gina.get(&api(harbour.project(), "/connections")).await.expect(200);
        let connection = list["connections"][0]["id"].as_str().unwrap().to_owned();
        act(&connection, "disconnect").await;
        let asked = ask(south, &code).await.expect(201);
        act(asked["id"].as_str().unwrap(), "accept").await;
    }
    let list = gina.get(&api(harbour.project(), "/connections")).await.expect(200);
    act(list["connections"][0]["id"].as_str().unwrap(), "disconnect").await;
    let asked = ask(south, &code).await.expect(201);
    act(asked["id"].as_str().unwrap(), "decline").await;
    waits(ask(south, &code).await, "asked-lately");
}

#[tokio::test]
async fn a_reminder_is_sent_as_before() {
    let pair = Pair::asked().await;
    let (south, sam) = &pair.south;
    let remind = api(south.project(), &format!("/connections/{}/remind", pair.connection));
    sam.post(&remind, json!({})).await.expect(200);
    sam.post(&remind, json!({})).await.problem(429, "too-soon");
}

/// Asks from a project, and says how that ended.
async fn ask_from(project: &Project, by: &Person, code: &str) -> Answer {
    by.post(&api(project, "/connections"), json!({"code": code})).await
}

#[tokio::test]
async fn a_person_makes_so_many_requests_an_hour_and_a_project_gets_so_many() {
    let stand = Stand::new();
    let harbour = stand
        .make_company(json!({
            "name": "Harbour", "projects": [{"name": "Tower"}, {"name": "Library"}],
            "people": [{"name": "Gina", "level": "admin"}],
        }))
        .await;
    let projects: Vec<_> = (0..42).map(|number| json!({"name": format!("Lot {number}")})).collect();
    let people = ["Toni", "Tess", "Tom"].map(|name| json!({"name": name, "level": "admin"}));
    let trades: Company = stand
        .make_company(json!({"name": "Trades", "projects": projects, "people": people}))
        .await;
    let gina = stand.sign_in(&harbour.people[0].0).await;
    let tower = code(&gina, &harbour).await;
    let library = gina.post(&api(&harbour.projects[1], ""), json!({})).await.expect(200);
    let library = library["code"].as_str().unwrap();
    let mut lots = trades.projects.iter();
    for (login, _) in &trades.people[..2] {
        let person = stand.sign_in(login).await;
        for lot in lots.by_ref().take(20) {
            ask_from(lot, &person, &tower).await.expect(201);
        }
        waits(
            ask_from(&trades.projects[41], &person, library).await,
            "too-many-invitations",
        );
    }
    let tom = stand.sign_in(&trades.people[2].0).await;
    let lot = lots.next().unwrap();
    waits(ask_from(lot, &tom, &tower).await, "too-many-invitations");
    ask_from(lot, &tom, library).await.expect(201);
}
