//! How a test wants webhooks to misbehave.

use serde::{Deserialize, Serialize};

/// What happens to an event on its way into a hook's queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub(crate) enum Mode {
    #[default]
    Deliver,
    /// Events are lost.
    Drop,
    /// Each event comes `copies` times.
    Duplicate {
        #[serde(default = "two")]
        copies: usize,
    },
    /// Events are held until there are `window` of them, or `within_ms` have passed, and then come in reverse.
    Reorder {
        #[serde(default = "two")]
        window: usize,
        #[serde(default = "a_second")]
        within_ms: u64,
    },
    /// Events come `delay_ms` late.
    Delay { delay_ms: u64 },
}

fn two() -> usize {
    2
}

fn a_second() -> u64 {
    1000
}
