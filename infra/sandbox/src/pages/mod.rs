//! Pages to click in: plain HTML forms that do what the API does, as the person who is signed in.

mod layout;
mod session;

use axum::Router;

pub(crate) use layout::layout;
pub(crate) use session::Sessions;

use crate::app::App;

pub(crate) fn router() -> Router<App> {
    Router::new()
}
