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

/// Calls in a short window where Procore has not said how many: what it typically allows.
const TYPICAL_LIMIT: u64 = 25;

/// Turns are given for all but one in so many of a limit's calls. Messages come back on whole seconds, so that some windows see a
/// few more than their share, and people's own requests need room, too.
const SPARED: u64 = 25;

/// The longest that anybody is sent away for a turn: less than the 12 hours for which SQS keeps a message back.
const LONGEST_TURN: Duration = Duration::from_secs(11 * 60 * 60);

/// Turns with one company, one after the other at the pace of its limit.
///
/// So a thousand waiting messages do not all come back for the twenty-five calls of the next ten seconds, to be handed back once
/// more. Nor do those twenty-five come in one moment: they would take all the workers that there are, and others' messages
/// would have to wait for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turns {
    /// When the first one is.
    pub first: Timestamp,
    /// From one to the next.
    pub each: Duration,
}

impl Turns {
    /// When the turn is that has `before` others before it.
    #[must_use]
    pub fn after(self, before: u32) -> Timestamp {
        let later = self.each.saturating_mul(before);
        self.first.saturating_add(later).unwrap_or(Timestamp::MAX)
    }

    /// The same turns behind those that were given already.
    #[must_use]
    pub fn behind(self, line_ends: Option<Timestamp>) -> Self {
        Self {
            first: line_ends.map_or(self.first, |ends| ends.max(self.first)),
            ..self
        }
    }

    /// How long somebody has to wait for the turn that has `before` others before it.
    #[must_use]
    pub fn wait(self, before: u32, now: Timestamp) -> Duration {
        until(self.after(before), now).unwrap_or_default().min(LONGEST_TURN)
    }
}

/// One company's pace, as far as one worker knows it: when it may be asked again, and until when turns with it are given.
///
/// Who has to wait stands in one line, whichever worker they came to: the line is kept where all workers see it, and each
/// remembers what it has last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    closed_until: Option<Timestamp>,
    /// Until when the calls that are left are for what people wait for.
    kept_until: Option<Timestamp>,
    /// Calls in a window, where Procore said so.
    limit: Option<u64>,
    /// From when on there are turns for those who have none yet.
    line_ends: Option<Timestamp>,
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
        self.closed_until = self.closed_until.max(Some(until));
    }

    /// How long Procore wants to be left alone still, if it does.
    #[must_use]
    pub fn rest(&self, now: Timestamp) -> Option<Duration> {
        until(self.closed_until?, now)
    }

    /// How long background work is to leave the company alone: as long as everybody, or until it gets calls again.
    #[must_use]
    pub fn rest_in_background(&self, now: Timestamp) -> Option<Duration> {
        until(self.kept_until.max(self.closed_until)?, now)
    }

    /// The turns of those who come now, if they have to wait for one: where the company is to be left alone, and whoever has had
    /// no turn yet also where others are in the line already.
    #[must_use]
    pub fn turns(&self, had_turn: bool, now: Timestamp) -> Option<Turns> {
        let opens = self.closed_until.filter(|until| now < *until);
        let line_ends = self.line_ends.filter(|ends| now < *ends);
        if opens.is_none() && (had_turn || line_ends.is_none()) {
            return None;
        }
        let window = self.rest(now).unwrap_or_default().max(SHORT_WINDOW);
        let limit = self.limit.unwrap_or(TYPICAL_LIMIT);
        let given = (limit - limit / SPARED).max(1);
        let each = u64::try_from(window.as_millis()).unwrap_or(u64::MAX) / given;
        let turns = Turns {
            first: opens.unwrap_or(now),
            each: Duration::from_millis(each),
        };
        Some(turns.behind(line_ends))
    }

    /// Turns were given until then: whoever comes now is behind them.
    pub fn line_ends(&mut self, at: Timestamp) {
        self.line_ends = self.line_ends.max(Some(at));
    }
}

/// How long it is until then, if it is not over.
fn until(then: Timestamp, now: Timestamp) -> Option<Duration> {
    (now < then).then(|| then.duration_since(now).unsigned_abs())
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

    fn said(limit: u64, remaining: u64, reset: u64) -> Limits {
        Limits {
            limit: Some(limit),
            remaining: Some(remaining),
            reset: Some(reset),
        }
    }

    #[test]
    fn the_last_call_of_a_window_closes_it_until_the_next() {
        let mut pace = Pace::default();
        pace.heard(said(25, 1, 1_007), at(1_000));
        assert_eq!(pace.turns(false, at(1_000)), None);
        pace.heard(said(25, 0, 1_007), at(1_000));
        assert_eq!(pace.turns(true, at(1_001)).unwrap().first, at(1_007));
        assert_eq!(pace.turns(true, at(1_007)), None);
    }

    #[test]
    fn turns_come_at_the_pace_of_the_limit() {
        let mut pace = Pace::default();
        pace.heard(said(4, 0, 1_004), at(1_000));
        let turns = pace.turns(false, at(1_000)).unwrap();
        let waits: Vec<_> = (0..6).map(|before| turns.wait(before, at(1_000)).as_millis()).collect();
        assert_eq!(waits, [4_000, 6_500, 9_000, 11_500, 14_000, 16_500]);
    }

    #[test]
    fn who_comes_later_stands_behind_those_who_wait_and_who_had_a_turn_does_not() {
        let mut pace = Pace::default();
        pace.heard(said(25, 0, 1_005), at(1_000));
        pace.line_ends(at(1_020));
        pace.line_ends(at(1_015));
        let first = |had_turn, second| pace.turns(had_turn, at(second)).map(|turns| turns.first);
        assert_eq!(first(false, 1_001), Some(at(1_020)));
        // It came too early: others have used the window up.
        assert_eq!(first(true, 1_001), Some(at(1_020)));
        assert_eq!(first(false, 1_010), Some(at(1_020)));
        assert_eq!(first(true, 1_010), None);
        assert_eq!(first(false, 1_020), None);
    }

    #[test]
    fn without_a_word_about_its_limit_a_company_is_taken_for_a_typical_one() {
        let mut pace = Pace::default();
        pace.close(Duration::from_secs(3), at(1_000));
        let turns = pace.turns(false, at(1_000)).unwrap();
        assert_eq!(turns.wait(24, at(1_000)).as_secs(), 12);
    }

    proptest! {
        #[test]
        fn no_window_is_given_more_turns_than_it_has_calls(
            waiting in 1_u32..500, limit in 1_u64..100, rest in 1_u64..=10, ahead in 0_i64..100,
        ) {
            let mut pace = Pace::default();
            pace.heard(said(limit, 0, 1_000 + rest), at(1_000));
            pace.line_ends(at(1_000 + ahead));
            let turns = pace.turns(false, at(1_000)).unwrap();
            let mut given = std::collections::HashMap::new();
            for before in 0..waiting {
                let since_open = turns.after(before).duration_since(turns.first).as_millis();
                *given.entry(since_open / i128::try_from(SHORT_WINDOW.as_millis()).unwrap()).or_insert(0) += 1;
            }
            // What is left over of a millisecond may fall into the window before.
            prop_assert!(given.values().all(|turns| *turns <= limit + 1), "{given:?}");
        }

        #[test]
        fn all_workers_together_give_each_turn_once(
            asked in proptest::collection::vec((0_i64..5, 0_u32..11, any::<bool>()), 1..30), limit in 1_u64..100,
        ) {
            // The table's part: it hands the line's end on from one to the next, whatever each worker has seen of it.
            let (mut line, mut taken, mut now) = (None, Vec::new(), 1_000);
            for (later, count, has_seen_the_line) in asked {
                now += later;
                let mut pace = Pace::default();
                pace.heard(said(limit, 0, u64::try_from(now + 7).unwrap()), at(now));
                if let (true, Some(end)) = (has_seen_the_line, line) {
                    pace.line_ends(end);
                }
                let turns = pace.turns(false, at(now)).unwrap().behind(line);
                taken.extend((0..count).map(|before| turns.after(before)));
                line = Some(turns.after(count));
            }
            prop_assert!(taken.is_sorted());
            let each = Duration::from_millis(10_000 / limit);
            prop_assert!(taken.windows(2).all(|two| two[1].duration_since(two[0]).unsigned_abs() >= each));
        }

        #[test]
        fn nobody_is_sent_back_too_early_nor_for_longer_than_sqs_keeps_a_message(
            waits in proptest::collection::vec((0_u64..10_000, 0_u64..5_000), 1..20), limit in 0_u64..5_000, before: u32,
        ) {
            let mut pace = Pace::default();
            for (second, wait) in waits {
                let now = at(i64::try_from(second).unwrap());
                pace.heard(said(limit, 0, second + wait), now);
                let (rest, turns) = (pace.rest(now), pace.turns(true, now));
                prop_assert_eq!(rest.is_some(), turns.is_some());
                if let (Some(rest), Some(turns)) = (rest, turns) {
                    let wait = turns.wait(before, now);
                    prop_assert!(rest <= wait && wait < Duration::from_secs(43_200));
                }
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
