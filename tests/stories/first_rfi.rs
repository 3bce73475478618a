//! The first RFI across: from a code that is read out over the phone to a copy in the other company's project.

use gusset_tests::{Stand, api, eventually};
use reqwest::{Method, header};
use serde_json::json;

use crate::connected::{Pair, code};

#[tokio::test]
async fn an_rfi_created_in_one_project_arrives_in_the_other_once() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let (south, sam) = stand.company("South").await;

    // Gina reads her project's code; Sam types it, and chooses to send RFIs by themselves.
    let code = code(&gina, &harbour).await;
    assert!(code.len() == 9 && code.as_bytes()[4] == b' ', "{code}");
    let asked = sam
        .post(
            &api(south.project(), "/connections"),
            json!({"code": code, "send": {"rfis": "automatic"}}),
        )
        .await;
    let asked = asked.expect(201);
    assert_eq!(asked["status"], "awaiting_response");
    assert_eq!(asked["other"]["name"], harbour.project().name);
    let id = asked["id"].as_str().unwrap();

    // Gina sees the request, accepts it, and picks who receives RFIs.
    let list = gina.get(&api(harbour.project(), "/connections")).await.expect(200);
    assert_eq!(list["connections"][0]["status"], "request_pending");
    assert_eq!(list["connections"][0]["other"]["company_name"], south.name);
    gina.post(&api(harbour.project(), &format!("/connections/{id}/accept")), json!({}))
        .await
        .expect(200);
    let (omar_login, omar) = &harbour.people[1];
    let one = api(harbour.project(), &format!("/connections/{id}"));
    let settled = gina.patch(&one, json!({"rfi_manager_id": omar})).await.expect(200);
    assert_eq!(settled["status"], "connected");
    assert_eq!(settled["rfi_manager"]["id"], *omar);
    assert_eq!(settled["other_sends"]["rfis"], "automatic");
    assert_eq!(
        settled["send"]["rfis"], "manual",
        "what nobody of a company chose, does not leave it"
    );
    let sams = sam
        .get(&api(south.project(), &format!("/connections/{id}")))
        .await
        .expect(200);
    assert_eq!(sams["status"], "connected");

    // Sam creates an RFI, and a draft copy managed by Omar appears on the other side.
    let rfi = stand
        .create_rfi(
            south.project(),
            &sam.login,
            json!({
                "subject": "Conduit clashes with beam B4", "draft": false, "rfi_manager_id": south.people[1].1,
                "question": {"body": "<p>Which <b>route</b>?</p>"}, "due_date": "2026-12-24", "reference": "E-201",
            }),
        )
        .await;
    let copy = eventually("the copy is there", || async {
        stand.copies(harbour.project()).await.pop()
    })
    .await;
    assert_eq!(copy["subject"], "Conduit clashes with beam B4");
    assert_eq!(copy["status"], "draft");
    assert_eq!(copy["rfi_manager"]["id"], *omar, "{omar_login}");
    assert_eq!(copy["due_date"], "2026-12-24");
    assert_eq!(copy["reference"], "E-201");
    let question = copy["questions"][0]["rich_text_body"].as_str().unwrap();
    assert!(question.contains("Which <b>route</b>?"), "{question}");
    assert!(
        question.contains(&format!("Sent from {} ({})", south.project().name, south.name)),
        "{question}"
    );

    // The delivery says so, to both sides.
    for (person, project) in [(&sam, south.project()), (&gina, harbour.project())] {
        let deliveries = api(project, &format!("/connections/{id}/deliveries"));
        let delivery = eventually("the delivery says so", || async {
            let list = person.get(&deliveries).await.expect(200);
            list["deliveries"]
                .as_array()
                .unwrap()
                .iter()
                .find(|one| one["status"] == "delivered")
                .cloned()
        })
        .await;
        assert_eq!(delivery["item"], rfi);
        assert_eq!(delivery["copy"], copy["id"]);
        assert!(question.contains(delivery["reference"].as_str().unwrap()));
    }

    // The webhook that the copy caused makes nothing.
    let events = stand.settled_events(harbour.project()).await;
    let caused = events
        .iter()
        .find(|event| event["resource_id"] == copy["id"])
        .expect("the copy caused an event");
    // A first attempt may have come while everything was busy.
    let attempts = caused["deliveries"].as_array().unwrap();
    let heard = attempts
        .iter()
        .find(|attempt| attempt["outcome"] == "successful")
        .unwrap();
    assert_eq!(heard["response_body"], r#"{"queued":0}"#);
    assert_eq!(stand.copies(south.project()).await.len(), 0);
}

#[tokio::test]
async fn the_same_webhook_five_times_makes_one_copy() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let all = json!({"mode": "duplicate", "copies": 5, "project_id": south.project().id});
    stand.side_door(Method::PUT, "/webhooks", all).await;
    for subject in ["First", "Second"] {
        let rfi = json!({"subject": subject, "draft": false, "rfi_manager_id": south.people[1].1});
        stand.create_rfi(south.project(), &sam.login, rfi).await;
    }
    eventually("both are there", || async {
        (stand.copies(harbour.project()).await.len() >= 2).then_some(())
    })
    .await;
    eventually("the events were repeated", || async {
        let events = stand.settled_events(south.project()).await;
        let created = events.iter().filter(|event| event["event_type"] == "create");
        created
            .map(|event| event["deliveries"].as_array().unwrap().len())
            .all(|times| times >= 5)
            .then_some(())
    })
    .await;
    // Once this third one is across, whatever the repeated events could make would be there as well.
    let rfi = json!({"subject": "Third", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    eventually("the third is there", || async {
        (stand.copies(harbour.project()).await.len() >= 3).then_some(())
    })
    .await;
    stand.settled_events(south.project()).await;
    stand.settled_events(harbour.project()).await;
    assert_eq!(stand.copies(harbour.project()).await.len(), 3);
    assert_eq!(stand.copies(south.project()).await.len(), 0);
}

#[tokio::test]
async fn an_rfi_waits_for_a_manager_and_goes_on_when_one_is_chosen() {
    let pair = Pair::asked().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let one = api(harbour.project(), &format!("/connections/{}", pair.connection));
    gina.post(&format!("{one}/accept"), json!({})).await.expect(200);
    let rfi = json!({"subject": "Waits", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    let held = eventually("it is held", || async {
        let list = gina.get(&format!("{one}/deliveries")).await.expect(200);
        list["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["status"] == "held")
            .cloned()
    })
    .await;
    assert!(
        held["reason"].as_str().unwrap().contains("Connected RFI Manager"),
        "{held}"
    );
    assert_eq!(stand.copies(harbour.project()).await.len(), 0);
    gina.patch(&one, json!({"rfi_manager_id": harbour.people[1].1}))
        .await
        .expect(200);
    eventually("it is there", || async { stand.copies(harbour.project()).await.pop() }).await;
}

#[tokio::test]
async fn a_draft_is_sent_when_it_is_first_opened_and_a_private_rfi_is_not() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let manager = south.people[1].1;
    let rfi = |subject: &str, draft: bool, private: bool| json!({"subject": subject, "draft": draft, "private": private, "rfi_manager_id": manager});
    let draft = stand
        .create_rfi(south.project(), &sam.login, rfi("Draft", true, false))
        .await;
    stand
        .create_rfi(south.project(), &sam.login, rfi("Private", false, true))
        .await;
    stand
        .create_rfi(south.project(), &sam.login, rfi("Open", false, false))
        .await;
    eventually("the open one is there", || async {
        stand.copies(harbour.project()).await.pop()
    })
    .await;
    stand.settled_events(south.project()).await;
    let open = json!({"login": sam.login, "rfi": {"status": "open"}});
    stand
        .side_door(
            Method::PATCH,
            &format!("/projects/{}/rfis/{draft}", south.project().id),
            open,
        )
        .await;
    let subjects = eventually("the draft has followed", || async {
        let mut subjects: Vec<_> = stand
            .copies(harbour.project())
            .await
            .iter()
            .map(|copy| copy["subject"].clone())
            .collect();
        subjects.sort_by_key(ToString::to_string);
        (subjects.len() >= 2).then_some(subjects)
    })
    .await;
    assert_eq!(subjects, ["Draft", "Open"]);
}

#[tokio::test]
async fn a_browser_without_scripts_connects_two_projects() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let (south, sam) = stand.company("South").await;
    let code = code(&gina, &harbour).await;
    let sams_page = format!("/projects/{}", south.project().id);
    let fields = [
        ("code", code.as_str()),
        ("send.rfis", "automatic"),
        ("rfi_manager_id", "none"),
        ("return_to", sams_page.as_str()),
    ];
    let asked = sam.submit(&api(south.project(), "/connections"), &fields).await;
    assert_eq!(
        (asked.status.as_u16(), asked.location()),
        (303, format!("{}{sams_page}", stand.gusset))
    );
    let page = sam.get(&sams_page).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("Awaiting Response") && page.text.contains(&harbour.project().name),
        "{}",
        page.text
    );

    let ginas_page = format!("/projects/{}", harbour.project().id);
    let page = gina.get(&ginas_page).await.text;
    assert!(page.contains("Request Pending"), "{page}");
    let attribute = |page: &str, name: &str, ending: &str| {
        let begins = format!("{name}=\"");
        let mut values = page.split(&begins).filter_map(|rest| rest.split('"').next());
        values.find(|value| value.ends_with(ending)).unwrap().to_owned()
    };
    let terms = attribute(&page, "href", "/terms");
    let page = gina.get(&gina.path(&terms)).await.text;
    let accept = &attribute(&page, "action", "/accept");
    let accepted = gina
        .submit(&gina.path(accept), &[("return_to", ginas_page.as_str())])
        .await;
    assert_eq!(accepted.status, 303);
    assert!(sam.get(&sams_page).await.text.contains("Connected"));

    // Doing it twice is told on the page.
    let again = gina
        .submit(&gina.path(accept), &[("return_to", ginas_page.as_str())])
        .await;
    assert_eq!(again.status, 303);
    let page = gina.get(&ginas_page).await;
    assert!(
        page.text.contains("The request is not pending any more."),
        "{}",
        page.text
    );
    assert!(
        !gina.get(&ginas_page).await.text.contains("not pending any more"),
        "it is told once"
    );
    assert_eq!(page.headers[header::CACHE_CONTROL], "private, no-store");
}
