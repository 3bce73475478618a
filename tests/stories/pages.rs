//! What pages tell browsers and caches: whose they are, what they may load, and what may be kept.

use gusset_tests::Stand;
use reqwest::{Method, header};
use serde_json::json;

use crate::connected::Pair;

#[tokio::test]
async fn one_persons_page_is_kept_by_nobody_and_loads_only_what_is_ours() {
    let pair = Pair::automatic().await;
    let (harbour, gina) = &pair.harbour;
    let project = format!("/projects/{}", harbour.project().id);
    let connection = format!("{project}/connections/{}", pair.connection);
    for path in [
        "/".to_owned(),
        project.clone(),
        format!("{project}/live"),
        format!("{project}/notifications"),
        format!("{project}/api"),
        connection.clone(),
        format!("{connection}/live"),
        format!("{connection}/terms"),
        format!("{connection}/send"),
        "/nowhere".to_owned(),
    ] {
        let page = gina.get(&path).await;
        assert_eq!(page.headers[header::CACHE_CONTROL], "private, no-store", "{path}");
        let vary = page.headers[header::VARY].to_str().unwrap();
        assert!(vary.contains("Cookie"), "{path}: {vary}");
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("data:"),
            "{path}: {policy}"
        );
        for inline in [" style=", " onclick=", "<style", "<script>", "javascript:"] {
            assert!(!page.text.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test]
async fn a_page_that_procores_limit_keeps_away_loads_itself_again() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let page = format!("/projects/{}", harbour.project().id);
    let busy = json!({
        "method": "GET", "path": "/rest/*", "company_id": harbour.id, "times": 1, "status": 429, "headers": {"Retry-After": "30"},
    });
    stand.side_door(Method::POST, "/faults", busy).await;
    let answer = gina.get_once(&page).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    let again: u64 = answer.headers[header::REFRESH].to_str().unwrap().parse().unwrap();
    assert!((3..=30).contains(&again), "{again}");
    assert!(
        answer
            .text
            .contains(&format!("loads itself again in <span data-countdown>{again}</span> s")),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_file_is_kept_for_good_under_the_name_of_its_content_and_else_not_at_all() {
    let stand = Stand::new();
    let nobody = stand.stranger();
    let page = nobody.get("/").await.text;
    let names: Vec<&str> = page
        .split("/assets/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(names.len(), 3, "{page}");
    for name in names {
        let file = nobody.get(&format!("/assets/{name}")).await;
        assert_eq!(
            file.headers[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        let (_, ending) = name.split_once('.').unwrap();
        let of_another_version = nobody.get(&format!("/assets/gusset-0000000000.{ending}")).await;
        assert_eq!(of_another_version.text, file.text);
        assert_eq!(of_another_version.headers[header::CACHE_CONTROL], "no-store");
    }
    assert_eq!(nobody.get("/assets/other.css").await.status, 404);
}

#[tokio::test]
async fn a_page_that_asks_what_has_changed_is_told_that_nothing_has_or_why_it_may_not_know() {
    let pair = Pair::automatic().await;
    let (harbour, gina) = &pair.harbour;
    let live = format!("/projects/{}/live", harbour.project().id);
    let lists = gina.get(&live).await;
    let tag = lists.headers[header::ETAG].clone();
    let ask = || {
        gina.send(Method::GET, &live, |request| {
            request.header(header::IF_NONE_MATCH, tag.clone())
        })
    };
    let same = ask().await;
    assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""));
    let settle = gusset_tests::api(harbour.project(), &format!("/connections/{}", pair.connection));
    let off = serde_json::json!({"send": {"notes": "off"}});
    gina.patch(&settle, off).await.expect(200);
    assert_eq!(ask().await.status, 200);
    pair.stand.stranger().get(&live).await.problem(401, "not-signed-in");
    let reader = pair.stand.sign_in(&harbour.people[2].0).await;
    reader.get(&live).await.problem(403, "not-admin");
}
