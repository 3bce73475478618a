//! Which plans a project has, and what of them is missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use gusset_adapters::{
    integrations::Access,
    procore::{
        Answers, Authority, ProcoreError,
        plans::{self, Listed as Tool},
    },
    storage::NoteKey,
    table::{
        plans::{PlansWritten, Write},
        synced_projects::Look,
    },
};
use gusset_domain::{
    people::Project,
    plans::{
        Plan, PlanId, PlanKind,
        job::{Job, MOST_FILES, Source, Work},
        listing::Listed,
        project::{BidPackage, PlanTool},
        reconcile::{Again, gone, reconcile},
    },
};
use jiff::Timestamp;

use crate::{
    SyncPlans, listing, now,
    work::{Trouble, words},
};

/// How often the records of a project's plans are read anew because somebody has changed one meanwhile.
const MOST_LOOKS: u32 = 20;

/// What Procore shows of a project.
struct Shown {
    plans: Vec<Listed>,
    /// The kinds of plans of which all were listed: what is missing among them is gone.
    whole: BTreeSet<PlanKind>,
    closed: Vec<PlanTool>,
    bid_packages: Option<Vec<BidPackage>>,
}

/// What is asked for.
pub(crate) struct Ask<'a> {
    /// The project.
    pub(crate) project: &'a Project,
    /// Whether a person asked.
    pub(crate) by_hand: bool,
    /// When a webhook did.
    pub(crate) asked_at: Option<Timestamp>,
    /// Whether the message was handed out before: a listing may have been laid aside.
    pub(crate) again: bool,
}

/// Looks at a project's plans, writes what has changed, and has fetched what is missing.
pub(crate) async fn look(app: &SyncPlans, job: &Job, access: &Access, ask: Ask<'_>) -> Result<(), Trouble> {
    let (table, project) = (&app.integrations.table, ask.project);
    let known = table.synced_project(job.account, project.id).await?;
    let done = known.as_ref().is_some_and(|known| {
        let in_this_run = job.run.is_some() && known.listed_in == job.run;
        let since_then = ask
            .asked_at
            .is_some_and(|asked| known.listed_at.is_some_and(|listed| asked < listed));
        in_this_run || since_then
    });
    if done {
        tracing::info!(account = %job.account, project = %project.id, "looked at already");
        return Ok(());
    }
    let began = if ask.again { asked_for(job, &ask) } else { now() };
    if let Some(asked) = ask.asked_at {
        // Dies after this: the message comes again and takes the look again.
        if !table.claim_look(job.account, project.id, asked, began).await? {
            tracing::info!(account = %job.account, project = %project.id, "another one is looking");
            return Ok(());
        }
    }
    let shown = shown(app, job, access, &ask).await?;
    let again = if ask.by_hand { Again::All } else { Again::Passing };
    // Dies after this: the message comes again, finds the same files waiting, which it does not count again, and has them
    // fetched.
    let fetch = write(app, job, project, &shown, again).await?;
    let jobs = jobs(job, project, fetch);
    // Dies in here: as before. What is on the queue twice is fetched once.
    app.queue.send(&jobs, Duration::ZERO).await?;
    let look = Look {
        began,
        bid_packages: shown.bid_packages,
        closed_tools: shown.closed,
        problem: None,
    };
    table.project_listed(job.account, project.id, &look, job.run).await?;
    tracing::info!(account = %job.account, project = %project.id, plans = shown.plans.len(), to_fetch = jobs.len(), "looked at");
    Ok(())
}

/// When a look was asked for: answers that were laid aside are no older than that, and may be as old.
fn asked_for(job: &Job, ask: &Ask<'_>) -> Timestamp {
    let run = job.run.and_then(|run| run.0.get_timestamp());
    let began = run.and_then(|began| Timestamp::from_second(i64::try_from(began.to_unix().0).ok()?).ok());
    ask.asked_at.or(began).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// All that Procore shows of a project. A listing that has to wait for Procore lays aside what it was answered, and goes on
/// from there when its message comes again.
async fn shown(app: &SyncPlans, job: &Job, access: &Access, ask: &Ask<'_>) -> Result<Shown, Trouble> {
    let look = job.run.map(|run| run.0.as_u128());
    let look = look.or_else(|| {
        ask.asked_at
            .and_then(|asked| u128::try_from(asked.as_nanosecond()).ok())
    });
    let key = NoteKey::of(job.account.0, ask.project.id, look.unwrap_or_default());
    let note = if ask.again { app.storage.note(&key).await? } else { None };
    let answers = note.map_or_else(Answers::default, |note| Answers::read(&note));
    let known = answers.count();
    let shown = listed(app, Authority::Listing(access.token(), &answers), ask.project).await;
    if shown.is_err() && answers.count() > known {
        // Dies before this: the listing begins where it began this time.
        app.storage.lay_aside(&key, answers.written()).await?;
    }
    Ok(shown?)
}

async fn listed(app: &SyncPlans, authority: Authority<'_>, project: &Project) -> Result<Shown, ProcoreError> {
    let procore = &app.integrations.procore;
    let (company, id) = (project.company_id, project.id);
    let mut shown = Shown {
        plans: Vec::new(),
        whole: BTreeSet::new(),
        closed: Vec::new(),
        bid_packages: None,
    };
    let drawings = procore.drawings(authority, company, id).await?;
    shown.add(drawings, PlanKind::Drawing, PlanTool::Drawings, listing::drawing);
    let sections = procore.specifications(authority, company, id).await?;
    shown.add(
        sections,
        PlanKind::Specification,
        PlanTool::Specifications,
        listing::section,
    );
    let documents = procore.documents(authority, company, id).await?;
    shown.add(documents, PlanKind::Document, PlanTool::Documents, listing::document);
    match procore.bid_packages(authority, company, id).await? {
        Tool::Whole(packages) => {
            let package = |package: plans::BidPackage| BidPackage {
                id: package.id,
                title: package.title.or(package.number).unwrap_or_default(),
                due_at: package.due_at,
            };
            shown.bid_packages = Some(packages.into_iter().map(package).collect());
        }
        Tool::ToolClosed => shown.closed.push(PlanTool::Bidding),
    }
    Ok(shown)
}

impl Shown {
    fn add<T>(&mut self, found: Tool<T>, kind: PlanKind, tool: PlanTool, listed: fn(T) -> Listed) {
        match found {
            Tool::Whole(found) => {
                self.plans.extend(found.into_iter().map(listed));
                self.whole.insert(kind);
            }
            // What was synced stays: that the tool is closed to a login does not mean that its plans are gone.
            Tool::ToolClosed => self.closed.push(tool),
        }
    }
}

/// Brings the records into step. Gives the files to be fetched, by plan.
async fn write(
    app: &SyncPlans,
    job: &Job,
    project: &Project,
    shown: &Shown,
    again: Again,
) -> Result<Vec<(PlanId, Vec<Source>)>, Trouble> {
    let table = &app.integrations.table;
    for _ in 0..MOST_LOOKS {
        let known: BTreeMap<PlanId, Plan> = table
            .plans(job.account, project.id)
            .await?
            .into_iter()
            .map(|plan| (plan.id, plan))
            .collect();
        let mut writes = Vec::new();
        let mut fetch = Vec::new();
        let mut listed = BTreeSet::new();
        for plan in &shown.plans {
            let id = PlanId {
                project: project.id,
                kind: plan.kind,
                entity: plan.entity,
            };
            listed.insert(id);
            let decision = reconcile(project.id, known.get(&id), plan, job.run, again);
            let found = decision.found;
            writes.extend(decision.write.map(|plan| Write { plan, found }));
            if !decision.fetch.is_empty() {
                fetch.push((id, decision.fetch));
            }
        }
        let whole = known.values().filter(|plan| shown.whole.contains(&plan.id.kind));
        writes.extend(
            gone(whole, &listed, now())
                .into_iter()
                .map(|plan| Write { plan, found: 0 }),
        );
        if table.write_plans(job.account, &writes, job.run).await? == PlansWritten::All {
            return Ok(fetch);
        }
    }
    Err(ProcoreError::Unknown("the records of its plans change too fast".to_owned()).into())
}

fn jobs(job: &Job, project: &Project, fetch: Vec<(PlanId, Vec<Source>)>) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (plan, files) in fetch {
        for files in files.chunks(MOST_FILES) {
            jobs.push(job.other(Work::Files {
                plan,
                company: project.company_id,
                files: files.to_vec(),
            }));
        }
    }
    jobs
}

/// Records why a project could not be looked at.
pub(crate) async fn give_up(app: &SyncPlans, job: &Job, project: &Project, trouble: &Trouble) -> Result<(), Trouble> {
    let table = &app.integrations.table;
    let known = table.synced_project(job.account, project.id).await?;
    let look = Look {
        began: known.as_ref().and_then(|known| known.listed_at).unwrap_or_else(now),
        bid_packages: None,
        closed_tools: known.map(|known| known.closed_tools).unwrap_or_default(),
        problem: Some(format!("Its plans could not be read: {}.", words(trouble))),
    };
    Ok(table.project_listed(job.account, project.id, &look, job.run).await?)
}
