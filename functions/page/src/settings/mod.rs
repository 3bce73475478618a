//! A project's settings: its service accounts, and who gets its mails.

mod accounts;
mod mails;

use gusset_adapters::http::{Incoming, Reply};
use gusset_domain::names::shown;
use maud::html;

use crate::{
    Page,
    project::{Opened, Tab},
};

/// The page.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str) -> Reply {
    let opened = Opened::new(app, incoming, project).await?;
    let (table, id) = (&app.sessions.table, opened.project().id);
    let connections = table.live_connections(id).await?;
    let accounts = table.service_accounts(id).await?;
    let recipients = table.recipients(id).await?;
    let body = html! {
        (accounts::section(&opened, &connections, &accounts))
        (mails::section(&opened, &recipients))
    };
    let title = format!("Settings of {}", shown(&opened.project().name));
    Ok(opened.page(incoming, &title, Tab::Settings, &body))
}
