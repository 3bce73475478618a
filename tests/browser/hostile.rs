//! Names and subjects that would be code elsewhere are text everywhere: on every page, and in mails.

use gusset_tests::{Browser, Company, Stand, api};
use serde_json::json;

use gusset_tests::connected::code;

const COMPANY: &str = "<script>window.hacked=1</script>";
const PROJECT: &str = "\"><img src=x onerror=window.hacked=2> & Sons";
const SUBJECT: &str = "</title><svg onload=window.hacked=3>'{{7*7}}";

async fn hostile(stand: &Stand) -> Company {
    stand
        .make_company(json!({
            "name": COMPANY,
            "projects": [{"name": PROJECT}],
            "people": [
                {"name": "Gina <b onclick=window.hacked=4>Castellano</b>", "level": "admin", "company_admin": true},
                {"name": "Omar <i>Haddad</i>", "level": "standard", "rfi_manager": true},
            ],
        }))
        .await
}

#[tokio::test]
async fn hostile_names_are_text_on_every_page_and_in_mails() {
    let stand = Stand::new();
    let (south, harbour) = (hostile(&stand).await, hostile(&stand).await);
    let gina = stand.sign_in(&harbour.people[0].0).await;
    let sam = stand.sign_in(&south.people[0].0).await;
    let code = code(&gina, &harbour).await;
    sam.post(&api(south.project(), ""), json!({})).await.expect(200);
    let send = json!({"rfis": "automatic", "notes": "manual"});
    let ask = json!({"code": code, "send": send, "rfi_manager_id": south.people[1].1});
    let asked = sam.post(&api(south.project(), "/connections"), ask).await.expect(201);
    let connection = asked["id"].as_str().unwrap().to_owned();
    let browser = Browser::sign_in(&stand, &harbour.people[0].0).await;
    let project = format!("/projects/{}", harbour.project().id);
    let page = format!("{project}/connections/{connection}");
    let check = || async {
        assert_eq!(browser.script("return window.hacked ?? 'safe'", vec![]).await, "safe");
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    };
    for (path, seen) in [
        ("/", COMPANY),
        (project.as_str(), PROJECT),
        (&format!("{page}/terms"), PROJECT),
    ] {
        browser.go(path).await;
        browser.sees(seen).await;
        check().await;
    }
    let accept = api(harbour.project(), &format!("/connections/{connection}/accept"));
    gina.post(
        &accept,
        json!({"rfi_manager_id": harbour.people[1].1, "send": {"rfis": "manual"}}),
    )
    .await
    .expect(200);
    let rfi = json!({"subject": SUBJECT, "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    let own = json!({"subject": SUBJECT, "draft": false, "rfi_manager_id": harbour.people[1].1,
        "question": {"body": "<p>Why?</p><script>window.hacked=5</script>"}});
    let own = stand.create_rfi(harbour.project(), &gina.login, own).await;
    for (path, seen) in [
        (page.clone(), SUBJECT),
        (format!("{page}/send"), SUBJECT),
        (format!("{page}/send/rfis/{own}"), SUBJECT),
        (format!("{project}/api"), PROJECT),
        (project.clone(), "Omar <i>Haddad</i>"),
    ] {
        browser.go(&path).await;
        browser.sees(seen).await;
        check().await;
    }
    // Mails: to Gina about the request, to Omar about the RFI.
    for (login, about) in [(&harbour.people[0].0, "asks to connect"), (&harbour.people[1].0, "RFI")] {
        let mails = stand.mails_about(login, about).await;
        assert!(!mails.is_empty());
        for mail in mails {
            for tag in ["<script", "<img", "<svg", "<b onclick"] {
                assert!(!mail.html.contains(tag), "{tag} in {}", mail.html);
            }
            assert!(mail.html.contains("&lt;"), "{}", mail.html);
        }
    }
}
