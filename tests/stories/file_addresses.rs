//! A file's address gets the token, and where it leads does not; and nothing of Procore's API is copied out as a file.

use gusset_tests::{Company, Person, Project, Stand, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::Pair;

/// An RFI with files that lead somewhere, and its copy once it is there.
async fn copy_of(pair: &Pair, leads: &[(&str, String)]) -> Value {
    let (south, sam) = &pair.south;
    let file = |(name, to): &(&str, String)| json!({"name": name, "text": "x", "conduct": {"redirect": to}});
    let files: Vec<Value> = leads.iter().map(file).collect();
    let rfi = json!({"subject": "See attached", "draft": false, "rfi_manager_id": south.people[1].1,
        "question": {"body": "<p>See attached.</p>"}});
    let body = json!({"login": sam.login, "rfi": rfi, "attachments": files});
    let path = format!("/projects/{}/rfis", south.project().id);
    pair.stand.side_door(Method::POST, &path, body).await;
    eventually("the copy is there", || async {
        pair.stand.copies(pair.harbour.0.project()).await.pop()
    })
    .await
}

/// Checks that a copy has no file, and says why of each.
fn none_came(copy: &Value, why: &str, leads: &[(&str, String)]) {
    assert_eq!(copy["questions"][0]["attachments"], json!([]), "{copy}");
    let text = copy["questions"][0]["plain_text_body"].as_str().unwrap();
    for (name, _) in leads {
        assert!(
            text.contains(&format!("{name} did not come along: {why}")),
            "{name}: {text}"
        );
    }
}

/// What was read of Procore: paths, with their queries.
async fn read(stand: &Stand) -> Vec<(String, String)> {
    let log = stand.side_door(Method::GET, "/calls", Value::Null).await;
    let calls = log["calls"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    calls
        .filter(|call| call["method"] == "GET")
        .map(|call| (text(&call["path"]), text(&call["query"])))
        .collect()
}

async fn hook_id(stand: &Stand, project: &Project) -> String {
    let hook = stand.hooks(project, "gusset").await.remove(0);
    hook["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn nothing_of_the_api_is_copied_out_as_a_file() {
    let pair = Pair::automatic().await;
    let project = pair.south.0.project();
    // One that Gusset never asks for by itself, and whose answer would have the secret in it.
    let webhooks = Stand::webhooks_of(&pair.south.0, project);
    let hook = format!("/hooks/{}", hook_id(&pair.stand, project).await);
    let secret = format!("{webhooks}{hook}?as=file");
    let leads = [
        ("hook.json", secret.clone()),
        ("whole.json", format!("{}{secret}", pair.stand.procore)),
        ("dots.json", format!("/files/..{secret}")),
        ("escaped.json", secret.replacen("/rest", "/%72est", 1)),
        // Gusset asks this itself, without a query.
        ("token.json", "/oauth/token/info?as=file".to_owned()),
    ];
    let copy = copy_of(&pair, &leads).await;
    none_came(&copy, "the address for it is one that Gusset does not use", &leads);
    let read = read(&pair.stand).await;
    let asked = |(path, query): &(String, String)| path.ends_with(&hook) || query == "as=file";
    assert!(!read.iter().any(asked), "{read:?}");
}

/// The file is one that Gusset may read, and whoever has it copied may not.
#[tokio::test]
async fn an_address_that_leads_to_somebody_elses_file_gets_no_token() {
    let pair = Pair::automatic().await;
    let (delta, dana): (Company, Person) = pair.stand.company("Delta").await;
    let rfi = json!({"subject": "Ours alone", "draft": false, "rfi_manager_id": delta.people[1].1,
        "question": {"body": "<p>Ours.</p>"}});
    let files = json!([{"name": "bid.txt", "text": "ours alone"}]);
    let body = json!({"login": dana.login, "rfi": rfi, "attachments": files});
    let path = format!("/projects/{}/rfis", delta.project().id);
    let ours = pair.stand.side_door(Method::POST, &path, body).await;
    let address = ours["questions"][0]["attachments"][0]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let leads = [("bid.txt", address)];
    let copy = copy_of(&pair, &leads).await;
    none_came(&copy, "Gusset is not permitted to read it", &leads);
}
