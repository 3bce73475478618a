//! `/sandbox/projects/{id}/rfis|manpower_logs|notes_logs|drawings|specification_sections|files|bid_packages`: what a
//! person does on the pages, with that person's permissions and no app. The body is the REST API's plus `login`.

use axum::Json;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::json::wrong;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::body::Body;
use crate::rest::{bid_packages, daily_logs, drawing_revisions, folders, rfis, specification_sections};
use crate::world::{Actor, DailyLogKind, Id, World};

/// What kind of entry a path names.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Rfi,
    DailyLog(DailyLogKind),
    Drawing,
    SpecificationSection,
    File,
    BidPackage,
}

impl Kind {
    fn parse(text: &str) -> Result<Self, Refusal> {
        match text {
            "rfis" => Ok(Self::Rfi),
            "manpower_logs" => Ok(Self::DailyLog(DailyLogKind::Manpower)),
            "notes_logs" => Ok(Self::DailyLog(DailyLogKind::Notes)),
            "drawings" => Ok(Self::Drawing),
            "specification_sections" => Ok(Self::SpecificationSection),
            "files" => Ok(Self::File),
            "bid_packages" => Ok(Self::BidPackage),
            _ => Err(Refusal::NotFound),
        }
    }

    /// The key that wraps an entry in a request's body.
    fn key(self) -> &'static str {
        match self {
            Self::Rfi => "rfi",
            Self::DailyLog(kind) => kind.key(),
            Self::Drawing => "drawing",
            Self::SpecificationSection => "specification_section",
            Self::File => "file",
            Self::BidPackage => "bid_package",
        }
    }
}

/// A REST body; what would be a 400 there is a 422 here, as everywhere at the side door.
pub(super) struct Entry(Body);

impl FromRequest<App> for Entry {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let mut body = Body::from_request(request, app).await.map_err(unprocessable)?;
        for file in super::files::listed(app, &body.values).await? {
            body.attach(file);
        }
        Ok(Self(body))
    }
}

fn unprocessable(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::BadRequest(reason) => wrong(reason),
        other => other,
    }
}

impl Entry {
    fn actor(&self, world: &World, project_id: Id) -> Result<Actor, Refusal> {
        let login = self.0.values.get("login").and_then(Value::as_str);
        let login = login.ok_or_else(|| Refusal::invalid("login", "can't be blank"))?;
        let person = world
            .person_by_login(login)
            .ok_or_else(|| Refusal::invalid("login", "is nobody's"))?;
        if world.sees_project(person.id, project_id) {
            Ok(Actor::by_hand(person.id))
        } else {
            Err(Refusal::NotFound)
        }
    }

    fn wrapped(&self, key: &str) -> Result<&Value, Refusal> {
        self.0.wrapped(key).map_err(unprocessable)
    }
}

pub(super) async fn create(
    State(app): State<App>,
    Path((project_id, kind)): Path<(Id, String)>,
    mut entry: Entry,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    let actor = entry.actor(&world, project_id)?;
    let files = entry.0.attachments();
    let kind = Kind::parse(&kind)?;
    let values = entry.wrapped(kind.key())?;
    let id = match kind {
        Kind::Rfi => world.create_rfi(&actor, project_id, values, files)?,
        Kind::DailyLog(kind) => world.create_daily_log(&actor, project_id, kind, values, files)?,
        Kind::Drawing => world.publish_drawing(&actor, project_id, values, files)?,
        Kind::SpecificationSection => world.publish_specification(&actor, project_id, values, files)?,
        Kind::File => world.put_document(&actor, project_id, values, files)?,
        Kind::BidPackage => world.create_bid_package(&actor, project_id, values)?,
    };
    Ok((StatusCode::CREATED, Json(shown(&app, &world, kind, id, &actor)?)))
}

pub(super) async fn update(
    State(app): State<App>,
    Path((project_id, kind, id)): Path<(Id, String, Id)>,
    mut entry: Entry,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    let actor = entry.actor(&world, project_id)?;
    let files = entry.0.attachments();
    let kind = Kind::parse(&kind)?;
    let values = entry.wrapped(kind.key())?;
    match kind {
        Kind::Rfi => world.update_rfi(&actor, project_id, id, values)?,
        Kind::DailyLog(kind) => world.update_daily_log(&actor, project_id, kind, id, values, files)?,
        Kind::Drawing => world.update_drawing(&actor, project_id, id, values)?,
        // A section changes with its next revision only.
        Kind::SpecificationSection => return Err(Refusal::NotFound),
        Kind::File => world.update_document(&actor, project_id, id, values)?,
        Kind::BidPackage => world.update_bid_package(&actor, project_id, id, values)?,
    }
    Ok(Json(shown(&app, &world, kind, id, &actor)?))
}

pub(super) async fn delete(
    State(app): State<App>,
    Path((project_id, kind, id)): Path<(Id, String, Id)>,
    entry: Entry,
) -> Result<StatusCode, Refusal> {
    let mut world = app.world();
    let actor = entry.actor(&world, project_id)?;
    match Kind::parse(&kind)? {
        Kind::Rfi => world.delete_rfi(&actor, project_id, id)?,
        Kind::DailyLog(kind) => world.delete_daily_log(&actor, project_id, kind, id)?,
        Kind::Drawing => world.delete_drawing(&actor, project_id, id)?,
        Kind::SpecificationSection => world.delete_specification(&actor, project_id, id)?,
        Kind::File => world.delete_document(&actor, project_id, id)?,
        Kind::BidPackage => world.delete_bid_package(&actor, project_id, id)?,
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn reply(
    State(app): State<App>,
    Path((project_id, rfi_id)): Path<(Id, Id)>,
    mut entry: Entry,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    let actor = entry.actor(&world, project_id)?;
    let files = entry.0.attachments();
    let reply = world.reply_to_rfi(&actor, project_id, rfi_id, entry.wrapped("reply")?, files)?;
    Ok((StatusCode::CREATED, Json(json!({"id": reply.id}))))
}

/// An entry as the REST API shows it: of a drawing or a section, its current revision.
fn shown(app: &App, world: &World, kind: Kind, id: Id, actor: &Actor) -> Result<Value, Refusal> {
    let addresses = &app.addresses;
    let view = match kind {
        Kind::Rfi => world.rfis.get(&id).map(|rfi| rfis::view(world, addresses, rfi)),
        Kind::DailyLog(_) => {
            let log = world.daily_logs.get(&id);
            log.map(|log| daily_logs::view(world, addresses, log, actor.person_id))
        }
        Kind::Drawing => {
            let drawing = world.plans.drawings.get(&id).ok_or(Refusal::NotFound)?;
            let revision = drawing.current_revision_id();
            let revision = revision.and_then(|id| world.plans.drawing_revisions.get(&id));
            revision.map(|revision| drawing_revisions::view(world, addresses, drawing, revision))
        }
        Kind::SpecificationSection => {
            let mut revisions = world.plans.specification_revisions.values();
            let last = revisions.rfind(|revision| revision.section_id == id);
            last.map(|revision| specification_sections::view(world, addresses, revision))
        }
        Kind::File => {
            let document = world.plans.documents.get(&id);
            document.map(|document| folders::file_view(world, addresses, document, false))
        }
        Kind::BidPackage => world.plans.bid_packages.get(&id).map(bid_packages::view),
    };
    view.ok_or(Refusal::NotFound)
}
