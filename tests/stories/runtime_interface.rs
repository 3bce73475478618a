//! Every function of the template, run alone as `sam local invoke` runs it, answers the event that lies in `tests/events`.

use std::{fs, net::TcpListener, path::Path, process::Stdio};

use gusset_tests::{
    Stand, eventually,
    functions::{deployed_functions, environment, event, root},
    setting,
};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

/// What a function gives for its event.
enum Gives {
    /// An answer with a status and this text in its body.
    Answer(u16, &'static str),
    /// An answer that sends the browser to an address that begins so.
    Redirect(fn() -> String),
    /// Exactly this.
    Value(fn() -> Value),
}

/// By function. Nobody is signed in, and no event carries a secret: what is tested is that the function starts with the
/// settings it is deployed with, reads its event and answers in its own words.
const EXPECTED: &[(&str, Gives)] = &[
    ("accept", Gives::Answer(401, "urn:gusset:problem:not-signed-in")),
    ("connections", Gives::Answer(401, "urn:gusset:problem:not-signed-in")),
    ("copy-item", Gives::Value(unreadable_message_is_laid_aside)),
    (
        "create-connection",
        Gives::Answer(401, "urn:gusset:problem:not-signed-in"),
    ),
    ("disconnect", Gives::Answer(401, "urn:gusset:problem:not-signed-in")),
    (
        "forward-item",
        Gives::Answer(401, "urn:gusset:problem:wrong-webhook-secret"),
    ),
    ("notify", Gives::Value(nothing_to_send)),
    ("oauth-callback", Gives::Redirect(procores_sign_in)),
    ("page", Gives::Answer(200, "Sign in with Procore")),
    ("plans", Gives::Answer(401, "urn:gusset:problem:not-signed-in")),
    ("remind", Gives::Answer(401, "urn:gusset:problem:not-signed-in")),
    ("service-accounts", Gives::Answer(401, "invalid_client")),
    ("sweep", Gives::Value(everything_asked_for)),
    ("sync-plans", Gives::Value(everything_asked_for)),
];

fn unreadable_message_is_laid_aside() -> Value {
    json!({"batchItemFailures": []})
}

/// The record is gone, so there is nothing to send, and nothing to try again.
fn nothing_to_send() -> Value {
    json!({"batchItemFailures": []})
}

/// By the clock: all that is connected is asked for, on the queue.
fn everything_asked_for() -> Value {
    Value::Null
}

fn procores_sign_in() -> String {
    format!("{}/oauth/authorize?", setting("GUSSET_SANDBOX_URL"))
}

#[tokio::test]
async fn every_function_of_the_template_answers_its_event() {
    let functions = functions_of_the_template();
    let expected: Vec<&str> = EXPECTED.iter().map(|(name, _)| *name).collect();
    let mut names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names, expected,
        "each function of template.yaml has an event in tests/events and a line in EXPECTED, and nothing else has"
    );
    let http = Stand::new().http;
    let deployed = deployed_functions(&http).await;
    for function in &functions {
        let environment = environment(&deployed, &function.logical_id);
        let given = invoke(&http, &function.name, &environment, &event(&function.name)).await;
        let (_, gives) = EXPECTED.iter().find(|(name, _)| *name == function.name).unwrap();
        check(&function.name, gives, &given);
    }
}

fn check(name: &str, gives: &Gives, given: &Value) {
    match gives {
        Gives::Answer(status, text) => {
            assert_eq!(given["statusCode"], *status, "{name}: {given}");
            assert!(given["body"].as_str().unwrap().contains(text), "{name}: {given}");
        }
        Gives::Redirect(beginning) => {
            assert_eq!(given["statusCode"], 303, "{name}: {given}");
            let location = &given["multiValueHeaders"]["location"][0];
            assert!(location.as_str().unwrap().starts_with(&beginning()), "{name}: {given}");
        }
        Gives::Value(value) => assert_eq!(*given, value(), "{name}"),
    }
}

/// A function as the template names it, and the folder that its program is in.
struct Function {
    logical_id: String,
    name: String,
}

fn functions_of_the_template() -> Vec<Function> {
    let template = fs::read_to_string(root().join("template.yaml")).unwrap();
    let mut logical_id = "";
    let mut functions = Vec::new();
    for line in template.lines() {
        let indented = line.strip_prefix("  ").filter(|rest| !rest.starts_with([' ', '#']));
        if let Some(id) = indented.and_then(|rest| rest.strip_suffix(':')) {
            logical_id = id;
        } else if let Some(folder) = line.trim().strip_prefix("CodeUri: target/lambda/") {
            functions.push(Function {
                logical_id: logical_id.to_owned(),
                name: folder.trim_end_matches('/').to_owned(),
            });
        }
    }
    assert!(!functions.is_empty(), "template.yaml names its functions' folders");
    functions
}

/// Starts a function under AWS's Runtime Interface Emulator, hands it an event, and ends it.
pub(crate) async fn invoke(http: &Client, name: &str, environment: &[(String, String)], event: &str) -> Value {
    let [address, runtime_api] = free_addresses();
    let program = Path::new(&setting("GUSSET_LAMBDA_DIR")).join(name).join("bootstrap");
    let _emulator: Child = Command::new(setting("GUSSET_RIE"))
        .args(["--runtime-interface-emulator-address", &address])
        .args(["--runtime-api-address", &runtime_api])
        .arg(program)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // However the test ends. The function ends with it: its runtime API is gone.
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let url = format!("http://{address}/2015-03-31/functions/function/invocations");
    eventually(&format!("{name} answers its event"), || async {
        let answer = http.post(&url).body(event.to_owned()).send().await;
        match answer {
            // It has not begun to listen.
            Err(error) if error.is_connect() => None,
            answer => Some(answer.unwrap().json().await.unwrap()),
        }
    })
    .await
}

/// Both are held until both are known, so that they differ.
fn free_addresses() -> [String; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().to_string())
}
