//! Gusset lends nobody its eyes: what a person may not see in Procore is not sent, shown or tried again for that person.

use gusset_tests::{Person, Stand, api, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::{Pair, accept, code};

/// A pair whose South has a second admin, who administers the project and has no access to its RFIs.
struct Lent {
    pair: Pair,
    olga: Person,
    /// `…/connections/{id}` of South's side, in the API and among the pages.
    api: String,
    page: String,
}

async fn lent() -> Lent {
    let stand = Stand::new();
    let harbour = stand.company("Harbour").await;
    let south = stand
        .make_company(json!({
            "name": "South", "projects": [{"name": "South project"}],
            "people": [
                {"name": "South admin", "level": "admin", "company_admin": true},
                {"name": "South manager", "level": "standard", "rfi_manager": true},
                {"name": "Olga Office", "level": "admin", "levels": {"rfis": "none"}},
            ],
        }))
        .await;
    let sam = stand.sign_in(&south.people[0].0).await;
    let olga = stand.sign_in(&south.people[2].0).await;
    let ask = json!({"code": code(&harbour.1, &harbour.0).await});
    let asked = sam.post(&api(south.project(), "/connections"), ask).await.expect(201);
    let connection = asked["id"].as_str().unwrap().to_owned();
    accept(&harbour, &connection).await;
    let one = format!("/connections/{connection}");
    Lent {
        api: api(south.project(), &one),
        page: format!("/projects/{}{one}", south.project().id),
        pair: Pair {
            stand,
            south: (south, sam),
            harbour,
            connection,
        },
        olga,
    }
}

impl Lent {
    async fn private_rfi(&self) -> u64 {
        let (south, _) = &self.pair.south;
        let rfi = json!({
            "subject": "Claim against Harbour", "draft": false, "private": true, "rfi_manager_id": south.people[1].1,
        });
        self.pair
            .stand
            .create_rfi(south.project(), &south.people[1].0, rfi)
            .await
    }

    async fn note(&self) -> u64 {
        let (south, sam) = &self.pair.south;
        let path = format!("/projects/{}/notes_logs", south.project().id);
        let note = json!({"login": sam.login, "notes_log": {"comment": "Rain", "date": "2026-11-24"}});
        let note = self.pair.stand.side_door(Method::POST, &path, note).await;
        note["id"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn an_admin_without_access_to_rfis_sends_none() {
    let it = lent().await;
    let (stand, (harbour, _)) = (&it.pair.stand, &it.pair.harbour);
    let rfi = it.private_rfi().await;
    let items = format!("{}/items", it.api);
    let one = json!({"tool": "rfis", "item_id": rfi});
    let problem = it.olga.post(&items, one.clone()).await.problem(403, "item-hidden");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("Procore does not show you this RFI"), "{detail}");
    // One that is not there is answered alike: nothing is learnt from the difference.
    let none = json!({"tool": "rfis", "item_id": 999_999_999});
    let of_none = it.olga.post(&items, none).await.problem(403, "item-hidden");
    assert_eq!(of_none, problem);

    let note = it.note().await;
    let several = json!({"items": [one, {"tool": "rfis", "item_id": rfi + 1}, {"tool": "notes", "item_id": note}]});
    let answer = it.olga.post(&items, several).await.expect(200);
    assert_eq!(answer["sent"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(answer["sent"][0]["item"], json!(note));
    let refused = answer["refused"].as_array().unwrap();
    assert_eq!(refused.len(), 2, "{answer}");
    assert!(
        refused
            .iter()
            .all(|one| one["problem"]["type"] == "urn:gusset:problem:item-hidden"),
        "{answer}"
    );
    eventually("the note is there", || async {
        stand.diary_copies(harbour.project(), "notes_logs").await.pop()
    })
    .await;
    assert!(stand.copies(harbour.project()).await.is_empty());
}

#[tokio::test]
async fn nor_does_she_look_at_one_or_have_one_tried_again() {
    let it = lent().await;
    let (stand, (south, sam), (harbour, gina)) = (&it.pair.stand, &it.pair.south, &it.pair.harbour);
    let rfi = it.private_rfi().await;
    let preview = it.olga.get(&format!("{}/send/rfis/{rfi}", it.page)).await;
    assert_eq!(preview.status, 403, "{}", preview.text);
    assert!(!preview.text.contains("Claim against Harbour"), "{}", preview.text);
    let list = it.olga.get(&format!("{}/send", it.page)).await;
    assert!(list.text.contains("They cannot be shown to you."), "{}", list.text);
    assert!(!list.text.contains("Claim against Harbour"), "{}", list.text);

    // Held, as Harbour has no manager for it: whoever sees it has it tried again, and the side to which it was sent.
    let manager = api(harbour.project(), &format!("/connections/{}", it.pair.connection));
    gina.patch(&manager, json!({"rfi_manager_id": null})).await.expect(200);
    let one = json!({"tool": "rfis", "item_id": rfi});
    sam.post(&format!("{}/items", it.api), one).await.expect(202);
    let held = eventually("it is held", || async {
        let list = sam.get(&format!("{}/deliveries", it.api)).await.expect(200);
        let one = list["deliveries"][0].clone();
        (one["status"] == "held").then_some(one)
    })
    .await;
    let retry = format!("/deliveries/{}/retry", held["reference"].as_str().unwrap());
    it.olga
        .post(&format!("{}{retry}", it.api), json!({}))
        .await
        .problem(403, "item-hidden");
    sam.post(&format!("{}{retry}", it.api), json!({})).await.expect(202);
    gina.post(&format!("{manager}{retry}"), json!({})).await.expect(202);

    // Access that is given back counts at once.
    let path = format!("/people/{}/permissions", it.olga.login);
    let back = json!({"project_id": south.project().id, "tool": "rfis", "level": "admin"});
    stand.side_door(Method::PUT, &path, back).await;
    it.olga.post(&format!("{}{retry}", it.api), json!({})).await.expect(202);
}

#[tokio::test]
async fn a_private_rfi_is_hidden_from_who_takes_no_part_in_it() {
    let it = lent().await;
    let (stand, (south, sam)) = (&it.pair.stand, &it.pair.south);
    let path = format!("/people/{}/permissions", it.olga.login);
    let reads = json!({"project_id": south.project().id, "tool": "rfis", "level": "read_only"});
    stand.side_door(Method::PUT, &path, reads).await;
    let items = format!("{}/items", it.api);
    let private = it.private_rfi().await;
    let public = json!({"subject": "Which beam?", "draft": false, "rfi_manager_id": south.people[1].1});
    let public = stand.create_rfi(south.project(), &sam.login, public).await;
    let one = |id: u64| json!({"tool": "rfis", "item_id": id});
    it.olga.post(&items, one(private)).await.problem(403, "item-hidden");
    let both = json!({"items": [one(private), one(public)]});
    let answer = it.olga.post(&items, both).await.expect(200);
    let item = |list: &Value, field: &str| list[0][field].clone();
    assert_eq!(item(&answer["sent"], "item"), json!(public), "{answer}");
    assert_eq!(item(&answer["refused"], "item_id"), json!(private), "{answer}");
}
