//! Has Procore stop telling of projects whose plans nobody keeps here any more.

use std::time::Duration;

use gusset_adapters::{
    integrations::AccessError,
    procore::{Authority, ProcoreError},
};
use gusset_domain::{
    ids::{AccountId, UserId},
    people::Project,
    plans::{
        job::{Job, Work},
        project::Told,
    },
};

use crate::Plans;

/// How long a person who disconnects waits for it, at the most.
const PATIENCE: Duration = Duration::from_secs(10);

/// When what is left is removed by the service account. By then the account is disconnected, and keeps no project any more.
const LATER: Duration = Duration::from_secs(60);

/// Removes the hooks of an account's projects, as far as no other account is connected that has them. To be done while the
/// account still has access. What is not done in time, or meets Procore's limit, is left to the service account.
///
/// What does not work is logged and left: such a hook's events find nobody. Dies in between: hooks are gone of an account that
/// is connected still, and the next day's sync of those projects puts them back.
pub(crate) async fn unwatch(app: &Plans, (account, login): (AccountId, UserId), public_url: &str) {
    let mut left: Vec<Project> = match app.table().synced_projects(account).await {
        Ok(synced) => synced
            .into_iter()
            .filter(|synced| synced.told == Some(Told::Webhooks))
            .map(|synced| synced.project)
            .collect(),
        Err(error) => {
            tracing::warn!(%account, %error, "Procore goes on telling of an account's projects");
            return;
        }
    };
    let removed = tokio::time::timeout(PATIENCE, remove(app, account, &mut left, public_url)).await;
    if let Ok(Err(error)) = removed {
        tracing::warn!(%account, ?error, "hooks are not removed by the login that ends");
    }
    let jobs: Vec<Job> = left
        .into_iter()
        .map(|project| Job {
            account,
            login,
            run: None,
            attempts: 0,
            work: Work::Unwatch { project },
        })
        .collect();
    if let Err(error) = app.queue.send(&jobs, LATER).await {
        tracing::warn!(%account, %error, projects = jobs.len(), "Procore goes on telling of projects");
    }
}

/// Removes the hooks of projects, and takes each one that is seen to from the list.
async fn remove(app: &Plans, account: AccountId, left: &mut Vec<Project>, public_url: &str) -> Result<(), AccessError> {
    let Some(access) = app.integrations.access(account).await? else {
        return Ok(());
    };
    let (procore, authority) = (&app.integrations.procore, Authority::Person(access.token()));
    while let Some(project) = left.last() {
        if !app.integrations.is_kept(project.id, Some(account)).await? {
            let removed = app
                .hooks
                .remove_from_plans(procore, authority, project, public_url)
                .await;
            match removed {
                Ok(()) => {
                    // Somebody may have connected meanwhile, and have found it still there.
                    if app.integrations.is_kept(project.id, Some(account)).await? {
                        let placed = app.hooks.ensure_on_plans(procore, authority, project, public_url);
                        placed.await.map_err(AccessError::Procore)?;
                    }
                }
                Err(error @ (ProcoreError::Forbidden(_) | ProcoreError::NotFound)) => {
                    // The login may have lost its permission since.
                    tracing::info!(project = %project.id, %error, "a hook on its plans was left");
                }
                Err(error) => return Err(AccessError::Procore(error)),
            }
        }
        left.pop();
    }
    Ok(())
}
