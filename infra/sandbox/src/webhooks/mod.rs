//! Webhooks: hooks and their triggers, the queue of each hook, and the deliveries that were tried.
//!
//! As with Procore, a delivery is best effort: an answer other than 2xx within five seconds pauses the hook, which
//! tries again after a second, then two, up to an hour, gives its events up after twelve hours, and is disabled then.

mod catalogue;
mod dispatch;
mod event;
mod hook;
mod mode;
mod payload;
mod queue;

pub(crate) use catalogue::Listed;
pub(crate) use dispatch::{client, dispatch};
pub(crate) use event::{Event, EventType};
pub(crate) use hook::{Api, Delivery, Hook, Outcome, Scope, Trigger};
pub(crate) use mode::Mode;
pub(crate) use payload::{Version, payload};
pub(crate) use queue::Webhooks;
