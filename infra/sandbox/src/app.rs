//! What every handler can reach.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::calls::Calls;
use crate::contract::Contract;
use crate::differences::Differences;
use crate::faults::Faults;
use crate::files::Store;
use crate::limits::Limits;
use crate::pages::Sessions;
use crate::strict::Met;
use crate::world::{Id, World};

/// Procore numbers things in the hundreds of thousands and up: the demo data's fixed ids stay below.
const FIRST_FREE_ID: Id = 1_000_000;

/// The addresses that links carry.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// Sign-in, tokens and API.
    pub(crate) public: String,
    /// The 'cloud storage': the same server by another host name, so that a client that sends a token on shows.
    pub(crate) storage: String,
}

/// The state shared by all handlers. Its locks are never held across an await.
pub(crate) struct State {
    pub(crate) addresses: Addresses,
    pub(crate) store: Store,
    pub(crate) http: reqwest::Client,
    /// What calls and answers are held against, in strict mode.
    pub(crate) contract: Option<Contract>,
    world: Mutex<World>,
    calls: Mutex<Calls>,
    faults: Mutex<Faults>,
    limits: Mutex<Limits>,
    sessions: Mutex<Sessions>,
    met: Mutex<Met>,
    differences: Mutex<Differences>,
}

/// A handle on [`State`].
#[derive(Clone)]
pub(crate) struct App(Arc<State>);

impl Deref for App {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

impl App {
    pub(crate) fn new(addresses: Addresses, store: Store, http: reqwest::Client, contract: Option<Contract>) -> Self {
        Self(Arc::new(State {
            addresses,
            store,
            http,
            contract,
            world: Mutex::new(World::demo(FIRST_FREE_ID)),
            calls: Mutex::default(),
            faults: Mutex::default(),
            limits: Mutex::default(),
            sessions: Mutex::default(),
            met: Mutex::default(),
            differences: Mutex::default(),
        }))
    }
}

impl State {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub(crate) fn calls(&self) -> MutexGuard<'_, Calls> {
        lock(&self.calls)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(crate) fn limits(&self) -> MutexGuard<'_, Limits> {
        lock(&self.limits)
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        lock(&self.sessions)
    }

    pub(crate) fn met(&self) -> MutexGuard<'_, Met> {
        lock(&self.met)
    }

    pub(crate) fn differences(&self) -> MutexGuard<'_, Differences> {
        lock(&self.differences)
    }
}

/// A handler that panicked leaves the state as it was before its last whole change, which is good enough for tests.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
