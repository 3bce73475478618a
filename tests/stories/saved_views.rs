//! Filters of a project's log that a person has given a name.

use gusset_tests::{api, connected::Pair};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_filter_is_saved_under_a_name_for_whoever_saved_it() {
    let pair = Pair::automatic().await;
    let (harbour, gina) = &pair.harbour;
    let project = harbour.project();
    let (views, page) = (api(project, "/views"), format!("/projects/{}/activity", project.id));
    let back = format!("{page}?tool=rfis&done=view");
    let fields = [
        ("name", "Stuck <RFIs>"),
        ("query", "status=held&tool=rfis"),
        ("return_to", &back),
    ];
    let saved = gina.submit(&views, &fields).await;
    assert_eq!(saved.location(), format!("{}{back}", pair.stand.gusset));
    let shown = gina.get(&back).await.text;
    assert!(shown.contains("The view is saved."), "{shown}");
    let chip = format!("href=\"{}{page}?tool=rfis&amp;status=held#log\"", pair.stand.gusset);
    assert!(
        shown.contains(&chip) && shown.contains("Stuck &lt;RFIs&gt;</a>"),
        "{shown}"
    );
    // It is current where that is what is shown, on a connection's log as well.
    let one = format!("/projects/{}/connections/{}", project.id, pair.connection);
    let shown = gina.get(&format!("{one}?tool=rfis&status=held")).await.text;
    assert!(
        shown.contains("#log\" aria-current=\"true\">Stuck &lt;RFIs&gt;"),
        "{shown}"
    );
    // What is saved is not offered to be saved; anything else is.
    assert!(!shown.contains("Save this view…"), "{shown}");
    let shown = gina.get(&format!("{one}?tool=rfis")).await.text;
    assert!(shown.contains("Save this view…"), "{shown}");
    // The other side's admin has none of it.
    let (south, sam) = &pair.south;
    let other = sam
        .get(&format!("/projects/{}/activity", south.project().id))
        .await
        .text;
    assert!(!other.contains("Stuck"), "{other}");

    // The same name is the same view.
    let again = json!({"name": " Stuck <RFIs> ", "query": "tool=rfis&status=failed"});
    let known = gina.post(&views, again).await.expect(200);
    assert_eq!(
        known,
        json!({"views": [{"name": "Stuck <RFIs>", "query": "tool=rfis&status=failed"}]})
    );
    let deleted = gina
        .post(&api(project, "/views/delete"), json!({"name": "Stuck <RFIs>"}))
        .await;
    assert_eq!(deleted.expect(200), json!({"views": []}));
    let shown = gina.get(&page).await.text;
    assert!(!shown.contains("Stuck"), "{shown}");
}

#[tokio::test]
async fn twenty_are_kept_and_what_is_no_filter_is_refused() {
    let pair = Pair::asked().await;
    let (harbour, gina) = &pair.harbour;
    let (views, delete) = (
        api(harbour.project(), "/views"),
        api(harbour.project(), "/views/delete"),
    );
    for (body, field) in [
        (json!({"name": " ", "query": "tool=rfis"}), "name"),
        (json!({"name": "x".repeat(61), "query": "tool=rfis"}), "name"),
        (json!({"name": "Two\nlines", "query": "tool=rfis"}), "name"),
        (json!({"name": "Wrong", "query": "tool=drawings"}), "query"),
        (json!({"name": "Nothing but a name"}), "body"),
    ] {
        let problem = gina.post(&views, body.clone()).await.problem(422, "bad-field");
        assert_eq!(problem["field"], field, "{body}");
    }
    // What no filter knows is left out.
    let saved = json!({"name": "View 0", "query": "tool=rfis&cursor=x&evil=%3Cscript%3E"});
    let known = gina.post(&views, saved).await.expect(200);
    assert_eq!(known["views"][0]["query"], "tool=rfis");
    for number in 1..20 {
        let view = json!({"name": format!("View {number}"), "query": "status=failed"});
        gina.post(&views, view).await.expect(200);
    }
    let one_more = json!({"name": "One more", "query": "status=failed"});
    gina.post(&views, one_more.clone()).await.problem(409, "too-many-views");
    gina.post(&delete, json!({"name": "Nothing like it"})).await.expect(200);
    gina.post(&delete, json!({"name": "View 7"})).await.expect(200);
    gina.post(&views, one_more).await.expect(200);
    let foreign = gina.send(Method::POST, &delete, |request| {
        request
            .header("Origin", "https://evil.example")
            .json(&json!({"name": "View 1"}))
    });
    assert_eq!(foreign.await.status, 403);
}
