//! What the pages of one project have in common.

use gusset_adapters::{
    html::{self, Viewer},
    http::{Answer, Incoming, Problem},
    offered::Viewpoint,
    sessions::{Admin, Busy},
};
use gusset_domain::names::shown;
use gusset_domain::{
    connection::{Connection, Side, View},
    connection_code::ConnectionCode,
    people::Project,
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use maud::{Markup, html};

use crate::{Page, busy, done::Said};

/// A project at which one of its admins looks. Looking changes nothing.
pub(crate) struct Opened<'a> {
    /// The admin.
    pub(crate) admin: Admin<'a>,
    project: Project,
    /// The project's code, from when an admin has opened it.
    pub(crate) code: Option<ConnectionCode>,
    /// Where Gusset is.
    pub(crate) url: String,
    /// While Procore does not answer.
    pub(crate) busy: Option<Busy>,
    said: Option<Said>,
}

/// One of its connections.
pub(crate) struct OpenedConnection {
    /// The connection.
    pub(crate) connection: Connection,
    /// The side that the project is on.
    pub(crate) side: Side,
    /// As that side sees it.
    pub(crate) view: View,
}

impl OpenedConnection {
    /// From where its items are looked at.
    pub(crate) fn from(&self) -> Viewpoint<'_> {
        Viewpoint {
            connection: &self.connection,
            side: self.side,
        }
    }
}

/// What a page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// All that its tab names.
    Tab,
    /// One connection.
    Connection,
}

/// Where one is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// The project's connections.
    Connections,
    /// What became of each item.
    Activity,
    /// What can be sent.
    Send,
    /// Who gets emails.
    Notifications,
    /// Service accounts and the webhook's secret.
    Api,
}

impl Tab {
    const ALL: [Self; 5] = [
        Self::Connections,
        Self::Activity,
        Self::Send,
        Self::Notifications,
        Self::Api,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Connections => say!("tab-connections"),
            Self::Activity => say!("tab-activity"),
            Self::Send => say!("tab-send"),
            Self::Notifications => say!("tab-notifications"),
            Self::Api => say!("tab-api"),
        }
    }

    /// What follows the project's path.
    fn path(self) -> &'static str {
        match self {
            Self::Connections => "",
            Self::Activity => "/activity",
            Self::Send => "/send",
            Self::Notifications => "/notifications",
            Self::Api => "/api",
        }
    }
}

impl<'a> Opened<'a> {
    /// Lets an admin in.
    ///
    /// # Errors
    /// As [`gusset_adapters::sessions::Sessions::onlooker`]; 404 for what is no project's id.
    pub(crate) async fn new(app: &'a Page, incoming: &Incoming, project: &str) -> Result<Self, Problem> {
        let project = project.parse().map_err(|_| Problem::not_found(say!("thing-project")))?;
        let (admin, busy) = app.sessions.onlooker(incoming, project).await?;
        let (project, code) = admin.seen().await?;
        Ok(Self {
            project,
            code,
            admin,
            url: incoming.public_url(),
            busy,
            said: Said::of(incoming),
        })
    }

    /// One of the project's connections.
    ///
    /// # Errors
    /// 404 where it has no such connection.
    pub(crate) async fn connection(&self, id: &str) -> Result<OpenedConnection, Problem> {
        connection(&self.admin, id).await
    }

    /// Tells what a form did only while that holds.
    pub(crate) fn said_while(&mut self, holds: impl Fn(&str) -> bool) {
        self.said = self.said.take().filter(|said| said.done().is_none_or(holds));
    }

    /// Whether one of some forms, each by what it does, was refused.
    pub(crate) fn is_refused(&self, forms: &[&str]) -> bool {
        let refused = self.said.as_ref().and_then(Said::refused);
        refused.is_some_and(|form| forms.contains(&form))
    }

    /// The project.
    pub(crate) fn project(&self) -> &Project {
        &self.project
    }

    /// The path of the project's page.
    pub(crate) fn path(&self) -> String {
        format!("/projects/{}", self.project().id)
    }

    /// Where the API has the project.
    pub(crate) fn api(&self) -> String {
        format!("{}/api/projects/{}", self.url, self.project().id)
    }

    /// The page of a tab.
    pub(crate) fn page(&self, incoming: &Incoming, title: &str, tab: Tab, body: &Markup) -> Answer {
        self.framed(incoming, title, (tab, Within::Tab), body)
    }

    /// A page about one connection, which belongs to a tab. It goes by its title in the line that says where one is.
    pub(crate) fn page_within(&self, incoming: &Incoming, title: &str, tab: Tab, body: &Markup) -> Answer {
        self.framed(incoming, title, (tab, Within::Connection), body)
    }

    fn framed(&self, incoming: &Incoming, title: &str, (current, within): (Tab, Within), body: &Markup) -> Answer {
        let (url, project, path) = (&self.url, self.project(), self.path());
        let marked = match within {
            Within::Tab => "page",
            Within::Connection => "true",
        };
        let name = shown(&project.name);
        let whole = html! {
            nav.crumbs aria-label=(say!("project-where")) {
                ol {
                    li { a href={ (url) "/" } { (say!("project-home")) } }
                    @if within == Within::Connection {
                        li { a href={ (url) (path) } { (name) } }
                        li aria-current="page" { (title) }
                    } @else {
                        li aria-current="page" { (name) }
                    }
                }
                details.switcher.scripted {
                    summary { (say!("project-switch")) }
                    ul { li { (say!("project-loading")) } }
                }
            }
            @if within == Within::Tab {
                h1 { (name) }
                p.company { (shown(&project.company_name)) }
            }
            nav.tabs aria-label=(say!("project-tabs")) {
                @for tab in Tab::ALL {
                    a href={ (url) (path) (tab.path()) } aria-current=[(tab == current).then_some(marked)] { (tab.title()) }
                }
            }
            @if let Some(said) = &self.said { (said.shown()) }
            @if let Some(busy) = self.busy {
                div #busy.notice.wait { (busy::notice(busy, Timestamp::now())) }
            }
            (body)
        };
        let person = &self.admin.who.person().name;
        let answer = Answer::html(StatusCode::OK, html::page(title, Viewer::Person(person), url, &whole));
        match &self.said {
            Some(said) => said.said_once(answer, incoming),
            None => answer,
        }
    }
}

/// A connection of a project that somebody is an admin of.
///
/// # Errors
/// 404 where it has no such connection.
pub(crate) async fn connection(admin: &Admin<'_>, id: &str) -> Result<OpenedConnection, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found(say!("thing-connection")))?;
    let (connection, side) = admin.connection(id).await?;
    Ok(OpenedConnection {
        view: connection.seen_from(side),
        connection,
        side,
    })
}

/// The beginning of a form that a browser sends to the API and that comes back to one of our pages, with or without the
/// script.
pub(crate) struct Form<'a> {
    /// Where it goes.
    pub(crate) action: String,
    /// The page that it comes back to, with or without a query and a place on it.
    pub(crate) back: &'a str,
    /// What that page then says; see [`crate::done`].
    pub(crate) done: &'a str,
}

impl Form<'_> {
    /// The form around its fields.
    pub(crate) fn with(&self, fields: &Markup) -> Markup {
        html! {
            form method="post" action=(self.action) data-form="do" {
                input type="hidden" name="return_to" value=(self.return_to());
                (fields)
            }
        }
    }

    fn return_to(&self) -> String {
        let (page, place) = match self.back.split_once('#') {
            Some((page, place)) => (page, format!("#{place}")),
            None => (self.back, String::new()),
        };
        let separator = if page.contains('?') { '&' } else { '?' };
        format!("{page}{separator}done={}{place}", self.done)
    }

    /// A form that is only a button. `about` is the id of what it is about, for who does not see where it stands.
    pub(crate) fn button(&self, words: &str, class: &str, about: &str) -> Markup {
        self.with(&html! { button class=(class) type="submit" aria-describedby=(about) { (words) } })
    }
}
