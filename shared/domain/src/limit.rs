//! How often something may be done: so many times in a window, which opens with the first time.

use std::time::Duration;

use jiff::Timestamp;

/// How often something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Times in one window.
    pub most: u32,
    /// How long a window lasts.
    pub window: Duration,
}

/// How often what an ended connection may have left behind in Procore is looked for once more. Each look costs both
/// companies a call, whichever side asks for it.
pub const CLEARINGS: Limit = Limit::an_hour(10);

/// How often it was done, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Times counted in this window.
    pub count: u32,
    /// When the window opened.
    pub since: Timestamp,
}

/// What to do with one more attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It may be made, and is counted in the window that is open.
    CountedInWindow,
    /// It may be made, and opens a new window.
    OpensWindow,
    /// It may not be made before the time given.
    RefusedUntil(Timestamp),
}

impl Limit {
    /// So many times an hour.
    #[must_use]
    pub const fn an_hour(most: u32) -> Self {
        Self {
            most,
            window: Duration::from_secs(60 * 60),
        }
    }

    /// Decides about one more attempt. `counted` is what has been counted so far, if anything.
    #[must_use]
    pub fn attempt(self, counted: Option<Count>, now: Timestamp) -> Attempt {
        let Some(counted) = counted else {
            return Attempt::OpensWindow;
        };
        let ends = counted.since.saturating_add(self.window).unwrap_or(Timestamp::MAX);
        if ends <= now {
            Attempt::OpensWindow
        } else if counted.count < self.most {
            Attempt::CountedInWindow
        } else {
            Attempt::RefusedUntil(ends)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_an_hour_are_allowed_and_the_next_waits_for_the_hour_to_end() {
        let limit = Limit::an_hour(10);
        let since = Timestamp::from_second(0).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(limit.attempt(None, at(0)), Attempt::OpensWindow);
        assert_eq!(
            limit.attempt(Some(Count { count: 9, since }), at(3599)),
            Attempt::CountedInWindow
        );
        assert_eq!(
            limit.attempt(Some(Count { count: 10, since }), at(3599)),
            Attempt::RefusedUntil(at(3600))
        );
        assert_eq!(
            limit.attempt(Some(Count { count: 10, since }), at(3600)),
            Attempt::OpensWindow
        );
    }
}
