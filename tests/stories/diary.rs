//! The Site Diary across: working hours and notes.

use gusset_tests::eventually;
use reqwest::Method;
use serde_json::json;

use crate::connected::Pair;

#[tokio::test]
async fn working_hours_and_notes_arrive_on_their_day_once_and_go_no_further() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let path = |kind: &str| format!("/projects/{}/{kind}", south.project().id);
    let all = json!({"mode": "duplicate", "copies": 3, "project_id": south.project().id});
    stand.side_door(Method::PUT, "/webhooks", all).await;
    let hours = json!({"date": "2026-11-20", "num_workers": 4, "num_hours": "7.5", "notes": "Slab, level <2>"});
    let hours = json!({"login": sam.login, "manpower_log": hours});
    stand.side_door(Method::POST, &path("manpower_logs"), hours).await;
    let note = json!({"date": "2026-11-20", "comment": "Rain from noon ☔\nCrane stopped.", "is_issue_day": true});
    let note = json!({"login": sam.login, "notes_log": note});
    stand.side_door(Method::POST, &path("notes_logs"), note).await;

    let copy = async |kind: &'static str| {
        eventually(kind, || async {
            stand.diary_copies(harbour.project(), kind).await.pop()
        })
        .await
    };
    let hours = copy("manpower_logs").await;
    assert_eq!(
        (&hours["date"], &hours["num_workers"]),
        (&json!("2026-11-20"), &json!(4))
    );
    assert_eq!(hours["num_hours"].as_str().unwrap().parse::<f64>().unwrap(), 7.5);
    assert!(
        hours["notes"].as_str().unwrap().starts_with("Slab, level <2>\n"),
        "{hours}"
    );
    assert!(
        hours["notes"]
            .as_str()
            .unwrap()
            .contains(&format!("Sent from {} ({})", south.project().name, south.name))
    );
    let note = copy("notes_logs").await;
    assert_eq!(
        (&note["date"], &note["is_issue_day"]),
        (&json!("2026-11-20"), &json!(true))
    );
    assert!(
        note["comment"]
            .as_str()
            .unwrap()
            .starts_with("Rain from noon ☔\nCrane stopped.\n"),
        "{note}"
    );

    // Once a later note is across, whatever the repeated events and the copies' own could make would be there as well.
    let last = json!({"login": sam.login, "notes_log": {"date": "2026-11-21", "comment": "Last"}});
    stand.side_door(Method::POST, &path("notes_logs"), last).await;
    eventually("the last", || async {
        (stand.diary_copies(harbour.project(), "notes_logs").await.len() >= 2).then_some(())
    })
    .await;
    stand.settled_events(south.project()).await;
    stand.settled_events(harbour.project()).await;
    // The arrival of an RFI is told by mail. That of a day's record is not.
    let rfi = json!({"subject": "Told by mail", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    stand.mails_about(&harbour.people[1].0, "Told by mail").await;
    let mails = format!("{:?}", stand.mails_to(&harbour.people[1].0).await);
    assert!(
        !mails.contains("Rain from noon") && !mails.contains("Slab, level"),
        "{mails}"
    );
    for (kind, expected) in [("manpower_logs", 1), ("notes_logs", 2)] {
        assert_eq!(
            stand.diary_copies(harbour.project(), kind).await.len(),
            expected,
            "{kind}"
        );
        assert_eq!(stand.diary_copies(south.project(), kind).await.len(), 0, "{kind}");
    }
}

#[tokio::test]
async fn an_entry_whose_create_was_cut_off_unheard_is_found_and_not_doubled() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let kinds = [
        ("manpower_logs", "manpower_log", "notes"),
        ("notes_logs", "notes_log", "comment"),
    ];
    let deliveries = gusset_tests::api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    let are = async |status: &'static str, count: usize| {
        eventually(&format!("{count} are {status}"), || async {
            let list = sam.get(&deliveries).await.expect(200);
            let deliveries = list["deliveries"].as_array().unwrap().iter();
            let such = deliveries.filter(|one| one["status"] == status);
            (such.count() == count).then_some(())
        })
        .await;
    };
    for (copied, (kind, field, text)) in kinds.into_iter().enumerate() {
        let path = format!("/rest/v1.0/projects/{}/{kind}", harbour.project().id);
        let cut = json!({"method": "POST", "path": path, "drop": "after"});
        stand.side_door(Method::POST, "/faults", cut).await;
        let entry = json!({"login": sam.login, field: {"date": "2026-11-20", text: "Cut off"}});
        let entries = format!("/projects/{}/{kind}", south.project().id);
        let entry = stand.side_door(Method::POST, &entries, entry).await;
        // Before the next attempt, somebody corrects the day: the copy is on the one that it had before.
        are("retrying", 1).await;
        let corrected = json!({"login": sam.login, field: {"date": "2026-11-17"}});
        let entry = format!("{entries}/{}", entry["id"]);
        stand.side_door(Method::PATCH, &entry, corrected).await;
        are("delivered", copied + 1).await;
    }
    for (kind, _, _) in kinds {
        assert_eq!(stand.diary_copies(harbour.project(), kind).await.len(), 1, "{kind}");
    }
}
