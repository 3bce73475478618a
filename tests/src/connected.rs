//! Two projects that are connected already, for stories that begin there.

use serde_json::{Value, json};

use crate::{Company, Person, Project, Stand, api};

/// Two connected companies.
pub struct Pair {
    /// The stand.
    pub stand: Stand,
    /// The company that asked, and its admin.
    pub south: Party,
    /// The company that was asked, and its admin.
    pub harbour: Party,
    /// The connection's id.
    pub connection: String,
}

/// Opens a project, as its admin does from the list of projects, and gives its code.
pub async fn code(admin: &Person, company: &Company) -> String {
    let project = admin.post(&api(company.project(), ""), json!({})).await.expect(200);
    project["code"].as_str().unwrap().to_owned()
}

/// Has it be an hour since a project asked another in vain, as far as limits go.
pub async fn an_hour_after_asking(stand: &Stand, (from, by): (&Project, u64), to: &Project) {
    let (from, to) = (from.id, to.id);
    for pk in [
        format!("INVITES#PAIR#{from}#{to}"),
        format!("INVITES#USER#{by}"),
        format!("INVITES#PROJECT#{to}"),
    ] {
        let key = json!({"pk": {"S": pk}, "sk": {"S": "INVITES"}});
        stand.table("DeleteItem", json!({"Key": key})).await;
    }
}

/// A company with one project, and its admin.
pub type Party = (Company, Person);

/// Has one company ask another for a connection over which it sends everything, and gives the connection's id.
pub async fn ask((company, admin): &Party, (other, others): &Party) -> String {
    let mut ask = all_automatic(company);
    ask["code"] = json!(code(others, other).await);
    let asked = admin.post(&api(company.project(), "/connections"), ask).await;
    asked.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Has a company accept, and send everything as well.
pub async fn accept((company, admin): &Party, connection: &str) {
    let accept = api(company.project(), &format!("/connections/{connection}/accept"));
    admin.post(&accept, all_automatic(company)).await.expect(200);
}

impl Pair {
    /// The key of the table under which all deliveries between the two are, whatever connections they had.
    #[must_use]
    pub fn deliveries(&self) -> String {
        let [one, other] = [&self.south, &self.harbour].map(|(company, _)| company.project().id);
        format!("DELIVERIES#{}#{}", one.min(other), one.max(other))
    }

    /// Two projects, connected, that send each other every tool automatically, RFI managers chosen on both sides.
    pub async fn automatic() -> Self {
        let pair = Self::asked().await;
        accept(&pair.harbour, &pair.connection).await;
        pair
    }

    /// As [`Self::automatic`], of two companies that are there already. The first one asks.
    pub async fn connect(stand: Stand, south: Party, harbour: Party) -> Self {
        let pair = Self::ask_between(stand, south, harbour).await;
        accept(&pair.harbour, &pair.connection).await;
        pair
    }

    /// Two projects of which one has asked the other.
    pub async fn asked() -> Self {
        let stand = Stand::new();
        let harbour = stand.company("Harbour").await;
        let south = stand.company("South").await;
        Self::ask_between(stand, south, harbour).await
    }

    async fn ask_between(stand: Stand, south: Party, harbour: Party) -> Self {
        let connection = ask(&south, &harbour).await;
        Self {
            stand,
            south,
            harbour,
            connection,
        }
    }
}

/// The body that has a company send everything, with its manager as Connected RFI Manager.
pub fn all_automatic(company: &Company) -> Value {
    json!({
        "send": {"rfis": "automatic", "working_hours": "automatic", "notes": "automatic"},
        "rfi_manager_id": company.people[1].1,
    })
}
