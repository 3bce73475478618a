//! Procore's side of webhooks: hooks and their triggers.

use gusset_domain::{
    ids::{CompanyId, HookId, ProjectId},
    people::Project,
    send::Tool,
    webhook::{PlanResource, resource_name},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Authority, Procore, ProcoreError, endpoint::Endpoint};

/// The payloads that our hooks ask for. v2.0 names the app by which a change was made; v4.0 does not, and a copy of ours
/// would then be known only after it was read.
const API_VERSION: &str = "v2.0";

/// The events that Procore knows for most resources.
const EVENTS: [&str; 3] = ["create", "update", "delete"];

/// What our hooks tell us of, and where they hang.
#[derive(Clone, Copy)]
enum Scope {
    /// Items of a project: everything that makes one new.
    Items(ProjectId),
    /// Plans of all projects of a company: everything that makes them other than they were.
    Plans,
}

/// A hook that there should be one of: for what, and on whose authority.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    authority: Authority<'a>,
    company: CompanyId,
    scope: Scope,
}

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

impl<'a> Watch<'a> {
    /// On the items of a project, by our service account.
    #[must_use]
    pub fn on_items(project: &Project) -> Watch<'static> {
        Watch {
            authority: Authority::ServiceAccount,
            company: project.company_id,
            scope: Scope::Items(project.id),
        }
    }

    /// On the plans of all projects of a company, by an admin of it.
    #[must_use]
    pub fn on_plans(authority: Authority<'a>, company: CompanyId) -> Self {
        Self {
            authority,
            company,
            scope: Scope::Plans,
        }
    }

    /// The namespace that this kind of hook carries, so that we never touch another app's. Procore takes one hook for each.
    #[must_use]
    pub fn namespace(&self) -> &'static str {
        match self.scope {
            Scope::Items(_) => "gusset",
            Scope::Plans => "gusset-plans",
        }
    }

    /// What says where the hook hangs.
    fn place(&self) -> (&'static str, u64) {
        match self.scope {
            Scope::Items(project) => ("project_id", project.get()),
            Scope::Plans => ("company_id", self.company.get()),
        }
    }

    fn query(&self) -> [(&'static str, String); 1] {
        let (name, id) = self.place();
        [(name, id.to_string())]
    }

    /// A request's body, with what says where the hook hangs.
    fn body(&self, mut body: Value) -> Value {
        let (name, id) = self.place();
        body[name] = Value::from(id);
        body
    }
}

/// The events that hooks on items are told of. An RFI is new once more when its draft is opened, and a Site Diary entry when
/// it is approved: both are updates.
fn of_items() -> Vec<(String, &'static str)> {
    let events = ["create", "update"].into_iter();
    let all = events.flat_map(|event| Tool::ALL.map(|tool| (resource_name(tool), event)));
    all.map(|(name, event)| (name.to_owned(), event)).collect()
}

/// Those of the events of plans that an environment of Procore's knows, named as it names them.
fn of_plans(resources: &[Value]) -> Vec<(String, &'static str)> {
    let mut triggers = Vec::new();
    for event in EVENTS {
        let named = resources.iter().filter_map(|resource| resource_with(resource, event));
        let ours = named.filter(|name| PlanResource::named(name).is_some());
        triggers.extend(ours.map(|name| (name.to_owned(), event)));
    }
    triggers.sort_unstable();
    triggers.dedup();
    triggers
}

/// What a resource is called, if it has an event. The description of this answer says next to nothing: the name is the
/// resource's or the event's, and an event that it has not is missing, empty or false.
fn resource_with<'a>(resource: &'a Value, event: &str) -> Option<&'a str> {
    let name = resource.get("name").and_then(Value::as_str);
    match resource.get(event) {
        Some(Value::Bool(true)) => name,
        Some(Value::String(text)) if !text.is_empty() && text != "false" => {
            name.or(Some(text.as_str()).filter(|text| *text != "true"))
        }
        _ => None,
    }
}

impl Procore {
    /// Our hooks of a kind, the oldest first. One call.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn hooks(&self, watch: Watch<'_>) -> Result<Vec<Hook>, ProcoreError> {
        let [place] = watch.query();
        let query = [place, ("namespace", watch.namespace().to_owned())];
        let mut hooks: Vec<Hook> = self
            .list(
                watch.authority,
                Endpoint::of(watch.company, "/rest/v1.0/webhooks/hooks"),
                &query,
            )
            .await?;
        hooks.sort_by_key(|hook| hook.id);
        Ok(hooks)
    }

    /// Makes a hook, without triggers.
    ///
    /// # Errors
    /// [`ProcoreError`]; see [`ProcoreError::may_have_happened`].
    pub async fn create_hook(
        &self,
        watch: Watch<'_>,
        destination: &str,
        authorization: &str,
    ) -> Result<Hook, ProcoreError> {
        let hook = json!({
            "api_version": API_VERSION,
            "namespace": watch.namespace(),
            "destination_url": destination,
            "destination_headers": {"Authorization": authorization},
        });
        let body = watch.body(json!({"hook": hook}));
        self.post(
            watch.authority,
            Endpoint::of(watch.company, "/rest/v1.0/webhooks/hooks"),
            &body,
        )
        .await
    }

    /// Has a hook carry another `Authorization` header. One call.
    ///
    /// # Errors
    /// [`ProcoreError`]. Doing it again completes it.
    pub async fn give_hook_secret(
        &self,
        watch: Watch<'_>,
        hook: HookId,
        authorization: &str,
    ) -> Result<(), ProcoreError> {
        let path = format!("/rest/v1.0/webhooks/hooks/{hook}");
        let body = watch.body(json!({"hook": {"destination_headers": {"Authorization": authorization}}}));
        self.call(
            watch.authority,
            Method::PATCH,
            Endpoint::of(watch.company, &path),
            &[],
            Some(&body),
        )
        .await
        .map(drop)
    }

    /// Gives a hook the triggers that it lacks. One call where it has them all, two where not; and one more for plans, of
    /// which not every environment of Procore's knows the same.
    ///
    /// # Errors
    /// [`ProcoreError`]. [`ProcoreError::Unexpected`], when Procore knows no event of what the hook is for.
    pub async fn complete_triggers(&self, watch: Watch<'_>, hook: HookId) -> Result<(), ProcoreError> {
        let wanted = match watch.scope {
            Scope::Items(_) => of_items(),
            Scope::Plans => {
                let path = "/rest/v1.0/webhooks/resources";
                let resources: Vec<Value> = self
                    .get(watch.authority, Endpoint::of(watch.company, path), &[])
                    .await?;
                of_plans(&resources)
            }
        };
        if wanted.is_empty() {
            let said = "there are no webhooks for plans".to_owned();
            return Err(ProcoreError::Unexpected { status: 200, said });
        }
        let path = format!("/rest/v1.0/webhooks/hooks/{hook}/triggers");
        let present: Vec<Trigger> = self
            .list(watch.authority, Endpoint::of(watch.company, &path), &watch.query())
            .await?;
        let lacks = |(resource, event): &(String, &str)| {
            !present
                .iter()
                .any(|trigger| trigger.resource_name == *resource && trigger.event_type == *event)
        };
        let missing: Vec<Value> = wanted
            .into_iter()
            .filter(lacks)
            .map(|(resource, event)| json!({"resource_name": resource, "event_type": event}))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let body = watch.body(json!({"api_version": API_VERSION, "triggers": missing}));
        let _: Value = self
            .post(
                watch.authority,
                Endpoint::of(watch.company, &format!("{path}/bulk")),
                &body,
            )
            .await?;
        Ok(())
    }

    /// Removes a hook with its triggers. One that is gone already is fine.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn delete_hook(&self, watch: Watch<'_>, hook: HookId) -> Result<(), ProcoreError> {
        let path = format!("/rest/v1.0/webhooks/hooks/{hook}");
        match self
            .call(
                watch.authority,
                Method::DELETE,
                Endpoint::of(watch.company, &path),
                &watch.query(),
                None::<&()>,
            )
            .await
        {
            Ok(_) | Err(ProcoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_events_that_procore_knows_are_asked_for() {
        let resources = [
            json!({"name": "Drawings", "create": "Drawings", "update": "Drawings", "delete": "Drawings"}),
            json!({"name": "Project Files", "create": true, "update": true, "delete": false}),
            json!({"create": "Drawing Revisions", "update": "", "delete": null}),
            json!({"name": "Punch Items", "create": "Punch Items"}),
            json!("odd"),
        ];
        let asked = of_plans(&resources);
        let asked: Vec<_> = asked.iter().map(|(name, event)| (name.as_str(), *event)).collect();
        assert_eq!(
            asked,
            [
                ("Drawing Revisions", "create"),
                ("Drawings", "create"),
                ("Drawings", "delete"),
                ("Drawings", "update"),
                ("Project Files", "create"),
                ("Project Files", "update"),
            ]
        );
    }
}
