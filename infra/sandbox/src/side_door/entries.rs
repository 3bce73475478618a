//! `/sandbox/projects/{id}/rfis|manpower_logs|notes_logs`: what a person does on the pages, with that person's
//! permissions and no app. The body is the REST API's plus `login`.

use axum::Json;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::json::wrong;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::body::Body;
use crate::rest::{daily_logs, rfis};
use crate::world::{Actor, DailyLogKind, Id, World};

/// What kind of entry a path names.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Rfi,
    DailyLog(DailyLogKind),
}

impl Kind {
    fn parse(text: &str) -> Result<Self, Refusal> {
        match text {
            "rfis" => Ok(Self::Rfi),
            "manpower_logs" => Ok(Self::DailyLog(DailyLogKind::Manpower)),
            "notes_logs" => Ok(Self::DailyLog(DailyLogKind::Notes)),
            _ => Err(Refusal::NotFound),
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
    let id = match kind {
        Kind::Rfi => world.create_rfi(&actor, project_id, entry.wrapped("rfi")?, files)?,
        Kind::DailyLog(kind) => world.create_daily_log(&actor, project_id, kind, entry.wrapped(kind.key())?, files)?,
    };
    Ok((StatusCode::CREATED, Json(shown(&app, &world, kind, id, &actor)?)))
}

pub(super) async fn update(
    State(app): State<App>,
    Path((project_id, kind, id)): Path<(Id, String, Id)>,
    entry: Entry,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    let actor = entry.actor(&world, project_id)?;
    let kind = Kind::parse(&kind)?;
    match kind {
        Kind::Rfi => world.update_rfi(&actor, project_id, id, entry.wrapped("rfi")?)?,
        Kind::DailyLog(kind) => {
            world.update_daily_log(&actor, project_id, kind, id, entry.wrapped(kind.key())?)?;
        }
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

fn shown(app: &App, world: &World, kind: Kind, id: Id, actor: &Actor) -> Result<Value, Refusal> {
    match kind {
        Kind::Rfi => Ok(rfis::view(
            world,
            &app.addresses,
            world.rfis.get(&id).ok_or(Refusal::NotFound)?,
        )),
        Kind::DailyLog(_) => {
            let log = world.daily_logs.get(&id).ok_or(Refusal::NotFound)?;
            Ok(daily_logs::view(world, &app.addresses, log, actor.person_id))
        }
    }
}
