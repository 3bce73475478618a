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
    sender::{Sender, Timed, each_took},
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

/// How the busy companies create their items.
#[derive(Clone, Copy)]
enum Load {
    /// One after the other, twice as fast as their limits take them: more and more of them wait.
    Steadily,
    /// All at once: nearly all of them wait at once.
    AtOnce,
}

impl Load {
    fn pace(self) -> Duration {
        match self {
            Self::Steadily => WINDOW / u32::try_from(2 * SPIKE).unwrap(),
            Self::AtOnce => Duration::ZERO,
        }
    }
}

/// What came of it beside the busy companies.
struct Beside {
    /// The quiet company's items.
    quiet: Vec<Timed>,
    /// When the last of the others' items had been heard of and seen by a worker.
    arrived: Timestamp,
    busy: Percentiles,
    took: Duration,
    /// The least that the limits leave.
    ideal: Duration,
    seen: Seen,
}

/// Measures and tells it.
pub(crate) async fn section(table: &mut Table, crowd: &Crowd, items: usize) {
    let each = (items / 2).max(SPIKE + 1);
    // The first window is used up at once, and so is each that follows.
    let ideal = WINDOW * u32::try_from(each.div_ceil(SPIKE) - 1).unwrap();
    let count = usize::try_from(ideal.as_millis() / PACE.as_millis()).unwrap();
    let count = count.max(FEWEST_ALONE);

    crowd.limit(HOUR, SPIKE).await;
    let late = json!({"path": "/rest/*", "times": 1_000_000, "delay_ms": ANSWERS.as_millis(), "when": "after"});
    crowd.stand.side_door(Method::POST, "/faults", late).await;
    let before = crowd.quiet_paced(count).await;
    let steadily = crowd.beside(Load::Steadily, each, ideal).await;
    let after = crowd.quiet_paced(count).await;
    let at_once = crowd.beside(Load::AtOnce, each, ideal).await;
    crowd.stand.side_door(Method::DELETE, "/faults", Value::Null).await;
    crowd.limit(UNLIMITED, UNLIMITED).await;

    let alone = Percentiles::of(each_took(&[before.clone(), after.clone()].concat()));
    table.section(&format!(
        "as in production, Procore taking {SPIKE} calls in 10 s and {HOUR} an hour, and answering after {} ms:\n\
         two busy companies with {each} items each, one each {} ms, and a quiet one with one each {} ms",
        ANSWERS.as_millis(),
        Load::Steadily.pace().as_millis(),
        PACE.as_millis()
    ));
    let name = "created to copied, quiet company";
    let before = Percentiles::of(each_took(&before));
    table.percentiles(&format!("{name} alone, before"), &before, None);
    table.percentiles(
        &format!("{name} alone, after"),
        &Percentiles::of(each_took(&after)),
        None,
    );
    quiet(table, "beside them", &steadily.quiet, &alone);
    busy(table, &steadily);
    table.section("the same, but that the busy companies create all of their items at once");
    let (arriving, draining): (Vec<_>, Vec<_>) =
        (at_once.quiet.iter()).partition(|item: &&Timed| item.created < at_once.arrived);
    if !arriving.is_empty() {
        let arriving = Percentiles::of(each_took(arriving));
        table.percentiles(&format!("{name} while their webhooks come"), &arriving, None);
    }
    quiet(table, "beside them from then on", draining, &alone);
    busy(table, &at_once);
}

/// How the quiet company fares.
fn quiet<'a>(table: &mut Table, when: &str, items: impl IntoIterator<Item = &'a Timed>, alone: &Percentiles) {
    let quiet = Percentiles::of(each_took(items));
    table.percentiles(&format!("created to copied, quiet company {when}"), &quiet, None);
    table.row(
        "its p99, times what it is alone",
        ratio(quiet.p99 / alone.p99),
        Some(Target::at_most(SLOWED, ratio)),
    );
}

/// How the busy ones fare, and what it costs that they have to wait.
fn busy(table: &mut Table, beside: &Beside) {
    table.percentiles("created to copied, busy companies", &beside.busy, None);
    table.row(
        "until their last item was copied",
        seconds(beside.took.as_secs_f64()),
        None,
    );
    table.row("… with no call wasted", seconds(beside.ideal.as_secs_f64()), None);
    let per_item = |counted: usize| count(counted as f64 / beside.seen.items as f64);
    let refused = per_item(beside.seen.refused());
    table.row("calls refused with 429, for each item of all three", refused, None);
    let handed_back = per_item(beside.seen.handed_back());
    table.row("… requests that hand messages back", handed_back, None);
    let records = beside.seen.asked(&["ForwardItem", "CopyItem"], "dynamodb");
    table.row(
        "… requests to DynamoDB, where most have to wait",
        per_item(records.values().sum()),
        None,
    );
}

impl Crowd {
    /// The busy companies create their items, and the quiet one some all the while.
    async fn beside(&self, load: Load, each: usize, ideal: Duration) -> Beside {
        let mut window = Window::open(&self.stand).await.looking_each(WINDOW / 20);
        let (began, going_on) = (Instant::now(), AtomicBool::new(true));
        let (of_quiet, (of_busy, arrived, took)) = tokio::join!(self.quiet.create_while(&going_on, PACE), async {
            let [one, other] = &self.busy;
            let (one, other) = tokio::join!(one.create(each, load.pace()), other.create(each, load.pace()));
            all_are_queued(&self.stand, &self.busy).await;
            let arrived = Timestamp::now();
            for sender in &self.busy {
                window.copies(sender.target().id, each).await;
            }
            going_on.store(false, Ordering::Relaxed);
            ([one, other], arrived, began.elapsed())
        });
        window.copies(self.quiet.target().id, of_quiet.len()).await;
        let seen = window.close(2 * each + of_quiet.len()).await;
        let mut busy = Vec::new();
        for (sender, items) in self.busy.iter().zip(&of_busy) {
            busy.extend(sender.times(items).await);
        }
        Beside {
            quiet: self.quiet.times(&of_quiet).await,
            arrived,
            busy: Percentiles::of(each_took(&busy)),
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
