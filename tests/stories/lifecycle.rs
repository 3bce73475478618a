//! The life of a connection, from the first request to the history.

use gusset_tests::{Stand, api, eventually};
use reqwest::header;
use serde_json::{Value, json};

use crate::connected::{Pair, an_hour_after_asking, code};

#[tokio::test]
async fn a_request_is_declined_withdrawn_or_accepted_and_the_two_may_connect_again() {
    let pair = Pair::asked().await;
    let ((south, sam), (harbour, gina)) = (&pair.south, &pair.harbour);
    let code = code(gina, harbour).await;
    let theirs = |id: &str, verb: &str| api(harbour.project(), &format!("/connections/{id}/{verb}"));
    let ours = |id: &str, verb: &str| api(south.project(), &format!("/connections/{id}/{verb}"));
    let ask = async || {
        an_hour_after_asking(&pair.stand, (south.project(), south.people[0].1), harbour.project()).await;
        let asked = sam
            .post(&api(south.project(), "/connections"), json!({"code": code}))
            .await
            .expect(201);
        asked["id"].as_str().unwrap().to_owned()
    };

    let declined = gina
        .post(&theirs(&pair.connection, "decline"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&declined["status"], &declined["ended"]["how"]),
        (&json!("ended"), &json!("declined"))
    );
    gina.post(&theirs(&pair.connection, "accept"), json!({}))
        .await
        .problem(409, "wrong-state");

    let second = ask().await;
    gina.post(&theirs(&second, "disconnect"), json!({}))
        .await
        .problem(403, "wrong-side");
    let withdrawn = sam.post(&ours(&second, "disconnect"), json!({})).await.expect(200);
    assert_eq!(withdrawn["ended"]["how"], "withdrawn");

    let third = ask().await;
    gina.post(&theirs(&third, "accept"), json!({})).await.expect(200);
    let disconnected = gina.post(&theirs(&third, "disconnect"), json!({})).await.expect(200);
    assert_eq!(
        (&disconnected["ended"]["how"], &disconnected["ended"]["by_side"]),
        (&json!("disconnected"), &json!("recipient"))
    );
    let problem = sam
        .post(&ours(&third, "disconnect"), json!({}))
        .await
        .problem(409, "wrong-state");
    assert_eq!(problem["connection_status"], "ended");

    let fourth = ask().await;
    let list = sam.get(&api(south.project(), "/connections")).await.expect(200);
    let history: Vec<&Value> = list["connections"].as_array().unwrap().iter().collect();
    let ids: Vec<&str> = history.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&fourth, &third, &second, &pair.connection], "the newest first");
    let hows: Vec<&Value> = history[1..].iter().map(|one| &one["ended"]["how"]).collect();
    assert_eq!(hows, ["disconnected", "withdrawn", "declined"]);
    assert!(
        history[1]["ended"]["by"]["name"].as_str().unwrap().contains("Harbour"),
        "{}",
        history[1]
    );
}

#[tokio::test]
async fn asking_twice_or_both_ways_is_answered_with_the_connection_that_there_is() {
    let pair = Pair::asked().await;
    let ((south, sam), (harbour, gina)) = (&pair.south, &pair.harbour);
    let theirs = code(gina, harbour).await;
    let ours = code(sam, south).await;
    let (from_south, from_harbour) = (
        api(south.project(), "/connections"),
        api(harbour.project(), "/connections"),
    );
    let already = sam
        .post(&from_south, json!({"code": theirs}))
        .await
        .problem(409, "already-asked");
    assert_eq!(already["connection"], pair.connection);
    let instead = gina
        .post(&from_harbour, json!({"code": ours}))
        .await
        .problem(409, "accept-instead");
    assert_eq!(instead["connection"], pair.connection);
    gina.post(&format!("{from_harbour}/{}/accept", pair.connection), json!({}))
        .await
        .expect(200);
    let connected = gina
        .post(&from_harbour, json!({"code": ours}))
        .await
        .problem(409, "already-connected");
    assert_eq!(connected["connection"], pair.connection);
}

#[tokio::test]
async fn a_reminder_is_for_the_side_that_asked_once_an_hour() {
    let pair = Pair::asked().await;
    let ((south, sam), (harbour, gina)) = (&pair.south, &pair.harbour);
    let remind = |project| api(project, &format!("/connections/{}/remind", pair.connection));
    gina.post(&remind(harbour.project()), json!({}))
        .await
        .problem(403, "wrong-side");
    let reminded = sam.post(&remind(south.project()), json!({})).await.expect(200);
    assert!(reminded["remind_at"].as_str().is_some());
    let answer = sam.post(&remind(south.project()), json!({})).await;
    let wait: u64 = answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((3_500..=3_600).contains(&wait), "{wait}");
    answer.problem(429, "too-soon");
}

#[tokio::test]
async fn a_replaced_code_stops_working_at_once_and_connections_stay() {
    let pair = Pair::automatic().await;
    let ((_, _), (harbour, gina)) = (&pair.south, &pair.harbour);
    let (delta, dana) = pair.stand.company("Delta").await;
    let old = code(gina, harbour).await;
    let new = gina.post(&api(harbour.project(), "/code"), json!({})).await.expect(200);
    assert_ne!(new["code"], old);
    dana.post(&api(delta.project(), "/connections"), json!({"code": old}))
        .await
        .problem(404, "unknown-code");
    let list = gina.get(&api(harbour.project(), "/connections")).await.expect(200);
    assert_eq!(list["connections"][0]["status"], "connected");
    dana.post(&api(delta.project(), "/connections"), json!({"code": new["code"]}))
        .await
        .expect(201);
}

#[tokio::test]
async fn lists_are_paged() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let code = code(&gina, &harbour).await;
    for name in ["A", "B", "C"] {
        let (company, admin) = stand.company(name).await;
        admin
            .post(&api(company.project(), "/connections"), json!({"code": code}))
            .await
            .expect(201);
    }
    let list = api(harbour.project(), "/connections");
    let first = gina.get(&format!("{list}?limit=2")).await.expect(200);
    assert_eq!(first["connections"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = gina.get(&format!("{list}?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(second["connections"].as_array().unwrap().len(), 1);
    assert_eq!(second["next_cursor"], Value::Null);
    for wrong in ["limit=0", "limit=101", "limit=x", "cursor=%20"] {
        gina.get(&format!("{list}?{wrong}")).await.problem(422, "bad-field");
    }
}

#[tokio::test]
async fn what_waits_is_cancelled_when_the_connection_ends() {
    let pair = Pair::asked().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let one = api(harbour.project(), &format!("/connections/{}", pair.connection));
    gina.post(&format!("{one}/accept"), json!({})).await.expect(200);
    let rfi = json!({"subject": "Waits", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    let first = async |status: &'static str| {
        eventually(status, || async {
            let list = gina.get(&format!("{one}/deliveries")).await.expect(200);
            list["deliveries"]
                .as_array()
                .unwrap()
                .iter()
                .find(|one| one["status"] == status)
                .cloned()
        })
        .await
    };
    first("held").await;
    gina.post(&format!("{one}/disconnect"), json!({})).await.expect(200);
    first("cancelled").await;
    assert_eq!(stand.copies(harbour.project()).await.len(), 0);
}

#[tokio::test]
async fn a_project_that_is_closed_in_procore_is_not_connected() {
    let pair = Pair::asked().await;
    let ((south, _), (harbour, gina)) = (&pair.south, &pair.harbour);
    let closed = json!({"active": false});
    pair.stand
        .side_door(
            reqwest::Method::PUT,
            &format!("/projects/{}", south.project().id),
            closed,
        )
        .await;
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    let problem = gina.post(&accept, json!({})).await.problem(409, "project-inactive");
    assert!(
        problem["detail"].as_str().unwrap().contains(&south.project().name),
        "{problem}"
    );
    let open = json!({"active": true});
    pair.stand
        .side_door(reqwest::Method::PUT, &format!("/projects/{}", south.project().id), open)
        .await;
    gina.post(&accept, json!({})).await.expect(200);
}
