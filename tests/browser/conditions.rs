//! Where things are not at their best: a busy Procore, a page that is enlarged, a slow network, and none.

use gusset_tests::{Browser, Stand, api, connected::Pair, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::looks::inspect;

/// Has Procore answer the next calls of a kind with its limit.
async fn is_busy(stand: &Stand, company: u64, path: &str, times: u32) {
    let fault = json!({
        "method": "GET", "path": path, "company_id": company, "times": times, "status": 429, "headers": {"Retry-After": "8"},
    });
    stand.side_door(Method::POST, "/faults", fault).await;
}

/// Where Harbour answers the two questions.
fn terms(pair: &Pair) -> String {
    format!(
        "/projects/{}/connections/{}/terms",
        pair.harbour.0.project().id,
        pair.connection
    )
}

#[tokio::test]
async fn a_page_takes_in_what_procore_was_too_busy_to_say_and_keeps_what_was_typed() {
    let pair = Pair::asked().await;
    let (harbour, gina) = &pair.harbour;
    let browser = Browser::sign_in(&pair.stand, &gina.login).await;
    is_busy(
        &pair.stand,
        harbour.id,
        "/rest/v1.0/projects/*/rfis/potential_rfi_managers",
        1,
    )
    .await;
    browser.go(&terms(&pair)).await;
    browser.sees("Procore is busy.").await;
    inspect(&browser, "busy").await;
    browser.field("Choose…").await.click().await.unwrap();
    browser.choose("Notes", "Never").await;
    browser.sees_no_more("Procore is busy.").await;
    browser.choose("Who reviews RFIs from them?", "Harbour manager").await;
    let kept = "return [...document.querySelectorAll('form[data-form] :checked')].map(it => it.value).join()";
    let kept = browser.script(kept, vec![]).await;
    assert!(
        kept.as_str().unwrap().contains("chosen") && kept.as_str().unwrap().contains("off"),
        "{kept}"
    );
    assert_eq!(browser.complaints().await, Vec::<String>::new());

    // What is sent meets the limit as well: it is still there, and goes the next time.
    browser.script("window.sameOne = true", vec![]).await;
    is_busy(&pair.stand, harbour.id, "/rest/*", 1).await;
    // Once it is accepted the button goes: it may do so between a look and a press.
    let press = "[...document.querySelectorAll('button')].find(it => it.textContent.trim() === 'Accept')?.click()";
    let once_more = || async {
        browser.script(press, vec![]).await;
        let words = browser.words().await;
        words.contains("The two projects are connected.").then_some(())
    };
    eventually("it is accepted", once_more).await;
}

#[tokio::test]
async fn a_form_that_procore_was_too_busy_for_counts_down_to_when_it_can_be_sent_again() {
    let pair = Pair::asked().await;
    let (harbour, gina) = &pair.harbour;
    let browser = Browser::sign_in(&pair.stand, &gina.login).await;
    browser.go(&terms(&pair)).await;
    browser.answer("Nothing automatically", "Harbour manager").await;
    let asked = "/rest/v1.0/projects/*/rfis/potential_rfi_managers";
    is_busy(&pair.stand, harbour.id, asked, 1).await;
    browser.press("Accept").await;
    browser.sees("Procore asks to wait").await;
    browser.sees("What you typed is still here.").await;
    let left = "return Number(document.querySelector('form [data-countdown]')?.textContent ?? -1)";
    let left = || async { browser.script(left, vec![]).await.as_i64().unwrap() };
    let first = left().await;
    assert!((1..=8).contains(&first), "{first}");
    eventually("it counts down", || async { (left().await < first).then_some(()) }).await;
    browser.sees("You can send it again now.").await;
    let chosen = browser.field("Nothing automatically").await.value().await.unwrap();
    assert_eq!(chosen, "nothing");
    // By the clock of Procore it may be a moment earlier.
    let press = "[...document.querySelectorAll('button')].find(it => it.textContent.trim() === 'Accept')?.click()";
    eventually("it is accepted", || async {
        browser.script(press, vec![]).await;
        let words = browser.words().await;
        words.contains("The two projects are connected.").then_some(())
    })
    .await;
}

/// What is cut off: controls beyond the window's edge, outside of boxes that scroll by themselves.
const CUT_OFF: &str =
    "return [...document.querySelectorAll('a, button, input, select, summary, h1, h2, h3, p')].filter(it => {
    const box = it.getBoundingClientRect();
    const isSeen = box.width && box.height && !it.closest('.log-box, .unseen, .skip, [hidden]') && it.checkVisibility();
    return isSeen && (box.left < -1 || box.right > innerWidth + 1);
}).map(it => it.outerHTML.slice(0, 120))";

#[tokio::test]
async fn at_twice_the_size_nothing_is_cut_off() {
    let pair = Pair::automatic().await;
    let (harbour, gina) = &pair.harbour;
    let rfi = json!({"subject": "Which anchor is meant on sheet A-101 at the northern stair?", "draft": false, "rfi_manager_id": pair.south.0.people[1].1});
    pair.stand
        .create_rfi(pair.south.0.project(), &pair.south.1.login, rfi)
        .await;
    let browser = Browser::sign_in(&pair.stand, &gina.login).await;
    let project = format!("/projects/{}", harbour.project().id);
    let connection = format!("{project}/connections/{}", pair.connection);
    browser.go(&connection).await;
    browser.sees("Which anchor").await;
    // At 200 % a window of 1280 × 900 has half as many CSS pixels each way.
    let zoomed = json!({"width": 640, "height": 450, "deviceScaleFactor": 2, "mobile": false});
    browser.dev_tools("Emulation.setDeviceMetricsOverride", zoomed).await;
    for (name, path) in [
        ("home", "/"),
        ("project", &project),
        ("activity", &format!("{project}/activity")),
        ("connection", &connection),
        ("terms", &format!("{connection}/terms")),
        ("send", &format!("{connection}/send")),
        ("settings", &format!("{project}/settings")),
        ("estimating", "/estimating"),
    ] {
        browser.go(path).await;
        browser.see_element("//h1").await;
        inspect(&browser, &format!("zoomed-{name}")).await;
        assert_eq!(browser.script(CUT_OFF, vec![]).await, json!([]), "{name}");
    }
}

/// Gives the browser a network: bytes a second each way and milliseconds there and back, or none.
async fn network(browser: &Browser, quality: Option<(u32, u32)>) {
    browser.dev_tools("Network.enable", json!({})).await;
    let (speed, latency) = quality.unwrap_or_default();
    let conditions = json!({
        "offline": quality.is_none(), "latency": latency, "downloadThroughput": speed, "uploadThroughput": speed,
    });
    browser.dev_tools("Network.emulateNetworkConditions", conditions).await;
}

/// As Chromium's own "slow 3G".
const SLOW: Option<(u32, u32)> = Some((50_000, 2_000));

#[tokio::test]
async fn over_a_slow_network_a_page_comes_and_impatience_sends_nothing_twice() {
    let pair = Pair::asked().await;
    let (_, gina) = &pair.harbour;
    let browser = Browser::sign_in(&pair.stand, &gina.login).await;
    network(&browser, SLOW).await;
    browser.go(&terms(&pair)).await;
    let painted = "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null";
    let painted = eventually("it is painted", || async {
        browser.script(painted, vec![]).await.as_f64()
    })
    .await;
    println!("Over a slow network the first paint takes {painted:.0} ms.");
    browser.answer("Nothing automatically", "Harbour manager").await;
    // Everything that leaves the page from here on, and somebody who presses again and again.
    let impatient = "const sent = [], real = window.fetch;
        window.fetch = (...asked) => { if (asked[1]?.method === 'POST') sent.push(String(asked[0])); return real(...asked); };
        const button = [...document.querySelectorAll('button')].find(it => it.textContent.trim() === 'Accept');
        for (let press = 0; press < 5; press++) { button.click(); button.form.requestSubmit(); }
        return sent.length";
    assert_eq!(browser.script(impatient, vec![]).await, 1);
    browser.sees("The two projects are connected.").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn offline_a_filter_and_a_form_say_so_and_all_goes_on_later() {
    let pair = Pair::automatic().await;
    let (harbour, gina) = &pair.harbour;
    for subject in ["Which anchor?", "Which bolt?"] {
        let rfi = json!({"subject": subject, "draft": false, "rfi_manager_id": pair.south.0.people[1].1});
        pair.stand
            .create_rfi(pair.south.0.project(), &pair.south.1.login, rfi)
            .await;
    }
    let browser = Browser::sign_in(&pair.stand, &gina.login).await;
    let project = format!("/projects/{}", harbour.project().id);
    browser.go(&format!("{project}/activity")).await;
    browser.sees_row("Which anchor?", "Delivered").await;
    browser.sees_row("Which bolt?", "Delivered").await;
    network(&browser, None).await;
    browser.fill("Search", "anchor").await;
    browser.sees("Look whether you are online").await;
    assert!(browser.words().await.contains("Which bolt?"), "what was there stays");
    browser.follow("Which anchor?").await;
    browser.sees("Which bolt?").await;
    network(&browser, Some((10_000_000, 0))).await;
    browser.sees_no_more("Look whether you are online").await;
    browser.sees_no_more("Which bolt?").await;
    browser.sees("Which anchor?").await;

    browser.go(&project).await;
    browser.type_code("1234 5678").await;
    browser.answer("Nothing automatically", "Harbour manager").await;
    network(&browser, None).await;
    browser.press("Request connection").await;
    browser.sees("What you typed is still here.").await;
    let field = browser.field("The other project's code").await;
    assert_eq!(field.value().await.unwrap(), "1234 5678");
    network(&browser, Some((10_000_000, 0))).await;
    let off: Value = json!({"send": {"notes": "off"}});
    let settle = api(pair.south.0.project(), &format!("/connections/{}", pair.connection));
    pair.south.1.patch(&settle, off).await.expect(200);
    // What others do shows again, too.
    browser.press("Request connection").await;
    browser.sees_no_more("What you typed is still here.").await;
}
