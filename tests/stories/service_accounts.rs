//! Service accounts: made by accepting, used by programs, rotated, deleted and made again.

use base64::{Engine, engine::general_purpose::STANDARD};
use gusset_tests::{Answer, Company, Person, Stand, api, eventually};
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::connected::Pair;

/// A project's accounts, as its admin sees them.
async fn accounts(admin: &Person, company: &Company) -> Vec<Value> {
    let list = admin
        .get(&api(company.project(), "/service-accounts"))
        .await
        .expect(200);
    assert!(!list.to_string().contains("secret_hash"), "{list}");
    assert!(!list.to_string().contains("client_secret"), "{list}");
    list["service_accounts"].as_array().unwrap().clone()
}

/// The address of a company's only account, or of something below it.
async fn account(admin: &Person, company: &Company, rest: &str) -> String {
    let accounts = accounts(admin, company).await;
    let id = accounts[0]["id"].as_str().unwrap();
    api(company.project(), &format!("/service-accounts/{id}{rest}"))
}

/// Rotates a company's only account, and gives its client id and secret.
async fn rotate(admin: &Person, company: &Company) -> (String, String) {
    let rotate = account(admin, company, "/rotate").await;
    credentials(&admin.post(&rotate, json!({})).await.expect(200))
}

fn credentials(shown: &Value) -> (String, String) {
    let text = |field: &str| shown[field].as_str().unwrap().to_owned();
    (text("client_id"), text("client_secret"))
}

/// Asks for a token as an OAuth library does.
async fn ask(stand: &Stand, (id, secret): (&str, &str)) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
    ];
    let nobody = stand.stranger();
    nobody
        .send(Method::POST, "/oauth/token", |request| request.form(&form))
        .await
}

async fn token(stand: &Stand, (id, secret): &(String, String)) -> String {
    let answer = ask(stand, (id, secret)).await;
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let answer = answer.expect(200);
    assert_eq!(answer["token_type"], "bearer");
    assert_eq!(answer["expires_in"], 3600);
    answer["access_token"].as_str().unwrap().to_owned()
}

/// A program's request, with a token and without cookies.
async fn with_token(stand: &Stand, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let nobody = stand.stranger();
    nobody
        .send(method, path, |request| {
            let request = request.bearer_auth(token);
            match body {
                Some(body) => request.json(&body),
                None => request,
            }
        })
        .await
}

fn open(company: &Company, subject: &str) -> Value {
    json!({"subject": subject, "draft": false, "rfi_manager_id": company.people[1].1})
}

/// Waits until one of a connection's deliveries stands like this.
async fn delivery(admin: &Person, deliveries: &str, status: &str) -> Value {
    eventually(&format!("a delivery is {status}"), || async {
        let list = admin.get(deliveries).await.expect(200);
        let mut deliveries = list["deliveries"].as_array().unwrap().iter();
        deliveries.find(|one| one["status"] == status).cloned()
    })
    .await
}

#[tokio::test]
async fn accepting_makes_one_for_each_side_named_after_the_connection() {
    let pair = Pair::asked().await;
    let ((south, sam), (harbour, gina)) = (&pair.south, &pair.harbour);
    for (admin, company) in [(sam, south), (gina, harbour)] {
        assert!(accounts(admin, company).await.is_empty());
    }
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    gina.post(&accept, json!({})).await.expect(200);
    gina.post(&accept, json!({})).await.problem(409, "wrong-state");
    for (admin, company, other) in [(sam, south, harbour), (gina, harbour, south)] {
        let accounts = accounts(admin, company).await;
        assert_eq!(accounts.len(), 1, "{accounts:?}");
        let account = &accounts[0];
        assert_eq!(account["connection"], pair.connection);
        assert_eq!(
            account["name"],
            format!("Connection with {} ({})", other.project().name, other.name)
        );
        assert_eq!(account["made"]["by"]["name"], gina_name(harbour));
        assert_eq!(
            (&account["secret_made_at"], &account["last_used_at"]),
            (&Value::Null, &Value::Null)
        );
        let one = api(company.project(), &format!("/connections/{}", pair.connection));
        let view = admin.get(&one).await.expect(200);
        assert_eq!(view["service_account"], account["id"]);
        assert_eq!(view["other_has_service_account"], true);
        assert_eq!(view["waiting"], json!([]));
    }
}

fn gina_name(harbour: &Company) -> String {
    format!("{} admin", harbour.name)
}

#[tokio::test]
async fn two_who_accept_at_once_make_two_accounts_and_not_four() {
    let pair = Pair::asked().await;
    let ((south, sam), (harbour, gina)) = (&pair.south, &pair.harbour);
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    let answers = futures_util::future::join_all((0..4).map(|_| gina.post(&accept, json!({})))).await;
    let accepted = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(accepted, 1, "{answers:?}");
    assert_eq!(accounts(sam, south).await.len(), 1);
    assert_eq!(accounts(gina, harbour).await.len(), 1);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_stops_when_it_is_rotated() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (_, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let (id, first) = rotate(sam, south).await;
    assert!(first.len() >= 43);
    let tokens = (id.clone(), first.clone());
    let old = token(stand, &tokens).await;
    let deliveries = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    with_token(stand, &old, Method::GET, &deliveries, None)
        .await
        .expect(200);
    let listed = &accounts(sam, south).await[0];
    assert!(
        listed["last_used_at"].is_string() && listed["secret_made_at"].is_string(),
        "{listed}"
    );
    assert!(!listed.to_string().contains(&first));

    let (same, second) = rotate(sam, south).await;
    assert_eq!(same, id);
    let refused = ask(stand, (&id, &first)).await;
    assert!(refused.headers.contains_key(header::WWW_AUTHENTICATE));
    assert_eq!(refused.expect(401)["error"], "invalid_client");
    let stopped = with_token(stand, &old, Method::GET, &deliveries, None).await;
    assert_eq!(
        stopped.headers[header::WWW_AUTHENTICATE],
        "Bearer error=\"invalid_token\""
    );
    stopped.problem(401, "token-stopped");
    let new = token(stand, &(id.clone(), second)).await;
    with_token(stand, &new, Method::GET, &deliveries, None)
        .await
        .expect(200);

    // Nobody of the other side touches it.
    let rotate = account(sam, south, "/rotate").await;
    gina.post(&rotate, json!({})).await.problem(404, "not-found");
    let others = api(pair.harbour.0.project(), &format!("/service-accounts/{id}/rotate"));
    gina.post(&others, json!({})).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_name_is_one_line_of_at_most_a_hundred_characters() {
    let pair = Pair::automatic().await;
    let (south, sam) = &pair.south;
    let one = account(sam, south, "").await;
    let hundred = "ä".repeat(100);
    for name in ["Nightly export", hundred.as_str(), "<b>&\"'"] {
        let renamed = sam.patch(&one, json!({"name": format!(" {name} ")})).await.expect(200);
        assert_eq!(renamed["name"], name);
        assert_eq!(accounts(sam, south).await[0]["name"], name);
    }
    for name in [
        json!(""),
        json!("   "),
        json!("a\nb"),
        json!("a\u{0}b"),
        json!("x".repeat(101)),
        json!(5),
        Value::Null,
    ] {
        sam.patch(&one, json!({"name": name})).await.problem(422, "bad-field");
    }
    sam.patch(&one, json!({})).await.problem(422, "bad-field");
    sam.patch(&one, json!({"name": "x", "secret": "y"}))
        .await
        .problem(422, "bad-field");
    for id in [
        "x",
        "gsa_1_0000000000000001",
        &format!("gsa_{}_0000000000000001", south.project().id),
    ] {
        let path = api(south.project(), &format!("/service-accounts/{id}"));
        sam.patch(&path, json!({"name": "x"})).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_token_sends_and_reads_on_its_side_of_its_connection_and_does_nothing_else() {
    let pair = Pair::automatic().await;
    let other = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let token = token(stand, &rotate(sam, south).await).await;
    let connection = api(south.project(), &format!("/connections/{}", pair.connection));
    let (items, deliveries) = (format!("{connection}/items"), format!("{connection}/deliveries"));

    // What is not sent by itself may still be picked by a program: even a draft.
    sam.patch(&connection, json!({"send": {"rfis": "manual"}}))
        .await
        .expect(200);
    let draft = json!({"subject": "Picked", "draft": true, "rfi_manager_id": south.people[1].1});
    let rfi = stand.create_rfi(south.project(), &sam.login, draft).await;
    let pick = json!({"tool": "rfis", "item_id": rfi});
    let queued = with_token(stand, &token, Method::POST, &items, Some(pick.clone()))
        .await
        .expect(202);
    assert_eq!(
        (queued["status"].as_str(), queued["item"].as_u64()),
        (Some("queued"), Some(rfi))
    );
    assert!(
        queued["history"][0]["what"]
            .as_str()
            .unwrap()
            .contains("service account of"),
        "{queued}"
    );
    eventually("the copy is there", || async {
        stand.copies(harbour.project()).await.pop()
    })
    .await;
    let delivered = delivery(sam, &deliveries, "delivered").await;
    assert_eq!(delivered["reference"], queued["reference"]);
    let again = with_token(stand, &token, Method::POST, &items, Some(pick.clone()))
        .await
        .expect(200);
    assert_eq!(again["copy"], delivered["copy"]);
    let list = with_token(stand, &token, Method::GET, &deliveries, None)
        .await
        .expect(200);
    assert_eq!(list["deliveries"][0]["reference"], queued["reference"]);
    assert_eq!(stand.copies(harbour.project()).await.len(), 1);

    // Other connections and other sides are not there for it.
    for path in [
        api(harbour.project(), &format!("/connections/{}", pair.connection)),
        api(other.south.0.project(), &format!("/connections/{}", other.connection)),
        api(south.project(), &format!("/connections/{}", other.connection)),
        api(south.project(), "/connections/00000000-0000-0000-0000-000000000000"),
    ] {
        with_token(stand, &token, Method::GET, &format!("{path}/deliveries"), None)
            .await
            .problem(404, "not-found");
        with_token(
            stand,
            &token,
            Method::POST,
            &format!("{path}/items"),
            Some(pick.clone()),
        )
        .await
        .problem(404, "not-found");
    }
    // What is for people is for people.
    let account = account(sam, south, "").await;
    let retry = format!("{deliveries}/{}/retry", queued["reference"].as_str().unwrap());
    for (method, path) in [
        (Method::GET, "/api/projects".to_owned()),
        (Method::GET, api(south.project(), "")),
        (Method::GET, api(south.project(), "/connections")),
        (Method::POST, api(south.project(), "/connections")),
        (Method::POST, api(south.project(), "/code")),
        (Method::GET, connection.clone()),
        (Method::PATCH, connection.clone()),
        (Method::POST, format!("{connection}/decline")),
        (Method::POST, retry),
        (Method::GET, api(south.project(), "/service-accounts")),
        (Method::POST, format!("{account}/rotate")),
        (Method::DELETE, account),
    ] {
        let body = (method != Method::GET).then(|| json!({}));
        with_token(stand, &token, method, &path, body)
            .await
            .problem(403, "people-only");
    }
    for wrong in ["", "x", &token[1..], &token.to_lowercase()] {
        with_token(stand, wrong, Method::GET, &deliveries, None)
            .await
            .problem(401, "token-stopped");
    }
}

#[tokio::test]
async fn a_person_sends_by_hand_what_is_allowed_to_leave() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let souths = api(south.project(), &format!("/connections/{}", pair.connection));
    let harbours = api(harbour.project(), &format!("/connections/{}", pair.connection));
    let items = format!("{souths}/items");
    for body in [
        json!({}),
        json!({"tool": "rfis"}),
        json!({"tool": "rfis", "item_id": 0}),
        json!({"tool": "rfis", "item_id": "x"}),
        json!({"tool": "rfis", "item_id": 1.5}),
        json!({"tool": "rfis", "item_id": u64::MAX}),
        json!({"tool": "rfis", "item_id": null}),
        json!({"tool": "drawings", "item_id": 1}),
        json!({"tool": "rfis", "item_id": 1, "to": "me"}),
    ] {
        sam.post(&items, body).await.problem(422, "bad-field");
    }
    sam.patch(&souths, json!({"send": {"rfis": "off"}})).await.expect(200);
    sam.post(&items, json!({"tool": "rfis", "item_id": 1}))
        .await
        .problem(409, "not-sent");

    sam.patch(&souths, json!({"send": {"rfis": "manual"}}))
        .await
        .expect(200);
    let rfi = stand
        .create_rfi(south.project(), &sam.login, open(south, "By hand"))
        .await;
    sam.post(&items, json!({"tool": "rfis", "item_id": rfi}))
        .await
        .expect(202);
    let copy = eventually("the copy is there", || async {
        stand.copies(harbour.project()).await.pop()
    })
    .await;
    let delivered = delivery(sam, &format!("{souths}/deliveries"), "delivered").await;

    // It does not go back, and what is there is not sent again.
    let back = json!({"tool": "rfis", "item_id": copy["id"]});
    gina.post(&format!("{harbours}/items"), back)
        .await
        .problem(409, "is-copy");
    let retry = format!("{souths}/deliveries/{}/retry", delivered["reference"].as_str().unwrap());
    sam.post(&retry, json!({})).await.problem(409, "already-delivered");
    let unknown = format!("{souths}/deliveries/GST-000000000000/retry");
    sam.post(&unknown, json!({})).await.problem(404, "not-found");
}

#[tokio::test]
async fn what_waits_for_access_is_tried_again_by_retry() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let permit = async |projects: Value| {
        let path = format!("/companies/{}/app", harbour.id);
        let app = json!({"installed": true, "permitted_project_ids": projects});
        stand.side_door(Method::PUT, &path, app).await;
    };
    permit(json!([])).await;
    stand
        .create_rfi(south.project(), &sam.login, open(south, "Waits first"))
        .await;
    let deliveries = api(
        harbour.project(),
        &format!("/connections/{}/deliveries", pair.connection),
    );
    let held = delivery(gina, &deliveries, "held").await;
    assert_eq!(held["waits_for"], "access_to_target");
    let reason = held["reason"].as_str().unwrap();
    assert!(reason.contains("An admin of Harbour gives it in Procore"), "{reason}");
    permit(json!([harbour.project().id])).await;
    let retry = format!("{deliveries}/{}/retry", held["reference"].as_str().unwrap());
    gina.post(&retry, json!({})).await.expect(202);
    delivery(gina, &deliveries, "delivered").await;
    assert_eq!(stand.copies(harbour.project()).await.len(), 1);
}

#[tokio::test]
async fn what_arrives_without_an_account_waits_until_it_is_made_again() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let old = rotate(gina, harbour).await;
    let old_token = token(stand, &old).await;
    let one = account(gina, harbour, "").await;
    let connection = format!("/connections/{}", pair.connection);
    let (souths, harbours) = (api(south.project(), &connection), api(harbour.project(), &connection));
    let make = api(harbour.project(), "/service-accounts");
    let again = json!({"connection": pair.connection});
    gina.post(&make, again.clone()).await.problem(409, "wrong-state");

    gina.send(Method::DELETE, &one, |request| request).await.expect(200);
    gina.send(Method::DELETE, &one, |request| request)
        .await
        .problem(404, "not-found");
    assert!(accounts(gina, harbour).await.is_empty());
    assert_eq!(
        ask(stand, (&old.0, &old.1)).await.expect(401)["error"],
        "invalid_client"
    );
    let deliveries = format!("{harbours}/deliveries");
    with_token(stand, &old_token, Method::GET, &deliveries, None)
        .await
        .problem(401, "token-stopped");
    for (admin, path, own) in [(gina, &harbours, false), (sam, &souths, true)] {
        let view = admin.get(path).await.expect(200);
        assert_eq!(view["service_account"].is_string(), own);
        assert_eq!(view["other_has_service_account"], !own);
        let words = view["waiting"][0].as_str().unwrap();
        assert!(
            words.contains(&gina_name(harbour)) && words.contains("makes it again"),
            "{words}"
        );
    }
    let page = sam.get(&format!("/projects/{}", south.project().id)).await.text;
    assert!(page.contains("makes it again"), "{page}");

    // What arrives waits; what leaves does not.
    stand
        .create_rfi(south.project(), &sam.login, open(south, "Waits"))
        .await;
    let held = delivery(sam, &format!("{souths}/deliveries"), "held").await;
    assert!(held["reason"].as_str().unwrap().contains("service account"), "{held}");
    stand
        .create_rfi(harbour.project(), &gina.login, open(harbour, "Leaves"))
        .await;
    eventually("what leaves is there", || async {
        stand.copies(south.project()).await.pop()
    })
    .await;
    assert_eq!(stand.copies(harbour.project()).await.len(), 0);

    sam.post(&make, again.clone()).await.problem(404, "not-found");
    let made = gina.post(&make, again).await.expect(201);
    let new = credentials(&made);
    assert_ne!(new.0, old.0);
    let new_token = token(stand, &new).await;
    with_token(stand, &new_token, Method::GET, &deliveries, None)
        .await
        .expect(200);
    eventually("what waited is there", || async {
        stand.copies(harbour.project()).await.pop()
    })
    .await;
    assert_eq!(gina.get(&harbours).await.expect(200)["waiting"], json!([]));
}

#[tokio::test]
async fn a_secret_is_shown_even_to_a_browser_that_sent_a_form() {
    let pair = Pair::automatic().await;
    let (south, sam) = &pair.south;
    let rotate = account(sam, south, "/rotate").await;
    let shown = sam.submit(&rotate, &[("return_to", "/")]).await.expect(200);
    assert!(shown["client_secret"].is_string(), "{shown}");
    let foreign = sam
        .send(Method::POST, &rotate, |request| {
            request.header(header::ORIGIN, "https://evil.example").json(&json!({}))
        })
        .await;
    foreign.problem(403, "foreign-origin");
}

#[tokio::test]
async fn a_request_for_a_token_that_is_wrong_is_refused_as_oauth_has_it() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam)) = (&pair.stand, &pair.south);
    let (id, secret) = rotate(sam, south).await;
    let grant = ("grant_type", "client_credentials");
    let own = [("client_id", id.as_str()), ("client_secret", secret.as_str())];
    let long = "x".repeat(2_000);
    let huge = "x".repeat(300_000);
    let unknown = format!("gsa_{}_0000000000000001", south.project().id);
    for (status, error, fields) in [
        (400, "invalid_request", vec![]),
        (400, "invalid_request", own.to_vec()),
        (400, "invalid_request", vec![grant]),
        (400, "invalid_request", vec![grant, own[0]]),
        (400, "invalid_request", vec![grant, own[0], own[1], own[1]]),
        (400, "invalid_request", vec![grant, grant, own[0], own[1]]),
        (400, "invalid_request", vec![grant, own[0], ("client_secret", &long)]),
        (400, "invalid_request", vec![grant, own[0], ("client_secret", &huge)]),
        (
            400,
            "unsupported_grant_type",
            vec![("grant_type", "password"), own[0], own[1]],
        ),
        (400, "invalid_scope", vec![grant, own[0], own[1], ("scope", "all")]),
        (401, "invalid_client", vec![grant, own[0], ("client_secret", "wrong")]),
        (401, "invalid_client", vec![grant, ("client_id", &unknown), own[1]]),
        (401, "invalid_client", vec![grant, ("client_id", "somebody"), own[1]]),
    ] {
        let nobody = stand.stranger();
        let answer = nobody
            .send(Method::POST, "/oauth/token", |request| request.form(&fields))
            .await;
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        let refused = answer.expect(status);
        assert_eq!(refused["error"], error, "{refused}");
        assert!(refused["error_description"].as_str().unwrap().len() > 10);
    }
    let nobody = stand.stranger();
    let json = json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret});
    nobody.post("/oauth/token", json).await.expect(200);
    let wrong_type = json!({"grant_type": "client_credentials", "client_id": id, "client_secret": 5});
    assert_eq!(
        nobody.post("/oauth/token", wrong_type).await.expect(400)["error"],
        "invalid_request"
    );
    // The header is how most libraries do it; one that also takes HTML gets no page.
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let answer = nobody
        .send(Method::POST, "/oauth/token", |request| {
            let request = request.header(header::AUTHORIZATION, basic);
            request.header(header::ACCEPT, "text/html, */*").form(&[grant])
        })
        .await;
    assert!(answer.expect(200)["access_token"].is_string());
    // An account whose secret nobody has seen has none that works.
    let others = accounts(&pair.harbour.1, &pair.harbour.0).await;
    let never = ask(stand, (others[0]["id"].as_str().unwrap(), "")).await;
    assert_eq!(never.expect(400)["error"], "invalid_request");
}

#[tokio::test]
async fn an_accept_that_fails_leaves_no_account_and_can_be_repeated() {
    let pair = Pair::asked().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    let hooks =
        json!({"method": "POST", "path": "/rest/v2.0/*/webhooks/hooks*", "company_id": south.id, "status": 500});
    stand.side_door(Method::POST, "/faults", hooks).await;
    gina.post(&accept, json!({})).await.problem(502, "procore-unavailable");
    for (admin, company) in [(sam, south), (gina, harbour)] {
        assert!(accounts(admin, company).await.is_empty());
    }
    gina.post(&accept, json!({})).await.expect(200);
    for (admin, company) in [(sam, south), (gina, harbour)] {
        assert_eq!(accounts(admin, company).await.len(), 1);
    }
}

#[tokio::test]
async fn when_a_connection_ends_both_accounts_are_gone_and_their_tokens_stop() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let (souths, harbours) = (rotate(sam, south).await, rotate(gina, harbour).await);
    let tokens = (token(stand, &souths).await, token(stand, &harbours).await);
    let connection = format!("/connections/{}", pair.connection);
    let disconnect = api(south.project(), &format!("{connection}/disconnect"));
    sam.post(&disconnect, json!({})).await.expect(200);
    for (admin, company, old, token) in [(sam, south, &souths, &tokens.0), (gina, harbour, &harbours, &tokens.1)] {
        assert!(accounts(admin, company).await.is_empty());
        assert_eq!(
            ask(stand, (&old.0, &old.1)).await.expect(401)["error"],
            "invalid_client"
        );
        let deliveries = api(company.project(), &format!("{connection}/deliveries"));
        with_token(stand, token, Method::GET, &deliveries, None)
            .await
            .problem(401, "token-stopped");
        let make = api(company.project(), "/service-accounts");
        admin
            .post(&make, json!({"connection": pair.connection}))
            .await
            .problem(409, "wrong-state");
    }
}
