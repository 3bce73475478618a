//! Who may do what: every endpoint, for everybody who could try.

use gusset_tests::{Answer, Person, Stand, api};
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::connected::{Pair, all_automatic, code};

/// Somebody who tries.
enum Caller<'a> {
    Browser(&'a Person),
    Token(&'a str),
}

impl Caller<'_> {
    async fn try_it(&self, stand: &Stand, endpoint: &Endpoint) -> Answer {
        let method = endpoint.method.clone();
        let with_body = |request: reqwest::RequestBuilder| match &endpoint.body {
            Value::Null => request,
            body => request.json(body),
        };
        match self {
            Self::Browser(person) => person.send(method, &endpoint.path, with_body).await,
            Self::Token(token) => {
                let nobody = stand.stranger();
                nobody
                    .send(method, &endpoint.path, |request| {
                        with_body(request.header(header::AUTHORIZATION, format!("Bearer {token}")))
                    })
                    .await
            }
        }
    }
}

/// An endpoint of the recipient's project.
struct Endpoint {
    method: Method,
    path: String,
    body: Value,
    /// Whether a service account may use it.
    for_service_accounts: bool,
}

#[tokio::test]
async fn every_endpoint_answers_everybody_as_it_should() {
    let pair = Pair::automatic().await;
    let stand = &pair.stand;
    let ((south, sam), (harbour, gina)) = (&pair.south, &pair.harbour);
    let (delta, dana) = stand.company("Delta").await;
    let reader = stand.sign_in(&harbour.people[2].0).await;
    let nobody = stand.stranger();
    // Delta is connected with South: another connection, and a service account of it.
    let mut ask = all_automatic(&delta);
    ask["code"] = json!(code(sam, south).await);
    let other = dana.post(&api(delta.project(), "/connections"), ask).await.expect(201);
    let accept = format!("/connections/{}/accept", other["id"].as_str().unwrap());
    sam.post(&api(south.project(), &accept), all_automatic(south))
        .await
        .expect(200);

    let this_side = token(
        stand,
        gina,
        &api(harbour.project(), "/service-accounts"),
        &pair.connection,
    )
    .await;
    let other_side = token(stand, sam, &api(south.project(), "/service-accounts"), &pair.connection).await;
    let unrelated = token(
        stand,
        &dana,
        &api(delta.project(), "/service-accounts"),
        other["id"].as_str().unwrap(),
    )
    .await;
    let manager = harbour.people[1].1;
    let rfi = json!({"subject": "By hand", "draft": false, "private": true, "rfi_manager_id": manager});
    let item = stand.create_rfi(harbour.project(), &harbour.people[0].0, rfi).await;
    let accounts = gina.get(&api(harbour.project(), "/service-accounts")).await.expect(200);
    let account = accounts["service_accounts"][0]["id"].as_str().unwrap().to_owned();

    let one = format!("/connections/{}", pair.connection);
    let endpoint = |method: Method, rest: &str, body: Value| Endpoint {
        method,
        path: api(harbour.project(), rest),
        body,
        for_service_accounts: rest.ends_with("/deliveries") || rest.ends_with("/items"),
    };
    let endpoints = [
        endpoint(Method::GET, "", Value::Null),
        endpoint(Method::POST, "", json!({})),
        endpoint(Method::GET, "/connections", Value::Null),
        endpoint(Method::GET, &one, Value::Null),
        endpoint(Method::GET, &format!("{one}/deliveries"), Value::Null),
        endpoint(
            Method::POST,
            &format!("{one}/items"),
            json!({"tool": "rfis", "item_id": item}),
        ),
        endpoint(
            Method::POST,
            &format!("{one}/deliveries/GST-000000000000/retry"),
            json!({}),
        ),
        endpoint(Method::PATCH, &one, json!({"rfi_manager_id": manager})),
        endpoint(Method::POST, &one, json!({"rfi_manager_id": manager})),
        endpoint(Method::POST, "/connections", json!({"code": "12"})),
        endpoint(Method::POST, "/views", json!({"name": "Mine", "query": "tool=rfis"})),
        endpoint(Method::POST, "/views/delete", json!({"name": "Mine"})),
        endpoint(Method::POST, &format!("{one}/accept"), json!({})),
        endpoint(Method::POST, &format!("{one}/decline"), json!({})),
        endpoint(Method::POST, &format!("{one}/remind"), json!({})),
        endpoint(Method::GET, "/service-accounts", Value::Null),
        endpoint(
            Method::POST,
            "/service-accounts",
            json!({"connection": pair.connection}),
        ),
        endpoint(
            Method::PATCH,
            &format!("/service-accounts/{account}"),
            json!({"name": "Renamed"}),
        ),
        endpoint(Method::GET, "/notifications", Value::Null),
        endpoint(
            Method::PUT,
            "/notifications",
            json!({"recipients": ["site@harbour.example"]}),
        ),
        endpoint(
            Method::POST,
            "/notifications",
            json!({"recipients": "site@harbour.example"}),
        ),
        endpoint(Method::DELETE, "/notifications", Value::Null),
        endpoint(Method::POST, "/code", json!({})),
        // What ends things comes last, when all others have tried.
        endpoint(Method::POST, &format!("/service-accounts/{account}/rotate"), json!({})),
        endpoint(Method::DELETE, &format!("/service-accounts/{account}"), Value::Null),
        endpoint(Method::POST, &format!("{one}/disconnect"), json!({})),
    ];
    let before = (view(gina, harbour, &pair).await, view(sam, south, &pair).await);
    for endpoint in &endpoints {
        let name = format!("{} {}", endpoint.method, endpoint.path);
        let check = async |who: &str, caller: Caller<'_>, status: u16, slug: &str| {
            let answer = caller.try_it(stand, endpoint).await;
            assert_eq!(answer.status.as_u16(), status, "{who}: {name}: {}", answer.text);
            answer.problem(status, slug);
        };
        check("nobody", Caller::Browser(&nobody), 401, "not-signed-in").await;
        check("a reader", Caller::Browser(&reader), 403, "not-admin").await;
        check("the other side's admin", Caller::Browser(sam), 404, "not-found").await;
        check("an unrelated project's admin", Caller::Browser(&dana), 404, "not-found").await;
        let stopped = if endpoint.for_service_accounts {
            (401, "token-stopped")
        } else {
            (403, "people-only")
        };
        check("an invented token", Caller::Token("invented"), stopped.0, stopped.1).await;
        if endpoint.for_service_accounts {
            check(
                "the other side's service account",
                Caller::Token(&other_side),
                404,
                "not-found",
            )
            .await;
            check(
                "another connection's service account",
                Caller::Token(&unrelated),
                404,
                "not-found",
            )
            .await;
        } else {
            for (who, token) in [
                ("this side's", &this_side),
                ("the other side's", &other_side),
                ("another connection's", &unrelated),
            ] {
                check(
                    &format!("{who} service account"),
                    Caller::Token(token),
                    403,
                    "people-only",
                )
                .await;
            }
        }
    }
    assert_eq!(
        (view(gina, harbour, &pair).await, view(sam, south, &pair).await),
        before,
        "nobody has changed anything"
    );
    for endpoint in &endpoints {
        if endpoint.for_service_accounts {
            let answer = Caller::Token(&this_side).try_it(stand, endpoint).await;
            assert!(
                answer.status.is_success(),
                "{} {}: {}",
                endpoint.method,
                endpoint.path,
                answer.text
            );
        }
    }
    for endpoint in &endpoints {
        let answer = Caller::Browser(gina).try_it(stand, endpoint).await;
        let refused = [401, 403].contains(&answer.status.as_u16()) || answer.status.is_server_error();
        assert!(!refused, "{} {}: {}", endpoint.method, endpoint.path, answer.text);
    }
    gina.get("/api/projects").await.expect(200);
    nobody.get("/api/projects").await.problem(401, "not-signed-in");
}

async fn view(admin: &Person, company: &gusset_tests::Company, pair: &Pair) -> Value {
    admin
        .get(&api(company.project(), &format!("/connections/{}", pair.connection)))
        .await
        .expect(200)
}

/// A bearer token of the service account that a side has for a connection.
async fn token(stand: &Stand, admin: &Person, accounts: &str, connection: &str) -> String {
    let list = admin.get(accounts).await.expect(200);
    let list = list["service_accounts"].as_array().unwrap().clone();
    let account = list
        .iter()
        .find(|account| account["connection"] == connection)
        .expect("an account of the connection");
    let id = account["id"].as_str().unwrap();
    let secret = admin
        .post(&format!("{accounts}/{id}/rotate"), json!({}))
        .await
        .expect(200);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret["client_secret"].as_str().unwrap()),
    ];
    let nobody = stand.stranger();
    let answer = nobody
        .send(Method::POST, "/oauth/token", |request| request.form(&form))
        .await
        .expect(200);
    answer["access_token"].as_str().unwrap().to_owned()
}
