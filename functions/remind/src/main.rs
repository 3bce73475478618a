//! The side that asked reminds the other of its request.

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    http::{Answer, Incoming, Nothing, Problem, Reply, serve},
    sessions::Sessions,
    table::Also,
};
use gusset_domain::connection::Change;
use jiff::Timestamp;

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        serve(Sessions::from_environment(&aws).await?, handle).await
    })
}

async fn handle(sessions: Arc<Sessions>, incoming: Arc<Incoming>) -> Reply {
    incoming.same_origin()?;
    let admin = sessions.admin(&incoming, incoming.project()?).await?;
    let (connection, side) = admin.connection(incoming.connection()?).await?;
    incoming.body::<Nothing>()?;
    let now = Timestamp::now();
    let reminded = connection.change(side, Change::Remind, admin.who.person(), now);
    let reminded = reminded.map_err(|refusal| Problem::refused(&refusal, now))?;
    if !sessions
        .table
        .replace_connection(&connection, &reminded, Also::default())
        .await?
    {
        return Err(admin.beaten(connection.id).await);
    }
    Ok(Answer::ok(reminded.seen_from(side)))
}
