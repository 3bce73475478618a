//! Either side ends a connection; the side that asked withdraws a request that is not answered yet.

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    held::{self, Which},
    hooks::Hooks,
    http::{Answer, Incoming, Nothing, Problem, Reply, serve},
    queue::Copies,
    sessions::Sessions,
    table::{ExtraWrites, limits::Limited},
};
use gusset_domain::{
    connection::{Change, Connection},
    ids::ConnectionId,
};
use jiff::Timestamp;

struct Disconnect {
    sessions: Sessions,
    hooks: Hooks,
    copies: Copies,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let hooks = Hooks::from_environment(&aws).await?;
        let copies = Copies::from_environment(&aws)?;
        serve(
            Disconnect {
                sessions: Sessions::from_environment(&aws).await?,
                hooks,
                copies,
            },
            handle,
        )
        .await
    })
}

/// The end is written first, so that nothing travels from then on. Dies after that: hooks or held deliveries are left
/// over, and disconnecting once more, which is refused because it has ended, clears them away.
async fn handle(app: Arc<Disconnect>, incoming: Arc<Incoming>) -> Reply {
    incoming.same_origin()?;
    let admin = app.sessions.admin(&incoming, incoming.project()?).await?;
    let (connection, side) = admin.connection(incoming.connection()?).await?;
    incoming.body::<Nothing>()?;
    let now = Timestamp::now();
    let reply = match connection.change(side, Change::Disconnect, admin.who.person(), now) {
        Err(refusal) => Err(Problem::refused(&refusal, now)),
        Ok(ended) => match app
            .sessions
            .table
            .replace_connection(&connection, &ended, ExtraWrites::default())
            .await?
        {
            true => Ok(Answer::ok(ended.seen_from(side))),
            false => Err(admin.beaten(connection.id).await),
        },
    };
    let ended = !admin.connection(connection.id).await?.0.is_live();
    if ended && (reply.is_ok() || may_look_again(&app, connection.id, now).await?) {
        clear_away(&app, &connection, &incoming.public_url()).await?;
    }
    reply
}

/// Whether what an ended connection left behind may be looked for once more: somebody of the other company who disconnects
/// again and again must not use up this one's calls.
async fn may_look_again(app: &Disconnect, connection: ConnectionId, now: Timestamp) -> Result<bool, Problem> {
    let counted = app.sessions.table.count_attempts([Limited::Clearing(connection)], now);
    Ok(counted.await?.is_ok())
}

/// Removes the hooks that nobody needs any more, and has the deliveries that wait cancelled.
async fn clear_away(app: &Disconnect, connection: &Connection, public_url: &str) -> Result<(), Problem> {
    let (procore, table) = (&app.sessions.procore, &app.sessions.table);
    held::send_on(table, &app.copies, connection, Which::All).await?;
    app.hooks.reconcile_both(procore, table, connection, public_url).await;
    Ok(())
}
