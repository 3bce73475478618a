//! What the person at the terminal reads, on standard error, in the manner of cargo.
//!
//! Nothing here fails: a terminal that was closed must not keep a stand from being stopped.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Tells of a step: a verb in the margin, then what it is done to.
pub(crate) fn step(verb: &str, what: &str) {
    let (bold, plain) = if is_terminal() {
        ("\x1b[1;32m", "\x1b[0m")
    } else {
        ("", "")
    };
    line(&format!("{bold}{verb:>12}{plain} {what}"));
}

/// Says something that is no step.
pub(crate) fn note(text: &str) {
    line(text);
}

/// Says something to standard output.
pub(crate) fn plain(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Says what went wrong.
pub(crate) fn failure(text: &str) {
    let (red, plain) = if is_terminal() {
        ("\x1b[1;31m", "\x1b[0m")
    } else {
        ("", "")
    };
    line(&format!("{red}error{plain}: {text}"));
}

/// Says what may become a problem.
pub(crate) fn warning(text: &str) {
    let (yellow, plain) = if is_terminal() {
        ("\x1b[1;33m", "\x1b[0m")
    } else {
        ("", "")
    };
    line(&format!("{yellow}warning{plain}: {text}"));
}

fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// A step's progress: one line that is written over on a terminal, and a line now and then elsewhere.
pub(crate) struct Progress {
    last: Instant,
    shown: bool,
}

impl Progress {
    /// Starts without saying anything.
    pub(crate) fn new() -> Self {
        Self {
            last: Instant::now(),
            shown: false,
        }
    }

    /// Tells how far the step is.
    pub(crate) fn update(&mut self, text: &str) {
        let every = if is_terminal() {
            Duration::from_millis(100)
        } else {
            Duration::from_secs(10)
        };
        if self.last.elapsed() < every {
            return;
        }
        self.last = Instant::now();
        if is_terminal() {
            let text: String = text.chars().take(80).collect();
            let _ = write!(std::io::stderr(), "\r\x1b[K{:>12} {text}", "");
            self.shown = true;
        } else {
            line(&format!("{:>12} {text}", ""));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
