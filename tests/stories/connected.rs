//! Two projects that are connected already, for stories that begin there.

use gusset_tests::{Company, Person, Stand, api};
use serde_json::json;

/// Two connected companies.
pub(crate) struct Pair {
    /// The stand.
    pub(crate) stand: Stand,
    /// The company that asked, and its admin.
    pub(crate) south: (Company, Person),
    /// The company that was asked, and its admin.
    pub(crate) harbour: (Company, Person),
    /// The connection's id.
    pub(crate) connection: String,
}

/// A project's code.
pub(crate) async fn code(admin: &Person, company: &Company) -> String {
    let project = admin.get(&api(company.project(), "")).await.expect(200);
    project["code"].as_str().unwrap().to_owned()
}

impl Pair {
    /// Two projects, connected, that send each other every tool automatically, RFI managers chosen on both sides.
    pub(crate) async fn automatic() -> Self {
        let pair = Self::asked().await;
        let accept = format!("/connections/{}/accept", pair.connection);
        let (harbour, gina) = &pair.harbour;
        gina.post(&api(harbour.project(), &accept), all_automatic(harbour))
            .await
            .expect(200);
        pair
    }

    /// Two projects of which one has asked the other.
    pub(crate) async fn asked() -> Self {
        let stand = Stand::new();
        let (harbour, gina) = stand.company("Harbour").await;
        let (south, sam) = stand.company("South").await;
        let mut ask = all_automatic(&south);
        ask["code"] = json!(code(&gina, &harbour).await);
        let asked = sam.post(&api(south.project(), "/connections"), ask).await.expect(201);
        let connection = asked["id"].as_str().unwrap().to_owned();
        Self {
            stand,
            south: (south, sam),
            harbour: (harbour, gina),
            connection,
        }
    }
}

/// The body that has a company send everything, with its manager as Connected RFI Manager.
pub(crate) fn all_automatic(company: &Company) -> serde_json::Value {
    json!({
        "send": {"rfis": "automatic", "working_hours": "automatic", "notes": "automatic"},
        "rfi_manager_id": company.people[1].1,
    })
}
