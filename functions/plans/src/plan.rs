//! A project's plans, and what the account writes to them. Their names are Procore's.

use gusset_adapters::{
    accounts::Estimator,
    http::{Answer, Incoming, Problem, Reply},
};
use gusset_domain::plans::{Copy, Own, OwnChange, Plan, PlanKind, PlanRefusal, Revision, RevisionId, order};
use gusset_words::say;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::{Plans, no_such_plan};

/// What in a body would give a plan another name.
const NAMES: [&str; 4] = ["name", "title", "number", "autoname"];

/// A plan, as its account sees it.
#[derive(Serialize)]
struct Shown<'a> {
    id: String,
    kind: PlanKind,
    name: String,
    number: &'a str,
    title: &'a str,
    place: &'a [String],
    discipline: Option<&'a str>,
    obsolete: bool,
    gone_since: Option<Timestamp>,
    label: Option<&'a str>,
    note: Option<&'a str>,
    current: Option<RevisionShown<'a>>,
    former: Vec<RevisionShown<'a>>,
}

/// A revision. Size, hash and type are those of the file that is here, which may be older than the one that is waited for.
#[derive(Serialize)]
struct RevisionShown<'a> {
    id: RevisionId,
    number: &'a str,
    set: Option<&'a str>,
    issued: Option<Date>,
    received: Option<Date>,
    file_name: &'a str,
    state: &'static str,
    reason: Option<&'a str>,
    size: Option<u64>,
    sha256: Option<&'a str>,
    content_type: Option<&'a str>,
    thumbnail: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default, deserialize_with = "present")]
    label: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    note: Option<Option<String>>,
}

/// Tells null from a field that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A project's plans, in the order in which people look for them, or those of a kind or discipline.
pub(crate) async fn list(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who(incoming).await?;
    let ask = incoming.paging()?;
    let (kind, discipline) = (kind(incoming)?, incoming.query("discipline"));
    let project = app.project(&who, incoming).await?;
    let mut plans = app.table().plans(who.account, project.project.id).await?;
    let is_of = |discipline: &str, plan: &Plan| plan.details.discipline.as_deref() == Some(discipline);
    plans.retain(|plan| kind.is_none_or(|kind| plan.id.kind == kind));
    plans.retain(|plan| discipline.as_deref().is_none_or(|wanted| is_of(wanted, plan)));
    plans.sort_by(order::by_place);
    let (page, next) = ask.in_order(plans, |plan| plan.id)?;
    let page: Vec<Shown<'_>> = page.iter().map(shown).collect();
    Ok(Answer::ok(json!({"plans": page, "next_cursor": next})))
}

/// One plan.
pub(crate) async fn show(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who(incoming).await?;
    let plan = app.plan(&who, incoming).await?;
    Ok(Answer::ok(shown(&plan)))
}

/// Writes the account's own label and note to a plan, and nothing else.
pub(crate) async fn change(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who_changes(incoming).await?;
    let plan = app.plan(&who, incoming).await?;
    let body = Value::Object(incoming.object()?);
    if names(&body) || NAMES.iter().any(|name| incoming.is_left_empty(name)) {
        return Err(locked());
    }
    let change = wanted(incoming)?;
    if change == OwnChange::default() {
        return Ok(Answer::ok(shown(&plan)));
    }
    let written = app.table().write_to_plan(who.account, plan.id, &change).await?;
    Ok(Answer::ok(shown(&written.ok_or_else(no_such_plan)?)))
}

/// Refuses to name a plan by what stands on its sheet.
pub(crate) async fn autoname(app: &Plans, incoming: &Incoming) -> Reply {
    let who: Estimator = app.who_changes(incoming).await?;
    app.plan(&who, incoming).await?;
    Err(locked())
}

fn locked() -> Problem {
    let detail = PlanRefusal::NameIsProcores.to_string();
    Problem::conflict("plan-name-locked", say!("problem-plan-name-locked-title"), detail)
}

/// Whether something anywhere in a body would give a plan another name.
fn names(body: &Value) -> bool {
    match body {
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| NAMES.contains(&name.as_str()) || names(value)),
        Value::Array(values) => values.iter().any(names),
        _ => false,
    }
}

fn wanted(incoming: &Incoming) -> Result<OwnChange, Problem> {
    let change: Change = incoming.body()?;
    let field = |name: &str, given: Option<Option<String>>, kept: fn(&str) -> Result<Option<String>, PlanRefusal>| {
        // A form's empty field empties it, as null does.
        let given = given.or_else(|| incoming.is_left_empty(name).then_some(None));
        let kept = given.map(|text| kept(&text.unwrap_or_default())).transpose();
        kept.map_err(|refused| Problem::bad_field(name, refused.to_string()))
    };
    Ok(OwnChange {
        label: field("label", change.label, Own::label)?,
        note: field("note", change.note, Own::note)?,
    })
}

fn kind(incoming: &Incoming) -> Result<Option<PlanKind>, Problem> {
    let word = incoming.query("kind").filter(|word| !word.is_empty());
    let kind = word.map(|word| word.parse()).transpose();
    kind.map_err(|_| Problem::bad_field("kind", "kind is drawing, specification or document."))
}

fn shown(plan: &Plan) -> Shown<'_> {
    let details = &plan.details;
    let current = plan.current();
    let is_former = |id: RevisionId| current.is_none_or(|(current, _)| current != id);
    let former = plan.revisions.iter().rev().filter(|(id, _)| is_former(**id));
    Shown {
        id: plan.id.to_string(),
        kind: plan.id.kind,
        name: plan.name(),
        number: &details.number,
        title: &details.title,
        place: &details.place,
        discipline: details.discipline.as_deref(),
        obsolete: details.obsolete,
        gone_since: plan.gone_since,
        label: plan.own.label.as_deref(),
        note: plan.own.note.as_deref(),
        current: current.map(|(id, revision)| revision_shown(id, revision)),
        former: former.map(|(id, revision)| revision_shown(*id, revision)).collect(),
    }
}

fn revision_shown(id: RevisionId, revision: &Revision) -> RevisionShown<'_> {
    let (state, reason) = match &revision.copy {
        Copy::Waiting { .. } => ("waiting", None),
        Copy::Stored(_) => ("stored", None),
        Copy::Failed { reason, .. } => ("failed", Some(reason.as_str())),
        Copy::NotOffered => ("not_offered", None),
    };
    let file = revision.file();
    RevisionShown {
        id,
        number: &revision.number,
        set: revision.set.as_deref(),
        issued: revision.issued,
        received: revision.received,
        file_name: &revision.file_name,
        state,
        reason,
        size: file.map(|file| file.size),
        sha256: file.map(|file| file.sha256.as_str()),
        content_type: file.map(|file| file.content_type.as_str()),
        thumbnail: revision.thumbnail().is_some(),
    }
}
