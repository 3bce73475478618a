//! Fields that are written in another way than documented, and entries that cannot be read: the item goes, the rest of it whole,
//! and the copy says what could not be read.

use gusset_tests::{Tool, api, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::Pair;

/// Has Procore answer otherwise than it would, however often it is asked for an item of the sending project.
async fn patch(pair: &Pair, path: &str, patch: Value) {
    let path = format!("/rest/v1.0/projects/{}/{path}", pair.south.0.project().id);
    let fault = json!({"method": "GET", "path": path, "times": 1_000, "patch": patch});
    pair.stand.side_door(Method::POST, "/faults", fault).await;
}

/// The only copy of a tool's.
async fn copy(pair: &Pair, tool: Tool) -> Value {
    let project = pair.harbour.0.project();
    eventually(&format!("a copy among {}", tool.name()), || async {
        let mut items = pair.stand.arrived(project).await;
        items.retain(|item| item.tool == tool);
        items.pop().map(|item| item.all)
    })
    .await
}

/// The only delivery, as both sides see it.
async fn delivery(pair: &Pair) -> Value {
    let (south, sam) = &pair.south;
    let (harbour, gina) = &pair.harbour;
    let path = format!("/connections/{}/deliveries", pair.connection);
    let sent = eventually("it is delivered", || async {
        let list = sam.get(&api(south.project(), &path)).await.expect(200);
        let delivery = list["deliveries"][0].clone();
        (delivery["status"] == "delivered").then_some(delivery)
    })
    .await;
    let list = gina.get(&api(harbour.project(), &path)).await.expect(200);
    assert_eq!(
        list["deliveries"][0]["left_out"], sent["left_out"],
        "both sides see the same"
    );
    sent
}

fn left_out(delivery: &Value) -> Vec<String> {
    let all = delivery["left_out"].as_array().unwrap().iter();
    all.map(|one| format!("{} {}", one["name"].as_str().unwrap(), one["reason"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn an_rfi_with_odd_fields_arrives_and_says_what_could_not_be_read() {
    let pair = Pair::automatic().await;
    let odd = json!({
        "/due_date": "", "/number": 7, "/full_number": null, "/cost_impact": {"status": "yes_known", "value": "1200.00"},
        "/schedule_impact": {"status": "yes_known", "value": 1.5}, "/questions/0/attachments": null,
        "/location": "Roof", "/created_by": {"id": 0}, "/drawing_number": {"no": "text"}, "/reference": ["E-201"],
        "/initiated_at": "yesterday", "/deleted": "perhaps",
    });
    patch(&pair, "rfis/*", odd).await;
    pair.stand.create(&pair.south.0, Tool::Rfis, "Odd all over").await;
    let copy = copy(&pair, Tool::Rfis).await;
    assert_eq!(
        (
            &copy["subject"],
            &copy["due_date"],
            &copy["cost_impact"],
            &copy["schedule_impact"]
        ),
        (
            &json!("Odd all over"),
            &Value::Null,
            &json!({"status": "yes_known", "value": "1200"}),
            &json!({"status": "yes_known", "value": 1.5})
        )
    );
    let question = copy["questions"][0]["plain_text_body"].as_str().unwrap();
    for said in [
        "Which route?",
        "Location: Roof",
        "Drawing number could not be read",
        "Reference could not be read",
        "RFI #7 ",
    ] {
        assert!(question.contains(said), "{said} is not in {question}");
    }
    assert!(!question.contains("Due date"), "nothing was there: {question}");
    let delivery = delivery(&pair).await;
    let mut expected = left_out(&delivery);
    expected.sort();
    assert_eq!(
        expected,
        ["Drawing number could not be read", "Reference could not be read"]
    );
    let (south, sam) = &pair.south;
    let page = format!("/projects/{}/connections/{}", south.project().id, pair.connection);
    assert!(sam.get(&page).await.text.contains("Delivered, in part"));
    let reference = delivery["reference"].as_str().unwrap();
    let page = sam.get(&format!("{page}/deliveries/{reference}")).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Delivered, without"), "{}", page.text);
}

#[tokio::test]
async fn an_rfi_without_a_readable_question_or_with_a_day_as_a_time_arrives() {
    let pair = Pair::automatic().await;
    let odd = json!({"/due_date": "2026-12-01T00:00:00Z", "/questions": null});
    patch(&pair, "rfis/*", odd).await;
    pair.stand.create(&pair.south.0, Tool::Rfis, "No question").await;
    let copy = copy(&pair, Tool::Rfis).await;
    assert_eq!(copy["due_date"], "2026-12-01");
    let question = copy["questions"][0]["plain_text_body"].as_str().unwrap();
    assert!(
        !question.contains("Which route") && question.contains("Question could not be read"),
        "{question}"
    );
}

#[tokio::test]
async fn working_hours_and_notes_with_odd_fields_arrive() {
    let pair = Pair::automatic().await;
    let odd = json!({
        "/num_workers": 4.0, "/num_hours": 7.5, "/vendor": "Volt", "/date": "2026-11-20T00:00:00-10:00",
        "/user": {"name": "Pat Fitter"}, "/attachments": null, "/trade": {"id": 5},
    });
    patch(&pair, "manpower_logs/*", odd).await;
    pair.stand.create(&pair.south.0, Tool::WorkingHours, "Slab").await;
    let hours = copy(&pair, Tool::WorkingHours).await;
    assert_eq!(
        (&hours["num_workers"], &hours["num_hours"], &hours["date"]),
        (&json!(4), &json!("7.5"), &json!("2026-11-20"))
    );
    let notes = hours["notes"].as_str().unwrap();
    for said in ["Slab", "Company: Volt", "Person: Pat Fitter", "Trade could not be read"] {
        assert!(notes.contains(said), "{said} is not in {notes}");
    }
    let odd = json!({"/is_issue_day": "perhaps", "/location": 7, "/created_by": "Sam", "/datetime": {}});
    patch(&pair, "notes_logs/*", odd).await;
    pair.stand.create(&pair.south.0, Tool::Notes, "Rain").await;
    let note = copy(&pair, Tool::Notes).await;
    let comment = note["comment"].as_str().unwrap();
    for said in ["Rain", "Location: 7", "Issue day could not be read: perhaps", "by Sam"] {
        assert!(comment.contains(said), "{said} is not in {comment}");
    }
}

#[tokio::test]
async fn one_unreadable_entry_leaves_the_others_of_a_list_alone_and_is_counted() {
    let pair = Pair::automatic().await;
    let (stand, south) = (&pair.stand, pair.south.0.project());
    let dropped = json!({"mode": "drop", "project_id": south.id});
    stand.side_door(Method::PUT, "/webhooks", dropped).await;
    for (tool, title) in [(Tool::Rfis, "Missed"), (Tool::Notes, "Missed, too")] {
        stand.create(&pair.south.0, tool, title).await;
        // A text, an object without an id, and one whose id is none.
        let odd = json!({"/-": "no entry", "/-/subject": "no id"});
        patch(&pair, tool.path(), odd).await;
    }
    stand
        .sweep_until(south, "both are found", || async {
            (stand.arrived(pair.harbour.0.project()).await.len() == 2).then_some(())
        })
        .await;
    let counted = stand.sweeps_of(south);
    assert!(
        counted
            .iter()
            .any(|sweep| sweep["UnreadableEntries"].as_u64() >= Some(2)),
        "{counted:?}"
    );
}

#[tokio::test]
async fn a_revision_is_sent_as_one() {
    let pair = Pair::automatic().await;
    let mut rfi = Tool::Rfis.item(&pair.south.0, "Beam B4");
    rfi["source_rfi_header_id"] = json!(42);
    rfi["revision"] = json!("1");
    pair.stand.create_as(&pair.south.0, Tool::Rfis, rfi, json!([])).await;
    assert_eq!(copy(&pair, Tool::Rfis).await["subject"], "Revision 1 of Beam B4");
}
