//! Has Procore tell of a project's changes: one hook a project, shared by the accounts that keep its plans.

use gusset_adapters::{
    integrations::Access,
    procore::{Authority, ProcoreError},
};
use gusset_domain::{
    people::Project,
    plans::{
        job::Job,
        project::{SyncedProject, Told},
    },
};

use crate::{SyncPlans, now, work::Error};

/// Sees to it, where that is due, that Procore tells of a project's changes. It is a help: without it they are found by the
/// clock, and the account is told so. One call where there is a hook; six where one is made.
///
/// To be done before the project's plans are listed: what changes after that is told, and what changed before is seen.
///
/// # Errors
/// [`Error`], where Procore's limit is met or the access is not accepted, which holds for the listing as well. Any other
/// failure is logged, and the project's next sync tries again.
pub(crate) async fn ensure(
    app: &SyncPlans,
    job: &Job,
    access: &Access,
    project: &Project,
    (known, by_hand): (Option<&SyncedProject>, bool),
) -> Result<(), Error> {
    // A webhook asked: there is one. A project that is not on record was lost meanwhile.
    let Some(known) = known.filter(|_| job.run.is_some()) else {
        return Ok(());
    };
    if !known.is_hook_due((job.login, access.connected_at()), by_hand, now()) {
        return Ok(());
    }
    let placed = app
        .hooks
        .ensure_on_plans(&app.integrations.procore, access.authority(), project, &app.public_url)
        .await;
    let told = match placed {
        Ok(untold) if untold.is_empty() => Told::Webhooks,
        Ok(untold) => {
            tracing::warn!(project = %project.id, resources = untold.join(", "), "Procore refuses to tell of some plans");
            Told::Clock {
                lacks_permission: false,
            }
        }
        // The login lacks a permission in this project, or Procore does not take our address.
        Err(error @ (ProcoreError::Forbidden(_) | ProcoreError::NotFound | ProcoreError::Invalid(_))) => {
            tracing::warn!(project = %project.id, %error, "its plans are looked at by the clock only");
            let lacks_permission = !matches!(error, ProcoreError::Invalid(_));
            Told::Clock { lacks_permission }
        }
        Err(error @ (ProcoreError::Unauthorized | ProcoreError::Wait(_))) => return Err(error.into()),
        Err(error) => {
            tracing::warn!(project = %project.id, %error, "whether Procore tells of its plans is not known");
            return Ok(());
        }
    };
    // Dies before this: the message comes again, and finds the hook in place.
    let table = &app.integrations.table;
    Ok(table.project_told(job.account, project.id, &told, now()).await?)
}

/// Removes the hook on the plans of a project that nobody keeps any more, by our service account: the login that made it is
/// gone. Where the app is not let into the project the hook stays, and what it tells of finds nobody.
///
/// # Errors
/// [`Error`]. Doing it again completes it.
pub(crate) async fn remove(app: &SyncPlans, project: &Project) -> Result<(), Error> {
    if app.integrations.is_kept(project.id, None).await? {
        tracing::info!(project = %project.id, "somebody keeps its plans again");
        return Ok(());
    }
    let procore = &app.integrations.procore;
    // Dies before this: the message comes again.
    let removed = app
        .hooks
        .remove_from_plans(procore, Authority::ServiceAccount, project, &app.public_url)
        .await;
    match removed {
        Ok(()) => Ok(()),
        Err(error @ (ProcoreError::Wait(_) | ProcoreError::Unavailable(_))) => Err(error.into()),
        Err(error) => {
            tracing::info!(project = %project.id, %error, "a hook on its plans was left");
            Ok(())
        }
    }
}
