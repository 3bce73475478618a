//! One hook for each connected project, whoever comes first and wherever somebody dies.

use gusset_tests::{Project, Stand, api, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::{Pair, code};

/// A project's hooks and what they are triggered by, without the ids.
pub(crate) async fn hooks(stand: &Stand, project: &Project) -> Vec<Value> {
    let hooks = stand.hooks(project, "gusset").await;
    let shown = |hook: &Value| {
        let triggers = hook["triggers"].as_array().unwrap().iter();
        let mut triggers: Vec<String> = triggers
            .map(|trigger| format!("{} {}", trigger["resource_name"], trigger["event_type"]))
            .collect();
        triggers.sort();
        json!({"url": hook["destination_url"], "api": hook["api"], "status": hook["status"], "triggers": triggers})
    };
    hooks.iter().map(shown).collect()
}

#[tokio::test]
async fn a_projects_connections_share_one_hook_which_goes_with_the_last() {
    let pair = Pair::automatic().await;
    let (stand, (harbour, gina)) = (&pair.stand, &pair.harbour);
    let (delta, dana) = stand.company("Delta").await;
    let asked = json!({"code": code(gina, harbour).await});
    let asked = dana
        .post(&api(delta.project(), "/connections"), asked)
        .await
        .expect(201);
    let second = asked["id"].as_str().unwrap().to_owned();
    let gone = |id: &str| api(harbour.project(), &format!("/connections/{id}/disconnect"));
    gina.post(
        &api(harbour.project(), &format!("/connections/{second}/accept")),
        json!({}),
    )
    .await
    .expect(200);
    let one = hooks(stand, harbour.project()).await;
    assert_eq!(one.len(), 1, "{one:?}");
    assert_eq!(one[0]["triggers"].as_array().unwrap().len(), 6, "{one:?}");

    gina.post(&gone(&pair.connection), json!({})).await.expect(200);
    assert_eq!(hooks(stand, harbour.project()).await, one);
    assert_eq!(hooks(stand, pair.south.0.project()).await.len(), 0);
    gina.post(&gone(&second), json!({})).await.expect(200);
    assert_eq!(hooks(stand, harbour.project()).await.len(), 0);
    assert_eq!(hooks(stand, delta.project()).await.len(), 0);
}

#[tokio::test]
async fn an_accept_that_cannot_be_completed_leaves_nothing_behind() {
    let pair = Pair::asked().await;
    let (stand, (south, _), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let fault = json!({"method": "POST", "path": "/rest/v2.0/*/webhooks/hooks", "company_id": south.id, "times": 1, "status": 500});
    stand.side_door(Method::POST, "/faults", fault).await;
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    gina.post(&accept, json!({})).await.problem(502, "procore-unavailable");
    assert_eq!(hooks(stand, harbour.project()).await.len(), 0);
    assert_eq!(hooks(stand, south.project()).await.len(), 0);
    gina.post(&accept, json!({})).await.expect(200);
    assert_eq!(hooks(stand, harbour.project()).await.len(), 1);
    assert_eq!(hooks(stand, south.project()).await.len(), 1);
}

/// Every call to Procore that an accept makes, and that a disconnect makes, is cut off in turn, before and after it took
/// effect. Repeated, both end as a smooth run does.
#[tokio::test]
async fn wherever_a_call_to_procore_is_cut_off_repeating_completes_it() {
    let smooth = Pair::automatic().await;
    let expected = outcome(&smooth).await;
    for (method, path) in [
        ("GET", "/rest/v1.0/projects/*"),
        ("GET", "/rest/v2.0/*/webhooks/hooks"),
        ("GET", "/rest/v2.0/*/webhooks/resources"),
        ("POST", "/rest/v2.0/*/webhooks/hooks"),
        ("POST", "/rest/v2.0/*/webhooks/hooks/*/triggers/bulk"),
        ("GET", "/rest/v1.0/webhooks/hooks"),
        ("DELETE", "/rest/v2.0/*/webhooks/hooks/*"),
    ] {
        for when in ["before", "after"] {
            for side in 0..2 {
                let pair = Pair::asked().await;
                let company = if side == 0 { pair.harbour.0.id } else { pair.south.0.id };
                let fault = json!({"method": method, "path": path, "company_id": company, "times": 1, "drop": when});
                let (harbour, gina) = &pair.harbour;
                let act = async |verb: &str| {
                    let path = api(harbour.project(), &format!("/connections/{}/{verb}", pair.connection));
                    let answer = gina.post(&path, json!({})).await;
                    assert!(
                        [200, 409, 502].contains(&answer.status.as_u16()),
                        "{method} {path} {when}: {}",
                        answer.text
                    );
                };
                pair.stand.side_door(Method::POST, "/faults", fault.clone()).await;
                act("accept").await;
                act("accept").await;
                assert_eq!(outcome(&pair).await, expected, "{method} {path} {when}, company {side}");

                pair.stand
                    .side_door(Method::DELETE, &format!("/faults?company_id={company}"), Value::Null)
                    .await;
                pair.stand.side_door(Method::POST, "/faults", fault).await;
                act("disconnect").await;
                act("disconnect").await;
                for project in [harbour.project(), pair.south.0.project()] {
                    assert_eq!(
                        hooks(&pair.stand, project).await.len(),
                        0,
                        "{method} {path} {when}, company {side}"
                    );
                }
                pair.stand
                    .side_door(Method::DELETE, &format!("/faults?company_id={company}"), Value::Null)
                    .await;
            }
        }
    }
}

/// What an accept leaves in Procore and shows to both sides, without ids and times.
async fn outcome(pair: &Pair) -> Value {
    let mut sides = Vec::new();
    for (company, admin) in [&pair.south, &pair.harbour] {
        let view = admin
            .get(&api(company.project(), &format!("/connections/{}", pair.connection)))
            .await
            .expect(200);
        let mut triggers = hooks(&pair.stand, company.project()).await;
        for hook in &mut triggers {
            hook["url"] = json!(
                hook["url"]
                    .as_str()
                    .unwrap()
                    .replace(&company.project().id.to_string(), "{project}")
            );
        }
        sides.push(json!({"status": view["status"], "version": view["version"], "hooks": triggers}));
    }
    json!(sides)
}

#[tokio::test]
async fn hooks_work_again_after_connecting_again() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    gina.post(
        &api(
            harbour.project(),
            &format!("/connections/{}/disconnect", pair.connection),
        ),
        json!({}),
    )
    .await
    .expect(200);
    let ask = json!({"code": code(gina, harbour).await, "send": {"rfis": "automatic"}});
    let asked = sam.post(&api(south.project(), "/connections"), ask).await.expect(201);
    let accept = api(
        harbour.project(),
        &format!("/connections/{}/accept", asked["id"].as_str().unwrap()),
    );
    gina.post(&accept, json!({"rfi_manager_id": harbour.people[1].1}))
        .await
        .expect(200);
    let rfi = json!({"subject": "Again", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    eventually("it travels again", || async {
        stand.copies(harbour.project()).await.pop()
    })
    .await;
}

#[tokio::test]
async fn a_hook_that_procore_refuses_keeps_nobody_from_connecting_and_is_made_once_it_may_be() {
    let pair = Pair::asked().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    stand.permit_webhooks(south, south.project(), None, "none").await;
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    let accepted = gina.post(&accept, json!({"rfi_manager_id": harbour.people[1].1})).await;
    assert_eq!(accepted.expect(200)["status"], "connected");
    let pages = async || {
        let mut pages = Vec::new();
        for (company, admin) in [&pair.south, &pair.harbour] {
            pages.push(admin.get(&format!("/projects/{}", company.project().id)).await.text);
        }
        pages
    };
    for page in pages().await {
        for words in [
            "Gusset checks South project for new items ",
            "Webhooks API: Standard",
            "A company admin of South can grant it",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("Gusset checks Harbour project"), "{page}");
    }
    // Meanwhile the sweep finds what is new.
    let rfi = json!({"subject": "Without a webhook", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    stand
        .sweep_until(south.project(), "the sweep finds it", || async {
            stand.copies(harbour.project()).await.pop()
        })
        .await;
    assert!(
        pages().await[0].contains("Webhooks API: Standard"),
        "it is still refused"
    );

    stand.permit_webhooks(south, south.project(), None, "standard").await;
    eventually("the hook is made", || async {
        stand.sweep(south.project()).await;
        let pages = pages().await;
        pages.iter().all(|page| !page.contains("Webhooks API")).then_some(())
    })
    .await;
    assert_eq!(hooks(stand, south.project()).await.len(), 1);
}

#[tokio::test]
async fn a_hook_that_procore_has_disabled_is_replaced_by_the_sweep_though_nothing_was_missed() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let project = south.project();
    let whole = hooks(stand, project).await;
    let disabled = stand.hooks(project, "gusset").await.remove(0);
    stand.change_hook(&disabled, json!({"status": "disabled"})).await;
    stand.hook_is_due(project).await;
    eventually("the hook is replaced", || async {
        stand.sweep(project).await;
        (hooks(stand, project).await == whole).then_some(())
    })
    .await;
    let now = stand.hooks(project, "gusset").await.remove(0);
    assert_ne!(now["id"], disabled["id"]);
    assert_eq!(now["authorization"], disabled["authorization"]);
    // What comes now is told of.
    let rfi = json!({"subject": "Told of again", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(project, &sam.login, rfi).await;
    eventually("it travels", || async { stand.copies(harbour.project()).await.pop() }).await;
}

#[tokio::test]
async fn a_hook_is_looked_at_once_an_hour_with_one_call() {
    let pair = Pair::automatic().await;
    let (stand, south) = (&pair.stand, &pair.south.0);
    let project = south.project();
    let asked = async |since: u64| {
        let (calls, _) = stand.calls(since).await;
        let webhooks = Stand::webhooks_of(south, project);
        calls.iter().filter(|call| call.path.starts_with(&webhooks)).count()
    };
    let since = stand.calls(u64::MAX).await.1;
    for _ in 0..2 {
        stand.sweep(project).await;
    }
    assert_eq!(asked(since).await, 0, "it was looked at when it was made");
    stand.hook_is_due(project).await;
    for _ in 0..2 {
        stand.sweep(project).await;
    }
    assert_eq!(asked(since).await, 1);
}

/// What an earlier version of Gusset made by Procore's v1.0.
#[tokio::test]
async fn a_hook_of_procores_first_version_goes_once_the_new_one_is_there() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    let project = south.project();
    let whole = hooks(stand, project).await;
    let new = stand.hooks(project, "gusset").await.remove(0);
    let hook = format!(
        "{}/hooks/{}",
        Stand::webhooks_of(south, project),
        new["id"].as_str().unwrap()
    );
    stand.delete_as_gusset(&hook).await;
    let answers = json!({"project_id": project.id, "on": true});
    stand.side_door(Method::PUT, "/webhooks/v1", answers).await;
    let former = json!({"project_id": project.id, "hook": {
        "api_version": "v2", "namespace": "gusset", "destination_url": new["destination_url"],
        "destination_headers": {"Authorization": new["authorization"]},
    }});
    stand.post_as_gusset("/rest/v1.0/webhooks/hooks", former).await;
    // An earlier version kept no record of a hook that was in place.
    let key = json!({"Key": {"pk": {"S": format!("HOOK#{}", project.id)}, "sk": {"S": "HOOK"}}});
    stand.table("DeleteItem", key).await;
    eventually("the new one has taken its place", || async {
        stand.sweep(project).await;
        (hooks(stand, project).await == whole).then_some(())
    })
    .await;
    let rfi = json!({"subject": "By the new one", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(project, &sam.login, rfi).await;
    eventually("it travels", || async { stand.copies(harbour.project()).await.pop() }).await;
}

#[tokio::test]
async fn what_procore_refuses_to_tell_of_is_told_and_arrives_by_the_sweep() {
    let pair = Pair::asked().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let project = south.project();
    let without = json!({"project_id": project.id, "names": ["Notes Logs"]});
    stand.side_door(Method::PUT, "/webhooks/unknown", without).await;
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    let accepted = gina.post(&accept, json!({"rfi_manager_id": harbour.people[1].1})).await;
    assert_eq!(accepted.expect(200)["status"], "connected");
    assert_eq!(hooks(stand, project).await[0]["triggers"].as_array().unwrap().len(), 4);
    let page = async || sam.get(&format!("/projects/{}", project.id)).await.text;
    let words = "Gusset checks South project for new Notes Logs ";
    assert!(page().await.contains(words), "{}", page().await);

    let whole = json!({"project_id": project.id, "names": []});
    stand.side_door(Method::PUT, "/webhooks/unknown", whole).await;
    stand.hook_is_due(project).await;
    eventually("it is not said any more", || async {
        stand.sweep(project).await;
        (!page().await.contains(words)).then_some(())
    })
    .await;
    assert_eq!(hooks(stand, project).await[0]["triggers"].as_array().unwrap().len(), 6);
}
