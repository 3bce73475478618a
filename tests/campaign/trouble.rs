//! What fails meanwhile: webhooks, Procore and what it answers, the connection to it, the functions' processes, and room for them.
//! And what people do meanwhile: take a role, change what they send, end a connection and begin it anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use fastrand::Rng;
use gusset_tests::{Stand, Tally, Tool, functions::deployed_functions, kill_function};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    items::{Created, Items},
    site::{Site, all_ways},
};

/// The functions that an item meets on its way.
const FUNCTIONS: [&str; 2] = ["ForwardItem", "CopyItem"];

/// Longer than a request of ours waits for its answer on the stand, in milliseconds.
const HANGS: u64 = 6_000;

/// Of so many answers of Procore's about a troubled company's items one has fields of other kinds than described.
const ODD: u32 = 10;

/// More answers than a campaign has.
const ALWAYS: u32 = 10_000_000;

/// Makes trouble for the first sites, one after the other.
pub(crate) struct Trouble {
    stand: Stand,
    chance: Rng,
    /// How many sites are troubled.
    sites: usize,
    /// The deployed functions' names, by their names in the template.
    functions: BTreeMap<&'static str, String>,
    /// Whether some function has no room, or little.
    throttles: bool,
    /// Managers without their role: the site, and whether it is the side that asked.
    without_role: BTreeSet<(usize, bool)>,
    made: Tally,
}

impl Trouble {
    pub(crate) async fn new(stand: &Stand, sites: &[Site], chance: Rng) -> Self {
        let deployed = deployed_functions(&stand.http).await;
        let named = |logical_id: &&'static str| {
            let mut names = deployed
                .iter()
                .map(|function| function["FunctionName"].as_str().unwrap());
            let name = names.find(|name| name.split('-').nth(1) == Some(logical_id));
            (*logical_id, name.unwrap().to_owned())
        };
        let trouble = Self {
            stand: stand.clone(),
            chance,
            sites: sites.len(),
            functions: FUNCTIONS.iter().map(named).collect(),
            throttles: false,
            without_role: BTreeSet::new(),
            made: Tally::default(),
        };
        // A campaign that was broken off may have left a function without room.
        trouble.free().await;
        // Procore repeats what was not answered after a second, then two, and so on. Here five times as often.
        trouble.limits(0.2).await;
        for site in sites {
            for in_south in [true, false] {
                trouble.answer_oddly(site.side(in_south).0.id).await;
            }
        }
        trouble
    }

    async fn limits(&self, backoff: f64) {
        let scale = json!({"webhook_backoff_scale": backoff});
        self.stand.side_door(Method::PUT, "/limits", scale).await;
    }

    /// Of the answers about a company's items, has some say things in other kinds than Procore describes.
    async fn answer_oddly(&self, company: u64) {
        let odd_rfi = [
            ("due_date", json!("")),
            ("number", json!(7)),
            ("cost_impact", json!({"status": "yes_known", "value": "1200.00"})),
            ("schedule_impact", json!({"status": "yes_known", "value": 1.5})),
            ("location", json!("Roof")),
            ("reference", json!(12)),
        ];
        let odd_hours = [
            ("num_workers", json!("4")),
            ("num_hours", json!(7.5)),
            ("date", json!("2026-11-20T08:00:00Z")),
            ("vendor", json!("Volt")),
        ];
        let odd_note = [("is_issue_day", json!("yes")), ("location", json!("Roof"))];
        let kinds: [(&str, &[(&str, Value)]); 3] = [
            ("rfis", &odd_rfi),
            ("manpower_logs", &odd_hours),
            ("notes_logs", &odd_note),
        ];
        for (path, odd) in kinds {
            // One entry, all entries of a list, and the answer to a create, which lists' path has as well.
            for (rest, each, method) in [("/*", "/", "GET"), ("", "/*/", "GET"), ("", "/", "POST")] {
                let patch = odd
                    .iter()
                    .map(|(field, value)| (format!("{each}{field}"), value.clone()));
                let patch: serde_json::Map<String, Value> = patch.collect();
                self.fault(json!({
                    "method": method, "path": format!("/rest/v1.0/projects/*/{path}{rest}"), "company_id": company,
                    "times": ALWAYS, "every": ODD, "patch": patch,
                }))
                .await;
            }
        }
    }

    async fn fault(&self, fault: Value) {
        self.stand.side_door(Method::POST, "/faults", fault).await;
    }

    /// Makes some trouble, whichever chance says.
    pub(crate) async fn make(&mut self, sites: &mut [Site], items: &mut Items) {
        let (number, in_south) = (self.chance.usize(..self.sites), self.chance.bool());
        let (company, project) = {
            let (company, _) = sites[number].side(in_south);
            (company.id, company.project().id)
        };
        match self.chance.u8(..30) {
            0..8 => self.webhooks(project).await,
            8..17 => self.procore(company).await,
            17..19 => {
                let function = *self.chance.choice(&FUNCTIONS).unwrap();
                let killed = kill_function(function);
                self.made.count("killed", killed);
            }
            19..21 => self.throttle().await,
            21..24 => self.lie(company).await,
            24..26 => {
                if let Some(item) = items.doomed(number) {
                    self.delete_meanwhile(&sites[number], item).await;
                }
            }
            26..28 => self.change_role(&sites[number], (number, in_south)).await,
            28 => {
                let ways: Vec<_> = all_ways().collect();
                sites[number].change_mode(*self.chance.choice(&ways).unwrap()).await;
                self.made.count("modes changed", 1);
            }
            _ => {
                // Who accepts names a manager, who has to be one.
                for side in [true, false] {
                    self.give_role(&sites[number], (number, side)).await;
                }
                sites[number].begin_anew(in_south).await;
                self.made.count("begun anew", 1);
            }
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
        self.fault(fault).await;
        self.made.count(name, usize::from(times));
    }

    /// Has a list be short or empty, with status 200. Its `Total` still tells that it is, its `Link` not always.
    async fn lie(&mut self, company: u64) {
        let path = *self.chance.choice(&Tool::ALL).unwrap();
        let entries = self.chance.usize(..3);
        let times = self.chance.u8(1..3);
        let mut lie = json!({
            "method": "GET", "path": format!("/rest/v1.0/projects/*/{}", path.path()), "company_id": company,
            "times": times, "entries": entries,
        });
        if self.chance.bool() {
            lie["headers"] = json!({"Link": ""});
        }
        self.fault(lie).await;
        self.made.count("lists that lie", usize::from(times));
    }

    /// Has an item go as soon as the next list of its tool is read.
    async fn delete_meanwhile(&mut self, site: &Site, item: &Created) {
        let (in_south, tool) = item.way;
        let (company, person) = site.side(in_south);
        let list = format!("/projects/{}/{}", company.project().id, tool.path());
        let deleted = json!({
            "method": "DELETE", "path": format!("/sandbox{list}/{}", item.id), "body": {"login": person.login},
        });
        let list = format!("/rest/v1.0{list}");
        self.fault(json!({"method": "GET", "path": list, "company_id": company.id, "meanwhile": deleted}))
            .await;
        self.made.count("deleted meanwhile", 1);
    }

    async fn change_role(&mut self, site: &Site, whose: (usize, bool)) {
        if self.without_role.insert(whose) {
            site.let_manage(whose.1, false).await;
            self.made.count("roles taken", 1);
        } else {
            self.give_role(site, whose).await;
        }
    }

    async fn give_role(&mut self, site: &Site, whose: (usize, bool)) {
        if self.without_role.remove(&whose) {
            site.let_manage(whose.1, true).await;
        }
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

    /// Ends all trouble. Managers have their role, and are chosen once more.
    pub(crate) async fn end(&mut self, sites: &[Site]) {
        self.free().await;
        for (number, site) in sites.iter().enumerate().take(self.sites) {
            for in_south in [true, false] {
                let (company, _) = site.side(in_south);
                let path = format!("/faults?company_id={}", company.id);
                self.stand.side_door(Method::DELETE, &path, Value::Null).await;
                let deliver = json!({"mode": "deliver", "project_id": company.project().id});
                self.stand.side_door(Method::PUT, "/webhooks", deliver).await;
                self.give_role(site, (number, in_south)).await;
            }
            site.choose_managers().await;
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
