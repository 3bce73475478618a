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
    storage::CheckpointKey,
    table::{
        plans::{PlansWritten, Write},
        synced_projects::{Look, Seen},
    },
};
use gusset_domain::{
    people::Project,
    plans::{
        Plan, PlanId, PlanKind,
        job::{Job, MOST_FILES, Source, Work},
        listing::Listed,
        project::{BidPackage, PlanTool},
        reconcile::{self, Again, gone, reconcile},
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
    /// When Procore was asked first. What has changed since then may be missing.
    began: Timestamp,
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
    let listing = Listing::of(app, job, &ask).await?;
    if let Some(asked) = ask.asked_at {
        // Dies after this: the message comes again and takes the look again.
        let began = listing.answers.began();
        if !table.claim_look(job.account, project.id, asked, began).await? {
            tracing::info!(account = %job.account, project = %project.id, "another one is looking");
            return Ok(());
        }
    }
    let shown = listing.go_on(app, access, project).await?;
    let again = if ask.by_hand { Again::All } else { Again::Passing };
    // Dies after this: the message comes again, finds the same files waiting, which it does not count again, and has them
    // fetched.
    let fetch = write(app, job, project, &shown, again).await?;
    let jobs = jobs(job, project, fetch);
    // Dies in here: as before. What is on the queue twice is fetched once.
    app.queue.send(&jobs, Duration::ZERO).await?;
    let look = Look {
        seen: Some(Seen {
            began: shown.began,
            bid_packages: shown.bid_packages,
            closed_tools: shown.closed,
        }),
        problem: None,
    };
    table.project_listed(job.account, project.id, &look, job.run).await?;
    tracing::info!(account = %job.account, project = %project.id, plans = shown.plans.len(), to_fetch = jobs.len(), "looked at");
    Ok(())
}

/// A listing of a project. Where it has to wait for Procore it lays aside what it was answered, and goes on from there when
/// its message comes again.
struct Listing {
    key: CheckpointKey,
    answers: Answers,
}

impl Listing {
    /// The listing of a look, with what was laid aside of it.
    async fn of(app: &SyncPlans, job: &Job, ask: &Ask<'_>) -> Result<Self, Trouble> {
        let look = job.run.map(|run| run.0.as_u128());
        let look = look.or_else(|| {
            ask.asked_at
                .and_then(|asked| u128::try_from(asked.as_nanosecond()).ok())
        });
        let key = CheckpointKey::of_plans(job.account.0, ask.project.id, look.unwrap_or_default());
        let note = if ask.again {
            app.storage.checkpoint(&key).await?
        } else {
            None
        };
        let answers = note.map_or_else(|| Answers::none(now()), |note| Answers::read(&note, now()));
        Ok(Self { key, answers })
    }

    /// All that Procore shows of the project.
    async fn go_on(&self, app: &SyncPlans, access: &Access, project: &Project) -> Result<Shown, Trouble> {
        let known = self.answers.count();
        let authority = Authority::Listing(access.token(), &self.answers);
        let shown = listed(app, authority, project, self.answers.began()).await;
        if shown.is_err() && self.answers.count() > known {
            // Dies before this: the listing begins where it began this time.
            app.storage.save_checkpoint(&self.key, self.answers.written()).await?;
        }
        Ok(shown?)
    }
}

async fn listed(
    app: &SyncPlans,
    authority: Authority<'_>,
    project: &Project,
    began: Timestamp,
) -> Result<Shown, ProcoreError> {
    let procore = &app.integrations.procore;
    let (company, id) = (project.company_id, project.id);
    let mut shown = Shown {
        began,
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
    let mut look = reconcile::Look {
        began: shown.began,
        run: job.run,
        again,
    };
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
            let decision = reconcile(project.id, known.get(&id), plan, &look);
            let found = decision.found;
            writes.extend(decision.write.map(|plan| Write { plan, found }));
            if !decision.fetch.is_empty() {
                fetch.push((id, decision.fetch));
            }
        }
        let whole = known.values().filter(|plan| shown.whole.contains(&plan.id.kind));
        writes.extend(
            gone(whole, &listed, &look, now())
                .into_iter()
                .map(|plan| Write { plan, found: 0 }),
        );
        match table.write_plans(job.account, &writes, look.run).await? {
            PlansWritten::All => return Ok(fetch),
            PlansWritten::LookAgain => {}
            // What this message still finds belongs to no run: it must not take files away from the latest one.
            PlansWritten::RunIsOver => look.run = None,
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
    let look = Look {
        seen: None,
        problem: Some(format!("Its plans could not be read: {}.", words(trouble))),
    };
    Ok(table.project_listed(job.account, project.id, &look, job.run).await?)
}
