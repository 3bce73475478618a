//! What a copy of one item will carry. The script shows it beside the table.

use gusset_adapters::http::{Incoming, Problem, Reply};
use gusset_domain::{
    connection::View,
    delivery::{Job, Status},
    ids::ItemId,
    names::shown,
    send::{SendMode, Tool},
};
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
    let none = || Problem::not_found("item");
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
        p { a href={ (opened.url) (back) "/send" } { "← Send items" } }
        article #preview {
            h1 #name tabindex="-1" { (shown(&item.title())) }
            p.company { "As " (shown(&it.view.other.name)) " will get it" }
            h2 { "Is copied" }
            (listed(&preview.copied))
            h2 { "Is kept as text" }
            @if preview.kept_as_text.is_empty() {
                p { "Nothing." }
            } @else {
                p { "The other project has no place for it, so it is written into the copy." }
                (listed(&preview.kept_as_text))
            }
            @if !preview.left_out.is_empty() {
                h2 { "Is left out" }
                p { "The copy says so." }
                ul { @for left_out in &preview.left_out { li { (left_out) "." } } }
            }
            @if accepted { p.hint { (addressed(&it.view, tool)) } }
            @else { p.notice.wait { (shown(&it.view.other.name)) " does not accept RFIs." } }
            @if let Some(copy) = across {
                p.notice {
                    "It is already in " (shown(&it.view.other.name)) ": "
                    a href=(app.procore.item(job.target, tool, copy)) rel="noopener noreferrer" target="_blank" { "its copy in Procore" }
                    "."
                }
            }
            @if may_send {
                (form.with(&html! {
                    input type="hidden" name="items" value={ (tool) ":" (id) };
                    @if across.is_some() { input type="hidden" name="second_copy" value="true"; }
                    @if item.is_private() {
                        p.notice.wait {
                            "This RFI is private in " (shown(&opened.project().name)) ". Its copy will be private in " (shown(&it.view.other.name))
                            ", where the people of that project decide who sees it."
                        }
                        p {
                            input id="confirm" type="checkbox" name="confirm_private" value="true" required;
                            " " label for="confirm" { "Send it to " (shown(&it.view.other.name)) " all the same" }
                        }
                    }
                    button type="submit" { @if across.is_some() { "Send a second copy" } @else { "Send" } }
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
        Tool::Rfis => format!(
            "It arrives as a draft for the Connected RFI Manager of {}, who decides what becomes of it.",
            shown(&view.other.name)
        ),
        Tool::WorkingHours | Tool::Notes => {
            format!(
                "It arrives in the Site Diary of {}, on the same day.",
                shown(&view.other.name)
            )
        }
    }
}
