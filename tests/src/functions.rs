//! The functions as they are deployed, for tests that run one of them by itself.

use std::{
    fs,
    path::{Path, PathBuf},
};

use reqwest::Client;
use serde_json::Value;

use crate::setting;

/// What AWS tells of each deployed function.
pub async fn deployed_functions(http: &Client) -> Vec<Value> {
    let list = format!("{}/2015-03-31/functions/", setting("AWS_ENDPOINT_URL"));
    let list: Value = http.get(list).send().await.unwrap().json().await.unwrap();
    list["Functions"].as_array().unwrap().clone()
}

/// The settings with which a function is deployed, so that none is invented here.
pub fn environment(deployed: &[Value], logical_id: &str) -> Vec<(String, String)> {
    // CloudFormation calls a function `stack-LogicalId-chance`.
    let is_it = |function: &&Value| function["FunctionName"].as_str().unwrap().split('-').nth(1) == Some(logical_id);
    let function = deployed.iter().find(is_it);
    let function = function.unwrap_or_else(|| panic!("{logical_id} is deployed"));
    let variables = function["Environment"]["Variables"].as_object().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    variables
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

/// The event that is kept for a function.
pub fn event(name: &str) -> String {
    let event = root().join("tests/events").join(format!("{name}.json"));
    fs::read_to_string(&event).unwrap_or_else(|error| panic!("{}: {error}", event.display()))
}

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
