//! A `GET` changes nothing, wherever it comes from: a project gets its code, and its admin the emails, by opening it.

use gusset_tests::{Person, Stand, api};
use reqwest::{Method, header};
use serde_json::{Value, json};

/// What Gusset knows of a project that somebody may have opened.
async fn known(admin: &Person, project: &gusset_tests::Project) -> (Value, Value) {
    let details = admin.get(&api(project, "")).await.expect(200);
    let mails = admin.get(&api(project, "/notifications")).await.expect(200);
    (details["code"].clone(), mails["recipients"].clone())
}

#[tokio::test]
async fn looking_at_a_project_makes_no_code_and_subscribes_nobody() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let project = harbour.project();
    let page = format!("/projects/{}", project.id);
    for path in [
        page.clone(),
        format!("{page}/send"),
        format!("{page}/notifications"),
        format!("{page}/api"),
        format!("{page}/live"),
        api(project, ""),
        api(project, "/connections"),
        api(project, "/service-accounts"),
        "/".to_owned(),
    ] {
        for site in ["cross-site", "same-origin", "none"] {
            let answer = gina
                .send(Method::GET, &path, |request| {
                    request
                        .header("sec-fetch-site", site)
                        .header(header::REFERER, "https://evil.example/")
                })
                .await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        }
    }
    assert_eq!(known(&gina, project).await, (Value::Null, json!([])));
    let shown = gina.get(&page).await.text;
    assert!(shown.contains("Get a code") && !shown.contains("Copy Code"), "{shown}");
    let mails = gina.get(&format!("{page}/notifications")).await.text;
    assert!(mails.contains("Get these emails"), "{mails}");
}

#[tokio::test]
async fn another_site_cannot_have_it_opened() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let open = api(harbour.project(), "");
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let evil = gina
            .send(Method::POST, &open, |request| {
                request.header(name, value).form(&[("return_to", "/")])
            })
            .await;
        evil.problem(403, "foreign-origin");
    }
    assert_eq!(known(&gina, harbour.project()).await, (Value::Null, json!([])));
}

#[tokio::test]
async fn a_project_is_opened_from_the_list_and_again_without_a_difference() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let project = harbour.project();
    let (open, page) = (api(project, ""), format!("/projects/{}", project.id));
    let form = format!("action=\"{}{open}\"", stand.gusset);
    let list = gina.get("/").await.text;
    assert!(list.contains(&form), "{list}");
    let opened = gina.submit(&open, &[("return_to", page.as_str())]).await;
    assert_eq!(opened.location(), format!("{}{page}", stand.gusset));
    let (code, mails) = known(&gina, project).await;
    assert!(code.is_string(), "{code}");
    assert_eq!(mails[0]["email"], json!(gina.login));
    // From now on the list leads to the page.
    let list = gina.get("/").await.text;
    assert!(
        !list.contains(&form) && list.contains(&format!("href=\"{}{page}\"", stand.gusset)),
        "{list}"
    );
    let again = gina.post(&open, json!({})).await.expect(200);
    assert_eq!(again["code"], code);
    assert_eq!(known(&gina, project).await, (code, mails));
    gina.post(&open, json!({"code": "1"})).await.problem(422, "bad-field");
}
