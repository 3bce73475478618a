//! Two busy companies and a quiet one.

use std::time::{Duration, Instant};

use gusset_tests::Stand;
use reqwest::Method;
use serde_json::json;

use crate::{
    figures::Percentiles,
    sender::{Sender, each_took},
    window::{Seen, Window},
};

/// How often the quiet company creates an item.
pub(crate) const QUIET_PACE: Duration = Duration::from_millis(100);

/// How often each company creates an item where all three go on steadily: twice as often as Procore's hourly limit, typically
/// 3,600 calls, lets a busy one do for long. An item costs each of its two companies a call.
pub(crate) const STEADY_PACE: Duration = Duration::from_millis(500);

/// Items of each company where all three go on steadily.
const STEADY_ITEMS: usize = 40;

/// Items of the quiet company alone, and beside a company at its limit: enough for their p99 not to be the slowest.
const QUIET_ITEMS: usize = 120;

/// A limit like Procore's own: calls in 10 seconds.
const SPIKE: u32 = 25;

/// Items to a company at its limit: enough for some windows of the limit.
const LIMITED_ITEMS: usize = 75;

/// Items that are sent before anything is measured.
const WARM_UP: usize = 120;

pub(crate) struct Crowd {
    pub(crate) stand: Stand,
    pub(crate) busy: [Sender; 2],
    pub(crate) quiet: Sender,
}

/// What came of all three at once.
pub(crate) struct Flood {
    pub(crate) took: Duration,
    pub(crate) webhooks: Percentiles,
    pub(crate) busy: Percentiles,
    pub(crate) quiet: Percentiles,
    pub(crate) seen: Seen,
}

/// What came of a company at its limit beside the quiet one.
pub(crate) struct Limited {
    pub(crate) items: usize,
    pub(crate) spike: u32,
    pub(crate) quiet: Percentiles,
    pub(crate) refused: usize,
    pub(crate) took: Duration,
    /// The least that the limit leaves.
    pub(crate) ideal: Duration,
}

impl Crowd {
    /// Makes the companies, and lets them send some items, so that nothing is measured that happens once.
    pub(crate) async fn gather(stand: &Stand) -> Self {
        let crowd = Self {
            stand: stand.clone(),
            busy: [Sender::new().await, Sender::new().await],
            quiet: Sender::new().await,
        };
        // At once, so that as many processes run as will be needed.
        crowd.flood(WARM_UP, WARM_UP / 3).await;
        crowd
    }

    /// The quiet company without the others: how long its items take, and what they cost.
    pub(crate) async fn quiet_alone(&self) -> (Percentiles, Seen) {
        let mut window = Window::open(&self.stand).await;
        let items = self.quiet.create(QUIET_ITEMS, QUIET_PACE).await;
        window.copies(self.quiet.target().id, QUIET_ITEMS).await;
        let seen = window.close(QUIET_ITEMS).await;
        (Percentiles::of(each_took(&self.quiet.times(&items).await)), seen)
    }

    /// All three at once: the busy ones as fast as they can.
    pub(crate) async fn flood(&self, count: usize, quiet_count: usize) -> Flood {
        let each = (count - quiet_count).div_ceil(2);
        let counts = [each, count - quiet_count - each, quiet_count];
        self.together(counts, Duration::ZERO, QUIET_PACE).await
    }

    /// All three for a while, as busy as Procore lets a company be, and more.
    pub(crate) async fn steady(&self) -> Flood {
        self.together([STEADY_ITEMS; 3], STEADY_PACE, STEADY_PACE).await
    }

    async fn together(&self, counts: [usize; 3], busy_pace: Duration, quiet_pace: Duration) -> Flood {
        let [one, other] = &self.busy;
        let senders = [one, other, &self.quiet];
        let mut window = Window::open(&self.stand).await;
        let began = Instant::now();
        let (of_one, of_other, of_quiet) = tokio::join!(
            one.create(counts[0], busy_pace),
            other.create(counts[1], busy_pace),
            self.quiet.create(counts[2], quiet_pace)
        );
        for (sender, count) in senders.iter().zip(counts) {
            window.copies(sender.target().id, count).await;
        }
        let took = began.elapsed();
        let seen = window.close(counts.iter().sum()).await;
        let mut webhooks = Vec::new();
        for (sender, items) in senders.iter().zip([&of_one, &of_other, &of_quiet]) {
            webhooks.extend(sender.webhooks(items).await);
        }
        let mut busy = one.times(&of_one).await;
        busy.extend(other.times(&of_other).await);
        Flood {
            took,
            webhooks: Percentiles::of(webhooks),
            busy: Percentiles::of(each_took(&busy)),
            quiet: Percentiles::of(each_took(&self.quiet.times(&of_quiet).await)),
            seen,
        }
    }

    /// A busy company sends to one that is at its limit, and while the rest of its items wait, the quiet one as always.
    pub(crate) async fn limited(&self) -> Limited {
        let busy = &self.busy[0];
        let company = busy.pair.harbour.0.id;
        let limit = json!({"company_id": company, "hour": 1_000_000, "spike": SPIKE});
        self.stand.side_door(Method::PUT, "/limits", limit).await;
        let mut window = Window::open(&self.stand).await;
        let began = Instant::now();
        busy.create(LIMITED_ITEMS, Duration::ZERO).await;
        window.copies(busy.target().id, SPIKE as usize).await;
        window.until_still().await;
        let of_quiet = self.quiet.create(QUIET_ITEMS, QUIET_PACE).await;
        window.copies(self.quiet.target().id, QUIET_ITEMS).await;
        window.copies(busy.target().id, LIMITED_ITEMS).await;
        let took = began.elapsed();
        let seen = window.close(LIMITED_ITEMS + QUIET_ITEMS).await;
        // The first window of the limit is used up at once, and so is each that follows.
        let windows = LIMITED_ITEMS.div_ceil(SPIKE as usize) - 1;
        Limited {
            items: LIMITED_ITEMS,
            spike: SPIKE,
            quiet: Percentiles::of(each_took(&self.quiet.times(&of_quiet).await)),
            refused: seen.refused(),
            took,
            ideal: Duration::from_secs(10) * windows as u32,
        }
    }
}
