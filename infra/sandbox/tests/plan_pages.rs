//! The pages of drawings, specifications, documents and bids, as a browser would use them.

use crate::support::Sandbox;
use reqwest::{Method, Response};
use serde_json::json;

async fn cookie(sandbox: &Sandbox, login: &str) -> String {
    let request = sandbox.request(Method::POST, "/sign-in").form(&[("login", login)]);
    let response = request.send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn page(sandbox: &Sandbox, cookie: &str, path: &str) -> String {
    let response = sandbox
        .request(Method::GET, path)
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.text().await.unwrap()
}

async fn post(sandbox: &Sandbox, cookie: &str, path: &str, form: &[(&str, &str)]) -> Response {
    sandbox
        .request(Method::POST, path)
        .header("cookie", cookie)
        .form(form)
        .send()
        .await
        .unwrap()
}

/// The address of the first form on a page that ends in `action`, after `anchor`.
fn form_after<'a>(page: &'a str, anchor: &str, action: &str) -> &'a str {
    let rest = &page[page.find(anchor).unwrap()..];
    let end = rest.find(&format!("{action}\"")).unwrap() + action.len();
    let start = rest[..end].rfind('"').unwrap() + 1;
    &rest[start..end]
}

#[tokio::test]
async fn a_new_revision_is_published_from_the_drawings_page() {
    let sandbox = Sandbox::start().await;
    let gina = cookie(&sandbox, "gina.admin@harbour.example").await;
    let drawings = "/projects/20001/drawings";
    let before = page(&sandbox, &gina, drawings).await;
    assert!(before.contains("Publish a new revision") && before.contains("Level 1 floor plan"));
    assert!(
        page(&sandbox, &gina, &format!("{drawings}?number=A-101"))
            .await
            .contains("value=\"A-101\"")
    );
    let form = [
        ("drawing[number]", "A-101"),
        ("drawing[title]", "Level 1 plan & legend"),
        ("drawing[revision]", "7"),
    ];
    assert_eq!(post(&sandbox, &gina, drawings, &form).await.status(), 303);
    let after = page(&sandbox, &gina, drawings).await;
    assert!(after.contains("Level 1 plan &amp; legend") && after.contains("<td>7</td>"));
    let again = post(&sandbox, &gina, drawings, &form).await;
    assert_eq!(again.status(), 422);
    assert!(again.text().await.unwrap().contains("revision has already been taken"));

    let sheet = "Level 1 plan &amp; legend";
    let obsolete = form_after(&after, sheet, "/obsolete");
    assert_eq!(post(&sandbox, &gina, obsolete, &[]).await.status(), 303);
    assert!(page(&sandbox, &gina, drawings).await.contains("Mark valid"));
    let delete = form_after(&after, sheet, "/delete");
    assert_eq!(post(&sandbox, &gina, delete, &[]).await.status(), 303);
    assert!(!page(&sandbox, &gina, drawings).await.contains(sheet));
}

#[tokio::test]
async fn thumbnails_and_pdfs_open_from_the_page() {
    let sandbox = Sandbox::start().await;
    let rita = cookie(&sandbox, "rita.reader@harbour.example").await;
    let text = page(&sandbox, &rita, "/projects/20001/drawings").await;
    for (before, kind) in [
        ("<img src=\"", "image/png"),
        ("<a href=\"/attachments", "application/pdf"),
    ] {
        let start = text.find(before).unwrap() + before.rfind('"').unwrap() + 1;
        let address = text[start..].split('"').next().unwrap();
        let file = sandbox
            .request(Method::GET, address)
            .header("cookie", &rita)
            .send()
            .await
            .unwrap();
        assert_eq!(
            (file.status().as_u16(), &file.headers()["content-type"]),
            (200, &kind.parse().unwrap()),
            "{address}"
        );
    }
}

#[tokio::test]
async fn readers_see_the_pages_and_can_change_nothing() {
    let sandbox = Sandbox::start().await;
    let rita = cookie(&sandbox, "rita.reader@harbour.example").await;
    for (tool, form) in [
        ("drawings", [("drawing[number]", "A-1")]),
        ("specifications", [("specification_section[number]", "03 30 00")]),
        ("documents", [("file[name]", "a.pdf")]),
        ("bidding", [("bid_package[title]", "Steel")]),
    ] {
        let path = format!("/projects/20001/{tool}");
        assert!(
            !page(&sandbox, &rita, &path).await.contains("<form class=\"sheet"),
            "{tool}"
        );
        assert_eq!(post(&sandbox, &rita, &path, &form).await.status(), 403, "{tool}");
    }
    let permission = json!({"project_id": 20001, "tool": "drawings", "level": "none"});
    sandbox
        .side(
            Method::PUT,
            "people/rita.reader@harbour.example/permissions",
            permission,
        )
        .await;
    let hidden = page(&sandbox, &rita, "/projects/20001/drawings").await;
    assert!(hidden.contains("You may not see") && !hidden.contains("A-101"));
}

#[tokio::test]
async fn sections_files_and_due_dates_change_on_their_pages() {
    let sandbox = Sandbox::start().await;
    let gina = cookie(&sandbox, "gina.admin@harbour.example").await;
    let section = [
        ("specification_section[number]", "03 30 00"),
        ("specification_section[revision]", "C"),
    ];
    assert_eq!(
        post(&sandbox, &gina, "/projects/20001/specifications", &section)
            .await
            .status(),
        303
    );
    assert!(
        page(&sandbox, &gina, "/projects/20001/specifications")
            .await
            .contains("<td>C</td>")
    );

    let file = [("file[name]", "Minutes.pdf"), ("file[folder]", "05 Meetings")];
    assert_eq!(
        post(&sandbox, &gina, "/projects/20001/documents", &file).await.status(),
        303
    );
    let documents = page(&sandbox, &gina, "/projects/20001/documents").await;
    assert!(documents.contains("05 Meetings"));
    let delete = form_after(&documents, "Minutes.pdf", "/delete");
    assert_eq!(post(&sandbox, &gina, delete, &[]).await.status(), 303);
    let documents = page(&sandbox, &gina, "/projects/20001/documents").await;
    assert!(documents.find("Recycle Bin").unwrap() < documents.find("Minutes.pdf").unwrap());

    let bidding = page(&sandbox, &gina, "/projects/20001/bidding").await;
    let start = bidding.find("/projects/20001/bidding/").unwrap();
    let action = bidding[start..].split('"').next().unwrap();
    let due = [("bid_package[bid_due_date]", "2027-02-03T15:30")];
    assert_eq!(post(&sandbox, &gina, action, &due).await.status(), 303);
    assert!(
        page(&sandbox, &gina, "/projects/20001/bidding")
            .await
            .contains("value=\"2027-02-03T15:30\"")
    );
}
