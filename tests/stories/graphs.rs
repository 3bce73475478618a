//! Graphs of connected projects: an item goes to the direct neighbours and no further, and each of the guards against loops
//! would do alone.

use gusset_tests::{
    Item, Project, Stand, Tool, api,
    connected::{Pair, Party, accept, ask},
    eventually,
};
use serde_json::{Value, json};

use crate::webhooks::{deliver, hook_of};

/// Projects in a ring, each connected with the next, that send everything by themselves.
async fn ring(stand: &Stand, size: usize) -> (Vec<Party>, Vec<String>) {
    let mut parties = Vec::new();
    for number in 0..size {
        parties.push(stand.company(&format!("Ring {number}")).await);
    }
    let mut connections = Vec::new();
    for number in 0..size {
        let (one, next) = (&parties[number], &parties[(number + 1) % size]);
        let connection = ask(one, next).await;
        accept(next, &connection).await;
        connections.push(connection);
    }
    (parties, connections)
}

fn title(tool: Tool, of: usize) -> String {
    format!("{} of project {of}", tool.name())
}

/// What has arrived in a project, by what was sent: each tool and project of origin, as often as it is there.
async fn arrived(stand: &Stand, project: &Project, size: usize) -> Vec<(Tool, usize)> {
    let mut found = Vec::new();
    for item in stand.arrived(project).await {
        let text = item.all.to_string();
        found.extend((0..size).filter_map(|of| text.contains(&title(item.tool, of)).then_some((item.tool, of))));
    }
    found.sort_unstable();
    found
}

/// Waits until nothing that these projects did is still under way.
async fn settle(stand: &Stand, parties: &[Party], connections: &[String]) {
    for (number, (company, _)) in parties.iter().enumerate() {
        stand.settled_events(company.project()).await;
        // Each later note, once it is across, has overtaken nothing: what came before it is through.
        stand
            .create(company, Tool::Notes, &format!("The last from {number}"))
            .await;
    }
    for (number, connection) in connections.iter().enumerate() {
        let (company, admin) = &parties[number];
        let list = api(
            company.project(),
            &format!("/connections/{connection}/deliveries?limit=100"),
        );
        eventually("nothing is under way, and the last notes are across", || async {
            let list = admin.get(&list).await.expect(200);
            let list = list["deliveries"].as_array().unwrap();
            let last = list
                .iter()
                .filter(|one| one["title"].to_string().contains("The last from"));
            (last.count() == 2 && list.iter().all(|one| one["status"] == "delivered")).then_some(())
        })
        .await;
    }
    for (company, _) in parties {
        stand.settled_events(company.project()).await;
    }
}

async fn items_go_to_the_direct_neighbours_and_nowhere_else(size: usize) {
    let stand = Stand::new();
    let (parties, connections) = ring(&stand, size).await;
    for (of, (company, _)) in parties.iter().enumerate() {
        for tool in Tool::ALL {
            stand.create(company, tool, &title(tool, of)).await;
        }
    }
    let neighbours = |number: usize| {
        let mut from = [(number + 1) % size, (number + size - 1) % size];
        from.sort_unstable();
        let expected = Tool::ALL.iter().flat_map(move |tool| from.map(|of| (*tool, of)));
        expected.collect::<Vec<_>>()
    };
    for (number, (company, _)) in parties.iter().enumerate() {
        eventually("all of the neighbours' items are there", || async {
            let arrived = arrived(&stand, company.project(), size).await;
            neighbours(number)
                .iter()
                .all(|item| arrived.contains(item))
                .then_some(())
        })
        .await;
    }
    // People open the RFIs that arrived, which is what sends an RFI of their own.
    for (company, _) in &parties {
        for copy in stand.arrived(company.project()).await {
            if copy.tool == Tool::Rfis {
                stand
                    .change(company, copy.tool, copy.id, json!({"status": "open"}))
                    .await;
            }
        }
    }
    settle(&stand, &parties, &connections).await;
    for (number, (company, _)) in parties.iter().enumerate() {
        assert_eq!(
            arrived(&stand, company.project(), size).await,
            neighbours(number),
            "project {number} of {size}"
        );
        let last = stand.arrived(company.project()).await;
        assert_eq!(
            last.len(),
            neighbours(number).len() + 2,
            "and the neighbours' last notes"
        );
    }
}

#[tokio::test]
async fn in_a_triangle_each_item_arrives_once_in_each_other_project() {
    items_go_to_the_direct_neighbours_and_nowhere_else(3).await;
}

#[tokio::test]
async fn in_a_ring_of_four_each_item_arrives_once_in_each_direct_neighbour_and_nowhere_else() {
    items_go_to_the_direct_neighbours_and_nowhere_else(4).await;
}

/// A pair with a copy in Harbour's project, and the event that Procore sent of it.
async fn copied(tool: Tool) -> (Pair, Item, Value) {
    let pair = Pair::automatic().await;
    let (stand, harbour) = (&pair.stand, &pair.harbour.0);
    stand.create(&pair.south.0, tool, "Goes no further").await;
    let copy = eventually("the copy is there", || async {
        stand.arrived(harbour.project()).await.pop()
    })
    .await;
    let event = eventually("Procore has told of the copy", || async {
        let events = stand.settled_events(harbour.project()).await;
        let of_copy = events.iter().find(|event| event["resource_id"] == copy.id)?;
        let mut tries = of_copy["deliveries"].as_array().unwrap().iter();
        tries.find(|delivery| delivery["outcome"] == "successful").cloned()
    })
    .await;
    assert_eq!(event["response_body"], r#"{"queued":0}"#, "{event}");
    (pair, copy, event["event"].clone())
}

/// Takes the author off an event: a person of the project is said to have done it, by hand.
fn without_author(event: &Value, person: u64) -> Value {
    let mut event = event.clone();
    event["user_id"] = json!(person);
    event["metadata"] = json!({"source_application_id": null, "source_user_id": person});
    event
}

/// The same event in the shape of v4.0, which names no app.
fn in_shape_four(event: &Value) -> Value {
    let text = |field: &str| event[field].to_string();
    json!({
        "id": event["ulid"], "timestamp": event["timestamp"], "reason": event["event_type"], "company_id": text("company_id"),
        "project_id": text("project_id"), "user_id": text("user_id"), "resource_type": event["resource_name"],
        "resource_id": text("resource_id"),
    })
}

async fn tell(pair: &Pair, event: &Value) -> Value {
    let project = pair.harbour.0.project();
    let (_, secret) = hook_of(&pair.stand, project).await;
    deliver(&pair.stand, project.id, Some(&secret), event.to_string())
        .await
        .expect(200)
}

/// What no guard but the one in question could know: the origin record is there, and the copy does not say what it is.
async fn take_marker_off(pair: &Pair, copy: &Item) {
    let text = if copy.tool == Tool::Notes { "comment" } else { "notes" };
    let harbour = &pair.harbour.0;
    let rewritten = json!({text: "Written anew"});
    pair.stand.change(harbour, copy.tool, copy.id, rewritten).await;
    let items = pair.stand.items(harbour.project()).await;
    let copy = items.iter().find(|item| (item.tool, item.id) == (copy.tool, copy.id));
    assert_eq!(copy.unwrap().reference, None, "the marker is gone");
}

async fn take_record_off(pair: &Pair, copy: &Item) {
    let key = json!({
        "pk": {"S": format!("PROJECT#{}", pair.harbour.0.project().id)},
        "sk": {"S": format!("COPY#{}#{}", copy.tool.name(), copy.id)},
    });
    let gone = json!({"Key": key, "ReturnValues": "ALL_OLD"});
    // Procore has the copy, and tells of it, before its worker has put it on record.
    eventually("the copy is on record", || async {
        let gone = pair.stand.table("DeleteItem", gone.clone()).await;
        gone["Attributes"].is_object().then_some(())
    })
    .await;
}

/// Nothing is made of the copy: once a later item of its project is across, it has no copy, and no delivery; or one that was
/// cancelled, where Procore was so slow to answer that an attempt was tried again, and is on the list for that.
async fn goes_no_further(pair: &Pair, copy: &Item) {
    let (stand, (south, sam), harbour) = (&pair.stand, &pair.south, &pair.harbour.0);
    stand.create(harbour, Tool::Notes, "A later one").await;
    let arrived = eventually("the later one is across", || async {
        let arrived = stand.arrived(south.project()).await;
        (!arrived.is_empty()).then_some(arrived)
    })
    .await;
    let texts: Vec<_> = arrived.iter().map(|item| item.all["comment"].to_string()).collect();
    assert!(texts.len() == 1 && texts[0].contains("A later one"), "{texts:?}");
    let list = api(south.project(), &format!("/connections/{}/deliveries", pair.connection));
    eventually("the copy has no delivery under way", || async {
        let list = sam.get(&list).await.expect(200);
        let of_copy = |one: &&Value| one["item"] == copy.id && one["tool"] == copy.tool.name();
        let found = list["deliveries"].as_array().unwrap().iter().find(of_copy);
        found.is_none_or(|one| one["status"] == "cancelled").then_some(())
    })
    .await;
    assert_eq!(stand.arrived(south.project()).await.len(), 1);
}

#[tokio::test]
async fn the_record_of_the_copy_alone_keeps_it_from_travelling() {
    for tool in [Tool::WorkingHours, Tool::Notes] {
        let (pair, copy, event) = copied(tool).await;
        take_marker_off(&pair, &copy).await;
        let event = without_author(&event, pair.harbour.0.people[0].1);
        for event in [in_shape_four(&event), event] {
            assert_eq!(tell(&pair, &event).await, json!({"queued": 1}));
        }
        goes_no_further(&pair, &copy).await;
    }
}

#[tokio::test]
async fn the_author_of_the_copy_alone_keeps_it_from_travelling() {
    for tool in Tool::ALL {
        let (pair, copy, event) = copied(tool).await;
        take_record_off(&pair, &copy).await;
        if tool == Tool::Rfis {
            // Or its being a draft would do.
            let opened = json!({"status": "open", "question": {"body": "<p>Written anew</p>"}});
            pair.stand.change(&pair.harbour.0, tool, copy.id, opened).await;
        } else {
            take_marker_off(&pair, &copy).await;
        }
        let event = without_author(&event, pair.harbour.0.people[0].1);
        for event in [in_shape_four(&event), event] {
            assert_eq!(tell(&pair, &event).await, json!({"queued": 1}));
        }
        goes_no_further(&pair, &copy).await;
    }
}

#[tokio::test]
async fn the_author_of_the_event_alone_keeps_the_copy_from_travelling() {
    for tool in [Tool::WorkingHours, Tool::Notes] {
        let (pair, copy, event) = copied(tool).await;
        take_marker_off(&pair, &copy).await;
        take_record_off(&pair, &copy).await;
        let mut by_user_alone = event.clone();
        by_user_alone["metadata"] = json!({});
        for event in [in_shape_four(&event), by_user_alone, event] {
            assert_eq!(tell(&pair, &event).await, json!({"queued": 0}), "{event}");
        }
        goes_no_further(&pair, &copy).await;
    }
}
