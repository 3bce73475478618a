//! A connection between two projects, and everything that may happen to it.
//!
//! Both sides see the same record, each in its own words ([`view`]). What must hold after any sequence of actions by
//! any people, and is tested as such in `tests/connection_lifecycle.rs`:
//!
//! 1. The two sides are two different projects.
//! 2. What one side sees follows from what the other sees: `awaiting_response` ⇔ `request_pending`, `connected` ⇔
//!    `connected`, `ended` ⇔ `ended` with the same ending.
//! 3. Only the recipient accepts or declines; only the requester withdraws or reminds; either side disconnects.
//! 4. `ended` is final. Connecting again makes a new connection.
//! 5. Every change raises the version by exactly one; a refusal changes nothing.
//! 6. A side's send modes, and who reviews the RFIs that it gets, are changed by that side only.
//! 7. Accepting gives both sides a service account; ending takes both away; before and after there are none. In between
//!    a side's account is deleted and made again by that side only.
//! 8. Only what is connected is paused. A side's pause is made and lifted by that side only, and ends with the connection.

mod lifecycle;
mod pause;
mod review;
mod view;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use lifecycle::{
    AccountSeeds, BETWEEN_REMINDERS, Change, ConnectError, ServiceUsers, Terms, TransitionError, may_ask, next_reminder,
};
pub use pause::Pauses;
pub use review::{ReviewChoice, RfiReview};
pub use view::{Action, Ended, Paused, Status, View};

use crate::{
    ids::{ConnectionId, Pair, ProjectId, UserId},
    people::{Actor, Project, RfiManager},
    send::{SendMode, SendModes, Tool},
    service_account::Holding,
};

/// The two sides of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The project that asked, by typing the other's code.
    Requester,
    /// The project whose code was typed.
    Recipient,
}

impl Side {
    /// The side across.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Requester => Self::Recipient,
            Self::Recipient => Self::Requester,
        }
    }

    /// The name in the API and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Recipient => "recipient",
        }
    }
}

/// One side of a connection: its project, and what it chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The project.
    pub project: Project,
    /// What this side sends.
    pub send: SendModes,
    /// When this side last chose to have a tool's new items sent by themselves, while it did. What is older is not new.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub automatic_since: BTreeMap<Tool, Timestamp>,
    /// Who reviews the RFIs that arrive in this project over this connection.
    #[serde(flatten)]
    pub rfi_review: RfiReview,
    /// When this side last began to accept RFIs that it had refused, while it does. What is older stays where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts_rfis_since: Option<Timestamp>,
    /// The service account under which the connection acts in this project.
    #[serde(default)]
    pub service_account: Holding,
    /// The user in Procore as whom our app acts in this project's company, by which our own doings are known. Known from
    /// the accept on.
    #[serde(default)]
    pub service_user: Option<UserId>,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The recipient declined the request.
    Declined,
    /// The requester withdrew the request.
    Withdrawn,
    /// Either side ended a connection that had been made.
    Disconnected,
}

/// How far a connection has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Asked for, and not answered yet.
    Asked {
        /// When the requester last reminded the recipient.
        last_reminder: Option<Timestamp>,
    },
    /// Accepted: items travel, while no side has paused it.
    Connected {
        /// Who accepted, and when.
        accepted: Actor,
        /// Which sides have paused it.
        #[serde(default, skip_serializing_if = "Pauses::is_none")]
        paused: Pauses,
    },
    /// Declined, withdrawn or disconnected. Final.
    Ended {
        /// Who had accepted, where it had come to that.
        accepted: Option<Actor>,
        /// Who ended it, and when.
        ended: Actor,
        /// In what way.
        ending: Ending,
        /// From which side.
        by_side: Side,
    },
}

/// The link between two projects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Counts the changes, from 1. A change is written only over the version it was decided on.
    pub version: u64,
    /// The side that asked.
    pub requester: Party,
    /// The side that was asked.
    pub recipient: Party,
    /// Who asked, and when.
    pub asked: Actor,
    /// How far it has come.
    pub state: State,
}

impl Party {
    /// The Connected RFI Manager, where one is chosen.
    #[must_use]
    pub fn rfi_manager(&self) -> Option<&RfiManager> {
        self.rfi_review.manager()
    }
}

impl Connection {
    /// The side that a project is on, if it is on either.
    #[must_use]
    pub fn side_of(&self, project: ProjectId) -> Option<Side> {
        [Side::Requester, Side::Recipient]
            .into_iter()
            .find(|side| self.party(*side).project.id == project)
    }

    /// Its two projects.
    #[must_use]
    pub fn pair(&self) -> Pair {
        Pair::of(self.requester.project.id, self.recipient.project.id)
    }

    /// One side's party.
    #[must_use]
    pub fn party(&self, side: Side) -> &Party {
        match side {
            Side::Requester => &self.requester,
            Side::Recipient => &self.recipient,
        }
    }

    fn party_mut(&mut self, side: Side) -> &mut Party {
        match side {
            Side::Requester => &mut self.requester,
            Side::Recipient => &mut self.recipient,
        }
    }

    /// Who accepted and when, while items travel.
    #[must_use]
    pub fn connected_since(&self) -> Option<&Actor> {
        match &self.state {
            State::Connected { accepted, .. } => Some(accepted),
            State::Asked { .. } | State::Ended { .. } => None,
        }
    }

    /// A side's pause, while there is one.
    #[must_use]
    pub fn pause_of(&self, side: Side) -> Option<&Actor> {
        match &self.state {
            State::Connected { paused, .. } => paused.of(side),
            State::Asked { .. } | State::Ended { .. } => None,
        }
    }

    /// Whether either side has paused it.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        matches!(&self.state, State::Connected { paused, .. } if !paused.is_none())
    }

    /// Whether a side accepts items of a tool.
    #[must_use]
    pub fn accepts(&self, side: Side, tool: Tool) -> bool {
        tool != Tool::Rfis || self.party(side).rfi_review.is_accepting()
    }

    /// Since when a side's new items of a tool are sent by themselves, if they are: since the two are connected, since that
    /// side chose it, or since the other one accepts them, whichever was last.
    #[must_use]
    pub fn sends_since(&self, side: Side, tool: Tool) -> Option<Timestamp> {
        let (party, other) = (self.party(side), self.party(side.other()));
        let connected = self.connected_since()?.at;
        if party.send.of(tool) != SendMode::Automatic || !self.accepts(side.other(), tool) {
            return None;
        }
        let chosen = party.automatic_since.get(&tool).copied();
        let accepts = other.accepts_rfis_since.filter(|_| tool == Tool::Rfis);
        [Some(connected), chosen, accepts].into_iter().flatten().max()
    }

    /// Whether it is asked for or connected, so that the two projects cannot ask each other again.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self.state, State::Ended { .. })
    }
}
