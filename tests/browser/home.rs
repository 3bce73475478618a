//! Somebody with forty projects finds what needs them, with a mouse, a keyboard or a phone, with the script and without.

use gusset_tests::{Browser, Company, Person, Project, Scripts, Stand, api, connected::Pair, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::looks::{LARGEST_PAGE, inspect, look, show_at, weight};

const SIZES: [(u32, u32); 4] = [(320, 640), (390, 844), (1280, 900), (1700, 1050)];

/// Somebody's forty projects, of which some are connected, some are asked, and in one RFIs wait for a manager.
struct Forty {
    stand: Stand,
    harbour: Company,
    gina: Person,
}

async fn open(admin: &Person, project: &Project) -> Value {
    admin.post(&api(project, ""), json!({})).await.expect(200)["code"].clone()
}

impl Forty {
    async fn new() -> Self {
        let stand = Stand::new();
        let projects: Vec<Value> = (1..=40).map(|number| json!({"name": name(number)})).collect();
        let people = json!([
            {"name": "Gina Castellano", "level": "admin", "company_admin": true},
            {"name": "Omar Haddad", "level": "standard", "rfi_manager": true},
        ]);
        let harbour = json!({"name": "Harbour General Contractors", "projects": projects, "people": people});
        let harbour = stand.make_company(harbour).await;
        let projects: Vec<Value> = (1..=8)
            .map(|number| json!({"name": format!("Electrical {number}")}))
            .collect();
        let people = json!([
            {"name": "Sam Okafor", "level": "admin", "company_admin": true},
            {"name": "Mia Berg", "level": "standard", "rfi_manager": true},
        ]);
        let south = json!({"name": "Southside Electrical", "projects": projects, "people": people});
        let south = stand.make_company(south).await;
        // Connecting takes many calls, which are none of this story.
        for company in [&harbour, &south] {
            let limits = json!({"company_id": company.id, "spike": 5_000, "hour": 50_000});
            stand.side_door(Method::PUT, "/limits", limits).await;
        }
        let (gina, sam) = (
            stand.sign_in(&harbour.people[0].0).await,
            stand.sign_in(&south.people[0].0).await,
        );
        for (number, (ours, theirs)) in harbour.projects.iter().zip(&south.projects).enumerate() {
            let code = open(&gina, ours).await;
            open(&sam, theirs).await;
            let send = json!({"rfis": "automatic", "working_hours": "automatic", "notes": "automatic"});
            let request = json!({"code": code, "send": send});
            let made = sam.post(&api(theirs, "/connections"), request).await.expect(201);
            // Three are left to be answered.
            if number < 5 {
                let path = format!("/connections/{}/accept", made["id"].as_str().unwrap());
                gina.post(&api(ours, &path), json!({"send": send})).await.expect(200);
            }
        }
        for subject in ["Riser 2 has no sleeve", "Conduit clashes with beam B4"] {
            let rfi = json!({"subject": subject, "draft": false, "rfi_manager_id": south.people[1].1});
            stand.create_rfi(&south.projects[0], &sam.login, rfi).await;
        }
        Self { stand, harbour, gina }
    }

    /// With what Procore typically allows, once everything that waits is known to wait.
    async fn settled(&self) {
        eventually("both wait", || async {
            self.gina.get("/").await.text.contains("2 RFIs wait").then_some(())
        })
        .await;
        let limits = json!({"company_id": self.harbour.id, "spike": 25, "hour": 3_600});
        self.stand.side_door(Method::PUT, "/limits", limits).await;
    }

    async fn browser(&self) -> Browser {
        Browser::sign_in(&self.stand, &self.gina.login).await
    }
}

/// Names that do not sort by their number.
fn name(number: usize) -> String {
    let kinds = ["Tower", "Library", "Terminal", "School", "Depot"];
    format!("{} {number:02}", kinds[number % kinds.len()])
}

/// How many rows the table has.
async fn rows(browser: &Browser) -> usize {
    let count = "return document.querySelectorAll('#lines > tr').length";
    usize::try_from(browser.script(count, vec![]).await.as_u64().unwrap()).unwrap()
}

async fn sees_rows(browser: &Browser, wanted: usize) {
    eventually(&format!("there are {wanted} rows"), || async {
        (rows(browser).await == wanted).then_some(())
    })
    .await;
}

/// Waits until every right has been asked about.
async fn sees_all(browser: &Browser) {
    browser.sees("Needs you").await;
    browser.sees_no_more("Checking…").await;
}

#[tokio::test]
async fn forty_projects_are_looked_through() {
    let forty = Forty::new().await;
    forty.settled().await;
    let browser = forty.browser().await;
    // The page fills by itself while Procore is asked a few at a time.
    sees_all(&browser).await;
    sees_rows(&browser, 40).await;
    browser
        .sees("2 RFIs wait: choose an RFI manager for Electrical 1")
        .await;
    browser.sees("Electrical 6 asks to connect with").await;
    let first = browser
        .see_element("//tbody[@id='lines']/tr[1]")
        .await
        .text()
        .await
        .unwrap();
    assert!(
        first.contains("Electrical 1"),
        "what needs somebody most is on top: {first}"
    );

    browser.follow("Requests 3").await;
    sees_rows(&browser, 3).await;
    assert_eq!(browser.path().await, "/?show=requests");
    browser.follow("Needs you 4").await;
    sees_rows(&browser, 4).await;
    browser.fill("Search projects", "electrical 1").await;
    sees_rows(&browser, 1).await;
    assert_eq!(browser.path().await, "/?q=electrical+1&show=needs-you");
    browser.follow("Not connected 0").await;
    browser.sees("No project is like this.").await;
    // Back goes through what was looked at, and leads to the same from another page.
    browser.script("history.back()", vec![]).await;
    sees_rows(&browser, 1).await;
    browser
        .click("//tbody[@id='lines']//th//a | //tbody[@id='lines']//th//button")
        .await;
    browser.see_element("//nav[@aria-label='Pages of the project']").await;
    browser.script("history.back()", vec![]).await;
    sees_rows(&browser, 1).await;
    assert_eq!(browser.path().await, "/?q=electrical+1&show=needs-you");
    browser.go("/").await;
    sees_rows(&browser, 40).await;

    browser.unfold("Decline…").await;
    browser.press("Decline").await;
    sees_all(&browser).await;
    browser.see_element("//a[normalize-space()='Requests 2']").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    show_at(&browser, &look("home", "/"), &SIZES).await;
    show_at(&browser, &look("home-filtered", "/?show=needs-you"), &SIZES).await;
    let bytes = weight(&forty.stand, &forty.gina, "/").await;
    assert!(bytes < LARGEST_PAGE, "{bytes} bytes");
}

/// The best of three, as others use the machine as well. It is told and not asserted: beside other tests, or on a slow machine,
/// nobody would be the wiser for a red one.
async fn best_of_three<F: Future<Output = f64>>(measure: impl Fn() -> F) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..3 {
        best = best.min(measure().await);
    }
    best
}

#[tokio::test]
async fn forty_projects_are_there_and_each_filter_shows_its_own() {
    let forty = Forty::new().await;
    forty.settled().await;
    let browser = forty.browser().await;
    sees_all(&browser).await;
    let paint = best_of_three(|| async {
        browser.go("/").await;
        browser.see_element("//tbody[@id='lines']/tr[40]").await;
        let painted = "const done = arguments[arguments.length - 1];
            const told = performance.getEntriesByName('first-contentful-paint')[0];
            if (told) done(told.startTime);
            else new PerformanceObserver(list => {
                const paint = list.getEntriesByName('first-contentful-paint')[0];
                if (paint) done(paint.startTime);
            }).observe({type: 'paint', buffered: true});";
        browser.script_waits(painted, vec![]).await.as_f64().unwrap()
    })
    .await;
    println!("The first paint takes {paint:.0} ms.");
    for (chip, count) in [("requests", 3), ("needs-you", 4), ("not-connected", 35), ("all", 40)] {
        let other = if chip == "all" { "requests" } else { "all" };
        let took = best_of_three(|| async {
            let press = "const done = arguments[arguments.length - 1], [other, chip, count] = arguments;
                const rows = () => document.querySelectorAll('#lines > tr').length;
                const when = (is, then) => is() ? then() : setTimeout(when, 4, is, then);
                const pressed = name => document.querySelector(`#chip-${name} a`).click();
                const current = name => document.querySelector(`#chip-${name} [aria-current]`);
                pressed(other);
                when(() => current(other), () => {
                    const began = performance.now();
                    pressed(chip);
                    when(() => current(chip) && rows() === count, () => done(performance.now() - began));
                });";
            let arguments = vec![json!(other), json!(chip), json!(count)];
            browser.script_waits(press, arguments).await.as_f64().unwrap()
        })
        .await;
        println!("{chip} takes {took:.0} ms.");
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

/// Presses a key, as a keyboard does.
async fn key(browser: &Browser, key: &str, code: u32) {
    for kind in ["keyDown", "keyUp"] {
        let text = if key == "Enter" && kind == "keyDown" { "\r" } else { "" };
        let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
        browser.dev_tools("Input.dispatchKeyEvent", event).await;
    }
}

/// Tabs on until the words of what has the focus begin so.
async fn tab_to(browser: &Browser, words: &str) {
    let focused = "const it = document.activeElement; return (it.textContent.trim() || it.id).replace(/\\s+/g, ' ')";
    for _ in 0..120 {
        key(browser, "Tab", 9).await;
        let now = browser.script(focused, vec![]).await;
        if now.as_str().unwrap_or_default().starts_with(words) {
            return;
        }
    }
    panic!("the keyboard does not lead to {words}");
}

#[tokio::test]
async fn a_keyboard_alone_is_enough() {
    let forty = Forty::new().await;
    forty.settled().await;
    let browser = forty.browser().await;
    sees_all(&browser).await;
    browser.go("/").await;
    tab_to(&browser, "Skip to content").await;
    key(&browser, "Enter", 13).await;
    tab_to(&browser, "Choose RFI manager").await;
    tab_to(&browser, "Requests").await;
    key(&browser, "Enter", 13).await;
    sees_rows(&browser, 3).await;
    // The focus stays on the chip.
    tab_to(&browser, "Not connected").await;
    tab_to(&browser, "q").await;
    let typed = json!({"text": "electrical 7"});
    browser.dev_tools("Input.insertText", typed).await;
    sees_rows(&browser, 1).await;
    tab_to(&browser, "Search").await;
    key(&browser, "Tab", 9).await;
    key(&browser, "Enter", 13).await;
    browser.see_element("//nav[@aria-label='Pages of the project']").await;
}

#[tokio::test]
async fn without_the_script_links_and_a_form_do_the_same() {
    let forty = Forty::new().await;
    forty.settled().await;
    let browser = Browser::open(&forty.stand, Scripts::Off).await;
    browser.go("/").await;
    browser.sees("Two companies, one building").await;
    browser.sign_in_as(&forty.gina.login).await;
    browser.sees("to go").await;
    eventually("loading it again goes on", || async {
        if browser.has("//a[.='Go on']").await {
            browser.follow("Go on").await;
        }
        (!browser.words().await.contains("Checking…")).then_some(())
    })
    .await;
    browser.follow("Requests 3").await;
    browser.see_element("//tbody/tr[3]").await;
    browser.fill("Search projects", "electrical 7").await;
    browser.press("Search").await;
    browser.see_element("//tbody[count(tr)=1]").await;
    assert_eq!(browser.path().await, "/?show=requests&q=electrical+7");
    browser.follow("Needs you 1").await;
    browser.see_element("//tbody[count(tr)=1]").await;
    browser.go("/").await;
    browser.follow("Choose RFI manager").await;
    browser.sees("2 RFIs from Electrical 1 wait").await;
    browser.choose("RFI manager", "Omar Haddad").await;
    browser.press("Save and send 2").await;
    // Forty projects were looked at: the company's limit may be used up, and what was chosen is kept to be sent again.
    eventually("it is saved", || async {
        if browser.has("//button[.='Send again']").await {
            browser.press("Send again").await;
        }
        let words = browser.words().await;
        words.contains("Saved. What waited for it goes on now.").then_some(())
    })
    .await;
}

#[tokio::test]
async fn rfis_that_wait_are_given_to_somebody_in_the_inbox() {
    let pair = Pair::automatic().await;
    let ((south, sam), (harbour, gina)) = (&pair.south, &pair.harbour);
    let settle = api(harbour.project(), &format!("/connections/{}", pair.connection));
    gina.patch(&settle, json!({"rfi_manager_id": null})).await.expect(200);
    let rfi = json!({"subject": "Waits for somebody", "draft": false, "rfi_manager_id": south.people[1].1});
    pair.stand.create_rfi(south.project(), &sam.login, rfi).await;
    eventually("it waits", || async {
        gina.get("/").await.text.contains("1 RFI waits").then_some(())
    })
    .await;
    let browser = Browser::sign_in(&pair.stand, &gina.login).await;
    browser.follow("Choose RFI manager").await;
    browser.choose("RFI manager", "Harbour manager").await;
    assert_eq!(browser.path().await, "/", "it is in place");
    inspect(&browser, "home-inbox-choosing").await;
    browser.size(320, 640).await;
    inspect(&browser, "home-inbox-choosing-320").await;
    browser.size(1280, 900).await;
    browser.press("Save and send 1").await;
    browser.sees("Saved. What waited for it goes on now.").await;
    browser.sees_no_more("1 RFI waits").await;
    eventually("it is delivered", || async {
        (pair.stand.copies(harbour.project()).await.len() == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_is_not_signed_in_sees_what_it_is() {
    let stand = Stand::new();
    let browser = Browser::open(&stand, Scripts::Run).await;
    browser.go("/").await;
    browser.sees("Two companies, one building").await;
    show_at(&browser, &look("landing", "/"), &SIZES).await;
    let bytes = weight(&stand, &stand.stranger(), "/").await;
    assert!(bytes < LARGEST_PAGE, "{bytes} bytes");
    browser.follow("For estimators: keep plans in sync").await;
    browser.sees("Keep plans in sync").await;
}

#[tokio::test]
async fn whose_company_has_not_installed_the_app_copies_two_lines() {
    let stand = Stand::new();
    let clear = stand
        .make_company(json!({
            "name": "Clearwater Plumbing", "app_installed": false, "projects": [{"name": "Pier 9 Water"}],
            "people": [{"name": "Cleo Ade", "level": "admin", "company_admin": true}],
        }))
        .await;
    let browser = Browser::sign_in(&stand, &clear.people[0].0).await;
    browser
        .sees("Clearwater Plumbing has not installed Gusset in Procore")
        .await;
    browser.see_element("//button[.='Copy the lines']").await;
    show_at(&browser, &look("home-without-app", "/"), &SIZES).await;
}
