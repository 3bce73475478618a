//! The bid calendar as a feed, which phones and Outlook subscribe to by its address alone.

use gusset_tests::{Answer, Company, Person, Stand};
use reqwest::{Method, header};
use serde_json::{Value, json};

async fn address(person: &Person) -> String {
    let account = person.get("/api/account").await.expect(200);
    person.path(account["calendar_url"].as_str().unwrap())
}

/// The events of a feed, each as its lines, unfolded.
fn events(feed: &str) -> Vec<Vec<String>> {
    assert!(
        feed.starts_with("BEGIN:VCALENDAR\r\n") && feed.ends_with("END:VCALENDAR\r\n"),
        "{feed}"
    );
    assert!(
        feed.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')),
        "{feed}"
    );
    let unfolded = feed.replace("\r\n ", "");
    let (mut events, mut open) = (Vec::new(), None::<Vec<String>>);
    for line in unfolded.split("\r\n") {
        match line {
            "BEGIN:VEVENT" => assert!(open.replace(Vec::new()).is_none(), "{feed}"),
            "END:VEVENT" => events.extend(open.take()),
            line => {
                if let Some(open) = &mut open {
                    open.push(line.to_owned());
                }
            }
        }
    }
    events
}

fn value<'a>(event: &'a [String], name: &str) -> &'a str {
    let line = event.iter().find_map(|line| line.strip_prefix(&format!("{name}:")));
    line.unwrap_or_else(|| panic!("{name}: {event:?}"))
}

async fn subscribed() -> (Stand, Company, Person) {
    let stand = Stand::new();
    let company = stand.planned("Harbour, South; & Sons", 1).await;
    let erin = stand.synced_estimator(&company.people[0].0).await;
    (stand, company, erin)
}

async fn asked_with(stand: &Stand, path: &str, tag: &str) -> Answer {
    let phone = stand.stranger();
    phone
        .send(Method::GET, path, |request| request.header(header::IF_NONE_MATCH, tag))
        .await
}

#[tokio::test]
async fn a_phone_that_knows_the_address_shows_what_is_due() {
    let (stand, company, erin) = subscribed().await;
    let path = address(&erin).await;
    let phone = stand.stranger();
    let feed = phone.get(&path).await;
    assert_eq!(feed.status, 200, "{}", feed.text);
    assert_eq!(feed.headers[header::CONTENT_TYPE], "text/calendar; charset=utf-8");
    let events = events(&feed.text);
    assert_eq!(events.len(), 2, "{}", feed.text);
    let due: Vec<&str> = events.iter().map(|event| value(event, "DTSTART")).collect();
    assert_eq!(due, ["20270201T170000Z", "20270301T170000Z"]);
    assert_eq!(
        value(&events[0], "SUMMARY"),
        "Bids due: Harbour\\, South\\; & Sons 1\\, Glazing"
    );
    let id = company.project().id;
    assert_eq!(
        value(&events[0], "URL"),
        format!("{}/estimating/projects/{id}", stand.gusset)
    );
    assert!(value(&events[0], "UID").ends_with("@localhost"), "{events:?}");
    assert_ne!(value(&events[0], "UID"), value(&events[1], "UID"));

    // Set by hand, it is one event.
    let by_hand = json!({"bid_due_at": "2027-01-15T12:00:00Z"});
    erin.patch(&format!("/api/account/projects/{id}"), by_hand)
        .await
        .expect(200);
    let changed = phone.get(&path).await;
    let now = self::events(&changed.text);
    assert_eq!(now.len(), 1);
    assert_eq!(value(&now[0], "DTSTART"), "20270115T120000Z");
    // When updates end, the calendar stays and says so.
    erin.send(Method::DELETE, "/api/account/integration", |request| request)
        .await
        .expect(200);
    let ended = phone.get(&path).await;
    let ended = self::events(&ended.text);
    assert!(
        value(&ended[0], "DESCRIPTION").contains("No longer receives updates"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let (stand, company, erin) = subscribed().await;
    let path = address(&erin).await;
    let feed = stand.stranger().get(&path).await;
    assert_eq!(feed.headers[header::CACHE_CONTROL], "private, no-cache");
    let tag = feed.headers[header::ETAG].to_str().unwrap().to_owned();
    for known in [
        tag.clone(),
        tag.trim_start_matches("W/").to_owned(),
        format!("\"other\", {tag}"),
    ] {
        let same = asked_with(&stand, &path, &known).await;
        assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""), "{known}");
        assert_eq!(same.headers[header::ETAG], tag);
    }
    let due = json!({"bid_due_at": "2027-01-15T12:00:00Z"});
    erin.patch(&format!("/api/account/projects/{}", company.project().id), due)
        .await
        .expect(200);
    let changed = asked_with(&stand, &path, &tag).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.headers[header::ETAG], tag);
}

#[tokio::test]
async fn a_replaced_or_forged_address_shows_nothing() {
    let (stand, _, erin) = subscribed().await;
    let old = address(&erin).await;
    let phone = stand.stranger();
    assert_eq!(phone.get(&old).await.status, 200);
    erin.post("/api/account/calendar", json!({})).await.expect(200);
    let new = address(&erin).await;
    phone.get(&old).await.problem(404, "not-found");
    assert_eq!(phone.get(&new).await.status, 200);

    let other = address(&stand.estimator(&stand.new_email("otto")).await).await;
    let (token, theirs) = (new.trim_end_matches(".ics"), other.trim_end_matches(".ics"));
    // The first 16 bytes name the account, and the others prove it.
    let mixed = format!("{}{}.ics", &token[..token.len() - 21], &theirs[theirs.len() - 21..]);
    for forged in [
        mixed,
        token.to_owned(),
        format!("{token}.ical"),
        format!("{token}A.ics"),
        format!("{}.ics", &token[..token.len() - 1]),
        "/calendar/x.ics".to_owned(),
        format!("/calendar/{}.ics", "A".repeat(43)),
    ] {
        phone.get(&forged).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn the_address_opens_the_feed_and_nothing_else() {
    let (stand, company, erin) = subscribed().await;
    let path = address(&erin).await;
    let token = path
        .trim_start_matches("/calendar/")
        .trim_end_matches(".ics")
        .to_owned();
    let thief = stand.stranger();
    thief.set_cookie("__Host-gusset_account", &token);
    let project = company.project().id;
    for path in [
        "/api/account".to_owned(),
        format!("/api/account/projects/{project}/plans"),
    ] {
        thief.get(&path).await.problem(401, "not-signed-in");
        let bearer = thief
            .send(Method::GET, &path, |request| request.bearer_auth(&token))
            .await;
        assert_ne!(bearer.status, 200);
    }
    // Neither its page nor the API tells it to anybody but the account, and no log holds it.
    let feed = stand.stranger().get(&path).await;
    assert!(!feed.text.contains(&token));
    let log = std::fs::read_to_string(gusset_tests::setting("GUSSET_FUNCTIONS_LOG")).unwrap();
    assert!(!log.contains(&token));
    assert_eq!(
        erin.get("/api/account").await.expect(200)["integration"]["status"],
        Value::from("connected")
    );
}
