//! How often somebody may type a code that does not exist.

use std::time::Duration;

use jiff::Timestamp;

/// Misses allowed in one window, for a user and for a project each.
pub const MISSES_ALLOWED: u32 = 10;

/// How long a window lasts. It opens with its first miss.
pub const WINDOW: Duration = Duration::from_secs(60 * 60);

/// How many misses were counted, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misses {
    /// Misses counted in this window.
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

/// Decides about one more attempt. `misses` is what has been counted so far, if anything.
#[must_use]
pub fn attempt(misses: Option<Misses>, now: Timestamp) -> Attempt {
    let Some(misses) = misses else {
        return Attempt::OpensWindow;
    };
    let ends = misses.since.saturating_add(WINDOW).unwrap_or(Timestamp::MAX);
    if ends <= now {
        Attempt::OpensWindow
    } else if misses.count < MISSES_ALLOWED {
        Attempt::CountedInWindow
    } else {
        Attempt::RefusedUntil(ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_misses_an_hour_are_allowed_and_the_eleventh_waits_for_the_hour_to_end() {
        let since = Timestamp::from_second(0).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(attempt(None, at(0)), Attempt::OpensWindow);
        assert_eq!(
            attempt(Some(Misses { count: 9, since }), at(3599)),
            Attempt::CountedInWindow
        );
        assert_eq!(
            attempt(Some(Misses { count: 10, since }), at(3599)),
            Attempt::RefusedUntil(at(3600))
        );
        assert_eq!(
            attempt(Some(Misses { count: 10, since }), at(3600)),
            Attempt::OpensWindow
        );
    }
}
