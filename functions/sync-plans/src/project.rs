//! Which plans a project has, and what of them is missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use gusset_adapters::{
    integrations::Access,
    procore::{
        Authority, ListingCache, ProcoreError,
        plans::{self, Listed as Tool},
    },
    storage::CheckpointKey,
    table::{
        plans::PlansWritten,
        synced_projects::{Look, Seen},
    },
};
use gusset_domain::{
    people::Project,
    plans::{
        Plan, PlanId, PlanKind,
        job::{Job, MAX_FILES, Source, Work},
        listing::Listed,
        project::{BidPackage, PlanTool, SyncedProject, Unread, packages_after},
        reconcile::{self, Absent, Again, absent, reconcile},
    },
};
use jiff::Timestamp;

use crate::{
    SyncPlans, listing, now, watch,
    work::{Error, words},
};

/// How often a tool is read that makes no sense, or fails, before it is left for the clock's next look.
const MAX_READS: u32 = 4;

/// The longest that a message can wait on the queue.
const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// The tools that are read, one apart from the other.
const TOOLS: [PlanTool; 4] = [
    PlanTool::Drawings,
    PlanTool::Specifications,
    PlanTool::Documents,
    PlanTool::Bidding,
];

/// How often the records of a project's plans are read anew because somebody has changed one meanwhile.
const MAX_LOOKS: u32 = 20;

/// What Procore shows of a project.
struct Shown {
    /// When Procore was asked first. What has changed since then may be missing.
    began: Timestamp,
    plans: Vec<Listed>,
    /// The kinds of plans of which all were listed.
    whole: BTreeSet<PlanKind>,
    closed: Vec<PlanTool>,
    /// The bid packages, and whether these are all.
    bid_packages: Option<(Vec<BidPackage>, bool)>,
    /// Tools that could not be read.
    failed: Vec<(PlanTool, ProcoreError)>,
}

/// What is asked for.
pub(crate) struct Ask<'a> {
    /// The project.
    pub(crate) project: &'a Project,
    /// Whether a person asked.
    pub(crate) by_hand: bool,
    /// When a webhook did.
    pub(crate) asked_at: Option<Timestamp>,
    /// How often the message was handed out before: a listing may have been laid aside.
    pub(crate) before: u32,
}

/// Looks at a project's plans, writes what has changed, and has fetched what is missing.
pub(crate) async fn look(app: &SyncPlans, job: &Job, access: &Access, ask: Ask<'_>) -> Result<(), Error> {
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
    watch::ensure(app, job, access, project, (known.as_ref(), ask.by_hand)).await?;
    let listing = Listing::of(app, job, &ask).await?;
    if let Some(asked) = ask.asked_at {
        // Dies after this: the message comes again and takes the look again.
        let began = listing.answers.began();
        if !table.claim_look(job.account, project.id, asked, began).await? {
            tracing::info!(account = %job.account, project = %project.id, "another one is looking");
            return Ok(());
        }
    }
    let shown = listing.go_on(app, access, &ask).await?;
    let again = if ask.by_hand { Again::All } else { Again::Passing };
    // Dies after this: the message comes again, finds the same files waiting, which it does not count again, and has them
    // fetched.
    let (fetch, absent) = write(app, job, project, &shown, again).await?;
    let mut jobs = jobs(job, project, fetch);
    jobs.extend(absent.look_again_from.map(|from| second_look(job, project, from)));
    // Dies in here: as before. What is on the queue twice is fetched once.
    send(app, jobs).await?;
    if let Some((_, error)) = shown.failed.first()
        && job.attempts + 1 < MAX_READS
    {
        // What could be read is written, and is not asked for again when this one is.
        listing.lay_aside(app).await?;
        return Err(error.clone().into());
    }
    let known_packages = known.as_ref().map(|known| known.bid_packages.as_slice());
    let packages = shown
        .bid_packages
        .map(|(packages, whole)| packages_after(known_packages.unwrap_or_default(), packages, whole, shown.began));
    let unread = shown.failed.iter().map(|(tool, error)| Unread {
        tool: *tool,
        why: why(error),
    });
    let look = Look {
        seen: Some(Seen {
            began: shown.began,
            bid_packages: packages,
            closed_tools: shown.closed,
            unread: unread.collect(),
            many_missing: absent.many,
        }),
        problem: None,
    };
    table.project_listed(job.account, project.id, &look, job.run).await?;
    for (tool, error) in &shown.failed {
        tracing::warn!(account = %job.account, project = %project.id, tool = tool.name(), %error, "not read");
    }
    if let Some(many) = absent.many {
        tracing::warn!(account = %job.account, project = %project.id, missing = many.count, of = many.of, "many plans are missing");
    }
    tracing::info!(account = %job.account, project = %project.id, plans = shown.plans.len(), "looked at");
    Ok(())
}

/// A look that is to agree that plans are gone, which begins as soon as it is believed.
fn second_look(job: &Job, project: &Project, from: Timestamp) -> Job {
    Job {
        run: None,
        ..job.other(Work::Project {
            project: project.clone(),
            by_hand: false,
            asked_at: Some(from),
        })
    }
}

/// Puts messages on the queue: second looks for when they are to begin, all others for now.
async fn send(app: &SyncPlans, jobs: Vec<Job>) -> Result<(), Error> {
    let (later, now_due): (Vec<Job>, Vec<Job>) = jobs
        .into_iter()
        .partition(|job| matches!(job.work, Work::Project { .. }));
    app.queue.send(&now_due, Duration::ZERO).await?;
    for job in later {
        let Work::Project {
            asked_at: Some(from), ..
        } = &job.work
        else {
            continue;
        };
        // A second more than that: a look that begins at that very moment is not after it.
        let wait = Duration::try_from(from.duration_since(now())).unwrap_or_default() + Duration::from_secs(1);
        app.queue
            .send(std::slice::from_ref(&job), wait.min(LONGEST_DELAY))
            .await?;
    }
    Ok(())
}

/// Why a tool could not be read, in words for people that go on after "could not be read: ".
fn why(error: &ProcoreError) -> String {
    match error {
        ProcoreError::Unexpected { status: 200, said } => said.clone(),
        ProcoreError::Unexpected { status, .. } => format!("Procore answers with the error {status}"),
        ProcoreError::Unknown(_) => "Procore does not answer".to_owned(),
        other => other.to_string(),
    }
}

/// A listing of a project. Where it has to wait for Procore it lays aside what it was answered, and goes on from there when
/// its message comes again.
struct Listing {
    key: CheckpointKey,
    answers: ListingCache,
}

impl Listing {
    /// The listing of a look, with what was laid aside of it.
    async fn of(app: &SyncPlans, job: &Job, ask: &Ask<'_>) -> Result<Self, Error> {
        let look = job.run.map(|run| run.0.as_u128());
        let look = look.or_else(|| {
            ask.asked_at
                .and_then(|asked| u128::try_from(asked.as_nanosecond()).ok())
        });
        let key = CheckpointKey::of_plans(job.account.0, ask.project.id, look.unwrap_or_default());
        let note = if ask.before > 0 {
            app.storage.checkpoint(&key).await?
        } else {
            None
        };
        let answers = note.map_or_else(|| ListingCache::none(now()), |note| ListingCache::read(&note, now()));
        Ok(Self { key, answers })
    }

    /// All that Procore shows of the project, tool by tool: one that cannot be read leaves the others alone.
    async fn go_on(&self, app: &SyncPlans, access: &Access, ask: &Ask<'_>) -> Result<Shown, Error> {
        let known = self.answers.count();
        let authority = Authority::Listing(access.token(), &self.answers);
        let mut shown = Shown::of(self.answers.began());
        // Another tool is the first each time, so that none that has Procore ask for patience again and again keeps the others
        // from their turn.
        let first = ask.before as usize % TOOLS.len();
        for tool in TOOLS.iter().cycle().skip(first).take(TOOLS.len()) {
            self.answers.begin_part();
            match shown.read(app, authority, ask.project, *tool).await {
                Ok(()) => {}
                // The token is no good, or there is no more to be had of Procore now.
                Err(error @ (ProcoreError::Unauthorized | ProcoreError::Wait(_) | ProcoreError::Unavailable(_))) => {
                    if self.answers.count() > known {
                        // Dies before this: the listing begins where it began this time.
                        self.lay_aside(app).await?;
                    }
                    return Err(error.into());
                }
                Err(error) => {
                    if matches!(error, ProcoreError::Unexpected { status: 200, .. }) {
                        // It was answered, and the answers make no sense.
                        self.answers.forget_part();
                    }
                    shown.failed.push((*tool, error));
                }
            }
        }
        Ok(shown)
    }

    async fn lay_aside(&self, app: &SyncPlans) -> Result<(), Error> {
        Ok(app.storage.save_checkpoint(&self.key, self.answers.written()).await?)
    }
}

impl Shown {
    fn of(began: Timestamp) -> Self {
        Self {
            began,
            plans: Vec::new(),
            whole: BTreeSet::new(),
            closed: Vec::new(),
            bid_packages: None,
            failed: Vec::new(),
        }
    }

    async fn read(
        &mut self,
        app: &SyncPlans,
        authority: Authority<'_>,
        project: &Project,
        tool: PlanTool,
    ) -> Result<(), ProcoreError> {
        let procore = &app.integrations.procore;
        let (company, id) = (project.company_id, project.id);
        match tool {
            PlanTool::Drawings => {
                let drawings = procore.drawings(authority, company, id).await?;
                self.add(drawings, PlanKind::Drawing, tool, listing::drawing);
            }
            PlanTool::Specifications => {
                let sections = procore.specifications(authority, company, id).await?;
                self.add(sections, PlanKind::Specification, tool, listing::section);
            }
            PlanTool::Documents => {
                let documents = procore.documents(authority, company, id).await?;
                self.add(documents, PlanKind::Document, tool, listing::document);
            }
            PlanTool::Bidding => {
                let package = |package: plans::BidPackage| BidPackage {
                    id: package.id,
                    title: package.title.or(package.number).unwrap_or_default(),
                    due_at: package.due_at,
                    missing_since: None,
                };
                let packages = |found: Vec<_>| found.into_iter().map(package).collect();
                match procore.bid_packages(authority, company, id).await? {
                    Tool::Whole(found) => self.bid_packages = Some((packages(found), true)),
                    Tool::Partial(found) => self.bid_packages = Some((packages(found), false)),
                    Tool::ToolClosed => self.closed.push(tool),
                }
            }
        }
        Ok(())
    }

    fn add<T>(&mut self, found: Tool<T>, kind: PlanKind, tool: PlanTool, listed: fn(T) -> Listed) {
        match found {
            Tool::Whole(found) => {
                self.plans.extend(found.into_iter().map(listed));
                self.whole.insert(kind);
            }
            // What is not among these is not known to be gone.
            Tool::Partial(found) => self.plans.extend(found.into_iter().map(listed)),
            // What was synced stays: that the tool is closed to a login does not mean that its plans are gone.
            Tool::ToolClosed => self.closed.push(tool),
        }
    }
}

/// Files to be fetched, by plan.
type Fetch = Vec<(PlanId, Vec<Source>)>;

/// Brings the records into step. Gives the files to be fetched, and what became of plans that were not found.
async fn write(
    app: &SyncPlans,
    job: &Job,
    project: &Project,
    shown: &Shown,
    again: Again,
) -> Result<(Fetch, Absent), Error> {
    let table = &app.integrations.table;
    let look = reconcile::Look {
        began: shown.began,
        run: job.run,
        again,
    };
    table.unfold_plans(job.account, project.id).await?;
    for _ in 0..MAX_LOOKS {
        let latest = table.synced_project(job.account, project.id).await?;
        let known: BTreeMap<PlanId, Plan> = table
            .plans(job.account, project.id)
            .await?
            .into_iter()
            .map(|plan| (plan.id, plan))
            .collect();
        let (mut changes, mut fetch) = (Vec::new(), Vec::new());
        let mut listed = BTreeSet::new();
        for plan in &shown.plans {
            let id = PlanId {
                project: project.id,
                kind: plan.kind,
                entity: plan.entity,
            };
            listed.insert(id);
            let decision = reconcile(project.id, known.get(&id), plan, &look);
            changes.extend(decision.write);
            if !decision.fetch.is_empty() {
                fetch.push((id, decision.fetch));
            }
        }
        let absent = absent(known.values(), &shown.sees_all(latest.as_ref()), &listed, &look, now());
        changes.extend(absent.writes.iter().cloned());
        // What waits and was not found is fetched all the same, if Procore has it: every look has all fetched that waits.
        let gone: BTreeSet<PlanId> = changes
            .iter()
            .filter(|change| change.plan.gone_since.is_some())
            .map(|change| change.plan.id)
            .collect();
        let unseen = known
            .values()
            .filter(|plan| !listed.contains(&plan.id) && !gone.contains(&plan.id));
        fetch.extend(
            unseen
                .map(|plan| (plan.id, plan.waiting_sources()))
                .filter(|(_, sources)| !sources.is_empty()),
        );
        match table.write_plans(job.account, &changes).await? {
            PlansWritten::All => return Ok((fetch, absent)),
            PlansWritten::LookAgain => {}
        }
    }
    Err(ProcoreError::Unknown("the records of its plans change too fast".to_owned()).into())
}

impl Shown {
    /// The kinds of plans of which this look may say that something is missing: none, where one that began later has come to its
    /// end before.
    fn sees_all(&self, latest: Option<&SyncedProject>) -> BTreeSet<PlanKind> {
        let listed_at = latest.and_then(|latest| latest.listed_at);
        match listed_at {
            Some(listed_at) if self.began < listed_at => BTreeSet::new(),
            _ => self.whole.clone(),
        }
    }
}

fn jobs(job: &Job, project: &Project, fetch: Fetch) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (plan, files) in fetch {
        for files in files.chunks(MAX_FILES) {
            jobs.push(job.other(Work::Files {
                plan,
                company: project.company_id,
                files: files.to_vec(),
            }));
        }
    }
    jobs
}

/// Records why a project could not be looked at, and has fetched what waits of it.
pub(crate) async fn give_up(app: &SyncPlans, job: &Job, project: &Project, trouble: &Error) -> Result<(), Error> {
    let table = &app.integrations.table;
    let plans = table.plans(job.account, project.id).await?;
    let waiting = plans.iter().map(|plan| (plan.id, plan.waiting_sources()));
    let waiting = waiting.filter(|(_, sources)| !sources.is_empty()).collect();
    // Dies after this: the message comes again, and what is on the queue twice is fetched once.
    app.queue.send(&jobs(job, project, waiting), Duration::ZERO).await?;
    let look = Look {
        seen: None,
        problem: Some(format!("Its plans could not be read: {}.", words(trouble))),
    };
    Ok(table.project_listed(job.account, project.id, &look, job.run).await?)
}
