//! Which companies and projects a login sees.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    SyncPlans, now,
    work::{Error, words},
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

/// Looks which projects there are, and has each one looked at.
pub(crate) async fn look(app: &SyncPlans, job: &Job, access: &Access, by_hand: bool) -> Result<(), Error> {
    // Dies after this: the message comes again, and goes on with the run that it has begun.
    let Some(run) = run_of(app, job).await? else {
        tracing::info!(account = %job.account, "another run is under way");
        return Ok(());
    };
    let seen = seen(app, access).await?;
    keep(app, job, access, &seen.projects).await?;
    app.integrations
        .table
        .run_found_projects(job.account, run, seen.projects.keys().copied())
        .await?;
    // What earlier versions left behind, which hurts nobody: it takes calls that a sync by the clock is spared.
    let watched = seen.companies.into_iter().filter(|_| by_hand);
    let watches = watched.map(|company| job.other(Work::Watch { company }));
    let looks = seen.projects.into_values().map(|project| Job {
        run: Some(run),
        ..job.other(Work::Project {
            project,
            by_hand,
            asked_at: None,
        })
    });
    let jobs: Vec<Job> = watches.chain(looks).collect();
    // Dies here: some are on the queue. The message comes again, and a project that was looked at in this run is left out.
    app.queue.send(&jobs, Duration::ZERO).await?;
    tracing::info!(account = %job.account, messages = jobs.len(), "found");
    Ok(())
}

/// The run that the message names, begun if it has not been, unless another one is under way. Where nobody may have been told
/// of that one, because who began it died, this message is as good as the one that was lost.
async fn run_of(app: &SyncPlans, job: &Job) -> Result<Option<RunId>, Error> {
    let Some(wanted) = job.run else { return Ok(None) };
    let run = Run::begin(wanted, AskedBy::Clock, now());
    let (run, _) = app.integrations.table.begin_run(job.account, &run, now()).await?;
    Ok((run.run.id == wanted || run.may_be_forgotten(now())).then_some(run.run.id))
}

/// What a login sees.
struct Seen {
    companies: Vec<CompanyId>,
    /// Active ones, each once.
    projects: BTreeMap<ProjectId, Project>,
}

async fn seen(app: &SyncPlans, access: &Access) -> Result<Seen, Error> {
    let (procore, authority) = (&app.integrations.procore, access.authority());
    let mut seen = Seen {
        companies: Vec::new(),
        projects: BTreeMap::new(),
    };
    for company in procore.companies(authority).await? {
        match procore.projects_of(authority, &company).await {
            Ok(found) => {
                seen.companies.push(company.id);
                let active = found.into_iter().filter(|found| found.active);
                seen.projects
                    .extend(active.map(|found| (found.project.id, found.project)));
            }
            // A company without our app: its projects cannot be read, and receive no updates.
            Err(ProcoreError::Forbidden(_) | ProcoreError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(seen)
}

/// Removes the hook on a company that earlier versions made. It never heard of the company's projects: where it stays, nothing
/// is wrong but a line too much in Procore.
pub(crate) async fn unwatch(app: &SyncPlans, access: &Access, company: CompanyId) {
    let procore = &app.integrations.procore;
    let removed = app
        .hooks
        .remove_from_company(procore, access.authority(), company, &app.public_url);
    if let Err(error) = removed.await {
        tracing::info!(%company, %error, "a company's former hook was not removed");
    }
}

/// Brings the records of the account's projects into step with what the login sees. Dies in between: the rest is brought
/// into step when the message comes again.
async fn keep(app: &SyncPlans, job: &Job, access: &Access, seen: &BTreeMap<ProjectId, Project>) -> Result<(), Error> {
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
pub(crate) async fn give_up(app: &SyncPlans, job: &Job, trouble: &Error) -> Result<(), Error> {
    if let Some(run) = job.run {
        let problem = format!("Your projects could not be read: {}.", words(trouble));
        app.integrations.table.run_stopped(job.account, run, &problem).await?;
    }
    Ok(())
}
