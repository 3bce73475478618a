//! Either side pauses a connection: what is new waits, nothing is lost, and it goes on once everybody has resumed.

use gusset_tests::{Stand, Tool, api, connected::Party, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    connected::Pair,
    sweep::{lose_webhooks, past_grace},
};

/// Two connected projects, one of which pauses.
struct Pausing(Pair);

impl Pausing {
    async fn automatic() -> Self {
        Self(Pair::automatic().await)
    }

    /// The connection, as one side's API has it.
    fn at(&self, (company, _): &Party, rest: &str) -> String {
        api(company.project(), &format!("/connections/{}{rest}", self.0.connection))
    }

    /// Does something to the connection as one side's admin.
    async fn act(&self, party: &Party, verb: &str) -> Value {
        let path = self.at(party, &format!("/{verb}"));
        party.1.post(&path, json!({})).await.expect(200)
    }

    /// The delivery of an item with this title, as one side sees it once it stands so.
    async fn delivery(&self, party: &Party, title: &str, stands: impl Fn(&Value) -> bool) -> Value {
        let list = self.at(party, "/deliveries?limit=100");
        eventually(&format!("how {title} stands"), || async {
            let list = party.1.get(&list).await.expect(200);
            let deliveries = list["deliveries"].as_array().unwrap();
            let one = deliveries.iter().find(|one| one["title"] == title)?;
            stands(one).then(|| one.clone())
        })
        .await
    }

    /// The same, once it waits for that.
    async fn held(&self, party: &Party, title: &str, waits_for: &str) -> Value {
        self.delivery(party, title, |one| {
            one["status"] == "held" && one["waits_for"] == waits_for
        })
        .await
    }

    /// The same, once it is delivered.
    async fn delivered(&self, party: &Party, title: &str) -> Value {
        self.delivery(party, title, |one| one["status"] == "delivered").await
    }
}

/// How many copies have arrived in a project.
async fn arrived(stand: &Stand, party: &Party) -> usize {
    stand.arrived(party.0.project()).await.len()
}

#[tokio::test]
async fn what_is_new_in_a_pause_waits_in_both_directions_until_both_sides_have_resumed() {
    let pair = Pausing::automatic().await;
    let (stand, south, harbour) = (&pair.0.stand, &pair.0.south, &pair.0.harbour);
    let paused = pair.act(harbour, "pause").await;
    let (by, actions) = (&paused["paused"][0], paused["actions"].as_array().unwrap());
    assert_eq!(
        (&by["by_side"], &by["by"]["name"]),
        (&json!("recipient"), &json!("Harbour admin"))
    );
    assert!(by["at"].is_string() && actions.contains(&json!("resume")), "{paused}");
    // The other side sees who did, and when, and may not lift it.
    let seen = south.1.get(&pair.at(south, "")).await.expect(200);
    assert_eq!(seen["paused"], paused["paused"]);
    let words = seen["waiting"][0].as_str().unwrap();
    assert!(words.starts_with("Paused by Harbour admin of Harbour"), "{words}");
    let resume = south.1.post(&pair.at(south, "/resume"), json!({})).await;
    resume.problem(403, "wrong-side");
    let again = harbour.1.post(&pair.at(harbour, "/pause"), json!({})).await;
    again.problem(409, "wrong-state");

    stand.create(&south.0, Tool::Rfis, "From South").await;
    stand.create(&harbour.0, Tool::Notes, "From Harbour").await;
    let held = pair.held(south, "From South", "resume_by_target").await;
    assert_eq!(held["reason"], "Paused by Harbour admin of Harbour");
    assert_eq!(pair.held(harbour, "From South", "resume_by_target").await, held);
    pair.held(harbour, "From Harbour", "resume_by_source").await;

    // One side's pause goes on when the other one's ends.
    pair.act(south, "pause").await;
    pair.act(harbour, "resume").await;
    pair.held(south, "From South", "resume_by_source").await;
    pair.held(south, "From Harbour", "resume_by_target").await;
    assert_eq!((arrived(stand, south).await, arrived(stand, harbour).await), (0, 0));
    let resumed = pair.act(south, "resume").await;
    assert_eq!((&resumed["paused"], &resumed["waiting"]), (&json!([]), &json!([])));
    pair.delivered(south, "From South").await;
    pair.delivered(south, "From Harbour").await;
    let twice = south.1.post(&pair.at(south, "/resume"), json!({})).await;
    twice.problem(409, "wrong-state");
    stand.create(&south.0, Tool::Notes, "After it").await;
    pair.delivered(south, "After it").await;
    for party in [south, harbour] {
        stand.settled_events(party.0.project()).await;
    }
    assert_eq!((arrived(stand, south).await, arrived(stand, harbour).await), (1, 2));
}

#[tokio::test]
async fn a_pause_and_its_end_are_told_to_the_other_side_by_mail() {
    let pair = Pausing::automatic().await;
    let (stand, south, harbour) = (&pair.0.stand, &pair.0.south, &pair.0.harbour);
    pair.act(harbour, "pause").await;
    let paused = stand.mails_about(&south.1.login, "paused its connection").await;
    assert_eq!(paused.len(), 1, "{paused:#?}");
    assert!(
        paused[0].text.contains("Harbour admin of Harbour") && paused[0].text.contains("nothing is lost"),
        "{}",
        paused[0].text
    );
    pair.act(south, "pause").await;
    stand.mails_about(&harbour.1.login, "paused its connection").await;
    pair.act(harbour, "resume").await;
    let resumed = stand.mails_about(&south.1.login, "resumed its connection").await;
    assert_eq!(resumed.len(), 1, "{resumed:#?}");
    let words = "has paused it, too: what is new waits until you resume it";
    assert!(resumed[0].text.contains(words), "{}", resumed[0].text);
    pair.act(south, "resume").await;
    let resumed = stand.mails_about(&harbour.1.login, "resumed its connection").await;
    assert!(resumed[0].text.contains("is being sent now"), "{}", resumed[0].text);
    // Who did it knows.
    let to_harbour = stand.mails_to(&harbour.1.login).await;
    let about_pauses = to_harbour.iter().filter(|mail| mail.subject.contains("its connection"));
    assert_eq!(about_pauses.count(), 2, "{to_harbour:#?}");
}

#[tokio::test]
async fn what_no_webhook_told_of_in_a_pause_is_found_in_it_or_after_it_and_arrives_once() {
    let pair = Pausing::automatic().await;
    let (stand, south, harbour) = (&pair.0.stand, &pair.0.south, &pair.0.harbour);
    let here = south.0.project();
    lose_webhooks(stand, here).await;
    pair.act(south, "pause").await;
    stand.create(&south.0, Tool::Rfis, "Found in it").await;
    past_grace(stand).await;
    assert!(stand.sweep(here).await);
    pair.held(south, "Found in it", "resume_by_source").await;
    assert!(stand.sweep(here).await, "another sweep changes nothing");
    assert_eq!(arrived(stand, harbour).await, 0);
    stand.create(&south.0, Tool::Rfis, "Found after it").await;
    pair.act(south, "resume").await;
    pair.delivered(south, "Found in it").await;
    past_grace(stand).await;
    assert!(stand.sweep(here).await);
    pair.delivered(south, "Found after it").await;
    assert_eq!(arrived(stand, harbour).await, 2);
}

#[tokio::test]
async fn what_is_sent_by_hand_or_tried_again_in_a_pause_waits_as_well() {
    let pair = Pausing::automatic().await;
    let (stand, south, harbour) = (&pair.0.stand, &pair.0.south, &pair.0.harbour);
    let manual = json!({"send": {"rfis": "manual"}});
    south.1.patch(&pair.at(south, ""), manual).await.expect(200);
    let rfi = stand.create(&south.0, Tool::Rfis, "Picked").await;
    pair.act(harbour, "pause").await;
    let pick = json!({"tool": "rfis", "item_id": rfi});
    south.1.post(&pair.at(south, "/items"), pick).await.expect(202);
    let held = pair.held(south, "Picked", "resume_by_target").await;
    let reference = held["reference"].as_str().unwrap();
    let retry = pair.at(south, &format!("/deliveries/{reference}/retry"));
    south.1.post(&retry, json!({})).await.expect(202);
    let tried_again = |one: &Value| one["status"] == "held" && one["history"].as_array().unwrap().len() >= 4;
    pair.delivery(south, "Picked", tried_again).await;
    assert_eq!(arrived(stand, harbour).await, 0);
    pair.act(harbour, "resume").await;
    pair.delivered(south, "Picked").await;
    assert_eq!(arrived(stand, harbour).await, 1);
}

#[tokio::test]
async fn what_waits_for_a_pause_is_cancelled_when_the_two_disconnect() {
    let pair = Pausing::automatic().await;
    let (stand, south, harbour) = (&pair.0.stand, &pair.0.south, &pair.0.harbour);
    pair.act(south, "pause").await;
    stand.create(&south.0, Tool::Rfis, "Waits").await;
    pair.held(harbour, "Waits", "resume_by_source").await;
    let ended = pair.act(harbour, "disconnect").await;
    assert_eq!((&ended["status"], &ended["paused"]), (&json!("ended"), &json!([])));
    for party in [south, harbour] {
        let cancelled = pair.delivery(party, "Waits", |one| one["status"] == "cancelled").await;
        assert_eq!(cancelled["because"], "connection_ended");
    }
    let resume = south.1.post(&pair.at(south, "/resume"), json!({})).await;
    resume.problem(409, "wrong-state");
    assert_eq!(arrived(stand, harbour).await, 0);
}

#[tokio::test]
async fn only_what_is_connected_is_paused() {
    let pair = Pausing(Pair::asked().await);
    for party in [&pair.0.south, &pair.0.harbour] {
        for verb in ["/pause", "/resume"] {
            let answer = party.1.post(&pair.at(party, verb), json!({})).await;
            answer.problem(409, "wrong-state");
        }
    }
}

/// Whoever resumed died between the record and the word to the workers.
#[tokio::test]
async fn what_a_resume_that_died_left_waiting_is_sent_on_by_the_sweep() {
    let pair = Pausing::automatic().await;
    let (stand, south, harbour) = (&pair.0.stand, &pair.0.south, &pair.0.harbour);
    pair.act(harbour, "pause").await;
    stand.create(&south.0, Tool::Notes, "Left behind").await;
    pair.held(south, "Left behind", "resume_by_target").await;
    for party in [south, harbour] {
        let key = json!({
            "pk": {"S": format!("PROJECT#{}", party.0.project().id)},
            "sk": {"S": format!("CONNECTION#LIVE#{}", pair.0.connection)},
        });
        let resumed = json!({
            "Key": key, "UpdateExpression": "REMOVE #connection.#state.paused",
            "ExpressionAttributeNames": {"#connection": "connection", "#state": "state"},
        });
        stand.table("UpdateItem", resumed).await;
    }
    assert!(stand.sweep(south.0.project()).await);
    pair.delivered(south, "Left behind").await;
    assert_eq!(arrived(stand, harbour).await, 1);
}

/// Nobody gets an email about each item that waits for a pause: who paused knows.
#[tokio::test]
async fn a_pause_costs_no_table_call_more_for_a_copy_and_no_digest() {
    let pair = Pausing::automatic().await;
    let (stand, south) = (&pair.0.stand, &pair.0.south);
    stand.leave_unswept(south.0.project()).await;
    pair.act(south, "pause").await;
    let about = [pair.0.connection.clone(), south.0.project().id.to_string()];
    let before = stand.requests(u64::MAX, &[]).await.1;
    stand.create(&south.0, Tool::Rfis, "Costs nothing").await;
    pair.held(south, "Costs nothing", "resume_by_source").await;
    stand.settled_events(south.0.project()).await;
    let (requests, _) = stand.requests(before, &about).await;
    let of_worker = requests.iter().filter(|request| request.function == "CopyItem");
    let operations: Vec<&str> = of_worker.map(|request| request.operation.as_str()).collect();
    assert_eq!(operations, ["GetItem", "TransactWriteItems", "TransactWriteItems"]);
    let digest = stand.records(&format!("DIGEST#{}", pair.0.connection)).await;
    assert_eq!(digest, Vec::<Value>::new());
}

#[tokio::test]
async fn strangers_and_service_accounts_pause_nothing() {
    let pair = Pausing::automatic().await;
    let (stand, harbour) = (&pair.0.stand, &pair.0.harbour);
    let reader = stand.sign_in(&harbour.0.people[2].0).await;
    let pause = pair.at(harbour, "/pause");
    reader.post(&pause, json!({})).await.problem(403, "not-admin");
    stand
        .stranger()
        .post(&pause, json!({}))
        .await
        .problem(401, "not-signed-in");
    let foreign = harbour.1.send(Method::POST, &pause, |request| {
        request.header("origin", "https://evil.example").json(&json!({}))
    });
    foreign.await.problem(403, "foreign-origin");
    let known = harbour.1.post(&pause, json!({"why": "x"})).await;
    known.problem(422, "bad-field");
}
