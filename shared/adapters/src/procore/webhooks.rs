//! Procore's side of webhooks: hooks and their triggers.

use gusset_domain::{
    ids::{CompanyId, HookId, ProjectId},
    send::Tool,
    webhook::resource_name,
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Authority, Procore, ProcoreError};

/// The namespace that our hooks carry, so that we never touch another app's.
const NAMESPACE: &str = "gusset";

/// The payloads that our hooks ask for. v2.0 names the app by which a change was made; v4.0 does not, and a copy of ours
/// would then be known only after it was read.
const API_VERSION: &str = "v2.0";

/// A hook.
#[derive(Debug, Clone, Deserialize)]
pub struct Hook {
    /// Its id.
    pub id: HookId,
    /// Where it delivers to.
    #[serde(default)]
    pub destination_url: String,
}

#[derive(Deserialize)]
struct Trigger {
    #[serde(default)]
    resource_name: String,
    #[serde(default)]
    event_type: String,
}

/// The events that our hooks are told of: everything that makes an item new. An RFI is new once more when its draft is
/// opened, which is an update.
fn wanted() -> Vec<(&'static str, &'static str)> {
    let mut triggers: Vec<_> = Tool::ALL
        .into_iter()
        .map(|tool| (resource_name(tool), "create"))
        .collect();
    triggers.push((resource_name(Tool::Rfis), "update"));
    triggers
}

impl Procore {
    /// Our hooks in a project, the oldest first.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn hooks(&self, company: CompanyId, project: ProjectId) -> Result<Vec<Hook>, ProcoreError> {
        let query = [("project_id", project.to_string()), ("namespace", NAMESPACE.to_owned())];
        let mut hooks: Vec<Hook> = self
            .list(
                Authority::ServiceAccount,
                Some(company),
                "/rest/v1.0/webhooks/hooks",
                &query,
            )
            .await?;
        hooks.sort_by_key(|hook| hook.id);
        Ok(hooks)
    }

    /// Makes a hook in a project, without triggers.
    ///
    /// # Errors
    /// [`ProcoreError`]; see [`ProcoreError::may_have_happened`].
    pub async fn create_hook(
        &self,
        company: CompanyId,
        project: ProjectId,
        destination: &str,
        authorization: &str,
    ) -> Result<Hook, ProcoreError> {
        let hook = json!({
            "api_version": API_VERSION,
            "namespace": NAMESPACE,
            "destination_url": destination,
            "destination_headers": {"Authorization": authorization},
        });
        let body = json!({"project_id": project, "hook": hook});
        self.post(Authority::ServiceAccount, company, "/rest/v1.0/webhooks/hooks", &body)
            .await
    }

    /// Gives a hook the triggers that it lacks. One call where it has them all, two where not.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn complete_triggers(
        &self,
        company: CompanyId,
        project: ProjectId,
        hook: HookId,
    ) -> Result<(), ProcoreError> {
        let path = format!("/rest/v1.0/webhooks/hooks/{hook}/triggers");
        let query = [("project_id", project.to_string())];
        let present: Vec<Trigger> = self
            .list(Authority::ServiceAccount, Some(company), &path, &query)
            .await?;
        let lacks = |(resource, event): &(&str, &str)| {
            !present
                .iter()
                .any(|trigger| trigger.resource_name == *resource && trigger.event_type == *event)
        };
        let missing: Vec<Value> = wanted()
            .into_iter()
            .filter(lacks)
            .map(|(resource, event)| json!({"resource_name": resource, "event_type": event}))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let body = json!({"project_id": project, "api_version": API_VERSION, "triggers": missing});
        let _: Value = self
            .post(Authority::ServiceAccount, company, &format!("{path}/bulk"), &body)
            .await?;
        Ok(())
    }

    /// Removes a hook with its triggers. One that is gone already is fine.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn delete_hook(&self, company: CompanyId, project: ProjectId, hook: HookId) -> Result<(), ProcoreError> {
        let path = format!("/rest/v1.0/webhooks/hooks/{hook}");
        let query = [("project_id", project.to_string())];
        match self
            .call(
                Authority::ServiceAccount,
                Some(company),
                Method::DELETE,
                &path,
                &query,
                None::<&()>,
            )
            .await
        {
            Ok(_) | Err(ProcoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
