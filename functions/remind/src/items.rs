//! A side reminds the other of what waits for somebody there.

use gusset_adapters::{
    http::{Answer, Incoming, Nothing, Problem, Reply},
    log::MAX_READ,
    sessions::Admin,
    table::{Table, deliveries::Range},
};
use gusset_domain::{
    connection::next_reminder,
    notification::{Notification, waiting_for},
    people::Actor,
};
use jiff::Timestamp;
use serde_json::json;

/// Mails the other side how much waits for it, and for what, at most once an hour.
pub(crate) async fn remind(table: &Table, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let (connection, side) = admin.connection(incoming.connection()?).await?;
    incoming.body::<Nothing>()?;
    let (log, _) = table.log(connection.pair(), &Range::default(), MAX_READ).await?;
    let waiting = waiting_for(connection.party(side.other()).project.id, &log);
    let count: u64 = waiting.iter().map(|group| group.count).sum();
    let (now, by) = (Timestamp::now(), admin.who.person());
    let last = async || table.last_reminder(connection.id, side).await;
    let refused = |last: Option<Actor>| {
        let last = last.map(|last| last.at);
        let refusal = connection.may_remind_of_items(side, count > 0, last, now).err()?;
        Some(Problem::refused(&refusal, now))
    };
    if let Some(problem) = refused(last().await?) {
        return Err(problem);
    }
    let mail = Notification::items_wait(&connection, side, by, waiting);
    let reminded = Actor {
        by: by.clone(),
        at: now,
    };
    // Dies after this: the mail is in the outbox, and goes out.
    if !table.remind(&connection, side, reminded, mail).await? {
        // Another press was quicker.
        let problem = refused(last().await?);
        return Err(problem.unwrap_or_else(|| Problem::internal("a reminder was refused, and none was sent")));
    }
    Ok(Answer::ok(
        json!({"waiting": count, "reminded_at": now, "remind_at": next_reminder(now)}),
    ))
}
