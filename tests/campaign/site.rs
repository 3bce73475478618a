//! Two projects of a campaign, whose connections end and begin anew, and whose sides change what they send by themselves.

use std::collections::BTreeMap;

use gusset_tests::{
    Answer, Company, Person, Stand, Tool, api,
    connected::{Pair, all_automatic, an_hour_after_asking, code},
    eventually,
};
use reqwest::Method;
use serde_json::{Value, json};

/// Two projects, and what became of their connection.
pub(crate) struct Site {
    /// The two, with the connection that they have now.
    pub(crate) pair: Pair,
    /// The code of the project that is asked.
    code: String,
    /// Places that items can be at, of the project that was asked and of the one that asked.
    pub(crate) locations: [Vec<u64>; 2],
    /// What a side sends by itself otherwise than automatically.
    manual: BTreeMap<Way, bool>,
    /// How often something happened after which what had been created before need not arrive.
    turns: BTreeMap<Way, u32>,
    /// Deliveries that a list has shown, by reference.
    pub(crate) shown: BTreeMap<String, Value>,
}

/// What is sent by whom: whether by the project of the company that asked for the connection, and the tool.
pub(crate) type Way = (bool, Tool);

impl Site {
    /// Two connected projects with so many locations each, of the same names.
    pub(crate) async fn new(locations: usize) -> Self {
        let stand = Stand::new();
        let places: Vec<String> = (0..locations).map(|number| format!("Place {number:04}")).collect();
        let harbour = stand.company_with("Harbour", &places).await;
        let south = stand.company_with("South", &places).await;
        let ids = async |company: &Company| {
            let list = format!("/rest/v1.0/projects/{}/locations?per_page=10000", company.project().id);
            let list = if locations == 0 {
                json!([])
            } else {
                stand.as_gusset(&list).await
            };
            let list = list.as_array().unwrap().iter();
            list.map(|location| location["id"].as_u64().unwrap())
                .collect::<Vec<u64>>()
        };
        let locations = [ids(&harbour.0).await, ids(&south.0).await];
        Self {
            code: code(&harbour.1, &harbour.0).await,
            pair: Pair::connect(stand, south, harbour).await,
            locations,
            manual: BTreeMap::new(),
            turns: BTreeMap::new(),
            shown: BTreeMap::new(),
        }
    }

    /// The company on one side, and its admin.
    pub(crate) fn side(&self, in_south: bool) -> (&Company, &Person) {
        let (company, admin) = if in_south { &self.pair.south } else { &self.pair.harbour };
        (company, admin)
    }

    /// Whether what is created now is sent without anybody's doing.
    pub(crate) fn is_automatic(&self, way: Way) -> bool {
        !self.manual.get(&way).copied().unwrap_or_default()
    }

    /// Changes whenever something happens after which what had been created before need not arrive.
    pub(crate) fn turn(&self, way: Way) -> u32 {
        self.turns.get(&way).copied().unwrap_or_default()
    }

    /// Has one side send a tool's items by hand from now on, or by themselves again.
    pub(crate) async fn change_mode(&mut self, way: Way) {
        let (in_south, tool) = way;
        let automatic = !self.is_automatic(way);
        let mode = if automatic { "automatic" } else { "manual" };
        let (company, admin) = self.side(in_south);
        let path = api(company.project(), &format!("/connections/{}", self.pair.connection));
        let change = json!({"send": {tool.name(): mode}});
        persists("the mode is changed", &[200], || admin.patch(&path, change.clone())).await;
        self.manual.insert(way, !automatic);
        *self.turns.entry(way).or_default() += 1;
    }

    /// Ends the connection, by either side, and has the same side ask anew. Both send everything by themselves afterwards.
    pub(crate) async fn begin_anew(&mut self, by_south: bool) {
        let (company, admin) = self.side(by_south);
        let end = api(
            company.project(),
            &format!("/connections/{}/disconnect", self.pair.connection),
        );
        persists("it is disconnected", &[200, 409], || admin.post(&end, json!({}))).await;
        let ((south, sam), (harbour, gina)) = (&self.pair.south, &self.pair.harbour);
        let mut ask = all_automatic(south);
        ask["code"] = json!(self.code);
        an_hour_after_asking(
            &self.pair.stand,
            (south.project(), south.people[0].1),
            harbour.project(),
        )
        .await;
        let connections = api(south.project(), "/connections");
        // Asked twice where the first answer was lost: the second one says that it was asked already.
        persists("it is asked", &[201, 409], || sam.post(&connections, ask.clone())).await;
        let list = persists("the connections are listed", &[200], || sam.get(&connections)).await;
        let listed = list.json["connections"].as_array().unwrap();
        let asked = listed.iter().find(|one| one["status"] == "awaiting_response");
        let asked = asked.unwrap_or_else(|| panic!("{}", list.json));
        self.pair.connection = asked["id"].as_str().unwrap().to_owned();
        let accept = api(
            harbour.project(),
            &format!("/connections/{}/accept", self.pair.connection),
        );
        persists("it is accepted", &[200, 409], || {
            gina.post(&accept, all_automatic(harbour))
        })
        .await;
        self.manual.clear();
        for way in all_ways() {
            *self.turns.entry(way).or_default() += 1;
        }
    }

    /// Chooses the manager of both sides once more, as somebody does who is told that RFIs wait for one.
    pub(crate) async fn choose_managers(&self) {
        for (company, admin) in [&self.pair.south, &self.pair.harbour] {
            let path = api(company.project(), &format!("/connections/{}", self.pair.connection));
            let chosen = json!({"rfi_manager_id": company.people[1].1});
            persists("the manager is chosen", &[200], || admin.patch(&path, chosen.clone())).await;
        }
    }

    /// Gives a side's manager the role, or takes it.
    pub(crate) async fn let_manage(&self, in_south: bool, may: bool) {
        let (company, _) = self.side(in_south);
        let path = format!("/people/{}/permissions", company.people[1].0);
        let role = json!({"project_id": company.project().id, "rfi_manager": may});
        self.pair.stand.side_door(Method::PUT, &path, role).await;
    }

    /// All deliveries between the two, over whichever of their connections.
    pub(crate) async fn deliveries(&self) -> Vec<Value> {
        let (south, sam) = &self.pair.south;
        let list = format!("/connections/{}/deliveries?limit=100", self.pair.connection);
        let list = api(south.project(), &list);
        let (mut all, mut next) = (Vec::new(), list.clone());
        loop {
            let page = persists("the deliveries are listed", &[200], || sam.get(&next))
                .await
                .json;
            all.extend(page["deliveries"].as_array().unwrap().iter().cloned());
            let Some(cursor) = page["next_cursor"].as_str() else {
                return all;
            };
            next = format!("{list}&cursor={cursor}");
        }
    }

    /// Remembers what the lists show: none of it may ever be missing again.
    pub(crate) async fn remember(&mut self) {
        for delivery in self.deliveries().await {
            self.shown.insert(reference(&delivery), delivery);
        }
    }

    pub(crate) fn stand(&self) -> &Stand {
        &self.pair.stand
    }
}

/// Every tool of both sides.
pub(crate) fn all_ways() -> impl Iterator<Item = Way> {
    [true, false]
        .into_iter()
        .flat_map(|in_south| Tool::ALL.map(|tool| (in_south, tool)))
}

/// The reference of a delivery.
pub(crate) fn reference(delivery: &Value) -> String {
    delivery["reference"].as_str().unwrap().to_owned()
}

/// Does something as a person does who is told to try again later, until it is answered by one of these statuses. Anything but a
/// problem of Procore's, of ours or a limit fails the test.
async fn persists<F: Future<Output = Answer>>(what: &str, statuses: &[u16], act: impl Fn() -> F) -> Answer {
    eventually(what, || async {
        let answer = act().await;
        let status = answer.status.as_u16();
        if statuses.contains(&status) {
            return Some(answer);
        }
        assert!(status == 429 || status >= 500, "{what}: {status} {}", answer.text);
        None
    })
    .await
}
