//! Pictures in the text of a question, and links in it.

use gusset_tests::{Tool, eventually};
use serde_json::{Value, json};

use crate::connected::Pair;

/// Where Procore keeps a picture that somebody uploaded, and a file that is none.
async fn kept(pair: &Pair, name: &str, kind: &str) -> String {
    let note = json!({"date": "2026-11-20", "comment": format!("Keeps {name}")});
    let files = json!([{"name": name, "content_type": kind, "text": "picture"}]);
    let id = pair.stand.create_as(&pair.south.0, Tool::Notes, note, files).await;
    let items = pair.stand.items(pair.south.0.project()).await;
    let note = items
        .iter()
        .find(|item| item.tool == Tool::Notes && item.id == id)
        .unwrap();
    note.all["attachments"][0]["url"].as_str().unwrap().to_owned()
}

async fn copy(pair: &Pair, question: &str) -> Value {
    let mut rfi = Tool::Rfis.item(&pair.south.0, "See the picture");
    rfi["question"]["body"] = json!(question);
    pair.stand.create_as(&pair.south.0, Tool::Rfis, rfi, json!([])).await;
    let project = pair.harbour.0.project();
    let copy = eventually("the copy", || async { pair.stand.copies(project).await.pop() }).await;
    copy["questions"][0].clone()
}

#[tokio::test]
async fn a_question_that_is_only_a_picture_arrives_with_it() {
    let pair = Pair::automatic().await;
    let address = kept(&pair, "wall.png", "image/png").await;
    let question = copy(&pair, &format!("<p><img src=\"{address}\" onerror=\"alert(1)\"></p>")).await;
    assert_eq!(question["attachments"][0]["filename"], "wall.png");
    assert_eq!(pair.stand.file(&question["attachments"][0]).await, b"picture");
    let text = question["plain_text_body"].as_str().unwrap();
    assert!(text.starts_with("[Picture: wall.png]"), "{text}");
}

#[tokio::test]
async fn pictures_elsewhere_are_named_and_nothing_but_pictures_is_fetched() {
    let pair = Pair::automatic().await;
    let secret = kept(&pair, "list.txt", "text/plain").await;
    let api = format!("{}/rest/v1.0/me?a.png", pair.stand.procore);
    let html = format!(
        "<p>See <img src=\"https://pictures.example/logo.gif\"><img alt=\"North wall\" src=\"data:image/png;base64,AAAA\">\
         <img src=\"{secret}\"><img src=\"{api}\"></p>"
    );
    let question = copy(&pair, &html).await;
    assert_eq!(question["attachments"], json!([]), "{question}");
    let text = question["plain_text_body"].as_str().unwrap();
    for said in [
        "logo.gif did not come along: it is not kept in Procore",
        "North wall did not come along: it is not kept in Procore",
        "list.txt did not come along: what its address leads to is no picture",
        "picture 4.png did not come along: it is not kept in Procore",
    ] {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    assert!(!question.to_string().contains("pictures.example"), "{question}");
}

#[tokio::test]
async fn links_lead_to_where_they_led() {
    let pair = Pair::automatic().await;
    let question = copy(&pair, "<p><a href=\"/1/project/rfi/show/2\">The other RFI</a></p>").await;
    let html = question["rich_text_body"].as_str().unwrap();
    let absolute = format!("href=\"{}/1/project/rfi/show/2\"", pair.stand.procore);
    assert!(html.contains(&absolute), "{absolute} is not in {html}");
}
