//! Somebody has all items that fit a filter sent: a backfill is begun, looked at, paused, resumed or cancelled.

use std::time::Duration;

use gusset_adapters::{
    http::{Answer, Incoming, Problem, Reply},
    offered::{Offered, Viewpoint},
    sessions::{Admin, Freshness, ItemLists},
    table::backfills::KnownBackfill,
};
use gusset_domain::{
    backfill::{Backfill, MAX_ITEMS, Pick, State, TransitionError},
    connection::{Connection, Side},
    items::Item,
    names::shown,
    offered::Wanted,
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{ForwardItem, by_hand};

/// Times a backfill is looked at again that a worker has just changed.
const TRIES: u32 = 5;

/// Begins one: what Procore shows the person of what fits is written down, and a worker told.
///
/// Dies between the two: the sweep has it make its first step within half an hour. Pressing again does at once.
pub(crate) async fn start(app: &ForwardItem, incoming: &Incoming) -> Reply {
    incoming.same_origin()?;
    let admin = app.sessions.admin(incoming, incoming.project()?).await?;
    let (connection, side) = admin.connection(incoming.connection()?).await?;
    if connection.connected_since().is_none() {
        return Err(by_hand::not_connected());
    }
    let wanted = wanted(incoming)?;
    let picks = fitting(app, &admin, &connection, side, &wanted).await?;
    let total = u32::try_from(picks.len()).unwrap_or(u32::MAX);
    let (by, now) = (admin.who.person().name.clone(), Timestamp::now());
    let id = Uuid::now_v7();
    let backfill = Backfill::new(id, (&connection, side), (wanted, total), by, now);
    let company = connection.party(side).project.company_id;
    if app.sessions.table.start_backfill(&backfill, &picks).await? {
        app.copies.step(company, backfill.next_step(), Duration::ZERO).await?;
        return Ok(Answer::json(StatusCode::ACCEPTED, view(&backfill)));
    }
    let running = latest(app, &connection, side).await?.backfill;
    if running.step == 0 {
        // Whoever began it may have died before a worker was told.
        app.copies.step(company, running.next_step(), Duration::ZERO).await?;
    }
    // Pressed twice, it is begun once.
    if running.wanted == backfill.wanted && running.started_by == backfill.started_by {
        return Ok(Answer::ok(view(&running)));
    }
    Err(Problem::conflict(
        "backfill-running",
        say!("problem-backfill-running-title"),
        say!(
            "problem-backfill-running-detail",
            name = shown(&running.started_by),
            total = running.total.to_string(),
            left = running.left().to_string()
        ),
    ))
}

/// The latest one of what the caller's side sends.
pub(crate) async fn show(app: &ForwardItem, incoming: &Incoming) -> Reply {
    let (_, connection, side) = app
        .sessions
        .caller(incoming, incoming.project()?, incoming.connection()?)
        .await?;
    Ok(Answer::ok(view(&latest(app, &connection, side).await?.backfill)))
}

/// Pauses, resumes or cancels the one of the person's side.
pub(crate) async fn act(app: &ForwardItem, incoming: &Incoming) -> Reply {
    incoming.same_origin()?;
    let admin = app.sessions.admin(incoming, incoming.project()?).await?;
    let (connection, side) = admin.connection(incoming.connection()?).await?;
    let by = shown(&admin.who.person().name);
    for _ in 0..TRIES {
        let (known, now) = (latest(app, &connection, side).await?, Timestamp::now());
        let backfill = known.backfill.clone();
        let changed = match incoming.path().rsplit('/').next().unwrap_or_default() {
            "pause" => backfill.paused(by.clone(), now),
            "resume" => backfill.resumed(now),
            "cancel" => backfill.cancelled(say!("why-cancelled", name = by.as_str()), now),
            _ => return Err(Problem::not_found(say!("thing-endpoint"))),
        };
        let changed = changed.map_err(wrong_state)?;
        if !app.sessions.table.save_backfill(&known, &changed).await? {
            continue;
        }
        // Of what is paused or cancelled, what is under way is counted by the step that is to come anyway.
        if changed.state == State::Running {
            // Dies here: the sweep has it go on within half an hour.
            let company = connection.party(side).project.company_id;
            app.copies.step(company, changed.next_step(), Duration::ZERO).await?;
        }
        return Ok(Answer::ok(view(&changed)));
    }
    Err(Problem::changed_meanwhile())
}

async fn latest(app: &ForwardItem, connection: &Connection, side: Side) -> Result<KnownBackfill, Problem> {
    let known = app.sessions.table.backfill_of(connection, side).await?;
    known.ok_or_else(|| Problem::not_found(say!("thing-backfill")))
}

/// What fits and may be sent together, the oldest first.
async fn fitting(
    app: &ForwardItem,
    admin: &Admin<'_>,
    connection: &Connection,
    side: Side,
    wanted: &Wanted,
) -> Result<Vec<Pick>, Problem> {
    let lists = ItemLists::default();
    let from = Viewpoint { connection, side };
    let table = &app.sessions.table;
    // What a person may see counts as of now.
    let offered = Offered::read((&admin.who, &lists, Freshness::Now), table, &from, wanted).await?;
    if let Some(busy) = offered.lacking {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "procore-busy",
            say!("problem-procore-busy-title-items"),
            say!("problem-procore-busy-detail-items"),
        )
        .retry_after(Duration::from_secs(busy.again_in)));
    }
    let sendable = offered.sendable(table, &from).await?;
    let pick = |item: &&Item| Pick {
        tool: item.tool(),
        item: item.id(),
    };
    let picks: Vec<Pick> = sendable.iter().map(pick).collect();
    match picks.len() {
        0 => Err(Problem::conflict(
            "nothing-to-send",
            say!("problem-nothing-to-send-title"),
            say!("problem-nothing-to-send-detail"),
        )),
        count if count > MAX_ITEMS => Err(Problem::bad_field(
            "range",
            say!(
                "problem-bad-field-detail-too-many-items",
                count = count.to_string(),
                most = MAX_ITEMS.to_string()
            ),
        )),
        _ => Ok(picks),
    }
}

/// The filter, as the page's address has it.
fn wanted(incoming: &Incoming) -> Result<Wanted, Problem> {
    let body = incoming.object()?;
    if let Some(name) = body.keys().find(|name| !PARAMETERS.contains(&name.as_str())) {
        return Err(Problem::bad_field(
            name,
            format!("There is no field {name}. They are range, from, tool and q."),
        ));
    }
    if let Some((name, _)) = body.iter().find(|(_, value)| !value.is_string()) {
        return Err(Problem::bad_field(name, format!("{name} is a text.")));
    }
    let wanted = Wanted::of(|name| Some(body.get(name)?.as_str()?.to_owned()));
    wanted.map_err(|(name, wrong)| Problem::bad_field(name, wrong))
}

/// What a body may have: the filter, and what a form has besides.
const PARAMETERS: [&str; 5] = ["range", "from", "tool", "q", "return_to"];

fn wrong_state(error: TransitionError) -> Problem {
    let title = say!("problem-wrong-state-title-backfill");
    Problem::conflict("wrong-state", title, error.to_string())
}

/// A backfill as the API shows it.
fn view(backfill: &Backfill) -> Value {
    let mut shown = json!({
        "id": backfill.id, "started_by": backfill.started_by, "started_at": backfill.started_at,
        "total": backfill.total, "left": backfill.left(), "under_way": backfill.under_way.len(),
        "delivered": backfill.counts.delivered, "waiting": backfill.counts.waiting,
        "failed": backfill.counts.failed, "skipped": backfill.counts.skipped,
        "state": match backfill.state {
            State::Running => "running",
            State::Paused { .. } => "paused",
            State::Cancelled { .. } => "cancelled",
            State::Done { .. } => "done",
        },
    });
    if let State::Cancelled { reason, .. } = &backfill.state {
        shown["reason"] = json!(reason);
    }
    shown
}
