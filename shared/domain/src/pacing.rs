//! How long to wait before asking Procore again.

use std::time::Duration;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::ids::CompanyId;

/// How long work waits that Procore refuses for the sake of Gusset's own app, before it asks again.
pub const APP_REFUSED: Duration = Duration::from_secs(60);

/// Attempts before a delivery that fails for passing reasons is given up. With the waits below, about a day.
pub const MAX_ATTEMPTS: u32 = 40;

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

/// The wait where Procore asks for one and does not say how long, or says nonsense: its shorter window.
const UNSAID_WAIT: Duration = SHORT_WINDOW;

/// How far back a moment may lie to which Procore asks to wait. One before that comes from a clock that is wrong.
const JUST_OVER: f64 = 60.0;

/// Returns how long Procore asks to be left alone, from the headers of a `429` or `503`: from 1 second to an hour.
///
/// Each header is understood in every form in which servers were seen to send it: seconds, whole or with a fraction; Unix
/// seconds or milliseconds; an HTTP date; an ISO 8601 one. What says nothing, or something absurd (negative, long ago, more
/// than an hour ahead), is passed over: it must not become an hour.
#[must_use]
pub fn asked_to_wait(retry_after: Option<&str>, reset: Option<&str>, now: Timestamp) -> Duration {
    let mut said = [retry_after, reset].into_iter().flatten();
    let wait = said.find_map(|text| wait_in(text, now)).unwrap_or(UNSAID_WAIT);
    wait.max(Duration::from_secs(1))
}

/// Returns when a window ends, in Unix seconds, from a header in any form that [`asked_to_wait`] understands.
#[must_use]
pub fn reset_at(text: &str, now: Timestamp) -> Option<u64> {
    let ends = now.saturating_add(wait_in(text, now)?).ok()?;
    // Up, so that nobody comes while the second is not over; but for what the reckoning itself has added.
    let milliseconds = (ends.as_nanosecond() + 500_000).div_euclid(1_000_000);
    u64::try_from((milliseconds + 999).div_euclid(1_000)).ok()
}

/// Returns how long a header's text asks to wait, at most an hour.
fn wait_in(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let until = |then: f64| then - now.as_duration().as_secs_f64();
    let seconds = if is_number {
        match text.parse::<f64>().ok()? {
            seconds if seconds < 1e8 => seconds,
            then if then < 1e11 => until(then),
            then if then < 1e14 => until(then / 1e3),
            _ => return None,
        }
    } else {
        until(moment(text)?.as_duration().as_secs_f64())
    };
    let sensible = -JUST_OVER..=LONGEST_WAIT.as_secs_f64();
    sensible
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds.max(0.0)))
}

/// Parses a moment in one of the three forms of an HTTP date (RFC 9110, section 5.6.7), or in ISO 8601.
fn moment(text: &str) -> Option<Timestamp> {
    let in_greenwich = |form| {
        let civil = DateTime::strptime(form, text).ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    text.parse()
        .ok()
        .or_else(|| in_greenwich("%a, %d %b %Y %H:%M:%S GMT"))
        .or_else(|| in_greenwich("%A, %d-%b-%y %H:%M:%S GMT"))
        .or_else(|| in_greenwich("%a %b %e %H:%M:%S %Y"))
}

/// Procore's shorter window, in which a limit starts anew. The longer one is an hour.
pub const SHORT_WINDOW: Duration = Duration::from_secs(10);

/// Background work leaves a `KEPT`th of each window to what people wait for.
const KEPT: u64 = 5;

/// The calls of an item, or of a sweep, that are paced as any item's are. One without attachments takes two.
const FIRST_CALLS: u32 = 4;

/// How much of each of a company's windows a call may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// All of it: people wait for it.
    Whole,
    /// All but a fifth: nobody waits for it.
    ButAFifth,
    /// Half of it, so that a large item leaves the other half to the company's other items.
    Half,
}

impl Share {
    /// The share for the next call of an item that has made `calls` calls.
    #[must_use]
    pub fn after(calls: u32) -> Self {
        if calls < FIRST_CALLS { Self::Whole } else { Self::Half }
    }
}

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
pub const TYPICAL_LIMIT: u64 = 25;

/// Calls in an hour where Procore has not said how many: what it typically allows.
pub const TYPICAL_HOUR: u64 = 3_600;

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
    /// Until when half of a window or less is left, which large items leave to others.
    halved_until: Option<Timestamp>,
    /// Calls that were left in a window after the latest answer, and when it ends.
    left: Option<(u64, Timestamp)>,
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
        let Some(remaining) = said.remaining else { return };
        let now_seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let wait = said.reset.map_or(SHORT_WINDOW, |reset| {
            Duration::from_secs(reset.saturating_sub(now_seconds)).min(LONGEST_WAIT)
        });
        self.left = now.saturating_add(wait).ok().map(|ends| (remaining, ends));
        if remaining == 0 {
            self.close(wait, now);
        }
        if said.limit.is_some_and(|limit| remaining.saturating_mul(KEPT) <= limit) {
            self.kept_until = self.kept_until.max(now.saturating_add(wait).ok());
        }
        if said.limit.is_some_and(|limit| remaining.saturating_mul(2) <= limit) {
            self.halved_until = self.halved_until.max(now.saturating_add(wait).ok());
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

    /// Returns how long a call with this share of each window has to wait, if it has to: as long as everybody, or until the
    /// company gets calls again.
    #[must_use]
    pub fn rest_of(&self, share: Share, now: Timestamp) -> Option<Duration> {
        let left_to_others = match share {
            Share::Whole => None,
            Share::ButAFifth => self.kept_until,
            Share::Half => self.halved_until,
        };
        until(left_to_others.max(self.closed_until)?, now)
    }

    /// Returns how long an item of a backfill has to wait before it begins, if it has to: until the company gets calls again, once
    /// nearly half of its window is used. `beside` others may begin at the same moment, with a call each.
    #[must_use]
    pub fn rest_of_backfill(&self, beside: u64, now: Timestamp) -> Option<Duration> {
        let used_up = self.left.filter(|(left, _)| {
            let limit = self.limit.unwrap_or(TYPICAL_LIMIT);
            *left <= limit / 2 + beside
        });
        until(used_up.map(|(_, ends)| ends).max(self.closed_until)?, now)
    }

    /// Half of the calls that are left in the company's window, where an answer in it said how many are.
    #[must_use]
    pub fn half_of_rest(&self, now: Timestamp) -> Option<u64> {
        let (left, _) = self.left.filter(|(_, ends)| now < *ends)?;
        Some(left / 2)
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

/// Companies that have to meet the limit in one window, and none of them got through in between, before it counts as the app's.
///
/// Two are the two ends of a connection, which are asked in turns and may well use up limits of their own at the same time.
const COMPANIES_OF_AN_APP: usize = 3;

/// After how long the first call is let through to see whether a limit is the app's.
const FIRST_TRY: Duration = Duration::from_secs(1);

/// The app's own pace, as far as one worker can tell: closed while Procore seems to count all companies' calls together.
///
/// Whether it does is not settled: Procore's documentation says both. So it is taken from the answers. Where three companies'
/// windows are used up and end in the same second, no further company is asked for the sake of learning the same. That may be
/// chance: windows that begin with the clock all end together. So a call is let through after a second, and then ever more rarely
/// down to one in each short window; where it succeeds, the limit was not the app's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppPace {
    /// When the window ends in which the limit was met, in Unix seconds.
    reset: u64,
    /// The companies with which it was met.
    met: Vec<CompanyId>,
    /// When the next call is let through to see.
    tried_at: Option<Timestamp>,
    /// How many were let through in this window.
    tries: u32,
}

impl AppPace {
    /// An answer came about a company. One that does not say what is left says nothing of the app.
    pub fn heard(&mut self, company: CompanyId, said: Limits, now: Timestamp) {
        match (said.remaining, said.reset) {
            (Some(0), Some(reset)) => self.met(company, reset, now),
            (Some(0) | None, _) => {}
            (Some(_), _) => *self = Self::default(),
        }
    }

    fn met(&mut self, company: CompanyId, reset: u64, now: Timestamp) {
        if self.reset != reset {
            *self = Self {
                reset,
                ..Self::default()
            };
        }
        if self.met.len() < COMPANIES_OF_AN_APP && !self.met.contains(&company) {
            self.met.push(company);
        }
        if self.met.len() == COMPANIES_OF_AN_APP && self.tried_at.is_none() {
            self.tried_at = self.next_try(now);
        }
    }

    /// When to let a call through next: what was chance is found out within a second, and what is true is not asked for often.
    fn next_try(&self, now: Timestamp) -> Option<Timestamp> {
        let wait = FIRST_TRY
            .saturating_mul(2_u32.saturating_pow(self.tries))
            .min(SHORT_WINDOW);
        now.saturating_add(wait).ok()
    }

    /// How long no company is to be asked, if the limit is the app's. Whoever is told none while it is closed is the one whose
    /// call is let through.
    pub fn rest(&mut self, now: Timestamp) -> Option<Duration> {
        let tried_at = self.tried_at?;
        let ends = i64::try_from(self.reset)
            .ok()
            .and_then(|reset| Timestamp::from_second(reset).ok())?;
        let rest = until(ends.min(tried_at), now);
        if rest.is_none() {
            self.tries = self.tries.saturating_add(1);
            self.tried_at = self.next_try(now);
        }
        rest.filter(|_| now < ends)
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
    fn half_of_what_is_left_is_told_while_the_window_lasts() {
        let mut pace = Pace::default();
        assert_eq!(pace.half_of_rest(at(1_000)), None, "nothing was said yet");
        pace.heard(said(25, 23, 1_010), at(1_000));
        assert_eq!(pace.half_of_rest(at(1_009)), Some(11));
        assert_eq!(pace.half_of_rest(at(1_010)), None, "a new window");
        pace.heard(said(25, 1, 1_020), at(1_011));
        assert_eq!(pace.half_of_rest(at(1_012)), Some(0));
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

    fn company(number: u64) -> CompanyId {
        CompanyId::new(number).unwrap()
    }

    #[test]
    fn a_limit_that_three_companies_meet_in_one_window_is_the_apps() {
        let mut app = AppPace::default();
        for (number, rest) in [(1, None), (2, None), (2, None), (3, Some(1))] {
            app.heard(company(number), said(25, 0, 1_007), at(1_000));
            assert_eq!(app.rest(at(1_000)), rest.map(Duration::from_secs), "{number}");
        }
        assert_eq!(app.rest(at(1_001)), None, "one is let through");
        app.heard(company(4), said(25, 0, 1_007), at(1_001));
        assert_eq!(app.rest(at(1_001)), Some(Duration::from_secs(2)), "and no other");
        assert_eq!(app.rest(at(1_007)), None);
    }

    #[test]
    fn windows_that_end_at_different_times_are_the_companies_own() {
        let mut app = AppPace::default();
        for (number, reset) in [(1, 1_007), (2, 1_008), (3, 1_007), (4, 1_008)] {
            app.heard(company(number), said(25, 0, reset), at(1_000));
            assert_eq!(app.rest(at(1_000)), None);
        }
    }

    #[test]
    fn chance_is_found_out_within_a_second() {
        let mut app = AppPace::default();
        for number in 1..=3 {
            app.heard(company(number), said(3_600, 0, 3_000), at(1_000));
        }
        assert_eq!(app.rest(at(1_000)), Some(Duration::from_secs(1)));
        assert_eq!(app.rest(at(1_001)), None, "one is let through");
        assert_eq!(app.rest(at(1_001)), Some(Duration::from_secs(2)), "and no other");
        app.heard(company(4), said(3_600, 17, 3_000), at(1_002));
        assert_eq!(app.rest(at(1_002)), None, "it was not the app's");
    }

    #[test]
    fn what_is_the_apps_is_asked_for_ever_more_rarely_and_in_each_short_window_once() {
        let mut app = AppPace::default();
        for number in 1..=3 {
            app.heard(company(number), said(3_600, 0, 3_000), at(1_000));
        }
        let (mut now, mut waits) = (1_000, Vec::new());
        for number in 4..10 {
            let rest = app.rest(at(now)).unwrap();
            waits.push(rest.as_secs());
            now += i64::try_from(rest.as_secs()).unwrap();
            assert_eq!(app.rest(at(now)), None);
            app.heard(company(number), said(3_600, 0, 3_000), at(now));
        }
        assert_eq!(waits, [1, 2, 4, 8, 10, 10]);
    }

    #[test]
    fn an_answer_without_the_headers_says_nothing_of_the_app() {
        let mut app = AppPace::default();
        for number in 1..=3 {
            app.heard(company(number), said(25, 0, 1_007), at(1_000));
        }
        for unsaid in [
            Limits::default(),
            Limits {
                reset: None,
                ..said(25, 0, 0)
            },
        ] {
            app.heard(company(4), unsaid, at(1_000));
            assert_eq!(app.rest(at(1_000)), Some(Duration::from_secs(1)));
        }
    }

    proptest! {
        /// Whatever Procore says, a company is never kept from being asked for longer than a short window by what others met.
        #[test]
        fn the_app_is_never_closed_for_longer_than_a_short_window(
            answers in proptest::collection::vec((1_u64..6, 0_u64..3, 0_u64..4_000, 0_i64..20), 1..60),
        ) {
            let (mut app, mut now) = (AppPace::default(), 1_000);
            for (number, remaining, reset, passes) in answers {
                app.heard(company(number), said(25, remaining, reset), at(now));
                now += passes;
                if let Some(rest) = app.rest(at(now)) {
                    prop_assert!(rest <= SHORT_WINDOW);
                    prop_assert_eq!(app.clone().rest(at(now) + rest), None);
                }
            }
        }
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
            while remaining > 0 && pace.rest_of(Share::ButAFifth, at(1_000)).is_none() {
                remaining -= 1;
                pace.heard(said(remaining), at(1_000));
            }
            prop_assert_eq!(remaining, limit / 5);
            prop_assert_eq!(pace.rest(at(1_000)).is_none(), remaining > 0 || limit == 0);
            prop_assert_eq!(pace.rest_of(Share::ButAFifth, at(1_000 + i64::try_from(ahead).unwrap())), None);
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
                prop_assert!(pace.rest_of(Share::ButAFifth, now) >= pace.rest(now));
            }
        }
    }

    proptest! {
        /// Large items ask whenever they may, others come in between: whatever the order, half of the window is theirs.
        #[test]
        fn large_items_leave_half_of_each_window(
            limit in 2_u64..5_000, ahead in 1_u64..3_600, others in proptest::collection::vec(0_u64..4, 1..200),
        ) {
            let mut pace = Pace::default();
            let (mut remaining, mut by_large) = (limit, 0);
            let told = |remaining| said(limit, remaining, 1_000 + ahead);
            for come in others {
                if remaining > 0 && pace.rest_of(Share::after(FIRST_CALLS), at(1_000)).is_none() {
                    by_large += 1;
                    remaining -= 1;
                    pace.heard(told(remaining), at(1_000));
                }
                let served = come.min(remaining);
                remaining -= served;
                if served > 0 {
                    pace.heard(told(remaining), at(1_000));
                }
            }
            prop_assert!(by_large <= limit.div_ceil(2), "{by_large} of {limit}");
            let next_window = at(1_000 + i64::try_from(ahead).unwrap());
            prop_assert_eq!(pace.rest_of(Share::Half, next_window), None);
        }

        #[test]
        fn only_what_goes_on_beyond_its_first_calls_is_large(calls: u32) {
            prop_assert_eq!(Share::after(calls) == Share::Half, calls >= 4);
        }

        /// Whatever a server sends, in both headers: nothing that it did not ask for becomes an hour.
        #[test]
        fn a_bad_wait_never_becomes_an_hour(
            sign in "[-+]?", number in prop_oneof![Just(0_u64), 3_601_u64..100_000_000, 1_700_003_700..u64::MAX], tail in "(|\\.[0-9]{1,3}|s|,5|e9| ?%)",
        ) {
            let now = at(1_700_000_000);
            let text = format!("{sign}{number}{tail}");
            for wait in [asked_to_wait(Some(&text), None, now), asked_to_wait(None, Some(&text), now)] {
                prop_assert!(wait <= Duration::from_secs(10), "{text}: {wait:?}");
            }
        }

        /// The same moment, in every form.
        #[test]
        fn every_form_of_a_wait_is_understood(seconds in 1_u64..3_600) {
            let now = at(1_700_000_000);
            let then = now + Duration::from_secs(seconds);
            let zoned = then.to_zoned(TimeZone::UTC);
            let forms = [
                seconds.to_string(),
                format!(" {seconds}.0 "),
                then.as_second().to_string(),
                then.as_millisecond().to_string(),
                then.to_string(),
                zoned.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
                zoned.strftime("%A, %d-%b-%y %H:%M:%S GMT").to_string(),
                zoned.strftime("%a %b %e %H:%M:%S %Y").to_string(),
            ];
            for form in forms {
                prop_assert_eq!(asked_to_wait(Some(&form), None, now).as_secs(), seconds, "{}", &form);
                prop_assert_eq!(asked_to_wait(Some("soon"), Some(&form), now).as_secs(), seconds, "{}", &form);
                prop_assert_eq!(reset_at(&form, now), u64::try_from(then.as_second()).ok(), "{}", &form);
            }
        }
    }

    #[test]
    fn the_last_call_closes_a_window_also_where_its_end_is_not_said() {
        let mut pace = Pace::default();
        let unsaid = Limits {
            reset: None,
            ..said(25, 0, 0)
        };
        pace.heard(unsaid, at(1_000));
        assert_eq!(pace.rest(at(1_000)), Some(Duration::from_secs(10)));
    }

    #[test]
    fn procore_is_left_alone_for_as_long_as_it_asks() {
        let now = at(1_700_000_000);
        let wait = |retry_after, reset| asked_to_wait(retry_after, reset, now).as_secs_f64();
        assert_eq!(wait(Some("7"), Some("1700000030")), 7.0);
        assert_eq!(wait(Some("1.5"), None), 1.5);
        assert_eq!(wait(None, Some("1700000030")), 30.0);
        assert_eq!(wait(Some("3600"), None), 3_600.0);
        assert_eq!(wait(Some("0"), None), 1.0);
        // It has just been reached.
        assert_eq!(wait(Some("1699999990"), None), 1.0);
        for nonsense in [
            "",
            "-5",
            "soon",
            "3601",
            "1600000000",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "1e3",
            "NaN",
            "inf",
            ".",
        ] {
            assert_eq!(wait(Some(nonsense), None), 10.0, "{nonsense}");
            assert_eq!(wait(Some(nonsense), Some("1700000030")), 30.0, "{nonsense}");
        }
    }
}
