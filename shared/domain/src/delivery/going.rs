//! Whether an item may go on its way now: the one rule for what set out by itself, what a person picked, what waited and what
//! is tried again.
//!
//! An item that set out stays set out. Choices that a side makes later are about what is new then: with *Only when someone
//! sends it* instead of *Automatically*, what waits already still arrives. There are three exceptions, and who looks for
//! one finds it cancelled with the reason. *Never* is about everything that has not left yet. So is that the other side
//! accepts no RFIs. And what is not for other eyes any more, because it was made private or deleted, does not leave without a
//! person's word.
//!
//! While either side has paused the connection, what would go on waits for that side to resume it.

use gusset_words::say;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Delivery, Job, Status, WaitsFor};
use crate::{
    connection::Connection,
    items::{Item, StaysHere},
    names::shown,
    send::{SendMode, Tool},
};

/// Why a delivery was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The connection ended first.
    #[default]
    ConnectionEnded,
    /// The sending side switched the tool off.
    SwitchedOff,
    /// The arriving side accepts no RFIs.
    NotAccepted,
    /// The sending side does not send the tool by itself.
    NotAutomatic,
    /// It is a draft. It is sent when it is first opened.
    Draft,
    /// It waits for approval. It is sent when it has it.
    Pending,
    /// It is private.
    Private,
    /// It is itself a copy.
    Copy,
    /// It is older than the choice to send its tool automatically.
    Older,
    /// It has been deleted.
    Deleted,
    /// Somebody put it aside.
    Dismissed,
}

impl From<StaysHere> for Because {
    fn from(stays: StaysHere) -> Self {
        match stays {
            StaysHere::Draft => Self::Draft,
            StaysHere::Pending => Self::Pending,
            StaysHere::Private => Self::Private,
            StaysHere::Copy => Self::Copy,
            StaysHere::OlderThanConnection => Self::Older,
            StaysHere::Deleted => Self::Deleted,
        }
    }
}

/// Why an item does not go on now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// It stays where it is.
    Stays(Because),
    /// It waits for a person: for what, and in words.
    Waits(WaitsFor, String),
}

/// What becomes of the delivery of an item that stays where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stays {
    /// Nobody ever saw it: its record is deleted.
    Unseen,
    /// Somebody may have seen it: it is written like this.
    Seen(Box<Delivery>),
}

impl Because {
    /// The reason in words, for both sides of the connection over which it would have gone.
    #[must_use]
    pub fn words(self, delivery: &Delivery, connection: &Connection) -> String {
        let (to, tool) = (delivery.job.to, delivery.job.tool);
        let [source, target] = [to.other(), to].map(|side| shown(&connection.party(side).project.name));
        let these = these(tool);
        match self {
            Self::ConnectionEnded => say!("because-connection-ended").to_owned(),
            Self::SwitchedOff => say!("because-switched-off", source = source, these = these),
            Self::NotAccepted => say!("because-not-accepted", target = target, these = these),
            Self::NotAutomatic => say!("because-not-automatic", source = source, these = these),
            Self::Draft => say!("because-draft").to_owned(),
            Self::Pending => say!("because-pending", source = source),
            Self::Private => say!("because-private", source = source, target = target),
            Self::Copy if delivery.job.by_hand => say!("because-copy-by-hand", target = target),
            Self::Copy => say!("because-copy").to_owned(),
            Self::Older => say!("because-older", source = source, these = these),
            Self::Deleted => say!("because-deleted", source = source),
            Self::Dismissed => say!("because-dismissed").to_owned(),
        }
    }

    /// Whether news of the item can change it: it was opened, made public, or chosen to be sent by now.
    pub(super) fn may_pass(self) -> bool {
        match self {
            Self::SwitchedOff
            | Self::NotAccepted
            | Self::NotAutomatic
            | Self::Draft
            | Self::Pending
            | Self::Private
            | Self::Older => true,
            Self::ConnectionEnded | Self::Copy | Self::Deleted | Self::Dismissed => false,
        }
    }
}

/// A tool's items, in a sentence.
fn these(tool: Tool) -> &'static str {
    match tool {
        Tool::Rfis => say!("these-rfis"),
        Tool::WorkingHours => say!("these-working-hours"),
        Tool::Notes => say!("these-notes"),
    }
}

impl Delivery {
    /// Whether anybody may have seen it, or a copy of it. What was seen is never forgotten.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        !self.history.is_empty() || self.is_listed_as_waiting || self.copy_may_exist
    }

    /// Notes that it was heard of while its tool was sent automatically, if it was. What a side chooses later does not change
    /// that.
    pub fn hear(&mut self, connection: &Connection) {
        let sends_since = || connection.sends_since(self.job.to.other(), self.job.tool);
        self.automatic_since = self.automatic_since.or_else(sends_since);
    }

    /// Whether its copy arrives where the item of `job` is, and the item's copy would arrive where its own item is.
    #[must_use]
    pub fn is_the_way_back_of(&self, job: &Job) -> bool {
        let own = &self.job;
        (own.source, own.target, own.tool) == (job.target, job.source, job.tool)
    }

    /// Decides whether it may set out, before the item is read.
    ///
    /// # Errors
    /// Why it stays where it is.
    pub fn may_set_out(&self, connection: &Connection) -> Result<(), Because> {
        if connection.connected_since().is_none() {
            return Err(Because::ConnectionEnded);
        }
        let mode = connection.party(self.job.to.other()).send.of(self.job.tool);
        match (self.job.by_hand, self.automatic_since) {
            (true, _) | (false, Some(_)) if mode == SendMode::Off => Err(Because::SwitchedOff),
            (true, _) | (false, Some(_)) if !connection.accepts(self.job.to, self.job.tool) => {
                Err(Because::NotAccepted)
            }
            (false, None) => Err(Because::NotAutomatic),
            _ => Ok(()),
        }
    }

    /// Decides whether it may go on, the item being as it was just read.
    ///
    /// # Errors
    /// [`Halt`], with the reason.
    pub fn may_go_on(&self, connection: &Connection, item: &Item) -> Result<(), Halt> {
        self.may_set_out(connection).map_err(Halt::Stays)?;
        let (departs, arrives) = (connection.party(self.job.to.other()), connection.party(self.job.to));
        match self.automatic_since {
            Some(since) if !self.job.by_hand => item
                .travels_by_itself(since, departs.service_user)
                .map_err(|stays| Halt::Stays(stays.into()))?,
            _ if item.is_private() && !self.job.may_be_private => {
                let [source, target] = [departs, arrives].map(|party| shown(&party.project.name));
                let reason = say!("reason-confirmation", source = source, target = target);
                return Err(Halt::Waits(WaitsFor::Confirmation, reason));
            }
            _ => {}
        }
        for (side, waits_for) in [
            (self.job.to.other(), WaitsFor::ResumeBySource),
            (self.job.to, WaitsFor::ResumeByTarget),
        ] {
            if let Some(reason) = connection.paused_by(side) {
                return Err(Halt::Waits(waits_for, reason));
            }
        }
        if item.is_pending() {
            let reason = say!("reason-approval", project = shown(&departs.project.name));
            return Err(Halt::Waits(WaitsFor::Approval, reason));
        }
        if let Some(reason) = arrives.waits_for_account() {
            return Err(Halt::Waits(WaitsFor::Account, reason));
        }
        if item.needs_manager() && arrives.rfi_manager().is_none() {
            let reason = say!("reason-manager", project = shown(&arrives.project.name));
            return Err(Halt::Waits(WaitsFor::Manager, reason));
        }
        Ok(())
    }

    /// What becomes of it, where the item stays where it is.
    #[must_use]
    pub fn stays(self, because: Because, connection: &Connection, now: Timestamp) -> Stays {
        if self.is_seen() {
            Stays::Seen(Box::new(self.cancelled(because, connection, now)))
        } else {
            Stays::Unseen
        }
    }

    /// Somebody of either side puts it aside. None where there is nothing to put aside: it is there or under way, or was cancelled
    /// before. A person may send it all the same later.
    #[must_use]
    pub fn dismissed(&self, by: &str, now: Timestamp) -> Option<Self> {
        if !matches!(self.status, Status::Held { .. } | Status::Failed { .. }) {
            return None;
        }
        let reason = say!("why-dismissed", name = by);
        let status = Status::Cancelled {
            reason: reason.clone(),
            because: Because::Dismissed,
        };
        let mut dismissed = self.clone().becomes(status, reason, now);
        dismissed.attempts = 0;
        Some(dismissed)
    }

    /// It is not sent after all.
    #[must_use]
    pub fn cancelled(mut self, because: Because, connection: &Connection, now: Timestamp) -> Self {
        let reason = because.words(&self, connection);
        self.attempts = 0;
        let is_told = self.history.last().is_some_and(|entry| entry.what == reason);
        let status = Status::Cancelled {
            reason: reason.clone(),
            because,
        };
        if is_told {
            // Looked at anew, and nothing has changed: its history does not grow by that.
            Self { status, ..self }
        } else {
            self.becomes(status, reason, now)
        }
    }
}
