//! A sandbox in this process, and a client of it.

use std::{
    sync::{OnceLock, atomic::AtomicU64},
    time::Duration,
};

use gusset_domain::ids::CompanyId;
use jiff::Timestamp;
use reqwest::{Client, Method, redirect::Policy};
use sandbox::server::Server;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;

use super::{AccessToken, Authority, Procore, endpoint::Endpoint, hosts::Hosts, paces::Paces};
use crate::chance;

/// An admin of the company 1001 and of its projects.
pub(crate) const GINA: &str = "gina.admin@harbour.example";
/// Somebody who may only read there.
pub(crate) const RITA: &str = "rita.reader@harbour.example";

/// A sandbox, with a client of it.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) procore: Procore,
    http: Client,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let url = Server::start(true).await.unwrap();
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let procore = client(&url, &http);
        Self { url, procore, http }
    }

    /// The client of another process.
    pub(crate) fn another(&self) -> Procore {
        client(&self.url, &self.http)
    }

    /// A client that knows another secret than Procore.
    pub(crate) fn with_secret(&self, secret: &str) -> Procore {
        Procore {
            client_secret: secret.to_owned(),
            ..client(&self.url, &self.http)
        }
    }

    /// A request through the side door.
    pub(crate) async fn side(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self.http.request(method, format!("{}/sandbox/{path}", self.url));
        let response = request.json(&body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Makes something in a company's account, as our service account.
    pub(crate) async fn make(&self, company: CompanyId, path: &str, body: Value) -> Value {
        let made = self
            .procore
            .post(Authority::ServiceAccount, Endpoint::of(company, path), &body);
        made.await.unwrap()
    }

    /// A person's token.
    pub(crate) async fn token(&self, login: &str) -> AccessToken {
        let (redirect, state) = ("http://localhost:3000/callback", "state");
        let verifier = chance::secret().unwrap();
        let address = self.procore.sign_in_url(redirect, state, &chance::hash(&verifier));
        let code = self.consent(address, login).await;
        let tokens = self
            .procore
            .exchange(&code, redirect, &verifier, Timestamp::now())
            .await;
        tokens.unwrap().access
    }

    /// A person's consent on the page that somebody was sent to. Gives the code.
    pub(crate) async fn consent(&self, address: Url, login: &str) -> String {
        let answer = self.http.post(address).form(&[("login", login)]).send().await.unwrap();
        let location = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1;
        code.into_owned()
    }

    /// What a page that a browser is sent to answers.
    pub(crate) async fn browse(&self, address: Url) -> u16 {
        self.http.get(address).send().await.unwrap().status().as_u16()
    }

    /// What a sync should find in the end.
    pub(crate) async fn expected(&self) -> Value {
        self.side(Method::GET, "projects/20001/plans", json!({})).await
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.side(Method::POST, "faults", fault).await;
    }
}

fn client(url: &str, http: &Client) -> Procore {
    let base = Url::parse(url).unwrap();
    let storage = format!("127.0.0.1:{}", base.port().unwrap());
    Procore {
        http: http.clone(),
        hosts: Hosts::new(&base, &base, Vec::new(), &storage),
        strangers: OnceLock::new(),
        api: base.clone(),
        login: base,
        client_id: "gusset-local".to_owned(),
        client_secret: "gusset-local-secret".to_owned(),
        timeout: Duration::from_secs(10),
        service_token: Mutex::new(None),
        paces: Paces::default(),
        calls: AtomicU64::new(0),
        unreadable: AtomicU64::new(0),
    }
}
