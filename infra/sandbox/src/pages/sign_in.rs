//! Signing in on the sandbox's own pages, by choosing who one is.

use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::session;
use crate::app::App;

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    login: String,
}

pub(super) async fn sign_in(State(app): State<App>, Form(choice): Form<Choice>) -> Response {
    let person = app
        .world()
        .person_by_login(&choice.login)
        .filter(|person| person.serves.is_none())
        .cloned();
    let mut response = Redirect::to("/").into_response();
    if let Some(person) = person {
        let key = app.sessions().start(person.id);
        let cookie = format!("{}={key}; Path=/; HttpOnly; SameSite=Lax", session::COOKIE);
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    response
}

pub(super) async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Response {
    if let Some(key) = session::key(&headers) {
        app.sessions().end(&key);
    }
    let expired = format!("{}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0", session::COOKIE);
    let mut response = Redirect::to("/").into_response();
    if let Ok(cookie) = HeaderValue::from_str(&expired) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
