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

/// How CloudFormation shows the value of a parameter that has `NoEcho`.
pub(crate) const NOT_SHOWN: &str = "****";

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
        let stack = self.cloud_formation("DescribeStacks")?;
        Ok(pairs(&stack, "Outputs", "OutputKey", "OutputValue"))
    }

    /// The parameters that the stack is deployed with, those of `NoEcho` as [`NOT_SHOWN`].
    pub(crate) fn stack_parameters(&self) -> Result<Vec<(String, String)>> {
        let stack = self.cloud_formation("DescribeStacks")?;
        Ok(pairs(&stack, "Parameters", "ParameterKey", "ParameterValue"))
    }

    /// The schedules of the stack: the template's names of them, and the expressions by which they run.
    pub(crate) fn schedules(&self) -> Result<Vec<(String, String)>> {
        let resources = self.cloud_formation("DescribeStackResources")?;
        let mut schedules = Vec::new();
        for resource in resources.split("</member>") {
            if between(resource, "ResourceType").as_deref() != Some("AWS::Scheduler::Schedule") {
                continue;
            }
            let (Some(logical_id), Some(name)) = (
                between(resource, "LogicalResourceId"),
                between(resource, "PhysicalResourceId"),
            ) else {
                bail!("The emulator describes a schedule without its names: {resource}");
            };
            let schedule = self.get("scheduler", &format!("/schedules/{name}"))?;
            let expression = schedule["ScheduleExpression"]
                .as_str()
                .with_context(|| format!("The schedule {logical_id} is not deployed: {schedule}"))?;
            schedules.push((logical_id, expression.to_owned()));
        }
        Ok(schedules)
    }

    fn cloud_formation(&self, action: &str) -> Result<String> {
        let mut response = self
            .agent
            .post(&self.url)
            .header("Authorization", authorization("cloudformation"))
            .send_form([("Action", action), ("Version", "2010-05-15"), ("StackName", STACK)])?;
        Ok(response.body_mut().read_to_string()?)
    }

    /// The stack's API. Its id changes with its routes, so this is asked after each deployment.
    pub(crate) fn api(&self) -> Result<Api> {
        let apis = self.get("apigateway", "/restapis")?;
        let id = apis["item"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|api| api["tags"]["aws:cloudformation:stack-name"] == STACK)
            // While a deployment replaces the API, both are listed.
            .max_by_key(|api| api["createdDate"].as_u64())
            .and_then(|api| api["id"].as_str())
            .context("The deployed stack has no REST API: does template.yaml still have an AWS::Serverless::Api?")?;
        let stages = self.get("apigateway", &format!("/restapis/{id}/stages"))?;
        let stage = stages["item"][0]["stageName"]
            .as_str()
            .context("The deployed REST API has no stage.")?;
        Ok(Api {
            id: id.to_owned(),
            stage: stage.to_owned(),
        })
    }

    fn get(&self, service: &str, path: &str) -> Result<Value> {
        let mut response = self
            .agent
            .get(format!("{}{path}", self.url))
            .header("Authorization", authorization(service))
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

/// The keys and values of a list in CloudFormation's XML.
fn pairs(xml: &str, list: &str, key: &str, value: &str) -> Vec<(String, String)> {
    let (begin, end) = (format!("<{list}>"), format!("</{list}>"));
    let Some((_, after)) = xml.split_once(&begin) else {
        return Vec::new();
    };
    let members = after.split(&end).next().unwrap_or_default();
    members
        .split("</member>")
        .filter_map(|member| Some((between(member, key)?, between(member, value)?)))
        .collect()
}

/// The text of the first element of that name.
fn between(xml: &str, tag: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{tag}>"))?;
    let (value, _) = rest.split_once(&format!("</{tag}>"))?;
    Some(
        value
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&#x27;", "'")
            .replace("&amp;", "&"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_and_parameters_are_read_from_the_description() {
        let xml = "<Parameters><member><ParameterKey>SweepRate</ParameterKey><ParameterValue>rate(1 minute)\
                   </ParameterValue></member></Parameters><Outputs><member>\
                   <OutputKey>TableName</OutputKey><OutputValue>gusset-Table</OutputValue></member><member>\
                   <OutputKey>Url</OutputKey><OutputValue>http://x/?a=1&amp;b=2</OutputValue></member></Outputs>";
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
            pairs.iter().map(owned).collect()
        };
        assert_eq!(
            pairs(xml, "Outputs", "OutputKey", "OutputValue"),
            owned(&[("TableName", "gusset-Table"), ("Url", "http://x/?a=1&b=2")])
        );
        assert_eq!(
            pairs(xml, "Parameters", "ParameterKey", "ParameterValue"),
            owned(&[("SweepRate", "rate(1 minute)")])
        );
        assert!(pairs("<Stacks></Stacks>", "Outputs", "OutputKey", "OutputValue").is_empty());
    }
}
