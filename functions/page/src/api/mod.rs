//! What programs use of a project: its service accounts, and its webhook's secret.

mod accounts;
mod webhook;

use gusset_adapters::http::{Incoming, Reply};
use gusset_domain::names::shown;
use gusset_words::say;
use jiff::Timestamp;
use maud::html;

use crate::{
    Page,
    project::{Opened, Tab},
};

/// The page.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str) -> Reply {
    let opened = Opened::new(app, incoming, project).await?;
    let (table, id) = (&app.sessions.table, opened.project().id);
    let (connections, secret) = table.live_connections_and_secret(id).await?;
    let accounts = table.service_accounts(id).await?;
    let body = html! {
        (accounts::section(&opened, &connections, &accounts))
        (webhook::section(&opened, &secret, Timestamp::now()))
    };
    let title = say!("api-title", name = shown(&opened.project().name));
    Ok(opened.page(incoming, &title, Tab::Api, &body))
}

/// The path of the page.
fn path(opened: &Opened<'_>) -> String {
    format!("{}/api", opened.path())
}
