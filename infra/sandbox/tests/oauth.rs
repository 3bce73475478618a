//! Codes and tokens work once, for a while, in every encoding.

use crate::support::{REDIRECT, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

const GINA: &str = "gina.admin@harbour.example";

#[tokio::test]
async fn a_code_works_once() {
    let sandbox = Sandbox::start().await;
    let code = sandbox.code(GINA).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT),
    ];
    assert_eq!(sandbox.token(&form).await.status(), 200);
    let again = sandbox.token(&form).await;
    assert_eq!(again.status(), 401);
    assert_eq!(again.json::<Value>().await.unwrap()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_works_once_and_kills_the_old_access_token() {
    let sandbox = Sandbox::start().await;
    let old = sandbox.sign_in(GINA).await;
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", old["refresh_token"].as_str().unwrap()),
    ];
    let new: Value = sandbox.token(&refresh).await.json().await.unwrap();
    assert_eq!(new["expires_in"], 5400);
    assert_eq!(sandbox.token(&refresh).await.status(), 401);
    let me = async |pair: &Value| {
        sandbox
            .get(pair["access_token"].as_str().unwrap(), "/rest/v1.0/me")
            .await
            .status()
    };
    assert_eq!(me(&old).await, 401);
    assert_eq!(me(&new).await, 200);
}

#[tokio::test]
async fn json_and_multipart_bodies_do_as_well_as_forms() {
    let sandbox = Sandbox::start().await;
    let body = json!({"grant_type": "client_credentials", "client_id": "gusset-local", "client_secret": "gusset-local-secret"});
    let answer = sandbox
        .request(Method::POST, "/oauth/token")
        .json(&body)
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(
        (&answer["token_type"], &answer["refresh_token"]),
        (&json!("bearer"), &Value::Null)
    );
    let form = reqwest::multipart::Form::new()
        .text("grant_type", "client_credentials")
        .text("client_id", "gusset-local")
        .text("client_secret", "wrong");
    let answer = sandbox
        .request(Method::POST, "/oauth/token")
        .multipart(form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"], "invalid_client");
}

#[tokio::test]
async fn revoking_in_the_profile_ends_calls_and_refreshing() {
    let sandbox = Sandbox::start().await;
    let pair = sandbox.sign_in(GINA).await;
    sandbox
        .side(Method::POST, &format!("people/{GINA}/revoke"), json!({}))
        .await;
    assert_eq!(
        sandbox
            .get(pair["access_token"].as_str().unwrap(), "/rest/v1.0/me")
            .await
            .status(),
        401
    );
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", pair["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(sandbox.token(&refresh).await.status(), 401);
}

#[tokio::test]
async fn tokens_expire_when_the_side_door_says_so() {
    let sandbox = Sandbox::start().await;
    sandbox
        .side(Method::PUT, "limits", json!({"token_lifetime_s": 0}))
        .await;
    let token = sandbox.person_token(GINA).await;
    assert_eq!(sandbox.get(&token, "/rest/v1.0/me").await.status(), 401);
}

#[tokio::test]
async fn token_info_and_revoke_follow_the_documentation() {
    let sandbox = Sandbox::start().await;
    let pair = sandbox.sign_in(GINA).await;
    let access = pair["access_token"].as_str().unwrap();
    let info: Value = sandbox.get(access, "/oauth/token/info").await.json().await.unwrap();
    assert_eq!(info["resource_owner_id"], 101);
    for token in ["unknown", access] {
        let body = json!({"token": token, "client_id": "gusset-local", "client_secret": "gusset-local-secret"});
        assert_eq!(
            sandbox
                .request(Method::POST, "/oauth/revoke")
                .json(&body)
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
    }
    assert_eq!(sandbox.get(access, "/oauth/token/info").await.status(), 401);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", pair["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(sandbox.token(&refresh).await.status(), 401);
}

#[tokio::test]
async fn authorizing_checks_the_app_and_the_redirect_and_can_be_denied() {
    let sandbox = Sandbox::start().await;
    let page = async |client_id: &str, redirect_uri: &str| {
        let query = [
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", redirect_uri),
        ];
        sandbox
            .request(Method::GET, "/oauth/authorize")
            .query(&query)
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(page("gusset-local", REDIRECT).await, 200);
    assert_eq!(page("gusset-local", "urn:ietf:wg:oauth:2.0:oob").await, 200);
    assert_eq!(page("gusset-local", "https://evil.example/").await, 400);
    assert_eq!(page("unknown", REDIRECT).await, 400);
    let query = [
        ("response_type", "code"),
        ("client_id", "gusset-local"),
        ("redirect_uri", REDIRECT),
    ];
    let denied = sandbox
        .request(Method::POST, "/oauth/authorize")
        .query(&query)
        .form(&[("deny", "1")]);
    let denied = denied.send().await.unwrap();
    assert!(
        denied.headers()["location"]
            .to_str()
            .unwrap()
            .contains("error=access_denied")
    );
}

/// The verifier and challenge of RFC 7636's appendix B.
#[tokio::test]
async fn a_code_that_was_asked_for_with_a_challenge_takes_its_verifier() {
    let (verifier, challenge) = (
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
    let sandbox = Sandbox::start().await;
    for (method, challenge, shown, status) in [
        ("S256", challenge, Some(verifier), 200),
        ("S256", challenge, Some(challenge), 401),
        ("S256", challenge, None, 401),
        ("plain", verifier, Some(verifier), 200),
        ("plain", verifier, Some(challenge), 401),
    ] {
        let code = sandbox
            .code_with(
                GINA,
                &[("code_challenge", challenge), ("code_challenge_method", method)],
            )
            .await;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", REDIRECT),
        ];
        form.extend(shown.map(|verifier| ("code_verifier", verifier)));
        assert_eq!(sandbox.token(&form).await.status(), status, "{method} {shown:?}");
    }
    // Without a challenge a verifier is not looked at, as servers do that do not know of it.
    let code = sandbox.code(GINA).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", verifier),
    ];
    assert_eq!(sandbox.token(&form).await.status(), 200);
}

#[tokio::test]
async fn a_challenge_that_cannot_be_one_is_refused() {
    let sandbox = Sandbox::start().await;
    for (challenge, method) in [
        ("short", "S256"),
        (&"x".repeat(43)[..], "S512"),
        (&"x".repeat(129)[..], "plain"),
    ] {
        let query = [
            ("response_type", "code"),
            ("client_id", "gusset-local"),
            ("redirect_uri", REDIRECT),
            ("code_challenge", challenge),
            ("code_challenge_method", method),
        ];
        let request = sandbox.request(Method::POST, "/oauth/authorize").query(&query);
        let refused = request.form(&[("login", GINA)]).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{method}");
    }
}
