//! Signing in with a Procore account: states are bound to the browser, work once, and lead to our own pages only.

use std::collections::{BTreeMap, BTreeSet};

use gusset_tests::Stand;
use reqwest::{Method, header};
use serde_json::json;
use url::Url;

/// Who is signed in.
const SESSION: &str = "__Host-gusset_session";

/// The secrets of the sign-ins that a browser has under way.
const UNDER_WAY: &str = "__Host-gusset_sign_in";

#[tokio::test]
async fn a_person_signs_in_and_out() {
    let stand = Stand::new();
    let (company, admin) = stand.company("Harbour").await;
    let front = admin.get("/").await;
    assert!(front.text.contains(&company.project().name), "{}", front.text);
    admin.get("/api/projects").await.expect(200);

    let session = admin.cookie("__Host-gusset_session").unwrap();
    let out = admin.submit("/oauth/sign-out", &[]).await;
    assert_eq!(out.status, 303);
    assert_eq!(admin.cookie("__Host-gusset_session"), None);
    admin.set_cookie("__Host-gusset_session", &session);
    admin.get("/api/projects").await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn the_session_cookie_is_kept_from_scripts_and_other_sites() {
    let stand = Stand::new();
    let (company, _) = stand.company("Harbour").await;
    let person = stand.browser(&company.people[0].0);
    let start = person.get("/oauth/start").await;
    let back = person.consent(&start.location()).await;
    let done = person.get(&back).await;
    let cookies: Vec<_> = done
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|cookie| cookie.to_str().unwrap())
        .collect();
    let session = cookies
        .iter()
        .find(|cookie| cookie.starts_with("__Host-gusset_session="))
        .unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/;"] {
        assert!(session.contains(part), "{part}: {session}");
    }
    assert!(!session.contains("Domain"), "{session}");
}

#[tokio::test]
async fn a_state_works_once() {
    let stand = Stand::new();
    let (company, _) = stand.company("Harbour").await;
    let person = stand.browser(&company.people[0].0);
    let start = person.get("/oauth/start").await;
    let back = person.consent(&start.location()).await;
    assert_eq!(person.get(&back).await.status, 303);
    let again = person.get(&back).await;
    assert_eq!(again.status, 400);
    assert!(again.text.contains("expired or was already used"), "{}", again.text);
}

#[tokio::test]
async fn a_state_of_another_browser_signs_nobody_in_and_stays_good_for_its_own() {
    let stand = Stand::new();
    let (company, _) = stand.company("Harbour").await;
    let person = stand.browser(&company.people[0].0);
    let start = person.get("/oauth/start").await;
    let back = person.consent(&start.location()).await;
    let victim = stand.stranger();
    victim.get("/oauth/start").await;
    assert_eq!(victim.get(&back).await.status, 400);
    assert_eq!(victim.cookie("__Host-gusset_session"), None);
    assert_eq!(person.get(&back).await.status, 303);
}

#[tokio::test]
async fn a_sign_in_that_is_declined_forged_or_incomplete_changes_nothing() {
    let stand = Stand::new();
    let person = stand.stranger();
    let start = person.get("/oauth/start").await.location();
    let state = start
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    for (query, status) in [
        ("error=access_denied&state=x".to_owned(), 403),
        ("code=x".to_owned(), 400),
        (format!("state={state}"), 400),
        ("code=x&state=forged".to_owned(), 400),
        (format!("code=x&state={}", "y".repeat(4_000)), 400),
        (String::new(), 400),
    ] {
        let answer = person.get(&format!("/oauth/callback?{query}")).await;
        assert_eq!(answer.status, status, "{query}");
        assert!(answer.text.contains("Sign in again"), "{query}: {}", answer.text);
        assert_eq!(person.cookie("__Host-gusset_session"), None);
    }
    // A code that Procore refuses: the state is good, the code is not.
    let refused = person
        .get(&format!("/oauth/callback?code=invented&state={state}"))
        .await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.text.contains("Procore did not accept the sign-in"),
        "{}",
        refused.text
    );
    assert_eq!(person.cookie("__Host-gusset_session"), None);
}

#[tokio::test]
async fn a_sign_in_that_took_too_long_is_not_finished() {
    let stand = Stand::new();
    let (company, _) = stand.company("Harbour").await;
    let person = stand.browser(&company.people[0].0);
    // A page of its own, by which the sign-in is found in the table.
    let page = format!("/projects/{}", company.project().id);
    let start = person.get(&format!("/oauth/start?return_to={page}")).await;
    let back = person.consent(&start.location()).await;
    let started = json!({
        "FilterExpression": "begins_with(pk, :sign_in) AND return_to = :page",
        "ExpressionAttributeValues": {":sign_in": {"S": "SIGN_IN#"}, ":page": {"S": page}},
    });
    let found = stand.scan(started).await;
    let keys = json!({"pk": found[0]["pk"], "sk": found[0]["sk"]});
    let past = json!({
        "Key": keys, "UpdateExpression": "SET expires_at = :past",
        "ExpressionAttributeValues": {":past": {"N": "1000000000"}},
    });
    stand.table("UpdateItem", past).await;
    let late = person.get(&back).await;
    assert_eq!(late.status, 400);
    assert!(late.text.contains("expired or was already used"), "{}", late.text);
    assert_eq!(person.cookie("__Host-gusset_session"), None);
}

#[tokio::test]
async fn after_signing_in_one_is_sent_to_our_own_pages_only() {
    let stand = Stand::new();
    let (company, _) = stand.company("Harbour").await;
    for (wanted, reached) in [
        ("/projects/7", "/projects/7"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("%2F%5Cevil.example", "/"),
    ] {
        let person = stand.browser(&company.people[0].0);
        let start = person.get(&format!("/oauth/start?return_to={wanted}")).await;
        let back = person.consent(&start.location()).await;
        assert_eq!(
            person.get(&back).await.location(),
            format!("{}{reached}", stand.gusset),
            "{wanted}"
        );
    }
}

#[tokio::test]
async fn a_session_ends_when_the_person_revokes_gusset_in_procore() {
    let stand = Stand::new();
    let (company, admin) = stand.company("Harbour").await;
    admin.get("/api/projects").await.expect(200);
    stand
        .side_door(
            Method::POST,
            &format!("/people/{}/revoke", company.people[0].0),
            json!({}),
        )
        .await;
    admin.get("/api/projects").await.problem(401, "not-signed-in");
    // And stays ended.
    admin.get("/api/projects").await.problem(401, "not-signed-in");
    let page = admin.get("/").await;
    assert!(page.text.contains("Sign in with Procore"), "{}", page.text);
}

#[tokio::test]
async fn what_another_site_makes_a_browser_do_is_refused() {
    let stand = Stand::new();
    let (company, admin) = stand.company("Harbour").await;
    admin
        .post(&format!("/api/projects/{}", company.project().id), json!({}))
        .await
        .expect(200);
    let path = format!("/api/projects/{}/code", company.project().id);
    let code = admin
        .get(&format!("/api/projects/{}", company.project().id))
        .await
        .expect(200)["code"]
        .clone();
    let evil = admin
        .send(Method::POST, &path, |request| {
            request.header(header::ORIGIN, "https://evil.example")
        })
        .await;
    evil.problem(403, "foreign-origin");
    let evil = admin
        .send(Method::POST, &path, |request| {
            request.header("sec-fetch-site", "cross-site")
        })
        .await;
    evil.problem(403, "foreign-origin");
    assert_eq!(
        admin
            .get(&format!("/api/projects/{}", company.project().id))
            .await
            .expect(200)["code"],
        code
    );
}

#[tokio::test]
async fn signing_out_with_whatever_header_ends_the_session() {
    let stand = Stand::new();
    let (company, admin) = stand.company("Harbour").await;
    for (scheme, value) in [("bearer", "Bearer x"), ("basic", "Basic eDp5"), ("none", "")] {
        let person = stand.sign_in(&company.people[0].0).await;
        let session = person.cookie(SESSION).unwrap();
        let out = person.send(Method::POST, "/oauth/sign-out", |request| {
            request.header(header::AUTHORIZATION, value)
        });
        assert_eq!(out.await.status, 303, "{scheme}");
        assert_eq!(person.cookie(SESSION), None, "{scheme}");
        person.set_cookie(SESSION, &session);
        person.get("/api/projects").await.problem(401, "not-signed-in");
    }
    admin.get("/api/projects").await.expect(200);
}

#[tokio::test]
async fn signing_in_anew_ends_the_former_session_of_that_browser_here_and_at_procore() {
    let stand = Stand::new();
    let (company, admin) = stand.company("Harbour").await;
    let elsewhere = stand.sign_in(&admin.login).await;
    let former = admin.cookie(SESSION).unwrap();
    let start = admin.get("/oauth/start").await;
    let back = admin.consent_as(&start.location(), &company.people[1].0).await;
    assert_eq!(admin.get(&back).await.status, 303);
    assert_ne!(admin.cookie(SESSION).unwrap(), former);
    admin.get("/api/projects").await.expect(200);
    let thief = stand.stranger();
    thief.set_cookie(SESSION, &former);
    thief.get("/api/projects").await.problem(401, "not-signed-in");
    elsewhere.get("/api/projects").await.expect(200);
}

#[tokio::test]
async fn each_sign_in_has_a_state_a_cookie_and_a_challenge_of_its_own() {
    let stand = Stand::new();
    let person = stand.stranger();
    let mut seen = BTreeSet::new();
    for _ in 0..6 {
        let start = person.get("/oauth/start").await;
        let parameters = query(&start.location());
        assert_eq!(parameters["code_challenge_method"], "S256");
        assert_eq!(parameters["code_challenge"].len(), 43);
        let secrets = person.cookie(UNDER_WAY).unwrap();
        let latest = secrets.split('.').next().unwrap();
        // What the browser keeps is bounded, however many sign-ins it begins.
        assert!(secrets.len() <= 4 * 44, "{}", secrets.len());
        for fresh in [parameters["state"].as_str(), &parameters["code_challenge"], latest] {
            assert!(seen.insert(fresh.to_owned()), "{fresh} was there before");
        }
        let address = start.location();
        for secret in secrets.split('.') {
            assert!(!address.contains(secret), "the browser's secret is in an address");
        }
    }
}

/// Somebody has another's code, and a state of their own; or the other way round. Neither signs anybody in.
#[tokio::test]
async fn a_code_of_one_persons_sign_in_is_refused_with_anothers_state() {
    let stand = Stand::new();
    let (company, _) = stand.company("Harbour").await;
    let victim = stand.browser(&company.people[0].0);
    let thief = stand.browser(&company.people[2].0);
    let of_victim = victim.consent(&victim.get("/oauth/start").await.location()).await;
    let of_thief = thief.consent(&thief.get("/oauth/start").await.location()).await;
    let (victims, thiefs) = (query(&of_victim), query(&of_thief));
    for (person, code, state) in [
        (&thief, &victims["code"], &thiefs["state"]),
        (&victim, &thiefs["code"], &victims["state"]),
    ] {
        let mixed = person.get(&format!("/oauth/callback?code={code}&state={state}")).await;
        assert_eq!(mixed.status, 400, "{}", mixed.text);
        assert!(
            mixed.text.contains("Procore did not accept the sign-in"),
            "{}",
            mixed.text
        );
        assert_eq!(person.cookie(SESSION), None);
    }
}

#[tokio::test]
async fn two_tabs_are_both_signed_in_whichever_is_first() {
    let stand = Stand::new();
    let (company, _) = stand.company("Harbour").await;
    let person = stand.browser(&company.people[0].0);
    let first = person.get("/oauth/start?return_to=/projects/1").await.location();
    let second = person.get("/oauth/start?return_to=/projects/2").await.location();
    for (address, page) in [(second, "/projects/2"), (first, "/projects/1")] {
        let back = person.consent(&address).await;
        let done = person.get(&back).await;
        assert_eq!(done.location(), format!("{}{page}", stand.gusset));
    }
}

#[tokio::test]
async fn signing_in_and_connecting_plans_come_back_at_addresses_of_their_own() {
    let stand = Stand::new();
    let (company, _) = stand.company("Harbour").await;
    let erin = stand.estimator(&stand.new_email("erin")).await;
    let login = &company.people[0].0;
    let (signing_in, connecting) = ("/oauth/callback?", "/oauth/callback/plans?");
    for (begin, at, other) in [
        ("/oauth/start", signing_in, connecting),
        ("/oauth/start?connect=plans", connecting, signing_in),
    ] {
        let back = erin.consent_as(&erin.get(begin).await.location(), login).await;
        assert!(back.starts_with(at), "{begin}: {back}");
        let crossed = erin.get(&back.replacen(at, other, 1)).await;
        assert_eq!(crossed.status, 400, "{}", crossed.text);
        assert!(crossed.text.contains("expired or was already used"), "{}", crossed.text);
        assert_eq!(erin.cookie(SESSION), None);
        let integration = erin.get("/api/account/integration").await.expect(200);
        assert_eq!(integration["integration"], json!(null));
    }
    let back = erin
        .consent_as(&erin.get("/oauth/start?connect=plans").await.location(), login)
        .await;
    assert_eq!(erin.get(&back).await.status, 303);
    let integration = erin.get("/api/account/integration").await.expect(200);
    assert_eq!(integration["integration"]["status"], "connected");
    assert_eq!(erin.cookie(SESSION), None);
}

/// The parameters of an address, or of a path with a query.
fn query(address: &str) -> BTreeMap<String, String> {
    let base = Url::parse("http://localhost").unwrap();
    base.join(address).unwrap().query_pairs().into_owned().collect()
}
