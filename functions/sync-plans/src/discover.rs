//! Which companies and projects a login sees.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use gusset_adapters::{integrations::Access, procore::ProcoreError};
use gusset_domain::{
    ids::{CompanyId, ProjectId, RunId},
    people::Project,
    plans::{
        job::{Job, Work},
        project::SyncedProject,
        run::{AskedBy, Run},
    },
};
use uuid::Uuid;

use crate::{
    SyncPlans, now,
    work::{Trouble, words},
};

/// Looks which projects there are, and has each one looked at.
pub(crate) async fn look(app: &SyncPlans, job: &Job, access: &Access, by_hand: bool) -> Result<(), Trouble> {
    // Dies after this: the message comes again and finds the run that was begun, which it joins by leaving it alone. The
    // clock then begins the next one once this one counts as stopped; a person's run carries its id, and goes on.
    let Some(run) = run_of(app, job).await? else {
        tracing::info!(account = %job.account, "a run is under way");
        return Ok(());
    };
    let seen = projects(app, access).await?;
    keep(app, job, access, &seen).await?;
    app.integrations
        .table
        .run_found_projects(job.account, run, seen.len())
        .await?;
    let jobs: Vec<Job> = seen
        .into_values()
        .map(|project| Job {
            run: Some(run),
            ..job.other(Work::Project {
                project,
                by_hand,
                asked_at: None,
            })
        })
        .collect();
    // Dies here: some are on the queue. The message comes again, and a project that was looked at in this run is left out.
    app.queue.send(&jobs, Duration::ZERO).await?;
    tracing::info!(account = %job.account, projects = jobs.len(), "found");
    Ok(())
}

/// The run that this belongs to: the one that a person has begun, or one that begins now, unless another is under way.
async fn run_of(app: &SyncPlans, job: &Job) -> Result<Option<RunId>, Trouble> {
    if job.run.is_some() {
        return Ok(job.run);
    }
    let run = Run::begin(RunId(Uuid::now_v7()), AskedBy::Clock, now());
    let (run, begun) = app.integrations.table.begin_run(job.account, &run, now()).await?;
    Ok(begun.then_some(run.id))
}

/// The active projects that the login sees, each once.
async fn projects(app: &SyncPlans, access: &Access) -> Result<BTreeMap<ProjectId, Project>, Trouble> {
    let (procore, authority) = (&app.integrations.procore, access.authority());
    let mut projects = BTreeMap::new();
    for company in procore.companies(authority).await? {
        match procore.projects_of(authority, &company).await {
            Ok(found) => projects.extend(found.into_iter().map(|project| (project.id, project))),
            // A company without our app: its projects cannot be read, and receive no updates.
            Err(ProcoreError::Forbidden(_) | ProcoreError::NotFound) => continue,
            Err(error) => return Err(error.into()),
        }
        hook(app, access, company.id).await;
    }
    Ok(projects)
}

/// Has Procore tell of changes in a company. It is a help: without it they are found by the clock.
async fn hook(app: &SyncPlans, access: &Access, company: CompanyId) {
    let placed = app
        .hooks
        .put_plan_hook_in_place(&app.integrations.procore, access.authority(), company, &app.public_url)
        .await;
    if let Err(error) = placed {
        tracing::warn!(%company, %error, "Procore does not tell of a company's plans by itself");
    }
}

/// Brings the records of the account's projects into step with what the login sees. Dies in between: the rest is brought
/// into step when the message comes again.
async fn keep(app: &SyncPlans, job: &Job, access: &Access, seen: &BTreeMap<ProjectId, Project>) -> Result<(), Trouble> {
    let table = &app.integrations.table;
    let known = table.synced_projects(job.account).await?;
    let login = access.integration().login.clone();
    let unchanged: BTreeSet<ProjectId> = known
        .iter()
        .filter(|known| seen.get(&known.project.id) == Some(&known.project))
        .filter(|known| known.login == job.login && known.lost_since.is_none() && known.login_name == login.name)
        .map(|known| known.project.id)
        .collect();
    for project in seen.values().filter(|project| !unchanged.contains(&project.id)) {
        table.project_seen(job.account, project, job.login, &login.name).await?;
    }
    let is_lost = |known: &&SyncedProject| {
        known.login == job.login && known.lost_since.is_none() && !seen.contains_key(&known.project.id)
    };
    for lost in known.iter().filter(is_lost) {
        table
            .project_lost(job.account, lost.project.id, job.login, now())
            .await?;
    }
    Ok(())
}

/// Records why a run did not begin.
pub(crate) async fn give_up(app: &SyncPlans, job: &Job, trouble: &Trouble) -> Result<(), Trouble> {
    if let Some(run) = job.run {
        let problem = format!("Your projects could not be read: {}.", words(trouble));
        app.integrations.table.run_stopped(job.account, run, &problem).await?;
    }
    Ok(())
}
