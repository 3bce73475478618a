//! One project's sweep.

use std::time::Duration;

use gusset_adapters::{
    hooks::{Carried, HookError, Hooks},
    metrics::Metrics,
    procore::{Calls, Checkpoint, List, Procore, ProcoreError, Work},
    queue::{Copies, QueueError},
    storage::{CheckpointKey, Storage},
    table::{Table, TableError},
};
use gusset_domain::{
    connection::Connection,
    delivery::Cause,
    ids::ProjectId,
    people::Project,
    send::Tool,
    sweep::{self, ListQuery, Listed, Request},
    webhook,
};
use jiff::Timestamp;
use serde_json::json;

/// Sweeps projects.
pub(crate) struct Sweeper {
    /// The table.
    pub(crate) table: Table,
    /// Procore.
    pub(crate) procore: Procore,
    /// Where what was found is sent.
    pub(crate) copies: Copies,
    /// Puts a hook back that has gone.
    pub(crate) hooks: Hooks,
    /// Where the pages of long lists are kept meanwhile.
    pub(crate) storage: Storage,
    /// Where people and Procore reach this stack.
    pub(crate) public_url: String,
    /// How long a change's webhook may be on its way before the change counts as missed.
    pub(crate) grace: Duration,
}

/// What becomes of the message.
pub(crate) enum Outcome {
    /// It is done with.
    Done,
    /// It has to come back after a wait.
    ComeBack(Duration),
}

/// A problem of our own. The message comes back, and what was done already is done again without harm.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// What a sweep came upon.
#[derive(Default)]
pub(crate) struct Tally {
    /// Tools looked at.
    tools: u64,
    /// Items that should have been sent, and were never heard of.
    found: usize,
    /// Markers that more than one copy carries.
    doubled: usize,
    /// Deliveries whose worker did not come.
    stuck: usize,
    /// Looks, and hooks, that Procore did not let us in for: somebody has to permit the app.
    refused: u64,
    /// Looks, and hooks, that did not work for any other reason.
    failures: u64,
}

impl Tally {
    /// Whether no tool was looked at, with success or without.
    pub(crate) fn is_empty(&self) -> bool {
        self.tools + self.refused + self.failures == 0
    }

    /// Tells it as metrics, in the one line that the log has of a sweep. `broke_off`: by a problem of our own.
    pub(crate) fn tell(&self, metrics: &Metrics, project: ProjectId, calls: u64, unreadable: u64, broke_off: bool) {
        let failures = self.failures + u64::from(broke_off);
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        metrics.count(
            &[
                ("ProjectsSwept", 1),
                ("ItemsFound", count(self.found)),
                ("CopiesDoubled", count(self.doubled)),
                ("DeliveriesStuck", count(self.stuck)),
                ("ProcoreCalls", calls),
                ("UnreadableEntries", unreadable),
                ("SweepsRefused", self.refused),
                ("SweepFailures", failures),
            ],
            &[("message", json!("swept")), ("project", json!(project))],
        );
    }

    fn failed(&mut self, error: &ProcoreError) {
        match error {
            ProcoreError::Forbidden(_) | ProcoreError::NotFound => self.refused += 1,
            _ => self.failures += 1,
        }
    }
}

impl Sweeper {
    /// Sweeps a project: looks at each tool that is due, sends what was missed, and remembers until when it has looked.
    ///
    /// A tool whose look does not succeed keeps its cursor, and the next sweep looks back as far. One that meets a limit keeps the
    /// pages that it has read, holds up no other tool, and goes on when the message comes back or the clock asks again. Dies
    /// anywhere: the cursors are written last, so that all of it is done again. A job that was sent twice is copied once.
    ///
    /// # Errors
    /// [`Problem`], when the table or the queue does not answer.
    pub(crate) async fn sweep(&self, request: &Request, tally: &mut Tally) -> Result<Outcome, Problem> {
        // Before anything is read: what changes from now on is for the next sweep.
        let now = Timestamp::now();
        let (connections, secret) = self.table.live_connections_and_secret(request.project).await?;
        let Some(project) = connected(&connections, request.project) else {
            return Ok(Outcome::Done);
        };
        let secret = match request.replace_secret {
            Some(asked_at) if !secret.was_replaced_since(asked_at) => {
                // Dies after this: the message comes back, and finds it replaced.
                self.hooks
                    .replace_secret(&self.table, project.id, None, Timestamp::now())
                    .await?
            }
            _ => secret,
        };
        let swept = self.table.swept(project.id).await?;
        let mut until = swept.clone();
        let mut wait = None;
        for look in sweep::looks(&connections, request, &swept, now) {
            let resumed = swept.begun(look.tool, now);
            let began = resumed.unwrap_or(now);
            let key = CheckpointKey::of_sweep(project.id, look.tool, began);
            let mut listing = match resumed {
                Some(_) => Checkpoint::resume(&self.storage, key, now).await,
                None => Checkpoint::begin(&self.storage, key, now),
            };
            let calls = match resumed {
                Some(_) => Calls::of_a_large_one(),
                None => Calls::default(),
            };
            let work = Work {
                calls: &calls,
                answers: Some(listing.answers()),
            };
            match self.look(project, &look, work).await {
                Ok(list) => {
                    tally.tools += 1;
                    report_doubled(&connections, project, look.tool, &list.entries, tally);
                    self.send_missing(&connections, project, &look, &list.entries, now, tally)
                        .await?;
                    if list.changed {
                        // What it did not show may be what no webhook told of.
                        tracing::warn!(project = %project.id, tool = %look.tool, "a list was not whole; the next sweep looks back as far");
                        until.begins_anew(look.tool);
                    } else {
                        until.advance(look.tool, began);
                    }
                }
                Err(ProcoreError::Wait(asked)) => {
                    // Dies here: it goes on from where it was resumed.
                    if listing.save().await {
                        until.goes_on(look.tool, began);
                    }
                    // Where the company's limit itself is met, the other tools find out without a call.
                    wait = wait.max(Some(asked));
                }
                Err(error) => {
                    tracing::warn!(project = %project.id, tool = %look.tool, %error, "a tool cannot be swept; the next sweep looks back as far");
                    tally.failed(&error);
                    // Procore hangs: it would for the other tools as well.
                    if matches!(error, ProcoreError::Unknown(_)) {
                        break;
                    }
                }
            }
        }
        // While Procore asks to wait, what would be tried again could only stand in line; and this message comes back ever
        // again meanwhile, each time with as much to stand there.
        if wait.is_none() {
            self.wake(&connections, project, now, tally).await?;
        }
        if until != swept {
            self.table.sweep_done(project.id, until).await?;
        }
        let hook = self.table.hook_state(project.id).await?;
        // Perhaps the hook carries a former secret. Or whoever replaced the secret died before the hook had it.
        let is_doubtful = hook.doubted || hook.refused_since.is_some() || !secret.is_carried();
        if wait.is_none() && (is_doubtful || webhook::is_check_due(hook.checked_at, now)) {
            let carried = if is_doubtful {
                Carried::Unknown
            } else {
                Carried::AsRecorded
            };
            wait = self.see_to_hook(project, carried, tally).await;
        }
        Ok(wait.map_or(Outcome::Done, Outcome::ComeBack))
    }

    async fn look(&self, project: &Project, look: &ListQuery, work: Work<'_>) -> Result<List<Listed>, ProcoreError> {
        let (company, days) = (project.company_id, (look.first_day, look.last_day));
        match look.tool {
            Tool::Rfis => self.procore.rfis_since(work, company, project.id, look.from).await,
            Tool::WorkingHours => self.procore.working_hours_of(work, company, project.id, days).await,
            Tool::Notes => self.procore.notes_of(work, company, project.id, days).await,
        }
    }

    /// Sends what should have been sent and was never heard of, and what has lost its worker.
    async fn send_missing(
        &self,
        connections: &[Connection],
        project: &Project,
        look: &ListQuery,
        listed: &[Listed],
        now: Timestamp,
        tally: &mut Tally,
    ) -> Result<(), Problem> {
        let candidates = sweep::candidates(connections, project.id, look, listed, self.grace, now);
        let known = self.table.heard_of(&candidates).await?;
        let found = sweep::findings(candidates, &known, now);
        if !found.missing.is_empty() {
            // Before they are sent: they are heard of from then on, and no later sweep would know that webhooks are being
            // lost. Dies after this: a hook is looked at that may be all right.
            self.table.doubt_hook(project.id).await?;
        }
        for (jobs, what) in [
            (&found.missing, "missed: no webhook told of it"),
            (&found.stuck, "stuck: no worker came for it"),
        ] {
            self.copies.send(project.company_id, jobs).await?;
            for job in jobs {
                tracing::warn!(project = %project.id, reference = %job.reference(), tool = %job.tool, item = %job.item, "{what}");
            }
        }
        tally.found += found.missing.len();
        tally.stuck += found.stuck.len();
        Ok(())
    }

    /// Sees to what waits on its way out of the project and has nobody to come for it: what was not let into Procore,
    /// what a pause that is over kept, and what a worker should have been told of. One query for each connection.
    async fn wake(
        &self,
        connections: &[Connection],
        project: &Project,
        now: Timestamp,
        tally: &mut Tally,
    ) -> Result<(), Problem> {
        let connected = connections
            .iter()
            .filter(|connection| connection.connected_since().is_some());
        for connection in connected {
            let all = self.table.all_waiting(connection.pair()).await?;
            let forgotten = sweep::forgotten_backfills(&all.backfills, connection, project.id, now);
            for backfill in forgotten {
                self.copies
                    .step(project.company_id, backfill.next_step(), Duration::ZERO)
                    .await?;
                tracing::warn!(project = %project.id, backfill = %backfill.id, "stuck: a backfill made no step");
            }
            let mut waiting = all.deliveries;
            waiting.retain(|waiting| waiting.job.source == project.id);
            let probes = sweep::probes(&waiting);
            self.copies.order(project.company_id, probes, Cause::Probe).await?;
            let resumed = sweep::after_pauses(&waiting, connection);
            self.copies.send(project.company_id, &resumed).await?;
            waiting.retain(|waiting| waiting.waits_for.is_none());
            let told: Vec<_> = waiting.iter().map(|waiting| waiting.job.clone()).collect();
            let known = self.table.heard_of(&told).await?;
            let forgotten = sweep::forgotten(&waiting, &known.deliveries, now);
            self.copies.send(project.company_id, &forgotten).await?;
            tally.stuck += forgotten.len();
        }
        Ok(())
    }

    /// Puts a project's hook in place that has gone, was disabled by Procore, was refused by it, or is in doubt. Where it does
    /// not work, the next sweep tries again. Returns how long Procore asks to wait with it.
    async fn see_to_hook(&self, project: &Project, carried: Carried, tally: &mut Tally) -> Option<Duration> {
        let done = self
            .hooks
            .reconcile(&self.procore, &self.table, project, &self.public_url, carried);
        let error = done.await.err()?;
        tracing::warn!(project = %project.id, %error, "a project's hook is not in step with its connections");
        match error {
            HookError::Procore(ProcoreError::Wait(asked)) => return Some(asked),
            HookError::Procore(error) => tally.failed(&error),
            HookError::Table(_) => tally.failures += 1,
        }
        None
    }
}

/// Says which copies there is one too many of. To delete it is for a person: somebody may have answered either.
fn report_doubled(connections: &[Connection], project: &Project, tool: Tool, listed: &[Listed], tally: &mut Tally) {
    let ours = |connection: &Connection| connection.party(connection.side_of(project.id)?).service_user;
    let ours = connections.iter().filter_map(ours).collect();
    for doubled in sweep::doubled(listed, &ours) {
        let items: Vec<_> = doubled.items.iter().map(ToString::to_string).collect();
        tracing::error!(
            project = %project.id,
            %tool,
            reference = %doubled.reference,
            items = items.join(", "),
            "two copies carry one marker"
        );
        tally.doubled += 1;
    }
}

/// The project, as its connections name it, while it is connected to any other.
fn connected(connections: &[Connection], project: ProjectId) -> Option<&Project> {
    let connection = connections
        .iter()
        .find(|connection| connection.connected_since().is_some())?;
    Some(&connection.party(connection.side_of(project)?).project)
}
