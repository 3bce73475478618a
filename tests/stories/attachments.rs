//! Attachments across: whole, under safe names, and with a word about those that stay behind.

use gusset_tests::{Project, Stand, api, eventually, peak_memory};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::connected::Pair;

/// Creates something with attachments, and gives it as Procore shows it.
async fn create(pair: &Pair, kind: &str, field: &str, entry: Value, attachments: Value) -> Value {
    let (south, sam) = &pair.south;
    let body = json!({"login": sam.login, field: entry, "attachments": attachments});
    let path = format!("/projects/{}/{kind}", south.project().id);
    pair.stand.side_door(Method::POST, &path, body).await
}

async fn create_rfi(pair: &Pair, attachments: Value) -> Value {
    let manager = pair.south.0.people[1].1;
    let rfi = json!({"subject": "See attached", "draft": false, "rfi_manager_id": manager, "question": {"body": "<p>See attached.</p>"}});
    create(pair, "rfis", "rfi", rfi, attachments).await
}

/// The only copy of a kind in the project that it arrives in.
async fn copy(pair: &Pair, kind: &str) -> Value {
    copy_with(pair, kind, 0).await
}

/// The same, once it has so many files. A Site Diary entry gets them one by one after it is created.
async fn copy_with(pair: &Pair, kind: &str, files: usize) -> Value {
    let project = pair.harbour.0.project();
    eventually(&format!("a copy among {kind}"), || async {
        let all = pair
            .stand
            .side_door(Method::GET, &format!("/projects/{}", project.id), Value::Null)
            .await;
        let mut copies = all[kind].as_array().unwrap().clone();
        copies.retain(|entry| entry.to_string().contains(" · GST-"));
        copies.retain(|entry| files == 0 || names(&entry["attachments"]).len() == files);
        copies.pop()
    })
    .await
}

fn names(attachments: &Value) -> Vec<&str> {
    let all = attachments.as_array().unwrap().iter();
    all.map(|file| file["filename"].as_str().unwrap()).collect()
}

/// The calls about a project's uploads, and to storage.
async fn calls(stand: &Stand, project: &Project) -> (Vec<String>, Vec<Value>) {
    let log = stand.side_door(Method::GET, "/calls", Value::Null).await;
    let uploads = format!("/projects/{}/uploads", project.id);
    let (mut of_uploads, mut to_storage) = (Vec::new(), Vec::new());
    for call in log["calls"].as_array().unwrap() {
        let path = call["path"].as_str().unwrap();
        if path.contains(&uploads) {
            of_uploads.push(call["method"].as_str().unwrap().to_owned());
        } else if path.starts_with("/storage/") || path.starts_with("/segments/") {
            to_storage.push(call.clone());
        }
    }
    (of_uploads, to_storage)
}

#[tokio::test]
async fn attachments_of_an_rfi_arrive_byte_for_byte_and_the_token_stays_with_procore() {
    let pair = Pair::automatic().await;
    let long = format!("{}.dwg", "ü".repeat(200));
    let sent = create_rfi(
        &pair,
        json!([
            {"name": "plan ü.pdf", "content_type": "application/pdf", "text": "%PDF"},
            {"name": "photo.jpg", "content_type": "image/jpeg", "text": "one"},
            {"name": "photo.jpg", "content_type": "image/jpeg", "text": "another"},
            {"name": "empty.txt", "content_type": "text/plain", "text": ""},
            {"name": "large.bin", "content_type": "no type", "size": 3_000_000},
            {"name": "../../x", "text": "x"},
            {"name": "C:\\plans\\con", "text": "x"},
            {"name": "NUL.pdf", "text": "x"},
            {"name": "invoice\u{202e}fdp.exe", "text": "x"},
            {"name": "line\r\nbreak.txt", "text": "x"},
            {"name": "..", "text": "x"},
            {"name": long, "text": "x"},
        ]),
    )
    .await;
    let copy = copy(&pair, "rfis").await;
    let (before, after) = (
        &sent["questions"][0]["attachments"],
        &copy["questions"][0]["attachments"],
    );
    let cut = format!("{}.dwg", "ü".repeat(125));
    assert_eq!(
        names(after),
        [
            "plan ü.pdf",
            "photo.jpg",
            "photo (2).jpg",
            "empty.txt",
            "large.bin",
            "x",
            "C--plans-con",
            "_NUL.pdf",
            "invoicefdp.exe",
            "linebreak.txt",
            "file",
            &cut
        ]
    );
    let kinds = |file: usize| after[file]["content_type"].as_str().unwrap();
    assert_eq!(
        (kinds(0), kinds(1), kinds(3)),
        ("application/pdf", "image/jpeg", "text/plain")
    );
    assert_eq!(kinds(4), "application/octet-stream");
    for (before, after) in before.as_array().unwrap().iter().zip(after.as_array().unwrap()) {
        let (before, after) = (pair.stand.file(before).await, pair.stand.file(after).await);
        assert!(before == after, "{} bytes became {}", before.len(), after.len());
    }
    let text = copy["questions"][0]["plain_text_body"].as_str().unwrap();
    assert!(!text.contains("did not come along"), "{text}");

    let (uploads, storage) = calls(&pair.stand, pair.harbour.0.project()).await;
    let completed = uploads.iter().filter(|method| *method == "PATCH").count();
    let announced = uploads.len() - completed;
    assert_eq!((announced, completed), (12, 12), "two calls an attachment: {uploads:?}");
    let with_token = storage.iter().find(|call| call["has_authorization"] == true);
    assert_eq!(with_token, None, "storage never sees a token");
}

#[tokio::test]
async fn working_hours_and_notes_bring_their_attachments() {
    let pair = Pair::automatic().await;
    let kinds = [
        (
            "manpower_logs",
            "manpower_log",
            json!({"date": "2026-11-20", "num_workers": 2, "num_hours": "8"}),
        ),
        (
            "notes_logs",
            "notes_log",
            json!({"date": "2026-11-20", "comment": "Rain"}),
        ),
    ];
    for (kind, field, entry) in kinds {
        let files = json!([{"name": "slab.jpg", "content_type": "image/jpeg", "text": kind}, {"name": "list.txt", "text": "1"}]);
        create(&pair, kind, field, entry, files).await;
        let copy = copy_with(&pair, kind, 2).await;
        assert_eq!(names(&copy["attachments"]), ["slab.jpg", "list.txt"], "{kind}");
        assert_eq!(pair.stand.file(&copy["attachments"][0]).await, kind.as_bytes());
    }
}

#[tokio::test]
async fn what_stays_behind_is_named_with_its_reason_and_the_rest_travels() {
    let pair = Pair::automatic().await;
    let refuses = json!({"refused_file_types": ["exe"]});
    let project = format!("/projects/{}", pair.harbour.0.project().id);
    pair.stand.side_door(Method::PUT, &project, refuses).await;
    // Something in the private network of the functions, by number and by name.
    let inside = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = inside.local_addr().unwrap().port();
    let storage = pair.stand.procore.replace("localhost", "127.0.0.1");
    let leads = |name: &str, to: &str| json!({"name": name, "text": "x", "conduct": {"redirect": to}});
    let source = pair.south.0.id;
    for (name, times, fault) in [
        ("gone", 1, json!({"status": 404})),
        ("circle", 6, json!({"status": 302, "headers": {"location": "?again"}})),
    ] {
        let mut ordered = json!({"path": format!("/files/*/{name}.txt"), "times": times, "company_id": source});
        ordered
            .as_object_mut()
            .unwrap()
            .extend(fault.as_object().unwrap().clone());
        pair.stand.side_door(Method::POST, "/faults", ordered).await;
    }
    create_rfi(
        &pair,
        json!([
            {"name": "good.txt", "text": "good"},
            {"name": "vast.bin", "text": "x", "conduct": {"claimed_length": 400_000_001}},
            {"name": "endless.bin", "text": "x", "conduct": {"endless": true}},
            {"name": "setup.exe", "text": "x"},
            {"name": "gone.txt", "text": "x"},
            leads("secret.txt", &format!("{storage}/storage/none/secret.txt")),
            leads("odd.txt", "/storage/none/odd.txt"),
            {"name": "circle.txt", "text": "x"},
            leads("number.txt", &format!("http://127.0.0.1:{port}/")),
            leads("name.txt", &format!("http://localhost:{port}/")),
            leads("metadata.txt", "http://169.254.169.254/latest/meta-data/"),
            leads("file.txt", "file:///etc/passwd"),
            {"name": "last.txt", "text": "last"},
        ]),
    )
    .await;
    let copy = copy(&pair, "rfis").await;
    assert_eq!(names(&copy["questions"][0]["attachments"]), ["good.txt", "last.txt"]);
    let text = copy["questions"][0]["plain_text_body"].as_str().unwrap();
    for said in [
        "vast.bin did not come along: it is larger than 400 MB",
        "endless.bin did not come along: it is larger than 400 MB",
        "setup.exe did not come along: this project does not take it. Procore says: response_filename must not be a .exe file",
        "gone.txt did not come along: it is not in the source project any more",
        "secret.txt did not come along: Gusset is not permitted to read it",
        "odd.txt did not come along: Gusset is not permitted to read it",
        "circle.txt did not come along: Gusset is not permitted to read it",
        "number.txt did not come along: the address for it is one that Gusset does not use",
        "name.txt did not come along: the address for it is one that Gusset does not use",
        "metadata.txt did not come along: the address for it is one that Gusset does not use",
        "file.txt did not come along: the address for it is one that Gusset does not use",
    ] {
        assert!(text.contains(said), "{said:?} is not in {text}");
    }
    assert_eq!(text.matches("did not come along").count(), 11, "{text}");
    let knocked = tokio::time::timeout(std::time::Duration::ZERO, inside.accept()).await;
    assert!(knocked.is_err(), "nobody came to the private address");
}

#[tokio::test]
async fn a_file_that_stalls_is_tried_again_and_arrives_whole() {
    let pair = Pair::automatic().await;
    let stalls = json!({"name": "slow.bin", "size": 300_000, "conduct": {"stalls_after": 70_000}});
    let sent = create_rfi(&pair, json!([{"name": "first.txt", "text": "first"}, stalls])).await;
    let (south, sam) = &pair.south;
    let deliveries = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    let reason = eventually("it is tried again", || async {
        let list = sam.get(&deliveries).await.expect(200);
        let retrying = list["deliveries"]
            .as_array()?
            .iter()
            .find(|one| one["status"] == "retrying");
        retrying.map(|one| one["reason"].as_str().unwrap().to_owned())
    })
    .await;
    assert!(reason.contains("nothing came any more"), "{reason}");
    let slow = &sent["questions"][0]["attachments"][1];
    let healed = format!("/files/{}", slow["id"]);
    pair.stand.side_door(Method::PUT, &healed, json!({})).await;
    let copy = copy(&pair, "rfis").await;
    let attachments = &copy["questions"][0]["attachments"];
    assert_eq!(names(attachments), ["first.txt", "slow.bin"]);
    assert!(pair.stand.file(&attachments[1]).await == pair.stand.file(slow).await);
    assert_eq!(pair.stand.copies(pair.harbour.0.project()).await.len(), 1);
}

#[tokio::test]
async fn an_expired_token_and_a_busy_storage_are_overcome() {
    let pair = Pair::automatic().await;
    for (path, status) in [("/files/*/expired.txt", 401), ("/storage/*/busy.txt", 503)] {
        let fault = json!({"path": path, "status": status, "headers": {"Retry-After": "1"}});
        pair.stand.side_door(Method::POST, "/faults", fault).await;
    }
    create_rfi(
        &pair,
        json!([{"name": "expired.txt", "text": "x"}, {"name": "busy.txt", "text": "x"}]),
    )
    .await;
    let copy = copy(&pair, "rfis").await;
    assert_eq!(names(&copy["questions"][0]["attachments"]), ["expired.txt", "busy.txt"]);
}

#[tokio::test]
async fn a_file_that_is_cut_off_each_time_is_left_behind_after_five_attempts() {
    let pair = Pair::automatic().await;
    let files = json!([{"name": "cut.bin", "size": 1_000, "conduct": {"claimed_length": 2_000}}, {"name": "good.txt", "text": "good"}]);
    create_rfi(&pair, files).await;
    let copy = copy(&pair, "rfis").await;
    assert_eq!(names(&copy["questions"][0]["attachments"]), ["good.txt"]);
    let text = copy["questions"][0]["plain_text_body"].as_str().unwrap();
    assert!(
        text.contains("cut.bin did not come along: 5 attempts to copy it failed."),
        "{text}"
    );
}

#[tokio::test]
async fn procore_may_ask_to_wait_however_often_and_no_attachment_is_lost() {
    let pair = Pair::automatic().await;
    let company = pair.harbour.0.id;
    let busy = json!({"path": "/rest/v1.1/projects/*/uploads*", "times": 6, "company_id": company, "status": 429, "headers": {"Retry-After": "1"}});
    pair.stand.side_door(Method::POST, "/faults", busy).await;
    create_rfi(&pair, json!([{"name": "plan.pdf", "text": "plan"}])).await;
    let copy = copy(&pair, "rfis").await;
    let attachments = &copy["questions"][0]["attachments"];
    assert_eq!(names(attachments), ["plan.pdf"], "{copy}");
    assert_eq!(pair.stand.file(&attachments[0]).await, b"plan");
}

#[tokio::test]
async fn memory_stays_flat_with_an_attachment_of_200_megabytes() {
    let pair = Pair::automatic().await;
    let sent = create_rfi(&pair, json!([{"name": "model.ifc", "size": 200_000_000}])).await;
    let copy = copy(&pair, "rfis").await;
    let (before, after) = (
        &sent["questions"][0]["attachments"][0],
        &copy["questions"][0]["attachments"][0],
    );
    // Two segments, put together in their order.
    assert!(pair.stand.file(before).await == pair.stand.file(after).await);
    let peak = peak_memory("CopyItem");
    assert!((1..64 << 20).contains(&peak), "a worker took {} MiB", peak >> 20);
}
