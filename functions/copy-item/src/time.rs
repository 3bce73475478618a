//! A worker's time. It ends with the function's time-out, and a copy's lease is reckoned from that.

use std::time::Duration;

use tokio::time::Instant;

/// The time of one batch of messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Time {
    began: Instant,
    whole: Duration,
    /// What is kept for creating the copy, when all that comes along with it is across.
    kept: Duration,
}

/// What the table may need to record a copy.
const RECORDING: Duration = Duration::from_secs(5);

/// What uploading a file may take whatever its size, in seconds: three requests.
const AT_LEAST: u64 = 30;

/// The slowest that sending a file may be, in bytes a second.
const SLOWEST: u64 = 500_000;

impl Time {
    /// The time of a batch that begins now. `whole` is the function's time-out, `longest_request` the longest that one call
    /// to Procore is waited for.
    pub(crate) fn from_now(whole: Duration, longest_request: Duration) -> Self {
        Self {
            began: Instant::now(),
            whole,
            kept: (longest_request + RECORDING).min(whole / 2),
        }
    }

    /// Whether so much of it is used up that the rest of the batch is better off with another worker.
    pub(crate) fn is_half_over(&self) -> bool {
        self.began.elapsed() >= self.whole / 2
    }

    /// Whether there is time to begin with files: what is begun late could not be finished, and would begin anew.
    pub(crate) fn is_good_for_files(&self) -> bool {
        self.began.elapsed() < self.whole / 4
    }

    /// Whether there is time to begin with one more file.
    pub(crate) fn is_good_for_another_file(&self) -> bool {
        Instant::now() + self.whole / 4 <= self.files_end()
    }

    /// Until when a file of so many bytes, begun now, may take to be uploaded: each has a time of its own.
    pub(crate) fn upload_end(&self, size: u64) -> Instant {
        let own = Duration::from_secs(AT_LEAST + size / SLOWEST);
        (Instant::now() + own).min(self.files_end())
    }

    /// When files have to be across. A worker is ended at its function's time-out, before the lease of anything that it
    /// holds, and what is under way then is lost: so it stops by itself.
    pub(crate) fn files_end(&self) -> Instant {
        self.began + (self.whole - self.kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A batch's time, `used` of which is over.
    fn time(whole: u64, used: u64) -> Time {
        let mut time = Time::from_now(Duration::from_secs(whole), Duration::from_secs(30));
        time.began -= Duration::from_secs(used);
        time
    }

    #[test]
    fn files_begin_early_or_with_another_worker_and_leave_time_for_the_copy() {
        let fresh = time(120, 0);
        assert!(fresh.is_good_for_files() && !fresh.is_half_over());
        assert_eq!(fresh.files_end() - fresh.began, Duration::from_secs(85));
        let later = time(120, 30);
        assert!(!later.is_good_for_files() && !later.is_half_over());
        assert!(time(120, 60).is_half_over());
    }

    #[test]
    fn a_small_file_does_not_take_a_large_ones_time() {
        let fresh = time(120, 0);
        let takes = |size| fresh.upload_end(size).duration_since(Instant::now()).as_secs();
        assert!((29..=30).contains(&takes(1)) && (49..=50).contains(&takes(10_000_000)));
        assert!(takes(400_000_000) <= 85);
        assert!(fresh.is_good_for_another_file() && time(120, 54).is_good_for_another_file());
        assert!(!time(120, 56).is_good_for_another_file());
    }

    #[test]
    fn a_short_time_out_still_leaves_time_for_both() {
        let fresh = time(10, 0);
        assert_eq!(fresh.files_end() - fresh.began, Duration::from_secs(5));
    }
}
