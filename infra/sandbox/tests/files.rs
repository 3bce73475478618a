//! Uploads by segments, and downloads that redirect once.

use crate::support::{Sandbox, rfi};
use reqwest::{Method, StatusCode};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

const UPLOADS: &str = "/rest/v1.1/projects/20001/uploads";
const RFIS: &str = "/rest/v1.0/projects/20001/rfis";

fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn put(sandbox: &Sandbox, segment: &Value, bytes: &[u8]) -> reqwest::Response {
    let mut request = sandbox.http.put(segment["url"].as_str().unwrap()).body(bytes.to_vec());
    for (name, value) in segment["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn segments_become_an_attachment_that_downloads_whole() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let parts = [vec![7; 300_000], b"the end".to_vec()];
    let segments: Vec<Value> = parts
        .iter()
        .map(|part| json!({"size": part.len(), "sha256": sha256(part)}))
        .collect();
    let body =
        json!({"response_filename": "plan ü.pdf", "response_content_type": "application/pdf", "segments": segments});
    let upload = sandbox.send(Method::POST, &gina, UPLOADS, body).await;
    assert_eq!(upload.status(), 201);
    let upload: Value = upload.json().await.unwrap();
    let uuid = upload["uuid"].as_str().unwrap();
    let mut finished = Vec::new();
    for (segment, part) in upload["segments"].as_array().unwrap().iter().zip(&parts) {
        let answer = put(&sandbox, segment, part).await;
        assert_eq!(answer.status(), 200);
        finished.push(
            json!({"size": part.len(), "sha256": sha256(part), "etag": answer.headers()["etag"].to_str().unwrap()}),
        );
    }
    let mut body = rfi(101);
    body["rfi"]["question"]["upload_ids"] = json!([uuid]);
    let early = sandbox.send(Method::POST, &gina, RFIS, body.clone()).await;
    assert_eq!(early.status(), 422);
    let path = format!("{UPLOADS}/{uuid}");
    let complete = sandbox
        .send(Method::PATCH, &gina, &path, json!({"segments": finished}))
        .await;
    assert_eq!(complete.status(), 200);
    let made: Value = sandbox
        .send(Method::POST, &gina, RFIS, body)
        .await
        .json()
        .await
        .unwrap();
    let attachment = &made["questions"][0]["attachments"][0];
    assert_eq!(attachment["filename"], "plan ü.pdf");

    let address = attachment["url"].as_str().unwrap();
    assert_eq!(sandbox.http.get(address).send().await.unwrap().status(), 401);
    let redirect = sandbox.http.get(address).bearer_auth(&gina).send().await.unwrap();
    assert_eq!(redirect.status(), 302);
    let storage = redirect.headers()["location"].to_str().unwrap();
    assert_eq!(
        sandbox
            .http
            .get(storage)
            .bearer_auth(&gina)
            .send()
            .await
            .unwrap()
            .status(),
        400
    );
    let log = sandbox.side(Method::GET, "calls", json!({})).await;
    let last = log["calls"].as_array().unwrap().last().unwrap();
    assert!(
        last["path"].as_str().unwrap().starts_with("/storage/") && last["has_authorization"] == true,
        "{last}"
    );
    let file = sandbox.http.get(storage).send().await.unwrap();
    assert_eq!(
        file.headers()["content-length"],
        (parts[0].len() + parts[1].len()).to_string()
    );
    assert_eq!(file.bytes().await.unwrap(), parts.concat());
}

#[tokio::test]
async fn wrong_bytes_and_wrong_headers_are_refused() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let body = json!({"response_filename": "a.txt", "segments": [{"size": 3, "sha256": sha256(b"abc")}]});
    let upload: Value = sandbox
        .send(Method::POST, &gina, UPLOADS, body)
        .await
        .json()
        .await
        .unwrap();
    let segment = &upload["segments"][0];
    assert_eq!(put(&sandbox, segment, b"xyz").await.status(), StatusCode::BAD_REQUEST);
    let bare = sandbox
        .http
        .put(segment["url"].as_str().unwrap())
        .body("abc")
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), StatusCode::FORBIDDEN);
    let path = format!("{UPLOADS}/{}", upload["uuid"].as_str().unwrap());
    let early = sandbox
        .send(Method::PATCH, &gina, &path, json!({"segments": [{"etag": "x"}]}))
        .await;
    assert_eq!(early.status(), 422);
    assert_eq!(put(&sandbox, segment, b"abc").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn attachments_of_what_one_may_not_see_are_not_there() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let rita = sandbox.person_token("rita.reader@harbour.example").await;
    let form = reqwest::multipart::Form::new()
        .text("rfi[subject]", "Secret")
        .text("rfi[private]", "true")
        .text("rfi[rfi_manager_id]", "101")
        .text("rfi[question][body]", "?")
        .part(
            "rfi[question][attachments][]",
            reqwest::multipart::Part::text("hush").file_name("a.txt"),
        );
    let made = sandbox
        .request(Method::POST, RFIS)
        .header("Procore-Company-Id", "1001")
        .bearer_auth(&gina)
        .multipart(form)
        .send()
        .await
        .unwrap();
    let made: Value = made.json().await.unwrap();
    let address = made["questions"][0]["attachments"][0]["url"].as_str().unwrap();
    assert_eq!(
        sandbox
            .http
            .get(address)
            .bearer_auth(&rita)
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    assert_eq!(
        sandbox
            .http
            .get(address)
            .bearer_auth(&gina)
            .send()
            .await
            .unwrap()
            .status(),
        302
    );
}

/// A note of Gina's with one attachment, and that attachment as Procore shows it.
async fn attached(sandbox: &Sandbox, file: Value) -> Value {
    let body = json!({"login": "gina.admin@harbour.example", "notes_log": {"comment": "Rain"}, "attachments": [file]});
    let note = sandbox.side(Method::POST, "projects/20001/notes_logs", body).await;
    note["attachments"][0].clone()
}

/// Where an attachment's address leads.
async fn leads(sandbox: &Sandbox, attachment: &Value, token: &str) -> String {
    let address = attachment["url"].as_str().unwrap();
    let answer = sandbox.http.get(address).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 302, "{attachment}");
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_side_door_makes_attachments_of_any_name_and_size() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    for name in ["../../x", "..", "", "a\r\nb.txt", "plan.pdf"] {
        let file = attached(&sandbox, json!({"name": name, "text": name})).await;
        assert_eq!(file["filename"], name);
        let storage = leads(&sandbox, &file, &gina).await;
        let bytes = sandbox.http.get(storage).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(bytes, name.as_bytes(), "{name:?}");
    }
    let file = attached(&sandbox, json!({"name": "large.bin", "size": 200_001})).await;
    let storage = leads(&sandbox, &file, &gina).await;
    let bytes = sandbox.http.get(storage).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(
        (bytes.len(), &bytes[65_536..65_544]),
        (200_001, &65_536_u64.to_be_bytes()[..])
    );
}

#[tokio::test]
async fn a_files_conduct_is_what_the_side_door_says_until_it_says_another() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    let file = attached(
        &sandbox,
        json!({"name": "a.txt", "text": "0123456789", "conduct": {"redirect": "?again"}}),
    )
    .await;
    assert_eq!(leads(&sandbox, &file, &gina).await, "?again");
    let conduct = async |conduct: Value| {
        sandbox
            .side(Method::PUT, &format!("files/{}", file["id"]), conduct)
            .await;
        let storage = leads(&sandbox, &file, &gina).await;
        sandbox.http.get(storage).send().await.unwrap()
    };

    let longer = conduct(json!({"claimed_length": 20})).await;
    assert_eq!(longer.content_length(), Some(20));
    assert!(longer.bytes().await.is_err(), "the connection is cut");
    let shorter = conduct(json!({"claimed_length": 4})).await;
    assert_eq!(shorter.bytes().await.unwrap(), "0123");

    let mut stalls = conduct(json!({"stalls_after": 4})).await;
    assert_eq!(stalls.content_length(), Some(10));
    assert_eq!(stalls.chunk().await.unwrap().unwrap(), "0123");
    let next = tokio::time::timeout(std::time::Duration::from_millis(200), stalls.chunk()).await;
    assert!(next.is_err(), "nothing comes, and the connection stays: {next:?}");

    let mut endless = conduct(json!({"endless": true})).await;
    assert_eq!(endless.content_length(), None);
    let mut read = 0;
    while read < 10_000_000 {
        read += endless.chunk().await.unwrap().expect("it goes on").len();
    }

    assert_eq!(conduct(json!({})).await.bytes().await.unwrap(), "0123456789");
}

#[tokio::test]
async fn a_project_may_refuse_types_of_files() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token("gina.admin@harbour.example").await;
    sandbox
        .side(Method::PUT, "projects/20001", json!({"refused_file_types": ["EXE"]}))
        .await;
    for (name, status) in [("setup.Exe", 422), ("plan.pdf", 201), ("exe", 201)] {
        let body = json!({"response_filename": name, "segments": [{"size": 0, "sha256": sha256(b"")}]});
        let answer = sandbox.send(Method::POST, &gina, UPLOADS, body).await;
        assert_eq!(answer.status(), status, "{name}");
    }
}
