//! Several people at once: exactly one wins, both sides agree, and nobody sees an error of ours.

use std::{collections::BTreeMap, future::Future};

use futures_util::future::join_all;
use gusset_tests::{Answer, Stand, api, eventually};
use serde_json::{Value, json};

use crate::{
    connected::{Pair, code},
    hooks::hooks,
};

/// So many that nearly each meets the company's limit of 25 calls in ten seconds, and few enough that all get through within the
/// time that a person tries.
const AT_ONCE: usize = 8;

/// How often each status was answered. Errors of ours fail the test.
async fn statuses(all: impl IntoIterator<Item = impl Future<Output = Answer>>) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for answer in join_all(all).await {
        assert!(answer.status.as_u16() < 500, "{} {}", answer.status, answer.text);
        *counts.entry(answer.status.as_u16()).or_default() += 1;
    }
    counts
}

/// The connection as both sides see it.
async fn both_sides(pair: &Pair) -> (Value, Value) {
    let view = async |side: &(gusset_tests::Company, gusset_tests::Person)| {
        side.1
            .get(&api(side.0.project(), &format!("/connections/{}", pair.connection)))
            .await
            .expect(200)
    };
    (view(&pair.south).await, view(&pair.harbour).await)
}

#[tokio::test]
async fn of_many_accepts_one_wins() {
    let pair = Pair::asked().await;
    let (harbour, gina) = &pair.harbour;
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    let counts = statuses((0..AT_ONCE).map(|_| gina.post(&accept, json!({})))).await;
    assert_eq!(counts, BTreeMap::from([(200, 1), (409, AT_ONCE - 1)]));
    let (south, harbours) = both_sides(&pair).await;
    assert_eq!(
        (&south["status"], &harbours["status"]),
        (&json!("connected"), &json!("connected"))
    );
    assert_eq!(south["version"], harbours["version"]);
    for project in [harbour.project(), pair.south.0.project()] {
        assert_eq!(hooks(&pair.stand, project).await.len(), 1);
    }
}

#[tokio::test]
async fn of_accepts_and_withdrawals_one_wins() {
    let pair = Pair::asked().await;
    let ((south, sam), (harbour, gina)) = (&pair.south, &pair.harbour);
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    let withdraw = api(south.project(), &format!("/connections/{}/disconnect", pair.connection));
    let all = (0..AT_ONCE).map(|n| {
        if n % 2 == 0 {
            gina.post(&accept, json!({}))
        } else {
            sam.post(&withdraw, json!({}))
        }
    });
    let answers = join_all(all).await;
    assert!(
        answers
            .iter()
            .all(|answer| [200, 409].contains(&answer.status.as_u16())),
        "{answers:?}"
    );
    let (souths, harbours) = both_sides(&pair).await;
    assert_eq!(souths["status"], harbours["status"]);
    assert_eq!(souths["ended"], harbours["ended"]);
    // Withdrawn, or accepted and then disconnected: the withdrawals that came later end the connection that was made.
    let accepted = answers
        .iter()
        .filter(|answer| answer.json["status"] == "connected")
        .count();
    assert!(accepted <= 1, "{accepted} accepts won");
    assert_eq!(souths["status"], "ended");
    let how = if accepted == 1 { "disconnected" } else { "withdrawn" };
    assert_eq!(souths["ended"]["how"], how);
    for project in [harbour.project(), south.project()] {
        eventually("no hook is left", || async {
            hooks(&pair.stand, project).await.is_empty().then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn when_both_ask_each_other_one_connection_is_made() {
    let stand = Stand::new();
    let (south, sam) = stand.company("South").await;
    let (harbour, gina) = stand.company("Harbour").await;
    let (souths, harbours) = (code(&sam, &south).await, code(&gina, &harbour).await);
    let (from_south, from_harbour) = (
        api(south.project(), "/connections"),
        api(harbour.project(), "/connections"),
    );
    let all = (0..AT_ONCE).map(|n| {
        if n % 2 == 0 {
            sam.post(&from_south, json!({"code": harbours}))
        } else {
            gina.post(&from_harbour, json!({"code": souths}))
        }
    });
    // So many at once from one person look like guesses until they have hit: some are told to wait.
    let counts = statuses(all).await;
    assert_eq!(counts.get(&201), Some(&1), "{counts:?}");
    assert!(
        counts.keys().all(|status| [201, 409, 429].contains(status)),
        "{counts:?}"
    );
    for (admin, list) in [(&sam, &from_south), (&gina, &from_harbour)] {
        assert_eq!(
            admin.get(list).await.expect(200)["connections"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    }
}

#[tokio::test]
async fn a_disconnect_among_arriving_rfis_leaves_each_delivered_or_cancelled() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let create = (0..20).map(|n| {
        let rfi = json!({"subject": format!("RFI {n}"), "draft": false, "rfi_manager_id": south.people[1].1});
        stand.create_rfi(south.project(), &sam.login, rfi)
    });
    let disconnect = api(
        harbour.project(),
        &format!("/connections/{}/disconnect", pair.connection),
    );
    let (_, answer) = futures_util::future::join(join_all(create), gina.post(&disconnect, json!({}))).await;
    answer.expect(200);
    let deliveries = api(
        harbour.project(),
        &format!("/connections/{}/deliveries?limit=100", pair.connection),
    );
    let list = eventually("nothing is in flight", || async {
        stand.settled_events(south.project()).await;
        let list = gina.get(&deliveries).await.expect(200)["deliveries"]
            .as_array()
            .unwrap()
            .clone();
        list.iter()
            .all(|one| one["status"] == "delivered" || one["status"] == "cancelled")
            .then_some(list)
    })
    .await;
    let delivered = list.iter().filter(|one| one["status"] == "delivered").count();
    assert_eq!(stand.copies(harbour.project()).await.len(), delivered);
}
