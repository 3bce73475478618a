//! One piece of work, whatever it is: on whose authority, and what becomes of it when it does not come to its end.

use std::{collections::HashMap, sync::Arc, time::Duration};

use gusset_adapters::{
    chance,
    http::Problem,
    integrations::{Access, AccessError},
    procore::ProcoreError,
    queue::QueueError,
    storage::StorageError,
    table::TableError,
};
use gusset_domain::{
    ids::AccountId,
    plans::job::{Job, Work},
};
use tokio::{sync::Mutex, time::Instant};

use crate::{SyncPlans, archive, discover, files, project, watch};

/// How often a piece of work is tried that fails for passing reasons. With the waits in between, some minutes.
pub(crate) const MAX_ATTEMPTS: u32 = 8;

/// How often a piece of work is begun that takes longer than a worker has.
const MAX_SHIFTS: u32 = 3;

/// How often a message may be handed out. One that comes more often has workers die, or is never finished: it is given up.
/// Waiting for Procore's limits is counted as well, so this is far beyond what they need.
const MAX_VISITS: u32 = 400;

/// What becomes of a message.
pub(crate) enum Outcome {
    /// It is done with.
    Done,
    /// It comes again after a while.
    ComeBack(Duration),
}

/// Why a piece of work did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Procore.
    #[error(transparent)]
    Procore(#[from] ProcoreError),
    /// The table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// It took longer than this worker's shift.
    #[error("the time is over")]
    OutOfTime,
    /// It was not begun, or not gone on with, so late in this worker's shift.
    #[error("the next worker has more time for it")]
    TooLate,
}

/// The time of one batch, and what its messages share: an account's access is read once for all of them.
pub(crate) struct Shift {
    began: Instant,
    ends: Instant,
    accesses: Mutex<HashMap<AccountId, Option<Arc<Access>>>>,
}

/// Left at the end of a shift, to record what became of its work.
const RESERVE: Duration = Duration::from_secs(5);

impl Shift {
    /// A shift that begins now.
    pub(crate) fn until(ends: Instant) -> Self {
        Self {
            began: Instant::now(),
            ends,
            accesses: Mutex::default(),
        }
    }

    /// Whether nothing further is begun: what is begun has at least half of a shift.
    pub(crate) fn is_half_over(&self) -> bool {
        let whole = self.ends.duration_since(self.began);
        self.began.elapsed() * 2 > whole
    }

    /// Until when a file may take.
    pub(crate) fn last_moment(&self) -> Instant {
        self.ends.checked_sub(RESERVE).unwrap_or(self.ends)
    }

    async fn access(&self, app: &SyncPlans, job: &Job) -> Result<Option<Arc<Access>>, AccessError> {
        // Held while it is read: of four messages of one account, three wait for the first one's read or refresh.
        let mut accesses = self.accesses.lock().await;
        if let Some(known) = accesses.get(&job.account) {
            return Ok(known.clone().filter(|access| access.login() == job.login));
        }
        let access = app.integrations.access(job.account).await?.map(Arc::new);
        accesses.insert(job.account, access.clone());
        Ok(access.filter(|access| access.login() == job.login))
    }

    async fn forget(&self, account: AccountId) {
        self.accesses.lock().await.remove(&account);
    }
}

/// Does what a message says.
pub(crate) async fn carry_out(app: &SyncPlans, job: &Job, received: u32, shift: &Shift) -> Outcome {
    let without_access = match &job.work {
        Work::Archive { project, fingerprint } => Some(archive::pack(app, job, *project, fingerprint, shift).await),
        Work::Unwatch { project } => Some(watch::remove(app, project).await),
        _ => None,
    };
    match without_access {
        Some(Ok(())) => return Outcome::Done,
        Some(Err(trouble)) => return failed(app, job, &trouble, received).await,
        None => {}
    }
    let access = match shift.access(app, job).await {
        Ok(Some(access)) => access,
        Ok(None) => {
            tracing::info!(account = %job.account, "nothing to do: not connected any more, or by another login");
            return Outcome::Done;
        }
        Err(AccessError::Procore(error)) => return failed(app, job, &error.into(), received).await,
        Err(AccessError::Own(problem)) => return own(job, &problem),
    };
    let done = match &job.work {
        Work::Check => check(app, &access).await,
        Work::Discover { by_hand } => discover::look(app, job, &access, *by_hand).await,
        Work::Watch { company } => {
            discover::unwatch(app, &access, *company).await;
            Ok(())
        }
        Work::Project {
            project,
            by_hand,
            asked_at,
        } => {
            let ask = project::Ask {
                project,
                by_hand: *by_hand,
                asked_at: *asked_at,
                before: received.saturating_sub(1) + job.attempts,
            };
            project::look(app, job, &access, ask).await
        }
        Work::Files { plan, company, files } => files::fetch(app, job, &access, *plan, *company, files, shift).await,
        // Need no access: see above.
        Work::Archive { .. } | Work::Unwatch { .. } => Ok(()),
    };
    match done {
        Ok(()) => Outcome::Done,
        Err(Error::Procore(ProcoreError::Unauthorized)) => refused(app, job, &access, received, shift).await,
        Err(trouble) => failed(app, job, &trouble, received).await,
    }
}

/// Sees whether Procore still accepts the access.
async fn check(app: &SyncPlans, access: &Access) -> Result<(), Error> {
    app.integrations.procore.is_accepted(access.token()).await?;
    tracing::info!(account = %access.account(), "the access is accepted");
    Ok(())
}

/// Procore did not accept a token that was good by its time. It is renewed; where that is refused as well, the access has
/// been revoked, and the integration ends. Where a new one is not accepted either, it is not the token: so this counts as a
/// failure, and is not gone on with for ever.
async fn refused(app: &SyncPlans, job: &Job, access: &Access, received: u32, shift: &Shift) -> Outcome {
    shift.forget(job.account).await;
    match app.integrations.renew(access).await {
        // Dies here: the message comes again, and finds the new token.
        Ok(true) => failed(app, job, &ProcoreError::Unauthorized.into(), received).await,
        Ok(false) => {
            tracing::info!(account = %job.account, "the access has ended");
            Outcome::Done
        }
        Err(AccessError::Procore(error)) => failed(app, job, &error.into(), received).await,
        Err(AccessError::Own(problem)) => own(job, &problem),
    }
}

fn own(job: &Job, problem: &Problem) -> Outcome {
    tracing::error!(account = %job.account, cause = problem.cause(), "the access could not be read");
    Outcome::ComeBack(chance::back_off(3))
}

/// What becomes of work that did not come to its end.
async fn failed(app: &SyncPlans, job: &Job, trouble: &Error, received: u32) -> Outcome {
    let account = job.account;
    match trouble {
        _ if received > MAX_VISITS => give_up(app, job, trouble).await,
        Error::Procore(ProcoreError::Wait(wait) | ProcoreError::Unavailable(wait)) => {
            tracing::info!(%account, seconds = wait.as_secs(), "handed back");
            Outcome::ComeBack(*wait)
        }
        Error::Procore(ProcoreError::App(_)) => Outcome::ComeBack(gusset_domain::pacing::APP_REFUSED),
        Error::TooLate => Outcome::ComeBack(Duration::ZERO),
        Error::Procore(_) if job.attempts + 1 >= MAX_ATTEMPTS => give_up(app, job, trouble).await,
        Error::OutOfTime if job.attempts + 1 >= MAX_SHIFTS => give_up(app, job, trouble).await,
        Error::Procore(_) | Error::OutOfTime => {
            let wait = chance::back_off(job.attempts + 1);
            tracing::warn!(%account, error = %trouble, attempts = job.attempts + 1, seconds = wait.as_secs(), "tried again");
            // Dies between the two: both messages are there, and what the one has done the other finds done.
            match app.queue.send(&[job.again()], wait).await {
                Ok(()) => Outcome::Done,
                Err(error) => {
                    tracing::warn!(%account, %error, "the next attempt was not put on the queue");
                    Outcome::ComeBack(wait)
                }
            }
        }
        Error::Table(_) | Error::Queue(_) | Error::Storage(_) => {
            tracing::error!(%account, error = %trouble, "a problem of our own");
            Outcome::ComeBack(chance::back_off(3))
        }
    }
}

/// Records that a piece of work is not tried any more, so that its run comes to an end and says why.
async fn give_up(app: &SyncPlans, job: &Job, trouble: &Error) -> Outcome {
    tracing::error!(account = %job.account, error = %trouble, "given up");
    let about = [("account", serde_json::json!(job.account))];
    app.metrics.count(&[("PlanFailures", 1)], &about);
    let given_up = match &job.work {
        // The clock asks again. What a hook that stays tells of finds nobody.
        Work::Check | Work::Watch { .. } | Work::Unwatch { .. } => Ok(()),
        Work::Discover { .. } => discover::give_up(app, job, trouble).await,
        Work::Project { project, .. } => project::give_up(app, job, project, trouble).await,
        Work::Files { plan, files, .. } => files::give_up(app, job, *plan, files, trouble).await,
        Work::Archive { project, fingerprint } => archive::give_up(app, job, *project, fingerprint).await,
    };
    match given_up {
        Ok(()) => Outcome::Done,
        Err(error) => {
            tracing::error!(account = %job.account, %error, "that it was given up could not be recorded");
            Outcome::ComeBack(chance::back_off(3))
        }
    }
}

/// What is told of trouble to people: what Procore said, and nothing of our own machinery.
pub(crate) fn words(trouble: &Error) -> String {
    match trouble {
        Error::Procore(error) => error.to_string(),
        Error::OutOfTime => "it takes longer than a worker may".to_owned(),
        _ => "Gusset had a problem of its own".to_owned(),
    }
}
