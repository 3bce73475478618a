//! A project's webhook secret is replaced: by an admin, by the operator for all projects, and wherever somebody dies in between.

use futures_util::future::join_all;
use gusset_tests::{Project, Stand, api, eventually};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, header};
use serde_json::json;
use tokio::sync::RwLock;

use crate::{
    connected::Pair,
    webhooks::{deliver, hook_of},
};

/// Held to write by whoever replaces the secrets of all projects, those of the other stories here among them.
static ALL_PROJECTS: RwLock<()> = RwLock::const_new(());

/// An event of a project that sets something going.
fn event(project: &Project) -> String {
    json!({
        "id": 1, "ulid": "01J8", "timestamp": "2026-11-22T08:00:00Z", "user_id": 7, "company_id": 1, "project_id": project.id,
        "api_version": "v2.0", "event_type": "create", "resource_name": "RFIs", "resource_id": 999_999_999, "metadata": {},
    })
    .to_string()
}

async fn secret(stand: &Stand, project: &Project) -> String {
    hook_of(stand, project).await.1
}

async fn is_taken(stand: &Stand, project: &Project, secret: &str) {
    let answer = deliver(stand, project.id, Some(secret), event(project)).await;
    assert_eq!(answer.expect(200), json!({"queued": 1}));
}

async fn is_refused(stand: &Stand, project: &Project, secret: &str) {
    let answer = deliver(stand, project.id, Some(secret), event(project)).await;
    answer.problem(401, "wrong-webhook-secret");
}

/// Makes it so long ago that a project's secret was replaced.
async fn age(stand: &Stand, project: &Project, ago: SignedDuration) {
    let past = json!({
        "Key": {"pk": {"S": format!("PROJECT#{}", project.id)}, "sk": {"S": "CONNECTION~SECRET"}},
        "UpdateExpression": "SET replaced_at = :past", "ConditionExpression": "attribute_exists(pk)",
        "ExpressionAttributeValues": {":past": {"S": (Timestamp::now() - ago).to_string()}},
    });
    stand.table("UpdateItem", past).await;
}

#[tokio::test]
async fn the_former_secret_works_for_an_hour_and_the_new_one_from_then_on() {
    let _one_at_a_time = ALL_PROJECTS.read().await;
    let pair = Pair::automatic().await;
    let (stand, (south, sam)) = (&pair.stand, &pair.south);
    let project = south.project();
    let (path, first) = (api(project, "/webhook-secret"), secret(stand, project).await);
    let replaced = sam.post(&path, json!({})).await.expect(200);
    assert_eq!(replaced["hook"], "updated");
    let time = |field: &str| -> Timestamp { replaced[field].as_str().unwrap().parse().unwrap() };
    assert_eq!(
        time("former_good_until").duration_since(time("replaced_at")),
        SignedDuration::from_hours(1)
    );
    let second = secret(stand, project).await;
    assert_ne!(first, second);
    assert!(!replaced.to_string().contains(second.trim_start_matches("Bearer ")));
    for good in [&first, &second] {
        is_taken(stand, project, good).await;
    }
    // The generation alone proves nothing.
    for forged in [second.replacen("1.", "2.", 1), second.replacen("1.", "", 1)] {
        assert_ne!(forged, second);
        is_refused(stand, project, &forged).await;
    }
    age(stand, project, SignedDuration::from_mins(59)).await;
    is_taken(stand, project, &first).await;
    age(stand, project, SignedDuration::from_mins(60)).await;
    is_refused(stand, project, &first).await;
    is_taken(stand, project, &second).await;
    // The other project's is its own.
    let others = secret(stand, pair.harbour.0.project()).await;
    is_taken(stand, pair.harbour.0.project(), &others).await;
}

#[tokio::test]
async fn replaced_twice_the_first_secret_stops_at_once() {
    let _one_at_a_time = ALL_PROJECTS.read().await;
    let pair = Pair::automatic().await;
    let (stand, (south, sam)) = (&pair.stand, &pair.south);
    let project = south.project();
    let path = api(project, "/webhook-secret");
    let mut secrets = vec![secret(stand, project).await];
    for _ in 0..2 {
        sam.post(&path, json!({})).await.expect(200);
        secrets.push(secret(stand, project).await);
    }
    is_refused(stand, project, &secrets[0]).await;
    is_taken(stand, project, &secrets[1]).await;
    is_taken(stand, project, &secrets[2]).await;
}

#[tokio::test]
async fn items_go_on_after_the_secret_was_replaced_and_after_connecting_anew() {
    let _one_at_a_time = ALL_PROJECTS.read().await;
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let path = api(south.project(), "/webhook-secret");
    sam.post(&path, json!({})).await.expect(200);
    let travels = async |subject: &str, copies: usize| {
        let rfi = json!({"subject": subject, "draft": false, "rfi_manager_id": south.people[1].1});
        stand.create_rfi(south.project(), &sam.login, rfi).await;
        eventually(subject, || async {
            (stand.copies(harbour.project()).await.len() == copies).then_some(())
        })
        .await;
    };
    travels("After the secret was replaced", 1).await;
    // Without a connection there is no hook, and what is replaced then is what the next hook carries.
    let gone = format!("/connections/{}/disconnect", pair.connection);
    gina.post(&api(harbour.project(), &gone), json!({})).await.expect(200);
    assert_eq!(sam.post(&path, json!({})).await.expect(200)["hook"], "none");
    let connection = gusset_tests::connected::ask(&pair.south, &pair.harbour).await;
    gusset_tests::connected::accept(&pair.harbour, &connection).await;
    travels("After connecting anew", 2).await;
}

/// The call that gives the hook its new secret is refused, or cut off before and after it took effect.
#[tokio::test]
async fn a_hook_that_did_not_get_its_new_secret_gets_it_from_the_sweep() {
    let _one_at_a_time = ALL_PROJECTS.read().await;
    for fault in [
        json!({"status": 503, "headers": {"retry-after": "1"}}),
        json!({"drop": "before"}),
        json!({"drop": "after"}),
    ] {
        let pair = Pair::automatic().await;
        let (stand, (south, sam)) = (&pair.stand, &pair.south);
        let project = south.project();
        let first = secret(stand, project).await;
        let mut ordered = json!({"method": "PATCH", "path": "*/webhooks/hooks/*", "company_id": south.id, "times": 1});
        ordered
            .as_object_mut()
            .unwrap()
            .extend(fault.as_object().unwrap().clone());
        stand.side_door(Method::POST, "/faults", ordered).await;
        let replaced = sam.post(&api(project, "/webhook-secret"), json!({})).await.expect(200);
        assert_eq!(replaced["hook"], "updating", "{fault}");
        let settings = sam.get(&format!("/projects/{}/api", project.id)).await;
        assert!(
            settings.text.contains("does not have the new secret yet"),
            "{}",
            settings.text
        );
        is_taken(stand, project, &first).await;
        let second = eventually("the sweep has given the hook its secret", || async {
            stand.sweep(project).await;
            let settings = sam.get(&format!("/projects/{}/api", project.id)).await;
            if settings.text.contains("does not have the new secret yet") {
                return None;
            }
            Some(secret(stand, project).await)
        })
        .await;
        assert_ne!(first, second, "{fault}");
        is_taken(stand, project, &second).await;
        age(stand, project, SignedDuration::from_hours(2)).await;
        is_refused(stand, project, &first).await;
    }
}

#[tokio::test]
async fn of_many_who_replace_it_at_once_all_have_it_replaced_and_the_hook_is_in_step() {
    let _one_at_a_time = ALL_PROJECTS.read().await;
    let pair = Pair::automatic().await;
    let (stand, (south, sam)) = (&pair.stand, &pair.south);
    let project = south.project();
    let path = api(project, "/webhook-secret");
    let first = secret(stand, project).await;
    for answer in join_all((0..6).map(|_| sam.post(&path, json!({})))).await {
        assert_ne!(answer.expect(200)["hook"], "none");
    }
    let now = eventually("the hook carries the secret in use", || async {
        let now = secret(stand, project).await;
        let settings = sam.get(&format!("/projects/{}/api", project.id)).await;
        let in_step = !settings.text.contains("does not have the new secret yet");
        (in_step && now != first).then_some(now)
    })
    .await;
    age(stand, project, SignedDuration::from_hours(2)).await;
    is_taken(stand, project, &now).await;
}

#[tokio::test]
async fn the_operator_replaces_the_secrets_of_all_projects_each_once() {
    let _all = ALL_PROJECTS.write().await;
    let pair = Pair::automatic().await;
    let stand = &pair.stand;
    let projects = [pair.south.0.project(), pair.harbour.0.project()];
    let mut first = Vec::new();
    for project in projects {
        first.push(secret(stand, project).await);
    }
    let answer = stand.call_sweep(json!({"replace_webhook_secrets": true})).await;
    assert!(answer["projects"].as_u64().unwrap() >= 2, "{answer}");
    for (project, first) in projects.into_iter().zip(&first) {
        let second = eventually("the hook carries another secret", || async {
            Some(secret(stand, project).await).filter(|now| now != first)
        })
        .await;
        is_taken(stand, project, &second).await;
        is_taken(stand, project, first).await;
        // The queue may hand a message out twice: what was replaced since it was asked for stays.
        let asked = (Timestamp::now() - SignedDuration::from_mins(30)).to_string();
        let message = json!({"project": project.id, "replace_secret": asked});
        assert!(stand.sweep_to_the_end(message).await);
        assert_eq!(secret(stand, project).await, second);
    }
    let settings = pair.south.1.get(&format!("/projects/{}/api", projects[0].id)).await;
    assert!(settings.text.contains("by the operator"), "{}", settings.text);
}

#[tokio::test]
async fn an_admin_replaces_it_on_the_page_and_nobody_else_does() {
    let _one_at_a_time = ALL_PROJECTS.read().await;
    let pair = Pair::automatic().await;
    let (stand, (south, sam)) = (&pair.stand, &pair.south);
    let project = south.project();
    let path = api(project, "/webhook-secret");
    let first = secret(stand, project).await;
    let reader = stand.sign_in(&south.people[2].0).await;
    reader.post(&path, json!({})).await.problem(403, "not-admin");
    stand
        .stranger()
        .post(&path, json!({}))
        .await
        .problem(401, "not-signed-in");
    pair.harbour.1.post(&path, json!({})).await.problem(404, "not-found");
    sam.post(&path, json!({"surprise": true}))
        .await
        .problem(422, "bad-field");
    let evil = sam.send(Method::POST, &path, |request| {
        request.header(header::ORIGIN, "https://evil.example").json(&json!({}))
    });
    evil.await.problem(403, "foreign-origin");
    assert_eq!(secret(stand, project).await, first);

    let settings = format!("/projects/{}/api", project.id);
    let page = sam.get(&settings).await;
    assert!(page.text.contains("Never replaced"), "{}", page.text);
    let back = format!("{settings}?done=webhook-secret");
    let done = sam.submit(&path, &[("return_to", &back)]).await;
    let page = sam.get(&sam.path(&done.location())).await;
    for words in ["The webhook secret is replaced", "South admin", "Works until"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert_ne!(secret(stand, project).await, first);
}

/// Where the hook carries another secret than is on record, because somebody was late, webhooks are lost until the sweep
/// finds what they did not tell of.
#[tokio::test]
async fn a_hook_with_a_secret_that_is_none_any_more_is_mended_where_items_are_missed() {
    let _one_at_a_time = ALL_PROJECTS.read().await;
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let project = south.project();
    sam.post(&api(project, "/webhook-secret"), json!({})).await.expect(200);
    let good = secret(stand, project).await;
    spoil(stand, project).await;
    assert_ne!(secret(stand, project).await, good);
    let rfi = json!({"subject": "Missed", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(project, &sam.login, rfi).await;
    // The hook is looked at last, and cannot be by the sweep that finds what was missed.
    let away = json!({"path": "/rest/v2.0/*/webhooks/*", "company_id": south.id, "times": 10_000, "status": 503});
    stand.side_door(Method::POST, "/faults", away).await;
    stand
        .sweep_until(project, "the sweep finds it", || async {
            (stand.copies(harbour.project()).await.len() == 1).then_some(())
        })
        .await;
    assert_ne!(secret(stand, project).await, good);
    let faults = format!("/faults?company_id={}", south.id);
    stand.side_door(Method::DELETE, &faults, json!(null)).await;
    // The next one misses nothing, and knows all the same.
    eventually("the hook is mended", || async {
        stand.sweep(project).await;
        (secret(stand, project).await == good).then_some(())
    })
    .await;
}

/// Has a project's hook carry something else, past Gusset.
async fn spoil(stand: &Stand, project: &Project) {
    let hook = stand.hooks(project, "gusset").await.remove(0);
    let other = json!({"authorization": "Bearer of somebody else"});
    stand.change_hook(&hook, other).await;
}
