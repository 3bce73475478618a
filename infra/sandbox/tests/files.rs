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
