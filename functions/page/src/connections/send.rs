//! Over which connection to send: asked only where there are several.

use gusset_adapters::http::{Incoming, Reply, redirect};
use gusset_domain::{
    connection::{Status, View},
    names::shown,
};
use gusset_words::{say, say_html};
use maud::html;

use super::views;
use crate::{
    Page,
    project::{Opened, Tab},
};

/// The page, or the way to the only connection's own.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str) -> Reply {
    let opened = Opened::new(app, incoming, project).await?;
    let connections = app.sessions.table.live_connections(opened.project().id).await?;
    let mut views = views(opened.project().id, &connections);
    views.retain(|view| view.status == Status::Connected);
    views.sort_by_cached_key(|view| (view.other.name.to_lowercase(), view.id));
    let page = |view: &View| format!("{}{}/connections/{}/send", opened.url, opened.path(), view.id);
    if let [only] = views.as_slice() {
        return Ok(redirect(page(only)));
    }
    let body = html! {
        section {
            h2 { (say!("send-items")) }
            @if views.is_empty() {
                p {
                    @let connect = html! { a href={ (opened.url) (opened.path()) } { (say!("send-connect")) } };
                    (say_html!("send-unconnected", connect = connect))
                }
            } @else {
                p { (say!("send-to")) }
                ul.cards {
                    @for view in &views {
                        li {
                            a href=(page(view)) {
                                (shown(&view.other.name))
                                span.company { (shown(&view.other.company_name)) }
                            }
                        }
                    }
                }
            }
        }
    };
    let title = say!("send-from", name = shown(&opened.project().name));
    Ok(opened.page(incoming, &title, Tab::Send, &body))
}
