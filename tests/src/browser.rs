//! People in front of Chromium.
//!
//! Each has a browser of its own, with cookies of its own, driven over WebDriver. What is looked for is what people see:
//! words, labels and buttons, and never for a fixed time.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use url::Url;

use crate::{
    Stand, eventually, setting,
    webdriver::{Element, Refused, Session},
};

const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--lang=en-GB",
];

/// In CSS pixels.
const TALLEST_PICTURE: f64 = 6_000.0;

/// Whether a browser runs the scripts of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// As browsers come.
    Run,
    /// Switched off by the person.
    Off,
}

/// A browser window of somebody's.
pub struct Browser {
    /// The stand.
    pub stand: Stand,
    session: Session,
    _driver: Driver,
}

/// ChromeDriver, which ends its browser when it is told to shut down.
struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// It takes a free port on IPv4, and ends where that one is taken on IPv6: then another one is as good.
    fn start() -> Self {
        (0..10).find_map(|_| Self::try_start()).expect("ChromeDriver starts")
    }

    fn try_start() -> Option<Self> {
        let mut process = Command::new(setting("GUSSET_CHROMEDRIVER"))
            .args(["--port=0", "--log-level=SEVERE"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("ChromeDriver is there");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let Some(port) = port else {
            let _ = process.kill();
            let _ = process.wait();
            return None;
        };
        // It must not block on a pipe that nobody reads.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Some(Self { process, port })
    }

    fn shut_down(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Killed outright, it would leave its browser behind.
        if self.shut_down().is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

impl Browser {
    /// A new window, of nobody who is signed in.
    pub async fn open(stand: &Stand, scripts: Scripts) -> Self {
        let driver = Driver::start();
        let mut options = json!({"binary": setting("GUSSET_CHROMIUM"), "args": FLAGS});
        if scripts == Scripts::Off {
            options["prefs"] = json!({"profile.managed_default_content_settings.javascript": 2});
        }
        let capabilities = json!({
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"implicit": 0, "pageLoad": 60_000, "script": 60_000},
        });
        let session = Session::begin(&stand.http, &format!("http://127.0.0.1:{}", driver.port), capabilities).await;
        let browser = Self {
            stand: stand.clone(),
            session,
            _driver: driver,
        };
        browser.size(1280, 900).await;
        browser
    }

    /// The window of somebody who has signed in, on Gusset's and Procore's own pages.
    pub async fn sign_in(stand: &Stand, login: &str) -> Self {
        let browser = Self::open(stand, Scripts::Run).await;
        browser.go("/").await;
        browser.sign_in_as(login).await;
        browser
    }

    /// Signs in from a page that offers it.
    pub async fn sign_in_as(&self, login: &str) {
        self.follow("Sign in with Procore").await;
        self.choose_in_procore(login).await;
        self.see_element("//button[normalize-space()='Sign out']").await;
        // What Procore's pages complain of is not ours.
        self.complaints().await;
    }

    /// Says who one is on Procore's own page.
    pub async fn choose_in_procore(&self, login: &str) {
        let form = format!(
            "//input[@name='login' and @value='{login}']/ancestor::form//button | //button[@name='login' and @value='{login}']"
        );
        self.click(&form).await;
    }

    /// Opens a path of Gusset's.
    pub async fn go(&self, path: &str) {
        let address = format!("{}{path}", self.stand.gusset);
        self.session.post("url", json!({"url": address})).await.unwrap();
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.session.post("refresh", json!({})).await.unwrap();
    }

    /// The path and query of the page.
    pub async fn path(&self) -> String {
        let url = self.session.get("url").await.unwrap();
        let url = Url::parse(url.as_str().unwrap()).unwrap();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", url.path())
    }

    /// The words on the page that can be seen.
    pub async fn words(&self) -> String {
        // While one page follows another there is none.
        let body = self.session.find_all("//body").await.unwrap_or_default();
        match body.first() {
            Some(body) => body.text().await.unwrap_or_default(),
            None => String::new(),
        }
    }

    /// The page's source as the browser holds it.
    pub async fn source(&self) -> String {
        self.session.get("source").await.unwrap().as_str().unwrap().to_owned()
    }

    /// Waits until words are seen, without loading the page again.
    pub async fn sees(&self, words: &str) {
        let last = std::sync::Mutex::new(String::new());
        let seen = eventually_or(|| async {
            let page = self.words().await;
            let found = page.contains(words).then_some(());
            *last.lock().unwrap() = page;
            found
        });
        assert!(
            seen.await.is_some(),
            "{words:?} is not seen. The page says:\n{}",
            last.lock().unwrap()
        );
    }

    /// Waits until words are not seen any more.
    pub async fn sees_no_more(&self, words: &str) {
        let gone = eventually_or(|| async { (!self.words().await.contains(words)).then_some(()) });
        assert!(gone.await.is_some(), "{words:?} is still seen:\n{}", self.words().await);
    }

    /// What an XPath finds, once it is there and can be seen.
    pub async fn see_element(&self, path: &str) -> Element {
        let found = eventually_or(|| async {
            for element in self.session.find_all(path).await.ok()? {
                if element.is_displayed().await.unwrap_or(false) {
                    return Some(element);
                }
            }
            None
        });
        match found.await {
            Some(element) => element,
            None => panic!("there is no {path}. The page says:\n{}", self.words().await),
        }
    }

    /// Whether an XPath finds something that can be seen, now.
    pub async fn has(&self, path: &str) -> bool {
        for element in self.session.find_all(path).await.unwrap() {
            if element.is_displayed().await.unwrap_or(false) {
                return true;
            }
        }
        false
    }

    /// Presses what an XPath finds, once it is there. What is swapped at that very moment is looked for once more.
    pub async fn click(&self, path: &str) {
        for _ in 0..10 {
            match self.see_element(path).await.click().await {
                Ok(()) => return,
                Err(Refused(why)) if why.contains("stale element") => {}
                Err(Refused(why)) => panic!("{path} cannot be pressed: {why}"),
            }
        }
        panic!("{path} does not stay where it is");
    }

    /// Follows the link with these words.
    pub async fn follow(&self, words: &str) {
        self.click(&format!("//a[normalize-space()={}]", quoted(words))).await;
    }

    /// Presses the button with these words.
    pub async fn press(&self, words: &str) {
        self.click(&format!("//button[normalize-space()={}]", quoted(words)))
            .await;
    }

    /// Opens what is folded away under these words, if it is.
    pub async fn unfold(&self, words: &str) {
        let summary = format!("//summary[normalize-space()={}]", quoted(words));
        if !self.has(&format!("{summary}/parent::details[@open]")).await {
            self.click(&summary).await;
        }
        self.see_element(&format!("{summary}/parent::details[@open]")).await;
    }

    /// Waits until the card with this heading has this badge.
    pub async fn sees_badge(&self, heading: &str, badge: &str) {
        let (heading, badge) = (quoted(heading), quoted(badge));
        let path = format!("//article[.//h3[normalize-space()={heading}]]//span[.={badge}]");
        self.see_element(&path).await;
    }

    /// Waits until the row of a table with this heading has this badge.
    pub async fn sees_row(&self, heading: &str, badge: &str) {
        let (heading, badge) = (quoted(heading), quoted(badge));
        let path = format!("//tr[th[normalize-space()={heading}]]//span[contains(@class, 'badge') and .={badge}]");
        self.see_element(&path).await;
    }

    /// Fills in the field with this label.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses an option of the drop-down with this label.
    pub async fn choose(&self, label: &str, option: &str) {
        let select = self.field(label).await;
        let option = format!(".//option[normalize-space()={}]", quoted(option));
        select.find(&option).await.unwrap().click().await.unwrap();
    }

    /// Types the other project's code, for which the way to connect is unfolded where the project has a connection.
    pub async fn type_code(&self, code: &str) {
        self.unfold("Connect another project").await;
        self.fill("The other project's code", code).await;
    }

    /// Answers the two questions of a connection: what the other side receives, and who reviews their RFIs.
    pub async fn answer(&self, receives: &str, reviewer: &str) {
        self.field(receives).await.click().await.unwrap();
        self.choose("Who reviews RFIs from them?", reviewer).await;
    }

    /// The field with this label, once it can be seen.
    pub async fn field(&self, label: &str) -> Element {
        let label = quoted(label);
        let path =
            format!("//*[@id=//label[normalize-space()={label}]/@for] | //label[normalize-space()={label}]//input");
        self.see_element(&path).await
    }

    /// What a script in the page gives.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.session.script("sync", script, arguments).await.unwrap()
    }

    /// What a script in the page gives, once it calls its last argument.
    pub async fn script_waits(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.session.script("async", script, arguments).await.unwrap()
    }

    /// Gives the window's page a size, in CSS pixels.
    pub async fn size(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.dev_tools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Has the person prefer `light` or `dark`.
    pub async fn theme(&self, theme: &str) {
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        self.dev_tools("Emulation.setEmulatedMedia", media).await;
    }

    /// Has the person live in a time zone, such as `Asia/Tokyo`.
    pub async fn time_zone(&self, zone: &str) {
        self.dev_tools("Emulation.setTimezoneOverride", json!({"timezoneId": zone}))
            .await;
    }

    /// A command of Chromium's own protocol.
    pub async fn dev_tools(&self, command: &str, parameters: Value) -> Value {
        let command = json!({"cmd": command, "params": parameters});
        self.session.post("goog/cdp/execute", command).await.unwrap()
    }

    /// A picture of the page, as a PNG: of the whole of it, or of the first [`TALLEST_PICTURE`] pixels.
    pub async fn picture(&self) -> Vec<u8> {
        let size = &self.dev_tools("Page.getLayoutMetrics", json!({})).await["cssContentSize"];
        let (width, height) = (&size["width"], size["height"].as_f64().unwrap().min(TALLEST_PICTURE));
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
        let wanted = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let taken = self.dev_tools("Page.captureScreenshot", wanted).await;
        STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }

    /// What the page complained of since it was last asked: errors of scripts, what its policy forbade, and what it could not
    /// load. That the page itself is one of a problem is no complaint.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.session.post("se/log", json!({"type": "browser"})).await.unwrap();
        let entries = log.as_array().cloned().unwrap_or_default();
        let itself = format!("{}{} - Failed to load", self.stand.gusset, self.path().await);
        entries
            .iter()
            .filter(|entry| !entry["message"].as_str().is_some_and(|said| said.starts_with(&itself)))
            .filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")))
            .map(|entry| entry["message"].to_string())
            .collect()
    }
}

/// The words as an XPath text.
pub(crate) fn quoted(words: &str) -> String {
    if words.contains('\'') {
        format!("\"{words}\"")
    } else {
        format!("'{words}'")
    }
}

/// Asks again and again until there is an answer, for as long as a person would look.
async fn eventually_or<T, F: Future<Output = Option<T>>>(ask: impl Fn() -> F) -> Option<T> {
    tokio::time::timeout(Duration::from_secs(85), eventually("it is on the page", ask))
        .await
        .ok()
}
