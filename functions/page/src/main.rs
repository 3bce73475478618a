//! The pages that people see.

mod activity;
mod api;
mod busy;
mod connections;
mod done;
mod estimating;
mod home;
mod items;
mod landing;
mod live;
mod managers;
mod notifications;
mod problems;
mod procore_links;
mod project;
mod time;
mod words;

use std::{
    process::ExitCode,
    sync::{Arc, OnceLock},
};

use gusset_adapters::{
    accounts::{Accounts, Calendars},
    aws::Aws,
    html,
    http::{Answer, Incoming, Problem, Reply, redirect, serve},
    sessions::{ItemLists, Sessions},
    storage::{self, Storage},
};
use gusset_domain::policy::NewConnections;
use gusset_words::say;

use managers::Managers;
use procore_links::ProcoreLinks;

/// What pages are made from.
struct Page {
    sessions: Sessions,
    accounts: Accounts,
    policy: NewConnections,
    contact: String,
    /// How often projects are swept, as EventBridge has it: `rate(15 minutes)`.
    sweep_rate: String,
    procore: ProcoreLinks,
    /// Who may review RFIs, by person and project.
    managers: Managers,
    /// Projects' items, by person.
    items: ItemLists,
    storage: Storage,
    /// From where pages show pictures of plans.
    pictures: String,
    aws: Aws,
    calendars: OnceLock<Calendars>,
}

impl Page {
    /// The calendars' addresses. They take a secret, which is read when it is first needed: most pages do without.
    async fn calendars(&self) -> Result<&Calendars, Problem> {
        if let Some(known) = self.calendars.get() {
            return Ok(known);
        }
        let read = Calendars::from_environment(&self.aws)
            .await
            .map_err(Problem::internal)?;
        Ok(self.calendars.get_or_init(|| read))
    }
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let (policy, contact) = gusset_adapters::settings::new_connections()?;
        let procore = ProcoreLinks::from_environment()?;
        serve(
            Page {
                sessions: Sessions::from_environment(&aws).await?,
                accounts: Accounts::from_environment(&aws)?,
                policy,
                contact,
                sweep_rate: gusset_adapters::settings::required("SWEEP_RATE")?,
                procore,
                managers: Managers::default(),
                items: ItemLists::default(),
                storage: Storage::from_environment(&aws)?,
                pictures: storage::origin_from_environment()?,
                calendars: OnceLock::new(),
                aws,
            },
            handle,
        )
        .await
    })
}

async fn handle(app: Arc<Page>, incoming: Arc<Incoming>) -> Reply {
    let path = incoming.path().trim_end_matches('/');
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let reply = match parts.as_slice() {
        [] => home::front(&app, &incoming).await,
        ["assets", name] => asset(name),
        ["favicon.ico"] => asset("gusset-.svg"),
        ["openapi.json"] => Ok(Answer::file("application/json", include_str!("openapi.json"))),
        ["projects", project] => connections::page(&app, &incoming, project).await,
        ["projects", project, "send"] => connections::send(&app, &incoming, project).await,
        ["projects", project, "notifications"] => notifications::page(&app, &incoming, project).await,
        ["projects", project, "api"] => api::page(&app, &incoming, project).await,
        // Where both were before, the accounts first.
        ["projects", project, "settings"] => {
            let query = incoming
                .query("done")
                .map(|done| format!("?done={}", url_encoded(&done)));
            let page = format!("/projects/{}/api{}", url_encoded(project), query.unwrap_or_default());
            Ok(redirect(format!("{}{page}", incoming.public_url())))
        }
        ["projects", project, "activity"] => activity::of_project(&app, &incoming, project).await,
        ["projects", project, "connections", connection] => {
            activity::of_connection(&app, &incoming, project, connection).await
        }
        ["projects", project, "connections", connection, "deliveries", delivery] => {
            activity::delivery(&app, &incoming, project, connection, delivery).await
        }
        ["projects", project, "connections", connection, "terms"] => {
            connections::terms(&app, &incoming, project, connection).await
        }
        ["projects", project, "connections", connection, "manager"] => {
            connections::manager(&app, &incoming, project, connection).await
        }
        ["projects", project, "connections", connection, "send"] => {
            items::page(&app, &incoming, project, connection).await
        }
        ["projects", project, "connections", connection, "send", "all"] => {
            items::confirm(&app, &incoming, project, connection).await
        }
        ["projects", project, "connections", connection, "send", "live"] => {
            return items::live(&app, &incoming, project, connection).await;
        }
        ["projects", project, "connections", connection, "send", tool, item] => {
            items::preview(&app, &incoming, project, connection, tool, item).await
        }
        ["estimating"] => estimating::front(&app, &incoming).await,
        ["estimating", "integrations"] => estimating::integrations(&app, &incoming).await,
        ["estimating", "calendar"] => estimating::calendar(&app, &incoming).await,
        ["estimating", "projects", project] => estimating::plans(&app, &incoming, project).await,
        // What is asked for by a page's script, or below /api by a program, gets a problem document.
        ["live"] => return home::live(&app, &incoming).await,
        ["projects", project, "live"] => return connections::live(&app, &incoming, project).await,
        ["projects", project, "connections", connection, "live"] => {
            return activity::connection_live(&app, &incoming, project, connection).await;
        }
        ["projects", project, "activity", "live"] => return activity::project_live(&app, &incoming, project).await,
        ["estimating", "integrations", "live"] => return estimating::integrations_live(&app, &incoming).await,
        ["estimating", "calendar", "live"] => return estimating::calendar_live(&app, &incoming).await,
        ["estimating", "projects", project, "live"] => return estimating::plans_live(&app, &incoming, project).await,
        ["api", ..] => return Err(Problem::not_found(say!("thing-endpoint"))),
        _ => Err(Problem::not_found(say!("thing-page"))),
    };
    match reply {
        Ok(answer) => Ok(answer),
        Err(problem) => problems::answer(&app, &incoming, &parts, &problem).await,
    }
}

fn asset(name: &str) -> Reply {
    let (asset, is_just_that) = html::asset(name).ok_or_else(|| Problem::not_found(say!("thing-file")))?;
    Ok(Answer::asset(asset.media_type, &asset.text, is_just_that))
}

/// Parameters as an address has them, `?` included; nothing where there are none.
fn query_text<N: AsRef<str>, V: AsRef<str>>(parameters: impl IntoIterator<Item = (N, V)>) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(parameters);
    let text = text.finish();
    if text.is_empty() { text } else { format!("?{text}") }
}

/// A path, to be a parameter of an address.
fn url_encoded(path: &str) -> String {
    path.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || byte == b'/' {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
