//! An estimator connects once, and finds the plans of every project here, without uploading anything.

use std::{collections::BTreeMap, io::Read};

use gusset_tests::{Company, Person, Project, Stand, eventually, revisions, sha256};
use reqwest::{Method, header};
use serde_json::{Value, json};

/// The calls to Procore about a company since a place in the log: methods and paths.
async fn calls(stand: &Stand, since: u64, company: &Company) -> Vec<String> {
    let (calls, _) = stand.calls(since).await;
    let about = calls.into_iter().filter(|call| call.company == Some(company.id));
    about.map(|call| format!("{} {}", call.method, call.path)).collect()
}

fn is_of_file(call: &&String) -> bool {
    call.starts_with("GET /files/") || call.starts_with("GET /storage/")
}

fn plan_path(plan: &Value, rest: &str) -> String {
    format!("/api/account/plans/{}{rest}", plan["id"].as_str().unwrap())
}

fn project_path(project: &Project, rest: &str) -> String {
    format!("/api/account/projects/{}{rest}", project.id)
}

/// Waits until a sheet's present revision has a number and is here, and gives the plan.
async fn arrived(person: &Person, project: &Project, sheet: &str, revision: &str) -> Value {
    eventually(&format!("{sheet} has revision {revision}"), || async {
        let plan = person.plans_by_number(project).await.remove(sheet)?;
        let current = &plan["current"];
        (current["number"] == revision && current["state"] == "stored").then_some(plan)
    })
    .await
}

#[tokio::test]
async fn connecting_brings_every_plan_here_once_as_it_is_in_procore() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 2).await;
    let erin = stand.estimator(&stand.new_email("erin")).await;
    assert_eq!(stand.integration(&erin).await, Value::Null);
    let since = stand.calls(u64::MAX).await.1;

    stand.connect(&erin, &company.people[0].0).await;
    let begun = stand.integration(&erin).await;
    assert_eq!(begun["status"], "connected");
    assert_eq!(begun["login"], company.people[0].0.as_str());
    assert_eq!(begun["name"], "Harbour admin");
    assert_eq!(begun["run"]["asked_by"], "connect");
    let done = stand.synced(&erin).await;

    let mut all = 0;
    for project in &company.projects {
        let expected = stand.published_files(project).await;
        assert_eq!(erin.plan_files(project).await, expected);
        all += expected.len() as u64;
        let mut thumbnails = BTreeMap::new();
        for revision in stand.published(project).await["drawing_revisions"].as_array().unwrap() {
            thumbnails.insert(revision["id"].to_string(), revision["thumbnail_sha256"].clone());
        }
        for plan in erin.plans(project).await {
            for revision in revisions(&plan) {
                let id = revision["id"].as_str().unwrap();
                let file = plan_path(&plan, &format!("/file?revision={id}"));
                let file = erin.download(&stand, &file).await;
                assert_eq!(sha256(&file.bytes), revision["sha256"].as_str().unwrap(), "{plan}");
                assert_eq!(file.bytes.len() as u64, revision["size"].as_u64().unwrap());
                assert!(
                    file.disposition.starts_with("attachment; filename=\""),
                    "{}",
                    file.disposition
                );
                assert_eq!(revision["thumbnail"], json!(plan["kind"] == "drawing"), "{plan}");
                if let Some(expected) = thumbnails.get(id) {
                    let picture = plan_path(&plan, &format!("/thumbnail?revision={id}"));
                    let picture = erin.download(&stand, &picture).await;
                    assert_eq!(sha256(&picture.bytes), expected.as_str().unwrap());
                    assert_eq!(
                        (picture.content_type.as_str(), &picture.disposition[..6]),
                        ("image/png", "inline")
                    );
                }
            }
        }
    }
    let run = &done["run"];
    assert_eq!(
        (&run["found"], &run["copied"], &run["failed"]),
        (&json!(all), &json!(all), &json!(0))
    );
    assert_eq!(
        (&run["projects_found"], &run["projects_listed"]),
        (&json!(2), &json!(2))
    );
    assert_eq!((&run["per_cent"], &run["id"]), (&json!(100), &begun["run"]["id"]));
    assert!(
        run["bytes"].as_u64().unwrap() > 16_384 * all && run["now"].is_string(),
        "{run}"
    );

    // None was fetched twice.
    let calls = calls(&stand, since, &company).await;
    let mut files: Vec<&String> = calls.iter().filter(is_of_file).collect();
    let fetched = files.len();
    files.sort();
    files.dedup();
    assert_eq!(files.len(), fetched);
    assert!(fetched as u64 >= all, "{fetched}");
}

#[tokio::test]
async fn plans_are_shown_with_their_places_disciplines_and_revisions() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let plans = erin.plans_by_number(project).await;
    let sheet = &plans["A-900"];
    assert_eq!(sheet["name"], "A-900 Roof: plan & details");
    assert_eq!(
        (&sheet["kind"], &sheet["discipline"]),
        (&json!("drawing"), &json!("Architectural"))
    );
    assert_eq!(sheet["place"], json!(["Tower"]));
    assert_eq!(
        (&sheet["current"]["number"], &sheet["current"]["issued"]),
        (&json!("1"), &json!("2026-06-30"))
    );
    assert_eq!(sheet["former"].as_array().unwrap().len(), 1);
    assert_eq!(sheet["former"][0]["number"], "0");
    let section = &plans["07 50 00"];
    assert_eq!(section["title"], "Membrane Roofing");
    assert_eq!(
        (&section["kind"], &section["current"]["number"]),
        (&json!("specification"), &json!("1"))
    );
    let survey = &plans["Survey.pdf"];
    assert_eq!(survey["place"], json!(["03 Reports", "Survey"]));
    assert_eq!(survey["former"].as_array().unwrap().len(), 1);

    let plans = project_path(project, "/plans");
    let only = async |filter: &str| erin.all(&format!("{plans}?{filter}"), "plans").await;
    let kinds: Vec<Value> = only("kind=specification").await;
    assert!(
        kinds.iter().all(|plan| plan["kind"] == "specification") && kinds.len() == 1,
        "{kinds:?}"
    );
    let architectural = only("discipline=Architectural").await;
    assert!(
        architectural.iter().any(|plan| plan["number"] == "A-900"),
        "{architectural:?}"
    );
    assert!(architectural.iter().all(|plan| plan["discipline"] == "Architectural"));
    assert_eq!(only("discipline=Nothing").await.len(), 0);
    erin.get(&format!("{plans}?kind=sheet")).await.problem(422, "bad-field");
    erin.get(&format!("{plans}?cursor=nowhere"))
        .await
        .problem(422, "bad-field");

    // Every page of one holds the next one, and all of them each plan once.
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = erin.get(&format!("{plans}?limit=1{cursor}")).await.expect(200);
        seen.extend(
            page["plans"]
                .as_array()
                .unwrap()
                .iter()
                .map(|plan| plan["id"].to_string()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all: Vec<String> = erin
        .plans(project)
        .await
        .iter()
        .map(|plan| plan["id"].to_string())
        .collect();
    assert_eq!(seen, all);
    let one = erin.get(&plan_path(sheet, "")).await.expect(200);
    assert_eq!(one, *sheet);
}

#[tokio::test]
async fn a_sync_with_nothing_new_asks_for_lists_and_for_no_file() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 2).await;
    let erin = stand.synced_estimator(&company.people[0].0).await;
    stand.watched(&company).await;
    let before = erin.plan_files(company.project()).await;
    let since = stand.calls(u64::MAX).await.1;
    let done = stand.refreshed(&erin).await;
    assert_eq!(
        (&done["run"]["found"], &done["run"]["asked_by"]),
        (&json!(0), &json!("refresh"))
    );
    let calls = calls(&stand, since, &company).await;
    assert!(calls.iter().all(|call| call.starts_with("GET /rest/")), "{calls:#?}");
    assert!(calls.len() >= 8, "{calls:#?}");
    assert_eq!(erin.plan_files(company.project()).await, before);
}

#[tokio::test]
async fn who_refreshes_while_a_run_is_under_way_joins_it() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let erin = stand.estimator(&stand.new_email("erin")).await;
    let refresh = async || erin.post("/api/account/integration/refresh", json!({})).await;
    refresh().await.problem(409, "not-connected");
    // Procore is slow, so that it lasts.
    let slow = json!({"path": "/rest/*", "company_id": company.id, "delay_ms": 1_000, "times": 4});
    stand.side_door(Method::POST, "/faults", slow).await;
    stand.connect(&erin, &company.people[0].0).await;
    let first = stand.integration(&erin).await["run"]["id"].clone();
    assert_eq!(refresh().await.expect(202)["run"]["id"], first);
    stand.synced(&erin).await;
    let next = refresh().await.expect(202);
    assert_ne!(next["run"]["id"], first);
    let by_form = erin.submit(
        "/api/account/integration/refresh",
        &[("return_to", "/estimating/integrations")],
    );
    let back = format!("{}/estimating/integrations", stand.gusset);
    assert_eq!(by_form.await.location(), back);
    stand.synced(&erin).await;
}

#[tokio::test]
async fn a_revision_that_is_published_arrives_by_itself_and_the_former_one_stays() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let erin = stand.synced_estimator(&company.people[0].0).await;
    stand.watched(&company).await;
    let before = erin.plans_by_number(project).await.remove("A-900").unwrap();
    let runs = stand.integration(&erin).await["run"]["id"].clone();

    let next = json!({"number": "A-900", "title": "Roof: plan & details", "revision": "2", "set": "Addendum 7"});
    stand.publish(&company, project, "drawing", next).await;
    let after = arrived(&erin, project, "A-900", "2").await;
    assert_eq!(after["current"]["set"], "Addendum 7");
    let former: Vec<&Value> = after["former"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["sha256"])
        .collect();
    assert_eq!(former, [&before["current"]["sha256"], &before["former"][0]["sha256"]]);
    assert_eq!(erin.plan_files(project).await, stand.published_files(project).await);
    let old = format!("/file?revision={}", before["current"]["id"].as_str().unwrap());
    let old = erin.download(&stand, &plan_path(&after, &old)).await;
    assert_eq!(sha256(&old.bytes), before["current"]["sha256"].as_str().unwrap());
    // It was Procore that told of it.
    assert_eq!(stand.integration(&erin).await["run"]["id"], runs);
    for event in stand.settled_events(project).await {
        for delivery in event["deliveries"].as_array().unwrap() {
            assert_eq!(delivery["outcome"], "successful", "{event}");
        }
    }
}

#[tokio::test]
async fn a_burst_of_events_becomes_one_look_or_two() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let erin = stand.synced_estimator(&company.people[0].0).await;
    stand.watched(&company).await;
    let since = stand.calls(u64::MAX).await.1;
    for sheet in 0..12 {
        let sheet = json!({"number": format!("M-{sheet:03}"), "title": "Ducts", "area": "Tower"});
        stand.publish(&company, project, "drawing", sheet).await;
    }
    let events = stand.settled_events(project).await;
    let told = events.iter().flat_map(|event| event["deliveries"].as_array().unwrap());
    assert!(told.count() >= 12, "{events:?}");
    let expected = stand.published_files(project).await;
    eventually("all of them are here", || async {
        (erin.plan_files(project).await == expected).then_some(())
    })
    .await;
    let calls = calls(&stand, since, &company).await;
    let looks = format!("GET /rest/v1.1/projects/{}/drawing_areas", project.id);
    let looks = calls.iter().filter(|call| **call == looks).count();
    assert!((1..=2).contains(&looks), "{looks}: {calls:#?}");
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_fetched_is_fetched_as_it_is_now() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let (project, admin) = (company.project(), &company.people[0].0);
    let erin = stand.synced_estimator(admin).await;
    stand.watched(&company).await;
    // Long enough for Procore to tell of the change, and for us to look, while the first download is under way.
    let slow = json!({"path": "/files/*", "company_id": company.id, "times": 2, "delay_ms": 8_000});
    stand.side_door(Method::POST, "/faults", slow).await;
    let sheet = json!({"number": "E-700", "title": "Lighting", "revision": "0", "area": "Tower"});
    stand.publish(&company, project, "drawing", sheet).await;
    eventually("its download has begun", || async {
        let faults = stand.side_door(Method::GET, "/faults", Value::Null).await;
        let of_company = |fault: &&Value| fault["company_id"] == company.id;
        let left = faults["faults"].as_array().unwrap().iter().find(of_company)?["times"].clone();
        (left == 1).then_some(())
    })
    .await;
    let waiting = erin.plans_by_number(project).await.remove("E-700").unwrap();
    assert_eq!(waiting["current"]["state"], "waiting");
    let drawing = waiting["id"].as_str().unwrap().rsplit('-').next().unwrap();
    let path = format!("/projects/{}/drawings/{drawing}", project.id);
    let obsolete = json!({"login": admin, "drawing": {"obsolete": true}});
    stand.side_door(Method::PATCH, &path, obsolete).await;
    let arrived = arrived(&erin, project, "E-700", "0").await;
    assert_eq!(arrived["obsolete"], true);
    assert_eq!(erin.plan_files(project).await, stand.published_files(project).await);

    // What is here is known to be what Procore has now: nothing of it is fetched once more.
    let since = stand.calls(u64::MAX).await.1;
    assert_eq!(stand.refreshed(&erin).await["run"]["found"], 0);
    let calls = calls(&stand, since, &company).await;
    assert_eq!(calls.iter().filter(is_of_file).count(), 0, "{calls:#?}");
}

#[tokio::test]
async fn what_is_gone_from_procore_is_kept_and_marked_and_ones_own_words_survive() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let plans = erin.plans_by_number(project).await;
    let (sheet, survey) = (&plans["A-900"], &plans["Survey.pdf"]);
    let words = json!({"label": " check \n scale ", "note": "Ask about\nthe slope."});
    let written = erin.patch(&plan_path(sheet, ""), words).await.expect(200);
    assert_eq!(
        (&written["label"], &written["note"]),
        (&json!("check scale"), &json!("Ask about\nthe slope."))
    );
    let only = erin
        .patch(&plan_path(survey, ""), json!({"label": "old"}))
        .await
        .expect(200);
    assert_eq!((&only["label"], &only["note"]), (&json!("old"), &Value::Null));

    let drawing = sheet["id"].as_str().unwrap().rsplit('-').next().unwrap();
    let gone = format!("/projects/{}/drawings/{drawing}", project.id);
    stand
        .side_door(Method::DELETE, &gone, json!({"login": company.people[0].0}))
        .await;
    let file = survey["id"].as_str().unwrap().rsplit('-').next().unwrap();
    let renamed = json!({"login": company.people[0].0, "file": {"name": "Survey of the site.pdf"}});
    stand
        .side_door(
            Method::PATCH,
            &format!("/projects/{}/files/{file}", project.id),
            renamed,
        )
        .await;
    stand.refreshed(&erin).await;
    // One look is not enough, and the second one comes by itself.
    eventually("it is marked as gone", || async {
        let plan = erin.plans_by_number(project).await.remove("A-900")?;
        plan["gone_since"].is_string().then_some(())
    })
    .await;

    let plans = erin.plans_by_number(project).await;
    let kept = &plans["A-900"];
    assert_eq!((&kept["label"], &kept["note"]), (&written["label"], &written["note"]));
    assert_eq!(kept["current"], sheet["current"]);
    let bytes = erin.download(&stand, &plan_path(kept, "/file")).await.bytes;
    assert_eq!(sha256(&bytes), sheet["current"]["sha256"].as_str().unwrap());
    let renamed = &plans["Survey of the site.pdf"];
    assert_eq!((&renamed["id"], &renamed["label"]), (&survey["id"], &json!("old")));
    assert_eq!(renamed["gone_since"], Value::Null);
    let others = plans.values().filter(|plan| !plan["gone_since"].is_null());
    assert_eq!(others.count(), 1);
}

#[tokio::test]
async fn names_belong_to_procore_and_labels_and_notes_to_the_account() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let sheet = erin.plans_by_number(company.project()).await.remove("A-900").unwrap();
    let (path, autoname) = (plan_path(&sheet, ""), plan_path(&sheet, "/autoname"));
    let refused = |answer: gusset_tests::Answer| {
        let problem = answer.problem(409, "plan-name-locked");
        assert_eq!(problem["detail"], "names of synced plans come from Procore");
    };
    for body in [
        json!({"name": "Roof"}),
        json!({"name": null}),
        json!({"title": "Roof", "label": "mine"}),
        json!({"number": "A-1"}),
        json!({"autoname": true}),
        json!({"label": "mine", "details": [{"autoname": {}}]}),
    ] {
        refused(erin.patch(&path, body.clone()).await);
        refused(erin.post(&path, body).await);
    }
    refused(erin.post(&autoname, json!({})).await);
    refused(erin.post(&autoname, json!({"plans": "all"})).await);
    refused(
        erin.send(Method::PATCH, &path, |request| request.form(&[("name", "")]))
            .await,
    );
    let page = erin
        .submit(&path, &[("name", "Roof"), ("return_to", "/estimating")])
        .await;
    assert_eq!(page.location(), format!("{}/estimating", stand.gusset));
    assert_eq!(erin.get(&path).await.expect(200), sheet);

    for wrong in [
        json!({"label": "x".repeat(61)}),
        json!({"note": "x".repeat(4_001)}),
        json!({"colour": "red"}),
        json!({"label": 7}),
    ] {
        erin.patch(&path, wrong).await.problem(422, "bad-field");
    }
    let both = json!({"label": "mine", "note": "a note"});
    erin.patch(&path, both).await.expect(200);
    // What a form has no field for stays, and what it leaves empty goes.
    erin.submit(&path, &[("label", "")]).await;
    let after = erin.get(&path).await.expect(200);
    assert_eq!((&after["label"], &after["note"]), (&Value::Null, &json!("a note")));
    erin.patch(&path, json!({"note": null})).await.expect(200);
    assert_eq!(erin.get(&path).await.expect(200), sheet);
    erin.patch(&path, json!({})).await.expect(200);
}

#[tokio::test]
async fn bids_are_due_by_the_packages_or_by_hand_which_wins() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 2).await;
    let [first, second] = &company.projects[..] else {
        panic!()
    };
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let path = project_path(first, "");
    let shown = async || erin.get(&path).await.expect(200);
    let project = shown().await;
    assert_eq!(
        (&project["bid_due_at"], &project["by_hand"]),
        (&json!("2027-02-01T17:00:00Z"), &json!(false))
    );
    let due: Vec<&Value> = project["due"]
        .as_array()
        .unwrap()
        .iter()
        .map(|due| &due["bid_package"]["title"])
        .collect();
    assert_eq!(due, ["Glazing", "Roofing"]);
    assert_eq!(
        (&project["receives_updates"], &project["why"]),
        (&json!(true), &Value::Null)
    );

    let by_hand = json!({"bid_due_at": "2027-01-15T12:00:00+01:00"});
    let project = erin.patch(&path, by_hand).await.expect(200);
    assert_eq!(
        (&project["bid_due_at"], &project["by_hand"]),
        (&json!("2027-01-15T11:00:00Z"), &json!(true))
    );
    // Neither a new package nor a sync changes that.
    let package = json!({"title": "Paint", "bid_due_date": "2027-01-10T17:00:00Z"});
    stand.publish(&company, first, "bid_package", package).await;
    stand.refreshed(&erin).await;
    assert_eq!(shown().await["bid_due_at"], "2027-01-15T11:00:00Z");

    let zoned = [("bid_due_at", "2027-07-15T12:00"), ("time_zone", "Europe/Berlin")];
    erin.submit(&path, &zoned).await;
    assert_eq!(shown().await["bid_due_at"], "2027-07-15T10:00:00Z");
    for wrong in [
        json!({"bid_due_at": "soon"}),
        json!({"bid_due_at": "2027-07-15T12:00"}),
        json!({"bid_due_at": "2027-07-15T12:00", "time_zone": "Europe/Atlantis"}),
        json!({"bid_due_at": "0001-01-01T00:00:00Z"}),
        json!({"bid_due_at": 7}),
        json!({"due": "2027-07-15T12:00:00Z"}),
    ] {
        erin.patch(&path, wrong).await.problem(422, "bad-field");
    }
    erin.patch(&path, json!({})).await.expect(200);
    assert_eq!(shown().await["bid_due_at"], "2027-07-15T10:00:00Z");
    // Left to Procore again: by a form's empty field, or null.
    erin.submit(&path, &[("bid_due_at", ""), ("time_zone", "Europe/Berlin")])
        .await;
    assert_eq!(shown().await["bid_due_at"], "2027-01-10T17:00:00Z");
    erin.patch(&path, json!({"bid_due_at": "2027-01-15T12:00:00Z"}))
        .await
        .expect(200);
    assert_eq!(
        erin.patch(&path, json!({"bid_due_at": null})).await.expect(200)["by_hand"],
        false
    );

    // What is due next comes first.
    let names = async |search: &str| -> Vec<String> {
        let projects = erin.all(&format!("/api/account/projects?q={search}"), "projects").await;
        projects
            .iter()
            .map(|project| project["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("").await, ["Harbour 1", "Harbour 2"]);
    let sooner = json!({"bid_due_at": "2027-01-01T12:00:00Z"});
    erin.patch(&project_path(second, ""), sooner).await.expect(200);
    assert_eq!(names("").await, ["Harbour 2", "Harbour 1"]);
    assert_eq!(names("harbour+glazing").await, ["Harbour 1"]);
    assert_eq!(names(&second.id.to_string()).await, ["Harbour 2"]);
    assert_eq!(names("nothing").await, [""; 0]);
    erin.get(&format!("/api/account/projects?q={}", "x".repeat(201)))
        .await
        .problem(422, "bad-field");
    let page = erin.get("/api/account/projects?limit=1").await.expect(200);
    let rest = format!(
        "/api/account/projects?limit=1&cursor={}",
        page["next_cursor"].as_str().unwrap()
    );
    let rest = erin.get(&rest).await.expect(200);
    assert_eq!(
        (&rest["projects"][0]["name"], &rest["next_cursor"]),
        (&json!("Harbour 1"), &Value::Null)
    );
}

#[tokio::test]
async fn all_current_plans_come_in_one_archive() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let erin = stand.synced_estimator(&company.people[0].0).await;
    stand.watched(&company).await;
    let path = project_path(project, "/archive");
    assert_eq!(erin.get(&path).await.expect(200), json!({"state": "none"}));
    erin.get(&format!("{path}?download=1"))
        .await
        .problem(409, "archive-not-ready");

    let asked = erin.post(&path, json!({})).await.expect(202);
    assert!(
        ["packing", "ready"].contains(&asked["state"].as_str().unwrap()),
        "{asked}"
    );
    let ready = eventually("it is packed", || async {
        let archive = erin.get(&path).await.expect(200);
        (archive["state"] != "packing").then_some(archive)
    })
    .await;
    let zip = stand
        .follow(ready["url"].as_str().unwrap_or_else(|| panic!("{ready}")))
        .await;
    assert_eq!(zip.bytes.len() as u64, ready["size"].as_u64().unwrap());
    assert_eq!(zip.content_type, "application/zip");
    assert!(zip.disposition.contains("Harbour 1 plans.zip"), "{}", zip.disposition);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip.bytes)).unwrap();
    let mut packed = BTreeMap::new();
    for place in 0..zip.len() {
        let mut file = zip.by_index(place).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        packed.insert(file.name().unwrap().into_owned(), sha256(&bytes));
    }
    let plans = erin.plans(project).await;
    let mut expected: Vec<String> = plans
        .iter()
        .filter(|plan| plan["obsolete"] == false)
        .map(|plan| plan["current"]["sha256"].as_str().unwrap().to_owned())
        .collect();
    let mut hashes: Vec<String> = packed.values().cloned().collect();
    expected.sort();
    hashes.sort();
    assert_eq!(hashes, expected);
    let roof = "Drawings/Tower/Architectural/A-900 Roof- plan & details (revision 1).pdf";
    assert!(packed.contains_key(roof), "{packed:?}");
    assert!(
        packed.contains_key("Documents/03 Reports/Survey/Survey.pdf"),
        "{packed:?}"
    );

    // Asked again, it is there; when a plan has changed, it is packed anew.
    let again = erin.post(&path, json!({})).await.expect(202);
    assert_eq!(
        (&again["state"], &again["packed_at"]),
        (&json!("ready"), &ready["packed_at"])
    );
    let leads = erin.get(&format!("{path}?download=1")).await;
    assert_eq!(leads.status, 303, "{}", leads.text);
    stand
        .publish(
            &company,
            project,
            "drawing",
            json!({"number": "A-900", "title": "Roof", "revision": "2"}),
        )
        .await;
    arrived(&erin, project, "A-900", "2").await;
    erin.post(&path, json!({})).await.expect(202);
    eventually("it is packed anew", || async {
        let archive = erin.get(&path).await.expect(200);
        (archive["state"] == "ready" && archive["packed_at"] != ready["packed_at"]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn where_there_is_nothing_to_pack_or_no_file_yet_it_says_so() {
    let stand = Stand::new();
    let company = stand
        .make_company(json!({"name": "Empty", "projects": [{"name": "Empty"}],
            "people": [{"name": "Ann Admin", "level": "admin", "company_admin": true, "levels": {"webhooks_api": "standard"}}]}))
        .await;
    let project = company.project();
    let erin = stand.synced_estimator(&company.people[0].0).await;
    stand.watched(&company).await;
    let archive = project_path(project, "/archive");
    erin.post(&archive, json!({})).await.problem(409, "nothing-to-pack");

    // What Procore does not hand out for the moment is waited for.
    let busy = json!({"path": "/files/*", "company_id": company.id, "status": 503, "headers": {"Retry-After": "600"}, "times": 1_000});
    stand.side_door(Method::POST, "/faults", busy).await;
    stand
        .publish(&company, project, "drawing", json!({"number": "A-1", "title": "One"}))
        .await;
    let plan = eventually("the sheet is listed", || async {
        erin.plans_by_number(project).await.remove("A-1")
    })
    .await;
    assert_eq!(plan["current"]["state"], "waiting");
    erin.get(&plan_path(&plan, "/file")).await.problem(409, "file-not-here");
    erin.get(&plan_path(&plan, "/file?revision=7"))
        .await
        .problem(404, "not-found");
    erin.get(&plan_path(&plan, "/thumbnail"))
        .await
        .problem(404, "not-found");
    erin.post(&archive, json!({})).await.problem(409, "nothing-to-pack");
}

#[tokio::test]
async fn a_webhook_on_plans_without_its_companys_secret_is_refused() {
    let stand = Stand::new();
    let (company, other) = (stand.planned("Harbour", 1).await, stand.planned("South", 1).await);
    stand.synced_estimator(&company.people[0].0).await;
    stand.synced_estimator(&other.people[0].0).await;
    let ours = stand.watched(&company).await;
    let address = format!("/webhooks/procore-plans/{}", company.id);
    assert_eq!(ours["destination_url"], format!("{}{address}", stand.gusset));
    let secret = |hook: &Value| hook["authorization"].as_str().unwrap().to_owned();
    let event = |company: u64, project: u64, resource: &str| {
        json!({"id": 1, "ulid": "01J8", "timestamp": "2026-11-22T08:00:00Z", "user_id": 7, "company_id": company,
            "project_id": project, "api_version": "v2.0", "event_type": "update", "resource_name": resource,
            "resource_id": 5, "metadata": {}})
        .to_string()
    };
    let deliver = async |secret: Option<String>, body: String| {
        let nobody = stand.stranger();
        let send = nobody.send(Method::POST, &address, |request| {
            let request = request.header(header::CONTENT_TYPE, "application/json").body(body);
            match secret {
                Some(secret) => request.header(header::AUTHORIZATION, secret),
                None => request,
            }
        });
        send.await
    };
    let (here, there) = (company.project().id, other.project().id);
    let theirs = secret(&stand.watched(&other).await);
    for wrong in [
        None,
        Some("Bearer ".to_owned()),
        Some("Bearer x".to_owned()),
        Some(theirs),
    ] {
        let refused = deliver(wrong, event(company.id, here, "Drawings")).await;
        refused.problem(401, "wrong-webhook-secret");
    }
    let secret = secret(&ours);
    let heard = async |body: String| deliver(Some(secret.clone()), body).await;
    let since = stand.requests(u64::MAX, &[]).await.1;
    assert_eq!(
        heard(event(company.id, here, "Drawings")).await.expect(200),
        json!({"queued": 1})
    );
    // One query, one send.
    let (requests, _) = stand.requests(since, &[here.to_string()]).await;
    let requests = requests.iter().filter(|request| request.function == "Plans");
    let requests: Vec<String> = requests
        .map(|request| format!("{} {}", request.service, request.operation))
        .collect();
    assert_eq!(requests, ["dynamodb Query", "sqs SendMessageBatch"]);
    // Another thing, another company's project, and one that nobody has.
    assert_eq!(
        heard(event(company.id, here, "Punch Items")).await.expect(200),
        json!({"queued": 0})
    );
    assert_eq!(
        heard(event(company.id, there, "Drawings")).await.expect(200),
        json!({"queued": 0})
    );
    assert_eq!(
        heard(event(company.id, 7, "Drawings")).await.expect(200),
        json!({"queued": 0})
    );
    heard(event(other.id, there, "Drawings"))
        .await
        .problem(400, "bad-request");
    heard("<html>".to_owned()).await.problem(400, "not-json");
    heard("{}".to_owned()).await.problem(400, "unknown-version");
}
