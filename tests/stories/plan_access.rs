//! Who may connect, how the access ends, and that what is one account's is nobody else's.

use std::time::Duration;

use futures_util::future::join_all;
use gusset_tests::{Answer, Person, Project, Stand, eventually, eventually_within, sha256};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn project_path(project: &Project, rest: &str) -> String {
    format!("/api/account/projects/{}{rest}", project.id)
}

/// Waits until the account is disconnected, having the access checked until it is, and gives the link to Procore.
async fn disconnected(stand: &Stand, person: &Person) -> Value {
    eventually("it is disconnected", || async {
        stand.plan_clock("check").await;
        let integration = stand.integration(person).await;
        (integration["status"] == "disconnected").then_some(integration)
    })
    .await
}

/// Checks that all that was synced is there and can be had, marked as what receives no updates.
async fn stays(stand: &Stand, person: &Person, project: &Project, why: &str) {
    let shown = person.get(&project_path(project, "")).await.expect(200);
    assert_eq!(shown["receives_updates"], false);
    let words = shown["why"].as_str().unwrap();
    assert!(words.contains(why), "{words}");
    let plans = person.plans(project).await;
    assert!(!plans.is_empty());
    for plan in plans {
        let path = format!("/api/account/plans/{}/file", plan["id"].as_str().unwrap());
        let file = person.download(stand, &path).await;
        assert_eq!(sha256(&file.bytes), plan["current"]["sha256"].as_str().unwrap());
    }
}

#[tokio::test]
async fn only_an_admins_login_is_accepted_and_of_another_nothing_is_kept() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let reader = &company.people[1].0;
    let erin = stand.estimator(&stand.new_email("erin")).await;
    let refused = stand.try_to_connect(&erin, reader).await;
    assert_eq!(refused.status, 403);
    assert!(
        refused.text.contains("Only a Procore admin account can be connected"),
        "{}",
        refused.text
    );
    assert!(refused.text.contains("Back to App Integrations"), "{}", refused.text);
    assert_eq!(stand.integration(&erin).await, Value::Null);
    assert_eq!(erin.bid_projects().await.len(), 0);
    let apps = stand.connected_apps(reader).await;
    assert!(apps.contains("No app may act for you."), "{apps}");
    // With an admin's it works, and leaves the app there.
    stand.connect(&erin, &company.people[0].0).await;
    stand.synced(&erin).await;
    let apps = stand.connected_apps(&company.people[0].0).await;
    assert!(apps.contains("Revoke"), "{apps}");
    // A refused login changes nothing about one that is connected.
    assert_eq!(stand.try_to_connect(&erin, reader).await.status, 403);
    assert_eq!(stand.integration(&erin).await["login"], company.people[0].0.as_str());
}

#[tokio::test]
async fn connecting_takes_somebody_who_is_signed_in_and_wants_it() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let admin = &company.people[0].0;
    let nobody = stand.stranger();
    assert_eq!(nobody.get("/oauth/start?connect=plans").await.status, 401);
    let erin = stand.estimator(&stand.new_email("erin")).await;
    let lured = erin.send(Method::GET, "/oauth/start?connect=plans", |request| {
        request.header("sec-fetch-site", "cross-site")
    });
    assert_eq!(lured.await.status, 403);
    for path in ["", "/disconnect", "/refresh"] {
        let path = format!("/api/account/integration{path}");
        nobody.post(&path, json!({})).await.problem(401, "not-signed-in");
        let lured = erin.send(Method::POST, &path, |request| {
            request.header("origin", "https://evil.example")
        });
        lured.await.problem(403, "foreign-origin");
    }

    // A program begins it, too, and the person's browser goes on.
    let begun = erin.post("/api/account/integration", json!({})).await.expect(200);
    let back = erin.consent_as(begun["authorize_url"].as_str().unwrap(), admin).await;
    // Who is somebody else by then connects nothing.
    let session = erin.cookie("__Host-gusset_account").unwrap();
    let otto = stand.estimator(&stand.new_email("otto")).await;
    erin.set_cookie("__Host-gusset_account", &otto.cookie("__Host-gusset_account").unwrap());
    assert_eq!(erin.get(&back).await.status, 401);
    erin.set_cookie("__Host-gusset_account", &session);
    for person in [&erin, &otto] {
        assert_eq!(stand.integration(person).await, Value::Null);
    }
    let begun = erin.post("/api/account/integration", json!({})).await.expect(200);
    let back = erin.consent_as(begun["authorize_url"].as_str().unwrap(), admin).await;
    assert_eq!(erin.get(&back).await.status, 303);
    stand.synced(&erin).await;
}

#[tokio::test]
async fn procore_tells_of_projects_plans_until_the_last_account_disconnects() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 2).await;
    let admin = &company.people[0].0;
    let (erin, otto) = (stand.synced_estimator(admin).await, stand.synced_estimator(admin).await);
    stand.watched(&company).await;
    let hooks = async || {
        let mut hooks = 0;
        for project in &company.projects {
            hooks += stand.plan_hooks(project).await.len();
        }
        hooks
    };
    let disconnect = async |person: &Person| {
        let ended = person
            .send(Method::DELETE, "/api/account/integration", |request| request)
            .await
            .expect(200);
        assert_eq!(ended["integration"]["status"], "disconnected");
    };
    disconnect(&erin).await;
    assert_eq!(hooks().await, 2);
    disconnect(&otto).await;
    assert_eq!(hooks().await, 0);
    otto.send(Method::DELETE, "/api/account/integration", |request| request)
        .await
        .problem(409, "not-connected");

    // Who connects again is told again.
    stand.connect(&erin, admin).await;
    stand.watched(&company).await;
}

/// Of a login with hundreds of projects, not all hooks can be removed while the person waits. The service account does it.
#[tokio::test]
async fn what_was_not_removed_in_time_is_removed_by_the_service_account() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let (project, admin) = (company.project(), &company.people[0].0);
    let erin = stand.synced_estimator(admin).await;
    stand.watched(&company).await;
    let full = json!({"method": "DELETE", "path": "/rest/v2.0/*/webhooks/*", "company_id": company.id, "times": 1,
        "status": 429, "headers": {"Retry-After": "1"}});
    stand.side_door(Method::POST, "/faults", full).await;
    erin.send(Method::DELETE, "/api/account/integration", |request| request)
        .await
        .expect(200);
    assert_eq!(stand.plan_hooks(project).await.len(), 1);
    eventually_within(Duration::from_secs(150), "the hook is removed", || async {
        stand.plan_hooks(project).await.is_empty().then_some(())
    })
    .await;
}

/// Who has taken a company's hooks for enough had none that ever told of anything.
#[tokio::test]
async fn the_hook_on_a_company_that_earlier_versions_made_is_removed() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let admin = &company.people[0].0;
    let place = json!({"company_id": company.id, "on": true});
    stand.side_door(Method::PUT, "/webhooks/v1", place).await;
    let former = json!({"company_id": company.id, "hook": {
        "api_version": "v2", "namespace": "gusset-plans",
        "destination_url": format!("{}/webhooks/procore-plans/{}", stand.gusset, company.id),
    }});
    stand.post_as_person(admin, "/rest/v1.0/webhooks/hooks", former).await;
    let path = format!("/webhooks/hooks?company_id={}", company.id);
    let there = async || stand.side_door(Method::GET, &path, Value::Null).await["hooks"].clone();
    assert_eq!(there().await.as_array().unwrap().len(), 1);
    let erin = stand.synced_estimator(admin).await;
    stand.watched(&company).await;
    stand.refreshed(&erin).await;
    eventually("it is gone", || async { (there().await == json!([])).then_some(()) }).await;
}

#[tokio::test]
async fn procore_in_trouble_keeps_nobody_from_disconnecting() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let erin = stand.synced_estimator(&company.people[0].0).await;
    stand.watched(&company).await;
    let down = json!({"path": "/rest/*/webhooks/*", "company_id": company.id, "times": 100, "status": 503});
    stand.side_door(Method::POST, "/faults", down).await;
    let ended = erin
        .send(Method::DELETE, "/api/account/integration", |request| request)
        .await
        .expect(200);
    assert_eq!(ended["integration"]["status"], "disconnected");
}

#[tokio::test]
async fn what_is_revoked_in_procore_is_noticed_told_and_stays_readable() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let admin = &company.people[0].0;
    let email = stand.new_email("erin");
    let erin = stand.estimator(&email).await;
    stand.connect(&erin, admin).await;
    stand.synced(&erin).await;
    stand
        .side_door(Method::POST, &format!("/people/{admin}/revoke"), Value::Null)
        .await;
    let ended = disconnected(&stand, &erin).await;
    assert_eq!(
        ended["why"],
        "Procore does not accept the access any more: it was revoked there."
    );
    assert!(
        ended["ended_at"].is_string() && ended["login"] == admin.as_str(),
        "{ended}"
    );
    let mails = stand.mails_about(&email, "Procore").await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].text.contains(admin.as_str()), "{}", mails[0].text);
    stays(&stand, &erin, company.project(), "No Procore login is connected.").await;
    erin.post("/api/account/integration/refresh", json!({}))
        .await
        .problem(409, "not-connected");
    assert_eq!(erin.get("/api/account").await.expect(200)["integration"], ended);

    // What changes in Procore now does not come any more, until somebody connects again: then it goes on where it stopped.
    stand
        .publish(
            &company,
            company.project(),
            "drawing",
            json!({"number": "A-900", "title": "Roof", "revision": "2"}),
        )
        .await;
    stand.connect(&erin, admin).await;
    // By the run, or by Procore's word about it, whichever comes first: the run counts only what it fetches itself.
    stand.synced(&erin).await;
    let published = stand.published_files(company.project()).await;
    eventually("what changed meanwhile is there", || async {
        (erin.plan_files(company.project()).await == published).then_some(())
    })
    .await;
    assert_eq!(
        erin.get(&project_path(company.project(), "")).await.expect(200)["receives_updates"],
        true
    );
}

#[tokio::test]
async fn a_sync_that_meets_the_revocation_first_ends_the_link_as_well() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let admin = &company.people[0].0;
    let erin = stand.synced_estimator(admin).await;
    stand
        .side_door(Method::POST, &format!("/people/{admin}/revoke"), Value::Null)
        .await;
    erin.post("/api/account/integration/refresh", json!({}))
        .await
        .expect(202);
    let ended = eventually("it is disconnected", || async {
        let integration = stand.integration(&erin).await;
        (integration["status"] == "disconnected").then_some(integration)
    });
    // Its run is not shown as if it went on.
    assert_eq!(ended.await["run"]["stage"], "stopped");
}

#[tokio::test]
async fn disconnecting_revokes_the_access_at_procore_and_keeps_what_was_synced() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let admin = &company.people[0].0;
    let email = stand.new_email("erin");
    let erin = stand.estimator(&email).await;
    stand.connect(&erin, admin).await;
    stand.synced(&erin).await;
    let ended = erin
        .send(Method::DELETE, "/api/account/integration", |request| request)
        .await;
    let ended = ended.expect(200)["integration"].clone();
    assert_eq!(
        (&ended["status"], &ended["why"]),
        (&json!("disconnected"), &json!("You disconnected it."))
    );
    let apps = stand.connected_apps(admin).await;
    assert!(apps.contains("No app may act for you."), "{apps}");
    let record = stand.integration_record(admin).await;
    assert!(
        record.get("tokens").is_none() && record.get("list_pk").is_none(),
        "{record}"
    );
    stays(&stand, &erin, company.project(), "No Procore login is connected.").await;
    let again = erin
        .send(Method::DELETE, "/api/account/integration", |request| request)
        .await;
    again.problem(409, "not-connected");
    // It was the person's own wish, of which no mail needs to tell.
    stand.plan_clock("check").await;
    let mails = stand.mails_to(&email).await;
    assert!(mails.iter().all(|mail| mail.subject.contains("link")), "{mails:?}");

    stand.connect(&erin, admin).await;
    stand.synced(&erin).await;
    let by_form = erin.submit(
        "/api/account/integration/disconnect",
        &[("return_to", "/estimating/integrations")],
    );
    assert_eq!(
        by_form.await.location(),
        format!("{}/estimating/integrations", stand.gusset)
    );
    assert_eq!(stand.integration(&erin).await["status"], "disconnected");
}

#[tokio::test]
async fn a_token_that_has_run_out_is_refreshed_by_one_process_alone() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 2).await;
    let admin = &company.people[0].0;
    let erin = stand.synced_estimator(admin).await;
    let version = async || stand.integration_record(admin).await["tokens_version"]["N"].clone();
    let before: u64 = version().await.as_str().unwrap().parse().unwrap();
    stand.age_tokens(admin, false).await;
    // Two refreshes with one refresh token, and Procore would have ended the access.
    join_all((0..8).map(|_| stand.plan_clock("check"))).await;
    let done = stand.refreshed(&erin).await;
    assert_eq!(done["status"], "connected");
    assert_eq!(version().await, (before + 1).to_string().as_str());
    let apps = stand.connected_apps(admin).await;
    assert!(apps.contains("Revoke"), "{apps}");
}

#[tokio::test]
async fn a_refresh_that_was_lost_is_told_from_a_revocation() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let admin = &company.people[0].0;
    let email = stand.new_email("erin");
    let erin = stand.estimator(&email).await;
    stand.connect(&erin, admin).await;
    stand.synced(&erin).await;
    // As a process leaves it that dies between Procore's answer and the record: the pair on record is dead, and a refresh has
    // begun that never ended.
    stand
        .side_door(Method::POST, &format!("/people/{admin}/revoke"), Value::Null)
        .await;
    stand.age_tokens(admin, true).await;
    let ended = disconnected(&stand, &erin).await;
    assert_eq!(
        ended["why"],
        "Procore's new access was lost on its way to Gusset. Nothing is wrong in Procore."
    );
    let mails = stand.mails_about(&email, "Procore").await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    // One that was not finished and has not gone wrong goes on.
    stand.connect(&erin, admin).await;
    stand.synced(&erin).await;
    stand.age_tokens(admin, true).await;
    assert_eq!(stand.refreshed(&erin).await["status"], "connected");
}

#[tokio::test]
async fn another_login_adds_its_projects_and_goes_on_with_those_that_it_sees_too() {
    let stand = Stand::new();
    let harbour = stand.planned("Harbour", 2).await;
    let gina = &harbour.people[0].0;
    let [shared, own] = &harbour.projects[..] else { panic!() };
    // Sam is admin of a company of his own, and of one of Harbour's projects.
    let south = stand
        .make_company(json!({"name": "South", "projects": [{"name": "South 1"}],
            "people": [{"name": "Sam", "level": "admin", "company_admin": true}]}))
        .await;
    let sam = &south.people[0].0;
    stand.add_sheets(south.project(), 2).await;
    let erin = stand.synced_estimator(gina).await;
    let former = (erin.plan_files(shared).await, erin.plan_files(own).await);

    let lets_in = json!({"project_id": shared.id, "level": "admin"});
    stand
        .side_door(Method::PUT, &format!("/people/{sam}/permissions"), lets_in)
        .await;
    let since = stand.calls(u64::MAX).await.1;
    stand.connect(&erin, sam).await;
    let done = stand.synced(&erin).await;
    assert_eq!(done["login"], sam.as_str());
    // The former login's access is of use to nobody.
    let apps = stand.connected_apps(gina).await;
    assert!(apps.contains("No app may act for you."), "{apps}");

    assert_eq!(erin.bid_projects().await.len(), 3);
    assert_eq!(
        erin.plan_files(south.project()).await,
        stand.published_files(south.project()).await
    );
    assert_eq!((erin.plan_files(shared).await, erin.plan_files(own).await), former);
    assert_eq!(done["run"]["copied"], 2);
    let (calls, _) = stand.calls(since).await;
    let again = calls
        .iter()
        .filter(|call| call.company == Some(harbour.id) && call.path.starts_with("/files/"));
    assert_eq!(again.count(), 0);
    for project in [shared, south.project()] {
        let shown = erin.get(&project_path(project, "")).await.expect(200);
        assert_eq!(
            (&shown["receives_updates"], &shown["login_name"]),
            (&json!(true), &json!("Sam"))
        );
    }
    stays(
        &stand,
        &erin,
        own,
        "It came with the Procore login of Harbour admin, and that of Sam is connected now.",
    )
    .await;
}

#[tokio::test]
async fn one_account_never_sees_anothers_plans() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let other = stand.planned("South", 1).await;
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let otto = stand.synced_estimator(&other.people[0].0).await;
    let plans = erin.plans(company.project()).await;
    let plan = plans[0]["id"].as_str().unwrap();
    let project = company.project().id;
    let stranger = stand.stranger();
    let mut tried = 0;
    for (method, path) in [
        (Method::GET, format!("/api/account/projects/{project}")),
        (Method::PATCH, format!("/api/account/projects/{project}")),
        (Method::POST, format!("/api/account/projects/{project}")),
        (Method::GET, format!("/api/account/projects/{project}/plans")),
        (Method::GET, format!("/api/account/projects/{project}/archive")),
        (
            Method::GET,
            format!("/api/account/projects/{project}/archive?download=1"),
        ),
        (Method::POST, format!("/api/account/projects/{project}/archive")),
        (Method::GET, format!("/api/account/plans/{plan}")),
        (Method::PATCH, format!("/api/account/plans/{plan}")),
        (Method::POST, format!("/api/account/plans/{plan}")),
        (Method::POST, format!("/api/account/plans/{plan}/autoname")),
        (Method::GET, format!("/api/account/plans/{plan}/file")),
        (Method::GET, format!("/api/account/plans/{plan}/thumbnail")),
    ] {
        let body = json!({"label": "mine", "bid_due_at": "2027-01-01T00:00:00Z"});
        let body = if path.contains("/plans/") {
            json!({"label": "mine"})
        } else {
            body
        };
        let send = async |person: &Person| -> Answer {
            let with = |request: reqwest::RequestBuilder| match method {
                Method::GET => request,
                _ => request.json(&body),
            };
            person.send(method.clone(), &path, with).await
        };
        send(&otto).await.problem(404, "not-found");
        send(&stranger).await.problem(401, "not-signed-in");
        tried += 1;
    }
    assert_eq!(tried, 13);
    for person in [&erin, &otto] {
        assert_eq!(person.bid_projects().await.len(), 1);
    }
    assert_eq!(erin.plans(company.project()).await, plans);
    for malformed in [
        "7",
        "7-drawing-1",
        "x",
        "7-plan-1",
        "7-drawing-01",
        "%2e%2e",
        "00000000-0000",
    ] {
        erin.get(&format!("/api/account/plans/{malformed}/file"))
            .await
            .problem(404, "not-found");
    }
    for path in ["/api/account/projects", "/api/account/integration", "/api/account"] {
        stranger.get(path).await.problem(401, "not-signed-in");
    }
}

#[tokio::test]
async fn two_accounts_with_one_login_have_their_own_plans_and_words() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let otto = stand.synced_estimator(&company.people[0].0).await;
    // The second sign-in has not ended the first one's access.
    let plans = erin.plans(project).await;
    let plan = format!("/api/account/plans/{}", plans[0]["id"].as_str().unwrap());
    erin.patch(&plan, json!({"label": "mine"})).await.expect(200);
    assert_eq!(otto.get(&plan).await.expect(200)["label"], Value::Null);
    assert_eq!(otto.plan_files(project).await, erin.plan_files(project).await);
    // Each has a copy of its own.
    let path = async |person: &Person| person.get(&format!("{plan}/file")).await;
    let (one, two) = (path(&erin).await.location(), path(&otto).await.location());
    let key = |link: &str| reqwest::Url::parse(link).unwrap().path().to_owned();
    assert_ne!(key(&one), key(&two));
}

#[tokio::test]
async fn a_link_works_for_a_while_and_for_what_it_was_made_for() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let plans = erin.plans_by_number(company.project()).await;
    let file = |number: &str, rest: &str| {
        format!(
            "/api/account/plans/{}/file{rest}",
            plans[number]["id"].as_str().unwrap()
        )
    };
    let download = erin.download(&stand, &file("Survey.pdf", "")).await;
    assert!(
        download.disposition.contains("filename=\"Survey.pdf\""),
        "{}",
        download.disposition
    );
    let shown = erin.download(&stand, &file("A-900", "?show=1")).await;
    assert!(
        shown.disposition.starts_with("inline; filename=\"A-900 1.pdf\""),
        "{}",
        shown.disposition
    );
    assert_eq!(shown.content_type, "application/pdf");

    let status = async |link: &str| stand.http.get(link).send().await.unwrap().status();
    let link = download.link;
    let other = reqwest::Url::parse(&shown.link).unwrap();
    let tampered = link.replace(reqwest::Url::parse(&link).unwrap().path(), other.path());
    assert_eq!(status(&tampered).await, StatusCode::FORBIDDEN);
    let unsigned = link.split('?').next().unwrap();
    assert_eq!(status(unsigned).await, StatusCode::FORBIDDEN);
    eventually("the link has ended", || async {
        (status(&link).await == StatusCode::FORBIDDEN).then_some(())
    })
    .await;
    erin.download(&stand, &file("Survey.pdf", "")).await;
}
