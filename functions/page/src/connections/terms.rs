//! What a side sends over a connection and who receives its RFIs: chosen when accepting, and changed at any time.
//!
//! It has a page of its own because only here Procore is asked who may receive RFIs.

use gusset_adapters::http::{Incoming, Reply};
use gusset_domain::names::shown;
use gusset_domain::{
    connection::{Action, View},
    people::Person,
    send::{SendMode, SendModes, Tool},
};
use maud::{Markup, html};

use super::{status_badge, story};
use crate::{
    Page,
    project::{Form, Opened, Tab},
};

/// The page: of accepting, while this side may, and else of changing.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str, connection: &str) -> Reply {
    let opened = Opened::new(app, incoming, project).await?;
    let view = opened.connection(connection).await?.view;
    let may = |action| view.actions.contains(&action);
    let accepts = may(Action::Accept);
    let title = if accepts {
        format!("Connect with {}", shown(&view.other.name))
    } else {
        format!("Settings for {}", shown(&view.other.name))
    };
    let form = if accepts || may(Action::Settle) {
        let managers = opened.admin.who.potential_rfi_managers(opened.project()).await?;
        terms(&opened, &view, accepts, &managers)
    } else {
        html! { p { "There is nothing to choose here any more." } }
    };
    let body = html! {
        div.head {
            div { h1 { (title) } p.company { (shown(&view.other.company_name)) } }
            (status_badge(view.status))
        }
        p { (story(&view)) }
        (form)
    };
    Ok(opened.page(incoming, &title, Tab::None, &body))
}

fn terms(opened: &Opened<'_>, view: &View, accepts: bool, managers: &[Person]) -> Markup {
    let (verb, done) = if accepts {
        ("/accept", "accepted")
    } else {
        ("", "saved")
    };
    let back = opened.path();
    let form = Form {
        action: format!("{}/connections/{}{verb}", opened.api(), view.id),
        back: &back,
        done,
    };
    // Where nothing was chosen yet, sending all by itself is proposed.
    let chosen = (!accepts).then_some(&view.send);
    let fields = html! {
        (send_modes("terms", chosen))
        div.row {
            label for="terms-manager" { "Connected RFI Manager" }
            select #terms-manager name="rfi_manager_id" aria-describedby="manager-hint" {
                option value="none" selected[view.rfi_manager.is_none()] { "Nobody yet: arriving RFIs wait" }
                @for person in managers {
                    option value=(person.id) selected[view.rfi_manager.as_ref().is_some_and(|it| it.id == person.id)] {
                        (shown(&person.name))
                    }
                }
            }
        }
        p #manager-hint.hint {
            "RFIs that arrive are drafts with this person as their manager, who gets a mail about each."
        }
        div.actions {
            button type="submit" { @if accepts { "Accept" } @else { "Save" } }
            a.button.quiet href={ (opened.url) (back) } { "Not now" }
        }
    };
    html! { section { (form.with(&fields)) } }
}

/// A mode for each tool. `id` begins the ids of the fields.
pub(super) fn send_modes(id: &str, send: Option<&SendModes>) -> Markup {
    html! {
        fieldset {
            legend { "What your project sends" }
            @for tool in Tool::ALL {
                @let field = format!("{id}-{tool}");
                @let chosen = send.map_or(SendMode::Automatic, |send| send.of(tool));
                div.row {
                    label for=(field) { (tool.title()) }
                    select id=(field) name={ "send." (tool) } {
                        (mode("automatic", "Each new one, by itself", chosen == SendMode::Automatic))
                        (mode("manual", "Only those that somebody picks", chosen == SendMode::Manual))
                        (mode("off", "None", chosen == SendMode::Off))
                    }
                }
            }
            p.hint {
                "Automatic means what is new from now on. An entry of the Site Diary is found up to 60 days after its day, an RFI up \
                 to a week after it was opened, even if Procore never tells of it; older ones can be sent by hand. Files above the \
                 largest size that this Gusset takes (usually 400 MB) stay behind, and the copy names them."
            }
        }
    }
}

fn mode(value: &str, words: &str, chosen: bool) -> Markup {
    html! { option value=(value) selected[chosen] { (words) } }
}
