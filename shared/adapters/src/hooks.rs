//! One hook for each project with connections: made with the first, shared by all, removed with the last. And one for
//! each company whose plans are kept up to date.

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
    procore::{Authority, Hook, Procore, ProcoreError, Watch},
    settings,
    table::{Table, TableError},
};

/// The longest that a request whose change is made already waits for a company's limit, to see to the hooks: longer than a window
/// of ten seconds, and shorter than a function's time-out.
const LONGEST_WAIT: Duration = Duration::from_secs(16);

/// Times a hook is put in place again that was removed under our hands.
const TRIES: u32 = 3;

/// Registers projects' and companies' hooks in Procore.
pub struct Hooks {
    master_secret: Vec<u8>,
}

/// Which secret a hook carries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Carried {
    /// The one that the table says.
    AsRecorded,
    /// Another, perhaps.
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

impl Hooks {
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

    /// Makes sure that a project has our hook with all its triggers, exactly once, and that it carries the secret in use.
    ///
    /// # Errors
    /// [`HookError`]. What has been done so far stays, and is found the next time.
    pub async fn put_in_place(
        &self,
        procore: &Procore,
        table: &Table,
        project: &Project,
        public_url: &str,
    ) -> Result<(), HookError> {
        self.put_with_secret(procore, table, project, public_url, Carried::AsRecorded)
            .await
    }

    /// Of two who give the hook different secrets at once, the one with the former secret may be the last to reach
    /// Procore. It finds that its secret is not in use any more when it records what it did, and does it again.
    async fn put_with_secret(
        &self,
        procore: &Procore,
        table: &Table,
        project: &Project,
        public_url: &str,
        mut carried: Carried,
    ) -> Result<(), HookError> {
        let (watch, destination) = (Watch::on_items(project), destination(project, public_url));
        // Ends, since each time somebody else has replaced the secret.
        loop {
            let secret = table.webhook_secret(project.id).await?;
            let authorization = webhook_secret::authorization(&self.master_secret, project.id, secret.generation);
            let hook = put_in_place(procore, watch, &destination, &authorization).await?;
            // A project whose secret was never replaced has no record, and every hook of its carries the first.
            let never_replaced = secret == WebhookSecret::default();
            if never_replaced || (secret.is_carried() && carried == Carried::AsRecorded) {
                return Ok(());
            }
            // Dies here: the hook carries the former secret, which is good for an hour. The next sweep finds it on record.
            procore.give_hook_secret(watch, hook, &authorization).await?;
            // Dies here: the hook carries the secret in use, and the next sweep gives it once more.
            if table.webhook_secret_is_carried(project.id, secret.generation).await? {
                return Ok(());
            }
            // What whoever replaced it has put on record by now, we may have just undone.
            carried = Carried::Unknown;
        }
    }

    /// Replaces a project's webhook secret. The former one stays good for an hour. The project's hook in Procore is not
    /// touched: see [`Self::bring_into_step`]. Where somebody else replaces it this very moment, theirs is as new as ours
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

    /// Makes sure that a company has our hook on the plans of all its projects, exactly once, with the triggers that
    /// Procore knows. The authority is an admin's of the company. Accounts that share a company share its hook.
    ///
    /// # Errors
    /// [`ProcoreError`]. What has been done so far stays, and is found the next time.
    pub async fn put_plan_hook_in_place(
        &self,
        procore: &Procore,
        authority: Authority<'_>,
        company: CompanyId,
        public_url: &str,
    ) -> Result<(), ProcoreError> {
        let authorization = webhook_secret::authorization_of_plans(&self.master_secret, company);
        let destination = plan_destination(company, public_url);
        let watch = Watch::on_plans(authority, company);
        put_in_place(procore, watch, &destination, &authorization)
            .await
            .map(drop)
    }

    /// Removes our hook on a company's plans, on the authority of an admin of it. One that is gone already is fine. Two
    /// calls, or one where there is none.
    ///
    /// # Errors
    /// [`ProcoreError`]. Doing it again completes it.
    pub async fn remove_plan_hook(
        &self,
        procore: &Procore,
        authority: Authority<'_>,
        company: CompanyId,
        public_url: &str,
    ) -> Result<(), ProcoreError> {
        remove(
            procore,
            Watch::on_plans(authority, company),
            &plan_destination(company, public_url),
        )
        .await
    }

    /// Brings a project's hook into step with its connections, after one was made or ended: there is one while any is
    /// connected, and none otherwise.
    ///
    /// Two who do this at once cannot leave a connected project without its hook: whoever removed it looks at the
    /// connections once more, and whoever connected looks at the hook once more, each after what it wrote.
    ///
    /// # Errors
    /// [`HookError`]. Doing it again completes it.
    pub async fn bring_into_step(
        &self,
        procore: &Procore,
        table: &Table,
        project: &Project,
        public_url: &str,
    ) -> Result<(), HookError> {
        self.in_step(procore, table, project, public_url, Carried::AsRecorded)
            .await
    }

    /// As [`Self::bring_into_step`], where webhooks are lost: the hook may carry another secret than is on record, and is
    /// given the one in use in any case.
    ///
    /// # Errors
    /// [`HookError`]. Doing it again completes it.
    pub async fn mend(
        &self,
        procore: &Procore,
        table: &Table,
        project: &Project,
        public_url: &str,
    ) -> Result<(), HookError> {
        self.in_step(procore, table, project, public_url, Carried::Unknown)
            .await
    }

    async fn in_step(
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
                self.put_with_secret(procore, table, project, public_url, carried)
                    .await?;
            } else {
                remove(procore, Watch::on_items(project), &destination(project, public_url)).await?;
            }
            if is_connected(table, project).await? == needed {
                return Ok(());
            }
        }
    }

    /// As [`Self::bring_into_step`], for both projects of a connection that has just changed. Where a company's limit is met, it
    /// is waited for, up to [`LONGEST_WAIT`]. What does not work is logged and left to the next time: the change itself is made,
    /// and must not be undone by Procore being away.
    pub async fn bring_both_into_step(
        &self,
        procore: &Procore,
        table: &Table,
        connection: &Connection,
        public_url: &str,
    ) {
        let ends = Instant::now() + LONGEST_WAIT;
        for side in [Side::Requester, Side::Recipient] {
            let project = &connection.party(side).project;
            // Dies here: a project that is connected has its hook put back by the sweep; one that is not keeps a hook whose events
            // find nobody, until a connection of its is made or ended.
            while let Err(error) = self.bring_into_step(procore, table, project, public_url).await {
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
async fn put_in_place(
    procore: &Procore,
    watch: Watch<'_>,
    destination: &str,
    authorization: &str,
) -> Result<HookId, ProcoreError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match try_to_put_in_place(procore, watch, destination, authorization).await {
            // Somebody else has just removed the hook that was found: a connection has ended this very moment. Or somebody else is
            // making it, or its triggers, which Procore refuses to make twice.
            Err(ProcoreError::NotFound | ProcoreError::Invalid(_)) if tries < TRIES => {}
            other => return other,
        }
    }
}

async fn try_to_put_in_place(
    procore: &Procore,
    watch: Watch<'_>,
    destination: &str,
    authorization: &str,
) -> Result<HookId, ProcoreError> {
    let mut hooks = ours(procore, watch, destination).await?;
    if hooks.is_empty() {
        match procore.create_hook(watch, destination, authorization).await {
            // Procore takes one hook for each namespace and place: another worker's is the one.
            Ok(_) | Err(ProcoreError::Invalid(_)) => {}
            Err(error) => return Err(error),
        }
        hooks = ours(procore, watch, destination).await?;
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
        procore.delete_hook(watch, doubled.id).await?;
    }
    match procore.complete_triggers(watch, hook.id).await {
        // Another worker has made the same triggers between our look and our wish: a second look finds them.
        Err(ProcoreError::Invalid(_)) => procore.complete_triggers(watch, hook.id).await?,
        other => other?,
    }
    Ok(hook.id)
}

async fn remove(procore: &Procore, watch: Watch<'_>, destination: &str) -> Result<(), ProcoreError> {
    for hook in ours(procore, watch, destination).await? {
        procore.delete_hook(watch, hook.id).await?;
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
    use super::*;
    use crate::procore::at_sandbox::{GINA, Place, RITA};

    const HERE: &str = "http://localhost:9";

    fn hooks() -> Hooks {
        Hooks {
            master_secret: b"master".to_vec(),
        }
    }

    #[tokio::test]
    async fn a_companys_plans_have_one_hook_whoever_puts_it_there() {
        let place = Place::new().await;
        let company = CompanyId::new(1001).unwrap();
        let token = place.token(GINA).await;
        let (hooks, authority) = (hooks(), Authority::Person(&token));
        let put = || hooks.put_plan_hook_in_place(&place.procore, authority, company, HERE);
        let (one, other) = tokio::join!(put(), put());
        assert_eq!((one, other), (Ok(()), Ok(())));
        let watch = Watch::on_plans(authority, company);
        let found = place.procore.hooks(watch).await.unwrap();
        let destinations: Vec<_> = found.iter().map(|hook| hook.destination_url.as_str()).collect();
        assert_eq!(destinations, ["http://localhost:9/webhooks/procore-plans/1001"]);
        let before = place.procore.calls();
        assert_eq!(put().await, Ok(()));
        // Its hooks, what there are webhooks for, and its triggers: nothing is made.
        assert_eq!(place.procore.calls() - before, 3);
        assert_eq!(
            hooks.remove_plan_hook(&place.procore, authority, company, HERE).await,
            Ok(())
        );
        assert_eq!(
            hooks.remove_plan_hook(&place.procore, authority, company, HERE).await,
            Ok(())
        );
        assert!(place.procore.hooks(watch).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn who_is_no_admin_puts_no_hook_in_place() {
        let place = Place::new().await;
        let token = place.token(RITA).await;
        let company = CompanyId::new(1001).unwrap();
        let hooks = hooks();
        let put = hooks.put_plan_hook_in_place(&place.procore, Authority::Person(&token), company, HERE);
        assert!(matches!(put.await, Err(ProcoreError::Forbidden(_))));
    }
}
