//! What Procore lists is not always all there is: nothing goes on one look, and what cannot be read leaves the rest alone.

use gusset_tests::{Company, Person, Project, Stand, eventually, revisions};
use reqwest::Method;
use serde_json::{Value, json};

fn project_path(project: &Project, rest: &str) -> String {
    format!("/api/account/projects/{}{rest}", project.id)
}

/// The plans that count as gone, by number or file name.
async fn gone(person: &Person, project: &Project) -> Vec<String> {
    let plans = person.plans_by_number(project).await;
    let gone = plans.into_iter().filter(|(_, plan)| !plan["gone_since"].is_null());
    gone.map(|(number, _)| number).collect()
}

async fn fault(stand: &Stand, company: &Company, path: &str, what: Value) {
    let mut fault = json!({"method": "GET", "path": path, "company_id": company.id, "times": 1});
    fault.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
    stand.side_door(Method::POST, "/faults", fault).await;
}

/// How many looks at a project's drawings there were since a place in the log of calls.
async fn looks(stand: &Stand, since: u64, project: &Project) -> usize {
    let (calls, _) = stand.calls(since).await;
    let path = format!("/rest/v1.1/projects/{}/drawing_areas", project.id);
    calls.iter().filter(|call| call.path == path).count()
}

/// Waits until no look at a project is to come any more that the last one has asked for: the second look comes by itself.
async fn second_look(stand: &Stand, since: u64, project: &Project) {
    eventually("there was a second look", || async {
        (looks(stand, since, project).await >= 2).then_some(())
    })
    .await;
}

/// The size of the archive that a project's plans make now.
async fn packed(person: &Person, project: &Project) -> u64 {
    let path = project_path(project, "/archive");
    person.post(&path, json!({})).await.expect(202);
    eventually("it is packed", || async {
        let archive = person.get(&path).await.expect(200);
        archive["size"].as_u64()
    })
    .await
}

/// Case E1: one 200 with `[]` for the areas, and all sheets were gone at once.
#[tokio::test]
async fn one_empty_list_removes_nothing_and_many_missing_plans_are_told() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    stand.add_sheets(project, 20).await;
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let (before, size) = (erin.plans(project).await, packed(&erin, project).await);
    let path = format!("/rest/v1.1/projects/{}/drawing_areas", project.id);
    fault(&stand, &company, &path, json!({"status": 200, "body": []})).await;
    stand.refreshed(&erin).await;

    assert_eq!(gone(&erin, project).await, [""; 0]);
    assert_eq!(erin.plans(project).await, before);
    assert_eq!(packed(&erin, project).await, size);
    let told = erin.get(&project_path(project, "")).await.expect(200)["missing"].clone();
    let drawings = before.iter().filter(|plan| plan["kind"] == "drawing").count();
    assert_eq!((&told["count"], &told["of"]), (&json!(drawings), &json!(before.len())));
    let page = erin.get(&format!("/estimating/projects/{}", project.id)).await.text;
    assert!(
        page.contains(&format!(
            "Procore no longer shows {drawings} plans of this project&#39;s {}",
            before.len()
        )) || page.contains(&format!(
            "Procore no longer shows {drawings} plans of this project's {}",
            before.len()
        )),
        "{page}"
    );
    assert!(page.contains("Nothing has been removed"), "{page}");

    // A second one soon after says the same, and it is not believed either.
    fault(&stand, &company, &path, json!({"status": 200, "body": []})).await;
    stand.refreshed(&erin).await;
    assert_eq!(gone(&erin, project).await, [""; 0]);
    // An honest one settles it.
    stand.refreshed(&erin).await;
    assert_eq!(
        erin.get(&project_path(project, "")).await.expect(200)["missing"],
        Value::Null
    );
    assert_eq!(erin.plans(project).await, before);
}

#[tokio::test]
async fn a_list_that_is_short_of_its_total_is_read_again() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let since = stand.calls(u64::MAX).await.1;
    let short = json!({"status": 200, "body": [], "headers": {"Total": "1"}});
    let path = format!("/rest/v1.1/projects/{}/drawing_areas", project.id);
    fault(&stand, &company, &path, short.clone()).await;
    stand.refreshed(&erin).await;
    assert_eq!(looks(&stand, since, project).await, 2);
    assert_eq!(
        erin.get(&project_path(project, "")).await.expect(200)["missing"],
        Value::Null
    );

    // One that never adds up says nothing of what it leaves out: not even an hour of that does.
    let mut short = short;
    short["times"] = json!(1_000);
    fault(&stand, &company, &path, short).await;
    assert_eq!(stand.refreshed(&erin).await["run"]["stage"], "done");
    assert_eq!(gone(&erin, project).await, [""; 0]);
    assert_eq!(
        erin.get(&project_path(project, "")).await.expect(200)["missing"],
        Value::Null
    );
}

#[tokio::test]
async fn a_bid_package_stays_in_the_calendar_until_a_second_look_agrees() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let due = async || erin.get(&project_path(project, "")).await.expect(200)["due"].clone();
    let before = due().await;
    assert_eq!(before.as_array().unwrap().len(), 2);
    let path = format!("/rest/v1.1/projects/{}/bid_packages", project.id);
    fault(&stand, &company, &path, json!({"status": 200, "body": []})).await;
    stand.refreshed(&erin).await;
    assert_eq!(due().await, before);
    stand.refreshed(&erin).await;
    assert_eq!(due().await, before);
}

#[tokio::test]
async fn a_lie_about_few_plans_is_found_out_by_the_second_look() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let since = stand.calls(u64::MAX).await.1;
    let path = format!("/rest/v1.1/projects/{}/drawing_areas", project.id);
    fault(&stand, &company, &path, json!({"status": 200, "body": []})).await;
    stand.refreshed(&erin).await;
    assert_eq!(
        erin.get(&project_path(project, "")).await.expect(200)["missing"],
        Value::Null
    );
    second_look(&stand, since, project).await;
    assert_eq!(gone(&erin, project).await, [""; 0]);
}

/// Case E2: 5,100 folders, and no drawing was synced either.
#[tokio::test]
async fn a_kind_of_plan_that_cannot_be_read_leaves_the_others_alone_and_is_said() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let folders: Vec<Value> = (1..=5_100)
        .map(|id| json!({"id": id, "name": format!("Lot {id}"), "has_children": true}))
        .collect();
    let many = json!({"status": 200, "times": 1_000, "body": {"id": 900_000_000, "name": "Root", "folders": folders, "files": []}});
    fault(&stand, &company, "/rest/v1.0/folders", many).await;
    let erin = stand.estimator(&stand.new_email("erin")).await;
    stand.connect(&erin, &company.people[0].0).await;
    let ended = eventually("the sync has come to its end", || async {
        let run = stand.integration(&erin).await["run"].clone();
        assert_ne!(run["stage"], "done", "{run}");
        (run["stage"] == "incomplete").then_some(run)
    })
    .await;
    assert!(ended["per_cent"].as_u64().unwrap() < 100, "{ended}");
    let plans = erin.plans_by_number(project).await;
    for number in ["A-900", "07 50 00"] {
        assert!(
            revisions(&plans[number]).iter().all(|one| one["state"] == "stored"),
            "{plans:?}"
        );
    }
    let shown = erin.get(&project_path(project, "")).await.expect(200);
    let problem = shown["problem"].as_str().unwrap();
    assert!(
        problem.starts_with("Documents could not be read: the project has more than 5,000 folders"),
        "{problem}"
    );
    for page in [
        format!("/estimating/projects/{}", project.id),
        "/estimating/integrations".to_owned(),
    ] {
        let page = erin.get(&page).await.text;
        assert!(
            page.contains("Documents could not be read: the project has more than 5,000 folders"),
            "{page}"
        );
    }
    assert_eq!(shown["due"].as_array().unwrap().len(), 2);

    // It is tried again, and all is well.
    let faults = format!("/faults?company_id={}", company.id);
    stand.side_door(Method::DELETE, &faults, Value::Null).await;
    stand.refreshed(&erin).await;
    assert_eq!(
        erin.get(&project_path(project, "")).await.expect(200)["problem"],
        Value::Null
    );
    assert_eq!(erin.plan_files(project).await, stand.published_files(project).await);
}

#[tokio::test]
async fn an_odd_entry_hides_no_other_and_takes_none_away() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let erin = stand.synced_estimator(&company.people[0].0).await;
    let sheet = erin.plans_by_number(project).await.remove("A-900").unwrap();
    let drawing: u64 = sheet["id"]
        .as_str()
        .unwrap()
        .rsplit('-')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let odd = json!([{"id": "?", "number": 7}, "nothing", {"id": drawing, "number": "A-900", "title": "Roof", "current_revision": 5}]);
    fault(
        &stand,
        &company,
        "/rest/v1.0/drawing_areas/*/drawings",
        json!({"status": 200, "body": odd}),
    )
    .await;
    assert_eq!(stand.refreshed(&erin).await["run"]["stage"], "done");
    assert_eq!(gone(&erin, project).await, [""; 0]);
    assert_eq!(
        erin.get(&project_path(project, "")).await.expect(200)["missing"],
        Value::Null
    );
    assert_eq!(erin.plans_by_number(project).await["A-900"]["title"], "Roof");
    assert_eq!(erin.plan_files(project).await, stand.published_files(project).await);
}

/// Case E9: 403 on creating a hook, and estimators are told nothing.
#[tokio::test]
async fn a_login_that_may_make_no_hooks_is_synced_by_the_clock_and_told_which_permission_is_missing() {
    let stand = Stand::new();
    let company = stand.planned("Harbour", 1).await;
    let project = company.project();
    let admin = &company.people[0].0;
    stand.permit_webhooks(&company, project, Some(admin), "none").await;
    let erin = stand.synced_estimator(admin).await;
    let hourly = async || erin.get(&project_path(project, "")).await.expect(200)["hourly"].clone();
    let words = "Checked every hour. For changes within seconds Harbour admin needs Standard on the Webhooks API tool in Procore.";
    eventually("it is told", || async {
        hourly().await.as_str()?.starts_with(words).then_some(())
    })
    .await;
    for page in [
        format!("/estimating/projects/{}", project.id),
        "/estimating/integrations".to_owned(),
    ] {
        let page = erin.get(&page).await.text;
        assert!(page.contains(words), "{page}");
    }
    // The sync goes on all the same.
    stand.add_sheets(project, 1).await;
    assert_eq!(stand.refreshed(&erin).await["run"]["found"], 1);
    assert_eq!(erin.plan_files(project).await, stand.published_files(project).await);

    // Once it may, it is told so.
    stand.permit_webhooks(&company, project, Some(admin), "standard").await;
    stand.refreshed(&erin).await;
    stand.watched(&company).await;
    eventually("Procore tells of changes", || async {
        hourly().await.is_null().then_some(())
    })
    .await;
}
