//! The pages of estimating accounts.

mod calendar;
mod front;
mod integrations;
mod plans;
mod updates;

use gusset_adapters::{
    accounts::Estimator,
    html::{self, Viewer},
    http::{Answer, Incoming, Problem},
};
use gusset_words::say;
use lambda_http::http::StatusCode;
use maud::{Markup, html};

use crate::{Page, done::Said};

pub(crate) use calendar::{live as calendar_live, page as calendar};
pub(crate) use front::page as front;
pub(crate) use integrations::{live as integrations_live, page as integrations};
pub(crate) use plans::{live as plans_live, page as plans};

/// Where whoever is not signed in is sent to.
pub(crate) const FRONT: &str = "/estimating";

/// Where Procore is connected.
const INTEGRATIONS: &str = "/estimating/integrations";

/// Where projects are listed by when their bids are due.
const CALENDAR: &str = "/estimating/calendar";

/// Where one is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// The front page.
    Front,
    /// The bid calendar.
    Calendar,
    /// App Integrations.
    Integrations,
    /// A project's plans.
    Plans,
}

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
    pub(crate) fn page(&self, incoming: &Incoming, title: &str, tab: Tab, body: &Markup) -> Answer {
        let url = &self.url;
        let current = |is: Tab| (tab == is).then_some("page");
        let within = |is: Tab, inside: Tab| current(is).or((tab == inside).then_some("true"));
        let tabs = html! {
            nav.tabs aria-label=(say!("plans-tabs")) {
                a href={ (url) (CALENDAR) } aria-current=[within(Tab::Calendar, Tab::Plans)] { (say!("plans-tab-calendar")) }
                a href={ (url) (INTEGRATIONS) } aria-current=[current(Tab::Integrations)] { (say!("plans-tab-integrations")) }
            }
        };
        let viewer = Viewer::Estimator(self.who.email.as_str());
        framed(incoming, self.said.as_ref(), title, viewer, &tabs, body)
    }
}

/// A page with the way to others, and what is to be said on top of it.
fn framed(
    incoming: &Incoming,
    said: Option<&Said>,
    title: &str,
    viewer: Viewer<'_>,
    tabs: &Markup,
    body: &Markup,
) -> Answer {
    let whole = html! {
        (tabs)
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
