//! Somebody wants many deliveries tried again, or put aside: those that are ticked, or all that fit a query.

use std::collections::BTreeSet;

use gusset_adapters::{
    http::{Answer, Incoming, Problem, Reply},
    log::{self, Log},
    sessions::Admin,
    table::deliveries::Range,
};
use gusset_domain::{
    activity::{Query, Row, StatusName},
    connection::Connection,
    ids::ItemId,
    marker::Reference,
    names::shown,
    offered::Reach,
    send::Tool,
};
use gusset_words::say;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{ForwardItem, by_hand};

/// The most deliveries that one request acts on. Whoever wants more asks again: the answer says how many are left.
const MAX: usize = 100;

/// How long before its delivery an item may have been created, to be looked up together with others.
const HEARD_OF_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// What is done to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// They are tried again now.
    Retry,
    /// They are put aside: cancelled, until somebody sends them anyway.
    Dismiss,
}

/// Which of the project's deliveries are meant. A person ticks some, or means all that fit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chosen {
    /// Their references; a form that has one names it without a list around it.
    #[serde(default)]
    deliveries: Option<Value>,
    /// A query of the log: an object, or the text that an address has behind its question mark.
    #[serde(default)]
    matching: Option<Value>,
}

/// What came of one of them that was not acted on.
struct Refused {
    reference: Reference,
    problem: Problem,
}

/// Acts on each for itself. If the process dies in the middle, the first ones are done, and asking again does the rest: what is
/// done fits no more.
pub(crate) async fn act(app: &ForwardItem, incoming: &Incoming, act: Act) -> Reply {
    incoming.same_origin()?;
    let admin = app.sessions.admin(incoming, incoming.project()?).await?;
    let chosen: Chosen = incoming.body()?;
    let connections = app.sessions.table.connections(admin.project).await?;
    let query = chosen.query()?;
    let ticked = chosen.ticked()?;
    let log = read(app, &connections, &query).await?;
    let mut rows: Vec<&Row> = query.select(&log.rows, admin.project).rows;
    rows.retain(|row| ticked.as_ref().is_none_or(|ticked| ticked.contains(&row.reference)) && act.applies(row.status));
    // In the order in which they were heard of.
    rows.sort_by_key(|row| row.place());
    let left = rows.len().saturating_sub(MAX);
    rows.truncate(MAX);
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    if act == Act::Retry {
        let hidden = hidden(&admin, &connections, &rows).await?;
        rows.retain(|row| {
            let is_hidden = row.source == admin.project && hidden.contains(&(row.tool, row.item));
            if is_hidden {
                let (reference, problem) = (row.reference.clone(), Problem::item_hidden(row.tool));
                refused.push(Refused { reference, problem });
            }
            !is_hidden
        });
    }
    for row in rows {
        let acted = match act {
            Act::Retry => retry(app, &admin, &connections, row).await,
            Act::Dismiss => dismiss(app, &admin, row).await,
        };
        match acted {
            Ok(()) => done.push(row.reference.clone()),
            Err(problem) if problem.status < 500 => refused.push(Refused {
                reference: row.reference.clone(),
                problem,
            }),
            Err(problem) => return Err(problem),
        }
    }
    answer(incoming, &done, &refused, left)
}

fn answer(incoming: &Incoming, done: &[Reference], refused: &[Refused], left: usize) -> Reply {
    // Whoever sent a form sees one problem and no list.
    if incoming.is_form() && (done.is_empty() || !refused.is_empty()) {
        let Some(first) = refused.first() else {
            return Err(Problem::bad_field(
                "deliveries",
                say!("problem-bad-field-detail-tick-stopped"),
            ));
        };
        return Err(Problem::new(
            first.problem.status(),
            "some-refused",
            &first.problem.title,
            say!(
                "problem-some-refused-detail",
                done = done.len(),
                refused = refused.len(),
                detail = &first.problem.detail
            ),
        ));
    }
    let refused: Vec<Value> = refused
        .iter()
        .map(|one| json!({"reference": one.reference, "problem": one.problem.document()}))
        .collect();
    Ok(Answer::ok(json!({"done": done, "refused": refused, "left": left})))
}

async fn read(app: &ForwardItem, connections: &[Connection], query: &Query) -> Result<Log, Problem> {
    let pairs = log::pairs(connections);
    Ok(log::read(&app.sessions.table, &pairs, &Range::from(query), log::MAX_READ).await?)
}

/// Which of the items Procore does not show to the person: what goes out of the person's own project is read first.
async fn hidden(admin: &Admin<'_>, connections: &[Connection], rows: &[&Row]) -> Result<Vec<(Tool, ItemId)>, Problem> {
    let ours: Vec<&&Row> = rows.iter().filter(|row| row.source == admin.project).collect();
    let Some(oldest) = ours.iter().map(|row| row.created_at).min() else {
        return Ok(Vec::new());
    };
    let sides = connections
        .iter()
        .flat_map(|it| [&it.requester.project, &it.recipient.project]);
    let project = sides.into_iter().find(|project| project.id == admin.project);
    let project = project.ok_or_else(|| Problem::not_found(say!("thing-project")))?;
    let since = oldest.saturating_sub(HEARD_OF_WITHIN).unwrap_or(oldest);
    let items: Vec<_> = ours.iter().map(|row| (row.tool, row.item)).collect();
    // What is older than the range that Procore lists at once costs a call each, where it is little.
    let reach = Reach::back_to(since, Timestamp::now()).min(Reach::Quarter);
    by_hand::hidden(admin, project, &items, reach).await
}

/// Over the connection that the two projects have now, whichever it went over before.
async fn retry(app: &ForwardItem, admin: &Admin<'_>, connections: &[Connection], row: &Row) -> Result<(), Problem> {
    let known = app.sessions.table.delivery(row.pair(), &row.reference).await?;
    let known = known.ok_or_else(|| Problem::not_found(say!("thing-delivery")))?;
    let live = connections
        .iter()
        .find(|it| it.pair() == row.pair() && it.connected_since().is_some());
    let live = live.ok_or_else(by_hand::not_connected)?;
    // The log may be a moment behind: how it stands now is looked at as for one alone.
    let job = by_hand::again_over(live, &known.delivery)?;
    by_hand::try_again(app, admin, live, &job, known.delivery.came_from)
        .await
        .map(drop)
}

async fn dismiss(app: &ForwardItem, admin: &Admin<'_>, row: &Row) -> Result<(), Problem> {
    let table = &app.sessions.table;
    let known = table.delivery(row.pair(), &row.reference).await?;
    let known = known.ok_or_else(|| Problem::not_found(say!("thing-delivery")))?;
    let by = shown(&admin.who.person().name);
    let dismissed = known.delivery.dismissed(&by, Timestamp::now());
    let dismissed = dismissed.ok_or_else(Problem::changed_meanwhile)?;
    if table.settle(&known, &dismissed).await? {
        Ok(())
    } else {
        Err(Problem::changed_meanwhile())
    }
}

impl Act {
    fn applies(self, status: StatusName) -> bool {
        match self {
            Self::Retry => status.may_be_retried(),
            Self::Dismiss => matches!(status, StatusName::Held | StatusName::Failed),
        }
    }
}

impl Chosen {
    /// The query that is meant. Of what is ticked: all.
    fn query(&self) -> Result<Query, Problem> {
        let wrong = || {
            Problem::bad_field(
                "matching",
                "matching is a query of the list, with q, tool, direction, status, since or until.",
            )
        };
        let parameters: Map<String, Value> = match &self.matching {
            None => Map::new(),
            Some(Value::Object(parameters)) => parameters.clone(),
            Some(Value::String(query)) => serde_urlencoded::from_str(query).map_err(|_| wrong())?,
            Some(_) => return Err(wrong()),
        };
        let query = Query::of(|name| parameters.get(name)?.as_str().map(str::to_owned));
        query.map_err(|(name, wrong)| Problem::bad_field(name, wrong))
    }

    /// What is ticked. None: all that fits the query is meant, whatever is ticked beside.
    fn ticked(&self) -> Result<Option<BTreeSet<Reference>>, Problem> {
        let wrong = || Problem::bad_field("deliveries", format!("deliveries is a list of 1 to {MAX} references."));
        let one = |value: &Value| value.as_str().and_then(|text| text.parse().ok()).ok_or_else(wrong);
        match (&self.deliveries, &self.matching) {
            (_, Some(_)) => Ok(None),
            (Some(Value::Array(several)), None) if (1..=MAX).contains(&several.len()) => {
                several.iter().map(one).collect::<Result<_, _>>().map(Some)
            }
            (Some(alone @ Value::String(_)), None) => Ok(Some(BTreeSet::from([one(alone)?]))),
            (None, None) => Err(Problem::bad_field("deliveries", say!("problem-bad-field-detail-tick"))),
            _ => Err(wrong()),
        }
    }
}
