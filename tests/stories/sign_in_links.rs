//! Links that are mailed work for the person who asked, even where a mail scanner opens and presses everything first: by
//! themselves in the browser that asked, anywhere else with the code that the page shows there.

use futures_util::future::join_all;
use gusset_tests::{Person, Stand};
use reqwest::{Method, header};
use serde_json::json;

use crate::estimators::age;

const ACCOUNT: &str = "__Host-gusset_account";

/// Somebody who has asked for a link, the link's path, and its code.
async fn asked(stand: &Stand, email: &str) -> (Person, String, String) {
    let person = stand.elsewhere().stranger();
    let sent = person.post("/api/sign-in", json!({"email": email})).await.expect(202);
    let link = stand.link_mailed_to(email).await;
    (person, link, sent["code"].as_str().unwrap().to_owned())
}

/// Another code than the one given.
fn wrong(code: &str, by: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + by) % 1_000_000)
}

async fn is_signed_in(person: &Person, email: &str) {
    let account = person.get("/api/account").await.expect(200);
    assert_eq!(account["email"], email);
}

#[tokio::test]
async fn a_scanner_that_opens_and_presses_everything_takes_nothing_away() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let (erin, link, _) = asked(&stand, &email).await;
    let scanner = stand.stranger();
    for _ in 0..3 {
        let page = scanner.get(&link).await;
        assert!(page.text.contains("asked for it in another browser"), "{}", page.text);
        scanner.send(Method::HEAD, &link, |request| request).await;
        for fields in [&[][..], &[("code", "")], &[("code", "x")], &[("code", "1")]] {
            let pressed = scanner.submit(&link, fields).await;
            assert_eq!(pressed.status, 422, "{}", pressed.text);
            assert!(pressed.text.contains("A code has six digits"), "{}", pressed.text);
        }
        let plain = scanner.send(Method::POST, &link, |request| request).await;
        assert_eq!(plain.status, 422, "{}", plain.text);
    }
    assert_eq!(scanner.cookie(ACCOUNT), None);
    let page = erin.get(&link).await;
    assert!(!page.text.contains("name=\"code\""), "{}", page.text);
    let done = erin.submit(&link, &[]).await;
    assert_eq!(done.location(), format!("{}/estimating", stand.gusset));
    is_signed_in(&erin, &email).await;
}

#[tokio::test]
async fn another_device_is_let_in_by_the_code_that_the_page_shows_where_one_asked() {
    let stand = Stand::new();
    for spelled in [
        |code: &str| code.to_owned(),
        |code: &str| format!(" {} {} ", &code[..3], &code[3..]),
    ] {
        let email = stand.new_email("erin");
        let (erin, link, code) = asked(&stand, &email).await;
        // As it stands on the page, with and without scripts.
        let shown = format!("{} {}", &code[..3], &code[3..]);
        let page = erin.get("/estimating?done=link").await;
        assert!(page.text.contains(&shown), "{}", page.text);
        let phone = stand.stranger();
        let other = phone.get("/estimating?done=link").await;
        assert!(
            !other.text.contains(&shown) && !other.text.contains("Your code"),
            "{}",
            other.text
        );
        let form = phone.get(&link).await;
        assert!(
            form.text.contains("name=\"code\"") && !form.text.contains(&shown),
            "{}",
            form.text
        );
        let done = phone.submit(&link, &[("code", &spelled(&code))]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        is_signed_in(&phone, &email).await;
        // It is used up, for the browser that asked as well.
        assert_eq!(erin.submit(&link, &[]).await.status, 410);
    }
}

#[tokio::test]
async fn five_wrong_codes_end_the_guessing_and_leave_the_link_to_the_browser_that_asked() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let (erin, link, code) = asked(&stand, &email).await;
    let thief = stand.stranger();
    for (by, words) in [
        (1, "try again"),
        (2, "try again"),
        (3, "try again"),
        (4, "one more time"),
    ] {
        let refused = thief.submit(&link, &[("code", &wrong(&code, by))]).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(
            refused.text.contains(words) && refused.text.contains("name=\"code\""),
            "{}",
            refused.text
        );
    }
    for tried in [wrong(&code, 5), wrong(&code, 6), code.clone()] {
        let refused = thief.submit(&link, &[("code", &tried)]).await;
        assert_eq!(refused.status, 429, "{}", refused.text);
        assert!(refused.text.contains("Too many wrong codes"), "{}", refused.text);
    }
    assert_eq!(thief.cookie(ACCOUNT), None);
    assert_eq!(erin.submit(&link, &[]).await.status, 303);
    is_signed_in(&erin, &email).await;
}

#[tokio::test]
async fn however_many_guess_at_once_five_codes_are_looked_at() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let (_, link, code) = asked(&stand, &email).await;
    let thieves: Vec<Person> = (0..30).map(|_| stand.stranger()).collect();
    let guesses: Vec<String> = (1..=30).map(|by| wrong(&code, by)).collect();
    let tried = thieves
        .iter()
        .zip(&guesses)
        .map(async |(thief, guess)| thief.submit(&link, &[("code", guess)]).await);
    let answers = join_all(tried).await;
    // The fifth is told at once that there is no sixth.
    let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(422), with(429)), (4, 26));
    assert_eq!(thieves[0].submit(&link, &[("code", &code)]).await.status, 429);
}

#[tokio::test]
async fn of_several_with_the_right_code_at_once_one_is_signed_in() {
    let stand = Stand::new();
    let (_, link, code) = asked(&stand, &stand.new_email("erin")).await;
    let people: Vec<Person> = (0..4).map(|_| stand.stranger()).collect();
    let used = people
        .iter()
        .map(async |person| person.submit(&link, &[("code", &code)]).await);
    let answers = join_all(used).await;
    let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(303), with(410)), (1, 3));
}

#[tokio::test]
async fn who_asks_for_somebody_else_gets_in_by_neither_the_code_nor_the_others_click() {
    let stand = Stand::new();
    let victim = stand.new_email("erin");
    let (thief, link, code) = asked(&stand, &victim).await;
    // Erin opens the link in her own browser, and has no code to type. What the thief has is of no use without the mail.
    let erin = stand.stranger();
    assert_eq!(erin.submit(&link, &[]).await.status, 422);
    let forged = format!("/sign-in/{}", "A".repeat(43));
    assert_eq!(thief.submit(&forged, &[("code", &code)]).await.status, 410);
    // Nor is the code of another link, or the cookie of another browser.
    let (_, others, others_code) = asked(&stand, &stand.new_email("otto")).await;
    if others_code != code {
        assert_eq!(erin.submit(&link, &[("code", &others_code)]).await.status, 422);
    }
    assert_eq!(thief.submit(&others, &[]).await.status, 422);
    assert_eq!((thief.cookie(ACCOUNT), erin.cookie(ACCOUNT)), (None, None));
}

#[tokio::test]
async fn who_asks_twice_opens_whichever_mail_came_first() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let (erin, first, _) = asked(&stand, &email).await;
    erin.post("/api/sign-in", json!({"email": email})).await.expect(202);
    let second = stand.link_mailed_to(&email).await;
    assert_ne!(first, second);
    assert_eq!(erin.submit(&first, &[]).await.status, 303);
    // Signed in, the browser has forgotten that it asked: the other link takes its code.
    let page = erin.get(&second).await;
    assert!(page.text.contains("name=\"code\""), "{}", page.text);
}

#[tokio::test]
async fn a_code_ends_with_its_link_and_forged_cookies_are_nobodys() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let (_, link, code) = asked(&stand, &email).await;
    let phone = stand.stranger();
    for forged in ["", "x", "A".repeat(43).as_str(), "A".repeat(4_000).as_str()] {
        phone.set_cookie("__Host-gusset_asked", forged);
        assert_eq!(phone.submit(&link, &[]).await.status, 422, "{forged:.20}");
    }
    age(&stand, "LINK#", &email).await;
    assert_eq!(phone.submit(&link, &[("code", &code)]).await.status, 410);
}

#[tokio::test]
async fn signing_in_anew_ends_the_former_session_of_that_browser() {
    let stand = Stand::new();
    let email = stand.new_email("erin");
    let erin = stand.estimator(&email).await;
    let former = erin.cookie(ACCOUNT).unwrap();
    let elsewhere = stand.estimator(&email).await;
    erin.post("/api/sign-in", json!({"email": email})).await.expect(202);
    let link = stand.link_mailed_to(&email).await;
    assert_eq!(erin.submit(&link, &[]).await.status, 303);
    is_signed_in(&erin, &email).await;
    let thief = stand.stranger();
    thief.set_cookie(ACCOUNT, &former);
    thief.get("/api/account").await.problem(401, "not-signed-in");
    is_signed_in(&elsewhere, &email).await;
    // Signing out ends it, whatever else the request shows.
    let session = erin.cookie(ACCOUNT).unwrap();
    let out = erin.send(Method::POST, "/api/account/sign-out", |request| {
        request.header(header::AUTHORIZATION, "Bearer x")
    });
    assert!(out.await.status.as_u16() < 400);
    thief.set_cookie(ACCOUNT, &session);
    thief.get("/api/account").await.problem(401, "not-signed-in");
}
