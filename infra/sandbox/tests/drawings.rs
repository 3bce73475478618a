//! Drawings: lists, files, revisions that come and go, and what webhooks tell of them.

use crate::support::{Receiver, Sandbox, hook_for};
use reqwest::Method;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

const GINA: &str = "gina.admin@harbour.example";
const REVISIONS: &str = "/rest/v1.0/projects/20001/drawing_revisions";

fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|row| row[field].as_str().unwrap())
        .collect()
}

/// Follows a PDF's table of objects, as readers do, and answers with the file as text.
fn checked_pdf(bytes: &[u8]) -> String {
    let text: String = bytes
        .iter()
        .map(|&byte| if byte.is_ascii() { char::from(byte) } else { '?' })
        .collect();
    assert!(text.starts_with("%PDF-1.") && text.ends_with("%%EOF\n"));
    let table: usize = text
        .rsplit("startxref\n")
        .next()
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let mut rows = text[table..].lines();
    assert_eq!(rows.next(), Some("xref"));
    let count: usize = rows.next().unwrap().strip_prefix("0 ").unwrap().parse().unwrap();
    for (number, row) in rows.take(count).enumerate().skip(1) {
        let offset: usize = row[..10].parse().unwrap();
        assert!(
            text[offset..].starts_with(&format!("{number} 0 obj\n")),
            "object {number}"
        );
    }
    for (start, _) in text.match_indices("/Length ") {
        let (length, rest) = text[start + 8..].split_once(">>\nstream\n").unwrap();
        assert!(rest[length.trim().parse().unwrap()..].starts_with("\nendstream"));
    }
    text
}

#[tokio::test]
async fn a_sheet_is_a_pdf_with_its_number_title_and_revision() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let areas = sandbox.read(&gina, "/rest/v1.1/projects/20001/drawing_areas").await;
    assert_eq!(texts(&areas, "name"), ["Tower", "Pier"]);
    let path = format!("/rest/v1.0/drawing_areas/{}/drawings?project_id=20001", areas[0]["id"]);
    let drawings = sandbox.read(&gina, &path).await;
    assert_eq!(
        drawings.as_array().unwrap().len(),
        areas[0]["drawings_count"].as_u64().unwrap() as usize
    );
    let sheet = drawings
        .as_array()
        .unwrap()
        .iter()
        .find(|sheet| sheet["number"] == "A-101")
        .unwrap();
    assert_eq!(
        (&sheet["discipline"], &sheet["title"]),
        (&json!("Architectural"), &json!("Level 1 floor plan"))
    );
    let current = &sheet["current_revision"];
    let pdf = sandbox.download(&gina, &current["pdf_url"]).await;
    assert_eq!(pdf.len() as u64, current["pdf_size"].as_u64().unwrap());
    let text = checked_pdf(&pdf);
    let revision = current["revision_number"].as_str().unwrap();
    for shown in ["Pier 9 Tower", "A-101", "Level 1 floor plan", revision] {
        assert!(text.contains(&format!("({shown}) Tj")), "{shown}");
    }
    for (picture, width) in [("thumbnail_url", 208), ("large_thumbnail_url", 612), ("png_url", 1224)] {
        let png = sandbox.download(&gina, &current[picture]).await;
        assert!(
            png.starts_with(b"\x89PNG\r\n\x1a\n") && png.ends_with(b"IEND\xae\x42\x60\x82"),
            "{picture}"
        );
        assert_eq!(u32::from_be_bytes(png[16..20].try_into().unwrap()), width);
    }
    let full = sandbox.download(&gina, &current["png_url"]).await;
    assert_eq!(full.len() as u64, current["png_size"].as_u64().unwrap());
}

#[tokio::test]
async fn files_want_a_token_on_procores_host_and_none_at_storage() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let revisions = sandbox.read(&gina, REVISIONS).await;
    let url = revisions[0]["pdf_url"].as_str().unwrap();
    let status = async |token: Option<&str>, url: &str| {
        let request = sandbox.http.get(url);
        let request = token.map_or(request.try_clone().unwrap(), |token| request.bearer_auth(token));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status(None, url).await, 401);
    let sam = sandbox.person_token("sam.admin@southside.example").await;
    assert_eq!(status(Some(&sam), url).await, 404);
    let redirect = sandbox.http.get(url).bearer_auth(&gina).send().await.unwrap();
    let storage = redirect.headers()["location"].to_str().unwrap();
    assert_eq!(status(Some(&gina), storage).await, 400);
    assert_eq!(status(None, storage).await, 200);
}

#[tokio::test]
async fn the_demo_data_is_the_same_at_every_start() {
    let (one, other) = (Sandbox::start().await, Sandbox::start().await);
    let mut sheets = 0;
    for project in [20001, 20002, 30001] {
        let path = format!("projects/{project}/plans");
        let plans = one.side(Method::GET, &path, json!({})).await;
        let again = other.side(Method::GET, &path, json!({})).await;
        for (kind, bytes) in [
            ("drawing_revisions", "sha256"),
            ("specification_section_revisions", "sha256"),
        ] {
            assert_eq!(texts(&plans[kind], bytes), texts(&again[kind], bytes), "{kind}");
        }
        let ids = |plans: &Value| -> Vec<Value> {
            let files = plans["files"].as_array().unwrap().iter();
            files
                .map(|file| json!([file["id"], file["file_versions"][0]["sha256"]]))
                .collect()
        };
        assert_eq!(ids(&plans), ids(&again));
        let revisions = plans["drawing_revisions"].as_array().unwrap();
        sheets += revisions.iter().filter(|revision| revision["current"] == true).count();
    }
    assert_eq!(sheets, 60);
}

#[tokio::test]
async fn revisions_are_listed_by_what_is_asked_for() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let list = async |query: &str| {
        let revisions = sandbox.read(&gina, &format!("{REVISIONS}?per_page=1000&{query}")).await;
        revisions.as_array().unwrap().clone()
    };
    let usual = list("").await;
    assert!(usual.iter().all(|revision| revision["obsolete"] == false));
    assert!(usual.iter().any(|revision| revision["current"] == false));
    let all = list("with_obsolete=true").await;
    assert!(all.len() > usual.len());
    let current = list("drawing_set_id=current_set").await;
    assert!(current.iter().all(|revision| revision["current"] == true));
    assert_eq!(current.len(), 27, "28 sheets, one of them obsolete");
    let one = &usual[1];
    for (name, field) in [
        ("drawing_id", &one["drawing_id"]),
        ("drawing_area_id", &one["drawing_area"]["id"]),
        ("drawing_discipline_id", &one["discipline"]["id"]),
        ("drawing_set_id", &one["drawing_set"]["id"]),
        ("id[]", &one["id"]),
        ("filters[ids]", &one["id"]),
    ] {
        let found = list(&format!("{name}={field}")).await;
        assert!(found.contains(one) && found.len() < usual.len(), "{name}");
    }
    let searched = list("query=PILE").await;
    assert!(
        !searched.is_empty()
            && searched
                .iter()
                .all(|revision| revision["title"].as_str().unwrap().contains("ile"))
    );
    let page = sandbox.get(&gina, &format!("{REVISIONS}?per_page=10")).await;
    assert_eq!(page.headers()["total"], usual.len().to_string());
    assert!(page.headers()["link"].to_str().unwrap().contains("rel=\"next\""));
    let shown = sandbox.read(&gina, &format!("{REVISIONS}/{}", one["id"])).await;
    assert_eq!(&shown, one);
    let elsewhere = format!("/rest/v1.0/projects/20002/drawing_revisions/{}", one["id"]);
    assert_eq!(sandbox.get(&gina, &elsewhere).await.status(), 404);
    let sets = sandbox.read(&gina, "/rest/v1.0/projects/20001/drawing_sets").await;
    assert_eq!(texts(&sets, "name"), ["Bid Set", "Addendum 1", "Addendum 2"]);
    // A revision names neither its set nor its area.
    assert!(
        sets.as_array()
            .unwrap()
            .iter()
            .any(|set| json!({"id": set["id"]}) == one["drawing_set"])
    );
    assert_eq!(one["drawing_area"].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn publishing_revises_a_sheet_and_tells_webhooks() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let receiver = Receiver::start(&[]).await;
    let token = sandbox.service_token().await;
    hook_for(
        &sandbox,
        &token,
        20001,
        "v2",
        &receiver.url,
        &["Drawings", "Drawing Sets"],
    )
    .await;
    let before = sandbox
        .read(&gina, &format!("{REVISIONS}?query=A-102&drawing_set_id=current_set"))
        .await;
    let drawing = json!({"number": "A-102", "set": "Addendum 3", "drawing_date": "2026-06-30"});
    let made = sandbox
        .side(
            Method::POST,
            "projects/20001/drawings",
            json!({"login": GINA, "drawing": drawing}),
        )
        .await;
    assert_eq!(made["drawing_id"], before[0]["drawing_id"]);
    assert_eq!(
        (&made["title"], &made["drawing_date"]),
        (&before[0]["title"], &json!("2026-06-30"))
    );
    assert_ne!(made["revision_number"], before[0]["revision_number"]);
    let former = sandbox.read(&gina, &format!("{REVISIONS}/{}", before[0]["id"])).await;
    assert_eq!((&former["current"], &made["current"]), (&json!(false), &json!(true)));
    // Of revisions nothing is told: they come with their sheet, and with the set that they were issued in.
    let mut told: Vec<String> = receiver
        .wait_for(2)
        .await
        .iter()
        .map(|event| format!("{} {}", event["resource_name"], event["event_type"]))
        .collect();
    told.sort();
    assert_eq!(told, [r#""Drawing Sets" "create""#, r#""Drawings" "update""#]);
    let old = sandbox.download(&gina, &before[0]["pdf_url"]).await;
    assert_ne!(sha256(&old), sha256(&sandbox.download(&gina, &made["pdf_url"]).await));

    let plans = sandbox.side(Method::GET, "projects/20001/plans", json!({})).await;
    let mut revisions = plans["drawing_revisions"].as_array().unwrap().iter();
    let known = revisions.find(|revision| revision["id"] == made["id"]).unwrap();
    for (digest, url) in [("sha256", "pdf_url"), ("thumbnail_sha256", "thumbnail_url")] {
        assert_eq!(known[digest], sha256(&sandbox.download(&gina, &made[url]).await));
    }

    // The same revision again is refused, and an uploaded file is kept as it is.
    let again = json!({"login": GINA, "drawing": {"number": "A-102", "revision": made["revision_number"]}});
    let refused = sandbox
        .request(Method::POST, "/sandbox/projects/20001/drawings")
        .json(&again)
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 422);
    let form = reqwest::multipart::Form::new()
        .text("login", GINA)
        .text("drawing[number]", "X-1")
        .part(
            "attachments[]",
            reqwest::multipart::Part::bytes(b"%PDF-1.4 mine".to_vec()).file_name("x.pdf"),
        );
    let request = sandbox
        .request(Method::POST, "/sandbox/projects/20001/drawings")
        .multipart(form);
    let own: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(sandbox.download(&gina, &own["pdf_url"]).await, b"%PDF-1.4 mine");
}

#[tokio::test]
async fn sheets_become_obsolete_and_are_deleted() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let receiver = Receiver::start(&[]).await;
    let token = sandbox.service_token().await;
    hook_for(&sandbox, &token, 20001, "v2", &receiver.url, &["Drawings"]).await;
    let find = async || {
        sandbox
            .read(&gina, &format!("{REVISIONS}?query=A-103&with_obsolete=true"))
            .await
    };
    let sheet = find().await[0].clone();
    let path = format!("projects/20001/drawings/{}", sheet["drawing_id"]);
    let change = json!({"login": GINA, "drawing": {"obsolete": true}});
    assert_eq!(sandbox.side(Method::PATCH, &path, change).await["obsolete"], true);
    assert_eq!(
        sandbox.read(&gina, &format!("{REVISIONS}?query=A-103")).await,
        json!([])
    );
    // A newer revision of an obsolete sheet makes it valid again.
    let revision = json!({"login": GINA, "drawing": {"number": "A-103"}});
    assert_eq!(
        sandbox.side(Method::POST, "projects/20001/drawings", revision).await["obsolete"],
        false
    );
    sandbox.side(Method::DELETE, &path, json!({"login": GINA})).await;
    assert_eq!(find().await, json!([]));
    let gone = sandbox
        .http
        .get(sheet["pdf_url"].as_str().unwrap())
        .bearer_auth(&gina)
        .send()
        .await
        .unwrap();
    assert_eq!(gone.status(), 404);
    let mut told: Vec<Value> = receiver
        .wait_for(3)
        .await
        .iter()
        .map(|event| event["event_type"].clone())
        .collect();
    told.sort_by_key(Value::to_string);
    assert_eq!(told, ["delete", "update", "update"]);
}

#[tokio::test]
async fn levels_decide_who_reads_and_who_publishes() {
    let sandbox = Sandbox::start().await;
    let people: Vec<Value> = ["none", "read_only", "standard", "admin"]
        .iter()
        .map(|level| json!({"name": level, "level": level}))
        .collect();
    let company = sandbox.side(Method::POST, "companies", json!({"people": people})).await;
    let project = company["projects"][0]["id"].as_u64().unwrap();
    sandbox
        .side(Method::POST, &format!("projects/{project}/sheets"), json!({"count": 1}))
        .await;
    let reads = [
        format!("/rest/v1.1/projects/{project}/drawing_areas"),
        format!("/rest/v1.0/projects/{project}/drawing_revisions"),
        format!("/rest/v1.0/projects/{project}/drawing_sets"),
        format!("/rest/v1.0/specification_section_divisions?project_id={project}"),
        format!("/rest/v1.0/folders?project_id={project}"),
        format!("/rest/v1.1/projects/{project}/bid_packages"),
    ];
    let expected = [(403, 403), (200, 403), (200, 403), (200, 201)];
    for (person, (read, publish)) in company["people"].as_array().unwrap().iter().zip(expected) {
        let token = sandbox.person_token(person["login"].as_str().unwrap()).await;
        for path in &reads {
            assert_eq!(sandbox.get(&token, path).await.status(), read, "{person} {path}");
        }
        for (kind, body) in [
            (
                "drawings",
                json!({"login": person["login"], "drawing": {"number": "A-1"}}),
            ),
            (
                "specification_sections",
                json!({"login": person["login"], "specification_section": {"number": "03 10 00"}}),
            ),
            (
                "bid_packages",
                json!({"login": person["login"], "bid_package": {"title": "Steel"}}),
            ),
        ] {
            let path = format!("/sandbox/projects/{project}/{kind}");
            let answer = sandbox.request(Method::POST, &path).json(&body).send().await.unwrap();
            assert_eq!(answer.status(), publish, "{person} {kind}");
        }
    }
}

#[tokio::test]
async fn many_sheets_and_a_large_one_are_made_on_demand() {
    let sandbox = Sandbox::start().await;
    let company = sandbox.side(Method::POST, "companies", json!({})).await;
    let project = company["projects"][0]["id"].as_u64().unwrap();
    let login = company["people"][0]["login"].as_str().unwrap();
    let made = sandbox
        .side(
            Method::POST,
            &format!("projects/{project}/sheets"),
            json!({"count": 1000}),
        )
        .await;
    assert_eq!(made["numbers"].as_array().unwrap().len(), 1000);
    let token = sandbox.person_token(login).await;
    let page = sandbox
        .get(
            &token,
            &format!("/rest/v1.0/projects/{project}/drawing_revisions?page=2"),
        )
        .await;
    assert_eq!(
        (&page.headers()["total"], &page.headers()["per-page"]),
        (&"1000".parse().unwrap(), &"100".parse().unwrap())
    );
    let events = sandbox
        .side(Method::GET, &format!("webhooks/events?project_id={project}"), json!({}))
        .await;
    assert_eq!(events["events"], json!([]));

    let size = 5_000_001;
    let drawing = json!({"login": login, "drawing": {"number": "A-999", "size": size}});
    let made = sandbox
        .side(Method::POST, &format!("projects/{project}/drawings"), drawing)
        .await;
    assert_eq!(made["pdf_size"], size);
    let pdf = sandbox.download(&token, &made["pdf_url"]).await;
    assert_eq!(pdf.len(), size);
    checked_pdf(&pdf);
    let small = json!({"login": login, "drawing": {"number": "A-998", "size": 5}});
    let request = sandbox.request(Method::POST, &format!("/sandbox/projects/{project}/drawings"));
    assert_eq!(request.json(&small).send().await.unwrap().status(), 422);
}

#[tokio::test]
async fn faults_and_limits_hold_for_plans_too() {
    let sandbox = Sandbox::start().await;
    let gina = sandbox.person_token(GINA).await;
    let fault = json!({"path": "/storage/*", "status": 503, "headers": {"Retry-After": "1"}});
    sandbox.side(Method::POST, "faults", fault).await;
    let answer = sandbox.get(&gina, REVISIONS).await;
    assert!(answer.headers().contains_key("x-rate-limit-remaining"));
    let revisions: Value = answer.json().await.unwrap();
    let redirect = sandbox
        .http
        .get(revisions[0]["pdf_url"].as_str().unwrap())
        .bearer_auth(&gina)
        .send()
        .await
        .unwrap();
    let storage = redirect.headers()["location"].to_str().unwrap();
    assert_eq!(sandbox.http.get(storage).send().await.unwrap().status(), 503);
    assert_eq!(sandbox.http.get(storage).send().await.unwrap().status(), 200);
    sandbox
        .side(Method::POST, &format!("people/{GINA}/revoke"), json!({}))
        .await;
    assert_eq!(sandbox.get(&gina, REVISIONS).await.status(), 401);
}
