//! Every field across, and what becomes of texts that nobody expects.

use gusset_tests::{Company, Stand, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::Pair;

/// The id of a project's location, or of its specification section, by its name or number.
async fn place(stand: &Stand, company: &Company, list: &str, field: &str, called: &str) -> u64 {
    let project = company.project().id;
    let path = match list {
        "locations" => format!("/rest/v1.0/projects/{project}/locations"),
        _ => format!("/rest/v1.0/specification_sections?project_id={project}"),
    };
    let all = stand.as_gusset(&path).await;
    let found = all.as_array().unwrap().iter().find(|one| one[field] == called);
    found.unwrap_or_else(|| panic!("{called} is not in {all}"))["id"]
        .as_u64()
        .unwrap()
}

/// The copy, in a project's list of a kind, whose text begins so.
async fn copy(pair: &Pair, kind: &str, begins: &str) -> Value {
    let project = format!("/projects/{}", pair.harbour.0.project().id);
    eventually(&format!("the copy of {begins:.40}"), || async {
        let all = pair.stand.side_door(Method::GET, &project, Value::Null).await;
        let is_it = |one: &&Value| {
            let text = |field: &str| one[field].as_str().is_some_and(|text| text.starts_with(begins));
            one.to_string().contains(" · GST-") && ["subject", "notes", "comment"].into_iter().any(text)
        };
        all[kind].as_array().unwrap().iter().find(is_it).cloned()
    })
    .await
}

async fn create(pair: &Pair, kind: &str, field: &str, mut entry: Value) {
    let (south, sam) = &pair.south;
    if kind == "rfis" {
        entry["rfi_manager_id"] = json!(south.people[1].1);
        entry["draft"] = json!(false);
    }
    let body = json!({"login": sam.login, field: entry});
    let path = format!("/projects/{}/{kind}", south.project().id);
    pair.stand.side_door(Method::POST, &path, body).await;
}

#[tokio::test]
async fn every_field_of_an_rfi_arrives_and_places_become_the_other_projects_own() {
    let pair = Pair::automatic().await;
    let (stand, south, harbour) = (&pair.stand, &pair.south.0, &pair.harbour.0);
    let rfi = json!({
        "subject": "All of it", "question": {"body": "<p>Which <b>beam</b>?</p><ul><li>B4</li></ul>"}, "due_date": "2026-12-24", "reference": "E-201",
        "cost_impact": {"status": "yes_known", "value": 1250.5}, "schedule_impact": {"status": "tbd", "value": 3},
        "drawing_number": "A-101",
        "location_id": place(stand, south, "locations", "name", "Tower > Level 2").await,
        "specification_section_id": place(stand, south, "sections", "number", "03 30 00").await,
    });
    create(&pair, "rfis", "rfi", rfi).await;
    let arrived = copy(&pair, "rfis", "All of it").await;
    for (field, expected) in [
        ("due_date", json!("2026-12-24")),
        ("reference", json!("E-201")),
        ("drawing_number", json!("A-101")),
        ("cost_impact", json!({"status": "yes_known", "value": "1250.5"})),
        ("schedule_impact", json!({"status": "tbd", "value": 3})),
    ] {
        assert_eq!(arrived[field], expected, "{field}");
    }
    let question = arrived["questions"][0]["rich_text_body"].as_str().unwrap();
    assert!(
        question.contains("Which <b>beam</b>?") && question.contains("<li>B4</li>"),
        "{question}"
    );
    let location = place(stand, harbour, "locations", "name", "Tower > Level 2").await;
    let section = place(stand, harbour, "sections", "number", "03 30 00").await;
    assert_eq!(
        (&arrived["location"]["id"], &arrived["specification_section"]["id"]),
        (&json!(location), &json!(section))
    );
    assert!(
        !question.contains("Location:") && !question.contains("Specification section:"),
        "{question}"
    );

    // What only the first project has is kept as text.
    let rfi = json!({
        "subject": "Places of our own", "question": {"body": "?"},
        "location_id": place(stand, south, "locations", "name", "South Annex").await,
        "specification_section_id": place(stand, south, "sections", "number", "South 1").await,
    });
    create(&pair, "rfis", "rfi", rfi).await;
    let arrived = copy(&pair, "rfis", "Places of our own").await;
    assert_eq!(
        (&arrived["location"], &arrived["specification_section"]),
        (&Value::Null, &Value::Null)
    );
    let question = arrived["questions"][0]["plain_text_body"].as_str().unwrap();
    assert!(
        question.contains("Location: South Annex") && question.contains("Specification section: South 1"),
        "{question}"
    );
}

#[tokio::test]
async fn a_site_diary_entry_arrives_at_its_location() {
    let pair = Pair::automatic().await;
    let (stand, south, harbour) = (&pair.stand, &pair.south.0, &pair.harbour.0);
    let here = place(stand, south, "locations", "name", "Tower > Level 2").await;
    let there = place(stand, harbour, "locations", "name", "Tower > Level 2").await;
    let own = place(stand, south, "locations", "name", "South Annex").await;
    let hours =
        json!({"date": "2026-11-20", "num_workers": 4, "num_hours": "7.5", "notes": "Slab", "location_id": here});
    create(&pair, "manpower_logs", "manpower_log", hours).await;
    let note = json!({"date": "2026-11-20", "comment": "Rain", "is_issue_day": true, "location_id": own});
    create(&pair, "notes_logs", "notes_log", note).await;
    let hours = copy(&pair, "manpower_logs", "Slab").await;
    assert_eq!(hours["location"]["id"], there);
    assert!(!hours["notes"].as_str().unwrap().contains("Location"), "{hours}");
    let note = copy(&pair, "notes_logs", "Rain").await;
    assert_eq!((&note["location"], &note["is_issue_day"]), (&Value::Null, &json!(true)));
    assert!(
        note["comment"].as_str().unwrap().contains("\nLocation: South Annex\n"),
        "{note}"
    );
}

#[tokio::test]
async fn a_list_that_gusset_may_not_read_leaves_its_places_as_text() {
    let pair = Pair::automatic().await;
    let (stand, south, harbour) = (&pair.stand, &pair.south.0, &pair.harbour.0);
    let account = format!("/people/gusset-local@{}.service.example/permissions", harbour.id);
    let none = json!({"project_id": harbour.project().id, "tool": "specifications", "level": "none"});
    stand.side_door(Method::PUT, &account, none).await;
    let section = place(stand, south, "sections", "number", "03 30 00").await;
    let rfi = json!({"subject": "No entry", "question": {"body": "?"}, "specification_section_id": section});
    create(&pair, "rfis", "rfi", rfi).await;
    let arrived = copy(&pair, "rfis", "No entry").await;
    let question = arrived["questions"][0]["plain_text_body"].as_str().unwrap();
    assert!(question.contains("Specification section: 03 30 00"), "{question}");
}

#[tokio::test]
async fn texts_of_any_size_script_and_intent_arrive_and_are_harmless() {
    let pair = Pair::automatic().await;
    let megabyte = "Ten bytes!".repeat(100_000);
    let hostile = "<p onmouseover='x()'>Hover</p><script>alert(1)</script><img src=x onerror=alert(2)><iframe src='//evil.example'></iframe>\
        <a href='javascript:alert(3)'>Click</a><style>p{background:url(//evil.example)}</style><form action='//evil.example'><input></form>\
        <svg onload=alert(4)></svg>--><plaintext>";
    for (subject, body) in [
        ("Huge", megabyte.as_str()),
        ("Nested", &"<div>".repeat(2_000)),
        ("🏗️ 👷🏽‍♀️", "<p>🧱🧱</p>"),
        ("שאלה על הקיר", "<p dir=\"rtl\">איפה הקיר?</p>"),
        ("\u{202e}Backwards", "<p>\u{202e}kcab</p>"),
        ("<b>Not bold</b>", hostile),
        ("Nothing to see", "<p></p>"),
        ("Only a script", "<script>alert(1)</script>"),
    ] {
        create(
            &pair,
            "rfis",
            "rfi",
            json!({"subject": subject, "question": {"body": body}}),
        )
        .await;
    }
    for (subject, keeps) in [
        ("Huge", megabyte.as_str()),
        ("Nested", ""),
        ("🏗️ 👷🏽‍♀️", "🧱🧱"),
        ("שאלה על הקיר", "איפה הקיר?"),
        ("\u{202e}Backwards", "kcab"),
        ("<b>Not bold</b>", "Hover"),
        ("Nothing to see", ""),
        ("Only a script", ""),
    ] {
        let arrived = copy(&pair, "rfis", subject).await;
        assert_eq!(arrived["subject"], subject);
        let question = arrived["questions"][0]["rich_text_body"].as_str().unwrap();
        assert!(question.contains(keeps), "{subject}");
        for acts in [
            "<script",
            "<iframe",
            "<style",
            "<form",
            "<svg",
            "<img",
            "javascript:",
            "onmouseover",
            "onerror",
            "onload",
            "evil.example",
        ] {
            assert!(!question.contains(acts), "{subject}: {acts}");
        }
    }

    let kinds = [
        ("manpower_logs", "manpower_log", "notes"),
        ("notes_logs", "notes_log", "comment"),
    ];
    for (kind, field, text) in kinds {
        for said in [megabyte.as_str(), "🏗️ <script>alert(1)</script>", "איפה הקיר?"] {
            create(&pair, kind, field, json!({"date": "2026-11-20", text: said})).await;
            let arrived = copy(&pair, kind, said).await;
            assert!(
                arrived[text].as_str().unwrap().starts_with(&format!("{said}\n")),
                "{kind}"
            );
        }
    }
    // Hours without a word still say where they are from.
    create(
        &pair,
        "manpower_logs",
        "manpower_log",
        json!({"date": "2026-11-20", "num_workers": 1, "num_hours": "8"}),
    )
    .await;
    copy(&pair, "manpower_logs", "Sent from ").await;
}
