//! Somebody picks an item to be sent, or wants a delivery tried again.

use std::collections::HashSet;

use gusset_adapters::{
    callers::Caller,
    http::{Answer, Incoming, Problem, Reply},
    sessions::{Admin, Freshness, ItemLists},
};
use gusset_domain::{
    connection::{Connection, Side},
    delivery::{Again, Because, CannotSend, Delivery, Job, Origin, Status, send_by_hand},
    ids::{CompanyId, ItemId},
    items::Item,
    names::shown,
    offered::Reach,
    people::Project,
    send::Tool,
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ForwardItem;

/// Times a delivery is looked at again that a worker has just changed.
const TRIES: u32 = 5;

/// The most second copies of one item.
const MAX_COPIES: u32 = 9;

/// The most items that one request sends: those of a page.
const MAX_ITEMS: usize = 100;

/// Items of a Site Diary for which all of it is read, which takes a list for each 90 days: fewer are asked for one by one.
const WORTH_A_DIARY: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Picked {
    tool: Tool,
    /// A number, or the text that an HTML form makes of it.
    item_id: Value,
    #[serde(default)]
    confirm_private: Flag,
    #[serde(default)]
    second_copy: Flag,
}

/// What a person wants of an item beside that it is sent.
#[derive(Debug, Clone, Copy)]
struct Wish {
    /// That it is sent although it is private.
    confirm_private: bool,
    /// That it is copied once more, where it is across.
    second_copy: bool,
}

/// Yes or no, or the text that an HTML form makes of it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Flag {
    Is(bool),
    Written(Written),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    True,
    False,
}

impl Default for Flag {
    fn default() -> Self {
        Self::Is(false)
    }
}

impl Flag {
    fn is_set(self) -> bool {
        match self {
            Self::Is(set) => set,
            Self::Written(written) => written == Written::True,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Several {
    /// Items as JSON, or as a form's ticked boxes name them: `rfis:501`, one alone without a list around it.
    items: Value,
    /// For all of them.
    #[serde(default)]
    confirm_private: Flag,
    /// For all of them.
    #[serde(default)]
    second_copy: Flag,
}

/// Who sends, and over which connection from which side.
struct Sender {
    connection: Connection,
    side: Side,
    why: String,
}

/// An item that may leave the project.
struct Leaving {
    job: Job,
    /// The projects that it came from, where it is a copy.
    came_from: Vec<Origin>,
}

/// Sends items of the project over one connection. Admins may, each what Procore shows that person; and the side's service
/// account, whatever Gusset may read in the project.
///
/// A delivery is recorded before a worker is told of it, so that whoever asked sees it. If the process dies between the
/// two, asking again tells the worker.
pub(crate) async fn send(app: &ForwardItem, incoming: &Incoming) -> Reply {
    incoming.same_origin()?;
    let (caller, connection, side) = app
        .sessions
        .caller(incoming, incoming.project()?, incoming.connection()?)
        .await?;
    // Both sides read this: what a company calls its account is its own business.
    let why = match &caller {
        Caller::Admin(admin) => say!("why-picked", name = shown(&admin.who.person().name)),
        Caller::ServiceAccount(_) => {
            let project = shown(&connection.party(side).project.name);
            say!("why-picked-program", project = project)
        }
    };
    let sender = Sender { connection, side, why };
    let admin = match &caller {
        Caller::Admin(admin) => Some(admin),
        Caller::ServiceAccount(_) => None,
    };
    if incoming.object()?.contains_key("items") {
        let several: Several = incoming.body()?;
        return send_several(app, incoming, &sender, admin, &several).await;
    }
    // A form in which nothing is ticked has no field at all.
    if incoming.is_form() && !incoming.object()?.contains_key("tool") {
        return Err(Problem::bad_field("items", say!("problem-bad-field-detail-tick")));
    }
    let picked: Picked = incoming.body()?;
    let one = picked.checked()?;
    let leaving = may_leave(app, &sender, &one).await?;
    if let Some(admin) = admin {
        shown_to(admin, &sender, one.tool, one.item).await?;
    }
    let Leaving { job, came_from } = leaving;
    let (status, delivery) = set_out(app, &sender.connection, &job, came_from, &sender.why).await?;
    Ok(Answer::json(status, &delivery))
}

/// Each is sent or refused for itself. If the process dies in the middle, the first ones are sent; sending all of them
/// again sends the rest.
async fn send_several(
    app: &ForwardItem,
    incoming: &Incoming,
    sender: &Sender,
    admin: Option<&Admin<'_>>,
    items: &Several,
) -> Reply {
    let (mut leaving, mut sent, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for one in several(items)? {
        match may_leave(app, sender, &one).await {
            Ok(one) => leaving.push(one),
            Err(problem) if problem.status < 500 => refused.push((one.tool, one.item, problem)),
            Err(problem) => return Err(problem),
        }
    }
    if let Some(admin) = admin {
        // All are read before the first is sent: where Procore asks to wait meanwhile, none has been.
        let items: Vec<_> = leaving.iter().map(|one| (one.job.tool, one.job.item)).collect();
        let project = &sender.connection.party(sender.side).project;
        let hidden = hidden(admin, project, &items, Reach::default()).await?;
        leaving.retain(|one| !hidden.contains(&(one.job.tool, one.job.item)));
        let problem = |(tool, item)| (tool, item, Problem::item_hidden(tool));
        refused.extend(hidden.into_iter().map(problem));
    }
    for Leaving { job, came_from } in leaving {
        match set_out(app, &sender.connection, &job, came_from, &sender.why).await {
            Ok((_, delivery)) => sent.push(delivery),
            Err(problem) if problem.status < 500 => refused.push((job.tool, job.item, problem)),
            Err(problem) => return Err(problem),
        }
    }
    match refused.first() {
        // Whoever sent a form sees one problem and no list.
        Some((_, _, problem)) if incoming.is_form() => Err(Problem::new(
            problem.status(),
            "some-refused",
            &problem.title,
            say!(
                "problem-some-refused-detail-sent",
                sent = sent.len(),
                refused = refused.len(),
                detail = &problem.detail
            ),
        )),
        _ => {
            let refused: Vec<Value> = refused
                .into_iter()
                .map(|(tool, item, problem)| json!({"tool": tool, "item_id": item, "problem": problem.document()}))
                .collect();
            Ok(Answer::ok(json!({"sent": sent, "refused": refused})))
        }
    }
}

/// The job of sending an item, where the connection and this side's choices let it leave.
async fn may_leave(app: &ForwardItem, sender: &Sender, one: &One) -> Result<Leaving, Problem> {
    let Sender { connection, side, .. } = sender;
    let job = send_by_hand(connection, *side, one.tool, one.item).map_err(|cannot| cannot_send(&cannot))?;
    let mut job = Job {
        may_be_private: one.wish.confirm_private,
        ..job
    };
    let came_from = app.sessions.table.came_from(job.source, job.tool, job.item).await?;
    if let Some(original) = Origin::in_project(&came_from, job.target) {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "is-copy",
            say!("problem-is-copy-title"),
            say!("problem-is-copy-detail", name = shown(&original.name)),
        ));
    }
    if one.wish.second_copy {
        job.repeat = next_copy(app, &job).await?;
    }
    Ok(Leaving { job, came_from })
}

/// Which copy a person asks for who wants a second one: the first that is not across yet. Somebody who asks twice before it is
/// there asks for one.
async fn next_copy(app: &ForwardItem, job: &Job) -> Result<u32, Problem> {
    for repeat in 0..=MAX_COPIES {
        let copy = Job { repeat, ..job.clone() };
        let known = app.sessions.table.delivery(copy.pair(), &copy.reference()).await?;
        if !known.is_some_and(|known| matches!(known.delivery.status, Status::Delivered { .. })) {
            return Ok(repeat);
        }
    }
    Err(Problem::new(
        StatusCode::CONFLICT,
        "too-many-copies",
        say!("problem-too-many-copies-title"),
        say!("problem-too-many-copies-detail", times = MAX_COPIES + 1),
    ))
}

/// Makes sure that Procore shows an item to the person who wants it sent.
async fn shown_to(admin: &Admin<'_>, sender: &Sender, tool: Tool, item: ItemId) -> Result<(), Problem> {
    let project = &sender.connection.party(sender.side).project;
    // Dies here, or waits for Procore: nothing was sent.
    admin.who.item(project, tool, item).await.map(drop)
}

/// Which items of a project Procore does not show to the person who wants them sent. Many are looked for in lists that reach
/// back ever further, from `reach` on; few cost a call each.
pub(crate) async fn hidden(
    admin: &Admin<'_>,
    project: &Project,
    items: &[(Tool, ItemId)],
    reach: Reach,
) -> Result<Vec<(Tool, ItemId)>, Problem> {
    let mut hidden = Vec::new();
    for tool in Tool::ALL {
        let wanted = items.iter().filter(|(of, _)| *of == tool).map(|(_, item)| *item);
        let unseen = match unseen(admin, project, tool, wanted.collect(), reach).await {
            Ok(unseen) => unseen,
            // The whole tool is closed to the person.
            Err(problem) if matches!(problem.status, 403 | 404) => {
                let of_tool = items.iter().filter(|(of, _)| *of == tool);
                hidden.extend(of_tool.copied());
                continue;
            }
            Err(problem) => return Err(problem),
        };
        for item in unseen {
            match admin.who.item(project, tool, item).await {
                Ok(_) => {}
                Err(problem) if problem.status == 403 => hidden.push((tool, item)),
                Err(problem) => return Err(problem),
            }
        }
    }
    Ok(hidden)
}

/// Those of some items that no list of theirs shows to the person, as far as lists are worth their calls.
async fn unseen(
    admin: &Admin<'_>,
    project: &Project,
    tool: Tool,
    mut wanted: Vec<ItemId>,
    reach: Reach,
) -> Result<Vec<ItemId>, Problem> {
    // What a person may see counts as of now.
    let lists = ItemLists::default();
    for reach in Reach::EACH.into_iter().filter(|each| *each >= reach) {
        let few = match (reach, tool) {
            (Reach::All, Tool::WorkingHours | Tool::Notes) => WORTH_A_DIARY,
            _ => 1,
        };
        if wanted.len() <= few {
            break;
        }
        let listed = admin.who.items(&lists, project, tool, reach, Freshness::Now).await?;
        let listed: HashSet<ItemId> = listed.iter().map(Item::id).collect();
        wanted.retain(|item| !listed.contains(item));
    }
    Ok(wanted)
}

/// Has a delivery tried again now, with the count of attempts at zero. Admins of either side may: those of the side that
/// sent it where Procore shows them the item, those of the other side because it was sent to them.
pub(crate) async fn retry(app: &ForwardItem, incoming: &Incoming) -> Reply {
    incoming.same_origin()?;
    let admin = app.sessions.admin(incoming, incoming.project()?).await?;
    let (connection, side) = admin.connection(incoming.connection()?).await?;
    let known = app
        .sessions
        .table
        .delivery(connection.pair(), &incoming.delivery()?)
        .await?;
    let delivery = known
        .ok_or_else(|| Problem::not_found(say!("thing-delivery")))?
        .delivery;
    let job = again_over(&connection, &delivery)?;
    if job.to != side {
        let project = &connection.party(side).project;
        admin.who.item(project, job.tool, job.item).await?;
    }
    let (status, delivery) = try_again(app, &admin, &connection, &job, delivery.came_from).await?;
    Ok(Answer::json(status, &delivery))
}

/// The job of a delivery that is tried again over a connection, where there is something to try.
pub(crate) fn again_over(connection: &Connection, delivery: &Delivery) -> Result<Job, Problem> {
    match &delivery.status {
        Status::Delivered { .. } => Err(Problem::new(
            StatusCode::CONFLICT,
            "already-delivered",
            say!("problem-already-delivered-title"),
            say!("problem-already-delivered-detail"),
        )),
        Status::Cancelled { because, reason } if *because != Because::ConnectionEnded => Err(Problem::new(
            StatusCode::CONFLICT,
            "cancelled",
            say!("problem-cancelled-title"),
            match because {
                Because::NotAccepted => say!("problem-cancelled-detail-not-accepted", reason = reason),
                _ => say!("problem-cancelled-detail", reason = reason),
            },
        )),
        Status::Cancelled { .. } => Err(cancelled()),
        _ if connection.connected_since().is_none() => Err(not_connected()),
        _ => {
            let to = connection.side_of(delivery.job.target);
            Ok(Job {
                connection: connection.id,
                to: to.ok_or_else(|| Problem::not_found(say!("thing-delivery")))?,
                ..delivery.job.clone()
            })
        }
    }
}

/// Has it tried again, and says by whom.
pub(crate) async fn try_again(
    app: &ForwardItem,
    admin: &Admin<'_>,
    connection: &Connection,
    job: &Job,
    came_from: Vec<Origin>,
) -> Result<(StatusCode, Delivery), Problem> {
    let why = say!("why-again", name = shown(&admin.who.person().name));
    set_out(app, connection, job, came_from, &why).await
}

/// Records that a delivery is wanted, and tells a worker.
async fn set_out(
    app: &ForwardItem,
    connection: &Connection,
    job: &Job,
    came_from: Vec<Origin>,
    why: &str,
) -> Result<(StatusCode, Delivery), Problem> {
    let table = &app.sessions.table;
    for _ in 0..TRIES {
        let now = Timestamp::now();
        let known = table.delivery(job.pair(), &job.reference()).await?;
        let longest_request = app.sessions.procore.timeout();
        let again = match &known {
            None => Again::Write(Box::new(Delivery::picked(job.clone(), came_from.clone(), why, now))),
            Some(known) => known.delivery.again(job, why, longest_request, now),
        };
        let queued = match (again, &known) {
            (Again::IsDelivered, Some(known)) => return Ok((StatusCode::OK, known.delivery.clone())),
            (Again::IsUnderWay, Some(known)) => known.delivery.clone(),
            (Again::Write(queued), _) if table.queue(known.as_ref(), &queued).await? => *queued,
            (Again::Write(_), _) => continue,
            _ => return Err(cancelled()),
        };
        let told = Job {
            by_hand: queued.job.by_hand || job.by_hand,
            ..job.clone()
        };
        app.copies.send(sender(connection, job), &[told]).await?;
        return Ok((StatusCode::ACCEPTED, queued));
    }
    Err(Problem::changed_meanwhile())
}

/// The company whose project the item is in.
fn sender(connection: &Connection, job: &Job) -> CompanyId {
    connection.party(job.to.other()).project.company_id
}

/// One item that a person picked.
struct One {
    tool: Tool,
    item: ItemId,
    wish: Wish,
}

impl Picked {
    fn checked(&self) -> Result<One, Problem> {
        Ok(One {
            tool: self.tool,
            item: item(&self.item_id)?,
            wish: Wish {
                confirm_private: self.confirm_private.is_set(),
                second_copy: self.second_copy.is_set(),
            },
        })
    }
}

fn item(id: &Value) -> Result<ItemId, Problem> {
    let number = id.as_u64().and_then(ItemId::new);
    let item = number.or_else(|| id.as_str().and_then(|text| text.parse().ok()));
    let detail = "item_id is the item's id in Procore: a positive whole number.";
    item.ok_or_else(|| Problem::bad_field("item_id", detail))
}

fn several(several: &Several) -> Result<Vec<One>, Problem> {
    let items = &several.items;
    let for_all = Wish {
        confirm_private: several.confirm_private.is_set(),
        second_copy: several.second_copy.is_set(),
    };
    let detail = format!("items is a list of 1 to {MAX_ITEMS} items, each with its tool and item_id.");
    let wrong = || Problem::bad_field("items", detail.clone());
    let one = |value: &Value| match value {
        Value::String(ticked) => {
            let (tool, item) = ticked.split_once(':').ok_or_else(wrong)?;
            Ok(One {
                tool: tool.parse().map_err(|_| wrong())?,
                item: item.parse().map_err(|_| wrong())?,
                wish: for_all,
            })
        }
        Value::Object(_) => {
            let picked: Picked = serde_json::from_value(value.clone()).map_err(|_| wrong())?;
            let mut one = picked.checked()?;
            one.wish.confirm_private |= for_all.confirm_private;
            one.wish.second_copy |= for_all.second_copy;
            Ok(one)
        }
        _ => Err(wrong()),
    };
    match items {
        Value::Array(items) if (1..=MAX_ITEMS).contains(&items.len()) => items.iter().map(one).collect(),
        Value::String(_) => Ok(vec![one(items)?]),
        _ => Err(wrong()),
    }
}

fn cannot_send(cannot: &CannotSend) -> Problem {
    let (slug, title) = match cannot {
        CannotSend::NotConnected => ("not-connected", say!("problem-not-connected-title")),
        CannotSend::Off(_) => ("not-sent", say!("problem-not-sent-title")),
        CannotSend::NotAccepted(_) => ("not-accepted", say!("problem-not-accepted-title")),
    };
    Problem::new(StatusCode::CONFLICT, slug, title, cannot.to_string())
}

/// That the two projects are not connected.
pub(crate) fn not_connected() -> Problem {
    cannot_send(&CannotSend::NotConnected)
}

fn cancelled() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "cancelled",
        say!("problem-cancelled-title-ended"),
        say!("problem-cancelled-detail-ended"),
    )
}
