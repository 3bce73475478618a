//! Delivered means complete, or says what did not come along, on both sides.

use gusset_tests::{Tool, api, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::Pair;

/// The only delivery, once it is delivered.
async fn delivered(pair: &Pair) -> Value {
    let (south, sam) = &pair.south;
    let deliveries = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    eventually("it is delivered", || async {
        let list = sam.get(&deliveries).await.expect(200);
        let delivery = list["deliveries"][0].clone();
        (delivery["status"] == "delivered").then_some(delivery)
    })
    .await
}

/// What both sides are told of it: its row in Activity, and its own page.
async fn pages(pair: &Pair) -> [String; 2] {
    let mut pages = Vec::new();
    for (company, admin) in [&pair.south, &pair.harbour] {
        let path = format!("/projects/{}/connections/{}", company.project().id, pair.connection);
        let list = api(company.project(), "/deliveries");
        let list = admin.get(&list).await.expect(200);
        let own = format!(
            "{path}/deliveries/{}",
            list["deliveries"][0]["reference"].as_str().unwrap()
        );
        let mut text = String::new();
        for path in [path, own] {
            let page = admin.get(&path).await;
            assert_eq!(page.status, 200);
            text.push_str(&page.text);
        }
        pages.push(text);
    }
    pages.try_into().unwrap()
}

#[tokio::test]
async fn a_refused_attachment_is_told_on_both_sides_and_to_who_receives_the_rfi() {
    let pair = Pair::automatic().await;
    let project = format!("/projects/{}", pair.harbour.0.project().id);
    let refuses = json!({"refused_file_types": ["exe"]});
    pair.stand.side_door(Method::PUT, &project, refuses).await;
    let files = json!([{"name": "plan.txt", "text": "plan"}, {"name": "setup.exe", "text": "x"}]);
    let rfi = Tool::Rfis.item(&pair.south.0, "Two files");
    pair.stand.create_as(&pair.south.0, Tool::Rfis, rfi, files).await;
    let delivery = delivered(&pair).await;
    assert_eq!(delivery["files"], json!({"all": 2, "copied": 1}));
    let reason = "did not come along: this project does not take it";
    let left_out = &delivery["left_out"][0];
    assert_eq!(
        (&left_out["part"], &left_out["name"]),
        (&json!("file"), &json!("setup.exe"))
    );
    assert!(left_out["reason"].as_str().unwrap().starts_with(reason), "{delivery}");
    let history = delivery["history"].to_string();
    assert!(history.contains(&format!("setup.exe {reason}")), "{history}");
    for page in pages(&pair).await {
        assert!(page.contains("Delivered, in part") && page.contains("1/2 ⚠"), "{page}");
        assert!(page.contains("Delivered, 1 of 2 files"), "{page}");
        assert!(page.contains(&format!("setup.exe {reason}")), "{page}");
    }
    let manager = &pair.harbour.0.people[1].0;
    pair.stand.mails_about(manager, "Two files").await;
    let mails = format!("{:?}", pair.stand.mails_to(manager).await);
    assert!(mails.contains("setup.exe did not come along"), "{mails}");
}

#[tokio::test]
async fn what_the_created_copy_does_not_show_is_told() {
    let pair = Pair::automatic().await;
    let created = format!("/rest/v1.0/projects/{}/rfis*", pair.harbour.0.project().id);
    let lacks = json!({"/due_date": null, "/questions/0/attachments": []});
    let fault = json!({"path": created, "times": 1_000, "patch": lacks});
    pair.stand.side_door(Method::POST, "/faults", fault).await;
    let mut rfi = Tool::Rfis.item(&pair.south.0, "Not all shown");
    rfi["due_date"] = json!("2026-12-24");
    let files = json!([{"name": "plan.txt", "text": "plan"}]);
    pair.stand.create_as(&pair.south.0, Tool::Rfis, rfi, files).await;
    let delivery = delivered(&pair).await;
    let mut names: Vec<&str> = delivery["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["Due date", "plan.txt"]);
    for page in pages(&pair).await {
        assert!(page.contains("Delivered, 0 of 1 file, without Due date"), "{page}");
    }
}

#[tokio::test]
async fn an_answer_that_lacks_what_the_copy_has_is_not_believed() {
    let pair = Pair::automatic().await;
    let created = format!("/rest/v1.0/projects/{}/manpower_logs", pair.harbour.0.project().id);
    let fault =
        json!({"method": "POST", "path": created, "patch": {"/num_hours": null, "/date": "", "/location": null}});
    pair.stand.side_door(Method::POST, "/faults", fault).await;
    pair.stand.create(&pair.south.0, Tool::WorkingHours, "All there").await;
    let delivery = delivered(&pair).await;
    assert_eq!(delivery["left_out"], json!([]), "{delivery}");
    for page in pages(&pair).await {
        assert!(!page.contains("Delivered, "), "{page}");
    }
}
