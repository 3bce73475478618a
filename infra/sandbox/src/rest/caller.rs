//! Who calls, what they may reach, and how often they may call.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::calls::{Facts, bearer};
use crate::limits::Whose;
use crate::refusal::Refusal;
use crate::world::{Actor, Company, Id, Level, Project, Tool, World};

/// The bearer of a valid token.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) application: String,
    /// None for client credentials.
    person_id: Option<Id>,
    /// What the `Procore-Company-Id` header says.
    company_header: Option<Id>,
}

/// A caller inside one project.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) person_id: Id,
    pub(crate) project_id: Id,
    application: String,
}

impl Visit {
    pub(crate) fn actor(&self) -> Actor {
        Actor {
            person_id: self.person_id,
            application: Some(self.application.clone()),
        }
    }

    pub(crate) fn require(&self, world: &World, tool: Tool, level: Level) -> Result<(), Refusal> {
        world.require(self.person_id, self.project_id, tool, level)
    }
}

impl Caller {
    /// Enters a project: the app has to be installed, the service account permitted, the person a member.
    pub(crate) fn enter(&self, world: &World, project_id: Id) -> Result<Visit, Refusal> {
        let project = world.project(project_id)?;
        if self
            .company_header
            .is_some_and(|company_id| company_id != project.company_id)
        {
            return Err(Refusal::NotFound);
        }
        let person_id = self.act_in(world, project.company_id)?;
        if !world.sees_project(person_id, project_id) {
            return Err(if self.person_id.is_none() {
                Refusal::forbidden("This project is not permitted for this app")
            } else {
                Refusal::NotFound
            });
        }
        Ok(Visit {
            person_id,
            project_id,
            application: self.application.clone(),
        })
    }

    /// Enters a project to read what is in a tool.
    pub(crate) fn enter_to_read(&self, world: &World, project_id: Id, tool: Tool) -> Result<Visit, Refusal> {
        let visit = self.enter(world, project_id)?;
        visit.require(world, tool, Level::ReadOnly)?;
        Ok(visit)
    }

    /// The person the caller is in a company.
    pub(crate) fn act_in(&self, world: &World, company_id: Id) -> Result<Id, Refusal> {
        let company = world.company(company_id)?;
        let installation = company
            .installations
            .get(&self.application)
            .ok_or_else(|| not_connected(company))?;
        match self.person_id {
            None => Ok(installation.service_account),
            Some(person_id) if world.sees_company(person_id, company_id) => Ok(person_id),
            Some(_) => Err(Refusal::NotFound),
        }
    }

    /// The person the caller is, in the company of the header where there is one. Client credentials need it.
    pub(crate) fn act(&self, world: &World) -> Result<Id, Refusal> {
        match (self.company_header, self.person_id) {
            (Some(company_id), _) => self.act_in(world, company_id),
            (None, Some(person_id)) => Ok(person_id),
            (None, None) => Err(no_company()),
        }
    }

    pub(crate) fn company_header(&self) -> Option<Id> {
        self.company_header
    }

    /// Whether the caller may know of the project at all.
    pub(crate) fn sees(&self, world: &World, project: &Project) -> bool {
        self.enter(world, project.id).is_ok()
    }
}

/// What a company says to an app that it has not installed: 401, though the token is good, or 403. Procore documents both.
fn not_connected(company: &Company) -> Refusal {
    if company.forbids_unknown_apps {
        Refusal::forbidden("App is not connected to this company")
    } else {
        Refusal::Unauthorized
    }
}

/// The two endpoints that a person may call without a company.
const OF_NO_COMPANY: [&str; 2] = ["/rest/v1.0/me", "/rest/v1.0/companies"];

fn no_company() -> Refusal {
    Refusal::BadRequest("Missing Procore-Company-Id header!".to_owned())
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or(Refusal::Unauthorized)
    }
}

fn identify_request(app: &App, request: &mut Request) -> Result<Caller, Refusal> {
    let headers = request.headers();
    let company_header = match headers
        .get("procore-company-id")
        .map(|value| value.to_str().unwrap_or_default())
    {
        None | Some("") => None,
        Some(text) => {
            let id = text.trim().parse();
            Some(id.map_err(|_| Refusal::BadRequest("Procore-Company-Id header is not a company's id".to_owned()))?)
        }
    };
    let world = app.world();
    let token = bearer(headers)
        .and_then(|token| world.grants.access(token))
        .ok_or(Refusal::Unauthorized)?;
    let caller = Caller {
        application: token.application.clone(),
        person_id: token.person_id,
        company_header,
    };
    drop(world);
    let path = request.uri().path();
    if caller.company_header.is_none() && path.starts_with("/rest/") && !OF_NO_COMPANY.contains(&path) {
        return Err(no_company());
    }
    request.extensions_mut().insert(caller.clone());
    Ok(caller)
}

/// Knows the caller, without counting the call.
pub(super) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match identify_request(&app, &mut request) {
        Ok(_) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Knows the caller and counts the call against both limits.
pub(super) async fn limit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let company_id = Facts::of(&app, &request).company_id;
    let caller = match identify_request(&app, &mut request) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    let whose = match (company_id, caller.person_id) {
        (Some(company_id), _) => Whose::Company(company_id),
        (None, Some(person_id)) => Whose::Person(person_id),
        (None, None) => Whose::Nobody,
    };
    let allowance = app.limits().count(&caller.application, whose);
    let mut response = if allowance.allowed {
        next.run(request).await
    } else {
        let errors = serde_json::json!({"errors": "You have surpassed the max number of requests"});
        (axum::http::StatusCode::TOO_MANY_REQUESTS, axum::Json(errors)).into_response()
    };
    allowance.write(response.headers_mut());
    response
}
