//! A sandbox on a free port, a company of one's own in it, and a receiver for webhooks.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use reqwest::{Client, Method, RequestBuilder, Response};
use sandbox::server::Server;
use serde_json::{Value, json};

/// The first of the companies that every sandbox has.
const HARBOUR: &str = "1001";

pub(crate) const REDIRECT: &str = "http://localhost:3000/callback";

/// A running sandbox.
pub(crate) struct Sandbox {
    pub(crate) url: String,
    pub(crate) http: Client,
}

impl Sandbox {
    pub(crate) async fn start() -> Self {
        Self::start_as(false).await
    }

    /// One that takes and gives only what the contract describes.
    pub(crate) async fn start_strict() -> Self {
        Self::start_as(true).await
    }

    async fn start_as(strict: bool) -> Self {
        let url = Server::start(strict).await.unwrap().replace("localhost", "127.0.0.1");
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { url, http }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// A request through the side door, which has to succeed.
    pub(crate) async fn side(&self, method: Method, path: &str, body: Value) -> Value {
        let response = self
            .request(method, &format!("/sandbox/{path}"))
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A token for the app's service accounts.
    pub(crate) async fn service_token(&self) -> String {
        let form = [("grant_type", "client_credentials")];
        let answer: Value = self.token(&form).await.json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Response {
        let request = self
            .request(Method::POST, "/oauth/token")
            .basic_auth("gusset-local", Some("gusset-local-secret"));
        request.form(form).send().await.unwrap()
    }

    /// A fresh code of a person's.
    pub(crate) async fn code(&self, login: &str) -> String {
        self.code_with(login, &[]).await
    }

    /// As [`Self::code`], asked for with further parameters.
    pub(crate) async fn code_with(&self, login: &str, further: &[(&str, &str)]) -> String {
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", "gusset-local"),
            ("redirect_uri", REDIRECT),
            ("state", "st&te"),
        ];
        query.extend(further);
        let request = self
            .request(Method::POST, "/oauth/authorize")
            .query(&query)
            .form(&[("login", login)]);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 302);
        let location = url::Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
        let find = |name: &str| {
            location
                .query_pairs()
                .find(|(key, _)| key == name)
                .unwrap()
                .1
                .into_owned()
        };
        assert_eq!(find("state"), "st&te");
        find("code")
    }

    /// A fresh pair of tokens of a person's.
    pub(crate) async fn sign_in(&self, login: &str) -> Value {
        let code = self.code(login).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT),
        ];
        self.token(&form).await.json().await.unwrap()
    }

    pub(crate) async fn person_token(&self, login: &str) -> String {
        self.sign_in(login).await["access_token"].as_str().unwrap().to_owned()
    }

    /// The company that a call concerns: as its address or body says, that of the project in it, or else the first. None for the
    /// two endpoints of no company.
    async fn company_of(&self, address: &str, body: &Value) -> Option<String> {
        if ["/rest/v1.0/me", "/rest/v1.0/companies"].contains(&address) {
            return None;
        }
        let id_after = |name: &str| {
            let rest = address.split_once(name)?.1;
            let id: String = rest.chars().take_while(char::is_ascii_digit).collect();
            (!id.is_empty()).then_some(id)
        };
        let in_body = |name: &str| body[name].as_u64().map(|id| id.to_string());
        let company = id_after("/companies/").or_else(|| id_after("company_id="));
        if let Some(company) = company.or_else(|| in_body("company_id")) {
            return Some(company);
        }
        let project = id_after("/projects/").or_else(|| id_after("project_id="));
        let Some(project) = project.or_else(|| in_body("project_id")) else {
            return Some(HARBOUR.to_owned());
        };
        let request = self.request(Method::GET, &format!("/sandbox/projects/{project}"));
        let project: Value = request.send().await.unwrap().json().await.unwrap_or_default();
        Some(
            project["company_id"]
                .as_u64()
                .map_or(HARBOUR.to_owned(), |id| id.to_string()),
        )
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Response {
        let request = self.request(Method::GET, path).bearer_auth(token);
        let request = match self.company_of(path, &Value::Null).await {
            Some(company) => request.header("Procore-Company-Id", company),
            None => request,
        };
        request.send().await.unwrap()
    }

    /// A file's bytes, by its address on Procore's host: with the token to there, without it to storage.
    pub(crate) async fn download(&self, token: &str, url: &Value) -> Vec<u8> {
        let url = url.as_str().unwrap();
        let redirect = self.http.get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(redirect.status(), 302, "{url}");
        let storage = redirect.headers()["location"].to_str().unwrap();
        let host = |url: &str| url::Url::parse(url).unwrap().host_str().unwrap().to_owned();
        assert_ne!(host(storage), host(url));
        let file = self.http.get(storage).send().await.unwrap();
        assert_eq!(file.status(), 200);
        file.bytes().await.unwrap().to_vec()
    }

    /// A list or object that has to be there.
    pub(crate) async fn read(&self, token: &str, path: &str) -> Value {
        let response = self.get(token, path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn send(&self, method: Method, token: &str, path: &str, body: Value) -> Response {
        let company = self.company_of(path, &body).await;
        self.request(method, path)
            .header("Procore-Company-Id", company.unwrap_or_default())
            .bearer_auth(token)
            .json(&body)
            .send()
            .await
            .unwrap()
    }
}

/// An RFI with a manager.
pub(crate) fn rfi(manager: u64) -> Value {
    json!({"rfi": {"subject": "Beam", "rfi_manager_id": manager, "question": {"body": "<p>Why?</p>"}}})
}

/// Polls until `check` has something to show.
pub(crate) async fn eventually<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = check().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Takes webhooks, and answers with the statuses it was given, then 200.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    pub(crate) async fn start(answers: &[u16]) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let receiver = Self {
            url: format!("http://{}/hook", listener.local_addr().unwrap()),
            answers: Arc::new(Mutex::new(answers.iter().rev().copied().collect())),
            ..Self::default()
        };
        let router = Router::new().fallback(Self::take).with_state(receiver.clone());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    async fn take(State(receiver): State<Self>, headers: HeaderMap, body: String) -> StatusCode {
        receiver
            .received
            .lock()
            .unwrap()
            .push((headers, serde_json::from_str(&body).unwrap()));
        StatusCode::from_u16(receiver.answers.lock().unwrap().pop().unwrap_or(200)).unwrap()
    }

    pub(crate) fn received(&self) -> Vec<(HeaderMap, Value)> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Value> {
        eventually(&format!("webhook number {count}"), async || {
            let received = self.received();
            (received.len() >= count).then(|| received.into_iter().map(|(_, body)| body).collect())
        })
        .await
    }
}

/// Registers a hook for all RFI events of a project.
pub(crate) async fn hook(sandbox: &Sandbox, token: &str, project_id: u64, version: &str, url: &str) -> u64 {
    hook_for(sandbox, token, project_id, version, url, &["RFIs"]).await
}

/// The path of a project's webhooks.
pub(crate) fn webhooks(project_id: u64) -> String {
    let company_id = match project_id {
        20001 | 20002 => 1001,
        30001 => 1002,
        40001 => 1003,
        other => unreachable!("{other} is no project of the demo data"),
    };
    format!("/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks")
}

/// Registers a hook for all events of some resources of a project.
pub(crate) async fn hook_for(
    sandbox: &Sandbox,
    token: &str,
    project_id: u64,
    version: &str,
    url: &str,
    resources: &[&str],
) -> u64 {
    let body = json!({
        "payload_version": version, "namespace": format!("gusset-{}", version.replace('.', "-")), "destination_url": url,
        "destination_headers": {"Authorization": "Bearer hook-secret"},
    });
    let hooks = format!("{}/hooks", webhooks(project_id));
    let made = sandbox.send(Method::POST, token, &hooks, body).await;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    let id: u64 = made["data"]["id"].as_str().unwrap().parse().unwrap();
    let events = ["create", "update", "delete"];
    let triggers: Vec<Value> = resources
        .iter()
        .flat_map(|resource| events.map(|event| json!({"resource_name": resource, "event_type": event})))
        .collect();
    let answer = sandbox
        .send(
            Method::POST,
            token,
            &format!("{hooks}/{id}/triggers/bulk"),
            json!(triggers),
        )
        .await;
    assert_eq!(answer.status(), 201);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["data"].as_array().unwrap().len(), 3 * resources.len());
    id
}
