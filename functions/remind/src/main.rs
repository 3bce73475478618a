//! A side reminds the other: of its request, or of what waits for somebody there.

mod items;

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    http::{Answer, Incoming, Nothing, Problem, Reply, serve},
    sessions::{Admin, Sessions},
    table::ExtraWrites,
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
    match incoming.resource().as_str() {
        "/api/projects/{project}/connections/{connection}/deliveries/remind" => {
            items::remind(&sessions.table, &incoming, &admin).await
        }
        _ => remind(&sessions, &incoming, &admin).await,
    }
}

/// Sends the invitation once more.
async fn remind(sessions: &Sessions, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let (connection, side) = admin.connection(incoming.connection()?).await?;
    incoming.body::<Nothing>()?;
    let now = Timestamp::now();
    let reminded = connection.change(side, Change::Remind, admin.who.person(), now);
    let reminded = reminded.map_err(|refusal| Problem::refused(&refusal, now))?;
    if !sessions
        .table
        .replace_connection(&connection, &reminded, ExtraWrites::default())
        .await?
    {
        return Err(admin.beaten(connection.id).await);
    }
    Ok(Answer::ok(reminded.seen_from(side)))
}
