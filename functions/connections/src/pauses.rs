//! A side pauses a connection, and resumes it.

use gusset_adapters::{
    held::{self, Which},
    http::{Answer, Incoming, Nothing, Problem, Reply},
    sessions::{Admin, Changed},
};
use gusset_domain::connection::Change;

use crate::Connections;

/// Stops what would travel. A copy that a worker is just making is made; what comes after it waits.
pub(crate) async fn pause(incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let paused = change(incoming, admin, &Change::Pause).await?;
    Ok(Answer::ok(paused.after.seen_from(paused.side)))
}

/// Lifts this side's pause, and sends on what waited for it.
///
/// Dies before all of it is sent on: the sweep sends the rest on.
pub(crate) async fn resume(app: &Connections, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let Changed { after, side, .. } = change(incoming, admin, &Change::Resume).await?;
    held::send_on(&app.sessions.table, &app.copies, &after, Which::Resumed(side)).await?;
    Ok(Answer::ok(after.seen_from(side)))
}

async fn change(incoming: &Incoming, admin: &Admin<'_>, change: &Change) -> Result<Changed, Problem> {
    incoming.same_origin()?;
    incoming.body::<Nothing>()?;
    let connection = admin.connection(incoming.connection()?).await?;
    admin.change(connection, |_, _| Ok(change.clone())).await
}
