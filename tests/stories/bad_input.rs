//! Bad input gets a clear answer and changes nothing.

use gusset_tests::{Person, Stand, api};
use reqwest::{Method, header};
use serde_json::json;

use crate::connected::{Pair, code};

#[tokio::test]
async fn codes_that_are_wrong_are_told_apart() {
    let stand = Stand::new();
    let (south, sam) = stand.company("South").await;
    let own = code(&sam, &south).await;
    let ask = api(south.project(), "/connections");
    for malformed in ["", "1234", "1234 567x", "123456789", "<script>", "１２３４５６７８"] {
        sam.post(&ask, json!({"code": malformed}))
            .await
            .problem(422, "bad-field");
    }
    sam.post(&ask, json!({"code": own})).await.problem(422, "own-project");
    sam.post(&ask, json!({"code": "1000 0000"}))
        .await
        .problem(404, "unknown-code");
    let list = sam.get(&ask).await.expect(200);
    assert_eq!(list["connections"], json!([]));
}

#[tokio::test]
async fn bodies_of_the_wrong_shape_are_refused() {
    let pair = Pair::asked().await;
    let (harbour, gina) = &pair.harbour;
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    for body in [
        json!({"send": {"rfis": "sometimes"}}),
        json!({"send": {"drawings": "automatic"}}),
        json!({"send": 5}),
        json!({"surprise": true}),
        json!({"rfi_manager_id": -1}),
        json!({"rfi_manager_id": "x"}),
        json!({"rfi_manager_id": 424_242}),
    ] {
        gina.post(&accept, body).await.problem(422, "bad-field");
    }
    gina.post(&accept, json!([1])).await.problem(400, "bad-request");
    let not_json = gina
        .send(Method::POST, &accept, |request| {
            request.header("content-type", "application/json").body("{")
        })
        .await;
    not_json.problem(400, "bad-request");
    let huge = gina
        .send(Method::POST, &accept, |request| {
            request
                .header("content-type", "application/json")
                .body("x".repeat(300_000))
        })
        .await;
    huge.problem(413, "too-large");
    let mistaken = gina.submit(&accept, &[(r#"{"rfi_manager_id":102}"#, "")]).await;
    assert_eq!(mistaken.status, 303, "a browser is shown what is wrong on its page");
    let still = gina
        .get(&api(harbour.project(), &format!("/connections/{}", pair.connection)))
        .await
        .expect(200);
    assert_eq!(
        (still["status"].as_str(), still["version"].as_u64()),
        (Some("request_pending"), Some(1))
    );
}

#[tokio::test]
async fn who_is_not_signed_in_not_an_admin_or_of_another_project_gets_nowhere() {
    let pair = Pair::asked().await;
    let (harbour, gina) = &pair.harbour;
    let (_, sam) = &pair.south;
    let nobody = pair.stand.stranger();
    let reader = pair.stand.sign_in(&harbour.people[2].0).await;
    let one = format!("/connections/{}", pair.connection);
    let accept = format!("{one}/accept");
    let gets = ["", "/connections", one.as_str()];
    let check = async |who: &Person, status: u16, slug: &str| {
        for path in gets {
            who.get(&api(harbour.project(), path)).await.problem(status, slug);
        }
        who.post(&api(harbour.project(), &accept), json!({}))
            .await
            .problem(status, slug);
        who.patch(&api(harbour.project(), &one), json!({}))
            .await
            .problem(status, slug);
        who.post(&api(harbour.project(), "/connections"), json!({"code": "1234 5678"}))
            .await
            .problem(status, slug);
        who.post(&api(harbour.project(), "/code"), json!({}))
            .await
            .problem(status, slug);
    };
    check(&nobody, 401, "not-signed-in").await;
    check(&reader, 403, "not-admin").await;
    check(sam, 404, "not-found").await;
    let still = gina.get(&api(harbour.project(), &one)).await.expect(200);
    assert_eq!(still["version"], 1);
}

#[tokio::test]
async fn the_side_that_asked_cannot_accept() {
    let pair = Pair::asked().await;
    let (south, sam) = &pair.south;
    let accept = api(south.project(), &format!("/connections/{}/accept", pair.connection));
    sam.post(&accept, json!({})).await.problem(403, "wrong-side");
    sam.post(&accept.replace("accept", "decline"), json!({}))
        .await
        .problem(403, "wrong-side");
}

#[tokio::test]
async fn ids_of_nothing_are_not_found() {
    let stand = Stand::new();
    let (south, sam) = stand.company("South").await;
    for path in [
        "/api/projects/x",
        "/api/projects/0",
        "/api/projects/99999999999999999999",
        "/api/projects/7777777/connections",
        "/api/nothing",
    ] {
        sam.get(path).await.problem(404, "not-found");
    }
    for id in ["x", "00000000-0000-0000-0000-000000000000", "..%2f..%2f"] {
        sam.get(&api(south.project(), &format!("/connections/{id}")))
            .await
            .problem(404, "not-found");
    }
    let page = sam.get("/no/such/page").await;
    assert_eq!(page.status, 404);
    assert!(page.text.contains("Not found"), "{}", page.text);
}

#[tokio::test]
async fn accepting_says_which_company_has_to_let_gusset_in() {
    let pair = Pair::asked().await;
    let (harbour, gina) = &pair.harbour;
    let (south, _) = &pair.south;
    pair.stand
        .side_door(
            Method::PUT,
            &format!("/companies/{}/app", south.id),
            json!({"installed": false}),
        )
        .await;
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    let problem = gina.post(&accept, json!({})).await.problem(409, "app-not-permitted");
    assert!(problem["detail"].as_str().unwrap().contains(&south.name), "{problem}");
    let back = json!({"installed": true, "permitted_project_ids": [south.project().id]});
    pair.stand
        .side_door(Method::PUT, &format!("/companies/{}/app", south.id), back)
        .await;
    assert_eq!(gina.post(&accept, json!({})).await.expect(200)["status"], "connected");
}

/// Whatever a form holds, the notice that it comes back with fits into a browser's cookie and through API Gateway.
#[tokio::test]
async fn what_is_wrong_with_a_form_is_told_in_less_than_a_kilobyte() {
    let stand = Stand::new();
    let (south, sam) = stand.company("South").await;
    let path = api(south.project(), "/connections");
    let long = "x".repeat(20_000);
    let wide = "漢".repeat(20_000);
    let control = "\u{1}\"\\".repeat(5_000);
    for (field, value) in [
        (long.as_str(), "1"),
        ("code", long.as_str()),
        ("code", wide.as_str()),
        ("send.rfis", wide.as_str()),
        ("send.rfis", control.as_str()),
        (r#"{"code": "1234 5678"}"#, ""),
    ] {
        let back = sam.submit(&path, &[(field, value)]).await;
        assert_eq!(back.status, 303, "{field:.20}");
        let cookie = back.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(
            cookie.starts_with("__Host-gusset_notice=") && cookie.len() < 1_100,
            "{}",
            cookie.len()
        );
        let value = sam.cookie("__Host-gusset_notice").unwrap();
        assert!(value.len() < 1_000, "{}", value.len());
        let page = sam.get(&format!("/projects/{}", south.project().id)).await;
        assert!(page.text.contains("role=\"alert\""), "{field:.20}: {}", page.text);
        // It is said once.
        assert_eq!(sam.cookie("__Host-gusset_notice"), None);
    }
    let told = sam.post(&path, json!({"code": "1234 5678", (long): 1})).await;
    let problem = told.problem(422, "bad-field");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.len() < 500 && detail.contains("unknown field `xxx"), "{detail}");
}
