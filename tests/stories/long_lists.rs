//! Lists of many pages, under Procore's own limits: read once, gone on with where a limit was met, and done without where they
//! do not end.

use futures_util::{StreamExt, stream};
use gusset_tests::{Call, Project, Stand, Tool, api, eventually};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    connected::{Pair, Party, ask},
    large_items::usual_limits,
    sweep::past_grace,
};

/// The tower's level is in every company's project, among as many others as asked for.
async fn company_with_locations(stand: &Stand, count: usize) -> Party {
    let others = (1..count - 1).map(|number| format!("Zone {number}"));
    let locations: Vec<_> = others.chain(["Tower > Level 2".to_owned()]).collect();
    let company = stand
        .make_company(json!({
            "name": "Harbour",
            "projects": [{"name": "Harbour project", "locations": locations}],
            "people": [
                {"name": "Harbour admin", "level": "admin", "company_admin": true},
                {"name": "Harbour manager", "level": "standard", "rfi_manager": true},
            ],
        }))
        .await;
    let admin = stand.sign_in(&company.people[0].0).await;
    (company, admin)
}

/// A pair of which the arriving side sends nothing by itself.
async fn pair(stand: Stand, south: Party, harbour: Party) -> Pair {
    let connection = ask(&south, &harbour).await;
    let (company, admin) = &harbour;
    let accept = api(company.project(), &format!("/connections/{connection}/accept"));
    let manual = json!({"rfi_manager_id": company.people[1].1});
    admin.post(&accept, manual).await.expect(200);
    for (company, _) in [&south, &harbour] {
        usual_limits(&stand, company).await;
    }
    Pair {
        stand,
        south,
        harbour,
        connection,
    }
}

/// An RFI about the level that both projects have.
async fn rfi_with_location(pair: &Pair, title: &str) -> Value {
    let south = &pair.south.0;
    let path = format!("/rest/v1.0/projects/{}/locations", south.project().id);
    let all = pair.stand.as_gusset(&path).await;
    let mut all = all.as_array().unwrap().iter();
    let level = all.find(|one| one["name"] == "Tower > Level 2").unwrap();
    let mut rfi = Tool::Rfis.item(south, title);
    rfi["location_id"] = level["id"].clone();
    rfi
}

async fn copy(pair: &Pair, title: &str) -> Option<Value> {
    let arrived = pair.stand.arrived(pair.harbour.0.project()).await;
    let copy = arrived.into_iter().find(|item| item.all.to_string().contains(title))?;
    Some(copy.all)
}

/// Pages of a project's list that Procore has given to Gusset.
async fn pages(stand: &Stand, project: &Project, kind: &str) -> usize {
    let path = format!("/rest/v1.0/projects/{}/{kind}", project.id);
    let (calls, _) = stand.calls(0).await;
    let given = |call: &&Call| call.by_gusset && call.method == "GET" && call.path == path && call.status == 200;
    calls.iter().filter(given).count()
}

async fn set_largest_page(stand: &Stand, project: &Project, entries: usize) {
    let path = format!("/projects/{}", project.id);
    let change = json!({"largest_page": entries});
    stand.side_door(Method::PUT, &path, change).await;
}

/// Writes notes about the last days.
async fn write_notes(stand: &Stand, (company, admin): &Party, count: usize) {
    let path = format!("/projects/{}/notes_logs", company.project().id);
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let notes = (0..count).map(|number| {
        let day = today - i64::try_from(number % 5).unwrap().days();
        json!({"login": admin.login, "notes_log": {"comment": format!("Entry {number}."), "date": day}})
    });
    let write = |note| stand.side_door(Method::POST, &path, note);
    stream::iter(notes.map(write)).buffer_unordered(8).count().await;
}

#[tokio::test]
async fn thousands_of_locations_are_read_once_and_hold_up_nobody() {
    let stand = Stand::new();
    let (south, harbour) = (
        stand.company("South").await,
        company_with_locations(&stand, 4_546).await,
    );
    let pair = pair(stand, south, harbour).await;
    let south = &pair.south.0;
    for title in ["First at level 2", "Second at level 2"] {
        let rfi = rfi_with_location(&pair, title).await;
        pair.stand.create_as(south, Tool::Rfis, rfi, json!([])).await;
        let copy = eventually("it arrives", || copy(&pair, title)).await;
        assert_eq!(copy["location"]["name"], "Tower > Level 2", "{copy}");
    }
    // Each worker remembers them, and the first one's are kept for the others.
    let read = pages(&pair.stand, pair.harbour.0.project(), "locations").await;
    assert_eq!(read, 3);
}

#[tokio::test]
async fn a_list_of_locations_that_meets_a_limit_goes_on_where_it_stopped() {
    let stand = Stand::new();
    let (south, harbour) = (stand.company("South").await, company_with_locations(&stand, 120).await);
    set_largest_page(&stand, harbour.0.project(), 5).await;
    let pair = pair(stand, south, harbour).await;
    let south = &pair.south.0;
    let rfi = rfi_with_location(&pair, "At level 2").await;
    pair.stand.create_as(south, Tool::Rfis, rfi, json!([])).await;
    pair.stand.create(south, Tool::Notes, "Plain").await;
    eventually("a plain one arrives meanwhile", || copy(&pair, "Plain")).await;
    let copy = eventually("it arrives", || copy(&pair, "At level 2")).await;
    assert_eq!(copy["location"]["name"], "Tower > Level 2", "{copy}");
    let read = pages(&pair.stand, pair.harbour.0.project(), "locations").await;
    assert_eq!(read, 24, "each page once");
}

#[tokio::test]
async fn a_list_of_locations_without_end_is_done_without_and_the_copy_says_so() {
    let pair = Pair::automatic().await;
    let (stand, south, harbour) = (&pair.stand, &pair.south.0, pair.harbour.0.project());
    let path = format!("/rest/v1.0/projects/{}/locations", harbour.id);
    let link = format!("<{}{path}?page=2>; rel=\"next\"", stand.procore);
    let endless =
        json!({"method": "GET", "path": path, "status": 200, "body": [], "times": 1_000, "headers": {"Link": link}});
    stand.side_door(Method::POST, "/faults", endless).await;
    let rfi = rfi_with_location(&pair, "At level 2").await;
    stand.create_as(south, Tool::Rfis, rfi, json!([])).await;
    let copy = eventually("it arrives", || copy(&pair, "At level 2")).await;
    let text = copy["questions"][0]["plain_text_body"].as_str().unwrap();
    let said = "Location: Tower > Level 2 (kept as text: this project's list of them could not be read to its end)";
    assert!(text.contains(said), "{text}");
    assert_eq!(
        pages(stand, harbour, "locations").await,
        100,
        "no page is asked for twice"
    );
}

#[tokio::test]
async fn a_sweep_through_many_notes_goes_on_where_it_stopped_and_holds_up_no_other_tool() {
    let stand = Stand::new();
    let (south, harbour) = (stand.company("South").await, stand.company("Harbour").await);
    let pair = pair(stand, south, harbour).await;
    let (stand, south) = (&pair.stand, &pair.south.0);
    let lost = json!({"mode": "drop", "project_id": south.project().id});
    stand.side_door(Method::PUT, "/webhooks", lost).await;
    // As 4,000 in pages of 500.
    set_largest_page(stand, south.project(), 5).await;
    write_notes(stand, &pair.south, 40).await;
    stand.create(south, Tool::Rfis, "Missed as well").await;
    past_grace(stand).await;
    let few = json!({"company_id": south.id, "hour": 3_600, "spike": 8});
    stand.side_door(Method::PUT, "/limits", few).await;
    // As the clock puts it on the queue, which hands it out until it is done with.
    let message = json!({"project": south.project().id, "asked_at": Timestamp::now()}).to_string();
    assert!(!stand.sweep_message(message.clone()).await, "it meets the limit");
    eventually("it comes to its end", || async {
        stand.sweep_message(message.clone()).await.then_some(())
    })
    .await;
    usual_limits(stand, south).await;
    eventually("all arrive", || async {
        let arrived = stand.arrived(pair.harbour.0.project()).await;
        let (rfis, notes): (Vec<_>, Vec<_>) = arrived.iter().partition(|item| item.tool == Tool::Rfis);
        (rfis.len() == 1 && notes.len() == 40).then_some(())
    })
    .await;
    // The clock's sweeps, one a minute, may have read it as well: each of them at most once.
    let read = pages(stand, south.project(), "notes_logs").await;
    assert!((8..=24).contains(&read), "each page once, and not {read} pages");
    let arrived = stand.arrived(pair.harbour.0.project()).await;
    assert_eq!(arrived.len(), 41, "and none twice");
}

#[tokio::test]
async fn a_copy_among_many_notes_is_found_and_never_made_twice() {
    let stand = Stand::new();
    let (south, harbour) = (stand.company("South").await, stand.company("Harbour").await);
    let pair = pair(stand, south, harbour).await;
    let (stand, harbour) = (&pair.stand, pair.harbour.0.project());
    // As 4,000 in pages of 250.
    set_largest_page(stand, harbour, 25).await;
    // The clock's sweep would read the same list.
    stand.leave_unswept(harbour).await;
    write_notes(stand, &pair.harbour, 399).await;
    let path = format!("/rest/v1.0/projects/{}/notes_logs", harbour.id);
    let unheard = json!({"method": "POST", "path": path, "drop": "after"});
    stand.side_door(Method::POST, "/faults", unheard).await;
    stand.create(&pair.south.0, Tool::Notes, "Poured at noon").await;
    let delivered = async || {
        let (south, sam) = &pair.south;
        let deliveries = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
        let list = sam.get(&deliveries).await.expect(200);
        let list = list["deliveries"].as_array().unwrap();
        (list.len() == 1 && list[0]["status"] == "delivered").then_some(())
    };
    eventually("it is known to be there", delivered).await;
    assert_eq!(stand.arrived(harbour).await.len(), 1, "there is one copy");
    // The clock's own sweep may have begun a list of its own.
    let read = pages(stand, harbour, "notes_logs").await;
    assert!((16..=18).contains(&read), "each page once, and not {read} pages");
}
