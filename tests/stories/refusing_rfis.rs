//! A side that accepts no RFIs gets none, and both sides are told so: nothing waits for a manager who never comes.

use gusset_tests::{Tool, api, connected::code, eventually};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::{
    connected::{Pair, all_automatic},
    sweep::past_grace,
};

/// The delivery of an item with this title in a list of the API, once it stands so.
async fn stands(pair: &Pair, title: &str, status: &str) -> Value {
    let (south, sam) = &pair.south;
    let list = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    eventually(&format!("{title} is {status}"), || async {
        let list = sam.get(&list).await.expect(200);
        let deliveries = list["deliveries"].as_array().unwrap();
        let one = deliveries.iter().find(|one| one["title"] == title)?;
        (one["status"] == status).then(|| one.clone())
    })
    .await
}

/// Has Harbour have begun to accept RFIs minutes later than it did, as clocks that disagree by a minute do not matter, and lets
/// South be swept again.
async fn minutes_later(pair: &Pair) {
    let since = Timestamp::now() + 5.minutes();
    for (company, _) in [&pair.south, &pair.harbour] {
        let project = company.project().id;
        let key = json!({"pk": {"S": format!("PROJECT#{project}")}, "sk": {"S": format!("CONNECTION#LIVE#{}", pair.connection)}});
        let later = json!({
            "Key": key, "UpdateExpression": "SET #connection.recipient.accepts_rfis_since = :since",
            "ConditionExpression": "attribute_exists(#connection.recipient.accepts_rfis_since)",
            "ExpressionAttributeNames": {"#connection": "connection"},
            "ExpressionAttributeValues": {":since": {"S": since.to_string()}},
        });
        pair.stand.table("UpdateItem", later).await;
    }
    let swept = format!("SWEPT#{}", pair.south.0.project().id);
    let key = json!({"pk": {"S": swept}, "sk": {"S": "SWEPT"}});
    pair.stand.table("DeleteItem", json!({"Key": key})).await;
}

#[tokio::test]
async fn a_side_that_accepts_none_gets_none_until_it_does_and_then_only_what_is_new() {
    let pair = Pair::asked().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let ours = api(south.project(), &format!("/connections/{}", pair.connection));
    let theirs = api(harbour.project(), &format!("/connections/{}", pair.connection));
    let mut refuse = all_automatic(harbour);
    refuse.as_object_mut().unwrap().remove("rfi_manager_id");
    refuse["accepts_rfis"] = json!(false);
    let accepted = gina.post(&format!("{theirs}/accept"), refuse).await.expect(200);
    assert_eq!(
        (&accepted["accepts_rfis"], &accepted["rfi_manager"]),
        (&json!(false), &Value::Null)
    );
    let seen = sam.get(&ours).await.expect(200);
    assert_eq!(
        (&seen["accepts_rfis"], &seen["other_accepts_rfis"]),
        (&json!(true), &json!(false))
    );

    // Not by the webhook, nor by the sweep, nor by hand; and nobody has a delivery to wonder about.
    let rfi = stand.create(south, Tool::Rfis, "Not wanted").await;
    stand.create(south, Tool::Notes, "Rain").await;
    stands(&pair, "Rain", "delivered").await;
    stand.settled_events(south.project()).await;
    past_grace(stand).await;
    assert!(stand.sweep(south.project()).await);
    let pick = json!({"tool": "rfis", "item_id": rfi});
    let refused = sam.post(&format!("{ours}/items"), pick.clone()).await;
    let refused = refused.problem(409, "not-accepted");
    let words = refused["detail"].as_str().unwrap();
    assert_eq!(words, format!("{} does not accept RFIs.", harbour.project().name));
    let several = json!({"items": [pick]});
    let several = sam.post(&format!("{ours}/items"), several).await.expect(200);
    assert_eq!(
        several["refused"][0]["problem"]["type"],
        "urn:gusset:problem:not-accepted"
    );
    let list = sam.get(&format!("{ours}/deliveries")).await.expect(200);
    assert_eq!(list["deliveries"].as_array().unwrap().len(), 1, "{list}");

    // Their own RFIs still travel to us: each side answers for itself.
    stand.create(harbour, Tool::Rfis, "The other way").await;
    stands(&pair, "The other way", "delivered").await;

    stand.leave_unswept(south.project()).await;
    let accepts = json!({"rfi_manager_id": harbour.people[1].1});
    let accepts = gina.patch(&theirs, accepts).await.expect(200);
    assert_eq!(accepts["accepts_rfis"], true);
    stand.create(south, Tool::Rfis, "Welcome").await;
    stands(&pair, "Welcome", "delivered").await;
    minutes_later(&pair).await;
    past_grace(stand).await;
    assert!(stand.sweep(south.project()).await);
    let copies = stand.copies(harbour.project()).await;
    assert_eq!(copies.len(), 1, "what was new before that is not: {copies:?}");
    // Somebody may still send it.
    sam.post(&format!("{ours}/items"), pick).await.expect(202);
    stands(&pair, "Not wanted", "delivered").await;
}

#[tokio::test]
async fn rfis_that_wait_are_cancelled_with_the_reason_on_both_sides_once_they_are_refused() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let ours = api(south.project(), &format!("/connections/{}", pair.connection));
    let theirs = api(harbour.project(), &format!("/connections/{}", pair.connection));
    gina.patch(&theirs, json!({"rfi_manager_id": null})).await.expect(200);
    stand.create(south, Tool::Rfis, "For nobody").await;
    stands(&pair, "For nobody", "held").await;
    let refuses = gina.patch(&theirs, json!({"accepts_rfis": false})).await.expect(200);
    assert_eq!(refuses["accepts_rfis"], false);
    let cancelled = stands(&pair, "For nobody", "cancelled").await;
    let reason = format!("{} does not accept RFIs", harbour.project().name);
    assert_eq!(
        (&cancelled["because"], &cancelled["reason"]),
        (&json!("not_accepted"), &json!(reason))
    );
    let seen = gina.get(&format!("{theirs}/deliveries")).await.expect(200);
    assert_eq!(seen["deliveries"][0], cancelled, "what was shown is not forgotten");
    let reference = cancelled["reference"].as_str().unwrap();
    let retry = sam
        .post(&format!("{ours}/deliveries/{reference}/retry"), json!({}))
        .await;
    let problem = retry.problem(409, "cancelled");
    assert!(problem["detail"].as_str().unwrap().starts_with(&reason), "{problem}");

    // Clearing a manager whom there is not changes nothing; accepting them does.
    let still = gina.patch(&theirs, json!({"rfi_manager_id": null})).await.expect(200);
    assert_eq!(still["accepts_rfis"], false);
    gina.patch(&theirs, json!({"accepts_rfis": true})).await.expect(200);
    stand.create(south, Tool::Rfis, "For somebody").await;
    stands(&pair, "For somebody", "held").await;
    let manager = json!({"rfi_manager_id": harbour.people[1].1});
    gina.patch(&theirs, manager).await.expect(200);
    stands(&pair, "For somebody", "delivered").await;
    assert_eq!(stand.copies(harbour.project()).await.len(), 1);
}

#[tokio::test]
async fn who_asks_may_refuse_as_well_and_nobody_says_two_things_at_once() {
    let stand = gusset_tests::Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let (south, sam) = stand.company("South").await;
    let code = code(&gina, &harbour).await;
    let ask = api(south.project(), "/connections");
    for wrong in [
        json!({"code": code, "accepts_rfis": false, "rfi_manager_id": south.people[1].1}),
        json!({"code": code, "accepts_rfis": null}),
        json!({"code": code, "accepts_rfis": "no"}),
        json!({"code": code, "sends": "everything"}),
    ] {
        sam.post(&ask, wrong).await.problem(422, "bad-field");
    }
    let asked = json!({"code": code, "accepts_rfis": false});
    let asked = sam.post(&ask, asked).await.expect(201);
    assert_eq!(asked["accepts_rfis"], false);
    let theirs = api(
        harbour.project(),
        &format!("/connections/{}", asked["id"].as_str().unwrap()),
    );
    let request = gina.get(&theirs).await.expect(200);
    assert_eq!(request["other_accepts_rfis"], false);
}

/// Programs may leave the questions open, as they always could. A page's form may not.
#[tokio::test]
async fn a_form_says_what_is_sent_in_a_word_and_has_to_say_who_reviews() {
    let pair = Pair::asked().await;
    let (harbour, gina) = &pair.harbour;
    let theirs = api(harbour.project(), &format!("/connections/{}", pair.connection));
    let accept = format!("{theirs}/accept");
    let open = [("sends", "rfis"), ("rfi_manager_id", ""), ("return_to", "/")];
    gina.submit(&accept, &open).await;
    let still = gina.get(&theirs).await.expect(200);
    assert_eq!(still["status"], "request_pending");
    let answered = [
        ("sends", "rfis"),
        ("send.notes", "automatic"),
        ("rfi_manager_id", "refused"),
        ("return_to", "/"),
    ];
    gina.submit(&accept, &answered).await;
    let connected = gina.get(&theirs).await.expect(200);
    let modes = json!({"rfis": "automatic", "working_hours": "manual", "notes": "manual"});
    assert_eq!(
        (&connected["send"], &connected["accepts_rfis"]),
        (&modes, &json!(false))
    );
    let chosen = [("sends", "chosen"), ("send.notes", "off"), ("rfi_manager_id", "none")];
    gina.submit(&theirs, &chosen).await;
    let settled = gina.get(&theirs).await.expect(200);
    assert_eq!(settled["send"]["notes"], "off");
    assert_eq!(settled["send"]["rfis"], "automatic", "what is not named stays");
}
