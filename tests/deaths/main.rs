//! What is left when a worker dies over any of its calls: one copy, once another worker has come. For plan sync see [`plans`].
//!
//! The functions' programs run here by themselves, as they are deployed, and every call that they make goes over a wire
//! on which one call after the other meets a mishap. Run with `cargo xtask test`.

mod host;
mod plans;
mod queue;
mod wire;

use std::time::Duration;

use futures_util::future::join_all;
use gusset_tests::{Stand, Tool, api, connected::Pair, functions::event};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::{Mutex, Semaphore};

use host::{Ended, Function};
use queue::Queue;
use wire::{Call, Mishap};

/// Workers at once, over all stories: two cores are kept busy, and no time-out is met for want of one.
static AT_ONCE: Semaphore = Semaphore::const_new(10);

const DEATHS: [Mishap; 3] = [
    Mishap::Dies(Call::Fails),
    Mishap::Dies(Call::Works),
    Mishap::Dies(Call::WorksLate),
];

const SILENCES: [Mishap; 4] = [
    Mishap::Hangs(Call::Fails),
    Mishap::Hangs(Call::Works),
    Mishap::IsCutOff(Call::Fails),
    Mishap::IsCutOff(Call::Works),
];

/// Calls that a copy cannot do without: the connection, the claim, a read, a create, the commit, its answer.
const LEAST_CALLS: usize = 6;

/// The call that claims an item, after the one for the app's secret and the one for the connection.
const CLAIM: usize = 3;

/// Calls that are tried at once.
const TOGETHER: usize = 4;

/// How an item comes to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// Procore tells of it.
    ByItself,
    /// Somebody picks it.
    ByHand,
}

/// A mishap of the nth call, counted from 1.
type At = (usize, Mishap);

/// Two connected projects, whose items go nowhere but through the functions that run here.
struct Site {
    pair: Pair,
    /// What sets items out, and the queue that it puts them on.
    forward: Mutex<(Function, Queue)>,
    /// What Gusset gave to the hook of the items' project.
    secret: String,
}

impl Site {
    async fn new() -> Self {
        let pair = Pair::automatic().await;
        let stand = &pair.stand;
        for company in [&pair.south.0, &pair.harbour.0] {
            let nothing = json!({"mode": "drop", "project_id": company.project().id});
            stand.side_door(Method::PUT, "/webhooks", nothing).await;
            stand.leave_unswept(company.project()).await;
        }
        let project = pair.south.0.project().id;
        let hook = stand.hooks(pair.south.0.project(), "gusset").await.remove(0);
        let secret = hook["authorization"].as_str().unwrap().to_owned();
        let queue = Queue::new(stand, &format!("set-out-{project}")).await;
        let own = [("COPIES_QUEUE_URL", queue.url.clone())];
        let forward = Function::new(stand, ("forward-item", "ForwardItem"), &own, Duration::from_secs(25)).await;
        Self {
            forward: Mutex::new((forward, queue)),
            secret,
            pair,
        }
    }

    /// Creates an item. An RFI that goes by itself has an attachment.
    async fn create(&self, tool: Tool, sent: Sent, title: &str) -> u64 {
        let (stand, south) = (&self.pair.stand, &self.pair.south.0);
        let attachments = match (tool, sent) {
            (Tool::Rfis, Sent::ByItself) => {
                json!([{"name": "plan.pdf", "content_type": "application/pdf", "text": title}])
            }
            _ => json!([]),
        };
        stand.create_as(south, tool, tool.item(south, title), attachments).await
    }

    /// The request that sets an item out.
    fn request(&self, tool: Tool, item: u64, sent: Sent) -> Value {
        let (south, sam) = &self.pair.south;
        let project = south.project().id;
        let mut request: Value = serde_json::from_str(&event("forward-item")).unwrap();
        request["pathParameters"]["project"] = json!(project.to_string());
        request["headers"] = Value::Null;
        request["multiValueHeaders"]["Authorization"] = json!([self.secret]);
        let body = match sent {
            Sent::ByItself => json!({
                "id": item, "ulid": format!("01J8{item}"), "timestamp": "2026-11-22T08:00:00Z", "user_id": south.people[0].1,
                "company_id": south.id, "project_id": project, "api_version": "v2.0", "event_type": "create",
                "resource_name": tool.resource(), "resource_id": item, "metadata": {"source_application_id": null},
            }),
            Sent::ByHand => {
                let resource = "/api/projects/{project}/connections/{connection}/items";
                request["resource"] = json!(resource);
                request["requestContext"]["resourcePath"] = json!(resource);
                let path = format!("/connections/{}/items", self.pair.connection);
                request["path"] = json!(api(south.project(), &path));
                request["pathParameters"]["connection"] = json!(self.pair.connection);
                let session = format!("__Host-gusset_session={}", sam.cookie("__Host-gusset_session").unwrap());
                request["multiValueHeaders"] = json!({"Cookie": [session], "Content-Type": ["application/json"]});
                json!({"tool": tool.name(), "item_id": item})
            }
        };
        request["body"] = json!(body.to_string());
        request
    }

    /// Sets an item out, and moves what a worker is told to a queue that only that worker reads.
    async fn set_out(&self, tool: Tool, item: u64, sent: Sent) -> Queue {
        let (forward, queue) = &mut *self.forward.lock().await;
        let answer = match forward.invoke(&self.request(tool, item, sent)).await {
            Ended::Answered(answer) => answer,
            other => panic!("{tool:?} {item} is not set out: {other:?}"),
        };
        assert!(
            ["200", "202"].contains(&answer["statusCode"].to_string().as_str()),
            "{answer}"
        );
        let own = Queue::new(&self.pair.stand, &format!("copy-{item}")).await;
        own.send(&queue.take().await).await;
        own
    }

    /// Has one item copied, by workers that meet mishaps one after the other, and then by one that meets none. False where
    /// some mishap was not met: there are not so many calls.
    async fn copy(&self, tool: Tool, sent: Sent, mishaps: &[At]) -> bool {
        let _place = AT_ONCE.acquire().await.unwrap();
        let what = format!("{sent:?} {mishaps:?}");
        let item = self.create(tool, sent, &what).await;
        let queue = self.set_out(tool, item, sent).await;
        let mut worker = worker(&self.pair.stand, &queue, mishaps).await;
        let mut mishaps = mishaps.iter();
        if let Some((nth, mishap)) = mishaps.next() {
            worker.wire.expect(*nth, *mishap);
        }
        while !queue.is_empty().await {
            if let Ended::Failed(error) = queue.hand_to(&mut worker).await {
                panic!("{tool:?} {what}: {error}");
            }
            if !worker.wire.expects()
                && let Some((nth, mishap)) = mishaps.next()
            {
                worker.wire.expect(*nth, *mishap);
            }
        }
        let met = !worker.wire.expects() && mishaps.next().is_none();
        self.arrived_once(tool, item, &what).await;
        self.goes_no_further(tool, item, &queue, &mut worker).await;
        queue.remove().await;
        met
    }

    async fn delivery(&self, tool: Tool, item: u64) -> Option<Value> {
        let (south, sam) = &self.pair.south;
        let list = format!("/connections/{}/deliveries?limit=100", self.pair.connection);
        let list = sam.get(&api(south.project(), &list)).await.expect(200);
        let list = list["deliveries"].as_array().unwrap();
        let is_it = |one: &&Value| one["item"] == item && one["tool"] == tool.name();
        list.iter().find(is_it).cloned()
    }

    /// The item is in the other project once, and every record says so.
    async fn arrived_once(&self, tool: Tool, item: u64, what: &str) -> u64 {
        let (stand, harbour) = (&self.pair.stand, self.pair.harbour.0.project());
        let delivery = self.delivery(tool, item).await;
        let delivery = delivery.unwrap_or_else(|| panic!("{tool:?} {what}: there is no delivery"));
        assert_eq!(delivery["status"], "delivered", "{tool:?} {what}: {delivery}");
        let mut copies = stand.arrived(harbour).await;
        copies.retain(|copy| copy.reference.as_deref() == delivery["reference"].as_str());
        let ids: Vec<_> = copies.iter().map(|copy| (copy.tool, copy.id)).collect();
        let copy = delivery["copy"].as_u64().unwrap();
        assert_eq!(ids, [(tool, copy)], "{tool:?} {what}: {delivery}");
        for attachment in copies[0].all["questions"][0]["attachments"]
            .as_array()
            .into_iter()
            .flatten()
        {
            assert_eq!(
                stand.file(attachment).await,
                what.as_bytes(),
                "{tool:?} {what}: {attachment}"
            );
        }
        let text = copies[0].all.to_string();
        assert!(!text.contains("did not come along"), "{tool:?} {what}: {text}");
        let key = json!({"pk": {"S": format!("PROJECT#{}", harbour.id)}, "sk": {"S": format!("COPY#{}#{copy}", tool.name())}});
        let record = stand
            .table("GetItem", json!({"Key": key, "ConsistentRead": true}))
            .await;
        assert_eq!(
            record["Item"]["reference"]["S"], delivery["reference"],
            "{tool:?} {what}: {record}"
        );
        copy
    }

    /// Told of the copy as of a new item, a worker leaves it where it is.
    async fn goes_no_further(&self, tool: Tool, item: u64, queue: &Queue, worker: &mut Function) {
        let delivery = self.delivery(tool, item).await.unwrap();
        let copy = delivery["copy"].as_u64().unwrap();
        let back = json!({
            "connection": self.pair.connection, "to": "requester", "tool": tool.name(),
            "source": self.pair.harbour.0.project().id, "target": self.pair.south.0.project().id, "item": copy,
        });
        queue.send(&back).await;
        while !queue.is_empty().await {
            queue.hand_to(worker).await;
        }
        assert!(self.delivery(tool, copy).await.is_none(), "a copy has no delivery");
    }

    /// After all: as many copies as items, each of another item, and none of a copy.
    async fn check(&self) {
        let stand = &self.pair.stand;
        let sent = stand.items(self.pair.south.0.project()).await;
        assert!(sent.iter().all(|item| item.reference.is_none()), "nothing came back");
        let mut arrived: Vec<_> = stand
            .items(self.pair.harbour.0.project())
            .await
            .into_iter()
            .map(|copy| copy.reference)
            .collect();
        assert_eq!(arrived.len(), sent.len());
        arrived.sort();
        arrived.dedup();
        assert_eq!(arrived.len(), sent.len());
    }
}

/// A worker whose leases are short. Where it waits for an answer that never comes, it may wait for as long as the AWS
/// SDK does before it asks again.
async fn worker(stand: &Stand, queue: &Queue, mishaps: &[At]) -> Function {
    let patient = mishaps.iter().any(|(_, mishap)| matches!(mishap, Mishap::Hangs(_)));
    let seconds: u64 = if patient { 8 } else { 3 };
    let own = [
        ("COPIES_QUEUE_URL", queue.url.clone()),
        ("COPY_TIMEOUT_SECONDS", seconds.to_string()),
        ("PROCORE_TIMEOUT_SECONDS", "1".to_owned()),
    ];
    Function::new(stand, ("copy-item", "CopyItem"), &own, Duration::from_secs(seconds)).await
}

/// Has item after item copied, each with the mishap at another call, until a copy makes no such call. `before` is what each
/// of them meets first. Gives the number of calls.
async fn at_every_call(site: &Site, tool: Tool, sent: Sent, before: &[At], mishap: Mishap) -> usize {
    let mut calls = 0;
    loop {
        let next = calls + 1..=calls + TOGETHER;
        let mishaps = next.map(|nth| [before, &[(nth, mishap)]].concat());
        let met = mishaps.map(|mishaps| async move { site.copy(tool, sent, &mishaps).await });
        let met = join_all(met).await;
        calls += met.iter().take_while(|met| **met).count();
        if met.contains(&false) {
            println!("{tool:?}, {sent:?}: {before:?} {mishap:?} at each of {calls} calls");
            return calls;
        }
    }
}

/// At each call of a copy, for some tools and mishaps.
async fn each_of(sent: Sent, tools: &[Tool], mishaps: &[Mishap]) {
    let ways = tools
        .iter()
        .flat_map(|tool| mishaps.iter().map(move |mishap| (*tool, *mishap)));
    // Each between companies of its own, so that the calls of all do not meet one company's limits.
    let calls = join_all(ways.map(|(tool, mishap)| async move {
        let site = Site::new().await;
        let calls = at_every_call(&site, tool, sent, &[], mishap).await;
        site.check().await;
        calls
    }))
    .await;
    assert!(calls.iter().all(|calls| *calls >= LEAST_CALLS), "{calls:?}");
}

#[tokio::test]
async fn a_worker_that_dies_over_any_call_leaves_one_copy() {
    each_of(Sent::ByItself, &Tool::ALL, &DEATHS).await;
}

#[tokio::test]
async fn a_worker_that_dies_over_an_item_sent_by_hand_leaves_one_copy() {
    each_of(Sent::ByHand, &Tool::ALL, &[Mishap::Dies(Call::Works)]).await;
}

#[tokio::test]
async fn a_worker_whose_call_is_never_answered_leaves_one_copy() {
    each_of(Sent::ByItself, &[Tool::Rfis], &SILENCES).await;
}

#[tokio::test]
async fn a_worker_that_dies_taking_over_from_a_dead_one_leaves_one_copy() {
    let site = Site::new().await;
    let (tool, sent, dies) = (Tool::Notes, Sent::ByItself, Mishap::Dies(Call::Works));
    let first = at_every_call(&site, tool, sent, &[], dies).await;
    // Before the claim, the third call, a death leaves nothing that the next worker could trip over. The last call is the
    // answer: nobody takes over.
    let again = async |nth| at_every_call(&site, tool, sent, &[(nth, dies)], dies).await;
    let second = join_all((CLAIM..first).map(again)).await;
    assert!(second[0] >= LEAST_CALLS - 1, "{second:?}");
    site.check().await;
}
