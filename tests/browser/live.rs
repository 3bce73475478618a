//! What others do shows by itself, and takes nothing away from who is just at the page.

use gusset_tests::{Browser, eventually};
use serde_json::{Value, json};

use gusset_tests::connected::Pair;

/// How often the page has asked for its lists.
async fn polls(browser: &Browser) -> u64 {
    let count = "return performance.getEntriesByType('resource').filter(entry => entry.name.includes('/live')).length";
    browser.script(count, vec![]).await.as_u64().unwrap()
}

async fn polls_on(browser: &Browser) {
    let before = polls(browser).await;
    eventually("the page asks again", || async {
        (polls(browser).await > before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_changes_shows_and_is_read_out_while_a_typed_code_and_an_open_part_stay() {
    let pair = Pair::asked().await;
    let (south, _) = &pair.south;
    let (harbour, gina) = &pair.harbour;
    let sam = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    sam.go(&format!("/projects/{}", south.project().id)).await;
    sam.type_code("1234 56").await;
    sam.field("Choose…").await.click().await.unwrap();
    // What a screen reader is told, as it comes.
    let listen = "window.told = []; new MutationObserver(() => told.push(announcer.textContent))
        .observe(announcer, {childList: true, characterData: true, subtree: true})";
    sam.script(listen, vec![]).await;
    let accept = format!(
        "/api/projects/{}/connections/{}/accept",
        harbour.project().id,
        pair.connection
    );
    gina.post(&accept, json!({})).await.expect(200);
    sam.see_element("//article//span[.='Connected']").await;
    let field = sam.field("The other project's code").await;
    assert_eq!(field.value().await.unwrap(), "1234 56");
    sam.see_element("//label[.='Notes']").await;
    let told = eventually("it is read out", || async {
        let told = sam.script("return told.filter(words => words)", vec![]).await;
        told.as_array().filter(|told| !told.is_empty()).cloned()
    })
    .await;
    assert_eq!(told, [Value::from("Harbour project: Connected")]);
    assert_eq!(sam.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_part_that_somebody_has_focused_keeps_its_focus_and_what_is_open() {
    let pair = Pair::automatic().await;
    let (south, _) = &pair.south;
    let (harbour, gina) = &pair.harbour;
    let sam = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    sam.go(&format!("/projects/{}", south.project().id)).await;
    sam.unfold("Disconnect…").await;
    let button = sam.see_element("//button[.='Disconnect']").await;
    sam.script("arguments[0].focus()", vec![button.argument()]).await;
    let settle = format!("/api/projects/{}/connections/{}", harbour.project().id, pair.connection);
    gina.patch(&settle, json!({"send": {"notes": "off"}})).await.expect(200);
    sam.sees("Notes: never").await;
    assert!(sam.has("//button[.='Disconnect']").await, "what was open is open");
    let focused = sam.script("return document.activeElement.textContent", vec![]).await;
    assert_eq!(focused, "Disconnect");
}

#[tokio::test]
async fn a_hidden_page_does_not_ask_and_a_page_shown_again_asks_at_once() {
    let pair = Pair::automatic().await;
    let (south, _) = &pair.south;
    let sam = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    let page = format!("/projects/{}/connections/{}", south.project().id, pair.connection);
    sam.go(&page).await;
    polls_on(&sam).await;
    let show = |hidden: bool| {
        let script = "Object.defineProperty(document, 'hidden', {configurable: true, get: () => arguments[0]});
            window.hiddenFor = arguments[0];
            Object.defineProperty(document, 'hidden', {configurable: true, get: () => window.hiddenFor});
            document.dispatchEvent(new Event('visibilitychange'))";
        sam.script(script, vec![Value::from(hidden)])
    };
    show(true).await;
    let before = polls(&sam).await;
    // Twice as long as a shown page waits, told by the page's own clock.
    sam.script_waits("setTimeout(arguments[0], 14500)", vec![]).await;
    assert_eq!(polls(&sam).await, before);
    show(false).await;
    polls_on(&sam).await;
}

#[tokio::test]
async fn times_are_told_in_the_readers_zone_with_the_exact_time_on_hover() {
    let pair = Pair::automatic().await;
    let (south, _) = &pair.south;
    let sam = Browser::sign_in(&pair.stand, &south.people[0].0).await;
    sam.time_zone("Asia/Tokyo").await;
    sam.go(&format!("/projects/{}", south.project().id)).await;
    let time = sam.see_element("//article//time").await;
    let (words, title, exact) = (
        time.text().await.unwrap(),
        time.attribute("title").await.unwrap().unwrap(),
        time.attribute("datetime").await.unwrap().unwrap(),
    );
    let expected = "return new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'short', \
                    timeZone: 'Asia/Tokyo'}).format(new Date(arguments[0]))";
    assert_eq!(sam.script(expected, vec![Value::from(exact.clone())]).await, words);
    assert!(title.contains(&exact) && title.contains("GMT+9"), "{title}");
}
