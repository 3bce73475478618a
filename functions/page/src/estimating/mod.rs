//! The pages of estimating accounts.

mod front;

use gusset_adapters::{
    accounts::Estimator,
    html::{self, Viewer},
    http::{Answer, Incoming, Problem},
};
use lambda_http::http::StatusCode;
use maud::{Markup, html};

use crate::{Page, done::Said};

pub(crate) use front::page as front;

/// Where whoever is not signed in is sent to.
pub(crate) const FRONT: &str = "/estimating";

/// What the pages of an account have in common.
pub(crate) struct Opened {
    /// Who looks.
    pub(crate) who: Estimator,
    /// Where Gusset is.
    pub(crate) url: String,
    said: Option<Said>,
}

impl Opened {
    /// Lets in whoever is signed in.
    ///
    /// # Errors
    /// 401 when nobody is.
    pub(crate) async fn new(app: &Page, incoming: &Incoming) -> Result<Self, Problem> {
        Ok(Self {
            who: app.accounts.signed_in(incoming).await?,
            url: incoming.public_url(),
            said: Said::of(incoming),
        })
    }

    /// A page of the account.
    pub(crate) fn page(&self, incoming: &Incoming, title: &str, body: &Markup) -> Answer {
        let viewer = Viewer::Estimator(self.who.email.as_str());
        framed(incoming, self.said.as_ref(), title, viewer, body)
    }
}

/// A page with what is to be said on top of it.
fn framed(incoming: &Incoming, said: Option<&Said>, title: &str, viewer: Viewer<'_>, body: &Markup) -> Answer {
    let whole = html! {
        @if let Some(said) = said { (said.shown()) }
        (body)
    };
    let page = html::page(title, viewer, &incoming.public_url(), &whole);
    let answer = Answer::html(StatusCode::OK, page);
    match said {
        Some(said) => said.said_once(answer, incoming),
        None => answer,
    }
}
