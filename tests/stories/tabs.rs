//! A project's pages: five tabs, the way into them from the list of projects, and addresses of before.

use gusset_tests::{Person, Stand, api, connected::ask};
use serde_json::json;

use crate::connected::Pair;

const TABS: [(&str, &str); 5] = [
    ("", "Connections"),
    ("/activity", "Activity"),
    ("/send", "Send"),
    ("/notifications", "Notifications"),
    ("/api", "API"),
];

/// Checks that a page has all tabs, and that this one is marked so.
fn marks(stand: &Stand, project: &str, text: &str, current: &str, kind: &str) {
    for (path, title) in TABS {
        let mark = if title == current {
            format!(" aria-current=\"{kind}\"")
        } else {
            String::new()
        };
        let link = format!("<a href=\"{}{project}{path}\"{mark}>{title}</a>", stand.gusset);
        assert!(text.contains(&link), "{link}: {text}");
    }
}

async fn text(admin: &Person, path: &str) -> String {
    let page = admin.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    page.text
}

#[tokio::test]
async fn every_page_of_a_project_has_five_tabs_and_says_where_it_is() {
    let pair = Pair::asked().await;
    let (stand, (harbour, gina)) = (&pair.stand, &pair.harbour);
    let project = format!("/projects/{}", harbour.project().id);
    for (path, title) in TABS {
        let page = text(gina, &format!("{project}{path}")).await;
        marks(stand, &project, &page, title, "page");
    }
    let one = format!("{project}/connections/{}", pair.connection);
    for (path, title) in [
        ("", "Activity"),
        ("/terms", "Connections"),
        ("/manager", "Connections"),
        ("/send", "Send"),
    ] {
        let page = text(gina, &format!("{one}{path}")).await;
        marks(stand, &project, &page, title, "true");
    }
    // What was a bookmark goes on working, and says what a form did that was still open.
    let before = gina.get(&format!("{project}/settings?done=saved")).await;
    assert_eq!(before.status, 303);
    assert_eq!(before.location(), format!("{}{project}/api?done=saved", stand.gusset));
}

#[tokio::test]
async fn send_asks_over_which_connection_only_where_there_are_several() {
    let pair = Pair::asked().await;
    let (stand, (harbour, gina)) = (&pair.stand, &pair.harbour);
    let send = format!("/projects/{}/send", harbour.project().id);
    assert!(text(gina, &send).await.contains("this project has none yet"));
    let accept = |id: &str| api(harbour.project(), &format!("/connections/{id}/accept"));
    gina.post(&accept(&pair.connection), json!({})).await.expect(200);
    let page = |id: &str| {
        let project = harbour.project().id;
        format!("{}/projects/{project}/connections/{id}/send", stand.gusset)
    };
    let only = gina.get(&send).await;
    assert_eq!((only.status.as_u16(), only.location()), (303, page(&pair.connection)));
    let north = stand.company("North").await;
    let second = ask(&north, &pair.harbour).await;
    gina.post(&accept(&second), json!({})).await.expect(200);
    let choice = text(gina, &send).await;
    for (connection, name) in [(&pair.connection, "South project"), (&second, "North project")] {
        let link = format!("<a href=\"{}\">{name}", page(connection));
        assert!(choice.contains(&link), "{link}: {choice}");
    }
}

#[tokio::test]
async fn the_list_leads_to_activity_where_one_connection_is_all_there_is() {
    let pair = Pair::asked().await;
    let (stand, (harbour, gina)) = (&pair.stand, &pair.harbour);
    let project = format!("{}/projects/{}", stand.gusset, harbour.project().id);
    let leads_to = async |page: &str| {
        let list = text(gina, "/").await;
        let link = format!("<a href=\"{project}{page}\">{}</a>", harbour.project().name);
        assert!(list.contains(&link), "{link}: {list}");
    };
    leads_to("").await;
    let accept = api(harbour.project(), &format!("/connections/{}/accept", pair.connection));
    gina.post(&accept, json!({})).await.expect(200);
    leads_to("/activity").await;
    // A request is answered where the connections are.
    let north = stand.company("North").await;
    ask(&north, &pair.harbour).await;
    leads_to("").await;
}
