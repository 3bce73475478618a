//! A connection in the words of one side.

use gusset_words::say;
use jiff::Timestamp;
use serde::Serialize;

use super::{Connection, Ending, Party, Side, State, lifecycle::BETWEEN_REMINDERS};
use crate::{
    ids::ConnectionId,
    names::shown,
    people::{Actor, Person, Project},
    send::SendModes,
    service_account::{Holding, ServiceAccountId},
};

/// How a connection stands, as one side sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// This side asked, and waits.
    AwaitingResponse,
    /// The other side asked, and waits for this one.
    RequestPending,
    /// Items travel.
    Connected,
    /// Declined, withdrawn or disconnected.
    Ended,
}

impl Status {
    /// The status as pages show it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::AwaitingResponse => say!("connection-status-asked"),
            Self::RequestPending => say!("connection-status-pending"),
            Self::Connected => say!("connection-status-connected"),
            Self::Ended => say!("connection-status-ended"),
        }
    }
}

/// What a side may do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Accept the request.
    Accept,
    /// Decline the request.
    Decline,
    /// Remind the other side, from `remind_at` on.
    Remind,
    /// Withdraw the request.
    Withdraw,
    /// End the connection.
    Disconnect,
    /// Change the send modes, and who reviews RFIs.
    Settle,
    /// Pause the connection.
    Pause,
    /// Lift this side's pause.
    Resume,
    /// Delete this side's service account.
    DeleteServiceAccount,
    /// Make this side's service account again.
    MakeServiceAccount,
}

/// How a connection ended, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// In what way.
    pub how: Ending,
    /// From which side.
    pub by_side: Side,
    /// Who ended it, and when.
    #[serde(flatten)]
    pub stamp: Actor,
}

/// A side's pause of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paused {
    /// Which side paused it.
    pub by_side: Side,
    /// Who did, and when.
    #[serde(flatten)]
    pub stamp: Actor,
}

/// A connection as one side sees it: the API's `connection`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// The connection's id.
    pub id: ConnectionId,
    /// Counts the changes, from 1.
    pub version: u64,
    /// How it stands.
    pub status: Status,
    /// Which side this is.
    pub side: Side,
    /// The project across.
    pub other: Project,
    /// What this side sends.
    pub send: SendModes,
    /// What the other side sends.
    pub other_sends: SendModes,
    /// Who receives RFIs that arrive in this project.
    pub rfi_manager: Option<Person>,
    /// Whether this side accepts RFIs.
    pub accepts_rfis: bool,
    /// Whether the other side does.
    pub other_accepts_rfis: bool,
    /// The sides' pauses, this side's first. Empty where items travel.
    pub paused: Vec<Paused>,
    /// This side's service account, where it has one.
    pub service_account: Option<ServiceAccountId>,
    /// Whether the other side has one.
    pub other_has_service_account: bool,
    /// What keeps items from travelling, in words for both sides. Empty where nothing does.
    pub waiting: Vec<String>,
    /// Who asked, and when.
    pub asked: Actor,
    /// Who accepted, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Actor>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// What this side may do now.
    pub actions: Vec<Action>,
    /// When the next reminder may be sent. Absent where this side cannot remind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<Timestamp>,
}

impl View {
    /// Whether a side, as this one sees it, has paused the connection.
    #[must_use]
    pub fn is_paused_by(&self, side: Side) -> bool {
        self.paused.iter().any(|paused| paused.by_side == side)
    }

    /// What keeps items from travelling beside the pauses, in words for both sides.
    #[must_use]
    pub fn waiting_beside_pauses(&self) -> &[String] {
        self.waiting.get(self.paused.len()..).unwrap_or_default()
    }
}

impl Party {
    /// Why what arrives in this project waits, where it has no service account, in words for people of both sides.
    #[must_use]
    pub fn waits_for_account(&self) -> Option<String> {
        let name = shown(&self.project.name);
        let why = match &self.service_account {
            Holding::Made { .. } => return None,
            Holding::None => say!("reason-account-none", project = name.as_str()),
            Holding::Deleted { deleted } => {
                let day = deleted.at.strftime("%Y-%m-%d");
                say!(
                    "reason-account-deleted",
                    name = shown(&deleted.by.name),
                    project = name.as_str(),
                    day = day.to_string()
                )
            }
        };
        Some(say!("reason-account", why = why, project = name))
    }
}

impl Connection {
    /// How it stands, as one side sees it.
    #[must_use]
    pub fn status(&self, side: Side) -> Status {
        match (&self.state, side) {
            (State::Asked { .. }, Side::Requester) => Status::AwaitingResponse,
            (State::Asked { .. }, Side::Recipient) => Status::RequestPending,
            (State::Connected { .. }, _) => Status::Connected,
            (State::Ended { .. }, _) => Status::Ended,
        }
    }

    /// A side's pause in words for people of both sides, while there is one.
    #[must_use]
    pub fn paused_by(&self, side: Side) -> Option<String> {
        let pause = self.pause_of(side)?;
        let project = &self.party(side).project;
        Some(say!(
            "reason-paused",
            name = shown(&pause.by.name),
            company = shown(&project.company_name)
        ))
    }

    /// The connection in the words of one side.
    #[must_use]
    pub fn seen_from(&self, side: Side) -> View {
        let status = self.status(side);
        let (accepted, ended, remind_at) = match &self.state {
            State::Asked { last_reminder } => {
                let next = last_reminder.map_or(self.asked.at, |last| {
                    last.saturating_add(BETWEEN_REMINDERS).unwrap_or(last)
                });
                (None, None, (side == Side::Requester).then_some(next))
            }
            State::Connected { accepted, .. } => (Some(accepted.clone()), None, None),
            State::Ended {
                accepted,
                ended,
                ending,
                by_side,
            } => {
                let ended = Ended {
                    how: *ending,
                    by_side: *by_side,
                    stamp: ended.clone(),
                };
                (accepted.clone(), Some(ended), None)
            }
        };
        let party = self.party(side);
        let other = self.party(side.other());
        let paused = [side, side.other()].into_iter().filter_map(|by_side| {
            let stamp = self.pause_of(by_side)?.clone();
            Some(Paused { by_side, stamp })
        });
        View {
            id: self.id,
            version: self.version,
            status,
            side,
            other: other.project.clone(),
            send: party.send,
            other_sends: other.send,
            rfi_manager: party.rfi_manager().map(|manager| manager.person.clone()),
            accepts_rfis: party.rfi_review.is_accepting(),
            other_accepts_rfis: other.rfi_review.is_accepting(),
            paused: paused.collect(),
            service_account: party.service_account.id(),
            other_has_service_account: other.service_account.id().is_some(),
            waiting: self.obstacles(side),
            asked: self.asked.clone(),
            accepted,
            ended,
            actions: self.actions(side),
            remind_at,
        }
    }

    /// What keeps items from travelling, in words for both sides: pauses first, this side's before the other's.
    fn obstacles(&self, side: Side) -> Vec<String> {
        if self.connected_since().is_none() {
            return Vec::new();
        }
        let sides = [side, side.other()];
        let pauses = sides.into_iter().filter_map(|side| {
            let (who, pause) = (self.paused_by(side)?, self.pause_of(side)?);
            let (day, project) = (pause.at.strftime("%Y-%m-%d"), shown(&self.party(side).project.name));
            Some(format!(
                "{who} on {day}. What is new waits until an admin of {project} resumes the connection"
            ))
        });
        let accounts = sides
            .into_iter()
            .filter_map(|side| self.party(side).waits_for_account());
        pauses.chain(accounts).collect()
    }

    fn actions(&self, side: Side) -> Vec<Action> {
        match self.status(side) {
            Status::AwaitingResponse => vec![Action::Remind, Action::Withdraw, Action::Settle],
            Status::RequestPending => vec![Action::Accept, Action::Decline],
            Status::Connected => {
                let has_account = self.party(side).service_account.id().is_some();
                vec![
                    Action::Disconnect,
                    Action::Settle,
                    match self.pause_of(side) {
                        None => Action::Pause,
                        Some(_) => Action::Resume,
                    },
                    if has_account {
                        Action::DeleteServiceAccount
                    } else {
                        Action::MakeServiceAccount
                    },
                ]
            }
            Status::Ended => Vec::new(),
        }
    }
}
