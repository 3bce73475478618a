//! Why a project no longer receives updates.

use gusset_domain::names::shown;
use gusset_domain::{
    integration::{Integration, Status},
    plans::{project::SyncedProject, reconcile::ManyMissing},
};
use gusset_words::{say, say_html};
use maud::{Markup, html};

use super::INTEGRATIONS;
use crate::{time::time, words::number};

/// The mark of such a project.
pub(super) fn mark(project: &SyncedProject, integration: Option<&Integration>) -> Markup {
    html! {
        @if !project.receives_updates(integration) { span.badge.wait { (say!("stopped-mark")) } }
    }
}

/// What is said on top of its plans. Nothing where it receives updates.
pub(super) fn notice(project: &SyncedProject, integration: Option<&Integration>, url: &str) -> Markup {
    html! {
        @if !project.receives_updates(integration) {
            div.notice.wait {
                strong { (say!("stopped")) }
                p { (say_html!("stopped-why", why = why(project, integration))) }
                @if !integration.is_some_and(Integration::is_connected) {
                    p { a href={ (url) (INTEGRATIONS) } { (say!("stopped-to-integrations")) } }
                }
            }
        }
    }
}

fn why(project: &SyncedProject, integration: Option<&Integration>) -> Markup {
    let brought = &project.login_name;
    match integration.map(|integration| (integration, integration.status)) {
        Some((_, Status::Disconnected { ended_at, why })) => {
            say_html!("stopped-disconnected", at = time(ended_at), why = why.words())
        }
        Some((other, Status::Connected)) if other.login.user != project.login => say_html!(
            "stopped-other-login",
            brought = brought.as_str(),
            name = shown(&other.login.name)
        ),
        _ => match project.lost_since {
            Some(at) => say_html!("stopped-lost", at = time(at), brought = brought.as_str()),
            None => html! { (say!("stopped-unconnected")) },
        },
    }
}

/// What is said on top of a project's plans where Procore does not show many of them any more.
pub(super) fn many_missing_title(missing: &ManyMissing) -> String {
    let number = number(missing.count as u64);
    let kind = missing.of.to_string();
    say!("missing-title", count = missing.count, number = number, kind = kind)
}

/// What Gusset makes of that.
pub(super) fn many_missing(missing: &ManyMissing) -> Markup {
    say_html!("missing", at = time(missing.believed_from()))
}
