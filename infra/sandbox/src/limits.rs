//! Procore's two rate limits, an hour's and a 10-second spike's, per app and company, or per app; and the other settings of time.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::world::Id;

const HOUR: i64 = 3600;
const SPIKE: i64 = 10;

/// How many calls fit in an hour, and in 10 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rate {
    pub(crate) hour: u32,
    pub(crate) spike: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { hour: 3600, spike: 25 }
    }
}

/// The calls counted since a window began.
#[derive(Debug, Clone, Copy)]
struct Window {
    ends: i64,
    used: u32,
}

impl Window {
    fn at(&mut self, now: i64, length: i64) -> &mut Self {
        if now >= self.ends {
            *self = Self {
                ends: now + length,
                used: 0,
            };
        }
        self
    }
}

/// What a call is told of its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) allowed: bool,
    limit: u32,
    remaining: u32,
    reset: i64,
    now: i64,
}

impl Allowance {
    /// Writes the headers that Procore sends with every answer.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let mut number = |name: HeaderName, value: i64| headers.insert(name, HeaderValue::from(value));
        number(HeaderName::from_static("x-rate-limit-limit"), self.limit.into());
        number(HeaderName::from_static("x-rate-limit-remaining"), self.remaining.into());
        number(HeaderName::from_static("x-rate-limit-reset"), self.reset);
        if !self.allowed {
            number(header::RETRY_AFTER, (self.reset - self.now).max(1));
        }
    }
}

/// What is counted together: Procore's documentation says both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Per {
    /// An app's calls about one company.
    #[default]
    Company,
    /// All of an app's calls.
    App,
}

/// For whom a call counts: the company that it asks about, or else the person by whom the app asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Whose {
    Company(Id),
    Person(Id),
    Nobody,
}

/// An app, and for whom its calls count.
type Key = (String, Whose);

/// The settings of rates and times, and the counters.
pub(crate) struct Limits {
    pub(crate) per: Per,
    pub(crate) rate: Rate,
    pub(crate) rates_by_company: HashMap<Id, Rate>,
    pub(crate) token_lifetime: Duration,
    pub(crate) webhook_timeout: Duration,
    /// By how much the waits between a webhook's attempts, and the 12 hours of their end, are multiplied.
    pub(crate) webhook_backoff_scale: f64,
    windows: HashMap<Key, (Window, Window)>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per: Per::default(),
            rate: Rate::default(),
            rates_by_company: HashMap::new(),
            token_lifetime: Duration::from_secs(90 * 60),
            webhook_timeout: Duration::from_secs(5),
            webhook_backoff_scale: 1.0,
            windows: HashMap::new(),
        }
    }
}

impl Limits {
    /// Counts a call, unless a limit is used up.
    pub(crate) fn count(&mut self, application: &str, whose: Whose) -> Allowance {
        self.count_at(application, whose, Timestamp::now().as_second())
    }

    fn count_at(&mut self, application: &str, whose: Whose, now: i64) -> Allowance {
        let whose = match self.per {
            Per::Company => whose,
            Per::App => Whose::Nobody,
        };
        let own = match whose {
            Whose::Company(id) => self.rates_by_company.get(&id),
            Whose::Person(_) | Whose::Nobody => None,
        };
        let rate = own.copied().unwrap_or(self.rate);
        let fresh = Window { ends: 0, used: 0 };
        let (hour, spike) = self
            .windows
            .entry((application.to_owned(), whose))
            .or_insert((fresh, fresh));
        let (hour, spike) = (hour.at(now, HOUR), spike.at(now, SPIKE));
        let allowed = hour.used < rate.hour && spike.used < rate.spike;
        if allowed {
            hour.used += 1;
            spike.used += 1;
        }
        let (left_in_hour, left_in_spike) = (
            rate.hour.saturating_sub(hour.used),
            rate.spike.saturating_sub(spike.used),
        );
        // The nearer limit is the one that will stop the caller first; of two used up, the one that holds longer.
        if left_in_hour <= left_in_spike {
            Allowance {
                allowed,
                limit: rate.hour,
                remaining: left_in_hour,
                reset: hour.ends,
                now,
            }
        } else {
            Allowance {
                allowed,
                limit: rate.spike,
                remaining: left_in_spike,
                reset: spike.ends,
                now,
            }
        }
    }

    /// Begins all windows anew, or those of one company.
    pub(crate) fn restart(&mut self, company_id: Option<Id>) {
        self.windows
            .retain(|(_, whose), _| company_id.is_some_and(|company| *whose != Whose::Company(company)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(hour: u32, spike: u32) -> Limits {
        Limits {
            rate: Rate { hour, spike },
            ..Limits::default()
        }
    }

    #[test]
    fn the_nearer_limit_is_told() {
        let mut limits = limits(100, 25);
        let told = limits.count_at("app", Whose::Company(1), 1000);
        assert_eq!((told.limit, told.remaining, told.reset), (25, 24, 1010));
        for _ in 0..99 {
            limits.count_at("app", Whose::Company(1), 1000);
        }
        let stopped = limits.count_at("app", Whose::Company(1), 1001);
        assert_eq!((stopped.allowed, stopped.remaining, stopped.reset), (false, 0, 1010));
    }

    #[test]
    fn the_hour_holds_when_spikes_are_over() {
        let mut limits = limits(2, 25);
        limits.count_at("app", Whose::Company(1), 0);
        limits.count_at("app", Whose::Company(1), 20);
        let stopped = limits.count_at("app", Whose::Company(1), 40);
        assert_eq!((stopped.allowed, stopped.limit, stopped.reset), (false, 2, 3600));
        assert!(limits.count_at("app", Whose::Company(1), 3600).allowed);
    }

    #[test]
    fn companies_and_apps_are_counted_apart() {
        let mut limits = limits(10, 1);
        assert!(limits.count_at("app", Whose::Company(1), 0).allowed);
        assert!(!limits.count_at("app", Whose::Company(1), 0).allowed);
        assert!(limits.count_at("app", Whose::Company(2), 0).allowed);
        assert!(limits.count_at("other", Whose::Company(1), 0).allowed);
    }

    #[test]
    fn all_of_an_apps_calls_are_counted_together_where_the_limit_is_the_apps() {
        let mut limits = Limits {
            per: Per::App,
            ..limits(10, 2)
        };
        let mut count = |application, whose| limits.count_at(application, whose, 0).allowed;
        assert!(count("app", Whose::Company(1)) && count("app", Whose::Person(1)));
        assert!(!count("app", Whose::Company(2)) && count("other", Whose::Company(2)));
    }

    #[test]
    fn where_no_company_is_named_each_person_has_a_count() {
        let mut limits = limits(10, 1);
        assert!(limits.count_at("app", Whose::Person(1), 0).allowed);
        assert!(!limits.count_at("app", Whose::Person(1), 0).allowed);
        assert!(limits.count_at("app", Whose::Person(2), 0).allowed);
        assert!(limits.count_at("app", Whose::Company(1), 0).allowed);
        limits.restart(Some(1));
        assert!(limits.count_at("app", Whose::Company(1), 0).allowed);
        assert!(!limits.count_at("app", Whose::Person(1), 0).allowed);
    }
}
