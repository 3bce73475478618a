//! One hook for each project with connections: made with the first, shared by all, removed with the last. And one for
//! each project whose plans are kept up to date.

use std::time::Duration;

use gusset_domain::{
    connection::{Connection, Side},
    ids::{CompanyId, HookId, ProjectId},
    people::{Person, Project},
    webhook_secret::{self, Generation, WebhookSecret},
};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    aws::Aws,
    cadence_links::CadenceLinks,
    procore::{Authority, Hook, Procore, ProcoreError, Watch},
    settings,
    table::{Table, TableError, hooks::HookState},
};

/// The longest that a request whose change is made already waits for a company's limit, to see to the hooks: longer than a window
/// of ten seconds, and shorter than a function's time-out.
const LONGEST_WAIT: Duration = Duration::from_secs(16);

/// Times a hook is put in place again that was removed under our hands.
const TRIES: u32 = 3;

/// Registers projects' hooks in Procore.
pub struct Hooks {
    master_secret: Vec<u8>,
}

/// Which secret a hook carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// The one that the table says.
    AsRecorded,
    /// Another, perhaps, as where webhooks are lost: the hook is given the one in use in any case.
    Unknown,
}

/// Why a hook is not in place.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// Procore did not agree.
    #[error(transparent)]
    Procore(#[from] ProcoreError),
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// A hook that is in place.
struct InPlace {
    hook: HookId,
    /// The resources of which Procore refuses to tell.
    untold: Vec<String>,
}

impl Hooks {
    /// The links by which people choose how often they get emails, which are signed with the same secret.
    #[must_use]
    pub fn cadence_links(&self) -> CadenceLinks {
        CadenceLinks::new(self.master_secret.clone())
    }

    /// With the stack's master secret, from which each project's and company's is derived.
    ///
    /// # Errors
    /// When the secret is not named or cannot be read: the function must not start.
    pub async fn from_environment(aws: &Aws) -> Result<Self, lambda_http::Error> {
        let master_secret = aws
            .secret(&settings::required("MASTER_SECRET_ARN")?)
            .await?
            .into_bytes();
        Ok(Self { master_secret })
    }

    /// The generation of its project's secret that a webhook carries; none where the secret is none of the project's.
    /// Whether that generation is still in use, the table says.
    #[must_use]
    pub fn generation_of(&self, project: ProjectId, authorization: Option<&str>) -> Option<Generation> {
        webhook_secret::generation_of(&self.master_secret, project, authorization)
    }

    /// Whether a webhook for a company's plans carries that company's secret.
    #[must_use]
    pub fn is_authentic_of_plans(&self, company: CompanyId, authorization: Option<&str>) -> bool {
        webhook_secret::is_authentic_of_plans(&self.master_secret, company, authorization)
    }

    /// Makes sure that a project has our hook with all its triggers, exactly once, that Procore has not disabled it, and that
    /// it carries the secret in use. Records what came of it. One call to Procore where all is well, and two where the
    /// secret is given.
    ///
    /// A resource of which Procore refuses to tell is logged and recorded, and no error: the sweep finds what is new in it.
    ///
    /// # Errors
    /// [`HookError`]. What has been done so far stays, and is found the next time. That Procore forbids it is recorded.
    pub async fn ensure(
        &self,
        procore: &Procore,
        table: &Table,
        project: &Project,
        public_url: &str,
        carried: Carried,
    ) -> Result<(), HookError> {
        let known = table.hook_state(project.id).await?;
        let placed = self.place(procore, table, project, public_url, (carried, &known)).await;
        let state = match &placed {
            Ok((in_place, former_removed)) => HookState {
                checked_at: Some(Timestamp::now()),
                untold: in_place.untold.clone(),
                former_removed: *former_removed,
                ..HookState::unknown(project.id)
            },
            Err(HookError::Procore(ProcoreError::Forbidden(_))) => HookState {
                refused_since: known.refused_since.or_else(|| Some(Timestamp::now())),
                ..known
            },
            Err(_) => return placed.map(drop),
        };
        if !state.untold.is_empty() {
            tracing::error!(project = %project.id, resources = state.untold.join(", "), "Procore refuses to tell of them: the sweep finds what is new");
        }
        // Dies here: the next sweep looks once more.
        table.record_hook(&state).await?;
        placed.map(drop)
    }

    /// Puts the hook in place. Returns it, and whether what earlier versions made is known to be gone.
    ///
    /// Of two who give the hook different secrets at once, the one with the former secret may be the last to reach
    /// Procore. It finds that its secret is not in use any more when it records what it did, and does it again.
    async fn place(
        &self,
        procore: &Procore,
        table: &Table,
        project: &Project,
        public_url: &str,
        (mut carried, known): (Carried, &HookState),
    ) -> Result<(InPlace, bool), HookError> {
        let (watch, destination) = (Watch::on_items(project), destination(project, public_url));
        let mut former_removed = known.former_removed;
        // Ends, since each time somebody else has replaced the secret.
        loop {
            let secret = table.webhook_secret(project.id).await?;
            let authorization = webhook_secret::authorization(&self.master_secret, project.id, secret.generation);
            let mut placed = ensure(procore, watch, &destination, &authorization).await;
            if !former_removed && matches!(placed, Ok(_) | Err(ProcoreError::Invalid(_))) {
                let kept = placed.as_ref().ok().map(|placed| &placed.hook);
                // Dies here: as before, and an item of which both hooks tell is copied once.
                match procore.remove_former_hooks(watch, &destination, kept).await {
                    Ok(removed) => {
                        former_removed = true;
                        if removed > 0 {
                            tracing::info!(project = %project.id, removed, "removed hooks of Procore's v1.0");
                            // It may have been in the way, or, by another name, the very one that was kept.
                            placed = ensure(procore, watch, &destination, &authorization).await;
                        }
                    }
                    // What is in place counts. Whoever looks next tries again.
                    Err(error) => {
                        tracing::warn!(project = %project.id, %error, "hooks of Procore's v1.0 were not removed")
                    }
                }
            }
            let placed = placed?;
            // A project whose secret was never replaced has no record, and every hook of its carries the first.
            let never_replaced = secret == WebhookSecret::default();
            if never_replaced || (secret.is_carried() && carried == Carried::AsRecorded) {
                return Ok((placed, former_removed));
            }
            // Dies here: the hook carries the former secret, which is good for an hour. The next sweep finds it on record.
            procore.give_hook_secret(watch, &placed.hook, &authorization).await?;
            // Dies here: the hook carries the secret in use, and the next sweep gives it once more.
            if table.webhook_secret_is_carried(project.id, secret.generation).await? {
                return Ok((placed, former_removed));
            }
            // What whoever replaced it has put on record by now, we may have just undone.
            carried = Carried::Unknown;
        }
    }

    /// Replaces a project's webhook secret. The former one stays good for an hour. The project's hook in Procore is not
    /// touched: see [`Self::reconcile`]. Where somebody else replaces it this very moment, theirs is as new as ours
    /// would have been.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn replace_secret(
        &self,
        table: &Table,
        project: ProjectId,
        by: Option<Person>,
        now: Timestamp,
    ) -> Result<WebhookSecret, TableError> {
        let old = table.webhook_secret(project).await?;
        let new = old.replaced(by, now);
        if table.replace_webhook_secret(project, &old, &new).await? {
            Ok(new)
        } else {
            table.webhook_secret(project).await
        }
    }

    /// Makes sure that a project has our hook on its plans, exactly once, with the triggers that Procore knows. The authority
    /// is that of a login that may make webhooks there. Accounts that share a project share its hook. One call where all is
    /// well. Returns the resources of which Procore refuses to tell.
    ///
    /// # Errors
    /// [`ProcoreError`]. What has been done so far stays, and is found the next time.
    pub async fn ensure_on_plans(
        &self,
        procore: &Procore,
        authority: Authority<'_>,
        project: &Project,
        public_url: &str,
    ) -> Result<Vec<String>, ProcoreError> {
        let company = project.company_id;
        let authorization = webhook_secret::authorization_of_plans(&self.master_secret, company);
        let destination = plan_destination(company, public_url);
        let watch = Watch::on_plans(authority, project);
        let placed = ensure(procore, watch, &destination, &authorization).await?;
        Ok(placed.untold)
    }

    /// Removes our hook on a project's plans. One that is gone already is fine. Two calls, or one where there is none.
    ///
    /// # Errors
    /// [`ProcoreError`]. Doing it again completes it.
    pub async fn remove_from_plans(
        &self,
        procore: &Procore,
        authority: Authority<'_>,
        project: &Project,
        public_url: &str,
    ) -> Result<(), ProcoreError> {
        let destination = plan_destination(project.company_id, public_url);
        remove(procore, Watch::on_plans(authority, project), &destination).await
    }

    /// Removes the hook on a company that earlier versions made for its plans, on the authority of an admin of it. Two calls,
    /// or one where there is none.
    ///
    /// # Errors
    /// [`ProcoreError`]. Doing it again completes it.
    pub async fn remove_from_company(
        &self,
        procore: &Procore,
        authority: Authority<'_>,
        company: CompanyId,
        public_url: &str,
    ) -> Result<(), ProcoreError> {
        let destination = plan_destination(company, public_url);
        let removed = procore.remove_company_hooks(authority, company, &destination).await;
        removed.map(drop)
    }

    /// Brings a project's hook into step with its connections, after one was made or ended: there is one while any is
    /// connected, and none otherwise.
    ///
    /// Two who do this at once cannot leave a connected project without its hook: whoever removed it looks at the
    /// connections once more, and whoever connected looks at the hook once more, each after what it wrote.
    ///
    /// # Errors
    /// [`HookError`]. Doing it again completes it.
    pub async fn reconcile(
        &self,
        procore: &Procore,
        table: &Table,
        project: &Project,
        public_url: &str,
        carried: Carried,
    ) -> Result<(), HookError> {
        loop {
            let needed = is_connected(table, project).await?;
            if needed {
                self.ensure(procore, table, project, public_url, carried).await?;
            } else {
                let (watch, destination) = (Watch::on_items(project), destination(project, public_url));
                remove(procore, watch, &destination).await?;
                if !table.hook_state(project.id).await?.former_removed {
                    procore.remove_former_hooks(watch, &destination, None).await?;
                }
                // Dies here: the record is of a hook that is gone, which the next one replaces.
                table.forget_hook(project.id).await?;
            }
            if is_connected(table, project).await? == needed {
                return Ok(());
            }
        }
    }

    /// As [`Self::reconcile`], for both projects of a connection that has just changed. Where a company's limit is met, it is
    /// waited for, up to [`LONGEST_WAIT`]. What does not work is logged and left to the next time: the change itself is made, and
    /// must not be undone by Procore being away.
    pub async fn reconcile_both(&self, procore: &Procore, table: &Table, connection: &Connection, public_url: &str) {
        let ends = Instant::now() + LONGEST_WAIT;
        for side in [Side::Requester, Side::Recipient] {
            let project = &connection.party(side).project;
            // Dies here: a project that is connected has its hook put back by the sweep; one that is not keeps a hook whose events
            // find nobody, until a connection of its is made or ended.
            while let Err(error) = self
                .reconcile(procore, table, project, public_url, Carried::AsRecorded)
                .await
            {
                match &error {
                    HookError::Procore(ProcoreError::Wait(wait)) if Instant::now() + *wait <= ends => {
                        tokio::time::sleep(*wait).await;
                    }
                    _ => {
                        tracing::warn!(project = %project.id, %error, "a project's hook is not in step with its connections");
                        break;
                    }
                }
            }
        }
    }
}

fn destination(project: &Project, public_url: &str) -> String {
    format!("{public_url}/webhooks/procore/{}", project.id)
}

fn plan_destination(company: CompanyId, public_url: &str) -> String {
    format!("{public_url}/webhooks/procore-plans/{company}")
}

/// Makes sure that there is our hook with all its triggers, exactly once, and gives it. One that is there already carries
/// the secret that it was given before.
///
/// It looks before it makes, and looks again afterwards: two who do this at once, or one whose answer was lost, may
/// have made two, and then all but the oldest are removed. Whoever looks last sees them all. Wherever the process
/// dies, doing it again completes it.
async fn ensure(
    procore: &Procore,
    watch: Watch<'_>,
    destination: &str,
    authorization: &str,
) -> Result<InPlace, ProcoreError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match try_to_ensure(procore, watch, destination, authorization).await {
            // Somebody else has just removed the hook that was found: a connection has ended this very moment. Or somebody else is
            // making it, or its triggers, which Procore refuses to make twice.
            Err(ProcoreError::NotFound | ProcoreError::Invalid(_)) if tries < TRIES => {}
            other => return other,
        }
    }
}

async fn try_to_ensure(
    procore: &Procore,
    watch: Watch<'_>,
    destination: &str,
    authorization: &str,
) -> Result<InPlace, ProcoreError> {
    let (mut hooks, mut offer) = (working(procore, watch, destination).await?, None);
    if hooks.is_empty() {
        let offered = procore.offer(watch).await?;
        match procore.create_hook(watch, &offered, destination, authorization).await {
            // Procore takes one hook for each namespace and project: another worker's is the one.
            Ok(()) | Err(ProcoreError::Invalid(_)) => {}
            Err(error) => return Err(error),
        }
        // Dies before this: the hook has no triggers, which whoever looks next gives it.
        hooks = working(procore, watch, destination).await?;
        offer = Some(offered);
    }
    let mut hooks = hooks.into_iter();
    let Some(hook) = hooks.next() else {
        let said = format!(
            "there already is a hook called \"{}\" that leads elsewhere",
            watch.namespace()
        );
        return Err(ProcoreError::Invalid(said));
    };
    for doubled in hooks {
        // Dies here: the rest is removed by whoever looks next.
        procore.delete_hook(watch, &doubled.id).await?;
    }
    let untold = procore.complete_triggers(watch, &hook, offer).await?;
    Ok(InPlace { hook: hook.id, untold })
}

/// Our hooks that lead to this stack and are sent to, the oldest first. Those that Procore has disabled are removed: that of a
/// project can be enabled by nobody else, and makes no room for another.
async fn working(procore: &Procore, watch: Watch<'_>, destination: &str) -> Result<Vec<Hook>, ProcoreError> {
    let (disabled, working): (Vec<Hook>, Vec<Hook>) = ours(procore, watch, destination)
        .await?
        .into_iter()
        .partition(Hook::is_disabled);
    for hook in disabled {
        tracing::warn!(hook = %hook.id, "Procore has disabled a hook: it is replaced");
        // Dies here: there is none, until whoever looks next makes one. This one was sent nothing any more.
        procore.delete_hook(watch, &hook.id).await?;
    }
    Ok(working)
}

async fn remove(procore: &Procore, watch: Watch<'_>, destination: &str) -> Result<(), ProcoreError> {
    for hook in ours(procore, watch, destination).await? {
        procore.delete_hook(watch, &hook.id).await?;
    }
    Ok(())
}

/// Our hooks that lead to this stack, the oldest first.
async fn ours(procore: &Procore, watch: Watch<'_>, destination: &str) -> Result<Vec<Hook>, ProcoreError> {
    let mut hooks = procore.hooks(watch).await?;
    hooks.retain(|hook| hook.destination_url == destination);
    Ok(hooks)
}

async fn is_connected(table: &Table, project: &Project) -> Result<bool, TableError> {
    Ok(table
        .live_connections(project.id)
        .await?
        .iter()
        .any(|connection| connection.connected_since().is_some()))
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use serde_json::{Value, json};

    use super::*;
    use crate::procore::at_sandbox::{GINA, Place, RITA};

    const HERE: &str = "http://localhost:9";

    fn hooks() -> Hooks {
        Hooks {
            master_secret: b"master".to_vec(),
        }
    }

    fn project() -> Project {
        Project {
            id: ProjectId::new(20001).unwrap(),
            name: "Pier 9 Tower".to_owned(),
            company_id: CompanyId::new(1001).unwrap(),
            company_name: "Harbour".to_owned(),
        }
    }

    /// The hooks in the sandbox's project, as its side door shows them.
    async fn shown(place: &Place) -> Vec<Value> {
        let hooks = place
            .side(Method::GET, "webhooks/hooks?project_id=20001", json!({}))
            .await;
        hooks["hooks"].as_array().unwrap().clone()
    }

    #[tokio::test]
    async fn a_projects_plans_have_one_hook_whoever_puts_it_there() {
        let place = Place::new().await;
        let (token, project) = (place.token(GINA).await, project());
        let (hooks, authority) = (hooks(), Authority::Person(&token));
        let put = || hooks.ensure_on_plans(&place.procore, authority, &project, HERE);
        let (one, other) = tokio::join!(put(), put());
        assert_eq!((one, other), (Ok(Vec::new()), Ok(Vec::new())));
        let watch = Watch::on_plans(authority, &project);
        let found = place.procore.hooks(watch).await.unwrap();
        let destinations: Vec<_> = found.iter().map(|hook| hook.destination_url.as_str()).collect();
        assert_eq!(destinations, ["http://localhost:9/webhooks/procore-plans/1001"]);
        let there = shown(&place).await.remove(0);
        assert_eq!(there["payload_version"], "v2.0");
        // Six resources, and what becomes of each.
        assert_eq!(there["triggers"].as_array().unwrap().len(), 18, "{there}");
        let before = place.procore.calls();
        assert_eq!(put().await, Ok(Vec::new()));
        assert_eq!(place.procore.calls() - before, 1, "nothing is asked that is not needed");
        for _ in 0..2 {
            let removed = hooks.remove_from_plans(&place.procore, authority, &project, HERE);
            assert_eq!(removed.await, Ok(()));
        }
        assert!(place.procore.hooks(watch).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_hook_that_procore_has_disabled_is_replaced() {
        let place = Place::new().await;
        let (procore, project) = (&place.procore, project());
        let (watch, to) = (Watch::on_items(&project), "http://localhost:9/items");
        ensure(procore, watch, to, "Bearer one").await.unwrap();
        let first = shown(&place).await.remove(0);
        let path = format!("webhooks/hooks/{}", first["id"].as_str().unwrap());
        place.side(Method::PUT, &path, json!({"status": "disabled"})).await;
        ensure(procore, watch, to, "Bearer two").await.unwrap();
        let now = shown(&place).await;
        assert_eq!(now.len(), 1, "{now:?}");
        assert_ne!(now[0]["id"], first["id"]);
        assert_eq!(
            (&now[0]["status"], &now[0]["authorization"]),
            (&json!("active"), &json!("Bearer two"))
        );
        assert_eq!(now[0]["triggers"].as_array().unwrap().len(), 6, "{now:?}");
    }

    #[tokio::test]
    async fn what_procore_refuses_to_tell_of_is_said_and_the_rest_is_in_place() {
        let place = Place::new().await;
        let (procore, project) = (&place.procore, project());
        let (watch, to) = (Watch::on_items(&project), "http://localhost:9/items");
        let without = json!({"project_id": 20001, "names": ["Notes Logs"]});
        place.side(Method::PUT, "webhooks/unknown", without).await;
        for _ in 0..2 {
            let placed = ensure(procore, watch, to, "Bearer one").await.unwrap();
            assert_eq!(placed.untold, ["Notes Logs"]);
        }
        assert_eq!(shown(&place).await[0]["triggers"].as_array().unwrap().len(), 4);
        place
            .side(
                Method::PUT,
                "webhooks/unknown",
                json!({"project_id": 20001, "names": []}),
            )
            .await;
        let placed = ensure(procore, watch, to, "Bearer one").await.unwrap();
        assert!(placed.untold.is_empty());
    }

    #[tokio::test]
    async fn hooks_of_version_one_are_removed_and_where_there_is_none_any_more_that_is_fine() {
        let place = Place::new().await;
        let (procore, project) = (&place.procore, project());
        let watch = Watch::on_items(&project);
        let to = "http://localhost:9/items";
        assert_eq!(procore.remove_former_hooks(watch, to, None).await, Ok(0), "deprecated");
        place
            .side(Method::PUT, "webhooks/v1", json!({"project_id": 20001, "on": true}))
            .await;
        let former =
            json!({"project_id": 20001, "hook": {"api_version": "v2", "namespace": "gusset", "destination_url": to}});
        let made = place
            .make(project.company_id, "/rest/v1.0/webhooks/hooks", former)
            .await;
        let former = made["id"].to_string();
        let kept = ensure(procore, watch, to, "Bearer one").await.unwrap().hook;
        assert_ne!(kept.to_string(), former);
        assert_eq!(shown(&place).await.len(), 2);
        assert_eq!(procore.remove_former_hooks(watch, to, Some(&kept)).await, Ok(1));
        let left = shown(&place).await;
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(left[0]["id"], kept.to_string());
    }

    #[tokio::test]
    async fn who_lacks_the_permission_puts_no_hook_in_place() {
        let place = Place::new().await;
        let token = place.token(RITA).await;
        let (hooks, project) = (hooks(), project());
        let put = hooks.ensure_on_plans(&place.procore, Authority::Person(&token), &project, HERE);
        assert!(matches!(put.await, Err(ProcoreError::Forbidden(_))));
    }
}
