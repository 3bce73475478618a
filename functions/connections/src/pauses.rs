//! A side pauses a connection, and resumes it.

use gusset_adapters::{
    held::{self, Which},
    http::{Answer, Incoming, Nothing, Problem, Reply},
    sessions::Admin,
    table::Also,
};
use gusset_domain::connection::{Change, Connection, Side};
use jiff::Timestamp;

use crate::{Connections, TRIES};

/// Stops what would travel. A copy that a worker is just making is made; what comes after it waits.
pub(crate) async fn pause(app: &Connections, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let (paused, side) = change(app, incoming, admin, &Change::Pause).await?;
    Ok(Answer::ok(paused.seen_from(side)))
}

/// Lifts this side's pause, and sends on what waited for it.
///
/// Dies before all of it is sent on: the sweep sends the rest on.
pub(crate) async fn resume(app: &Connections, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let (resumed, side) = change(app, incoming, admin, &Change::Resume).await?;
    held::send_on(&app.sessions.table, &app.copies, &resumed, Which::Resumed(side)).await?;
    Ok(Answer::ok(resumed.seen_from(side)))
}

/// Makes the change. Where the other side changes something at the same time, both changes are made.
async fn change(
    app: &Connections,
    incoming: &Incoming,
    admin: &Admin<'_>,
    change: &Change,
) -> Result<(Connection, Side), Problem> {
    incoming.same_origin()?;
    incoming.body::<Nothing>()?;
    let id = incoming.connection()?;
    for _ in 0..TRIES {
        let (connection, side) = admin.connection(id).await?;
        let now = Timestamp::now();
        let changed = connection.change(side, change.clone(), admin.who.person(), now);
        let changed = changed.map_err(|refusal| Problem::refused(&refusal, now))?;
        let table = &app.sessions.table;
        if table.replace_connection(&connection, &changed, Also::default()).await? {
            return Ok((changed, side));
        }
    }
    Err(Problem::changed_meanwhile())
}
