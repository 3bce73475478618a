//! A company that sends items to another, and how long they take.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use gusset_tests::{Project, Stand, connected::Pair};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

/// A connected pair of which one side sends to the other.
pub(crate) struct Sender {
    pub(crate) pair: Pair,
}

/// Items of one run, by what they are called.
#[derive(Debug, Clone)]
pub(crate) struct Items {
    tag: String,
    /// The items' ids, in the order in which they were created.
    ids: Vec<u64>,
}

impl Items {
    fn new() -> Self {
        Self {
            tag: format!("bench-{}-", Timestamp::now().as_microsecond()),
            ids: Vec::new(),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}

/// One item, by Procore's own clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timed {
    pub(crate) created: Timestamp,
    /// From its creation to its copy's.
    pub(crate) took: Duration,
}

/// How long items took.
pub(crate) fn each_took<'a>(items: impl IntoIterator<Item = &'a Timed>) -> impl Iterator<Item = Duration> {
    items.into_iter().map(|item| item.took)
}

impl Sender {
    /// Two new companies, connected.
    pub(crate) async fn new() -> Self {
        Self {
            pair: Pair::automatic().await,
        }
    }

    pub(crate) fn source(&self) -> &Project {
        self.pair.south.0.project()
    }

    pub(crate) fn target(&self) -> &Project {
        self.pair.harbour.0.project()
    }

    /// Creates items, of all tools in turn, one each `pace`.
    pub(crate) async fn create(&self, count: usize, pace: Duration) -> Items {
        let mut items = Items::new();
        let mut pace = (!pace.is_zero()).then(|| tokio::time::interval(pace));
        for number in 0..count {
            if let Some(pace) = &mut pace {
                pace.tick().await;
            }
            items.ids.push(self.create_one(&items.tag, number).await);
        }
        items
    }

    /// The same for as long as `going_on` says so.
    pub(crate) async fn create_while(&self, going_on: &AtomicBool, pace: Duration) -> Items {
        let mut items = Items::new();
        let mut pace = tokio::time::interval(pace);
        while going_on.load(Ordering::Relaxed) {
            pace.tick().await;
            items.ids.push(self.create_one(&items.tag, items.len()).await);
        }
        items
    }

    async fn create_one(&self, tag: &str, number: usize) -> u64 {
        let (stand, (south, sam)) = (&self.pair.stand, &self.pair.south);
        let name = format!("{tag}{number}.");
        let (kind, field, item) = match number % 3 {
            0 => {
                let question = json!({"body": "<p>Which route around the beam?</p>"});
                let rfi =
                    json!({"subject": name, "draft": false, "rfi_manager_id": south.people[1].1, "question": question});
                ("rfis", "rfi", rfi)
            }
            1 => (
                "manpower_logs",
                "manpower_log",
                json!({"date": "2026-11-20", "num_workers": 4, "num_hours": "7.5", "notes": name}),
            ),
            _ => (
                "notes_logs",
                "notes_log",
                json!({"date": "2026-11-20", "comment": name}),
            ),
        };
        let path = format!("/projects/{}/{kind}", south.project().id);
        let created = stand
            .side_door(Method::POST, &path, json!({"login": sam.login, field: item}))
            .await;
        created["id"].as_u64().unwrap()
    }

    /// When each item was created, and how long its copy took.
    pub(crate) async fn times(&self, items: &Items) -> Vec<Timed> {
        let stand = &self.pair.stand;
        let (made, copied) = (created(stand, self.source()).await, created(stand, self.target()).await);
        let copies = self.copies(items).await;
        assert_eq!(copies.len(), items.ids.len(), "each item was copied");
        let time = |(number, id): (usize, &u64)| Timed {
            created: made[id],
            took: copied[&copies[&number]].duration_since(made[id]).unsigned_abs(),
        };
        items.ids.iter().enumerate().map(time).collect()
    }

    /// The copies' ids, by the items' numbers. An item that was copied twice ends the bench.
    async fn copies(&self, items: &Items) -> HashMap<usize, u64> {
        let path = format!("/projects/{}", self.target().id);
        let project = self.pair.stand.side_door(Method::GET, &path, Value::Null).await;
        let mut copies = HashMap::new();
        for kind in ["rfis", "manpower_logs", "notes_logs"] {
            for entry in project[kind].as_array().unwrap() {
                let text = entry.to_string();
                let Some((_, rest)) = text.split_once(&items.tag) else {
                    continue;
                };
                let number = rest.split('.').next().unwrap().parse().unwrap();
                let before = copies.insert(number, entry["id"].as_u64().unwrap());
                assert!(before.is_none(), "item {number} was copied once");
            }
        }
        copies
    }

    /// How long Procore waited for the answer to each of the webhooks about the items, those included that it gave up.
    pub(crate) async fn webhooks(&self, items: &Items) -> Vec<Duration> {
        let events = self.pair.stand.settled_events(self.source()).await;
        let about = |event: &&Value| event["resource_id"].as_u64().is_some_and(|id| items.ids.contains(&id));
        let mut times = Vec::new();
        for event in events.iter().filter(about) {
            for delivery in event["deliveries"].as_array().unwrap() {
                let (sent, answered) = (time(&delivery["started_at"]), time(&delivery["completed_at"]));
                times.push(answered.duration_since(sent).unsigned_abs());
            }
        }
        times
    }
}

/// When what was created in a project was created, by its id.
async fn created(stand: &Stand, project: &Project) -> HashMap<u64, Timestamp> {
    let events = stand.settled_events(project).await;
    let of_creation = events.iter().filter(|event| event["event_type"] == "create");
    of_creation
        .map(|event| (event["resource_id"].as_u64().unwrap(), time(&event["timestamp"])))
        .collect()
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}
