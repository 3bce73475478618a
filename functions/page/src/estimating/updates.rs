//! Why a project no longer receives updates.

use gusset_domain::names::shown;
use gusset_domain::{
    integration::{Integration, Status},
    plans::{project::SyncedProject, reconcile::ManyMissing},
};
use maud::{Markup, html};

use super::INTEGRATIONS;
use crate::{time::time, words::many};

/// The mark of such a project.
pub(super) fn mark(project: &SyncedProject, integration: Option<&Integration>) -> Markup {
    html! {
        @if !project.receives_updates(integration) { span.badge.wait { "No longer receives updates" } }
    }
}

/// What is said on top of its plans. Nothing where it receives updates.
pub(super) fn notice(project: &SyncedProject, integration: Option<&Integration>, url: &str) -> Markup {
    html! {
        @if !project.receives_updates(integration) {
            div.notice.wait {
                strong { "No longer receives updates from Procore" }
                p { (why(project, integration)) " What was synced stays." }
                @if !integration.is_some_and(Integration::is_connected) {
                    p { a href={ (url) (INTEGRATIONS) } { "To App Integrations" } }
                }
            }
        }
    }
}

fn why(project: &SyncedProject, integration: Option<&Integration>) -> Markup {
    let brought = &project.login_name;
    match integration.map(|integration| (integration, integration.status)) {
        Some((_, Status::Disconnected { ended_at, why })) => html! {
            "Procore has been disconnected since " (time(ended_at)) ". " (why.words())
        },
        Some((other, Status::Connected)) if other.login.user != project.login => html! {
            "It came by the Procore login of " (brought) ". Now " (shown(&other.login.name)) " is connected, who does not see it."
        },
        _ => match project.lost_since {
            Some(at) => html! {
                "Since " (time(at)) " the Procore login of " (brought) " does not see it any more: either it was closed, or "
                (brought) " was taken out of it."
            },
            None => html! { "Procore is not connected." },
        },
    }
}

/// What is said on top of a project's plans where Procore does not show many of them any more.
pub(super) fn many_missing_title(missing: &ManyMissing) -> String {
    let plans = many(missing.count as u64, "plan", "plans");
    format!("Procore no longer shows {plans} of this project's {}", missing.of)
}

/// What Gusset makes of that.
pub(super) fn many_missing(missing: &ManyMissing) -> Markup {
    html! {
        "Nothing has been removed: they stay in the list, in the zip and in your calendar. If Procore still does not show them after "
        (time(missing.believed_from())) ", Gusset marks them as gone. The files stay here in any case."
    }
}
