//! Who is signed in on the sandbox's own pages; an app's sign-in is another matter.

use std::collections::HashMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::App;
use crate::random;
use crate::world::{Id, Person};

pub(super) const COOKIE: &str = "sandbox_session";

/// The sessions of this run.
#[derive(Debug, Default)]
pub(crate) struct Sessions(HashMap<String, Id>);

impl Sessions {
    pub(crate) fn start(&mut self, person_id: Id) -> String {
        let key = random::token();
        self.0.insert(key.clone(), person_id);
        key
    }

    pub(crate) fn end(&mut self, key: &str) {
        self.0.remove(key);
    }
}

/// The cookie's value.
pub(super) fn key(headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}

/// The person who is signed in, where a page can do without one.
pub(super) struct Visitor(pub(super) Option<Person>);

impl FromRequestParts<App> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let person_id = key(&parts.headers).and_then(|key| app.sessions().0.get(&key).copied());
        Ok(Self(person_id.and_then(|id| app.world().people.get(&id).cloned())))
    }
}

/// The person who is signed in; anybody else is sent to choose who they are.
pub(super) struct SignedIn(pub(super) Person);

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Ok(Visitor(person)) = Visitor::from_request_parts(parts, app).await;
        person.map(Self).ok_or_else(|| Redirect::to("/").into_response())
    }
}
