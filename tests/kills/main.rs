//! What is left when a function's process is killed in the middle: nothing, once the action is repeated.
//!
//! After every single call to Procore that an accept or a disconnect makes, and so after every outside effect, the
//! process is killed. Repeated, both end as a smooth run does. Run with `cargo xtask test`.

use std::time::Duration;

use gusset_tests::{
    Project, Stand, api,
    connected::{Pair, code},
    eventually, kill_function,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// Held by each of these stories while it runs: one's kill must not meet another's accept.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Longer than any accept takes: a call that is held back so long is the one at which the process is killed.
const HELD_BACK: u64 = 20_000;

/// The side whose calls to Procore are held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    South,
    Harbour,
}

/// Acts, and kills the function after its `nth` call to Procore about one company took effect. False where it makes
/// fewer calls.
async fn act_and_die(pair: &Pair, whose: Whose, nth: usize, function: &str, verb: &str) -> bool {
    let company = if whose == Whose::South {
        pair.south.0.id
    } else {
        pair.harbour.0.id
    };
    let path = format!("/faults?company_id={company}");
    pair.stand.side_door(Method::DELETE, &path, Value::Null).await;
    if nth > 0 {
        let pass = json!({"path": "/rest/*", "company_id": company, "times": nth, "delay_ms": 1});
        pair.stand.side_door(Method::POST, "/faults", pass).await;
    }
    let hold = json!({"path": "/rest/*", "company_id": company, "delay_ms": HELD_BACK, "when": "after"});
    pair.stand.side_door(Method::POST, "/faults", hold).await;
    let waiting = async || {
        let faults = pair.stand.side_door(Method::GET, "/faults", Value::Null).await;
        faults["faults"]
            .as_array()
            .unwrap()
            .iter()
            .any(|fault| fault["company_id"] == company)
    };
    let (harbour, gina) = &pair.harbour;
    let action = api(harbour.project(), &format!("/connections/{}/{verb}", pair.connection));
    let mut acting = std::pin::pin!(gina.post(&action, json!({})));
    loop {
        tokio::select! {
            answer = &mut acting => {
                answer.expect(200);
                pair.stand.side_door(Method::DELETE, &path, Value::Null).await;
                return false;
            }
            () = tokio::time::sleep(Duration::from_millis(20)) => if !waiting().await {
                assert!(kill_function(function) > 0, "{function} was running");
                let answer = acting.await;
                assert!(answer.status.is_server_error(), "{} {}", answer.status, answer.text);
                return true;
            }
        }
    }
}

/// Has neither side send anything by itself, so that no sweep of theirs makes calls among those that are counted.
async fn send_nothing(pair: &Pair) {
    let manual = json!({"send": {"rfis": "manual", "working_hours": "manual", "notes": "manual"}});
    for (company, admin) in [&pair.south, &pair.harbour] {
        let one = api(company.project(), &format!("/connections/{}", pair.connection));
        admin.patch(&one, manual.clone()).await.expect(200);
    }
}

/// Repeats an action until it is answered otherwise than by an error of ours.
async fn repeat(pair: &Pair, verb: &str) {
    let (harbour, gina) = &pair.harbour;
    let action = api(harbour.project(), &format!("/connections/{}/{verb}", pair.connection));
    eventually("the action is repeated", || async {
        let answer = gina.post(&action, json!({})).await;
        [200, 409].contains(&answer.status.as_u16()).then_some(())
    })
    .await;
}

async fn hooks(stand: &Stand, project: &Project) -> usize {
    let hooks = stand.hooks(project, "gusset").await;
    let triggers = hooks.iter().map(|hook| hook["triggers"].as_array().unwrap().len());
    hooks.len() * 1_000 + triggers.sum::<usize>()
}

/// What there is in Procore and on both sides' pages.
async fn outcome(pair: &Pair) -> Value {
    let mut sides = Vec::new();
    for (company, admin) in [&pair.south, &pair.harbour] {
        let view = admin
            .get(&api(company.project(), &format!("/connections/{}", pair.connection)))
            .await
            .expect(200);
        let hooks = hooks(&pair.stand, company.project()).await;
        let accounts = admin
            .get(&api(company.project(), "/service-accounts"))
            .await
            .expect(200);
        let accounts: Vec<_> = accounts["service_accounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].clone())
            .collect();
        sides.push(json!({
            "status": view["status"], "version": view["version"], "hooks": hooks, "accounts": accounts,
            "both_have_accounts": !view["service_account"].is_null() && view["other_has_service_account"] == true,
        }));
    }
    json!(sides)
}

#[tokio::test]
async fn an_accept_that_is_killed_anywhere_is_completed_by_accepting_again() {
    let _alone = ALONE.lock().await;
    let smooth = Pair::automatic().await;
    let expected = outcome(&smooth).await;
    for whose in [Whose::South, Whose::Harbour] {
        for nth in 0.. {
            let pair = Pair::asked().await;
            let died = act_and_die(&pair, whose, nth, "Accept", "accept").await;
            if died {
                repeat(&pair, "accept").await;
            }
            assert_eq!(
                outcome(&pair).await,
                expected,
                "killed after call {nth} about {whose:?}"
            );
            if !died {
                assert!(
                    nth >= 4,
                    "an accept makes at least four calls about each company, not {nth}"
                );
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_request_whose_accept_was_killed_can_be_declined_and_leaves_nothing() {
    let _alone = ALONE.lock().await;
    for nth in [3, 5] {
        let pair = Pair::asked().await;
        assert!(act_and_die(&pair, Whose::South, nth, "Accept", "accept").await);
        let (harbour, gina) = &pair.harbour;
        let view = gina
            .get(&api(harbour.project(), &format!("/connections/{}", pair.connection)))
            .await
            .expect(200);
        if view["status"] == "request_pending" {
            repeat(&pair, "decline").await;
        } else {
            repeat(&pair, "disconnect").await;
        }
        for project in [harbour.project(), pair.south.0.project()] {
            assert_eq!(hooks(&pair.stand, project).await, 0);
        }
    }
}

#[tokio::test]
async fn a_disconnect_that_is_killed_anywhere_is_completed_by_disconnecting_again() {
    let _alone = ALONE.lock().await;
    for whose in [Whose::South, Whose::Harbour] {
        for nth in 0.. {
            let pair = Pair::automatic().await;
            send_nothing(&pair).await;
            let died = act_and_die(&pair, whose, nth, "Disconnect", "disconnect").await;
            if died {
                repeat(&pair, "disconnect").await;
            }
            let left = outcome(&pair).await;
            for side in left.as_array().unwrap() {
                assert_eq!(
                    (&side["status"], &side["hooks"], &side["accounts"]),
                    (&json!("ended"), &json!(0), &json!([])),
                    "killed after call {nth} about {whose:?}"
                );
            }
            if !died {
                assert!(
                    nth >= 2,
                    "a disconnect makes at least two calls about each company, not {nth}"
                );
                break;
            }
            // And the two can connect again.
            let ((south, sam), (harbour, gina)) = (&pair.south, &pair.harbour);
            let again = json!({"code": code(gina, harbour).await});
            sam.post(&api(south.project(), "/connections"), again).await.expect(201);
        }
    }
}
