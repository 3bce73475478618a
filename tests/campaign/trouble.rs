//! What fails meanwhile: webhooks, Procore, the connection to it, the functions' processes, and room for them.

use std::{collections::BTreeMap, fmt};

use fastrand::Rng;
use gusset_tests::{Stand, Tally, connected::Pair, functions::deployed_functions, kill_function};
use reqwest::Method;
use serde_json::{Value, json};

/// The functions that an item meets on its way.
const FUNCTIONS: [&str; 2] = ["ForwardItem", "CopyItem"];

/// Longer than a request of ours waits for its answer on the stand, in milliseconds.
const HANGS: u64 = 6_000;

/// Makes trouble for some companies, one after the other.
pub(crate) struct Trouble {
    stand: Stand,
    chance: Rng,
    /// Companies and their projects.
    troubled: Vec<(u64, u64)>,
    /// The deployed functions' names, by their names in the template.
    functions: BTreeMap<&'static str, String>,
    /// Whether some function has no room, or little.
    throttles: bool,
    made: Tally,
}

impl Trouble {
    pub(crate) async fn new(stand: &Stand, pairs: &[Pair], chance: Rng) -> Self {
        let deployed = deployed_functions(&stand.http).await;
        let named = |logical_id: &&'static str| {
            let mut names = deployed
                .iter()
                .map(|function| function["FunctionName"].as_str().unwrap());
            let name = names.find(|name| name.split('-').nth(1) == Some(logical_id));
            (*logical_id, name.unwrap().to_owned())
        };
        let companies = pairs.iter().flat_map(|pair| [&pair.south.0, &pair.harbour.0]);
        let trouble = Self {
            stand: stand.clone(),
            chance,
            troubled: companies.map(|company| (company.id, company.project().id)).collect(),
            functions: FUNCTIONS.iter().map(named).collect(),
            throttles: false,
            made: Tally::default(),
        };
        // A campaign that was broken off may have left a function without room.
        trouble.free().await;
        // Procore repeats what was not answered after a second, then two, and so on. Here five times as often.
        trouble.limits(0.2).await;
        trouble
    }

    async fn limits(&self, backoff: f64) {
        let scale = json!({"webhook_backoff_scale": backoff});
        self.stand.side_door(Method::PUT, "/limits", scale).await;
    }

    /// Makes some trouble, whichever chance says.
    pub(crate) async fn make(&mut self) {
        let (company, project) = *self.chance.choice(&self.troubled).unwrap();
        match self.chance.u8(..20) {
            0..7 => self.webhooks(project).await,
            7..16 => self.procore(company).await,
            16..18 => {
                let function = *self.chance.choice(&FUNCTIONS).unwrap();
                let killed = kill_function(function);
                self.made.count("killed", killed);
            }
            _ => self.throttle().await,
        }
    }

    async fn webhooks(&mut self, project: u64) {
        let (name, mut mode) = match self.chance.u8(..5) {
            0 => ("dropped", json!({"mode": "drop"})),
            1 => ("doubled", json!({"mode": "duplicate", "copies": self.chance.u8(2..6)})),
            2 => {
                let (window, within) = (self.chance.u8(2..7), self.chance.u32(500..2_000));
                (
                    "reordered",
                    json!({"mode": "reorder", "window": window, "within_ms": within}),
                )
            }
            3 => (
                "late",
                json!({"mode": "delay", "delay_ms": self.chance.u32(500..4_000)}),
            ),
            _ => ("delivered", json!({"mode": "deliver"})),
        };
        mode["project_id"] = json!(project);
        self.stand.side_door(Method::PUT, "/webhooks", mode).await;
        self.made.count(name, 1);
    }

    async fn procore(&mut self, company: u64) {
        let method = *self.chance.choice(&["GET", "POST", "*"]).unwrap();
        let path = *self
            .chance
            .choice(&["*", "*/rfis*", "*/manpower_logs*", "*/notes_logs*", "*/uploads*"])
            .unwrap();
        let when = *self.chance.choice(&["before", "after"]).unwrap();
        let times = self.chance.u8(1..4);
        let (name, what) = match self.chance.u8(..6) {
            0 => {
                let wait = self.chance.u8(1..4).to_string();
                ("429", json!({"status": 429, "headers": {"Retry-After": wait}}))
            }
            1 => {
                let wait = self.chance.u8(1..4).to_string();
                ("503", json!({"status": 503, "headers": {"Retry-After": wait}}))
            }
            2 => ("500", json!({"status": 500, "when": when})),
            3 => ("hang", json!({"delay_ms": HANGS, "when": when, "times": 1})),
            _ => ("cut", json!({"drop": when})),
        };
        let mut fault =
            json!({"method": method, "path": format!("/rest/{path}"), "company_id": company, "times": times});
        merge(&mut fault, what);
        self.stand.side_door(Method::POST, "/faults", fault).await;
        self.made.count(name, usize::from(times));
    }

    /// Leaves one function no room, or little, until the next time.
    async fn throttle(&mut self) {
        if self.throttles {
            self.throttles = false;
            return self.free().await;
        }
        let function = *self.chance.choice(&FUNCTIONS).unwrap();
        let room = self.chance.u8(..2);
        self.stand.leave_room(&self.functions[function], Some(room)).await;
        self.throttles = true;
        self.made.count("throttled", 1);
    }

    async fn free(&self) {
        for function in self.functions.values() {
            self.stand.leave_room(function, None).await;
        }
    }

    /// Ends all trouble.
    pub(crate) async fn end(&mut self) {
        self.free().await;
        for (company, project) in &self.troubled {
            let path = format!("/faults?company_id={company}");
            self.stand.side_door(Method::DELETE, &path, Value::Null).await;
            let deliver = json!({"mode": "deliver", "project_id": project});
            self.stand.side_door(Method::PUT, "/webhooks", deliver).await;
        }
        self.limits(1.0).await;
    }
}

/// What was made so far.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trouble: {}", self.made)
    }
}

fn merge(into: &mut Value, from: Value) {
    if let Value::Object(fields) = from {
        into.as_object_mut().unwrap().extend(fields);
    }
}
