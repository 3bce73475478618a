//! Two busy companies with more to send than Procore's limits take at once, and a quiet one beside them: what others' work
//! does to it where nothing is faster than in production.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use gusset_tests::Stand;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    SLOWED,
    crowd::Crowd,
    figures::{Percentiles, Table, Target, count, ratio, seconds},
    sender::{Items, Sender, Timed, each_took},
    window::{Seen, Window},
};

/// Procore's typical limits for a company: calls in 10 seconds, and in an hour.
const SPIKE: usize = 25;
const HOUR: usize = 3_600;

/// What no part of the bench reaches.
const UNLIMITED: usize = 1_000_000;

/// How long Procore takes to tell of what it has done: a guess at what an API on the internet takes. Its stand-in answers within
/// a millisecond or two, and an item would be hardly anything but work for the emulator of AWS.
const ANSWERS: Duration = Duration::from_millis(200);

/// The time in which a company takes [`SPIKE`] calls.
const WINDOW: Duration = Duration::from_secs(10);

/// How often the quiet company creates an item: two thirds of what its limits would take, in step with nothing else.
const PACE: Duration = Duration::from_millis(600);

/// Items of the quiet company alone, even where the others are done sooner than it creates so many.
const FEWEST_ALONE: usize = 20;

/// What came of it.
struct Drained {
    /// The items of each of the two busy companies.
    each: usize,
    /// The quiet company's items before the others began, and after they were done.
    before: Percentiles,
    after: Percentiles,
    /// Both of them.
    alone: Percentiles,
    /// … while the others' items arrive, if it created any then: their webhooks come all at once.
    arriving: Option<Percentiles>,
    /// … from then on, until the last of the others' items was copied.
    draining: Percentiles,
    busy: Percentiles,
    took: Duration,
    /// The least that the limits leave.
    ideal: Duration,
    seen: Seen,
}

/// Measures and tells it.
pub(crate) async fn section(table: &mut Table, crowd: &Crowd, items: usize) {
    let drained = crowd.drain(items).await;
    let slowed = |times: &Percentiles| ratio(times.p99 / drained.alone.p99);
    table.section(&format!(
        "as in production, Procore taking {SPIKE} calls in 10 s and {HOUR} an hour, and answering after {} ms:\n\
         two busy companies with {} items each, all at once, and a quiet one with one each {} ms",
        ANSWERS.as_millis(),
        drained.each,
        PACE.as_millis()
    ));
    let name = "created to copied, quiet company";
    table.percentiles(&format!("{name} alone, before"), &drained.before, None);
    table.percentiles(&format!("{name} alone, after"), &drained.after, None);
    table.percentiles(&format!("{name} beside them"), &drained.draining, None);
    table.row(
        "its p99, times what it is alone",
        slowed(&drained.draining),
        Some(Target::at_most(SLOWED, ratio)),
    );
    if let Some(arriving) = &drained.arriving {
        table.percentiles("… while the busy ones' webhooks come, all at once", arriving, None);
    }
    table.percentiles("created to copied, busy companies", &drained.busy, None);
    table.row(
        "until their last item was copied",
        seconds(drained.took.as_secs_f64()),
        None,
    );
    table.row("… with no call wasted", seconds(drained.ideal.as_secs_f64()), None);
    let per_item = |counted: usize| count(counted as f64 / (2 * drained.each) as f64);
    table.row(
        "calls refused with 429, for each of their items",
        per_item(drained.seen.refused()),
        None,
    );
    table.row("… messages handed back", per_item(drained.seen.handed_back()), None);
}

impl Crowd {
    /// The busy companies create half of the items each, at once; the quiet one some all the while, and before and after.
    async fn drain(&self, items: usize) -> Drained {
        self.limit(HOUR, SPIKE).await;
        let late = json!({"path": "/rest/*", "times": 1_000_000, "delay_ms": ANSWERS.as_millis(), "when": "after"});
        self.stand.side_door(Method::POST, "/faults", late).await;
        let each = (items / 2).max(SPIKE + 1);
        // The first window is used up at once, and so is each that follows.
        let ideal = WINDOW * u32::try_from(each.div_ceil(SPIKE) - 1).unwrap();
        let count = usize::try_from(ideal.as_millis() / PACE.as_millis()).unwrap();
        let count = count.max(FEWEST_ALONE);

        let before = self.quiet_paced(count).await;
        let mut window = Window::open(&self.stand).await.looking_each(WINDOW / 20);
        let (began, going_on) = (Instant::now(), AtomicBool::new(true));
        let (of_quiet, (busy, arrived, took)) = tokio::join!(self.quiet.create_while(&going_on, PACE), async {
            let busy = self.create_at_once(each).await;
            all_are_queued(&self.stand, &self.busy).await;
            let arrived = Timestamp::now();
            for sender in &self.busy {
                window.copies(sender.target().id, each).await;
            }
            going_on.store(false, Ordering::Relaxed);
            (busy, arrived, began.elapsed())
        });
        window.copies(self.quiet.target().id, of_quiet.len()).await;
        let seen = window.close(2 * each + of_quiet.len()).await;
        let after = self.quiet_paced(count).await;
        self.stand.side_door(Method::DELETE, "/faults", Value::Null).await;
        self.limit(UNLIMITED, UNLIMITED).await;

        let of_quiet = self.quiet.times(&of_quiet).await;
        let (arriving, draining): (Vec<_>, Vec<_>) = of_quiet.into_iter().partition(|item| item.created < arrived);
        let mut of_busy = Vec::new();
        for (sender, items) in self.busy.iter().zip(&busy) {
            of_busy.extend(sender.times(items).await);
        }
        Drained {
            each,
            before: Percentiles::of(each_took(&before)),
            after: Percentiles::of(each_took(&after)),
            alone: Percentiles::of(each_took(&[before, after].concat())),
            arriving: (!arriving.is_empty()).then(|| Percentiles::of(each_took(&arriving))),
            draining: Percentiles::of(each_took(&draining)),
            busy: Percentiles::of(each_took(&of_busy)),
            took,
            ideal,
            seen,
        }
    }

    /// Sets every company's limits.
    async fn limit(&self, hour: usize, spike: usize) {
        for sender in self.busy.iter().chain([&self.quiet]) {
            for company in [sender.pair.south.0.id, sender.pair.harbour.0.id] {
                let limit = json!({"company_id": company, "hour": hour, "spike": spike});
                self.stand.side_door(Method::PUT, "/limits", limit).await;
            }
        }
    }

    async fn create_at_once(&self, each: usize) -> [Items; 2] {
        let [one, other] = &self.busy;
        tokio::join!(one.create(each, Duration::ZERO), other.create(each, Duration::ZERO)).into()
    }

    /// The quiet company alone, at its pace. It is looked at as seldom as where it is not alone.
    async fn quiet_paced(&self, count: usize) -> Vec<Timed> {
        let mut window = Window::open(&self.stand).await.looking_each(WINDOW / 20);
        let target = self.quiet.target().id;
        let (items, ()) = tokio::join!(self.quiet.create(count, PACE), window.copies(target, count));
        window.until_still().await;
        self.quiet.times(&items).await
    }
}

/// Until Gusset has heard of each item, and workers have seen each: what cannot be copied yet waits for its turn.
async fn all_are_queued(stand: &Stand, senders: &[Sender]) {
    for sender in senders {
        stand.settled_events(sender.source()).await;
    }
    let waiting = json!({"AttributeNames": ["ApproximateNumberOfMessages"]});
    gusset_tests::eventually("each item is seen", || async {
        let of = stand
            .queue("GUSSET_COPIES_QUEUE_URL", "GetQueueAttributes", waiting.clone())
            .await;
        (of["Attributes"]["ApproximateNumberOfMessages"] == "0").then_some(())
    })
    .await;
}
