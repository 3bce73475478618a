//! Signing in to an estimating account: by a link that is mailed, works once, and is good for a quarter of an hour. In which
//! browser it works is in [`sign_in_links`](crate::sign_in_links).

use futures_util::future::join_all;
use gusset_tests::{Person, Stand};
use reqwest::{Method, header};
use serde_json::{Value, json};

/// Somebody who has asked for a link, and the link's path.
pub(crate) async fn asked(stand: &Stand, email: &str) -> (Person, String) {
    let person = stand.elsewhere().stranger();
    person.post("/api/sign-in", json!({"email": email})).await.expect(202);
    (person, stand.link_mailed_to(email).await)
}

/// Makes what is kept of a person's link or session as old as can be.
pub(crate) async fn age(stand: &Stand, prefix: &str, email: &str) {
    let found = json!({
        "FilterExpression": "begins_with(pk, :prefix) AND email = :email",
        "ExpressionAttributeValues": {":prefix": {"S": prefix}, ":email": {"S": email}},
    });
    let found = stand.scan(found).await;
    assert_eq!(found.len(), 1, "{found:?}");
    let past = json!({
        "Key": {"pk": found[0]["pk"], "sk": found[0]["sk"]}, "UpdateExpression": "SET expires_at = :past",
        "ExpressionAttributeValues": {":past": {"N": "1000000000"}},
    });
    stand.table("UpdateItem", past).await;
}

/// Checks that a link signs nobody in, and says how to get another.
async fn is_not_good(person: &Person, link: &str) {
    let looked = person.get(link).await;
    let used = person.submit(link, &[]).await;
    for answer in [looked, used] {
        assert_eq!(answer.status, 410, "{}", answer.text);
        assert!(answer.text.contains("expired or was already used"), "{}", answer.text);
        assert!(answer.text.contains("Ask for a new link"), "{}", answer.text);
    }
    assert_eq!(person.cookie("__Host-gusset_account"), None);
}

#[tokio::test]
async fn the_first_sign_in_makes_the_account_and_the_next_ones_lead_to_it() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let erin = stand.estimator(&email).await;
    let account = erin.get("/api/account").await.expect(200);
    assert_eq!(account["email"], email.as_str());
    let calendar = account["calendar_url"].as_str().unwrap();
    assert!(
        calendar.starts_with(&format!("{}/calendar/", stand.gusset)) && calendar.ends_with(".ics"),
        "{calendar}"
    );
    // Another device, and the address as somebody else writes it.
    let again = stand.estimator(&email.to_uppercase()).await;
    assert_eq!(again.get("/api/account").await.expect(200)["calendar_url"], calendar);
    // The first session goes on.
    erin.get("/api/account").await.expect(200);
    let other = stand.estimator(&stand.new_email("otto")).await;
    assert_ne!(other.get("/api/account").await.expect(200)["calendar_url"], calendar);
}

#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_account() {
    let stand = Stand::new();
    for _ in 0..3 {
        let email = stand.new_email("erin");
        let mut links = Vec::new();
        for _ in 0..4 {
            links.push(asked(&stand, &email).await);
        }
        let used = links.iter().map(|(person, link)| person.submit(link, &[]));
        for answer in join_all(used).await {
            assert_eq!(answer.status, 303, "{}", answer.text);
        }
        let accounts = join_all(links.iter().map(|(person, _)| person.get("/api/account"))).await;
        let calendars: Vec<Value> = accounts
            .into_iter()
            .map(|account| account.expect(200)["calendar_url"].clone())
            .collect();
        assert!(
            calendars.iter().all(|calendar| *calendar == calendars[0]),
            "{calendars:?}"
        );
        let made = json!({
            "FilterExpression": "begins_with(pk, :account) AND email = :email",
            "ExpressionAttributeValues": {":account": {"S": "ESTIMATOR#"}, ":email": {"S": email}},
        });
        assert_eq!(stand.scan(made).await.len(), 1);
    }
}

#[tokio::test]
async fn a_link_works_once_and_is_not_used_up_by_looking() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let (asking, link) = asked(&stand, &email).await;
    // Mail scanners open links, some of them with HEAD.
    let scanner = stand.stranger();
    for _ in 0..3 {
        let page = scanner.get(&link).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains(&email), "{}", page.text);
        assert_eq!(page.headers[header::CACHE_CONTROL], "private, no-store");
        scanner.send(Method::HEAD, &link, |request| request).await;
    }
    assert_eq!(scanner.cookie("__Host-gusset_account"), None);
    let done = asking.submit(&link, &[]).await;
    assert_eq!(done.location(), format!("{}/estimating", stand.gusset));
    asking.get("/api/account").await.expect(200);
    is_not_good(&scanner, &link).await;
}

#[tokio::test]
async fn of_many_who_use_one_link_at_once_one_is_signed_in() {
    let stand = Stand::new();
    let (person, link) = asked(&stand, &stand.new_email("erin")).await;
    let answers = join_all((0..10).map(|_| person.submit(&link, &[]))).await;
    let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(303), with(410)), (1, 9));
}

#[tokio::test]
async fn a_link_that_is_too_old_forged_or_cut_short_signs_nobody_in() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let (person, link) = asked(&stand, &email).await;
    age(&stand, "LINK#", &email).await;
    is_not_good(&person, &link).await;

    let (person, link) = asked(&stand, &stand.new_email("erin")).await;
    for forged in [
        link[..link.len() - 1].to_owned(),
        format!("{link}A"),
        link.to_uppercase().replace("/SIGN-IN/", "/sign-in/"),
        format!("/sign-in/{}", "A".repeat(43)),
        format!("/sign-in/{}", "A".repeat(3_000)),
        "/sign-in/%00".to_owned(),
    ] {
        is_not_good(&person, &forged).await;
    }
    assert_eq!(person.submit(&link, &[]).await.status, 303);
}

#[tokio::test]
async fn the_session_cookie_is_kept_from_scripts_and_other_sites() {
    let stand = Stand::new();
    let (person, link) = asked(&stand, &stand.new_email("erin")).await;
    let done = person.submit(&link, &[]).await;
    let cookie = done.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-gusset_account="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1209600", "Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn a_known_and_an_unknown_address_get_the_same_answer_and_mail() {
    let stand = Stand::new();
    let known = stand.new_email("erin");
    stand.estimator(&known).await;
    let unknown = stand.new_email("otto");
    let stranger = stand.elsewhere().stranger();
    let mut seen = Vec::new();
    for email in [&known, &unknown] {
        let answer = stranger.post("/api/sign-in", json!({"email": email})).await;
        let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        let code = answer.json["code"].as_str().unwrap();
        assert!(
            code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit()),
            "{code}"
        );
        assert_eq!(answer.json, json!({"sent_to": email, "expires_in": 900, "code": code}));
        assert_eq!(answer.status, 202);
        let link = stand.link_mailed_to(email).await;
        let mail = stand.mails_to(email).await.pop().unwrap();
        assert!(mail.from.contains("gusset@gusset.example"), "{}", mail.from);
        assert!(
            mail.html.contains(&format!("href=\"{}{link}\"", stand.gusset)),
            "{}",
            mail.html
        );
        seen.push((headers, mail.subject, mail.text.replace(&link, "")));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_mailbox_gets_five_links_an_hour_whoever_asks_and_however_it_is_spelled() {
    let stand = Stand::new();
    for email in [stand.new_email("erin"), stand.new_email("otto")] {
        let askers: Vec<Person> = (0..12).map(|_| stand.elsewhere().stranger()).collect();
        let answers = askers.iter().enumerate().map(|(n, asker)| {
            let spelled = if n % 2 == 0 {
                email.clone()
            } else {
                email.to_uppercase()
            };
            asker.post("/api/sign-in", json!({"email": spelled}))
        });
        let answers = join_all(answers.collect::<Vec<_>>()).await;
        let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((with(202), with(429)), (5, 7));
        let refused = answers.into_iter().find(|answer| answer.status == 429).unwrap();
        let wait: u64 = refused.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        // The one that opened the hour may have come a moment after the one that is refused.
        assert!((3_500..=3_601).contains(&wait), "{wait}");
        refused.problem(429, "too-many-links");
        let sent = stand.mails_to(&email).await.len() + stand.mails_to(&email.to_uppercase()).await.len();
        assert_eq!(sent, 5);
    }
}

#[tokio::test]
async fn an_address_on_the_network_gets_thirty_links_an_hour_whatever_it_claims_to_be() {
    let stand = Stand::new();
    let elsewhere = stand.elsewhere();
    let asker = elsewhere.stranger();
    let emails: Vec<String> = (0..40).map(|_| stand.new_email("erin")).collect();
    let asks = emails.iter().enumerate().map(|(n, email)| {
        asker.send(Method::POST, "/api/sign-in", move |request| {
            let claims = format!("203.0.113.{n}");
            request.header("x-forwarded-for", claims).json(&json!({"email": email}))
        })
    });
    let answers = join_all(asks.collect::<Vec<_>>()).await;
    let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(202), with(429)), (30, 10));
    let (refused, email) = answers
        .into_iter()
        .zip(&emails)
        .find(|(answer, _)| answer.status == 429)
        .unwrap();
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    refused.problem(429, "too-many-links");
    assert!(stand.mails_to(email).await.is_empty());
    // From another address the same person is let in.
    stand.estimator(email).await;
}

#[tokio::test]
async fn one_signs_out_and_a_session_that_has_ended_lets_nobody_in() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let erin = stand.estimator(&email).await;
    let session = erin.cookie("__Host-gusset_account").unwrap();
    let out = erin.submit("/api/account/sign-out", &[]).await;
    assert_eq!(out.location(), format!("{}/estimating", stand.gusset));
    assert_eq!(erin.cookie("__Host-gusset_account"), None);
    erin.set_cookie("__Host-gusset_account", &session);
    erin.get("/api/account").await.problem(401, "not-signed-in");

    let erin = stand.estimator(&email).await;
    age(&stand, "ACCOUNT_SESSION#", &email).await;
    erin.get("/api/account").await.problem(401, "not-signed-in");
    for forged in ["", "x", "A".repeat(43).as_str(), "A".repeat(4_000).as_str()] {
        erin.set_cookie("__Host-gusset_account", forged);
        erin.get("/api/account").await.problem(401, "not-signed-in");
    }
    let page = erin.get("/estimating").await;
    assert!(page.text.contains("Send me a link"), "{}", page.text);
}

#[tokio::test]
async fn an_estimating_account_and_a_procore_login_have_nothing_to_do_with_each_other() {
    let stand = Stand::new();
    let (_, gina) = stand.company("Harbour").await;
    let erin = stand.estimator(&gina.login).await;
    erin.get("/api/projects").await.problem(401, "not-signed-in");
    gina.get("/api/account").await.problem(401, "not-signed-in");
    // One browser can hold both.
    gina.set_cookie("__Host-gusset_account", &erin.cookie("__Host-gusset_account").unwrap());
    gina.get("/api/account").await.expect(200);
    gina.submit("/api/account/sign-out", &[]).await;
    gina.get("/api/projects").await.expect(200);
    let token = |request: reqwest::RequestBuilder| request.bearer_auth("x");
    let program = erin.send(Method::GET, "/api/account", token).await;
    program.problem(403, "people-only");
}

#[tokio::test]
async fn the_calendars_address_is_replaced() {
    let stand = Stand::new();
    let erin = stand.estimator(&stand.new_email("erin")).await;
    let calendar = async || erin.get("/api/account").await.expect(200)["calendar_url"].clone();
    let first = calendar().await;
    let replaced = erin.post("/api/account/calendar", json!({})).await.expect(200);
    assert_ne!(replaced["calendar_url"], first);
    assert_eq!(calendar().await, replaced["calendar_url"]);
    let by_form = erin.submit(
        "/api/account/calendar",
        &[("return_to", "/estimating/calendar?done=saved")],
    );
    assert_eq!(
        by_form.await.location(),
        format!("{}/estimating/calendar?done=saved", stand.gusset)
    );
    assert_ne!(calendar().await, replaced["calendar_url"]);
    erin.post("/api/account/calendar", json!({"x": 1}))
        .await
        .problem(422, "bad-field");
    let stranger = stand.stranger();
    stranger
        .post("/api/account/calendar", json!({}))
        .await
        .problem(401, "not-signed-in");
}

#[tokio::test]
async fn what_another_site_makes_a_browser_do_is_refused() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let erin = stand.estimator(&email).await;
    let (asking, link) = asked(&stand, &email).await;
    let mails = stand.mails_to(&email).await.len();
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        for path in ["/api/sign-in", "/api/account/sign-out", "/api/account/calendar"] {
            let evil = erin.send(Method::POST, path, |request| {
                request.header(name, value).json(&json!({"email": email}))
            });
            evil.await.problem(403, "foreign-origin");
        }
        let evil = erin.send(Method::POST, &link, |request| request.header(name, value));
        let evil = evil.await;
        assert_eq!(evil.status, 403);
        assert!(evil.text.contains("another site"), "{}", evil.text);
    }
    assert_eq!(stand.mails_to(&email).await.len(), mails);
    erin.get("/api/account").await.expect(200);
    assert_eq!(asking.submit(&link, &[]).await.status, 303);
}

#[tokio::test]
async fn what_is_no_address_is_refused_and_nothing_is_sent() {
    let stand = Stand::new();
    let asker = stand.elsewhere().stranger();
    let email = stand.new_email("erin");
    for body in [
        json!({}),
        json!({"email": null}),
        json!({"email": 7}),
        json!({"email": [email]}),
        json!({"email": ""}),
        json!({"email": "erin"}),
        json!({"email": format!("{email}, {email}")}),
        json!({"email": format!("{email}\r\nBcc: {email}")}),
        json!({"email": format!("{}@bidders.example", "x".repeat(300))}),
        json!({"email": email, "return_to": "/"}),
    ] {
        let refused = asker.post("/api/sign-in", body.clone()).await;
        let problem = refused.problem(422, "bad-field");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains("e-mail address") || detail.contains("body"),
            "{body}: {detail}"
        );
    }
    for (body, status, slug) in [
        ("[]".to_owned(), 400, "bad-request"),
        ("{".to_owned(), 400, "bad-request"),
        (format!("{{\"email\": \"{}\"}}", "x".repeat(300_000)), 413, "too-large"),
    ] {
        let refused = asker.send(Method::POST, "/api/sign-in", |request| {
            request.header(header::CONTENT_TYPE, "application/json").body(body)
        });
        refused.await.problem(status, slug);
    }
    let twice = [("email", email.as_str()), ("email", email.as_str())];
    let refused = asker.send(Method::POST, "/api/sign-in", |request| request.form(&twice));
    refused.await.problem(422, "bad-field");
    assert!(stand.mails_to(&email).await.is_empty());
}

/// An address as people paste it is the same mailbox.
#[tokio::test]
async fn an_address_is_taken_as_it_is_pasted() {
    let stand = Stand::new();
    let email = stand.new_email("max");
    for pasted in [
        format!("\u{200b}{email}\u{200b}"),
        format!("MAILTO:{email}"),
        format!("Max <{email}>"),
    ] {
        let asker = stand.elsewhere().stranger();
        let sent = asker.post("/api/sign-in", json!({"email": pasted})).await.expect(202);
        assert_eq!(sent["sent_to"], email, "{pasted:?}");
    }
    assert_eq!(stand.mails_to(&email).await.len(), 3);
    let local = format!("max.{:016x}", fastrand::u64(..));
    let asker = stand.elsewhere().stranger();
    let typed = json!({"email": format!("{local}@müller.de")});
    let sent = asker.post("/api/sign-in", typed).await.expect(202);
    let ascii = format!("{local}@xn--mller-kva.de");
    assert_eq!(sent["sent_to"], ascii);
    let link = stand.link_mailed_to(&ascii).await;
    assert_eq!(asker.submit(&link, &[]).await.status, 303);
}

#[tokio::test]
async fn the_pages_do_it_without_scripts() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let erin = stand.elsewhere().stranger();
    let front = erin.get("/").await;
    assert!(
        front.text.contains("/estimating\">For estimators: keep plans in sync"),
        "{}",
        front.text
    );
    let form = erin.get("/estimating").await;
    assert!(
        form.text.contains("action=\"") && form.text.contains("/api/sign-in\""),
        "{}",
        form.text
    );

    let back = "/estimating?done=link";
    let wrong = erin
        .submit("/api/sign-in", &[("email", "erin"), ("return_to", back)])
        .await;
    let wrong = erin.get(&erin.path(&wrong.location())).await;
    assert!(wrong.text.contains("An e-mail address such as"), "{}", wrong.text);
    let pasted = format!(" {email} ");
    let sent = erin
        .submit("/api/sign-in", &[("email", &pasted), ("return_to", back)])
        .await;
    let sent = erin.get(&erin.path(&sent.location())).await;
    assert!(sent.text.contains("We have sent you a link"), "{}", sent.text);

    let link = stand.link_mailed_to(&email).await;
    erin.get(&link).await;
    let done = erin.submit(&link, &[]).await;
    let page = erin.get(&erin.path(&done.location())).await;
    for words in [email.as_str(), "Sign out", "App Integrations", "Bid Calendar"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let lost = erin.get("/estimating/nowhere").await;
    assert_eq!(lost.status, 404);
    assert!(
        lost.text.contains(&email) && lost.text.contains("To plan sync"),
        "{}",
        lost.text
    );
}

#[tokio::test]
async fn no_log_holds_a_link_or_a_session() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let (person, link) = asked(&stand, &email).await;
    person.get(&link).await;
    person.submit(&link, &[]).await;
    is_not_good(&stand.stranger(), &link).await;
    let log = std::fs::read_to_string(gusset_tests::setting("GUSSET_FUNCTIONS_LOG")).unwrap();
    assert!(log.contains("\"resource\":\"/sign-in/{token}\""));
    let token = link.strip_prefix("/sign-in/").unwrap();
    for secret in [token, &person.cookie("__Host-gusset_account").unwrap(), &email] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
