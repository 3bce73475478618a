//! `/oauth/authorize`: choosing who signs in, and whether the app is let in.

use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::pkce::Challenge;
use crate::app::App;
use crate::pages::layout;
use crate::world::World;

/// Procore's address for apps that cannot be redirected to: the code is shown instead.
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// What the app asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Request {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    state: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

/// What the person answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    login: Option<String>,
    deny: Option<String>,
    // The query's parameters may come in the form as well, as some clients send them.
    response_type: Option<String>,
    client_id: Option<String>,
    redirect_uri: Option<String>,
    state: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

impl Request {
    /// What is wrong with the request, in a sentence.
    fn problem(&self, world: &World) -> Option<String> {
        if !world.applications.contains_key(&self.client_id) {
            return Some(format!("There is no app with the client id “{}”.", self.client_id));
        }
        if !is_allowed_redirect(&self.redirect_uri) {
            return Some(
                "The redirect URI has to be http://localhost, http://127.0.0.1 or the out-of-band one.".to_owned(),
            );
        }
        if self.response_type != "code" {
            return Some("The response type has to be “code”.".to_owned());
        }
        self.challenge().err()
    }

    /// The challenge that the code is to be bound to, where the app sent one (RFC 7636).
    fn challenge(&self) -> Result<Option<Challenge>, String> {
        let Some(challenge) = self.code_challenge.as_deref().filter(|challenge| !challenge.is_empty()) else {
            return Ok(None);
        };
        let challenge = Challenge::parse(challenge, self.code_challenge_method.as_deref());
        let wrong = "The code challenge has to be of 43 to 128 letters, and its method “S256” or “plain”.";
        challenge.map(Some).ok_or_else(|| wrong.to_owned())
    }

    fn redirect(&self, app: &App, outcome: (&str, &str), description: Option<&str>) -> Response {
        if self.redirect_uri == OUT_OF_BAND {
            let shown = url::form_urlencoded::Serializer::new(String::new())
                .append_pair(outcome.0, outcome.1)
                .finish();
            return Redirect::to(&format!("{}/oauth/authorize/native?{shown}", app.addresses.public)).into_response();
        }
        // `problem` let only parsable addresses through.
        let Ok(mut url) = url::Url::parse(&self.redirect_uri) else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        {
            let mut query = url.query_pairs_mut();
            query.append_pair(outcome.0, outcome.1);
            if let Some(description) = description {
                query.append_pair("error_description", description);
            }
            if let Some(state) = &self.state {
                query.append_pair("state", state);
            }
        }
        (StatusCode::FOUND, [(axum::http::header::LOCATION, url.to_string())]).into_response()
    }
}

fn is_allowed_redirect(text: &str) -> bool {
    text == OUT_OF_BAND
        || url::Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.fragment().is_none()
                && url
                    .host_str()
                    .is_some_and(|host| matches!(host, "localhost" | "127.0.0.1") || host.ends_with(".localhost"))
        })
}

fn refused(problem: &str) -> Response {
    let content = html! {
        h1 { "This app cannot sign you in" }
        p.problem { (problem) }
    };
    (StatusCode::BAD_REQUEST, layout("Sign in", None, &content)).into_response()
}

pub(super) async fn page(State(app): State<App>, Query(request): Query<Request>) -> Response {
    let world = app.world();
    if let Some(problem) = request.problem(&world) {
        return refused(&problem);
    }
    let name = world
        .applications
        .get(&request.client_id)
        .map_or("", |application| &application.name);
    let content = html! {
        h1 { "Sign in to Procore" }
        p { strong { (name) } " wants to see and change, as you, what you may see and change. Choose who you are." }
        form method="post" {
            ul.people {
                @for person in world.people.values().filter(|person| person.serves.is_none()) {
                    li { button name="login" value=(person.login) { (person.name()) small { (person.login) } } }
                }
            }
            button.quiet name="deny" value="1" { "Do not let " (name) " in" }
        }
    };
    layout("Sign in", None, &content).into_response()
}

pub(super) async fn decide(
    State(app): State<App>,
    Query(query): Query<Request>,
    Form(answer): Form<Answer>,
) -> Response {
    let or = |value: String, other: Option<String>| {
        if value.is_empty() {
            other.unwrap_or_default()
        } else {
            value
        }
    };
    let request = Request {
        response_type: or(query.response_type, answer.response_type),
        client_id: or(query.client_id, answer.client_id),
        redirect_uri: or(query.redirect_uri, answer.redirect_uri),
        state: query.state.or(answer.state),
        code_challenge: query.code_challenge.or(answer.code_challenge),
        code_challenge_method: query.code_challenge_method.or(answer.code_challenge_method),
    };
    let mut world = app.world();
    if let Some(problem) = request.problem(&world) {
        return refused(&problem);
    }
    if answer.deny.is_some() {
        let reason = "The resource owner or authorization server denied the request.";
        return request.redirect(&app, ("error", "access_denied"), Some(reason));
    }
    let login = answer.login.unwrap_or_default();
    let person = world
        .person_by_login(&login)
        .filter(|person| person.serves.is_none())
        .map(|person| person.id);
    let Some(person_id) = person else {
        return refused(&format!("There is nobody with the login “{login}”."));
    };
    let code = world.grants.issue_code(
        &request.client_id,
        person_id,
        &request.redirect_uri,
        request.challenge().unwrap_or_default(),
    );
    request.redirect(&app, ("code", &code), None)
}

/// What an out-of-band sign-in ends with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Outcome {
    code: Option<String>,
    error: Option<String>,
}

pub(super) async fn native(Query(outcome): Query<Outcome>) -> Markup {
    let content = match outcome.code {
        Some(code) => html! {
            h1 { "Authorization code" }
            p { "Copy it into the app:" }
            p { code #authorization_code { (code) } }
        },
        None => html! {
            h1 { "Not let in" }
            p.problem { (outcome.error.unwrap_or_default()) }
        },
    };
    layout("Sign in", None, &content)
}
