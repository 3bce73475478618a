//! What fails meanwhile: Procore, the connection to it, its storage and webhooks, the workers' processes, room for them,
//! and the tokens' time.

use std::{collections::BTreeSet, fmt};

use fastrand::Rng;
use gusset_tests::{Stand, Tally, kill_function, setting};
use reqwest::Method;
use serde_json::{Value, json};

use crate::books::Books;

/// Longer than a request of ours waits for its answer on the stand, in milliseconds.
const HANGS: u64 = 6_000;

/// After so many seconds a message is handed to another worker, be the first one dead or just slow: two are at one file
/// then. A stand has it at [`USUAL_VISIBILITY`].
const VISIBILITY: &str = "10";

/// What `cargo xtask up` deploys: longer than a worker may take.
const USUAL_VISIBILITY: &str = "70";

/// Tokens are used for a minute less than they are good for: here for so many seconds, less that minute.
const TOKEN_LIFETIME: u64 = 68;

/// What Procore has by default.
const USUAL_TOKEN_LIFETIME: u64 = 5_400;

/// How late a list is answered that changes while it is read, in milliseconds. It was read before, so that what is deleted
/// meanwhile is in the earlier lists of a look and not in the later ones.
const LATE: u64 = 700;

/// Makes trouble, one after the other.
pub(crate) struct Trouble {
    stand: Stand,
    chance: Rng,
    throttles: bool,
    misbehaving: BTreeSet<u64>,
    made: Tally,
}

impl Trouble {
    pub(crate) async fn new(stand: &Stand, chance: Rng) -> Self {
        let trouble = Self {
            stand: stand.clone(),
            chance,
            throttles: false,
            misbehaving: BTreeSet::new(),
            made: Tally::default(),
        };
        // A campaign that was broken off may have left the function without room.
        trouble.room(None).await;
        trouble.visibility(VISIBILITY).await;
        // Procore repeats what was not answered after a second, then two, and so on. Here five times as often.
        trouble
            .limits(json!({"token_lifetime_s": TOKEN_LIFETIME, "webhook_backoff_scale": 0.2}))
            .await;
        trouble
    }

    async fn limits(&self, limits: Value) {
        self.stand.side_door(Method::PUT, "/limits", limits).await;
    }

    async fn visibility(&self, seconds: &str) {
        let attributes = json!({"Attributes": {"VisibilityTimeout": seconds}});
        self.stand
            .queue("GUSSET_PLAN_FILES_QUEUE_URL", "SetQueueAttributes", attributes)
            .await;
    }

    async fn room(&self, room: Option<u8>) {
        self.stand
            .leave_room(&setting("GUSSET_SYNC_PLANS_FUNCTION"), room)
            .await;
    }

    /// Makes some trouble, whichever chance says.
    pub(crate) async fn make(&mut self, books: &Books) {
        match self.chance.u8(..20) {
            0..9 => self.procore(books).await,
            9..12 => self.webhooks(books).await,
            12..16 => self.file(books).await,
            16 => self.oauth().await,
            17 | 18 => {
                let killed = kill_function("SyncPlans");
                self.made.count("killed", killed);
            }
            _ => {
                self.throttles = !self.throttles;
                if self.throttles {
                    let room = self.chance.u8(..2);
                    self.room(Some(room)).await;
                    self.made.count("throttled", 1);
                } else {
                    self.room(None).await;
                }
            }
        }
    }

    async fn procore(&mut self, books: &Books) {
        let places = [
            "/rest/*",
            "/rest/*/drawing_revisions*",
            "/rest/*/folders*",
            "/rest/*/specification_section*",
            "/rest/*/companies*",
            "/files/*",
            "/files/*",
            "/storage/*",
            "/storage/*",
            "/oauth/token/info",
        ];
        let path = *self.chance.choice(&places).unwrap();
        let when = *self.chance.choice(&["before", "after"]).unwrap();
        let times = self.chance.u8(1..5);
        let wait = self.chance.u8(1..4).to_string();
        if self.chance.u8(..4) == 0 {
            return self.lies(books).await;
        }
        let (name, what) = match self.chance.u8(..7) {
            0 => ("429", json!({"status": 429, "headers": {"Retry-After": wait}})),
            1 => ("503", json!({"status": 503, "headers": {"Retry-After": wait}})),
            2 => ("500", json!({"status": 500, "when": when})),
            3 => ("hang", json!({"delay_ms": HANGS, "when": when, "times": 1})),
            4 => ("slow", json!({"delay_ms": 1_500, "when": when})),
            _ => ("cut", json!({"drop": when})),
        };
        let mut fault = json!({"method": "GET", "path": path, "times": times});
        // Storage does not know whose a file is.
        if path.starts_with("/rest/") || path.starts_with("/files/") {
            fault["company_id"] = json!(self.chance.choice(&books.companies).unwrap().id);
        }
        self.fault(name, fault, what).await;
    }

    /// Procore answers with status 200 what is not so: lists that are empty, short of what they say they hold, or odd.
    async fn lies(&mut self, books: &Books) {
        let lists = [
            "/rest/*/drawing_areas",
            "/rest/*/drawing_areas/*/drawings",
            "/rest/*/drawing_revisions",
            "/rest/*/drawing_sets",
            "/rest/*/specification_section*",
            "/rest/*/bid_packages",
        ];
        let (name, path, what) = match self.chance.u8(..5) {
            0 | 1 => ("empty list", *self.chance.choice(&lists).unwrap(), json!({"body": []})),
            2 => (
                "short list",
                *self.chance.choice(&lists).unwrap(),
                json!({"body": [], "headers": {"Total": "7"}}),
            ),
            3 => (
                "odd list",
                *self.chance.choice(&lists).unwrap(),
                json!({"body": [7, null, {"id": "?"}, {"name": 1}]}),
            ),
            _ => (
                "empty folder",
                "/rest/*/folders*",
                json!({"body": {"id": 1, "folders": [], "files": []}}),
            ),
        };
        let company = self.chance.choice(&books.companies).unwrap().id;
        let fault =
            json!({"method": "GET", "path": path, "times": self.chance.u8(1..3), "company_id": company, "status": 200});
        self.fault(name, fault, what).await;
    }

    /// The next lists of all companies are answered late: what is deleted now is deleted while they are read.
    pub(crate) async fn late_lists(&mut self, books: &Books) {
        for company in &books.companies {
            let fault = json!({"method": "GET", "path": "/rest/*", "times": 4, "company_id": company.id});
            self.fault("late lists", fault, json!({"delay_ms": LATE, "when": "after"}))
                .await;
        }
    }

    /// A refresh fails. Not after its effect: the tokens would be lost, by Procore's design, and the person would have to
    /// connect again.
    async fn oauth(&mut self) {
        let (name, what) = match self.chance.u8(..3) {
            0 => ("refresh 503", json!({"status": 503, "headers": {"Retry-After": "1"}})),
            1 => ("refresh 500", json!({"status": 500})),
            _ => ("refresh cut", json!({"drop": "before"})),
        };
        let refresh = json!({"method": "POST", "path": "/oauth/token", "grant_type": "refresh_token"});
        self.fault(name, refresh, what).await;
    }

    async fn fault(&mut self, name: &'static str, mut fault: Value, what: Value) {
        fault.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        self.stand.side_door(Method::POST, "/faults", fault).await;
        self.made.count(name, 1);
    }

    async fn webhooks(&mut self, books: &Books) {
        let projects: Vec<_> = books.projects().collect();
        let (_, project) = *self.chance.choice(&projects).unwrap();
        let (name, mut mode) = match self.chance.u8(..5) {
            0 => ("dropped", json!({"mode": "drop"})),
            1 => ("doubled", json!({"mode": "duplicate", "copies": self.chance.u8(2..6)})),
            2 => ("reordered", json!({"mode": "reorder", "window": 3, "within_ms": 1_500})),
            3 => (
                "late",
                json!({"mode": "delay", "delay_ms": self.chance.u32(500..4_000)}),
            ),
            _ => ("delivered", json!({"mode": "deliver"})),
        };
        mode["project_id"] = json!(project.id);
        self.stand.side_door(Method::PUT, "/webhooks", mode).await;
        self.made.count(name, 1);
    }

    /// A file misbehaves until the end: the person's last refresh is what brings it here.
    async fn file(&mut self, books: &Books) {
        let projects: Vec<_> = books.projects().collect();
        let (_, project) = *self.chance.choice(&projects).unwrap();
        let published = self.stand.published(project).await;
        let revision = self
            .chance
            .choice(published["drawing_revisions"].as_array().unwrap())
            .unwrap();
        let (address, size) = (
            revision["pdf_url"].as_str().unwrap(),
            revision["pdf_size"].as_u64().unwrap(),
        );
        let file: u64 = address
            .split("/files/")
            .nth(1)
            .unwrap()
            .split('/')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let (name, conduct) = match self.chance.u8(..5) {
            0 => ("stalls", json!({"stalls_after": self.chance.u64(..size)})),
            1 => (
                "falls short",
                json!({"claimed_length": size + self.chance.u64(1..100_000)}),
            ),
            2 => ("leads in a circle", json!({"redirect": "?again"})),
            3 => (
                "leads inside",
                json!({"redirect": "http://169.254.169.254/latest/meta-data"}),
            ),
            _ => ("behaves", json!({})),
        };
        self.conduct(file, conduct).await;
        self.misbehaving.insert(file);
        self.made.count(name, 1);
    }

    async fn conduct(&self, file: u64, conduct: Value) {
        let path = format!("/sandbox/files/{file}");
        let request = self
            .stand
            .http
            .put(format!("{}{path}", self.stand.procore))
            .json(&conduct);
        let answer = request.send().await.unwrap();
        // It may have been deleted meanwhile.
        assert!(
            answer.status().is_success() || answer.status() == 404,
            "{}",
            answer.status()
        );
    }

    /// Ends all trouble.
    pub(crate) async fn end(&mut self, books: &Books) {
        self.room(None).await;
        self.visibility(USUAL_VISIBILITY).await;
        self.stand.side_door(Method::DELETE, "/faults", Value::Null).await;
        for file in std::mem::take(&mut self.misbehaving) {
            self.conduct(file, json!({})).await;
        }
        for (_, project) in books.projects() {
            let deliver = json!({"mode": "deliver", "project_id": project.id});
            self.stand.side_door(Method::PUT, "/webhooks", deliver).await;
        }
        self.limits(json!({"token_lifetime_s": USUAL_TOKEN_LIFETIME, "webhook_backoff_scale": 1.0}))
            .await;
    }
}

/// What was made so far.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trouble: {}", self.made)
    }
}
