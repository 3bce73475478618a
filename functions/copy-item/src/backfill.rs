//! One step of a backfill: what is under way is counted, and as much sets out as there is room for.

use std::time::Duration;

use gusset_adapters::table::backfills::KnownBackfill;
use gusset_domain::{
    backfill::{BETWEEN_STEPS, Backfill, Pick, SetsOut, Step, Turn},
    connection::{Connection, Side},
    delivery::{Cause, Delivery, Job, Origin, Status, send_by_hand},
    names::shown,
};
use gusset_words::say;
use jiff::Timestamp;

use crate::copy::{Batch, Copier, Error, Outcome};

/// Times what a step has come to is saved anew that somebody has just paused or cancelled.
const TRIES: u32 = 5;

/// What set out in a step.
#[derive(Default)]
struct SetOut {
    picks: Vec<Pick>,
    jobs: Vec<Job>,
    skipped: usize,
}

impl Copier {
    /// Makes a step of a backfill.
    ///
    /// # Errors
    /// [`Error`]; the message then comes back, and the step is made again from what is recorded.
    pub(crate) async fn step(&self, step: &Step, batch: &Batch) -> Result<Outcome, Error> {
        let now = Timestamp::now();
        let Some(known) = self.table.backfill(step.pair(), step.source).await? else {
            return Ok(Outcome::Done("the backfill is not known"));
        };
        match known.backfill.turn(step, now) {
            Turn::Make => {}
            Turn::Later(wait) => return Ok(Outcome::ComeBack(wait)),
            Turn::Drop => return Ok(Outcome::Done("the step is of no use any more")),
            Turn::TellNext => {
                let connection = self.connection_of(step, batch).await?;
                if let Some((connection, from)) = connection {
                    let company = connection.party(from).project.company_id;
                    self.copies
                        .step(company, known.backfill.next_step(), Duration::ZERO)
                        .await?;
                }
                return Ok(Outcome::Done("the next step was asked for again"));
            }
        }
        let connection = self.connection_of(step, batch).await?;
        let connected = connection.filter(|(connection, _)| connection.connected_since().is_some());
        let Some((connection, from)) = connected else {
            return self.end(&known, now).await;
        };
        self.make(&known, &connection, from, now).await
    }

    /// Dies anywhere: what set out is recorded, and the step is made again. It finds what it recorded, tells the workers again,
    /// and sends nothing twice.
    async fn make(
        &self,
        known: &KnownBackfill,
        connection: &Connection,
        from: Side,
        now: Timestamp,
    ) -> Result<Outcome, Error> {
        let step = known.backfill.next_step();
        let under_way: Vec<Job> = known
            .backfill
            .under_way
            .iter()
            .map(|pick| step.job(from.other(), *pick))
            .collect();
        let deliveries = self.table.heard_of(&under_way).await?.deliveries;
        let delivery = |pick| deliveries.get(&step.job(from.other(), pick).reference());
        let counted = known.backfill.clone().counted(|pick| delivery(pick).cloned());
        // While the connection is paused, all would only be held. It is resumed, or the sweep finds that it was.
        let out = if connection.is_paused() {
            SetOut::default()
        } else {
            self.set_out_some(&counted, connection, from, now).await?
        };
        let company = connection.party(from).project.company_id;
        // Dies here: they are queued without a worker, and the step is made again.
        self.copies.order(company, out.jobs, Cause::Backfill).await?;
        let next = counted.set_out(out.picks.clone(), out.skipped);
        if next == known.backfill && !next.is_finished() {
            if connection.is_paused() && next.under_way.is_empty() {
                return Ok(Outcome::Done("the connection is paused"));
            }
            return Ok(Outcome::ComeBack(next.wait(until(deliveries.values()), now)));
        }
        let made = |backfill: Backfill| {
            let counted = backfill.counted(|pick| delivery(pick).cloned());
            counted.set_out(out.picks.clone(), out.skipped).stepped(now)
        };
        let Some(next) = self.save(known, made).await? else {
            return Ok(Outcome::ComeBack(BETWEEN_STEPS));
        };
        if next.goes_on() {
            // Dies here: this message comes back, and asks for the next step then.
            self.copies.step(company, next.next_step(), BETWEEN_STEPS).await?;
        }
        Ok(Outcome::Done("a step of a backfill is made"))
    }

    /// Saves what a step has come to. What has set out has, whatever somebody presses meanwhile. None where the same step was made
    /// elsewhere, or somebody had it go on anew.
    async fn save(
        &self,
        known: &KnownBackfill,
        made: impl Fn(Backfill) -> Backfill,
    ) -> Result<Option<Backfill>, Error> {
        let step = known.backfill.next_step();
        let mut known = Some(known.clone());
        for _ in 0..TRIES {
            let Some(of) = known.filter(|known| known.backfill.next_step() == step) else {
                return Ok(None);
            };
            let next = made(of.backfill.clone());
            if self.table.save_backfill(&of, &next).await? {
                return Ok(Some(next));
            }
            known = self.table.backfill(step.pair(), step.source).await?;
        }
        Ok(None)
    }

    /// Records the deliveries of what has its turn.
    async fn set_out_some(
        &self,
        backfill: &Backfill,
        connection: &Connection,
        from: Side,
        now: Timestamp,
    ) -> Result<SetOut, Error> {
        let (table, step, mut out) = (&self.table, backfill.next_step(), SetOut::default());
        let why = say!("why-picked-with-others", name = shown(&backfill.started_by));
        for pick in table.next_of_backfill(backfill, backfill.room()).await? {
            let job = step.job(from.other(), pick);
            let came_from = table.came_from(job.source, job.tool, job.item).await?;
            let is_way_back = Origin::in_project(&came_from, job.target).is_some();
            if is_way_back || send_by_hand(connection, from, pick.tool, pick.item).is_err() {
                out.skipped += 1;
                continue;
            }
            let known = table.delivery(job.pair(), &job.reference()).await?;
            match backfill.sets_out(known.as_ref().map(|known| &known.delivery)) {
                SetsOut::Skipped => {
                    out.skipped += 1;
                    continue;
                }
                // Not written: somebody else has just sent it.
                SetsOut::New => drop(
                    table
                        .queue(None, &Delivery::picked(job.clone(), came_from, &why, now))
                        .await?,
                ),
                SetsOut::Again => {}
            }
            out.picks.push(pick);
            out.jobs.push(job);
        }
        Ok(out)
    }

    /// Ends a backfill whose connection has ended.
    async fn end(&self, known: &KnownBackfill, now: Timestamp) -> Result<Outcome, Error> {
        let Ok(mut ended) = known.backfill.clone().cancelled(say!("why-ended").to_owned(), now) else {
            return Ok(Outcome::Done("the backfill has ended"));
        };
        // What was under way is cancelled with the connection.
        ended.counts.failed += u32::try_from(ended.under_way.len()).unwrap_or_default();
        ended.under_way.clear();
        self.table.save_backfill(known, &ended).await?;
        Ok(Outcome::Done("the connection has ended"))
    }

    /// The connection of a step, and the side that sends.
    async fn connection_of(&self, step: &Step, batch: &Batch) -> Result<Option<(Connection, Side)>, Error> {
        let connection = self.connection(step.source, step.connection, batch, false).await?;
        Ok(connection.and_then(|connection| {
            let from = connection.side_of(step.source)?;
            (connection.party(from.other()).project.id == step.target).then_some((connection, from))
        }))
    }
}

/// When the first of some deliveries is tried again, where all of them are.
fn until<'a>(deliveries: impl Iterator<Item = &'a Delivery>) -> Option<Timestamp> {
    let mut first = None::<Timestamp>;
    for delivery in deliveries {
        let Status::Retrying { not_before, .. } = delivery.status else {
            return None;
        };
        first = Some(first.map_or(not_before, |first| first.min(not_before)));
    }
    first
}
