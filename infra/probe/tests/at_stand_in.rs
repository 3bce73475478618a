//! The probe as an operator runs it, on the stand-in: all is as assumed there, and each way to differ is found.

#![allow(clippy::unwrap_used, reason = "the lint exempts tests, but not their helpers")]

use std::{
    collections::BTreeSet,
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::Duration,
};

use reqwest::{Client, Method, redirect::Policy};
use sandbox::server::Server;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};

const SECRET: &str = "gusset-local-secret";

/// Each way to differ, and what the probe then says does not hold.
const DIFFERENCES: [(&str, &str); 10] = [
    ("header_optional", "a call without Procore-Company-Id"),
    ("token_life", "the life of a token"),
    ("wrong_secret", "a wrong client secret"),
    ("no_limits", "X-Rate-Limit-Limit, -Remaining and -Reset"),
    ("no_total", "a list's Total"),
    ("small_pages", "per_page=2000"),
    ("cost_as_number", "the cost of one RFI"),
    ("no_files_of_notes", "a file of a note, by PATCH in a form"),
    ("webhooks_bare", "a project's webhook"),
    ("resource_renamed", "resources of items in a project"),
];

/// A stand-in, and a folder for what the probe writes.
struct Place {
    url: String,
    http: Client,
    folder: TempDir,
    foreign: String,
}

impl Place {
    async fn new() -> Self {
        let url = Server::start(true).await.unwrap();
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let mut place = Self {
            url,
            http,
            folder: TempDir::new().unwrap(),
            foreign: String::new(),
        };
        let new = json!({"name": "Elsewhere", "app_installed": false, "projects": []});
        let foreign = place.side(Method::POST, "companies", new).await;
        place.foreign = foreign["id"].to_string();
        place
    }

    /// A stand-in whose limits nobody waits for.
    async fn without_limits() -> Self {
        let place = Self::new().await;
        let limits = json!({"spike": 100_000, "hour": 100_000});
        place.side(Method::PUT, "limits", limits).await;
        place
    }

    async fn side(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self.http.request(method, format!("{}/sandbox/{path}", self.url));
        let response = request.json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "{path}");
        response.json().await.unwrap_or(Value::Null)
    }

    fn shapes(&self) -> PathBuf {
        self.folder.path().join("shapes.json")
    }

    /// The command, with all that it needs.
    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_probe"));
        command.args(["--api", &self.url, "--login", &self.url, "--client-id", "gusset-local"]);
        command.args([
            "--company",
            "1001",
            "--project",
            "20001",
            "--foreign-company",
            &self.foreign,
        ]);
        let hook_to = format!("{}/sandbox/health", self.url);
        command.args(["--hook-to", &hook_to, "--shapes"]).arg(self.shapes());
        command.env("GUSSET_PROBE_SECRET", SECRET).stdin(Stdio::null());
        command
    }

    async fn run(&self, more: &[&str]) -> Output {
        let mut command = self.command();
        command.args(more);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// What is in the project that a probe could have left there.
    async fn left(&self) -> (Value, Value) {
        let hooks = self
            .side(Method::GET, "webhooks/hooks?project_id=20001", json!({}))
            .await;
        let project = self.side(Method::GET, "projects/20001", json!({})).await;
        (hooks["hooks"].clone(), project)
    }

    /// The probe's own traces among what the project shows.
    async fn traces(&self) -> Vec<String> {
        let token = self.http.post(format!("{}/oauth/token", self.url)).form(&[
            ("grant_type", "client_credentials"),
            ("client_id", "gusset-local"),
            ("client_secret", SECRET),
        ]);
        let token: Value = token.send().await.unwrap().json().await.unwrap();
        let mut traces = Vec::new();
        for kind in ["rfis", "manpower_logs", "notes_logs"] {
            let list = self.http.get(format!("{}/rest/v1.0/projects/20001/{kind}", self.url));
            let list = list.bearer_auth(token["access_token"].as_str().unwrap());
            let list = list.header("Procore-Company-Id", "1001").send().await.unwrap();
            let text = list.text().await.unwrap();
            if text.contains("Gusset probe") {
                traces.push(kind.to_owned());
            }
        }
        traces
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What does not hold, as the table marks it, but for the calls of the contract.
fn differing(output: &Output) -> BTreeSet<String> {
    let text = text(output);
    let lines = text.lines().filter_map(|line| line.strip_prefix("! "));
    let names = lines.filter_map(|line| line.split(" · ").next());
    let is_call = |name: &&str| {
        ["GET /", "POST /", "PATCH /", "PUT /", "DELETE /"]
            .iter()
            .any(|method| name.starts_with(method))
    };
    names.filter(|name| !is_call(name)).map(str::to_owned).collect()
}

#[tokio::test]
async fn all_is_as_assumed_at_the_stand_in_under_its_limits_and_nothing_is_left() {
    let place = Place::new().await;
    let before = place.left().await;
    let output = place.run(&["--yes"]).await;
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    // Without a person nothing is signed out of.
    assert!(said.contains("? POST /oauth/revoke · "), "{said}");
    assert!(said.contains(" hold, 0 differ, 1 could not be tried."), "{said}");
    assert_eq!(place.left().await, before);
    assert_eq!(place.traces().await, [""; 0]);
    let shapes = std::fs::read_to_string(place.shapes()).unwrap();
    assert!(shapes.contains("\"subject\": \"str\""), "{shapes}");
    for content in ["Gusset probe", "Pier 9", "harbour", "20001"] {
        assert!(!shapes.contains(content), "{content}: {shapes}");
    }
}

#[tokio::test]
async fn each_way_to_differ_is_found() {
    let place = Place::without_limits().await;
    for (name, assumption) in DIFFERENCES {
        place.side(Method::PUT, "differences", json!({"names": [name]})).await;
        let output = place.run(&["--yes"]).await;
        assert_eq!(output.status.code(), Some(1), "{name}: {}", text(&output));
        assert!(differing(&output).contains(assumption), "{name}: {}", text(&output));
    }
}

#[tokio::test]
async fn ten_differences_at_once_are_all_found() {
    let place = Place::without_limits().await;
    let names = DIFFERENCES.map(|(name, _)| name);
    place.side(Method::PUT, "differences", json!({ "names": names })).await;
    let output = place.run(&["--yes"]).await;
    let found = differing(&output);
    for (name, assumption) in DIFFERENCES {
        assert!(found.contains(assumption), "{name}: {}", text(&output));
    }
    assert_eq!(place.traces().await, [""; 0], "it cleans up all the same");
}

#[tokio::test]
async fn what_was_made_is_removed_also_where_procore_stops_answering() {
    let place = Place::without_limits().await;
    let before = place.left().await;
    let fault = json!({"method": "POST", "path": "/rest/v1.0/projects/20001/rfis/*/replies", "drop": "before"});
    place.side(Method::POST, "faults", fault).await;
    let output = place.run(&["--yes"]).await;
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("Procore does not answer"), "{}", text(&output));
    assert_eq!(place.left().await, before);
    assert_eq!(place.traces().await, [""; 0]);
}

#[tokio::test]
async fn what_was_made_is_removed_also_where_somebody_stops_it() {
    let place = Place::without_limits().await;
    let before = place.left().await;
    let hang = json!({"method": "POST", "path": "/rest/v1.0/projects/20001/rfis/*/replies", "delay_ms": 50_000});
    place.side(Method::POST, "faults", hang).await;
    let mut command = tokio::process::Command::from(place.command());
    command.arg("--yes").stdout(Stdio::piped()).kill_on_drop(true);
    let probe = command.spawn().unwrap();
    let until = tokio::time::Instant::now() + Duration::from_secs(30);
    // The fault is used up as soon as the call hangs.
    while place.side(Method::GET, "faults", json!({})).await != json!({"faults": []}) {
        assert!(tokio::time::Instant::now() < until, "it does not come so far");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(place.traces().await, ["rfis"], "something is there by now");
    let stop = Command::new("kill")
        .args(["-INT", &probe.id().unwrap().to_string()])
        .status();
    assert!(stop.unwrap().success());
    let output = probe.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("Stopped."), "{}", text(&output));
    assert_eq!(place.left().await, before);
    assert_eq!(place.traces().await, [""; 0]);
}

#[tokio::test]
async fn nothing_is_written_without_a_yes_and_no_secret_is_guessed() {
    let place = Place::without_limits().await;
    let output = place.run(&[]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("give --yes"), "{}", text(&output));
    let mut command = place.command();
    command.arg("--yes").env("GUSSET_PROBE_SECRET", "another");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("There is no token"), "{}", text(&output));
    assert_eq!(place.traces().await, [""; 0]);
}

#[tokio::test]
async fn a_person_signs_in_with_a_browser() {
    let place = Place::without_limits().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let redirect = format!("http://localhost:{port}/callback");
    let mut command = tokio::process::Command::from(place.command());
    command
        .args(["--yes", "--browser", "--redirect", &redirect])
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let mut probe = command.spawn().unwrap();
    let mut lines = BufReader::new(probe.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains("/oauth/authorize?") {
            let consent = place.http.post(&line).form(&[("login", "gina.admin@harbour.example")]);
            let answer = consent.send().await.unwrap();
            let back = answer.headers()["location"]
                .to_str()
                .unwrap()
                .replace("localhost", "127.0.0.1");
            assert_eq!(place.http.get(back).send().await.unwrap().status(), 200);
        }
        said.push(line);
    }
    let said = said.join("\n");
    assert_eq!(probe.wait().await.unwrap().code(), Some(0), "{said}");
    assert!(said.contains(" hold, 0 differ, 0 could not be tried."), "{said}");
    for assumption in [
        "a person's code",
        "a refresh token",
        "a person's permissions",
        "a revoked token",
    ] {
        assert!(said.contains(&format!("  {assumption}")), "{assumption}: {said}");
    }
}
