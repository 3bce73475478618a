//! Signing in with a Procore account: states are bound to the browser, work once, and lead to our own pages only.

use gusset_tests::Stand;
use reqwest::{Method, header};
use serde_json::json;

#[tokio::test]
async fn a_person_signs_in_and_out() {
    let stand = Stand::new();
    let (company, admin) = stand.company("Harbour").await;
    let front = admin.get("/").await;
    assert!(front.text.contains(&company.project().name), "{}", front.text);
    admin.get("/api/projects").await.expect(200);

    let session = admin.cookie("gusset_session").unwrap();
    let out = admin.submit("/oauth/sign-out", &[]).await;
    assert_eq!(out.status, 303);
    assert_eq!(admin.cookie("gusset_session"), None);
    admin.set_cookie("gusset_session", &session);
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
        .find(|cookie| cookie.starts_with("gusset_session="))
        .unwrap();
    assert!(
        session.contains("HttpOnly") && session.contains("SameSite=Lax"),
        "{session}"
    );
    // The stand is reached over plain HTTP, where a browser would not send a cookie marked so.
    assert!(!session.contains("Secure"), "{session}");
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
    assert!(again.text.contains("not good any more"), "{}", again.text);
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
    assert_eq!(victim.cookie("gusset_session"), None);
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
        assert_eq!(person.cookie("gusset_session"), None);
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
    assert_eq!(person.cookie("gusset_session"), None);
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
    assert!(late.text.contains("not good any more"), "{}", late.text);
    assert_eq!(person.cookie("gusset_session"), None);
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
