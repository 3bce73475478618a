//! The little of WebDriver that the browser's tests need, spoken to ChromeDriver with the HTTP client that is there anyway.

use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The name under which WebDriver gives an element's id.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What ChromeDriver refused, in its words.
#[derive(Debug)]
pub struct Refused(pub String);

/// A browser's session.
#[derive(Clone)]
pub(crate) struct Session {
    http: Client,
    address: String,
}

/// An element of a page.
pub struct Element {
    session: Session,
    id: String,
}

impl Session {
    /// Has ChromeDriver start a browser.
    pub(crate) async fn begin(http: &Client, driver: &str, capabilities: Value) -> Self {
        let new = Self {
            http: http.clone(),
            address: driver.to_owned(),
        };
        let wanted = json!({"capabilities": {"alwaysMatch": capabilities}});
        let begun = new.post("session", wanted).await.expect("Chromium starts");
        let id = begun["sessionId"].as_str().unwrap();
        Self {
            address: format!("{driver}/session/{id}"),
            ..new
        }
    }

    pub(crate) async fn get(&self, command: &str) -> Result<Value, Refused> {
        self.send(Method::GET, command, None).await
    }

    pub(crate) async fn post(&self, command: &str, body: Value) -> Result<Value, Refused> {
        self.send(Method::POST, command, Some(body)).await
    }

    async fn send(&self, method: Method, command: &str, body: Option<Value>) -> Result<Value, Refused> {
        let request = self.http.request(method, format!("{}/{command}", self.address));
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.map_err(|error| Refused(error.to_string()))?;
        let succeeded = answer.status().is_success();
        let mut said: Value = answer.json().await.map_err(|error| Refused(error.to_string()))?;
        if succeeded {
            Ok(said["value"].take())
        } else {
            Err(Refused(said["value"]["message"].to_string()))
        }
    }

    /// All elements that an XPath finds.
    pub(crate) async fn find_all(&self, path: &str) -> Result<Vec<Element>, Refused> {
        self.find_from("elements", path).await
    }

    /// Runs a script of a kind: `sync` or `async`.
    pub(crate) async fn script(&self, kind: &str, script: &str, arguments: Vec<Value>) -> Result<Value, Refused> {
        let body = json!({"script": script, "args": arguments});
        self.post(&format!("execute/{kind}"), body).await
    }

    async fn find_from(&self, command: &str, path: &str) -> Result<Vec<Element>, Refused> {
        let found = self.post(command, json!({"using": "xpath", "value": path})).await?;
        let found = found.as_array().cloned().unwrap_or_default();
        let element = |found: &Value| Element {
            session: self.clone(),
            id: found[ELEMENT].as_str().unwrap().to_owned(),
        };
        Ok(found.iter().map(element).collect())
    }
}

impl Element {
    async fn get(&self, what: &str) -> Result<Value, Refused> {
        self.session.get(&format!("element/{}/{what}", self.id)).await
    }

    async fn post(&self, what: &str, body: Value) -> Result<Value, Refused> {
        self.session.post(&format!("element/{}/{what}", self.id), body).await
    }

    /// The first element within it that an XPath finds.
    pub async fn find(&self, path: &str) -> Result<Element, Refused> {
        let found = self
            .session
            .find_from(&format!("element/{}/elements", self.id), path)
            .await?;
        found.into_iter().next().ok_or_else(|| Refused(format!("no {path}")))
    }

    /// Whether it can be seen.
    pub async fn is_displayed(&self) -> Result<bool, Refused> {
        Ok(self.get("displayed").await? == true)
    }

    /// Its words that can be seen.
    pub async fn text(&self) -> Result<String, Refused> {
        Ok(self.get("text").await?.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute, as the page's source has it.
    pub async fn attribute(&self, name: &str) -> Result<Option<String>, Refused> {
        Ok(self
            .get(&format!("attribute/{name}"))
            .await?
            .as_str()
            .map(str::to_owned))
    }

    /// What a field holds.
    pub async fn value(&self) -> Result<String, Refused> {
        Ok(self
            .get("property/value")
            .await?
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// Presses it.
    pub async fn click(&self) -> Result<(), Refused> {
        self.post("click", json!({})).await.map(drop)
    }

    /// Empties a field.
    pub async fn clear(&self) -> Result<(), Refused> {
        self.post("clear", json!({})).await.map(drop)
    }

    /// Types.
    pub async fn send_keys(&self, text: &str) -> Result<(), Refused> {
        self.post("value", json!({"text": text})).await.map(drop)
    }

    /// The element as a script's argument.
    #[must_use]
    pub fn argument(&self) -> Value {
        json!({ELEMENT: self.id})
    }
}
