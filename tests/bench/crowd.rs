//! Two busy companies and a quiet one.

use std::time::{Duration, Instant};

use gusset_tests::Stand;

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

/// Items of the quiet company alone: enough for their p99 not to be the slowest.
const QUIET_ITEMS: usize = 120;

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
}
