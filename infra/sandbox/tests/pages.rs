//! The pages, as a browser would use them.

use crate::support::Sandbox;
use reqwest::Method;
use serde_json::json;

async fn cookie(sandbox: &Sandbox, login: &str) -> String {
    let response = sandbox
        .request(Method::POST, "/sign-in")
        .form(&[("login", login)])
        .send()
        .await
        .unwrap();
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

#[tokio::test]
async fn rich_text_is_shown_harmlessly_and_the_rest_escaped() {
    let sandbox = Sandbox::start().await;
    let gina = cookie(&sandbox, "gina.admin@harbour.example").await;
    let form = reqwest::multipart::Form::new()
        .text("rfi[subject]", "<b>Bold</b>")
        .text("rfi[rfi_manager_id]", "101")
        .text("rfi[draft]", "true")
        .text("rfi[question][body]", "<p>Fine</p><script>alert(1)</script>")
        .part(
            "attachments[]",
            reqwest::multipart::Part::text("x").file_name("<i>.txt"),
        );
    let request = sandbox
        .request(Method::POST, "/projects/20001/rfis")
        .header("cookie", &gina)
        .multipart(form);
    let made = request.send().await.unwrap();
    assert_eq!(made.status(), 303);
    let path = made.headers()["location"].to_str().unwrap().to_owned();
    let shown = page(&sandbox, &gina, &path).await;
    assert!(shown.contains("<p>Fine</p>") && shown.contains("&lt;b&gt;Bold") && shown.contains("&lt;i&gt;.txt"));
    assert!(!shown.contains("<script>") && !shown.contains("<b>Bold"));

    let opened = sandbox
        .request(Method::POST, &format!("{path}/open"))
        .header("cookie", &gina)
        .send()
        .await
        .unwrap();
    assert_eq!(opened.status(), 303);
    assert!(page(&sandbox, &gina, &path).await.contains("RFI 3"));
}

#[tokio::test]
async fn a_refused_form_says_why_and_keeps_what_was_typed() {
    let sandbox = Sandbox::start().await;
    let gina = cookie(&sandbox, "gina.admin@harbour.example").await;
    let form = [
        ("rfi[subject]", "Kept"),
        ("rfi[rfi_manager_id]", "101"),
        ("rfi[question][body]", ""),
    ];
    let answer = sandbox
        .request(Method::POST, "/projects/20001/rfis")
        .header("cookie", &gina)
        .form(&form);
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), 422);
    let text = answer.text().await.unwrap();
    assert!(
        text.contains("question.body can&#39;t be blank") || text.contains("question.body can't be blank"),
        "{text}"
    );
    assert!(text.contains("value=\"Kept\""));
}

#[tokio::test]
async fn the_site_diary_takes_hours_and_notes_for_a_day() {
    let sandbox = Sandbox::start().await;
    let gina = cookie(&sandbox, "gina.admin@harbour.example").await;
    let note = [("notes_log[date]", "2025-02-03"), ("notes_log[comment]", "Wind & rain")];
    let hours = [
        ("manpower_log[date]", "2025-02-03"),
        ("manpower_log[num_workers]", "4"),
        ("manpower_log[num_hours]", "7.5"),
    ];
    for (path, form) in [("notes", &note[..]), ("working-hours", &hours[..])] {
        let path = format!("/projects/20001/site-diary/{path}");
        let answer = sandbox
            .request(Method::POST, &path)
            .header("cookie", &gina)
            .form(form)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 303);
    }
    let shown = page(&sandbox, &gina, "/projects/20001/site-diary?date=2025-02-03").await;
    assert!(shown.contains("Wind &amp; rain") && shown.contains("4 workers, 7.5 hours each"));
}

#[tokio::test]
async fn connected_apps_can_be_revoked() {
    let sandbox = Sandbox::start().await;
    let login = "gina.admin@harbour.example";
    let token = sandbox.person_token(login).await;
    let gina = cookie(&sandbox, login).await;
    assert!(page(&sandbox, &gina, "/profile/apps").await.contains("Revoke"));
    let path = "/profile/apps/gusset-local/revoke";
    sandbox
        .request(Method::POST, path)
        .header("cookie", &gina)
        .send()
        .await
        .unwrap();
    assert!(page(&sandbox, &gina, "/profile/apps").await.contains("No app"));
    assert_eq!(sandbox.get(&token, "/rest/v1.0/me").await.status(), 401);
    sandbox.side(Method::POST, "reset", json!({})).await;
}

#[tokio::test]
async fn strangers_are_sent_to_sign_in_and_to_nowhere_else() {
    let sandbox = Sandbox::start().await;
    let answer = sandbox
        .request(Method::GET, "/projects/20001/rfis")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &"/".parse().unwrap())
    );
    let sam = cookie(&sandbox, "sam.admin@southside.example").await;
    let answer = sandbox
        .request(Method::GET, "/projects/20001/rfis")
        .header("cookie", &sam)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 404);
}
