//! Pauses: either side stops what would travel, for a while. What is new waits, and nothing is lost.

use serde::{Deserialize, Serialize};

use super::Side;
use crate::people::Actor;

/// Which sides have paused a connection, who did, and when. Items travel again once both have resumed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Pauses {
    #[serde(skip_serializing_if = "Option::is_none")]
    requester: Option<Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<Actor>,
}

impl Pauses {
    /// A side's pause, while there is one.
    #[must_use]
    pub fn of(&self, side: Side) -> Option<&Actor> {
        match side {
            Side::Requester => self.requester.as_ref(),
            Side::Recipient => self.recipient.as_ref(),
        }
    }

    /// Whether neither side has paused it.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// These pauses, with one side's in the place of what it had.
    pub(super) fn with(&self, side: Side, pause: Option<Actor>) -> Self {
        let mut pauses = self.clone();
        match side {
            Side::Requester => pauses.requester = pause,
            Side::Recipient => pauses.recipient = pause,
        }
        pauses
    }
}
