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

/// Procore's shorter window, in which a limit starts anew. The longer one is an hour.
const SHORT_WINDOW: Duration = Duration::from_secs(10);

/// Background work leaves a `KEPT`th of each window to what people wait for.
const KEPT: u64 = 5;

/// What one answer says of a company's limits: `X-Rate-Limit-Limit`, `-Remaining` and `-Reset` (Unix seconds) of
/// whichever of Procore's two limits is nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Calls in the whole window.
    pub limit: Option<u64>,
    /// Calls left in it.
    pub remaining: Option<u64>,
    /// When the next window begins.
    pub reset: Option<u64>,
}

/// One company's pace, as far as one worker knows it: when it may be asked again, and who waits for that.
///
/// Those who wait are given turns, one after the other at the pace of the limit. So a thousand waiting messages do not all
/// come back for the twenty-five calls of the next ten seconds, to be handed back once more. Nor do those twenty-five come
/// in one moment: they would take all the workers that there are, and others' messages would have to wait for one.
///
/// Each worker gives turns of its own: together they may give more than there are, and what comes too early waits once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    closed_until: Option<Timestamp>,
    /// Until when the calls that are left are for what people wait for.
    kept_until: Option<Timestamp>,
    /// Calls in a window, where Procore said so.
    limit: Option<u64>,
    /// Those who were given a turn since it closed.
    waiting: u64,
}

impl Pace {
    /// An answer came: with its last call of the window used up, the company is not asked before the next one. The last
    /// fifth of a window is kept for what people wait for: background work waits for the next one.
    pub fn heard(&mut self, said: Limits, now: Timestamp) {
        self.limit = said.limit.or(self.limit);
        let (Some(remaining), Some(reset)) = (said.remaining, said.reset) else {
            return;
        };
        let now_seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let wait = Duration::from_secs(reset.saturating_sub(now_seconds)).min(LONGEST_WAIT);
        if remaining == 0 {
            self.close(wait, now);
        }
        if said.limit.is_some_and(|limit| remaining.saturating_mul(KEPT) <= limit) {
            self.kept_until = self.kept_until.max(now.saturating_add(wait).ok());
        }
    }

    /// Procore asked to be left alone for so long.
    pub fn close(&mut self, wait: Duration, now: Timestamp) {
        let until = now.saturating_add(wait).unwrap_or(now);
        if self.rest(now).is_none() {
            self.waiting = 0;
        }
        self.closed_until = self.closed_until.max(Some(until));
    }

    /// How long Procore wants to be left alone still, if it does.
    #[must_use]
    pub fn rest(&self, now: Timestamp) -> Option<Duration> {
        let until = self.closed_until.filter(|until| now < *until)?;
        Some(until.duration_since(now).unsigned_abs())
    }

    /// How long background work is to leave the company alone: as long as everybody, or until it gets calls again.
    #[must_use]
    pub fn rest_in_background(&self, now: Timestamp) -> Option<Duration> {
        let until = self.kept_until.max(self.closed_until).filter(|until| now < *until)?;
        Some(until.duration_since(now).unsigned_abs())
    }

    /// How long somebody has to wait for their turn, who needs `calls` calls. `None`: not at all.
    pub fn turn(&mut self, calls: u64, now: Timestamp) -> Option<Duration> {
        let rest = self.rest(now)?;
        let window = rest.max(SHORT_WINDOW).as_millis();
        let before = u128::from(self.waiting.saturating_mul(calls));
        self.waiting += 1;
        let later = self.limit.map_or(0, |limit| window * before / u128::from(limit.max(1)));
        let later = Duration::from_millis(u64::try_from(later).unwrap_or(u64::MAX));
        Some(rest.saturating_add(later).min(LONGEST_WAIT))
    }
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

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_last_call_of_a_window_closes_it_until_the_next() {
        let mut pace = Pace::default();
        let said = |remaining| Limits {
            limit: Some(25),
            remaining: Some(remaining),
            reset: Some(1_007),
        };
        pace.heard(said(1), at(1_000));
        assert_eq!(pace.turn(1, at(1_000)), None);
        pace.heard(said(0), at(1_000));
        assert_eq!(pace.turn(1, at(1_001)), Some(Duration::from_secs(6)));
        assert_eq!(pace.turn(1, at(1_007)), None);
    }

    #[test]
    fn who_waits_is_given_turns_at_the_pace_of_the_limit() {
        let mut pace = Pace::default();
        pace.heard(
            Limits {
                limit: Some(4),
                remaining: Some(0),
                reset: Some(1_004),
            },
            at(1_000),
        );
        let turns: Vec<_> = (0..6).map(|_| pace.turn(1, at(1_000)).unwrap().as_millis()).collect();
        assert_eq!(turns, [4_000, 6_500, 9_000, 11_500, 14_000, 16_500]);
    }

    proptest! {
        #[test]
        fn no_window_is_given_more_turns_than_it_has_calls(waiting in 1_u64..500, limit in 5_u64..100, rest in 1_i64..=10) {
            let mut pace = Pace::default();
            let reset = u64::try_from(1_000 + rest).unwrap();
            pace.heard(Limits { limit: Some(limit), remaining: Some(0), reset: Some(reset) }, at(1_000));
            let mut given = std::collections::HashMap::new();
            for _ in 0..waiting {
                let turn = pace.turn(1, at(1_000)).unwrap();
                let window = (turn.as_millis() - u128::try_from(rest).unwrap() * 1_000) / SHORT_WINDOW.as_millis();
                *given.entry(window).or_insert(0) += 1;
            }
            // What is left over of a millisecond may fall into the window before.
            prop_assert!(given.values().all(|turns| *turns <= limit + 1), "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn nobody_is_sent_back_too_early_nor_for_more_than_an_hour(
            waits in proptest::collection::vec((0_u64..10_000, 0_u64..5_000), 1..20), limit in 0_u64..5_000, calls in 0_u64..10,
        ) {
            let mut pace = Pace::default();
            for (second, wait) in waits {
                let now = at(i64::try_from(second).unwrap());
                pace.heard(Limits { limit: Some(limit), remaining: Some(0), reset: Some(second + wait) }, now);
                let rest = pace.rest(now);
                let turn = pace.turn(calls, now);
                prop_assert_eq!(rest.is_some(), turn.is_some());
                prop_assert!(turn >= rest.map(|rest| rest.min(LONGEST_WAIT)));
                prop_assert!(turn.is_none_or(|turn| turn <= LONGEST_WAIT));
            }
        }
    }

    proptest! {
        #[test]
        fn background_work_leaves_a_fifth_of_each_window(limit in 0_u64..5_000, ahead in 1_u64..3_600) {
            let mut pace = Pace::default();
            let mut remaining = limit;
            let said = |remaining| Limits { limit: Some(limit), remaining: Some(remaining), reset: Some(1_000 + ahead) };
            while remaining > 0 && pace.rest_in_background(at(1_000)).is_none() {
                remaining -= 1;
                pace.heard(said(remaining), at(1_000));
            }
            prop_assert_eq!(remaining, limit / 5);
            prop_assert_eq!(pace.rest(at(1_000)).is_none(), remaining > 0 || limit == 0);
            prop_assert_eq!(pace.rest_in_background(at(1_000 + i64::try_from(ahead).unwrap())), None);
        }

        #[test]
        fn background_work_never_goes_before_what_people_wait_for(
            answers in proptest::collection::vec((0_u64..100, 0_u64..30, 0_u64..60, 0_u64..20), 1..20),
        ) {
            let mut pace = Pace::default();
            for (second, remaining, wait, closed) in answers {
                let now = at(i64::try_from(second).unwrap());
                pace.heard(Limits { limit: Some(25), remaining: Some(remaining), reset: Some(second + wait) }, now);
                if closed > 15 {
                    pace.close(Duration::from_secs(closed), now);
                }
                prop_assert!(pace.rest_in_background(now) >= pace.rest(now));
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
