//! The other side is reminded of what waits for it: once an hour, of how much and for what, and of no item by name.

use futures_util::future::join_all;
use gusset_tests::{Answer, Mail, Tool, api, eventually};
use reqwest::{Method, header};
use serde_json::json;

use crate::connected::{Pair, Party};

const SUBJECT: &str = "Beam B4 is in the way";

/// A connection at which nobody of Harbour's was chosen for RFIs, so that one from South waits there.
async fn waiting() -> Pair {
    let pair = Pair::asked().await;
    let accept = api(
        pair.harbour.0.project(),
        &format!("/connections/{}/accept", pair.connection),
    );
    pair.harbour.1.post(&accept, json!({})).await.expect(200);
    pair.stand.create(&pair.south.0, Tool::Rfis, SUBJECT).await;
    eventually("it waits", || async {
        let list = pair.south.1.get(&of(&pair, &pair.south, "")).await.expect(200);
        (list["deliveries"][0]["status"] == "held").then_some(())
    })
    .await;
    pair
}

fn of(pair: &Pair, (company, _): &Party, rest: &str) -> String {
    let path = format!("/connections/{}/deliveries{rest}", pair.connection);
    api(company.project(), &path)
}

async fn remind(pair: &Pair, by: &Party) -> Answer {
    by.1.post(&of(pair, by, "/remind"), json!({})).await
}

/// Has it be this long since South reminded Harbour, as far as the table knows.
async fn age(pair: &Pair, minutes: i64) {
    let key = json!({"pk": {"S": format!("REMINDED#{}", pair.connection)}, "sk": {"S": "requester"}});
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
    let change = json!({
        "Key": key, "UpdateExpression": "SET reminded_at = :ms, reminded.#at = :at",
        "ExpressionAttributeNames": {"#at": "at"},
        "ExpressionAttributeValues": {":ms": {"N": at.as_millisecond().to_string()}, ":at": {"S": at.to_string()}},
    });
    pair.stand.table("UpdateItem", change).await;
}

/// The reminders that an address has got, once there are so many.
async fn reminders(pair: &Pair, address: &str, wanted: usize) -> Vec<Mail> {
    eventually(&format!("{address} has {wanted} reminders"), || async {
        let mut mails = pair.stand.mails_to(address).await;
        mails.retain(|mail| mail.subject.starts_with("Reminder: "));
        (mails.len() >= wanted).then_some(mails)
    })
    .await
}

#[tokio::test]
async fn the_other_side_is_reminded_once_an_hour_of_how_much_waits_and_for_what() {
    let pair = waiting().await;
    let (south, harbour) = (&pair.south, &pair.harbour);
    let page = format!("/projects/{}/activity", south.0.project().id);
    let before = south.1.get(&page).await.text;
    assert!(
        before.contains("1 RFI waits for Harbour project") && before.contains("Remind them"),
        "{before}"
    );
    // Two tabs, and a double click in each.
    let presses = join_all((0..4).map(|_| remind(&pair, south))).await;
    let statuses: Vec<u16> = presses.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    for answer in presses {
        if answer.status == 200 {
            assert_eq!(answer.json["waiting"], 1, "{}", answer.text);
        } else {
            let wait: u64 = answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
            assert!((3_000..=3_600).contains(&wait), "{wait}");
            answer.problem(429, "too-soon");
        }
    }
    let mails = reminders(&pair, &harbour.1.login, 1).await;
    assert_eq!(mails.len(), 1, "{mails:#?}");
    let mail = &mails[0];
    assert_eq!(mail.subject, "Reminder: 1 item waits for somebody of Harbour project");
    assert!(
        mail.text.contains("South admin of South") && mail.text.contains("\n- 1 RFI\n"),
        "{}",
        mail.text
    );
    assert!(
        mail.text.contains("has not chosen a Connected RFI Manager"),
        "{}",
        mail.text
    );
    assert!(
        !mail.text.contains("Beam") && !mail.html.contains("Beam"),
        "{}",
        mail.text
    );
    for (address, _) in &harbour.0.people[1..] {
        let others = pair.stand.mails_to(address).await;
        assert!(
            others.iter().all(|mail| !mail.subject.starts_with("Reminder")),
            "{others:#?}"
        );
    }
    // The page says when it was, in the place of the button.
    let after = south.1.get(&page).await.text;
    assert!(
        after.contains("Reminded by South admin") && !after.contains("Remind them"),
        "{after}"
    );

    age(&pair, 61).await;
    let fields = [("return_to", page.as_str())];
    let form = south.1.submit(&of(&pair, south, "/remind"), &fields).await;
    assert_eq!(form.status, 303, "{}", form.text);
    reminders(&pair, &harbour.1.login, 2).await;
}

#[tokio::test]
async fn nobody_reminds_of_nothing_of_a_pause_or_of_what_the_own_side_has_to_do() {
    let pair = waiting().await;
    let (south, harbour) = (&pair.south, &pair.harbour);
    // It waits for Harbour, not for South.
    remind(&pair, harbour).await.problem(409, "wrong-state");
    let page = format!("/projects/{}/activity", harbour.0.project().id);
    let page = harbour.1.get(&page).await.text;
    assert!(
        page.contains("choose an RFI manager") && !page.contains("Remind them"),
        "{page}"
    );
    let one = api(harbour.0.project(), &format!("/connections/{}", pair.connection));
    let manager = json!({"rfi_manager_id": harbour.0.people[1].1});
    harbour.1.patch(&one, manager).await.expect(200);
    eventually("it is delivered", || async {
        let list = south.1.get(&of(&pair, south, "")).await.expect(200);
        (list["deliveries"][0]["status"] == "delivered").then_some(())
    })
    .await;
    remind(&pair, south).await.problem(409, "wrong-state");
    // A pause is meant.
    harbour.1.post(&format!("{one}/pause"), json!({})).await.expect(200);
    pair.stand.create(&south.0, Tool::Rfis, "In the pause").await;
    eventually("it waits", || async {
        let list = south.1.get(&of(&pair, south, "?status=held")).await.expect(200);
        (list["deliveries"][0]["title"] == "In the pause").then_some(())
    })
    .await;
    remind(&pair, south).await.problem(409, "wrong-state");
    harbour
        .1
        .post(&format!("{one}/disconnect"), json!({}))
        .await
        .expect(200);
    remind(&pair, south).await.problem(409, "wrong-state");
    let mails = pair.stand.mails_to(&harbour.1.login).await;
    assert!(
        mails.iter().all(|mail| !mail.subject.starts_with("Reminder")),
        "{mails:#?}"
    );
}

#[tokio::test]
async fn strangers_and_programs_remind_nobody() {
    let pair = waiting().await;
    let (south, harbour) = (&pair.south, &pair.harbour);
    let path = of(&pair, south, "/remind");
    let reader = pair.stand.sign_in(&south.0.people[2].0).await;
    reader.post(&path, json!({})).await.problem(403, "not-admin");
    harbour.1.post(&path, json!({})).await.problem(404, "not-found");
    pair.stand
        .stranger()
        .post(&path, json!({}))
        .await
        .problem(401, "not-signed-in");
    let evil = south.1.send(Method::POST, &path, |request| {
        request.header("origin", "https://evil.example").json(&json!({}))
    });
    evil.await.problem(403, "foreign-origin");
    south.1.post(&path, json!({"why": "x"})).await.problem(422, "bad-field");
}
