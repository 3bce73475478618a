//! Procore's side of webhooks: the hooks of projects (v2.0) and their triggers, and what is left of v1.0's.
//!
//! A company's hook never hears of what happens in projects, so every hook of ours hangs at a project.

use gusset_domain::{
    ids::{CompanyId, HookId, ProjectId},
    people::Project,
    send::Tool,
    webhook::{EventType, PAYLOAD_VERSIONS, PlanResource, resource_name},
};
use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Value, json};

use super::{Authority, Procore, ProcoreError, endpoint::Endpoint};

/// What our hooks tell us of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Items: everything that makes one new.
    Items,
    /// Plans: everything that makes them other than they were.
    Plans,
}

/// A hook that there should be one of in a project: for what, and on whose authority.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    authority: Authority<'a>,
    company: CompanyId,
    project: ProjectId,
    kind: Kind,
}

/// A hook.
#[derive(Debug, Clone, Deserialize)]
pub struct Hook {
    /// Its id.
    #[serde(deserialize_with = "hook_id")]
    pub id: HookId,
    /// Where it delivers to.
    #[serde(default)]
    pub destination_url: String,
    #[serde(default)]
    status: Option<String>,
    /// How many triggers it has, where Procore says so.
    #[serde(default)]
    trigger_count: Value,
    #[serde(default)]
    created_at: Option<String>,
}

/// What webhooks can tell of in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The version of payloads, as this environment of Procore's writes it.
    version: String,
    resources: Vec<Offered>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Offered {
    name: String,
    /// Its events, as this environment of Procore's writes them.
    events: Vec<(EventType, String)>,
}

#[derive(Deserialize)]
struct Trigger {
    #[serde(default)]
    resource_name: String,
    #[serde(default)]
    event_type: String,
}

/// A trigger that a hook should have: of which resource, and by which event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    resource: String,
    event: EventType,
    /// The event, as Procore writes it.
    word: String,
}

/// Reads a hook's id, which is a text in v2.0 and a number in v1.0.
fn hook_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HookId, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = match &value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    text.and_then(|text| HookId::new(&text))
        .ok_or_else(|| D::Error::custom("a hook's id is neither a text nor a number"))
}

impl Hook {
    /// Returns whether Procore has disabled it: it does so with one that fails for long, and sends it nothing any more.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        let status = self.status.as_deref();
        status.is_some_and(|status| status.eq_ignore_ascii_case("disabled"))
    }

    fn trigger_count(&self) -> Option<u64> {
        let count = &self.trigger_count;
        count.as_u64().or_else(|| count.as_str()?.trim().parse().ok())
    }

    /// What sorts hooks by age. Everybody who looks has to find the same one the oldest, whatever Procore says of it.
    fn age(&self) -> (Option<Timestamp>, usize, HookId) {
        let created_at = self.created_at.as_deref().and_then(|text| text.parse().ok());
        // Shorter numbers are the lower ones.
        (created_at, self.id.to_string().len(), self.id.clone())
    }
}

impl Trigger {
    fn is(&self, wanted: &Wanted) -> bool {
        self.resource_name.eq_ignore_ascii_case(&wanted.resource)
            && EventType::named(&self.event_type) == Some(wanted.event)
    }
}

impl<'a> Watch<'a> {
    /// On the items of a project, by our service account.
    #[must_use]
    pub fn on_items(project: &Project) -> Watch<'static> {
        Watch {
            authority: Authority::ServiceAccount,
            company: project.company_id,
            project: project.id,
            kind: Kind::Items,
        }
    }

    /// On the plans of a project.
    #[must_use]
    pub fn on_plans(authority: Authority<'a>, project: &Project) -> Self {
        Self {
            authority,
            company: project.company_id,
            project: project.id,
            kind: Kind::Plans,
        }
    }

    /// The namespace that this kind of hook carries, so that we never touch another app's. Procore takes one hook for each.
    #[must_use]
    pub fn namespace(&self) -> &'static str {
        match self.kind {
            Kind::Items => "gusset",
            Kind::Plans => PLANS,
        }
    }

    fn path(&self, rest: &str) -> String {
        let Self { company, project, .. } = self;
        format!("/rest/v2.0/companies/{company}/projects/{project}/webhooks/{rest}")
    }

    /// How many triggers a hook has that lacks none, as far as that can be said without asking what there is.
    fn fewest_triggers(&self) -> u64 {
        match self.kind {
            Kind::Items => ITEM_TRIGGERS,
            Kind::Plans => 1,
        }
    }
}

/// The namespace of hooks on plans.
const PLANS: &str = "gusset-plans";

/// The events that hooks on items are told of. An RFI is new once more when its draft is opened, and a Site Diary entry when
/// it is approved: both are updates.
const ITEM_EVENTS: [EventType; 2] = [EventType::Create, EventType::Update];

/// How many triggers a hook on items has.
const ITEM_TRIGGERS: u64 = 2 * Tool::ALL.len() as u64;

impl Offer {
    /// Reads what Procore lists. What is of another version, where it lists several, or cannot be read is left out.
    fn read(asked: &str, listed: &[Value]) -> Self {
        let text = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).map(str::to_owned);
        let number = |version: &str| version.trim_end_matches(".0").to_owned();
        let of_version =
            |entry: &&Value| text(entry, "payload_version").is_none_or(|version| number(&version) == number(asked));
        let offered = |entry: &Value| {
            let name = text(entry, "name").filter(|name| !name.is_empty())?;
            Some(Offered {
                name,
                events: events_of(entry.get("actions")),
            })
        };
        let of_version: Vec<&Value> = listed.iter().filter(of_version).collect();
        Self {
            version: of_version
                .iter()
                .find_map(|entry| text(entry, "payload_version"))
                .unwrap_or_else(|| asked.to_owned()),
            resources: of_version.into_iter().filter_map(offered).collect(),
        }
    }

    /// Where Procore says of no version what there is.
    fn unknown() -> Self {
        Self::read(PAYLOAD_VERSIONS[0], &[])
    }

    /// The triggers that a hook of a kind should have: for items all that Gusset lives by, whether they are listed or not, and
    /// for plans those that this environment of Procore's has.
    fn wanted(&self, kind: Kind) -> Vec<Wanted> {
        let wanted = |resource: &str, (event, word): (EventType, &str)| Wanted {
            resource: resource.to_owned(),
            event,
            word: word.to_owned(),
        };
        let mut all: Vec<Wanted> = match kind {
            Kind::Items => {
                let of_tool = |tool| {
                    let name = resource_name(tool);
                    let offered = self.resources.iter().find(|it| it.name.eq_ignore_ascii_case(name));
                    ITEM_EVENTS.map(|event| {
                        let word = offered.and_then(|it| it.events.iter().find(|(known, _)| *known == event));
                        let word = word.map_or(event.name(), |(_, word)| word);
                        wanted(offered.map_or(name, |it| &it.name), (event, word))
                    })
                };
                Tool::ALL.into_iter().flat_map(of_tool).collect()
            }
            Kind::Plans => {
                let of_plans = self
                    .resources
                    .iter()
                    .filter(|it| PlanResource::named(&it.name).is_some());
                let triggers = |it: &Offered| -> Vec<Wanted> {
                    let events = it.events.iter().map(|(event, word)| (*event, word.as_str()));
                    events.map(|event| wanted(&it.name, event)).collect()
                };
                of_plans.flat_map(triggers).collect()
            }
        };
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The events of a resource. The description says no more of an action than that it is something: a text or a thing with a
/// name. Where none can be read, all are asked for, and Procore refuses those that it has not.
fn events_of(actions: Option<&Value>) -> Vec<(EventType, String)> {
    let word = |action: &Value| -> Option<String> {
        let named = ["name", "action", "event_type"]
            .iter()
            .find_map(|field| action.get(field));
        let text = action.as_str().or_else(|| named?.as_str())?;
        Some(text.to_owned())
    };
    let words = actions.and_then(Value::as_array).into_iter().flatten().filter_map(word);
    let read: Vec<_> = words
        .filter_map(|word| Some((EventType::named(&word)?, word)))
        .collect();
    if read.is_empty() {
        EventType::ALL.map(|event| (event, event.name().to_owned())).into()
    } else {
        read
    }
}

/// What a refusal says that comes with status 500: `{"error": {"code", "message"}}`. None where it is a failure.
pub(super) fn refusal(body: &str) -> Option<ProcoreError> {
    let body: Value = serde_json::from_str(body).ok()?;
    let error = body.get("error").filter(|error| error.is_object())?;
    let message = error.get("message").and_then(Value::as_str)?.to_owned();
    let code = error.get("code");
    let code = code.and_then(Value::as_u64).or_else(|| code?.as_str()?.parse().ok());
    let forbids = code == Some(403)
        || ["permission", "forbidden", "not authorized"]
            .iter()
            .any(|word| message.to_ascii_lowercase().contains(word));
    Some(if forbids {
        ProcoreError::Forbidden(message)
    } else {
        ProcoreError::Invalid(message)
    })
}

impl Procore {
    /// Our hooks of a kind in a project, the oldest first, with those that are disabled. One call.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn hooks(&self, watch: Watch<'_>) -> Result<Vec<Hook>, ProcoreError> {
        let query = [
            ("namespace", watch.namespace().to_owned()),
            ("include_trigger_count", "true".to_owned()),
        ];
        let path = watch.path("hooks");
        let mut hooks: Vec<Hook> = self
            .list(watch.authority, Endpoint::of(watch.company, &path), &query)
            .await?;
        hooks.sort_by_key(Hook::age);
        Ok(hooks)
    }

    /// What webhooks can tell of in a project, in the payload version that is preferred of those that there are. One call;
    /// one more for each version that there is not.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn offer(&self, watch: Watch<'_>) -> Result<Offer, ProcoreError> {
        for version in PAYLOAD_VERSIONS {
            let (path, query) = (watch.path("resources"), [("payload_version", version.to_owned())]);
            match self
                .list::<Value>(watch.authority, Endpoint::of(watch.company, &path), &query)
                .await
            {
                Ok(listed) => {
                    let offer = Offer::read(version, &listed);
                    if !offer.resources.is_empty() {
                        return Ok(offer);
                    }
                }
                Err(ProcoreError::Invalid(_) | ProcoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Offer::unknown())
    }

    /// Makes a hook, without triggers. One call.
    ///
    /// # Errors
    /// [`ProcoreError`]; see [`ProcoreError::may_have_happened`].
    pub async fn create_hook(
        &self,
        watch: Watch<'_>,
        offer: &Offer,
        destination: &str,
        authorization: &str,
    ) -> Result<(), ProcoreError> {
        let body = json!({
            "payload_version": offer.version,
            "namespace": watch.namespace(),
            "destination_url": destination,
            "destination_headers": {"Authorization": authorization},
        });
        let _: Value = self
            .post(
                watch.authority,
                Endpoint::of(watch.company, &watch.path("hooks")),
                &body,
            )
            .await?;
        Ok(())
    }

    /// Has a hook carry another `Authorization` header. One call.
    ///
    /// # Errors
    /// [`ProcoreError`]. Doing it again completes it.
    pub async fn give_hook_secret(
        &self,
        watch: Watch<'_>,
        hook: &HookId,
        authorization: &str,
    ) -> Result<(), ProcoreError> {
        let path = watch.path(&format!("hooks/{hook}"));
        let body = json!({"destination_headers": {"Authorization": authorization}});
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

    /// Gives a hook the triggers that it lacks. Returns the resources of which Procore refuses to tell, each once.
    ///
    /// No call where the hook has as many triggers as it should; one where it has none and `offer` is known; up to four
    /// otherwise.
    ///
    /// # Errors
    /// [`ProcoreError`]. [`ProcoreError::Invalid`], when Procore tells of nothing at all of what the hook is for.
    pub async fn complete_triggers(
        &self,
        watch: Watch<'_>,
        hook: &Hook,
        offer: Option<Offer>,
    ) -> Result<Vec<String>, ProcoreError> {
        let count = hook.trigger_count();
        if count.is_some_and(|count| watch.fewest_triggers() <= count) {
            return Ok(Vec::new());
        }
        let offer = match offer {
            Some(offer) => offer,
            None => self.offer(watch).await?,
        };
        let mut missing = offer.wanted(watch.kind);
        if missing.is_empty() {
            return Err(nothing_told());
        }
        let path = watch.path(&format!("hooks/{}/triggers", hook.id));
        if count != Some(0) {
            let present: Vec<Trigger> = self
                .list(watch.authority, Endpoint::of(watch.company, &path), &[])
                .await?;
            missing.retain(|wanted| !present.iter().any(|trigger| trigger.is(wanted)));
        }
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let body: Vec<Value> = missing
            .iter()
            .map(|wanted| json!({"resource_name": wanted.resource, "event_type": wanted.word}))
            .collect();
        let bulk = format!("{path}/bulk");
        let made = self
            .call(
                watch.authority,
                Method::POST,
                Endpoint::of(watch.company, &bulk),
                &[],
                Some(&body),
            )
            .await;
        match made {
            Ok(answer) if answer.status() != StatusCode::MULTI_STATUS => return Ok(Vec::new()),
            // Some are refused: because another worker has just made them, or because Procore has no such event.
            Ok(_) | Err(ProcoreError::Invalid(_)) => {}
            Err(error) => return Err(error),
        }
        let present: Vec<Trigger> = self
            .list(watch.authority, Endpoint::of(watch.company, &path), &[])
            .await?;
        if present.is_empty() {
            return Err(nothing_told());
        }
        missing.retain(|wanted| !present.iter().any(|trigger| trigger.is(wanted)));
        let mut refused: Vec<String> = missing.into_iter().map(|wanted| wanted.resource).collect();
        refused.dedup();
        Ok(refused)
    }

    /// Removes a hook with its triggers. One that is gone already is fine. One call.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn delete_hook(&self, watch: Watch<'_>, hook: &HookId) -> Result<(), ProcoreError> {
        let path = watch.path(&format!("hooks/{hook}"));
        let gone = self
            .call(
                watch.authority,
                Method::DELETE,
                Endpoint::of(watch.company, &path),
                &[],
                None::<&()>,
            )
            .await;
        match gone {
            Ok(_) | Err(ProcoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes the hooks on a project's items that earlier versions of Gusset made by Procore's v1.0, which is deprecated.
    /// Returns how many there were. One call, and one for each.
    ///
    /// `but` is never removed: nothing says that v1.0 does not show the hooks of v2.0 as well.
    ///
    /// # Errors
    /// [`ProcoreError`]. Doing it again completes it.
    pub async fn remove_former_hooks(
        &self,
        watch: Watch<'_>,
        destination: &str,
        but: Option<&HookId>,
    ) -> Result<usize, ProcoreError> {
        let place = ("project_id", watch.project.to_string());
        let of = (watch.authority, watch.company, place);
        self.remove_v1_hooks(of, watch.namespace(), destination, but).await
    }

    /// Removes the hook on a company's plans that earlier versions of Gusset made, which never heard of its projects. One
    /// call, and one for each.
    ///
    /// # Errors
    /// [`ProcoreError`]. Doing it again completes it.
    pub async fn remove_company_hooks(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        destination: &str,
    ) -> Result<usize, ProcoreError> {
        let place = ("company_id", company.to_string());
        self.remove_v1_hooks((authority, company, place), PLANS, destination, None)
            .await
    }

    async fn remove_v1_hooks(
        &self,
        (authority, company, place): (Authority<'_>, CompanyId, (&str, String)),
        namespace: &str,
        destination: &str,
        but: Option<&HookId>,
    ) -> Result<usize, ProcoreError> {
        let (path, query) = (
            "/rest/v1.0/webhooks/hooks",
            [place.clone(), ("namespace", namespace.to_owned())],
        );
        let found = self.list::<Hook>(authority, Endpoint::of(company, path), &query).await;
        let mut hooks = match found {
            Ok(hooks) => hooks,
            Err(error) if is_over(&error) => return Ok(0),
            Err(error) => return Err(error),
        };
        hooks.retain(|hook| hook.destination_url == destination && Some(&hook.id) != but);
        for hook in &hooks {
            let path = format!("{path}/{}", hook.id);
            let gone = self
                .call(
                    authority,
                    Method::DELETE,
                    Endpoint::of(company, &path),
                    std::slice::from_ref(&place),
                    None::<&()>,
                )
                .await;
            match gone {
                Ok(_) => {}
                Err(error) if is_over(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(hooks.len())
    }
}

/// Whether v1.0 is there no more, or shows nothing: then nothing of it is left to be removed.
fn is_over(error: &ProcoreError) -> bool {
    match error {
        ProcoreError::Forbidden(_) | ProcoreError::NotFound | ProcoreError::Invalid(_) => true,
        ProcoreError::Unexpected { status, .. } => *status == StatusCode::GONE.as_u16(),
        _ => false,
    }
}

fn nothing_told() -> ProcoreError {
    ProcoreError::Invalid("none of the events that Gusset asks for can be told of".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(wanted: &[Wanted]) -> Vec<(&str, &str)> {
        let words = wanted.iter().map(|it| (it.resource.as_str(), it.word.as_str()));
        words.collect()
    }

    #[test]
    fn of_plans_only_events_that_procore_has_are_asked_for() {
        let listed = [
            json!({"name": "Drawings", "payload_version": "v2.0", "actions": ["CREATE", "update", "deleted", "archive"]}),
            json!({"name": "Project Files", "actions": [{"name": "create"}, {"action": "delete"}, 7]}),
            json!({"name": "Drawing Sets", "payload_version": "v4.0", "actions": ["create"]}),
            json!({"name": "Punch Items", "payload_version": "v2", "actions": ["create"]}),
            json!("odd"),
        ];
        let offer = Offer::read("v2.0", &listed);
        assert_eq!(
            words(&offer.wanted(Kind::Plans)),
            [
                ("Drawings", "CREATE"),
                ("Drawings", "update"),
                ("Drawings", "deleted"),
                ("Project Files", "create"),
                ("Project Files", "delete"),
            ]
        );
        assert!(Offer::unknown().wanted(Kind::Plans).is_empty());
    }

    #[test]
    fn a_version_is_asked_for_as_procore_writes_it() {
        let listed = [json!({"name": "RFIs", "payload_version": "v2", "actions": ["created", "updated"]})];
        let offer = Offer::read("v2.0", &listed);
        assert_eq!(offer.version, "v2");
        assert!(Offer::read("v3.0", &listed).resources.is_empty());
        assert_eq!(Offer::unknown().version, "v2.0");
    }

    #[test]
    fn all_that_items_need_is_asked_for_whatever_is_listed() {
        let offer = Offer::read("v2.0", &[json!({"name": "rfis", "actions": ["CREATED"]})]);
        assert_eq!(
            words(&offer.wanted(Kind::Items)),
            [
                ("Manpower Logs", "create"),
                ("Manpower Logs", "update"),
                ("Notes Logs", "create"),
                ("Notes Logs", "update"),
                ("rfis", "CREATED"),
                ("rfis", "update"),
            ]
        );
        let count = u64::try_from(offer.wanted(Kind::Items).len()).unwrap();
        assert_eq!(count, ITEM_TRIGGERS);
    }

    #[test]
    fn a_trigger_is_the_same_however_its_event_is_written() {
        let trigger: Trigger =
            serde_json::from_value(json!({"id": "7", "resource_name": "RFIs", "event_type": "CREATED"})).unwrap();
        let wanted = |event: EventType| Wanted {
            resource: "rfis".to_owned(),
            event,
            word: event.name().to_owned(),
        };
        assert!(trigger.is(&wanted(EventType::Create)) && !trigger.is(&wanted(EventType::Update)));
    }

    #[test]
    fn a_refusal_with_status_500_is_one_all_the_same() {
        let refused =
            |code: Value, message: &str| refusal(&json!({"error": {"code": code, "message": message}}).to_string());
        let taken = "Namespace has already been taken";
        assert_eq!(
            refused(json!(422), taken),
            Some(ProcoreError::Invalid(taken.to_owned()))
        );
        for (code, message) in [(json!("403"), "No"), (json!(1), "You do not have permission")] {
            let forbidden = Some(ProcoreError::Forbidden(message.to_owned()));
            assert_eq!(refused(code, message), forbidden);
        }
        for failure in [
            "",
            "<html>",
            "{}",
            r#"{"error":"Internal Server Error"}"#,
            r#"{"error":{}}"#,
        ] {
            assert_eq!(refusal(failure), None, "{failure}");
        }
    }

    #[test]
    fn a_hooks_id_is_a_text_or_a_number_and_leads_nowhere_else() {
        let read = |id: Value| serde_json::from_value::<Hook>(json!({"id": id, "status": "DISABLED"}));
        assert_eq!(read(json!("01J8-a")).unwrap().id.to_string(), "01J8-a");
        let hook = read(json!(17)).unwrap();
        assert!(hook.id.to_string() == "17" && hook.is_disabled() && hook.trigger_count().is_none());
        for odd in [json!(""), json!("../.."), json!("7?x"), json!(null), json!([7])] {
            assert!(read(odd.clone()).is_err(), "{odd}");
        }
    }
}
