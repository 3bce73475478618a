//! What the clock calls for: that every connected account is checked, or synced.

use gusset_adapters::{queue::QueueError, table::TableError};
use gusset_domain::{
    ids::RunId,
    plans::job::{Job, Work},
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::SyncPlans;

/// What the clock calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    /// That Procore is asked whether it still accepts each access.
    Check,
    /// That all is looked at.
    Sync,
}

/// Why the clock's call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The queue did not take it.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// What the clock calls for, where it is the clock that calls.
pub(crate) fn call(event: &Value) -> Result<Option<Call>, serde_json::Error> {
    event.get("clock").map(Call::deserialize).transpose()
}

/// Puts a message on the queue for each connected account.
///
/// Dies here: some are asked for, and the clock calls again. What was asked for twice is done once more.
pub(crate) async fn ask_for_all(app: &SyncPlans, call: Call) -> Result<(), Failed> {
    let connected = app.integrations.table.connected_integrations().await?;
    let jobs: Vec<_> = connected
        .iter()
        .map(|connected| Job {
            account: connected.account,
            login: connected.login,
            // Settled before it begins, so that a worker who dies leaves a run that the next one goes on with.
            run: (call == Call::Sync).then(|| RunId(Uuid::now_v7())),
            attempts: 0,
            work: match call {
                Call::Check => Work::Check,
                Call::Sync => Work::Discover { by_hand: false },
            },
        })
        .collect();
    app.queue.send(&jobs, std::time::Duration::ZERO).await?;
    tracing::info!(accounts = jobs.len(), call = ?call, "asked for");
    Ok(())
}
