//! The Documents tool: folders, files and their versions, private ones and deleted ones.

use crate::support::{Receiver, Sandbox, hook_for};
use reqwest::Method;
use serde_json::{Value, json};

const GINA: &str = "gina.admin@harbour.example";
const ROOT: &str = "/rest/v1.0/folders?project_id=20001";

fn names(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["name"].as_str().unwrap())
        .collect()
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["name"] == name)
        .unwrap()
}

/// The folder at a path of names, walked down as a sync would.
async fn folder(sandbox: &Sandbox, token: &str, path: &[&str]) -> Value {
    let mut place = sandbox.read(token, ROOT).await;
    for name in path {
        let inner = named(&place["folders"], name);
        assert_eq!((&inner["files"], &inner["folders"]), (&json!([]), &json!([])));
        let id = &inner["id"];
        place = sandbox
            .read(token, &format!("/rest/v1.0/folders/{id}?project_id=20001"))
            .await;
    }
    place
}

#[tokio::test]
async fn folders_are_walked_one_at_a_time_down_to_files_with_versions() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let root = sandbox.read(&gina, ROOT).await;
    assert_eq!(
        names(&root["folders"]),
        ["01 Contract", "02 Bid Documents", "03 Reports"]
    );
    let reports = folder(&sandbox, &gina, &["03 Reports", "Geotechnical"]).await;
    assert_eq!(reports["name_with_path"], "Pier 9 Tower/03 Reports/Geotechnical");
    let report = named(&reports["files"], "Geotechnical report.pdf");
    let versions = report["file_versions"].as_array().unwrap();
    assert_eq!(
        versions
            .iter()
            .map(|version| version["number"].as_u64().unwrap())
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(report["size"], versions[2]["size"]);
    for version in versions {
        let pdf = sandbox.download(&gina, &version["url"]).await;
        assert_eq!(pdf.len() as u64, version["size"].as_u64().unwrap());
    }
    let path = format!("/rest/v1.0/files/{}?project_id=20001", report["id"]);
    assert_eq!(&sandbox.read(&gina, &path).await, report);
    let latest = sandbox
        .read(&gina, &format!("{path}&show_latest_version_only=true"))
        .await;
    assert_eq!(latest["file_versions"], json!([versions[2]]));
    let bare = sandbox.read(&gina, &format!("{ROOT}&exclude_folders=true")).await;
    assert_eq!(
        (&bare["folders"], &bare["has_children_folders"]),
        (&json!([]), &json!(true))
    );
}

#[tokio::test]
async fn private_folders_are_for_the_tools_admins() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let omar = sandbox.person_token("omar.manager@harbour.example").await;
    let contract = folder(&sandbox, &gina, &["01 Contract"]).await;
    assert_eq!(contract["private"], true);
    let seen = sandbox.read(&omar, ROOT).await;
    assert_eq!(names(&seen["folders"]), ["02 Bid Documents", "03 Reports"]);
    let agreement = &contract["files"][0];
    for path in [
        format!("/rest/v1.0/folders/{}?project_id=20001", contract["id"]),
        format!("/rest/v1.0/files/{}?project_id=20001", agreement["id"]),
    ] {
        assert_eq!(sandbox.get(&omar, &path).await.status(), 404, "{path}");
    }
    let url = agreement["file_versions"][0]["url"].as_str().unwrap();
    assert_eq!(
        sandbox.http.get(url).bearer_auth(&omar).send().await.unwrap().status(),
        404
    );
    let body = json!({"login": "omar.manager@harbour.example", "file": {"name": "a.pdf", "folder": "01 Contract"}});
    let refused = sandbox
        .request(Method::POST, "/sandbox/projects/20001/files")
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 404);
}

#[tokio::test]
async fn files_get_versions_and_end_in_the_recycle_bin() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let receiver = Receiver::start(&[]).await;
    let token = sandbox.service_token().await;
    hook_for(&sandbox, &token, 20001, "v2", &receiver.url, &["Project Files"]).await;
    let put = async |notes: &str| {
        let file = json!({"name": "Schedule.pdf", "folder": "04 Planning > Current", "notes": notes});
        sandbox
            .side(
                Method::POST,
                "projects/20001/files",
                json!({"login": GINA, "file": file}),
            )
            .await
    };
    let first = put("one").await;
    let second = put("two").await;
    assert_eq!(
        (&first["id"], &second["file_versions"][1]["notes"]),
        (&second["id"], &json!("two"))
    );
    let made = folder(&sandbox, &gina, &["04 Planning", "Current"]).await;
    assert_eq!(made["files"], json!([second]));

    sandbox
        .side(
            Method::DELETE,
            &format!("projects/20001/files/{}", first["id"]),
            json!({"login": GINA}),
        )
        .await;
    let emptied = folder(&sandbox, &gina, &["04 Planning", "Current"]).await;
    assert_eq!(emptied["files"], json!([]));
    let bin = folder(&sandbox, &gina, &["Recycle Bin"]).await;
    assert_eq!(
        (&bin["is_recycle_bin"], &bin["files"][0]["is_deleted"]),
        (&json!(true), &json!(true))
    );
    let omar = sandbox.person_token("omar.manager@harbour.example").await;
    assert!(!names(&sandbox.read(&omar, ROOT).await["folders"]).contains(&"Recycle Bin"));
    let mut told: Vec<Value> = receiver
        .wait_for(3)
        .await
        .iter()
        .map(|event| event["event_type"].clone())
        .collect();
    told.sort_by_key(Value::to_string);
    assert_eq!(told, ["create", "delete", "update"]);
}
