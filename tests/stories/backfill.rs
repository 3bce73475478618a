//! Everything that fits a filter is sent at once: in turns, once, and with half of Procore's calls left to others.

use futures_util::{StreamExt, stream};
use gusset_tests::{Stand, Tool, api, connected, eventually};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{connected::Pair, large_items::usual_limits};

/// Two connected projects, one of which has RFIs from before.
struct Behind {
    pair: Pair,
}

impl Behind {
    /// Has so many RFIs in South's project before the two are connected, so that none of them travels by itself.
    async fn with(rfis: usize) -> Self {
        let pair = Pair::asked().await;
        let (stand, south) = (&pair.stand, &pair.south.0);
        stream::iter(0..rfis)
            .for_each_concurrent(5, async |number| {
                stand.create(south, Tool::Rfis, &format!("Slab edge {number}")).await;
            })
            .await;
        connected::accept(&pair.harbour, &pair.connection).await;
        for company in [&pair.south.0, &pair.harbour.0] {
            usual_limits(stand, company).await;
        }
        Self { pair }
    }

    fn path(&self, rest: &str) -> String {
        let project = self.pair.south.0.project();
        api(
            project,
            &format!("/connections/{}/backfill{rest}", self.pair.connection),
        )
    }

    /// Presses *Send*.
    async fn press(&self, filter: Value) -> gusset_tests::Answer {
        self.pair.south.1.post(&self.path(""), filter).await
    }

    async fn act(&self, act: &str) -> Value {
        let answer = self.pair.south.1.post(&self.path(&format!("/{act}")), json!({})).await;
        answer.expect(200).clone()
    }

    /// How it stands, once it stands so.
    async fn stands(&self, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        eventually(what, || async {
            let backfill = self.pair.south.1.get(&self.path("")).await.expect(200).clone();
            so(&backfill).then_some(backfill)
        })
        .await
    }

    async fn arrived(&self) -> usize {
        self.pair.stand.arrived(self.pair.harbour.0.project()).await.len()
    }
}

fn is(state: &'static str) -> impl Fn(&Value) -> bool {
    move |backfill| backfill["state"] == state
}

#[tokio::test]
async fn all_that_fits_is_sent_once_and_pressing_again_sends_nothing() {
    let behind = Behind::with(12).await;
    let (stand, (south, sam)) = (&behind.pair.stand, &behind.pair.south);
    let mut private = Tool::Rfis.item(south, "For us alone");
    private["private"] = json!(true);
    stand.create_as(south, Tool::Rfis, private, json!([])).await;
    let page = format!(
        "/projects/{}/connections/{}/send/all?tool=rfis",
        south.project().id,
        behind.pair.connection
    );
    let said = eventually("all are listed", || async {
        let page = sam.get(&page).await.text.clone();
        page.contains("12 RFIs").then_some(page)
    })
    .await;
    assert!(said.contains("about a minute") && said.contains("left out"), "{said}");

    let filter = json!({"tool": "rfis"});
    let first = behind.press(filter.clone()).await.expect(202).clone();
    assert_eq!((&first["total"], &first["state"]), (&json!(12), &json!("running")));
    let again = behind.press(filter.clone()).await;
    assert_eq!(again.expect(200)["id"], first["id"], "pressed twice, it is one");
    behind
        .press(json!({"tool": "notes"}))
        .await
        .problem(409, "nothing-to-send");
    let done = behind.stands("all are sent", is("done")).await;
    assert_eq!(
        (&done["delivered"], &done["left"], &done["under_way"]),
        (&json!(12), &json!(0), &json!(0)),
        "{done}"
    );
    assert_eq!(behind.arrived().await, 12);
    behind.press(filter).await.problem(409, "nothing-to-send");
    assert_eq!(behind.arrived().await, 12);
}

#[tokio::test]
async fn it_is_paused_resumed_and_cancelled_and_what_had_set_out_is_finished() {
    let behind = Behind::with(24).await;
    behind.press(json!({})).await.expect(202);
    behind.act("pause").await;
    let problem = behind.pair.south.1.post(&behind.path("/pause"), json!({})).await;
    problem.problem(409, "wrong-state");
    let paused = behind
        .stands("what is under way has come to its end", |backfill| {
            backfill["under_way"] == 0
        })
        .await;
    assert_eq!(paused["state"], "paused");
    let left = paused["left"].as_u64().unwrap();
    assert!(left > 0, "{paused}");
    // The other side sees the items, and not who sends how many.
    let theirs = api(
        behind.pair.harbour.0.project(),
        &format!("/connections/{}/backfill", behind.pair.connection),
    );
    behind.pair.harbour.1.get(&theirs).await.problem(404, "not-found");
    behind.act("resume").await;
    behind
        .stands("it goes on", |backfill| backfill["left"].as_u64().unwrap() < left)
        .await;
    behind.act("cancel").await;
    let cancelled = behind
        .stands("what had set out is counted", |backfill| backfill["under_way"] == 0)
        .await;
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(cancelled["reason"], "Cancelled by South admin");
    let sent = 24 - cancelled["left"].as_u64().unwrap();
    assert!(sent < 24, "{cancelled}");
    assert_eq!(cancelled["delivered"], sent, "{cancelled}");
    assert_eq!(behind.arrived().await as u64, sent);
    let resume = behind.pair.south.1.post(&behind.path("/resume"), json!({})).await;
    resume.problem(409, "wrong-state");
    // What was left is sent by another.
    behind.press(json!({})).await.expect(202);
    behind.stands("the rest is sent", is("done")).await;
    assert_eq!(behind.arrived().await, 24);
}

/// Calls to a company in each of Procore's windows of ten seconds, by our app for its own account.
async fn used(stand: &Stand, company: u64) -> Vec<usize> {
    let calls = stand
        .side_door(Method::GET, &format!("/calls?company_id={company}"), Value::Null)
        .await;
    let calls = calls["calls"].as_array().unwrap().iter();
    let ours = calls.filter(|call| call["grant"] == "client_credentials" && call["status"] != 429);
    let mut windows: Vec<(i64, usize)> = Vec::new();
    for call in ours {
        let at = call["time"].as_str().unwrap().parse::<Timestamp>().unwrap().as_second();
        match windows.last_mut() {
            Some((began, used)) if at < *began + 10 => *used += 1,
            _ => windows.push((at, 1)),
        }
    }
    windows.into_iter().map(|(_, used)| used).collect()
}

#[tokio::test]
async fn it_leaves_a_company_half_of_each_window() {
    let behind = Behind::with(30).await;
    let harbour = behind.pair.harbour.0.id;
    let before = used(&behind.pair.stand, harbour).await.len();
    behind.press(json!({})).await.expect(202);
    behind.stands("all are sent", is("done")).await;
    let used = used(&behind.pair.stand, harbour).await;
    // The first of them may have begun with what connecting the two took.
    let windows = &used[(before + 1).min(used.len() - 1)..];
    assert!(windows.iter().all(|used| *used <= 15), "{windows:?} of 25");
}

#[tokio::test]
async fn a_step_whose_message_was_lost_is_made_after_the_next_sweep() {
    let behind = Behind::with(8).await;
    let (pair, stand) = (&behind.pair, &behind.pair.stand);
    behind.press(json!({})).await.expect(202);
    behind.act("pause").await;
    behind
        .stands("nothing is under way", |backfill| backfill["under_way"] == 0)
        .await;
    // As if it ran, half an hour ago, and nobody had come since.
    let source = pair.south.0.project().id;
    let key = json!({"pk": {"S": pair.deliveries()}, "sk": {"S": format!("WAITS#~{source}")}});
    let request = json!({
        "Key": key,
        "UpdateExpression": "SET #state = :running, stepped_at = :then",
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": {":running": {"S": "running"}, ":then": {"S": "2026-01-01T00:00:00Z"}},
    });
    stand.table("UpdateItem", request).await;
    stand
        .sweep_until(pair.south.0.project(), "it goes on to its end", || async {
            let backfill = pair.south.1.get(&behind.path("")).await.expect(200).clone();
            (backfill["state"] == "done").then_some(())
        })
        .await;
    assert_eq!(behind.arrived().await, 8);
}

#[tokio::test]
async fn while_the_connection_is_paused_nothing_sets_out_and_it_goes_on_by_itself_afterwards() {
    let behind = Behind::with(10).await;
    let pair = &behind.pair;
    let act = async |act: &str| {
        let path = api(
            pair.harbour.0.project(),
            &format!("/connections/{}/{act}", pair.connection),
        );
        pair.harbour.1.post(&path, json!({})).await.expect(200);
    };
    act("pause").await;
    behind.press(json!({})).await.expect(202);
    eventually("a step has found the pause", || async {
        let id = behind.pair.south.1.get(&behind.path("")).await.expect(200)["id"].clone();
        let said = pair.stand.log_with(id.as_str().unwrap());
        said.iter()
            .any(|line| line.contains("the connection is paused"))
            .then_some(())
    })
    .await;
    assert_eq!(behind.stands("it runs", is("running")).await["left"], 10);
    act("resume").await;
    behind.stands("all are sent", is("done")).await;
    assert_eq!(behind.arrived().await, 10);
}

#[tokio::test]
async fn it_ends_with_the_connection() {
    let behind = Behind::with(24).await;
    let pair = &behind.pair;
    behind.press(json!({})).await.expect(202);
    let path = api(
        pair.south.0.project(),
        &format!("/connections/{}/disconnect", pair.connection),
    );
    pair.south.1.post(&path, json!({})).await.expect(200);
    let ended = behind.stands("it has ended", is("cancelled")).await;
    assert_eq!(ended["reason"], "The connection ended");
    assert!(ended["left"].as_u64().unwrap() > 0, "{ended}");
    behind.press(json!({})).await.problem(409, "not-connected");
}

#[tokio::test]
async fn what_is_no_filter_is_refused_and_says_what_is() {
    let behind = Behind::with(1).await;
    for (body, field) in [
        (json!({"range": "1d"}), "range"),
        (json!({"tool": "photos"}), "tool"),
        (json!({"from": "nobody"}), "from"),
        (json!({"items": ["rfis:1"]}), "items"),
        (json!({"q": 7}), "q"),
    ] {
        let problem = behind.press(body.clone()).await.problem(422, "bad-field").clone();
        assert_eq!(problem["field"], field, "{body}");
    }
    let act = behind.pair.south.1.post(&behind.path("/stop"), json!({})).await;
    assert!([403, 404].contains(&act.status.as_u16()), "{}", act.status);
    behind
        .pair
        .south
        .1
        .post(&behind.path("/pause"), json!({}))
        .await
        .problem(404, "not-found");
    behind.press(json!({})).await.expect(202);
    behind.stands("it is sent", is("done")).await;
}

#[tokio::test]
async fn two_thousand_items_are_told_of_begun_and_cancelled_under_the_usual_limits() {
    let behind = Behind::with(2_000).await;
    let (south, sam) = &behind.pair.south;
    let (project, connection) = (south.project().id, &behind.pair.connection);
    let page = format!("/projects/{project}/connections/{connection}/send/all?tool=rfis");
    eventually("all are listed", || async {
        let page = sam.get(&page).await.text.clone();
        page.contains("2,000 RFIs").then_some(())
    })
    .await;
    let begun = eventually("it is begun", || async {
        let answer = behind.press(json!({"tool": "rfis"})).await;
        // The list may meet the limit: then nothing was sent.
        (answer.status != 503).then_some(answer)
    })
    .await;
    assert_eq!(begun.expect(202)["total"], 2_000);
    behind
        .stands("some are sent", |backfill| backfill["left"].as_u64().unwrap() <= 1_990)
        .await;
    behind.act("cancel").await;
    let ended = behind
        .stands("what had set out is counted", |backfill| backfill["under_way"] == 0)
        .await;
    let sent = 2_000 - ended["left"].as_u64().unwrap();
    assert_eq!(
        (ended["delivered"].clone(), behind.arrived().await as u64),
        (json!(sent), sent)
    );
}
