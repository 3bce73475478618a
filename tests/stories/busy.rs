//! While Procore is at its limit, or does not answer: pages show what Gusset has, and nothing that was typed is lost.

use gusset_tests::{Person, Stand, api, connected::Pair, eventually};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, header};
use serde_json::{Value, json};

/// Makes what Procore said of rights in a project as old as it is after some minutes.
async fn minutes_later(stand: &Stand, project: u64, minutes: i64) {
    let found = json!({"FilterExpression": "sk = :sk", "ExpressionAttributeValues": {":sk": {"S": format!("ADMIN#{project}")}}});
    let then = Timestamp::now() - SignedDuration::from_mins(minutes);
    for record in stand.scan(found).await {
        let change = json!({
            "Key": {"pk": record["pk"], "sk": record["sk"]},
            "UpdateExpression": "SET asked_at = :then",
            "ExpressionAttributeValues": {":then": {"S": then.to_string()}},
        });
        stand.table("UpdateItem", change).await;
    }
}

/// Has Procore refuse to say anything of rights in a company, so many times, with 429 or 503.
async fn is_away(stand: &Stand, company: u64, status: u16, times: u32) {
    refuses(stand, company, "/rest/v1.0/settings/permissions", (status, 20), times).await;
}

/// Has Procore refuse so many calls of a kind, with a status and how many seconds to wait.
async fn refuses(stand: &Stand, company: u64, path: &str, (status, wait): (u16, u32), times: u32) {
    let fault = json!({
        "method": "GET", "path": path, "company_id": company, "times": times,
        "status": status, "headers": {"Retry-After": wait.to_string()},
    });
    stand.side_door(Method::POST, "/faults", fault).await;
}

/// A page of Harbour's about its connection.
fn page_of(pair: &Pair, page: &str) -> String {
    format!(
        "/projects/{}/connections/{}/{page}",
        pair.harbour.0.project().id,
        pair.connection
    )
}

async fn with_an_rfi(pair: &Pair) {
    let (south, sam) = &pair.south;
    let rfi = json!({"subject": "Which anchor?", "draft": false, "rfi_manager_id": south.people[1].1});
    pair.stand.create_rfi(south.project(), &sam.login, rfi).await;
    let log = format!("/projects/{}/activity", pair.harbour.0.project().id);
    eventually("it is delivered", || async {
        let page = pair.harbour.1.get(&log).await.text;
        (page.contains("Which anchor?") && page.contains("Delivered")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn pages_show_what_gusset_has_by_a_right_of_a_moment_ago_and_nothing_can_be_done_by_it() {
    for status in [429, 503] {
        let pair = Pair::automatic().await;
        let (harbour, gina) = &pair.harbour;
        let project = harbour.project().id;
        with_an_rfi(&pair).await;
        minutes_later(&pair.stand, project, 3).await;
        is_away(&pair.stand, harbour.id, status, 100).await;
        let page = format!("/projects/{project}");
        let connection = format!("{page}/connections/{}", pair.connection);
        for (path, words) in [
            (page.clone(), "South project"),
            (format!("{page}/activity"), "Which anchor?"),
            (connection.clone(), "Which anchor?"),
            (
                format!("{connection}/terms"),
                "What should South project receive from you?",
            ),
            (format!("{page}/api"), "Service accounts"),
        ] {
            let shown = gina.get_once(&path).await;
            assert_eq!(shown.status, 200, "{path}: {}", shown.text);
            assert!(
                shown.text.contains("Procore is busy, updated 3 min ago"),
                "{path}: {}",
                shown.text
            );
            assert!(shown.text.contains(words), "{path}: {}", shown.text);
            assert!(shown.text.contains("Trying again in <span data-countdown>"), "{path}");
            assert!(
                !shown.headers.contains_key(header::REFRESH),
                "{path} would lose what is typed"
            );
        }
        let live = gina.get_once(&format!("{page}/activity/live")).await;
        assert!(
            live.status == 200 && live.text.contains("Which anchor?"),
            "{}",
            live.text
        );
        // Acting asks anew.
        let change = gina
            .submit_once(&api(harbour.project(), "/code"), &[("return_to", &page)])
            .await;
        assert_eq!(change.status, 503, "{}", change.text);

        // Half an hour later nothing is shown by it any more.
        minutes_later(&pair.stand, project, 31).await;
        let page = gina.get_once(&page).await;
        assert_eq!(page.status, 503);
        assert!(
            !page.text.contains("South project") && page.headers.contains_key(header::REFRESH),
            "{}",
            page.text
        );
    }
}

#[tokio::test]
async fn a_right_that_was_taken_away_shows_nothing_as_soon_as_procore_says_so() {
    let pair = Pair::automatic().await;
    let (harbour, gina) = &pair.harbour;
    let project = harbour.project().id;
    let page = format!("/projects/{project}/activity");
    assert_eq!(gina.get(&page).await.status, 200);
    let taken = json!({"project_id": project, "level": "read_only"});
    let path = format!("/people/{}/permissions", gina.login);
    pair.stand.side_door(Method::PUT, &path, taken).await;
    minutes_later(&pair.stand, project, 3).await;
    assert_eq!(gina.get(&page).await.status, 403);
}

/// The fields that a page offers to send again.
fn kept(page: &str) -> Vec<(String, String)> {
    let fields = page.split("<input type=\"hidden\" name=\"").skip(1);
    fields
        .map(|field| {
            let (name, rest) = field.split_once("\" value=\"").unwrap();
            (name.to_owned(), rest.split('"').next().unwrap().to_owned())
        })
        .collect()
}

async fn asks_for_connection(gina: &Person, path: &str, return_to: &str) -> (String, Vec<(String, String)>) {
    let fields = [
        ("code", "1234 5678"),
        ("sends", "chosen"),
        ("send.rfis", "automatic"),
        ("return_to", return_to),
    ];
    let refused = gina.submit_once(path, &fields).await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    (refused.text.clone(), kept(&refused.text))
}

#[tokio::test]
async fn a_form_that_the_limit_refuses_is_there_to_be_sent_again() {
    let stand = Stand::new();
    let (harbour, gina) = stand.company("Harbour").await;
    let project = harbour.project().id;
    gina.post(&api(harbour.project(), ""), json!({})).await.expect(200);
    minutes_later(&stand, project, 3).await;
    is_away(&stand, harbour.id, 429, 1).await;
    let (path, back) = (
        api(harbour.project(), "/connections"),
        format!("/projects/{project}?done=asked"),
    );
    let (page, fields) = asks_for_connection(&gina, &path, &back).await;
    assert!(page.contains("What you typed is kept on this page."), "{page}");
    assert!(page.contains(&format!("action=\"{}{path}\"", stand.gusset)), "{page}");
    assert!(
        fields.contains(&("code".to_owned(), "1234 5678".to_owned())),
        "{fields:?}"
    );
    assert!(
        fields.contains(&("send.rfis".to_owned(), "automatic".to_owned())),
        "{fields:?}"
    );
    // It does not go back to a page that says that it is done.
    assert!(
        page.contains(&format!("href=\"{}/projects/{project}\">Cancel", stand.gusset)),
        "{page}"
    );
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let sent = gina.submit(&path, &fields).await;
    assert_eq!(sent.location(), format!("{}{back}", stand.gusset));
    let page = gina.get(&back).await.text;
    assert!(
        page.contains("No project has this code") || page.contains("role=\"alert\""),
        "{page}"
    );

    // Another site's form is not offered.
    minutes_later(&stand, project, 3).await;
    is_away(&stand, harbour.id, 429, 1).await;
    let foreign = gina
        .send(Method::POST, &path, |request| {
            let request = request
                .header(header::ACCEPT, "text/html")
                .header(header::ORIGIN, "https://evil.example");
            request.form(&[("code", "1234 5678"), ("return_to", "/")])
        })
        .await;
    assert_eq!(foreign.status, 303, "{}", foreign.text);
}

#[tokio::test]
async fn the_people_that_procore_named_last_can_be_chosen_while_it_is_busy() {
    let pair = Pair::asked().await;
    let (harbour, gina) = &pair.harbour;
    let terms = page_of(&pair, "terms");
    let managers = "/rest/v1.0/projects/*/rfis/potential_rfi_managers";
    refuses(&pair.stand, harbour.id, managers, (503, 5), 1).await;
    let page = gina.get_once(&terms).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let lacks: Value = json!([
        page.text.contains("What is missing here shows once it answers"),
        page.text.contains("data-lacking"),
        page.text.contains("We don't accept RFIs") || page.text.contains("We don&#39;t accept RFIs"),
    ]);
    assert_eq!(lacks, json!([true, true, true]), "{}", page.text);
    let page = eventually("Procore answers again", || async {
        let page = gina.get_once(&terms).await.text;
        page.contains("Harbour manager").then_some(page)
    })
    .await;
    assert!(
        !page.contains("data-lacking") && !page.contains("Procore is busy"),
        "{page}"
    );
}

#[tokio::test]
async fn what_could_be_sent_is_told_once_procore_answers() {
    let pair = Pair::automatic().await;
    let (harbour, gina) = &pair.harbour;
    let send = page_of(&pair, "send");
    let rfis = format!("/rest/v1.0/projects/{}/rfis", harbour.project().id);
    refuses(&pair.stand, harbour.id, &rfis, (429, 5), 1).await;
    let page = gina.get_once(&send).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains("What is missing here shows once it answers") && page.text.contains("data-lacking"),
        "{}",
        page.text
    );
    eventually("Procore answers again", || async {
        let page = gina.get_once(&send).await;
        (page.status == 200 && !page.text.contains("data-lacking")).then_some(())
    })
    .await;
}
