//! A project's settings: its service accounts, who gets its mails, and its webhook's secret.

mod accounts;
mod mails;
mod webhook;

use gusset_adapters::http::{Incoming, Reply};
use gusset_domain::names::shown;
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
    let recipients = table.recipients(id).await?;
    let body = html! {
        (accounts::section(&opened, &connections, &accounts))
        (mails::section(&opened, &recipients))
        (webhook::section(&opened, &secret, Timestamp::now()))
    };
    let title = format!("Settings of {}", shown(&opened.project().name));
    Ok(opened.page(incoming, &title, Tab::Settings, &body))
}
