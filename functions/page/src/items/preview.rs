//! What a copy of one item will carry. The script shows it beside the table.

use gusset_adapters::http::{Incoming, Problem, Reply};
use gusset_domain::{
    connection::View,
    delivery::{Job, Status},
    ids::ItemId,
    names::shown,
    send::{SendMode, Tool},
};
use gusset_words::{say, say_html};
use maud::{Markup, html};

use crate::{
    Page,
    project::{Form, Opened, Tab},
};

/// The page that shows what a copy of one item will carry.
pub(crate) async fn preview(
    app: &Page,
    incoming: &Incoming,
    project: &str,
    connection: &str,
    tool: &str,
    item: &str,
) -> Reply {
    let none = || Problem::not_found(say!("thing-item"));
    let tool: Tool = tool.parse().map_err(|_| none())?;
    let id: ItemId = item.parse().map_err(|_| none())?;
    let opened = Opened::new(app, incoming, project).await?;
    let it = opened.connection(connection).await?;
    let item = opened.admin.who.item(opened.project(), tool, id).await?;
    let preview = item.preview();
    let back = format!("{}/connections/{}", opened.path(), it.view.id);
    let form = Form {
        action: format!("{}/connections/{}/items", opened.api(), it.view.id),
        back: &back,
        done: "sent",
    };
    let accepted = it.connection.accepts(it.side.other(), tool);
    let may_send = it.connection.connected_since().is_some() && it.view.send.of(tool) != SendMode::Off && accepted;
    let job = Job::over(&it.connection, it.side.other(), tool, id);
    let known = app.sessions.table.delivery(job.pair(), &job.reference()).await?;
    let across = known.and_then(|known| match known.delivery.status {
        Status::Delivered { copy } => Some(copy),
        _ => None,
    });
    let body = html! {
        p { a href={ (opened.url) (back) "/send" } { (say!("preview-back")) } }
        article #preview {
            h1 #name tabindex="-1" { (shown(&item.title())) }
            p.company { (say!("preview-as", name = shown(&it.view.other.name))) }
            h2 { (say!("preview-copied")) }
            (listed(&preview.copied))
            h2 { (say!("preview-kept")) }
            @if preview.kept_as_text.is_empty() {
                p { (say!("preview-nothing")) }
            } @else {
                p { (say!("preview-kept-why")) }
                (listed(&preview.kept_as_text))
            }
            @if !preview.left_out.is_empty() {
                h2 { (say!("preview-left-out")) }
                p { (say!("preview-left-out-why")) }
                ul { @for left_out in &preview.left_out { li { (left_out) "." } } }
            }
            @if accepted { p.hint { (addressed(&it.view, tool)) } }
            @else { p.notice.wait { (say!("items-not-accepted", name = shown(&it.view.other.name))) } }
            @if let Some(copy) = across {
                p.notice {
                    (say_html!("preview-across", name = shown(&it.view.other.name), link = html! {
                        a href=(app.procore.item(job.target, tool, copy)) rel="noopener noreferrer" target="_blank" { (say!("preview-across-link")) }
                    }))
                }
            }
            @if may_send {
                (form.with(&html! {
                    input type="hidden" name="items" value={ (tool) ":" (id) };
                    @if across.is_some() { input type="hidden" name="second_copy" value="true"; }
                    @if item.is_private() {
                        p.notice.wait {
                            (say!("preview-private", here = shown(&opened.project().name), there = shown(&it.view.other.name)))
                        }
                        p {
                            input id="confirm" type="checkbox" name="confirm_private" value="true" required;
                            " " label for="confirm" { (say!("preview-private-confirm", name = shown(&it.view.other.name))) }
                        }
                    }
                    button type="submit" { @if across.is_some() { (say!("preview-second")) } @else { (say!("items-button")) } }
                }))
            }
        }
    };
    Ok(opened.page_within(incoming, &shown(&item.title()), Tab::Send, &body))
}

fn listed(fields: &[(&'static str, String)]) -> Markup {
    html! { dl.facts { @for (name, value) in fields { dt { (name) } dd { (value) } } } }
}

/// Where the copy goes, as far as this side may know it.
fn addressed(view: &View, tool: Tool) -> String {
    match tool {
        Tool::Rfis => say!("preview-arrives-rfi", name = shown(&view.other.name)),
        Tool::WorkingHours | Tool::Notes => {
            say!("preview-arrives-diary", name = shown(&view.other.name))
        }
    }
}
