//! One copy, from claim to commit.

use std::{collections::HashMap, time::Duration};

use gusset_adapters::{
    chance,
    procore::{Procore, ProcoreError},
    table::{
        Table, TableError,
        deliveries::{Claimed, Known},
    },
};
use gusset_domain::{
    connection::{Connection, Side},
    delivery::{Delivery, Job, Lease, Status},
    ids::{ConnectionId, ItemId},
    items::{Entry, Item, ItemCopy},
    notification::Notification,
    pacing,
    people::Project,
    send::{SendMode, Tool},
};
use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;

use crate::{places::Places, ready::Hindrance, time::Time};

/// Copies items.
pub(crate) struct Copier {
    /// The table.
    pub(crate) table: Table,
    /// Procore.
    pub(crate) procore: Procore,
    /// How long a claim holds.
    pub(crate) lease: Duration,
    /// The largest attachment that is carried over, in bytes.
    pub(crate) largest_attachment: u64,
    /// The places of projects that items arrive in.
    pub(crate) places: Places,
}

/// What one batch of messages has read already, so that ten items over one connection read it once.
pub(crate) struct Batch {
    connections: HashMap<ConnectionId, Option<Connection>>,
    /// The worker's time for all of it.
    pub(crate) time: Time,
}

impl Batch {
    /// A batch of which nothing has been read.
    pub(crate) fn new(time: Time) -> Self {
        Self {
            connections: HashMap::new(),
            time,
        }
    }
}

/// What becomes of the message.
pub(crate) enum Outcome {
    /// It is done with: what came of it, for the log.
    Done(&'static str),
    /// It has to come back after a wait.
    ComeBack(Duration),
}

/// How far before the first claim a copy is looked for, in case Procore's clock is behind ours.
const CLOCKS_APART: Duration = Duration::from_secs(15 * 60);

impl Copier {
    /// Copies one item, unless that has been done or is not to be done.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer; the message then comes back.
    pub(crate) async fn copy(&self, job: &Job, batch: &mut Batch) -> Result<Outcome, TableError> {
        // Dies here: nothing has happened. The message comes back when its visibility time-out has run out.
        let Some(connection) = self.connection(job, batch, false).await? else {
            return Ok(Outcome::Done("the connection is not known"));
        };
        let now = Timestamp::now();
        let lease = Lease {
            id: Uuid::now_v7(),
            until: now.saturating_add(self.lease).unwrap_or(Timestamp::MAX),
        };
        // Dies here: the claim is written or not. If it is, it runs out with its lease and is taken over with a look
        // for the copy, which is not there.
        let (known, look_first) = match self.table.claim(job, lease, now).await? {
            Claimed::Yes { known, look_first } => (known, look_first),
            Claimed::IsCopy => return Ok(Outcome::Done("it is a copy")),
            Claimed::Settled => return Ok(Outcome::Done("it is settled already")),
            Claimed::WaitUntil(until) => return Ok(Outcome::ComeBack(until.duration_since(now).unsigned_abs())),
        };
        let connected = connection.connected_since().map(|accepted| accepted.at);
        let Some(connected) = connected else {
            return self
                .settle(&known, Status::Cancelled, "The connection has ended", now)
                .await;
        };
        if !picked(job, &known) && connection.party(job.to.other()).send.of(job.tool) != SendMode::Automatic {
            self.table.forget(&known).await?;
            return Ok(Outcome::Done("its tool is not sent automatically"));
        }
        self.copy_claimed(job, &connection, known, look_first, connected, batch)
            .await
    }

    async fn copy_claimed(
        &self,
        job: &Job,
        connection: &Connection,
        mut known: Known,
        look_first: bool,
        connected: Timestamp,
        batch: &mut Batch,
    ) -> Result<Outcome, TableError> {
        let (source, target) = (
            &connection.party(job.to.other()).project,
            &connection.party(job.to).project,
        );
        // Dies here: a claim without a copy. Its lease runs out; whoever takes it over looks, finds nothing, and copies.
        let item = match self.read(job, source).await {
            Ok(item) => item,
            Err(error) => return self.not_read(&known, error, source).await,
        };
        known.delivery.title = item.title();
        if let Err(reason) = item.travels_by_itself(connected)
            && !picked(job, &known)
        {
            // Dies here: as above. It is read again and stays again.
            self.table.forget(&known).await?;
            tracing::info!(reference = %job.reference(), %reason, "stays where it is");
            return Ok(Outcome::Done("it stays where it is"));
        }
        let arrives = connection.party(job.to);
        if let Some(reason) = arrives.waits_for_account() {
            return self.hold(job, &known, connection, reason, batch).await;
        }
        let manager = arrives.rfi_manager.as_ref().map(|manager| manager.person.id);
        let Ok(addressed) = item.addressed(manager) else {
            let reason = format!(
                "{} has not chosen a Connected RFI Manager for this connection yet",
                arrives.project.name
            );
            return self.hold(job, &known, connection, reason, batch).await;
        };
        if look_first {
            // Dies here: nothing has changed; the next one looks again.
            match self.find(&item, &known, target).await {
                Ok(Some(copy)) => {
                    let what = "Found in the other project: it had been created before";
                    return self.commit(&known, connection, copy, what).await;
                }
                Ok(None) => {}
                Err(error) => return self.not_created(&known, error, target).await,
            }
        }
        // Dies here: the claim runs out, and what was made ready shows nowhere.
        let ready = match self
            .make_ready(&item, &known.delivery, source, target, batch.time)
            .await
        {
            Ok(ready) => ready,
            Err(Hindrance::Late) => {
                let what = "Its attachments take a worker with more time";
                return self.retry(&known, what, Duration::ZERO, false).await;
            }
            Err(Hindrance::Passing(error)) => {
                known.delivery.incomplete += 1;
                // Nothing was created, whatever became of the files.
                return self.passing(&known, error, false).await;
            }
            Err(Hindrance::Procore(error)) => return self.not_created(&known, error, target).await,
        };
        let copy = addressed.copy(source, &known.delivery.reference, &ready);
        // Dies here, the one place that matters: the copy may exist without our knowing. The claim stays until its
        // lease has run out, which is longer than Procore needs to finish this request; whoever takes it over then
        // looks for the marker and finds the copy, or finds none and creates it.
        match self.create(&copy, target).await {
            Ok(copy) => {
                self.commit(&known, connection, copy, "Created in the other project")
                    .await
            }
            Err(error) => self.not_created(&known, error, target).await,
        }
    }

    async fn read(&self, job: &Job, source: &Project) -> Result<Item, ProcoreError> {
        let (procore, company) = (&self.procore, source.company_id);
        Ok(match job.tool {
            Tool::Rfis => Item::Rfi(procore.rfi(company, source.id, job.item).await?),
            Tool::WorkingHours => Item::WorkingHours(procore.working_hours(company, source.id, job.item).await?),
            Tool::Notes => Item::Note(procore.note(company, source.id, job.item).await?),
        })
    }

    /// Looks for a copy that an earlier attempt may have created: an RFI among those created since it was first tried, a
    /// Site Diary entry on its day.
    async fn find(&self, item: &Item, known: &Known, target: &Project) -> Result<Option<ItemId>, ProcoreError> {
        let (procore, company) = (&self.procore, target.company_id);
        let delivery = &known.delivery;
        let since = delivery
            .created_at
            .saturating_sub(CLOCKS_APART)
            .unwrap_or(delivery.created_at);
        // Procore puts an entry that names no day on the day on which it is created.
        let day = |entry: &Entry| {
            entry
                .date
                .unwrap_or_else(|| delivery.created_at.to_zoned(TimeZone::UTC).date())
        };
        match item {
            Item::Rfi(_) => procore.find_rfi(company, target.id, &delivery.reference, since).await,
            Item::WorkingHours(hours) => {
                procore
                    .find_working_hours(company, target.id, &delivery.reference, day(&hours.entry))
                    .await
            }
            Item::Note(note) => {
                procore
                    .find_note(company, target.id, &delivery.reference, day(&note.entry))
                    .await
            }
        }
    }

    async fn create(&self, copy: &ItemCopy, target: &Project) -> Result<ItemId, ProcoreError> {
        let (procore, company) = (&self.procore, target.company_id);
        match copy {
            ItemCopy::Rfi(rfi) => procore.create_rfi(company, target.id, rfi).await,
            ItemCopy::WorkingHours(hours) => procore.create_working_hours(company, target.id, hours).await,
            ItemCopy::Note(note) => procore.create_note(company, target.id, note).await,
        }
    }

    /// Records the copy together with the mail about it.
    ///
    /// Dies here: the copy exists and our record does not say so. Taken over, it is found by its marker, and told of then.
    async fn commit(
        &self,
        known: &Known,
        connection: &Connection,
        copy: ItemId,
        what: &'static str,
    ) -> Result<Outcome, TableError> {
        let delivered = known
            .delivery
            .clone()
            .becomes(Status::Delivered { copy }, what, Timestamp::now());
        let mail = self.table.outbox(Notification::arrived(connection, &delivered))?;
        let target = connection.party(delivered.job.to).project.id;
        if self.table.commit(known, &delivered, target, copy, mail).await? {
            Ok(Outcome::Done("delivered"))
        } else {
            // We were so slow that another worker took over. It found the copy by its marker.
            Ok(Outcome::Done("another worker has taken it over"))
        }
    }

    /// Holds what waits for somebody on the arriving side: for a service account, or for an RFI's manager. Where the
    /// connection was changed this very moment, the reason is looked at anew.
    ///
    /// Dies here: the claim runs out, and it is held or sent by whoever takes it over.
    async fn hold(
        &self,
        job: &Job,
        known: &Known,
        connection: &Connection,
        reason: String,
        batch: &mut Batch,
    ) -> Result<Outcome, TableError> {
        let held = known
            .delivery
            .clone()
            .becomes(Status::Held { reason: reason.clone() }, reason, Timestamp::now());
        if self.table.hold(known, &held, connection).await? {
            return Ok(Outcome::Done("held"));
        }
        self.connection(job, batch, true).await?;
        // The claim goes back, so that the message's next visit decides anew.
        self.retry(
            known,
            "The connection has just been changed",
            Duration::from_secs(1),
            false,
        )
        .await
    }

    async fn not_read(&self, known: &Known, error: ProcoreError, source: &Project) -> Result<Outcome, TableError> {
        match error {
            ProcoreError::NotFound => {
                let reason = format!("It is not in {} any more, or Gusset may not see it there", source.name);
                self.fail(known, reason).await
            }
            ProcoreError::Forbidden(said) => self.fail(known, not_permitted(source, &said)).await,
            other => self.passing(known, other, false).await,
        }
    }

    async fn not_created(&self, known: &Known, error: ProcoreError, target: &Project) -> Result<Outcome, TableError> {
        match error {
            ProcoreError::Invalid(said) => {
                self.fail(known, format!("{} refuses the copy. Procore says: {said}", target.name))
                    .await
            }
            ProcoreError::NotFound => {
                self.fail(known, not_permitted(target, "the project cannot be found"))
                    .await
            }
            ProcoreError::Forbidden(said) => self.fail(known, not_permitted(target, &said)).await,
            other => {
                let may_exist = other.may_have_happened();
                self.passing(known, other, may_exist).await
            }
        }
    }

    /// What time may mend.
    async fn passing(&self, known: &Known, error: ProcoreError, may_exist: bool) -> Result<Outcome, TableError> {
        if let ProcoreError::Wait(wait) = error {
            return self.retry(known, "Procore asked to wait", wait, false).await;
        }
        if known.delivery.attempts >= pacing::MOST_ATTEMPTS {
            let mut given_up = known.clone();
            // Somebody may press Retry, and then the copy is looked for first.
            given_up.delivery.copy_may_exist |= may_exist;
            let reason = format!("Given up after {} attempts: {error}", known.delivery.attempts);
            return self.fail(&given_up, reason).await;
        }
        let wait = pacing::back_off(known.delivery.attempts, chance::bits().unwrap_or_default());
        // A create request whose outcome is unknown may still be under way: nobody looks before Procore has finished it.
        let wait = if may_exist {
            wait.max(self.procore.timeout())
        } else {
            wait
        };
        self.retry(known, &error.to_string(), wait, may_exist).await
    }

    async fn retry(&self, known: &Known, reason: &str, wait: Duration, may_exist: bool) -> Result<Outcome, TableError> {
        let now = Timestamp::now();
        let not_before = now.saturating_add(wait).unwrap_or(now);
        let status = Status::Retrying {
            reason: reason.to_owned(),
            not_before,
        };
        let mut retrying = known.delivery.clone().becomes(status, reason, now);
        retrying.copy_may_exist |= may_exist;
        self.table.settle(known, &retrying).await?;
        Ok(Outcome::ComeBack(wait))
    }

    async fn fail(&self, known: &Known, reason: String) -> Result<Outcome, TableError> {
        tracing::warn!(reference = %known.delivery.reference, reason, "failed");
        self.settle(
            known,
            Status::Failed { reason: reason.clone() },
            &reason,
            Timestamp::now(),
        )
        .await
    }

    async fn settle(&self, known: &Known, status: Status, what: &str, now: Timestamp) -> Result<Outcome, TableError> {
        let outcome: Delivery = known.delivery.clone().becomes(status, what, now);
        self.table.settle(known, &outcome).await?;
        Ok(Outcome::Done("settled"))
    }

    /// The connection, read once for a batch, or again where `anew`.
    async fn connection(&self, job: &Job, batch: &mut Batch, anew: bool) -> Result<Option<Connection>, TableError> {
        if !anew && let Some(read) = batch.connections.get(&job.connection) {
            return Ok(read.clone());
        }
        let read = self.table.connection(job.source, job.connection).await?;
        // A message that names a project which is on neither side, or on the side it is to arrive at, is not ours.
        let read = read.filter(|connection| connection.side_of(job.source).map(Side::other) == Some(job.to));
        batch.connections.insert(job.connection, read.clone());
        Ok(read)
    }
}

/// Whether a person picked it, now or at an earlier attempt.
fn picked(job: &Job, known: &Known) -> bool {
    job.by_hand || known.delivery.job.by_hand
}

fn not_permitted(project: &Project, said: &str) -> String {
    format!(
        "Gusset is not let into {} of {}. An admin of {} has to install the Gusset app in Procore and permit it for this \
         project. Procore says: {said}",
        project.name, project.company_name, project.company_name
    )
}
