//! People who use Gusset with a browser or a program.

use std::{
    collections::BTreeMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::Value;
use url::Url;

use crate::Stand;

/// What Gusset answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body, where it is JSON.
    pub json: Value,
    /// The body.
    pub text: String,
    /// The headers.
    pub headers: header::HeaderMap,
}

impl Answer {
    /// The answer's JSON, if it came with a status. Anything else fails the test.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json
    }

    /// Checks that the answer is a problem document of a kind, in words for people, and gives it.
    #[track_caller]
    pub fn problem(self, status: u16, slug: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.json["type"], format!("urn:gusset:problem:{slug}"), "{}", self.text);
        assert_eq!(self.json["status"], status);
        let words = |field: &str| self.json[field].as_str().is_some_and(|words| words.len() > 5);
        assert!(words("title") && words("detail"), "{}", self.text);
        self.json
    }

    /// Where the answer sends the browser.
    #[track_caller]
    pub fn location(&self) -> String {
        let location = self.headers.get(header::LOCATION);
        location
            .unwrap_or_else(|| panic!("{} {}", self.status, self.text))
            .to_str()
            .unwrap()
            .to_owned()
    }
}

/// How long a person goes on trying while Procore asks to wait: several of its shorter windows.
const PATIENCE: Duration = Duration::from_secs(80);

/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(16);

/// Somebody with a browser: cookies, and whoever is signed in with them.
pub struct Person {
    stand: Stand,
    /// The login in Procore; empty for somebody who is not signed in.
    pub login: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Stand {
    /// Somebody who is not signed in.
    pub fn stranger(&self) -> Person {
        Person {
            stand: self.clone(),
            login: String::new(),
            cookies: Mutex::default(),
        }
    }

    /// The browser of somebody who has a login in Procore, and has not signed in yet.
    pub fn browser(&self, login: &str) -> Person {
        Person {
            login: login.to_owned(),
            ..self.stranger()
        }
    }

    /// Signs somebody in, through Gusset's and Procore's own pages.
    pub async fn sign_in(&self, login: &str) -> Person {
        let person = self.browser(login);
        let start = person.get("/oauth/start?return_to=/").await;
        let back = person.consent(&start.location()).await;
        let done = person.get(&back).await;
        assert_eq!(done.location(), format!("{}/", self.gusset));
        assert!(
            person.cookies.lock().unwrap().contains_key("__Host-gusset_session"),
            "{login} is signed in"
        );
        person
    }
}

impl Person {
    /// Signs in at Procore, as `login`, at the address that Gusset sent the browser to. Gives the path and query of
    /// Gusset's page to which Procore sends the browser back.
    pub async fn consent(&self, procore: &str) -> String {
        self.consent_as(procore, &self.login).await
    }

    /// As [`Self::consent`], as any login.
    pub async fn consent_as(&self, procore: &str, login: &str) -> String {
        assert!(
            procore.starts_with(&format!("{}/oauth/authorize?", self.stand.procore)),
            "{procore}"
        );
        let response = self
            .stand
            .http
            .post(procore)
            .form(&[("login", login)])
            .send()
            .await
            .unwrap();
        let back = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
        self.path(&back)
    }

    /// The path and query of an address of Gusset's.
    pub fn path(&self, address: &str) -> String {
        let url = Url::parse(address).unwrap();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", url.path())
    }

    /// `GET`s a path of Gusset's.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, |request| request).await
    }

    /// `GET`s once, and takes what comes for an answer, whatever Procore's limit is.
    pub async fn get_once(&self, path: &str) -> Answer {
        let request = self.stand.http.get(format!("{}{path}", self.stand.gusset));
        self.send_once(request.header(header::COOKIE, self.cookies_sent()))
            .await
    }

    /// How many bytes of a body come over the wire for whoever takes gzip, as browsers do, and whether they are compressed.
    pub async fn transferred(&self, path: &str) -> (usize, bool) {
        let request = self.stand.http.get(format!("{}{path}", self.stand.gusset));
        let request = request.header(header::ACCEPT_ENCODING, "gzip, deflate, br");
        let answer = request
            .header(header::COOKIE, self.cookies_sent())
            .send()
            .await
            .unwrap();
        let is_compressed = answer.headers().contains_key(header::CONTENT_ENCODING);
        (answer.bytes().await.unwrap().len(), is_compressed)
    }

    fn cookies_sent(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        let cookies = cookies.iter().map(|(name, value)| format!("{name}={value}"));
        cookies.collect::<Vec<_>>().join("; ")
    }

    /// `POST`s JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, |request| request.json(&body)).await
    }

    /// `PATCH`es with JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, |request| request.json(&body)).await
    }

    /// Sends an HTML form, as a browser does without any script.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = self.stand.gusset.clone();
        self.send(Method::POST, path, |request| {
            request
                .header(header::ACCEPT, "text/html,*/*")
                .header(header::ORIGIN, &origin)
                .form(fields)
        })
        .await
    }

    /// Sends an HTML form once, and takes what comes for an answer, whatever Procore's limit is.
    pub async fn submit_once(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.stand.http.post(format!("{}{path}", self.stand.gusset));
        let request = request
            .header(header::ACCEPT, "text/html,*/*")
            .header(header::ORIGIN, &self.stand.gusset)
            .header(header::COOKIE, self.cookies_sent())
            .form(fields);
        self.send_once(request).await
    }

    /// Sends any request to a path of Gusset's, with the person's cookies, and keeps the cookies that come back. Where Procore's
    /// limit is used up, and nothing was done, the person tries again: the limit is that of the story's own company.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Answer {
        let cookies = self.cookies_sent();
        let mut request = self.stand.http.request(method, format!("{}{path}", self.stand.gusset));
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        let request = with(request);
        let (began, mut wait) = (Instant::now(), Duration::from_millis(500));
        loop {
            let answer = self.send_once(request.try_clone().unwrap()).await;
            let is_busy = answer.json["type"] == "urn:gusset:problem:procore-busy"
                || answer.status == 503 && answer.text.contains("<h1>Procore asks to wait</h1>");
            if !is_busy || began.elapsed() > PATIENCE {
                return answer;
            }
            // Many at once would use each window up before any of them is through.
            tokio::time::sleep(wait.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn send_once(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, value) = cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .split_once('=')
                .unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            if value.is_empty() {
                cookies.remove(name)
            } else {
                cookies.insert(name.to_owned(), value.to_owned())
            };
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        Answer {
            status,
            json: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
            headers,
        }
    }

    /// A cookie that the person's browser holds.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Puts a cookie into the person's browser.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }
}
