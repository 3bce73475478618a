//! The actions: each takes the connection as it is and gives the connection as it will be, or says why not.

use std::{collections::BTreeMap, time::Duration};

use gusset_words::say;
use jiff::Timestamp;

use super::{Connection, Ending, Party, Pauses, ReviewChoice, RfiReview, Side, State, Status};
use crate::{
    ids::{ConnectionId, ProjectId, UserId},
    people::{Actor, Person, Project},
    send::{SendChoice, SendMode, SendModes, Tool},
    service_account::{Holding, Seed, ServiceAccountId},
};

/// The least time between two reminders, the first of which may follow what it reminds of at once.
pub const BETWEEN_REMINDERS: Duration = Duration::from_secs(60 * 60);

/// What a side may settle when asking, when accepting, and at any time in between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// The send modes to change.
    pub send: SendChoice,
    /// Who reviews the RFIs that arrive. Absent, it stays as it is.
    pub review: Option<ReviewChoice>,
}

/// What the two service accounts' ids are made from when a request is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountSeeds {
    /// For the requester's.
    pub requester: Seed,
    /// For the recipient's.
    pub recipient: Seed,
}

/// The users as whom our app acts in the two companies, as Procore names them when a request is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServiceUsers {
    /// In the requester's company.
    pub requester: Option<UserId>,
    /// In the recipient's.
    pub recipient: Option<UserId>,
}

/// Why a request for a connection is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The code is the asking project's own.
    #[error("{}", say!("problem-own-project-detail"))]
    OwnProject,
    /// The two projects are connected already.
    #[error("{}", say!("problem-already-connected-detail"))]
    AlreadyConnected(ConnectionId),
    /// This side has asked, and waits for the answer.
    #[error("{}", say!("problem-already-asked-detail"))]
    AlreadyAsked(ConnectionId),
    /// The other side has asked: there is a request to accept.
    #[error("{}", say!("problem-accept-instead-detail"))]
    AcceptInstead(ConnectionId),
}

/// Why an action on a connection is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// Only the other side may do this.
    #[error("{0}")]
    WrongSide(&'static str),
    /// The connection has come too far, or not far enough.
    #[error("{why}")]
    WrongState {
        /// In words for the person who tried.
        why: &'static str,
        /// How the connection stands, as that person's side sees it.
        status: Status,
    },
    /// The next reminder has to wait.
    #[error("{}", say!("problem-too-soon-detail", at = .0.to_string()))]
    TooSoon(Timestamp),
}

/// An action, as people may take it on a connection that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The recipient agrees. Both sides get a service account.
    Accept(Terms, AccountSeeds, ServiceUsers),
    /// The recipient refuses.
    Decline,
    /// The requester asks once more for an answer.
    Remind,
    /// Ends what there is: the requester withdraws an unanswered request, either side disconnects.
    Disconnect,
    /// Changes what this side chose.
    Settle(Terms),
    /// Stops what would travel, in both directions: it waits.
    Pause,
    /// Lifts this side's pause.
    Resume,
    /// Deletes this side's service account: what arrives on this side waits from now on.
    DeleteServiceAccount,
    /// Makes this side's service account again.
    MakeServiceAccount(Seed),
}

/// Decides whether a project may ask another for a connection. `live` is what both are in together now, if anything.
///
/// # Errors
/// [`ConnectError`], for the person who asks.
pub fn may_ask(asking: ProjectId, asked: ProjectId, live: Option<&Connection>) -> Result<(), ConnectError> {
    if asking == asked {
        return Err(ConnectError::OwnProject);
    }
    match live.filter(|connection| connection.is_live()) {
        None => Ok(()),
        Some(connection) if connection.connected_since().is_some() => {
            Err(ConnectError::AlreadyConnected(connection.id))
        }
        Some(connection) if connection.requester.project.id == asking => Err(ConnectError::AlreadyAsked(connection.id)),
        Some(connection) => Err(ConnectError::AcceptInstead(connection.id)),
    }
}

/// When the next reminder may follow one.
#[must_use]
pub fn next_reminder(last: Timestamp) -> Timestamp {
    last.saturating_add(BETWEEN_REMINDERS).unwrap_or(last)
}

impl Connection {
    /// A new request from `requester`'s project to `recipient`'s.
    ///
    /// # Errors
    /// [`ConnectError::OwnProject`] where the two are one. Whether they are connected already is asked of [`may_ask`]
    /// first, and settled by the table, where one pair of projects has room for one live connection.
    pub fn ask(
        id: ConnectionId,
        requester: Project,
        recipient: Project,
        terms: Terms,
        asked: Actor,
    ) -> Result<Self, ConnectError> {
        may_ask(requester.id, recipient.id, None)?;
        let silent = |project| Party {
            project,
            send: SendModes::default(),
            automatic_since: BTreeMap::new(),
            rfi_review: RfiReview::NotChosen,
            accepts_rfis_since: None,
            service_account: Holding::None,
            service_user: None,
        };
        let now = asked.at;
        let mut connection = Self {
            id,
            version: 1,
            requester: silent(requester),
            recipient: silent(recipient),
            asked,
            state: State::Asked { last_reminder: None },
        };
        connection.settle(Side::Requester, terms, now);
        Ok(connection)
    }

    /// Carries out an action of a person on one side.
    ///
    /// # Errors
    /// [`TransitionError`], for the person who tried; the connection stays as it is.
    pub fn change(&self, side: Side, change: Change, by: &Person, now: Timestamp) -> Result<Self, TransitionError> {
        let stamp = Actor {
            by: by.clone(),
            at: now,
        };
        let mut next = self.clone();
        next.version += 1;
        match (change, side, &self.state) {
            (Change::Accept(terms, seeds, users), Side::Recipient, State::Asked { .. }) => {
                next.settle(side, terms, now);
                next.make_account(Side::Requester, seeds.requester, stamp.clone());
                next.make_account(Side::Recipient, seeds.recipient, stamp.clone());
                next.requester.service_user = users.requester;
                next.recipient.service_user = users.recipient;
                next.state = State::Connected {
                    accepted: stamp,
                    paused: Pauses::default(),
                };
            }
            (Change::Decline, Side::Recipient, State::Asked { .. }) => {
                next.end(None, stamp, Ending::Declined, side);
            }
            (Change::Accept(..) | Change::Decline, Side::Requester, State::Asked { .. }) => {
                return Err(TransitionError::WrongSide(say!("problem-wrong-side-detail-answer")));
            }
            (Change::Accept(..) | Change::Decline, _, _) => {
                return Err(self.wrong_state(side, say!("problem-wrong-state-detail-answer")));
            }
            (Change::Remind, Side::Requester, State::Asked { last_reminder }) => {
                let earliest = last_reminder.map(next_reminder);
                if let Some(earliest) = earliest.filter(|earliest| now < *earliest) {
                    return Err(TransitionError::TooSoon(earliest));
                }
                next.state = State::Asked {
                    last_reminder: Some(now),
                };
            }
            (Change::Remind, Side::Recipient, State::Asked { .. }) => {
                return Err(TransitionError::WrongSide(say!("problem-wrong-side-detail-remind")));
            }
            (Change::Remind, _, _) => {
                return Err(self.wrong_state(side, say!("problem-wrong-state-detail-remind")));
            }
            (Change::Disconnect, Side::Requester, State::Asked { .. }) => {
                next.end(None, stamp, Ending::Withdrawn, side);
            }
            (Change::Disconnect, Side::Recipient, State::Asked { .. }) => {
                return Err(TransitionError::WrongSide(say!("problem-wrong-side-detail-withdraw")));
            }
            (Change::Disconnect, _, State::Connected { accepted, .. }) => {
                next.end(Some(accepted.clone()), stamp, Ending::Disconnected, side);
            }
            (Change::Settle(terms), _, State::Asked { .. } | State::Connected { .. }) => next.settle(side, terms, now),
            (Change::Disconnect | Change::Settle(_), _, State::Ended { .. }) => {
                return Err(self.wrong_state(side, say!("problem-wrong-state-detail-ended")));
            }
            (Change::Pause, _, State::Connected { accepted, paused }) => {
                if paused.of(side).is_some() {
                    return Err(self.wrong_state(side, say!("problem-wrong-state-detail-paused")));
                }
                next.state = State::Connected {
                    accepted: accepted.clone(),
                    paused: paused.with(side, Some(stamp)),
                };
            }
            (Change::Resume, _, State::Connected { accepted, paused }) => {
                if paused.of(side).is_none() && paused.of(side.other()).is_some() {
                    return Err(TransitionError::WrongSide(say!("problem-wrong-side-detail-resume")));
                }
                if paused.is_none() {
                    return Err(self.wrong_state(side, say!("problem-wrong-state-detail-not-paused")));
                }
                next.state = State::Connected {
                    accepted: accepted.clone(),
                    paused: paused.with(side, None),
                };
            }
            (Change::Pause | Change::Resume, _, _) => {
                return Err(self.wrong_state(side, say!("problem-wrong-state-detail-pause")));
            }
            (Change::DeleteServiceAccount, _, State::Connected { .. }) => {
                if self.party(side).service_account.id().is_none() {
                    return Err(self.wrong_state(side, say!("problem-wrong-state-detail-account-deleted")));
                }
                next.party_mut(side).service_account = Holding::Deleted { deleted: stamp };
            }
            (Change::MakeServiceAccount(seed), _, State::Connected { .. }) => {
                if self.party(side).service_account.id().is_some() {
                    return Err(self.wrong_state(side, say!("problem-wrong-state-detail-account-made")));
                }
                next.make_account(side, seed, stamp);
            }
            (Change::DeleteServiceAccount | Change::MakeServiceAccount(_), _, _) => {
                return Err(self.wrong_state(side, say!("problem-wrong-state-detail-accounts")));
            }
        }
        Ok(next)
    }

    /// Decides whether a side may remind the other of what waits for it, of which it last did at `last`. `waits`: whether anything does.
    ///
    /// # Errors
    /// [`TransitionError`], for the person who tried.
    pub fn may_remind_of_items(
        &self,
        side: Side,
        waits: bool,
        last: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), TransitionError> {
        if self.connected_since().is_none() {
            return Err(self.wrong_state(side, say!("problem-wrong-state-detail-not-connected")));
        }
        if !waits {
            return Err(self.wrong_state(side, say!("problem-wrong-state-detail-nothing-waits")));
        }
        match last.map(next_reminder).filter(|earliest| now < *earliest) {
            Some(earliest) => Err(TransitionError::TooSoon(earliest)),
            None => Ok(()),
        }
    }

    fn settle(&mut self, side: Side, terms: Terms, now: Timestamp) {
        let party = self.party_mut(side);
        let before = party.send;
        party.send = party.send.with(&terms.send);
        let is_automatic = |modes: &SendModes, tool| modes.of(tool) == SendMode::Automatic;
        for tool in Tool::ALL {
            if !is_automatic(&party.send, tool) {
                party.automatic_since.remove(&tool);
            } else if !is_automatic(&before, tool) {
                party.automatic_since.insert(tool, now);
            }
        }
        if let Some(choice) = terms.review {
            let refused = !party.rfi_review.is_accepting();
            party.rfi_review = std::mem::take(&mut party.rfi_review).with(choice);
            if !party.rfi_review.is_accepting() {
                party.accepts_rfis_since = None;
            } else if refused {
                party.accepts_rfis_since = Some(now);
            }
        }
    }

    fn make_account(&mut self, side: Side, seed: Seed, made: Actor) {
        let party = self.party_mut(side);
        let id = ServiceAccountId::new(party.project.id, seed);
        party.service_account = Holding::Made { id, made };
    }

    fn end(&mut self, accepted: Option<Actor>, ended: Actor, ending: Ending, by_side: Side) {
        self.state = State::Ended {
            accepted,
            ended,
            ending,
            by_side,
        };
        for side in [Side::Requester, Side::Recipient] {
            self.party_mut(side).service_account = Holding::None;
        }
    }

    fn wrong_state(&self, side: Side, why: &'static str) -> TransitionError {
        TransitionError::WrongState {
            why,
            status: self.status(side),
        }
    }
}
