//! Choosing who reviews the RFIs that wait on one connection: what the Inbox has in place with the script, and leads to without.

use gusset_adapters::http::{Incoming, Reply};
use gusset_domain::{
    names::shown,
    overview::{Looked, Need, Overview, Traffic},
};
use gusset_words::say;
use maud::html;

use crate::{
    Page, managers,
    project::{Form, Opened, Tab},
    words::number,
};

/// The page. Its form comes back to the list of projects.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str, connection: &str) -> Reply {
    let mut opened = Opened::new(app, incoming, project).await?;
    let it = opened.connection(connection).await?;
    let other = shown(&it.view.other.name);
    let title = say!("manager-title", other = other.as_str());
    let looked = Looked {
        waiting: app.sessions.table.waiting(it.connection.pair()).await?,
        connection: it.connection,
        traffic: Traffic::default(),
    };
    let tasks = Overview::of(opened.project().id, &[looked]).tasks;
    let waits = tasks.iter().find_map(|task| match task.need {
        Need::ChooseManager(count) => Some(count),
        _ => None,
    });
    let body = match waits {
        Some(count) => {
            let form = Form {
                action: format!("{}/connections/{}", opened.api(), it.view.id),
                back: "/",
                done: "manager",
            };
            let people = app.managers.known(&opened.admin, &mut opened.busy).await?;
            let field = format!("choose-{}", it.view.id);
            html! {
                p {
                    (say!("manager-waits", count = count, number = number(count.into()), other = other))
                }
                div #in-place data-lacking[people.is_none()] {
                    @match people {
                        Some(people) => (managers::choosing(&form, &field, count.into(), &people, &html! {})),
                        None => p.hint { (say!("group-managers-later")) },
                    }
                }
            }
        }
        None => html! { p #in-place { (say!("manager-none")) } },
    };
    let body = html! {
        h1 { (title) }
        (body)
        p { a href={ (opened.url) (opened.path()) "/connections/" (it.view.id) "/terms" } { (say!("manager-settings")) } }
    };
    Ok(opened.page_within(incoming, &title, Tab::Connections, &body))
}
