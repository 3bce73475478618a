//! The sweep: what no webhook told of arrives all the same, once, and costs a project without news next to nothing.

use gusset_tests::{
    Person, Project, Stand, api, eventually,
    functions::{deployed_functions, environment},
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{connected::Pair, dead_letters::dead_letter_on, hooks::hooks};

/// From now on Procore delivers no event of a project.
pub async fn lose_webhooks(stand: &Stand, project: &Project) {
    let lost = json!({"mode": "drop", "project_id": project.id});
    stand.side_door(Method::PUT, "/webhooks", lost).await;
}

/// Waits until whatever has happened by now is so old that its webhook counts as lost.
pub(crate) async fn past_grace(stand: &Stand) {
    let happened = std::time::Instant::now();
    let deployed = deployed_functions(&stand.http).await;
    let grace = environment(&deployed, "Sweep")
        .into_iter()
        .find(|(name, _)| name == "SWEEP_GRACE_SECONDS");
    let grace: u64 = grace.unwrap().1.parse().unwrap();
    // Procore's and our clock are one here; Procore tells times in whole seconds.
    eventually("the grace is over", || async {
        (happened.elapsed().as_secs() > grace).then_some(())
    })
    .await;
}

fn rfi(manager: u64, subject: &str) -> Value {
    json!({"subject": subject, "draft": false, "rfi_manager_id": manager})
}

/// An RFI is created while Procore's list of RFIs has a fault, and is so old by now that its webhook counts as lost. Returns
/// when the fault was there and the RFI was not yet.
async fn created_unlisted(pair: &Pair, mut fault: Value) -> Timestamp {
    let (stand, (south, sam)) = (&pair.stand, &pair.south);
    let here = south.project();
    fault["method"] = json!("GET");
    fault["path"] = json!(format!("/rest/v1.0/projects/{}/rfis", here.id));
    fault["company_id"] = json!(south.id);
    fault["times"] = json!(10_000);
    stand.side_door(Method::POST, "/faults", fault).await;
    let before = Timestamp::now();
    stand
        .create_rfi(here, &sam.login, rfi(south.people[1].1, "Meanwhile"))
        .await;
    past_grace(stand).await;
    before
}

/// Writes into a project's Site Diary.
async fn write(stand: &Stand, project: &Project, by: &Person, kind: &str, mut entry: Value) {
    entry["login"] = json!(by.login);
    let path = format!("/projects/{}/{kind}", project.id);
    stand.side_door(Method::POST, &path, entry).await;
}

/// Sums of what the sweeps of a project told of themselves.
fn told(stand: &Stand, project: &Project, metric: &str) -> u64 {
    let sweeps = stand.sweeps_of(project);
    sweeps.iter().map(|sweep| sweep[metric].as_u64().unwrap()).sum()
}

/// The key of a project's cursors in the table.
fn cursors(project: &Project) -> Value {
    json!({"pk": {"S": format!("SWEPT#{}", project.id)}, "sk": {"S": "SWEPT"}})
}

/// Until when a project's tools have been swept.
async fn swept_until(stand: &Stand, project: &Project) -> Value {
    let request = json!({"Key": cursors(project), "ConsistentRead": true});
    stand.table("GetItem", request).await["Item"]["until"]["M"].clone()
}

/// Sweeps until notes were looked at since then. RFIs were not: what was created at that time is still to be found. A sweep by
/// the clock may end meanwhile, and may have begun before.
async fn sweep_past_rfis(stand: &Stand, project: &Project, since: Timestamp) {
    let until = |swept: &Value, tool: &str| swept[tool]["S"].as_str().unwrap().parse::<Timestamp>().unwrap();
    eventually("one tool does not hold up the others", || async {
        assert!(
            stand.sweep(project).await,
            "there will be another sweep: the message is done with"
        );
        let swept = swept_until(stand, project).await;
        assert!(until(&swept, "rfis") < since, "{swept}");
        (until(&swept, "notes") > since).then_some(())
    })
    .await;
}

/// A day before today, by so many days.
fn days_ago(days: i64) -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date() - days.days()
}

#[tokio::test]
async fn with_webhooks_lost_altogether_everything_arrives_by_the_sweep_and_once() {
    let pair = Pair::automatic().await;
    let stand = &pair.stand;
    let (here, there) = (pair.south.0.project(), pair.harbour.0.project());
    for (company, admin) in [&pair.south, &pair.harbour] {
        let project = company.project();
        lose_webhooks(stand, project).await;
        for subject in ["First", "Second"] {
            stand
                .create_rfi(project, &admin.login, rfi(company.people[1].1, subject))
                .await;
        }
        let hours =
            json!({"manpower_log": {"date": days_ago(2), "num_workers": 4, "num_hours": "7.5", "notes": "Slab"}});
        write(stand, project, admin, "manpower_logs", hours).await;
        write(
            stand,
            project,
            admin,
            "notes_logs",
            json!({"notes_log": {"comment": "Rain"}}),
        )
        .await;
    }
    past_grace(stand).await;
    // Several at the same moment, and perhaps the clock's besides.
    let at_once = (0..4).flat_map(|_| [stand.sweep(here), stand.sweep(there)]);
    let done = futures_util::future::join_all(at_once).await;
    assert!(done.into_iter().all(|done| done));

    let all_there = async || {
        let mut counts = Vec::new();
        for project in [here, there] {
            counts.push(stand.copies(project).await.len());
            counts.push(stand.diary_copies(project, "manpower_logs").await.len());
            counts.push(stand.diary_copies(project, "notes_logs").await.len());
        }
        counts
    };
    eventually("all of it is there", || async {
        all_there().await.iter().all(|count| *count > 0).then_some(())
    })
    .await;
    for (company, admin) in [&pair.south, &pair.harbour] {
        let deliveries = api(
            company.project(),
            &format!("/connections/{}/deliveries", pair.connection),
        );
        eventually("all is delivered", || async {
            let list = admin.get(&deliveries).await.expect(200);
            let list = list["deliveries"].as_array().unwrap();
            (list.len() == 8 && list.iter().all(|one| one["status"] == "delivered")).then_some(())
        })
        .await;
    }
    // And again and again, over the copies as well.
    for _ in 0..3 {
        assert!(stand.sweep(here).await && stand.sweep(there).await);
    }
    assert_eq!(all_there().await, [2, 1, 1, 2, 1, 1]);
    assert!(
        told(stand, here, "ItemsFound") >= 4,
        "it says that webhooks are being lost"
    );
    assert_eq!(
        told(stand, here, "CopiesDoubled") + told(stand, there, "CopiesDoubled"),
        0
    );
}

#[tokio::test]
async fn a_draft_that_is_opened_later_arrives_though_its_update_was_lost() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    lose_webhooks(stand, south.project()).await;
    let mut draft = rfi(south.people[1].1, "Opened later");
    draft["draft"] = json!(true);
    let draft = stand.create_rfi(south.project(), &sam.login, draft).await;
    past_grace(stand).await;
    assert!(stand.sweep(south.project()).await);
    assert_eq!(told(stand, south.project(), "ItemsFound"), 0);

    let path = format!("/projects/{}/rfis/{draft}", south.project().id);
    let open = json!({"login": sam.login, "rfi": {"draft": false}});
    stand.side_door(Method::PATCH, &path, open).await;
    stand
        .sweep_until(south.project(), "it arrives", || async {
            stand.copies(harbour.project()).await.pop()
        })
        .await;
}

#[tokio::test]
async fn an_entry_about_a_day_long_past_is_found_by_the_next_days_long_look() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    lose_webhooks(stand, south.project()).await;
    assert!(stand.sweep(south.project()).await);
    let note = json!({"notes_log": {"date": days_ago(40), "comment": "Found in a drawer"}});
    write(stand, south.project(), sam, "notes_logs", note).await;
    past_grace(stand).await;
    eventually("it arrives", || async {
        // As if the last sweep had been yesterday's.
        let yesterday = json!({"S": format!("{}T00:00:00Z", days_ago(2))});
        let mut record = cursors(south.project());
        record["until"] = json!({"M": {"notes": yesterday}});
        stand.table("PutItem", json!({"Item": record})).await;
        assert!(stand.sweep(south.project()).await);
        stand.diary_copies(harbour.project(), "notes_logs").await.pop()
    })
    .await;
}

#[tokio::test]
async fn what_is_not_to_be_sent_is_neither_sent_nor_counted() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let here = south.project();
    let manager = south.people[1].1;
    // A copy that arrived is not sent back, with or without its marker.
    let theirs = rfi(harbour.people[1].1, "Theirs");
    stand.create_rfi(harbour.project(), &pair.harbour.1.login, theirs).await;
    let copy = eventually("it arrived", || async { stand.copies(here).await.pop() }).await;
    lose_webhooks(stand, here).await;
    let path = format!("/projects/{}/rfis/{}", here.id, copy["id"]);
    let unmarked = json!({"login": sam.login, "rfi": {"draft": false, "question": {"body": "<p>Mine now</p>"}}});
    stand.side_door(Method::PATCH, &path, unmarked).await;

    let kinds = [json!({"private": true}), json!({"draft": true})];
    for (place, kind) in kinds.into_iter().enumerate() {
        let mut one = rfi(manager, &format!("Stays {place}"));
        one.as_object_mut().unwrap().extend(kind.as_object().unwrap().clone());
        stand.create_rfi(here, &sam.login, one).await;
    }
    let deleted = stand.create_rfi(here, &sam.login, rfi(manager, "Deleted")).await;
    let path = format!("/projects/{}/rfis/{deleted}", here.id);
    let by = json!({"login": sam.login});
    stand.side_door(Method::DELETE, &path, by).await;
    // Written while nobody had chosen to have notes sent by themselves.
    let one = api(here, &format!("/connections/{}", pair.connection));
    sam.patch(&one, json!({"send": {"notes": "manual"}})).await.expect(200);
    write(
        stand,
        here,
        sam,
        "notes_logs",
        json!({"notes_log": {"comment": "Not for them"}}),
    )
    .await;

    past_grace(stand).await;
    for _ in 0..2 {
        assert!(stand.sweep(here).await);
    }
    assert_eq!(told(stand, here, "ItemsFound"), 0, "{:?}", stand.log_of(here, "missed"));
    assert_eq!(stand.copies(harbour.project()).await.len(), 0);
    assert_eq!(stand.diary_copies(harbour.project(), "notes_logs").await.len(), 0);
}

#[tokio::test]
async fn an_idle_project_costs_a_call_for_each_tool_that_it_sends_and_no_more() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam)) = (&pair.stand, &pair.south);
    let here = south.project();
    let one = api(here, &format!("/connections/{}", pair.connection));
    sam.patch(&one, json!({"send": {"working_hours": "manual"}}))
        .await
        .expect(200);
    // The first one looks at what only arrives as well, as one a day does.
    assert!(stand.sweep(here).await);
    let before = stand.sweeps_of(here).len();
    for _ in 0..4 {
        assert!(stand.sweep(here).await);
    }
    // The stand's own schedule may have come between: each sweep is held to the same.
    let sweeps = stand.sweeps_of(here);
    assert!(sweeps.len() >= before + 4, "{sweeps:#?}");
    let mut twice = 0;
    for sweep in &sweeps {
        let calls = sweep["ProcoreCalls"].as_u64().unwrap();
        // The long look takes in 120 days of the Site Diary, which Procore lists 90 at a time.
        assert!(calls <= 5, "{sweep}");
        twice += usize::from(calls == 2);
    }
    assert!(twice >= 4 || sweeps.len() > before + 4, "{sweeps:#?}");
    // What it says of itself is what Procore saw.
    let seen = std::cell::Cell::new((0, 0, 0));
    eventually("Procore saw as many calls", || async {
        let path = format!("/calls?company_id={}", south.id);
        let calls = stand.side_door(Method::GET, &path, Value::Null).await["calls"].clone();
        let calls = calls.as_array().unwrap();
        let lists = calls.iter().filter(|call| {
            let (path, query) = (call["path"].as_str().unwrap(), call["query"].as_str().unwrap());
            path.starts_with(&format!("/rest/v1.0/projects/{}/", here.id))
                && (query.contains("updated_at") || query.contains("start_date"))
        });
        // Once an hour a sweep looks at the hook as well, and so do two that begin at once.
        let looks = calls
            .iter()
            .filter(|call| call["path"].as_str().unwrap().contains("/webhooks/"));
        let (lists, looks, told) = (
            lists.count() as u64,
            looks.count() as u64,
            told(stand, here, "ProcoreCalls"),
        );
        if seen.replace((lists, looks, told)) != (lists, looks, told) {
            // Shown where it fails.
            println!("{lists} lists and {looks} looks at the hook; the sweeps told of {told} calls");
        }
        (lists..=lists + looks).contains(&told).then_some(())
    })
    .await;
}

#[tokio::test]
async fn while_procore_fails_the_cursor_stays_and_what_was_missed_is_found_afterwards() {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let here = south.project();
    lose_webhooks(stand, here).await;
    assert!(stand.sweep(here).await);
    let failures = told(stand, here, "SweepFailures");
    let created = created_unlisted(&pair, json!({"status": 500})).await;
    for _ in 0..2 {
        sweep_past_rfis(stand, here, created).await;
    }
    eventually("both sweeps have told that they failed", || async {
        (told(stand, here, "SweepFailures") >= failures + 2).then_some(())
    })
    .await;
    assert!(!stand.log_of(here, "a tool cannot be swept").is_empty());
    assert_eq!(stand.copies(harbour.project()).await.len(), 0);

    let faults = format!("/faults?company_id={}", south.id);
    stand.side_door(Method::DELETE, &faults, Value::Null).await;
    // Where Procore only asks to wait, the message comes back.
    let fault = json!({"method": "GET", "path": "/rest/*", "company_id": south.id, "times": 1, "status": 429, "headers": {"Retry-After": "2"}});
    stand.side_door(Method::POST, "/faults", fault).await;
    let message = json!({"MessageBody": json!({"project": here.id}).to_string()});
    stand.queue("GUSSET_SWEEPS_QUEUE_URL", "SendMessage", message).await;
    eventually("a message is handed back", || async {
        let back = stand.log_of(here, "handed back");
        back.iter().any(|line| line["seconds"] == 2).then_some(())
    })
    .await;
    eventually("it arrives", || async { stand.copies(harbour.project()).await.pop() }).await;
}

#[tokio::test]
async fn a_list_that_is_shorter_than_it_says_ends_no_look() {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let here = south.project();
    lose_webhooks(stand, here).await;
    assert!(stand.sweep(here).await);
    // Status 200, no entry, and a total of one.
    let created = created_unlisted(&pair, json!({"entries": 0})).await;
    sweep_past_rfis(stand, here, created).await;
    let faults = format!("/faults?company_id={}", south.id);
    stand.side_door(Method::DELETE, &faults, Value::Null).await;
    stand
        .sweep_until(here, "it arrives", || async {
            stand.copies(harbour.project()).await.pop()
        })
        .await;
}

#[tokio::test]
async fn while_the_app_is_not_installed_nothing_is_lost() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let here = south.project();
    assert!(stand.sweep(here).await);
    let app = format!("/companies/{}/app", south.id);
    stand.side_door(Method::PUT, &app, json!({"installed": false})).await;
    stand
        .create_rfi(here, &sam.login, rfi(south.people[1].1, "Meanwhile"))
        .await;
    past_grace(stand).await;
    let before = swept_until(stand, here).await;
    assert!(stand.sweep(here).await);
    assert_eq!(swept_until(stand, here).await, before);
    assert!(told(stand, here, "SweepsRefused") >= 3);
    assert_eq!(
        told(stand, here, "SweepFailures"),
        0,
        "it is for that company to mend, and wakes no operator"
    );

    let installed = json!({"installed": true, "permitted_project_ids": [here.id]});
    stand.side_door(Method::PUT, &app, installed).await;
    stand
        .sweep_until(here, "it arrives", || async {
            stand.copies(harbour.project()).await.pop()
        })
        .await;
}

/// Has RFIs of South's wait because Gusset is not let in where they are to arrive, and gives their deliveries.
async fn held_without_access(pair: &Pair, subjects: &[&str]) -> Vec<Value> {
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let app = format!("/companies/{}/app", harbour.id);
    stand.side_door(Method::PUT, &app, json!({"installed": false})).await;
    for subject in subjects {
        stand
            .create_rfi(south.project(), &sam.login, rfi(south.people[1].1, subject))
            .await;
    }
    let deliveries = format!("/connections/{}/deliveries", pair.connection);
    let deliveries = api(harbour.project(), &deliveries);
    eventually("all wait", || async {
        let list = gina.get(&deliveries).await.expect(200);
        let mut held = list["deliveries"].as_array().unwrap().clone();
        held.retain(|one| one["status"] == "held" && one["waits_for"] == "access_to_target");
        (held.len() == subjects.len()).then_some(held)
    })
    .await
}

/// Has Gusset be let in again.
async fn let_in(pair: &Pair) {
    let harbour = &pair.harbour.0;
    let app = format!("/companies/{}/app", harbour.id);
    let installed = json!({"installed": true, "permitted_project_ids": [harbour.project().id]});
    pair.stand.side_door(Method::PUT, &app, installed).await;
}

#[tokio::test]
async fn what_waits_for_access_goes_on_by_itself_when_there_is_access_again() {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    held_without_access(&pair, &["One", "Two", "Three"]).await;

    // A sweep tries whether it is let in, and is not.
    assert!(stand.sweep(south.project()).await);
    assert_eq!(stand.copies(harbour.project()).await.len(), 0);

    let_in(&pair).await;
    stand
        .sweep_until(south.project(), "all arrive", || async {
            (stand.copies(harbour.project()).await.len() == 3).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_sweep_that_waits_for_procore_puts_nothing_in_line_meanwhile() {
    let pair = Pair::automatic().await;
    let (stand, (south, _), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let held = held_without_access(&pair, &["Held"]).await.remove(0);
    let_in(&pair).await;
    let none = json!({"company_id": south.id, "hour": 3600, "spike": 1});
    stand.side_door(Method::PUT, "/limits", none).await;
    let message = json!({"project": south.project().id}).to_string();
    for _ in 0..10 {
        eventually("it is sent away", || async {
            let is_done = stand.sweep_message(message.clone()).await;
            (!is_done).then_some(())
        })
        .await;
    }
    let usual = json!({"company_id": south.id, "hour": 3600, "spike": 25});
    stand.side_door(Method::PUT, "/limits", usual).await;
    stand
        .sweep_until(south.project(), "it arrives", || async {
            stand.copies(harbour.project()).await.pop()
        })
        .await;
    let reference = held["reference"].as_str().unwrap();
    let visits = stand.log_with(reference);
    assert!(visits.len() < 15, "{visits:#?}");
}

#[tokio::test]
async fn two_copies_with_one_marker_are_reported() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    stand
        .create_rfi(south.project(), &sam.login, rfi(south.people[1].1, "Once"))
        .await;
    let copy = eventually("it arrives", || async { stand.copies(harbour.project()).await.pop() }).await;
    assert!(stand.sweep(harbour.project()).await);
    assert_eq!(told(stand, harbour.project(), "CopiesDoubled"), 0);
    let body = copy["questions"][0]["rich_text_body"].as_str().unwrap();
    assert!(body.contains(" · GST-"), "{copy}");
    let mut double = rfi(harbour.people[1].1, "Once");
    double["question"] = json!({"body": body});
    // What a person writes is no copy, whatever it quotes.
    stand.create_rfi(harbour.project(), &gina.login, double.clone()).await;
    assert!(stand.sweep(harbour.project()).await);
    assert_eq!(told(stand, harbour.project(), "CopiesDoubled"), 0);
    let ours = format!("gusset-local@{}.service.example", harbour.id);
    stand.create_rfi(harbour.project(), &ours, double).await;
    assert!(stand.sweep(harbour.project()).await);
    assert!(told(stand, harbour.project(), "CopiesDoubled") >= 1);
    let line = stand
        .log_of(harbour.project(), "two copies carry one marker")
        .pop()
        .unwrap();
    assert_eq!(line["level"], "ERROR");
    assert!(body.contains(line["reference"].as_str().unwrap()), "{line}");
    assert!(
        line["items"].as_str().unwrap().contains(&copy["id"].to_string()),
        "{line}"
    );
}

#[tokio::test]
async fn a_hook_that_somebody_removed_is_put_back_once_something_was_missed() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let here = south.project();
    let whole = hooks(stand, here).await;
    let hook = stand.hooks(here, "gusset").await.remove(0);
    let hook = hook["id"].as_str().unwrap();
    stand
        .delete_as_gusset(&format!("{}/hooks/{hook}", Stand::webhooks_of(south, here)))
        .await;
    assert_eq!(hooks(stand, here).await.len(), 0);
    stand
        .create_rfi(here, &sam.login, rfi(south.people[1].1, "Unheard"))
        .await;
    past_grace(stand).await;
    assert!(stand.sweep(here).await);
    eventually("it arrives", || async { stand.copies(harbour.project()).await.pop() }).await;
    eventually("the hook is back", || async {
        (hooks(stand, here).await == whole).then_some(())
    })
    .await;
    // What comes now is told of again.
    write(
        stand,
        here,
        sam,
        "notes_logs",
        json!({"notes_log": {"comment": "Heard"}}),
    )
    .await;
    eventually("the note is told of", || async {
        let events = stand.settled_events(here).await;
        let note = events
            .into_iter()
            .find(|event| event["resource_name"] == "Notes Logs")?;
        (note["deliveries"][0]["outcome"] == "successful").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_delivery_whose_worker_never_came_is_set_going_again() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let here = south.project();
    stand
        .create_rfi(here, &sam.login, rfi(south.people[1].1, "Stuck"))
        .await;
    let deliveries = api(here, &format!("/connections/{}/deliveries", pair.connection));
    let delivered = async || {
        eventually("it is delivered", || async {
            let list = sam.get(&deliveries).await.expect(200);
            let one = list["deliveries"][0].clone();
            (one["status"] == "delivered").then_some(one)
        })
        .await
    };
    let one = delivered().await;
    // As a worker leaves it that dies after the copy was created, and whose message is lost.
    let key = json!({
        "pk": {"S": pair.deliveries()},
        "sk": {"S": format!("DELIVERY#{}", one["reference"].as_str().unwrap())},
    });
    let lease = json!({"M": {"id": {"S": "00000000-0000-0000-0000-000000000000"}, "until": {"S": format!("{}T00:00:00Z", days_ago(1))}}});
    let left = json!({
        "Key": key,
        "UpdateExpression": "SET #status = :copying, lease = :lease REMOVE #copy",
        "ExpressionAttributeNames": {"#status": "status", "#copy": "copy"},
        "ExpressionAttributeValues": {":copying": {"S": "copying"}, ":lease": lease},
    });
    stand.table("UpdateItem", left).await;
    past_grace(stand).await;
    assert!(stand.sweep(here).await);
    assert!(told(stand, here, "DeliveriesStuck") >= 1);
    assert_eq!(told(stand, here, "ItemsFound"), 0);
    assert_eq!(
        delivered().await["copy"],
        one["copy"],
        "the copy that was there is found"
    );
    assert_eq!(stand.copies(harbour.project()).await.len(), 1);
}

#[tokio::test]
async fn what_is_no_request_for_a_sweep_is_kept_for_a_person_and_what_is_none_any_more_is_let_go() {
    let pair = Pair::automatic().await;
    let (stand, (harbour, gina)) = (&pair.stand, &pair.harbour);
    let mark = harbour.project().id;
    for body in [
        json!("sweep"),
        json!({"mark": mark}),
        json!({"project": 0, "mark": mark}),
        json!({"project": "x", "mark": mark}),
        json!([format!("project {mark}")]),
    ] {
        let body = body.to_string();
        assert!(stand.sweep_message(body.clone()).await, "{body} is done with");
        let found = dead_letter_on(stand, "GUSSET_SWEEPS_DEAD_LETTERS_URL", &body).await;
        assert_eq!(found, body);
    }
    assert!(stand.sweep_message(r#"{"project": 9007199254740993}"#.to_owned()).await);
    for nonsense in [json!({}), json!({"sweep": false}), json!({"sweep": "now"})] {
        let answer = stand.call_sweep(nonsense).await;
        assert!(answer["errorMessage"].is_string(), "{answer}");
    }
    let end = api(
        harbour.project(),
        &format!("/connections/{}/disconnect", pair.connection),
    );
    gina.post(&end, json!({})).await.expect(200);
    let before = stand.sweeps_of(harbour.project()).len();
    assert!(stand.sweep(harbour.project()).await);
    assert_eq!(stand.sweeps_of(harbour.project()).len(), before);
}
