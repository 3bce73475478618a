//! The few questions that xtask itself asks the emulator.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The name of the stack that is deployed locally.
pub(crate) const STACK: &str = "gusset";
/// The region that local work pretends to be in.
pub(crate) const REGION: &str = "us-east-1";
/// Where the packed functions are uploaded to.
pub(crate) const ARTIFACTS_BUCKET: &str = "gusset-artifacts";

/// Where API Gateway serves the stack's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Api {
    pub(crate) id: String,
    pub(crate) stage: String,
}

/// The emulator at one address.
pub(crate) struct Aws {
    url: String,
    agent: ureq::Agent,
}

impl Aws {
    pub(crate) fn at(url: String) -> Self {
        Self {
            url,
            agent: agent(Duration::from_secs(30)),
        }
    }

    /// Makes the bucket for packed functions; it is no matter if it exists.
    pub(crate) fn make_artifacts_bucket(&self) -> Result<()> {
        let response = self
            .agent
            .put(format!("{}/{ARTIFACTS_BUCKET}", self.url))
            .header("Authorization", authorization("s3"))
            .send_empty()?;
        match response.status().as_u16() {
            200 | 409 => Ok(()),
            status => bail!("The emulator refused the bucket for the functions with status {status}."),
        }
    }

    /// The outputs of the stack, in the template's order.
    pub(crate) fn stack_outputs(&self) -> Result<Vec<(String, String)>> {
        let mut response = self
            .agent
            .post(&self.url)
            .header("Authorization", authorization("cloudformation"))
            .send_form([
                ("Action", "DescribeStacks"),
                ("Version", "2010-05-15"),
                ("StackName", STACK),
            ])?;
        Ok(outputs(&response.body_mut().read_to_string()?))
    }

    /// The stack's API. Its id changes with its routes, so this is asked after each deployment.
    pub(crate) fn api(&self) -> Result<Api> {
        let apis = self.api_gateway("/restapis")?;
        let id = apis["item"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|api| api["tags"]["aws:cloudformation:stack-name"] == STACK)
            // While a deployment replaces the API, both are listed.
            .max_by_key(|api| api["createdDate"].as_u64())
            .and_then(|api| api["id"].as_str())
            .context("The deployed stack has no REST API: does template.yaml still have an AWS::Serverless::Api?")?;
        let stages = self.api_gateway(&format!("/restapis/{id}/stages"))?;
        let stage = stages["item"][0]["stageName"]
            .as_str()
            .context("The deployed REST API has no stage.")?;
        Ok(Api {
            id: id.to_owned(),
            stage: stage.to_owned(),
        })
    }

    fn api_gateway(&self, path: &str) -> Result<Value> {
        let mut response = self
            .agent
            .get(format!("{}{path}", self.url))
            .header("Authorization", authorization("apigateway"))
            .call()?;
        Ok(serde_json::from_str(&response.body_mut().read_to_string()?)?)
    }
}

/// An HTTP client that waits no longer than this and calls no status an error.
pub(crate) fn agent(timeout: Duration) -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .build()
        .into()
}

/// The emulator does not check signatures; it looks for the service's name in them.
fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=none"
    )
}

fn outputs(describe_stacks: &str) -> Vec<(String, String)> {
    let between = |text: &str, tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        let (value, _) = rest.split_once(&format!("</{tag}>"))?;
        Some(
            value
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&"),
        )
    };
    let Some((_, outputs)) = describe_stacks.split_once("<Outputs>") else {
        return Vec::new();
    };
    outputs
        .split("</member>")
        .filter_map(|member| Some((between(member, "OutputKey")?, between(member, "OutputValue")?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read_from_the_description() {
        let xml = "<Parameters><member><ParameterKey>A</ParameterKey></member></Parameters><Outputs><member>\
                   <OutputKey>TableName</OutputKey><OutputValue>gusset-Table</OutputValue></member><member>\
                   <OutputKey>Url</OutputKey><OutputValue>http://x/?a=1&amp;b=2</OutputValue></member></Outputs>";
        let expected = [("TableName", "gusset-Table"), ("Url", "http://x/?a=1&b=2")];
        assert_eq!(
            outputs(xml),
            expected.map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
        assert!(outputs("<Stacks></Stacks>").is_empty());
    }
}
