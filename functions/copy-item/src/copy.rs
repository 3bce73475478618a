//! One copy, from claim to commit.

use std::{collections::HashMap, time::Duration};

use gusset_adapters::{
    chance,
    held::{self, RequeueError, Which},
    procore::{Authority, Calls, Checkpoint, Procore, ProcoreError, Work},
    queue::{Copies, DeadLetters, QueueError},
    storage::{CheckpointKey, Storage},
    table::{
        Table, TableError,
        deliveries::{Claimed, Known, Telling},
    },
};
use gusset_domain::{
    connection::{Connection, Side},
    delivery::{
        self, Arrival, Because, Cause, Delivery, Halt, Job, Lease, Order, Refused, Search, Step, Verdict, WaitsFor,
        lease_length,
    },
    ids::{CompanyId, ConnectionId, ItemId, ProjectId, UserId},
    items::{Addressed, Completeness, Entry, Item, ItemCopy, LeftOut, Prepared, attachment::Missing},
    notification::Notification,
    pacing,
    people::Project,
    send::Tool,
};
use gusset_words::say;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{
    attachments::Destination,
    places::Places,
    ready::PrepareError,
    time::Time,
    turns::{CompanyCache, ThrottledItem},
};

/// Copies items.
pub(crate) struct Copier {
    /// The table.
    pub(crate) table: Table,
    /// Procore.
    pub(crate) procore: Procore,
    /// The queue of copies, for what follows a probe that got through.
    pub(crate) copies: Copies,
    /// Where what was given up is laid aside.
    pub(crate) dead_letters: DeadLetters,
    /// The function's time-out.
    pub(crate) timeout: Duration,
    /// The largest attachment that is carried over, in bytes.
    pub(crate) largest_attachment: u64,
    /// Where the pages of long lists are kept meanwhile.
    pub(crate) storage: Storage,
    /// The places of projects that items arrive in.
    pub(crate) places: Places,
    /// Whom items have to wait for.
    pub(crate) between: CompanyCache,
    /// Held by the item whose attachments are in the function's storage, which has room for one.
    pub(crate) spool: Mutex<()>,
}

/// Something of ours does not answer: the message comes back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// What one batch of messages has read already, so that ten items over one connection read it once.
pub(crate) struct Batch {
    connections: Mutex<HashMap<ConnectionId, Option<Connection>>>,
    /// The worker's time for all of it.
    pub(crate) time: Time,
}

impl Batch {
    /// A batch of which nothing has been read.
    pub(crate) fn new(time: Time) -> Self {
        Self {
            connections: Mutex::default(),
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

/// A delivery that is this worker's until its lease runs out.
struct Claim {
    known: Known,
    /// An earlier attempt may have created the copy.
    look_first: bool,
}

/// A Site Diary entry that is there and gets its files.
struct Added<'a> {
    /// The source.
    item: &'a Item,
    /// The copy, as Procore showed it last.
    entry: Item,
    manager: Option<UserId>,
}

/// How Procore refused something.
enum Said {
    /// 422, in its words.
    Invalid(String),
    /// 403, in its words.
    Forbidden(String),
    /// 404.
    NotThere,
}

/// Why it is not known whether there is a copy.
enum NotFound {
    /// Procore does not show its entries.
    Procore(ProcoreError),
    /// Something of ours does not answer.
    Error(Error),
}

const NOT_KNOWN: Outcome = Outcome::Done("the connection is not known");

/// What came of a message whose item is now in the other project.
const DELIVERED: &str = "delivered";

/// How far before the first claim a copy is looked for, in case Procore's clock is behind ours.
const CLOCKS_APART: Duration = Duration::from_secs(15 * 60);

/// Attempts in which a refusal is put down to uploads of an earlier visit.
const MAX_UPLOADS: u32 = 3;

/// How far somebody may have moved a Site Diary entry from day to day between two attempts for its copy to be found.
const DAYS_CORRECTED: Duration = Duration::from_secs(45 * 24 * 60 * 60);

impl Copier {
    /// How long a claim holds.
    fn lease(&self) -> Duration {
        lease_length(self.timeout, self.procore.timeout())
    }

    /// What an item has to wait for, if one of its companies is to be left alone. `had_turn`: it comes back from waiting.
    ///
    /// # Errors
    /// [`Error`]; the message then comes back.
    pub(crate) async fn waits(
        &self,
        order: &Order,
        had_turn: bool,
        batch: &Batch,
    ) -> Result<Option<ThrottledItem>, Error> {
        let job = &order.job;
        let for_companies = match self.between.companies(job) {
            Some(companies) => companies,
            // Dies here: nothing has happened. The message comes back when its visibility time-out has run out.
            None => match self.connection_of_job(job, batch, false).await? {
                Some(connection) => self.between.remember(job, companies(&connection)),
                None => return Ok(None),
            },
        };
        let waits = ThrottledItem {
            for_companies,
            had_turn,
        };
        Ok(self.has_to_wait(waits).then_some(waits))
    }

    /// How long an item of a backfill has to wait before it begins, if it has to. It leaves half of each window to what arrives
    /// by itself, and to people.
    pub(crate) fn rest_of_backfill(&self, order: &Order) -> Option<Duration> {
        if order.cause != Cause::Backfill {
            return None;
        }
        let companies = self.between.companies(&order.job)?;
        let rests = companies
            .into_iter()
            .filter_map(|company| self.procore.rest_of_backfill(company));
        rests.max()
    }

    /// Copies one item, unless that has been done or is not to be done.
    ///
    /// # Errors
    /// [`Error`]; the message then comes back.
    pub(crate) async fn copy(&self, order: &Order, batch: &Batch) -> Result<Outcome, Error> {
        // Dies here: nothing has happened. The message comes back when its visibility time-out has run out.
        let Some(connection) = self.connection_of_job(&order.job, batch, false).await? else {
            return Ok(NOT_KNOWN);
        };
        let claim = match self.claim(order, &connection).await? {
            Ok(claim) => claim,
            Err(outcome) => return Ok(outcome),
        };
        let day = claim.known.delivery.day;
        let outcome = self.copy_claimed(order, &connection, claim, batch).await?;
        if let (Outcome::Done(DELIVERED), Cause::Probe) = (&outcome, order.cause) {
            self.follow(order, &connection, day).await;
        }
        Ok(outcome)
    }

    /// Writes down that an item waits for its turn, for who looks for it, unless there is nothing to wait for.
    ///
    /// # Errors
    /// [`Error`]; it waits all the same, or comes back.
    pub(crate) async fn tell_of_wait(&self, order: &Order, wait: Duration, batch: &Batch) -> Result<Outcome, Error> {
        let Some(connection) = self.connection_of_job(&order.job, batch, false).await? else {
            return Ok(NOT_KNOWN);
        };
        match self.claim(order, &connection).await? {
            // Dies here: the claim runs out with its lease, and by then its turn may have come.
            Ok(claim) => self.postpone(&claim.known, say!("reason-wait"), wait).await,
            Err(outcome) => Ok(outcome),
        }
    }

    /// Takes the item's delivery for this worker, or says what becomes of the message where there is nothing to copy.
    async fn claim(&self, order: &Order, connection: &Connection) -> Result<Result<Claim, Outcome>, Error> {
        let now = Timestamp::now();
        let lease = Lease {
            id: Uuid::now_v7(),
            until: now.saturating_add(self.lease()).unwrap_or(Timestamp::MAX),
        };
        // Dies here: the claim is written or not. If it is, it runs out with its lease and is taken over with a look
        // for the copy, which is not there.
        let (mut known, look_first) = match self.table.claim(order, lease, now).await? {
            Claimed::Yes { known, look_first } => (*known, look_first),
            Claimed::IsCopy => return Ok(Err(Outcome::Done("it is a copy"))),
            Claimed::Settled => return Ok(Err(Outcome::Done("it is settled already"))),
            Claimed::WaitUntil(until) => return Ok(Err(Outcome::ComeBack(until.duration_since(now).unsigned_abs()))),
        };
        known.delivery.hear(connection);
        // Where an earlier attempt created the copy, or may have, that comes first: a copy that is there is there.
        let is_there = look_first || known.delivery.progress.copy().is_some();
        if let (false, Err(because)) = (is_there, known.delivery.may_set_out(connection)) {
            return self.leave(&known, because, connection).await.map(Err);
        }
        if known.delivery.attempts > pacing::MAX_ATTEMPTS {
            // Each of its workers died: the item itself may be what kills them.
            let why = say!("reason-no-end");
            return self.give_up(&known, connection, why, false).await.map(Err);
        }
        Ok(Ok(Claim { known, look_first }))
    }

    async fn copy_claimed(
        &self,
        order: &Order,
        connection: &Connection,
        claim: Claim,
        batch: &Batch,
    ) -> Result<Outcome, Error> {
        let Claim { mut known, look_first } = claim;
        let job = &order.job;
        let (source, target) = (
            &connection.party(job.to.other()).project,
            &connection.party(job.to).project,
        );
        // Dies here: a claim without a copy. Its lease runs out; whoever takes it over looks, finds nothing, and copies.
        let item = match self.read(job.tool, job.item, source).await {
            Ok(item) => item,
            Err(error) => {
                let is_there = known.delivery.progress.copy().filter(|_| error.is_a_refusal());
                let Some(copy) = is_there else {
                    return self.not_read(order, &known, error, connection, batch).await;
                };
                return self
                    .commit(&known, connection, copy, Completeness::default(), Arrival::SourceGone)
                    .await;
            }
        };
        known.delivery.read(&item);
        let arrives = connection.party(job.to);
        let manager = arrives.rfi_manager().map(|manager| manager.person.id);
        // One that left something done behind is large: it is no news that it takes many calls.
        let is_small = known.delivery.progress.is_empty() && order.cause != Cause::Backfill;
        let calls = if is_small {
            Calls::default()
        } else {
            Calls::of_a_large_one()
        };
        // First of all: a copy that is there is there, whatever was chosen since.
        if look_first && known.delivery.progress.copy().is_none() {
            // Dies here: nothing has changed; the next one looks again.
            match self.find(&item, &mut known, &calls, target, arrives.service_user).await {
                // Its files may not be.
                Ok(Some(copy)) if item.adds_files_later() => known.delivery.progress.created(copy),
                Ok(Some(copy)) => {
                    // Dies here: as above.
                    let completeness = match item.addressed(manager) {
                        Ok(addressed) => {
                            self.completeness_of_found(&addressed, &item, &known, source, target, copy)
                                .await
                        }
                        // Nobody is its manager any more: what it was sent with cannot be told.
                        Err(_) => item.completeness(&[], Vec::new()),
                    };
                    return self
                        .commit(&known, connection, copy, completeness, Arrival::Found)
                        .await;
                }
                Ok(None) => {}
                Err(NotFound::Procore(error)) => {
                    return self.not_created(order, &known, error, connection, batch).await;
                }
                Err(NotFound::Error(trouble)) => return Err(trouble),
            }
        }
        if let Some(copy) = known.delivery.progress.copy() {
            return match self.go_on(item.tool(), copy, target).await {
                Ok(Some(entry)) => {
                    let added = Added {
                        item: &item,
                        entry,
                        manager,
                    };
                    self.add_files(order, known, connection, added, &calls, batch).await
                }
                // Somebody has deleted it: what a company does with what it got is its own affair.
                Ok(None) => {
                    let completeness = item.completeness(&[], Vec::new());
                    self.commit(&known, connection, copy, completeness, Arrival::CopyGone)
                        .await
                }
                Err(error) => self.not_created(order, &known, error, connection, batch).await,
            };
        }
        // Dies here: nothing has changed.
        if self.is_unheard_copy(&item, job, connection).await? {
            return self.leave(&known, Because::Copy, connection).await;
        }
        match known.delivery.may_go_on(connection, &item) {
            Ok(()) => {}
            // Dies here: as above. It is read again and stays again.
            Err(Halt::Stays(because)) => return self.leave(&known, because, connection).await,
            Err(Halt::Waits(waits_for, reason)) => {
                return self.hold(order, &known, connection, waits_for, reason, batch).await;
            }
        }
        let addressed = match item.addressed(manager) {
            Ok(addressed) => addressed,
            Err(needs) => return self.fail(&known, needs.to_string(), false).await,
        };
        let relies_on_uploads = known.delivery.progress.has_uploads();
        // Dies here: the claim runs out, and what was made ready shows nowhere.
        let ready = match self
            .make_ready(
                &item,
                &mut known.delivery.progress,
                &calls,
                (source, target),
                batch.time,
            )
            .await
        {
            Ok(ready) => ready,
            Err(hindrance) => return self.hindered(order, &known, hindrance, connection, batch).await,
        };
        let copy = addressed.copy(source, &known.delivery.reference, &ready);
        // From here on the copy may be there, and on no page that was read before.
        known.delivery.progress.look_is_over();
        // Dies here, the one place that matters: the copy may exist without our knowing. The claim stays until its
        // lease has run out, which is longer than Procore needs to finish this request; whoever takes it over then
        // looks for the marker and finds the copy, or finds none and creates it.
        match self.create(&copy, target).await {
            Ok(created) if item.adds_files_later() => {
                // Dies here: the entry is there without its files, and is not on record. Taken over, it is found by its
                // marker, and gets them then.
                known.delivery.progress.created(created.id());
                let added = Added {
                    item: &item,
                    entry: created,
                    manager,
                };
                self.add_files(order, known, connection, added, &calls, batch).await
            }
            Ok(created) => {
                // Dies here: the copy exists and our record does not say so. Taken over, it is found by its marker.
                let not_shown = self.not_shown(&item, &copy, &ready.missing, &created, target).await;
                let completeness = item.completeness(&ready.missing, not_shown);
                self.commit(&known, connection, created.id(), completeness, Arrival::Whole)
                    .await
            }
            // Perhaps it is the uploads of an earlier visit that Procore does not know any more.
            Err(error @ ProcoreError::Invalid(_)) if relies_on_uploads && known.delivery.attempts < MAX_UPLOADS => {
                tracing::warn!(reference = %known.delivery.reference, %error, "its files are uploaded anew");
                known.delivery.progress.forget_files();
                self.passing(&known, connection, error, false).await
            }
            Err(error) => self.not_created(order, &known, error, connection, batch).await,
        }
    }

    /// What becomes of an item that something hinders. What was done by then is in its progress, and is kept.
    async fn hindered(
        &self,
        order: &Order,
        known: &Known,
        hindrance: PrepareError,
        connection: &Connection,
        batch: &Batch,
    ) -> Result<Outcome, Error> {
        match hindrance {
            PrepareError::Late => {
                let what = say!("reason-late");
                self.postpone(known, what, Duration::ZERO).await
            }
            PrepareError::Later(not_before, reason) => {
                let wait = not_before.duration_since(Timestamp::now());
                let wait = Duration::try_from(wait).unwrap_or_default();
                self.postpone(known, &reason, wait).await
            }
            // Nothing was created, whatever became of the lists.
            PrepareError::Passing(error) => self.passing(known, connection, error, false).await,
            PrepareError::Procore(error) => self.not_created(order, known, error, connection, batch).await,
        }
    }

    /// The entry that an earlier attempt created, as Procore shows it now. None where it is gone.
    async fn go_on(&self, tool: Tool, entry: ItemId, target: &Project) -> Result<Option<Item>, ProcoreError> {
        // Dies here: nothing has changed.
        match self.read(tool, entry, target).await {
            Ok(entry) => Ok(Some(entry)),
            Err(ProcoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Adds the files to a Site Diary entry that is there, says in it which stay behind, and records it. One call for each file,
    /// and one more where any stays behind.
    async fn add_files(
        &self,
        order: &Order,
        mut known: Known,
        connection: &Connection,
        added: Added<'_>,
        calls: &Calls,
        batch: &Batch,
    ) -> Result<Outcome, Error> {
        let Added { item, entry, manager } = added;
        let (source, target) = (
            &connection.party(order.job.to.other()).project,
            &connection.party(order.job.to).project,
        );
        let copy = entry.id();
        let mut destination = Destination::Entry(Box::new(entry));
        // Dies here: the entry has some of its files. Its claim runs out, and whoever takes it over finds the entry, and adds what
        // it does not show.
        let carried = self
            .carry(
                item,
                &mut destination,
                &mut known.delivery.progress,
                calls,
                (source, target),
                batch.time,
            )
            .await;
        let missing = match carried {
            Ok((_, missing)) => missing,
            Err(hindrance) => return self.hindered(order, &known, hindrance, connection, batch).await,
        };
        let Destination::Entry(mut entry) = destination else {
            return self.fail(&known, "its files were not added".to_owned(), true).await;
        };
        if let Some(comment) = entry.with_untold(&missing) {
            let (authority, place) = (Authority::ServiceAccount, (target.company_id, target.id));
            // Dies here: the comment says it or not. Whoever takes it over looks, and writes what is not there.
            match self.procore.write_comment(authority, place, &entry, &comment).await {
                Ok(shown) => *entry = shown,
                Err(error) => return self.not_created(order, &known, error, connection, batch).await,
            }
        }
        let not_shown = match item.addressed(manager) {
            Ok(addressed) => {
                let sent = addressed.copy(source, &known.delivery.reference, &Prepared::default());
                // Dies here: as above, with all its files.
                self.not_shown(item, &sent, &missing, &entry, target).await
            }
            Err(_) => Vec::new(),
        };
        let completeness = item.completeness(&missing, not_shown);
        self.commit(&known, connection, copy, completeness, Arrival::Whole)
            .await
    }

    async fn read(&self, tool: Tool, item: ItemId, project: &Project) -> Result<Item, ProcoreError> {
        let (procore, company) = (&self.procore, project.company_id);
        Ok(match tool {
            Tool::Rfis => Item::Rfi(procore.rfi(company, project.id, item).await?),
            Tool::WorkingHours => Item::WorkingHours(procore.working_hours(company, project.id, item).await?),
            Tool::Notes => Item::Note(procore.note(company, project.id, item).await?),
        })
    }

    /// Looks for a copy that an earlier attempt may have created: an RFI among those created since it was first tried, a
    /// Site Diary entry among those about the days around its own. Not on its day alone: somebody may have corrected the
    /// day since that attempt, here or there.
    ///
    /// Where somebody edited its line away, it is the first that is like it and on record as nobody else's copy.
    ///
    /// A look that meets a limit goes on at the next visit with the pages that it has read. Nothing is created in between: only
    /// who holds the delivery creates, and whoever does ends the look first.
    async fn find(
        &self,
        item: &Item,
        known: &mut Known,
        calls: &Calls,
        target: &Project,
        ours: Option<UserId>,
    ) -> Result<Option<ItemId>, NotFound> {
        let now = Timestamp::now();
        let resumed = known.delivery.progress.look(now);
        let began = resumed.unwrap_or(now);
        let key = CheckpointKey::of_look(&known.delivery.reference, began);
        let mut look = match resumed {
            Some(_) => Checkpoint::resume(&self.storage, key, now).await,
            None => Checkpoint::begin(&self.storage, key, now),
        };
        let work = Work {
            calls,
            answers: Some(look.answers()),
        };
        let found = self.find_among(item, &known.delivery, work, target, ours).await;
        match &found {
            // What was read of it is of no use.
            Err(NotFound::Procore(ProcoreError::ListChanged)) => known.delivery.progress.look_is_over(),
            Ok(Some(_)) => {}
            Ok(None) if look.answers().count() == 1 => {}
            // Making the item ready may meet a limit as well: it is not looked for anew then.
            Ok(None) | Err(_) => {
                if look.save().await {
                    known.delivery.progress.look_goes_on(began);
                }
            }
        }
        found
    }

    async fn find_among(
        &self,
        item: &Item,
        delivery: &Delivery,
        work: Work<'_>,
        target: &Project,
        ours: Option<UserId>,
    ) -> Result<Option<ItemId>, NotFound> {
        let (procore, company) = (&self.procore, target.company_id);
        let since = delivery
            .created_at
            .saturating_sub(CLOCKS_APART)
            .unwrap_or(delivery.created_at);
        let days = |entry: &Entry| {
            // Procore puts an entry that names no day on the day on which it is created.
            let tried = delivery.created_at.to_zoned(TimeZone::UTC).date();
            let day = entry.date.unwrap_or(tried);
            (
                day.min(tried).saturating_sub(DAYS_CORRECTED),
                day.max(tried).saturating_add(DAYS_CORRECTED),
            )
        };
        let mut search = Search::new(delivery, item, ours, since);
        let found = match item {
            Item::Rfi(_) => procore.find_rfi(work, company, target.id, &mut search).await,
            Item::WorkingHours(hours) => {
                procore
                    .find_working_hours(work, company, target.id, &mut search, days(&hours.entry))
                    .await
            }
            Item::Note(note) => {
                procore
                    .find_note(work, company, target.id, &mut search, days(&note.entry))
                    .await
            }
        };
        if let Some(copy) = found.map_err(NotFound::Procore)? {
            return Ok(Some(copy));
        }
        for alike in search.alike() {
            // Dies here: nothing has changed.
            let is_anothers = self.table.is_anothers_copy(delivery, alike).await;
            if !is_anothers.map_err(|error| NotFound::Error(error.into()))? {
                return Ok(Some(alike));
            }
        }
        Ok(None)
    }

    /// Creates the copy, and gives it as Procore shows it.
    async fn create(&self, copy: &ItemCopy, target: &Project) -> Result<Item, ProcoreError> {
        let (procore, company) = (&self.procore, target.company_id);
        Ok(match copy {
            ItemCopy::Rfi(rfi) => Item::Rfi(procore.create_rfi(company, target.id, rfi).await?),
            ItemCopy::WorkingHours(hours) => {
                Item::WorkingHours(procore.create_working_hours(company, target.id, hours).await?)
            }
            ItemCopy::Note(note) => Item::Note(procore.create_note(company, target.id, note).await?),
        })
    }

    /// What of what was sent the copy does not show. Where the answer to its creation leaves that in doubt, the copy is read once
    /// more: one call for such an item, none for others. A copy that cannot be read then is as its creation showed it.
    async fn not_shown(
        &self,
        item: &Item,
        sent: &ItemCopy,
        missing: &[Missing],
        created: &Item,
        target: &Project,
    ) -> Vec<LeftOut> {
        let in_answer = item.not_shown(sent, missing, created);
        if in_answer.is_empty() {
            return in_answer;
        }
        match self.read(item.tool(), created.id(), target).await {
            Ok(arrived) => item.not_shown(sent, missing, &arrived),
            Err(error) => {
                tracing::info!(%error, "a copy in doubt cannot be read");
                in_answer
            }
        }
    }

    /// How complete a copy is that an earlier attempt made, with the files that it had then. The text of the copy says why one
    /// is missing.
    async fn completeness_of_found(
        &self,
        addressed: &Addressed<'_>,
        item: &Item,
        known: &Known,
        source: &Project,
        target: &Project,
        copy: ItemId,
    ) -> Completeness {
        let sent = addressed.copy(source, &known.delivery.reference, &Prepared::default());
        let not_shown = match self.read(item.tool(), copy, target).await {
            Ok(arrived) => item.not_shown(&sent, &[], &arrived),
            Err(error) => {
                tracing::info!(%error, "a copy that was found cannot be read");
                Vec::new()
            }
        };
        item.completeness(&[], not_shown)
    }

    /// Whether an item that a person sends is itself a copy from where it would go, which is on no record yet: its creation was not
    /// heard of, or has just been. One request to the table where it bears a reference, and none otherwise.
    async fn is_unheard_copy(&self, item: &Item, job: &Job, connection: &Connection) -> Result<bool, Error> {
        let ours = connection.party(job.to.other()).service_user;
        let Some(reference) = item.may_be_copy_of(ours).filter(|_| job.by_hand) else {
            return Ok(false);
        };
        let made_it = self.table.delivery(job.pair(), &reference).await?;
        Ok(made_it.is_some_and(|made_it| made_it.delivery.is_the_way_back_of(job)))
    }

    /// Records the copy together with the mail about it.
    ///
    /// Dies here: the copy exists and our record does not say so. Taken over, it is found by its marker, and told of then.
    async fn commit(
        &self,
        known: &Known,
        connection: &Connection,
        copy: ItemId,
        completeness: Completeness,
        arrival: Arrival,
    ) -> Result<Outcome, Error> {
        let delivery = known.delivery.clone();
        let target = &connection.party(delivery.job.to).project.name;
        let delivered = delivery.delivered(copy, completeness, (arrival, target), Timestamp::now());
        let mail = self.table.outbox(Notification::arrived(connection, &delivered))?;
        let source = &connection.party(delivered.job.to.other()).project;
        if self.table.commit(known, &delivered, source, copy, mail).await? {
            Ok(Outcome::Done(DELIVERED))
        } else {
            // We were so slow that another worker took over. It found the copy by its marker.
            Ok(Outcome::Done("another worker has taken it over"))
        }
    }

    /// Holds what waits for somebody to do something. Where the connection was changed this very moment, the reason is
    /// looked at anew.
    ///
    /// Dies here: the claim runs out, and it is held or sent by whoever takes it over.
    async fn hold(
        &self,
        order: &Order,
        known: &Known,
        connection: &Connection,
        waits_for: WaitsFor,
        reason: String,
        batch: &Batch,
    ) -> Result<Outcome, Error> {
        let held = known.delivery.clone().held(waits_for, reason, Timestamp::now());
        // A probe that did not get through is no news, and who has paused a connection knows.
        let telling = if order.cause == Cause::Probe || waits_for.is_pause() {
            Telling::Nobody
        } else {
            Telling::WhoCanHelp
        };
        if self.table.hold(known, &held, connection, telling).await? {
            return Ok(Outcome::Done("held"));
        }
        self.connection_of_job(&order.job, batch, true).await?;
        // The claim goes back, so that the message's next visit decides anew.
        self.postpone(known, say!("reason-changed"), Duration::from_secs(1))
            .await
    }

    async fn not_read(
        &self,
        order: &Order,
        known: &Known,
        error: ProcoreError,
        connection: &Connection,
        batch: &Batch,
    ) -> Result<Outcome, Error> {
        match error {
            ProcoreError::NotFound => {
                self.refused(order, known, Step::Read, Said::NotThere, connection, batch)
                    .await
            }
            ProcoreError::Forbidden(said) => {
                self.refused(order, known, Step::Read, Said::Forbidden(said), connection, batch)
                    .await
            }
            other => self.passing(known, connection, other, false).await,
        }
    }

    /// What Procore refused. What does not go on any more stays where it is, or as its copy is by now. Why another is refused, is
    /// asked of Procore as a fact where it can be: one call more, and only then.
    ///
    /// Dies here: the claim runs out, and whoever takes it over is refused again.
    async fn refused(
        &self,
        order: &Order,
        known: &Known,
        step: Step,
        said: Said,
        connection: &Connection,
        batch: &Batch,
    ) -> Result<Outcome, Error> {
        if let Err(because) = known.delivery.may_set_out(connection) {
            // What is there is there, with the files that it has.
            let Some(copy) = known.delivery.progress.copy() else {
                return self.leave(known, because, connection).await;
            };
            return self
                .commit(known, connection, copy, Completeness::default(), Arrival::Disconnected)
                .await;
        }
        let job = &known.delivery.job;
        let side = match step {
            Step::Read => job.to.other(),
            Step::Create => job.to,
        };
        let project = &connection.party(side).project;
        let why = match &said {
            Said::Invalid(said) => self.why_invalid(&known.delivery, said, connection).await,
            Said::Forbidden(_) | Said::NotThere => self.why_closed(project, step, &said).await,
        };
        let why = match why {
            Ok(why) => why,
            // Nothing was created: it was refused.
            Err(error) => return self.passing(known, connection, error, false).await,
        };
        let words = match &said {
            Said::Invalid(said) | Said::Forbidden(said) => said.as_str(),
            Said::NotThere => "",
        };
        match delivery::refused(step, why, words, job, connection) {
            Verdict::Held(waits_for, reason) => self.hold(order, known, connection, waits_for, reason, batch).await,
            Verdict::Failed(reason) => self.fail(known, reason, false).await,
        }
    }

    /// Why a project, or a tool or item in it, is closed to us: by whether we see the project.
    async fn why_closed(&self, project: &Project, step: Step, said: &Said) -> Result<Refused, ProcoreError> {
        let seen = self
            .procore
            .project(Authority::ServiceAccount, project.company_id, project.id);
        match (seen.await, said) {
            (Ok(_), Said::NotThere) if step == Step::Read => Ok(Refused::NotThere),
            (Ok(_), _) => Ok(Refused::NoPermission),
            (Err(ProcoreError::Forbidden(_) | ProcoreError::NotFound), _) => Ok(Refused::NoAccess),
            (Err(error), _) => Err(error),
        }
    }

    /// Why a copy is refused as it is: by whether its manager may be one, or its day is open.
    async fn why_invalid(
        &self,
        delivery: &Delivery,
        said: &str,
        connection: &Connection,
    ) -> Result<Refused, ProcoreError> {
        let arrives = connection.party(delivery.job.to);
        let (company, project) = (arrives.project.company_id, arrives.project.id);
        let (procore, authority) = (&self.procore, Authority::ServiceAccount);
        match (delivery.job.tool, arrives.rfi_manager()) {
            (Tool::Rfis, Some(manager)) => match procore.potential_rfi_managers(authority, company, project).await {
                Ok(able) if !able.iter().any(|one| one.person.id == manager.person.id) => Ok(Refused::NotAManager),
                Ok(_) | Err(ProcoreError::Forbidden(_) | ProcoreError::NotFound) => Ok(Refused::AsItIs),
                Err(error) => Err(error),
            },
            (Tool::Rfis, None) => Ok(Refused::AsItIs),
            (Tool::WorkingHours | Tool::Notes, _) => {
                let closed = match delivery.day {
                    Some(day) => match procore.day_is_closed(company, project, day).await {
                        Ok(closed) => closed,
                        // Not to be had in every project: its words have to do.
                        Err(ProcoreError::Forbidden(_) | ProcoreError::NotFound) => false,
                        Err(error) => return Err(error),
                    },
                    None => false,
                };
                Ok(if closed || says_closed(said) {
                    Refused::DayIsClosed(delivery.day)
                } else {
                    Refused::AsItIs
                })
            }
        }
    }

    async fn not_created(
        &self,
        order: &Order,
        known: &Known,
        error: ProcoreError,
        connection: &Connection,
        batch: &Batch,
    ) -> Result<Outcome, Error> {
        let said = match error {
            ProcoreError::Invalid(said) => Said::Invalid(said),
            ProcoreError::NotFound => Said::NotThere,
            ProcoreError::Forbidden(said) => Said::Forbidden(said),
            other => {
                let may_exist = other.may_have_happened();
                return self.passing(known, connection, other, may_exist).await;
            }
        };
        self.refused(order, known, Step::Create, said, connection, batch).await
    }

    /// Leaves an item where it is, for a reason. Nobody hears of what nobody ever saw.
    ///
    /// Dies here: the claim runs out, and whoever takes it over leaves it again.
    async fn leave(&self, known: &Known, because: Because, connection: &Connection) -> Result<Outcome, Error> {
        let stays = known.delivery.clone().stays(because, connection, Timestamp::now());
        self.table.leave(known, stays).await?;
        tracing::info!(reference = %known.delivery.reference, ?because, "stays where it is");
        Ok(Outcome::Done("it stays where it is"))
    }

    /// What time may mend.
    async fn passing(
        &self,
        known: &Known,
        connection: &Connection,
        error: ProcoreError,
        may_exist: bool,
    ) -> Result<Outcome, Error> {
        if let ProcoreError::Wait(rest) = error {
            // It takes its turn with those that wait already: all that were under way when the limit was reached would come back
            // in one moment.
            //
            // Dies here: the turn is used by nobody. The claim runs out, and its next worker begins anew.
            let waits = ThrottledItem {
                for_companies: companies(connection),
                had_turn: true,
            };
            let turn = self.take_turns(&[waits]).await[0];
            return self.postpone(known, say!("reason-wait"), turn.max(rest)).await;
        }
        if let ProcoreError::App(_) = error {
            // Nothing is wrong with the item, however long the operator takes.
            let why = say!("reason-app");
            return self.postpone(known, why, pacing::APP_REFUSED).await;
        }
        if known.delivery.attempts >= pacing::MAX_ATTEMPTS {
            return self.give_up(known, connection, &error.words(), may_exist).await;
        }
        let mut wait = chance::back_off(known.delivery.attempts);
        if let ProcoreError::Unavailable(asked) = error {
            wait = wait.max(asked);
        }
        if may_exist {
            // The request may still be under way: nobody looks for its copy before Procore has finished it.
            wait = wait.max(self.procore.timeout());
        }
        let now = Timestamp::now();
        let not_before = now.saturating_add(wait).unwrap_or(now);
        let delivery = known.delivery.clone();
        tracing::info!(reference = %delivery.reference, %error, "tried again later");
        let waits = delivery.failed_for_now(&error.words(), may_exist, not_before, now);
        self.table.settle(known, &waits).await?;
        Ok(Outcome::ComeBack(wait))
    }

    /// Gives the message and the claim back without counting the attempt.
    async fn postpone(&self, known: &Known, reason: &str, wait: Duration) -> Result<Outcome, Error> {
        let now = Timestamp::now();
        let not_before = now.saturating_add(wait).unwrap_or(now);
        let waits = known.delivery.clone().postponed(reason, not_before, now);
        self.table.settle(known, &waits).await?;
        Ok(Outcome::ComeBack(wait))
    }

    /// Lays aside what was tried often enough, for an operator to look at, and says so to whoever sent it.
    ///
    /// Dies between the two: the claim runs out, and whoever takes it over lays it aside once more.
    async fn give_up(
        &self,
        known: &Known,
        connection: &Connection,
        why: &str,
        may_exist: bool,
    ) -> Result<Outcome, Error> {
        let job = &known.delivery.job;
        let company = connection.party(job.to.other()).project.company_id;
        self.dead_letters.give_up(job, company).await?;
        let reason = say!("reason-given-up", attempts = known.delivery.attempts, why = why);
        self.fail(known, reason, may_exist).await
    }

    async fn fail(&self, known: &Known, reason: String, may_exist: bool) -> Result<Outcome, Error> {
        tracing::warn!(reference = %known.delivery.reference, reason, "failed");
        let failed = known.delivery.clone().failed(reason, may_exist, Timestamp::now());
        self.table.settle(known, &failed).await?;
        Ok(Outcome::Done("failed"))
    }

    /// A probe got through: the others that wait for the same access follow.
    ///
    /// Dies here, or does not get an answer: the next sweep probes with the next of them.
    async fn follow(&self, order: &Order, connection: &Connection, day: Option<Date>) {
        let (target, tool) = (order.job.target, order.job.tool);
        for waits_for in WaitsFor::PROBED {
            let which = Which::Probed {
                target,
                tool,
                waits_for,
                day,
            };
            let sent: Result<(), RequeueError> = held::send_on(&self.table, &self.copies, connection, which).await;
            if let Err(error) = sent {
                tracing::warn!(%error, "what waits for the same was not sent on");
            }
        }
    }

    /// The connection of a job.
    async fn connection_of_job(&self, job: &Job, batch: &Batch, anew: bool) -> Result<Option<Connection>, Error> {
        let read = self.connection(job.source, job.connection, batch, anew).await?;
        // A message that names projects which are not the connection's, each on its side, is not ours.
        Ok(read.filter(|connection| {
            let sides = [job.to.other(), job.to].map(|side| connection.party(side).project.id);
            sides == [job.source, job.target]
        }))
    }

    /// A connection of a project, read once for a batch, or again where `anew`.
    pub(crate) async fn connection(
        &self,
        project: ProjectId,
        id: ConnectionId,
        batch: &Batch,
        anew: bool,
    ) -> Result<Option<Connection>, Error> {
        // Held while the first of the batch reads it, so that the others need not.
        let mut connections = batch.connections.lock().await;
        if !anew && let Some(read) = connections.get(&id) {
            return Ok(read.clone());
        }
        let read = self.table.connection(project, id).await?;
        connections.insert(id, read.clone());
        Ok(read)
    }
}

/// Whether Procore's own words say that a day of the Site Diary is closed: there is no code for it.
fn says_closed(said: &str) -> bool {
    let said = said.to_lowercase();
    said.contains("daily log") && ["complete", "closed", "locked"].iter().any(|word| said.contains(word))
}

/// The companies that are asked for one item: one has it, the other gets it.
fn companies(connection: &Connection) -> [CompanyId; 2] {
    [Side::Requester, Side::Recipient].map(|side| connection.party(side).project.company_id)
}
