//! The queues of all hooks: what goes in, what is due, and what an answer means.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::hook::Queued;
use super::{Api, Delivery, Event, Hook, Listed, Mode, Outcome, Scope, catalogue, payload};
use crate::world::Id;

/// A hook that answers well gets this many events at once.
const AT_ONCE: usize = 8;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
const GIVEN_UP_AFTER: Duration = Duration::from_secs(12 * 60 * 60);

/// Hooks, events and deliveries.
#[derive(Default)]
pub(crate) struct Webhooks {
    pub(crate) hooks: BTreeMap<Id, Hook>,
    pub(crate) mode: Mode,
    pub(crate) modes_by_project: HashMap<Id, Mode>,
    /// Where v1.0 still answers, though it is deprecated.
    pub(crate) v1_answers: HashSet<Scope>,
    /// What a project's catalogue lacks.
    pub(crate) unknown: HashMap<Id, Vec<String>>,
    events: Vec<Event>,
    deliveries: Vec<Delivery>,
    wake: Arc<Notify>,
}

/// A delivery to be tried now.
pub(super) struct Attempt {
    pub(super) hook_id: Id,
    pub(super) url: String,
    pub(super) authorization: Option<String>,
    pub(super) body: serde_json::Value,
    pub(super) queued: Queued,
}

/// What came of it.
pub(super) struct Answer {
    pub(super) started_at: Timestamp,
    pub(super) status: Option<u16>,
    pub(super) headers: serde_json::Map<String, serde_json::Value>,
    pub(super) body: Option<String>,
    pub(super) error: Option<String>,
}

impl Webhooks {
    /// Nothing but the link to the dispatcher.
    pub(crate) fn fresh(&self) -> Self {
        Self {
            wake: Arc::clone(&self.wake),
            ..Self::default()
        }
    }

    pub(crate) fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    pub(crate) fn forget_events(&mut self) {
        self.events.clear();
    }

    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    pub(crate) fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// How many deliveries of an event still wait or are under way.
    pub(crate) fn waiting(&self, event_id: Id) -> usize {
        let waits = |queued: &&Queued| queued.event.id == event_id;
        self.hooks
            .values()
            .map(|hook| hook.queue.iter().chain(&hook.held).filter(waits).count())
            .sum()
    }

    /// Queues an event for every hook that hears it, as long as the hook's app is installed.
    pub(crate) fn publish(&mut self, event: Event, installed: impl Fn(&str) -> bool) {
        let mode = self
            .modes_by_project
            .get(&event.project_id)
            .copied()
            .unwrap_or(self.mode);
        let now = Instant::now();
        for hook in self
            .hooks
            .values_mut()
            .filter(|hook| hook.hears(&event) && installed(&hook.application))
        {
            let queued = Queued {
                event: event.clone(),
                queued: now,
                not_before: now,
                attempts: 0,
            };
            match mode {
                Mode::Deliver => hook.queue.push(queued),
                Mode::Drop => self
                    .deliveries
                    .push(unsent(hook, &queued, Outcome::Dropped, "dropped by the side door")),
                Mode::Duplicate { copies } => hook.queue.extend(std::iter::repeat_n(queued, copies)),
                Mode::Reorder { window, within_ms } => {
                    hook.held.push(queued);
                    let until = hook.held_until.get_or_insert(now + Duration::from_millis(within_ms));
                    if hook.held.len() >= window {
                        *until = now;
                    }
                }
                Mode::Delay { delay_ms } => {
                    let not_before = now + Duration::from_millis(delay_ms);
                    hook.queue.push(Queued { not_before, ..queued });
                }
            }
        }
        self.events.push(event);
        self.wake.notify_one();
    }

    /// Takes what can be tried now, and says when to look again.
    pub(super) fn take_due(&mut self, now: Instant) -> (Vec<Attempt>, Option<Instant>) {
        let mut due = Vec::new();
        let mut next: Option<Instant> = None;
        let mut sooner = |at: Instant| next = Some(next.map_or(at, |next| next.min(at)));
        for hook in self.hooks.values_mut().filter(|hook| !hook.disabled) {
            match hook.held_until {
                Some(until) if until <= now => {
                    hook.held_until = None;
                    hook.queue.extend(hook.held.drain(..).rev());
                }
                Some(until) => sooner(until),
                None => {}
            }
            if let Some(until) = hook.paused_until.filter(|&until| until > now) {
                if !hook.queue.is_empty() {
                    sooner(until);
                }
                continue;
            }
            let at_once = if hook.failures == 0 { AT_ONCE } else { 1 };
            let mut index = 0;
            while index < hook.queue.len() && hook.in_flight < at_once {
                if hook.queue[index].not_before > now {
                    sooner(hook.queue[index].not_before);
                    index += 1;
                    continue;
                }
                let queued = hook.queue.remove(index);
                hook.in_flight += 1;
                due.push(Attempt {
                    hook_id: hook.id,
                    url: hook.destination_url.clone(),
                    authorization: hook.authorization.clone(),
                    body: payload(hook.version, &queued.event),
                    queued,
                });
            }
        }
        (due, next)
    }

    /// Writes an attempt down, and pauses or resumes its hook. `log_id` becomes the delivery's id.
    pub(super) fn conclude(&mut self, log_id: Id, attempt: Attempt, answer: Answer, backoff_scale: f64) {
        let succeeded = answer.status.is_some_and(|status| (200..300).contains(&status));
        let mut queued = attempt.queued;
        queued.attempts += 1;
        self.deliveries.push(Delivery {
            id: log_id,
            hook_id: attempt.hook_id,
            event: attempt.body,
            event_id: queued.event.id,
            attempt: queued.attempts,
            outcome: if succeeded {
                Outcome::Successful
            } else {
                Outcome::Failing
            },
            response_status: answer.status,
            response_headers: answer.headers,
            response_body: answer.body,
            response_error: answer.error,
            started_at: answer.started_at,
            completed_at: Timestamp::now(),
        });
        self.wake.notify_one();
        // The hook may have been deleted meanwhile, or the whole world reset.
        let Some(hook) = self.hooks.get_mut(&attempt.hook_id) else {
            return;
        };
        hook.in_flight = hook.in_flight.saturating_sub(1);
        if succeeded {
            hook.failures = 0;
            hook.paused_until = None;
            return;
        }
        let now = Instant::now();
        hook.queue.insert(0, queued);
        if hook.paused_until.is_none_or(|until| until <= now) {
            let doubled = FIRST_PAUSE.saturating_mul(1 << hook.failures.min(12));
            hook.paused_until = Some(now + doubled.min(LONGEST_PAUSE).mul_f64(backoff_scale));
            hook.failures += 1;
        }
        let patience = GIVEN_UP_AFTER.mul_f64(backoff_scale);
        let (given_up, kept): (Vec<_>, Vec<_>) = hook
            .queue
            .drain(..)
            .partition(|queued| now.duration_since(queued.queued) > patience);
        hook.queue = kept;
        hook.disabled |= !given_up.is_empty();
        for queued in given_up {
            self.deliveries.push(unsent(
                hook,
                &queued,
                Outcome::Discarded,
                "given up after 12 hours of failures",
            ));
        }
    }

    /// The hook of an app with this namespace in this scope.
    pub(crate) fn named(&self, (scope, api): (Scope, Api), application: &str, namespace: &str) -> Option<&Hook> {
        self.hooks.values().find(|hook| {
            (hook.scope, hook.api) == (scope, api) && hook.application == application && hook.namespace == namespace
        })
    }

    /// What there are webhooks for in a place.
    pub(crate) fn catalogue(&self, scope: Scope) -> Vec<Listed> {
        match scope {
            Scope::Company(_) => catalogue::COMPANY.to_vec(),
            Scope::Project(id) => {
                let unknown = self.unknown.get(&id);
                let is_known =
                    |listed: &Listed| unknown.is_none_or(|unknown| !unknown.iter().any(|name| name == listed.name));
                catalogue::PROJECT.into_iter().filter(is_known).collect()
            }
        }
    }
}

/// The record of an event that will not be sent (again).
fn unsent(hook: &Hook, queued: &Queued, outcome: Outcome, error: &str) -> Delivery {
    let now = Timestamp::now();
    Delivery {
        id: queued.event.id,
        hook_id: hook.id,
        event: payload(hook.version, &queued.event),
        event_id: queued.event.id,
        attempt: queued.attempts,
        outcome,
        response_status: None,
        response_headers: serde_json::Map::new(),
        response_body: None,
        response_error: Some(error.to_owned()),
        started_at: now,
        completed_at: now,
    }
}
