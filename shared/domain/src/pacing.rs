//! How long to wait before asking Procore again.

use std::time::Duration;

use jiff::Timestamp;

/// Attempts before a delivery that fails for passing reasons is given up. With the waits below, about a day.
pub const MOST_ATTEMPTS: u32 = 40;

const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// The wait after the `attempts`-th failure (from 1): exponential, with full jitter, so that many that failed together
/// do not come back together. `random` is 64 random bits.
#[must_use]
pub fn back_off(attempts: u32, random: u64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX));
    let ceiling = doubled.min(LONGEST_WAIT);
    let span = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX).max(1);
    Duration::from_millis(random % span).max(Duration::from_secs(1))
}

/// How long Procore asks to be left alone, from the headers of a `429` or `503`.
///
/// `retry_after` is in seconds, `reset` in Unix seconds. Where Procore does not say, or says something absurd, the wait
/// is kept between one second and an hour.
#[must_use]
pub fn asked_to_wait(retry_after: Option<&str>, reset: Option<&str>, now: Timestamp) -> Duration {
    let seconds = |text: &str| text.trim().parse::<u64>().ok();
    let until_reset = |reset: u64| reset.saturating_sub(u64::try_from(now.as_second()).unwrap_or_default());
    let wait = retry_after
        .and_then(seconds)
        .or_else(|| reset.and_then(seconds).map(until_reset))
        .unwrap_or(10);
    Duration::from_secs(wait).clamp(Duration::from_secs(1), LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_wait_is_between_a_second_and_an_hour(attempts: u32, random: u64, header: String, reset: i64) {
            let now = Timestamp::from_second(1_700_000_000).unwrap();
            for wait in [
                back_off(attempts, random),
                asked_to_wait(Some(&header), None, now),
                asked_to_wait(None, Some(&reset.to_string()), now),
            ] {
                prop_assert!((Duration::from_secs(1)..=Duration::from_secs(3600)).contains(&wait));
            }
        }
    }

    #[test]
    fn procore_is_left_alone_for_as_long_as_it_asks() {
        let now = Timestamp::from_second(1_000).unwrap();
        assert_eq!(asked_to_wait(Some("7"), Some("1030"), now), Duration::from_secs(7));
        assert_eq!(asked_to_wait(None, Some("1030"), now), Duration::from_secs(30));
    }
}
