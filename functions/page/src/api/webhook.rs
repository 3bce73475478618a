//! The secret that a project's webhooks carry.

use gusset_domain::webhook_secret::WebhookSecret;
use gusset_words::{say, say_html};
use jiff::Timestamp;
use maud::{Markup, html};

use super::path;
use crate::{
    project::{Form, Opened},
    time::time,
};

/// The section of the page: when the secret was replaced, and a button that replaces it.
pub(super) fn section(opened: &Opened<'_>, secret: &WebhookSecret, now: Timestamp) -> Markup {
    let back = path(opened);
    let replace = Form {
        action: format!("{}/webhook-secret", opened.api()),
        back: &back,
        done: "webhook-secret",
    };
    html! {
        section {
            h2 #webhook { (say!("webhook")) }
            p {
                (say!("webhook-what"))
            }
            dl.facts {
                dt { (say!("webhook-secret")) }
                dd {
                    @match (secret.replaced_at, &secret.replaced_by) {
                        (None, _) => (say!("webhook-never")),
                        (Some(at), Some(person)) => (say_html!("webhook-replaced", at = time(at), name = person.name.as_str())),
                        (Some(at), None) => (say_html!("webhook-replaced-operator", at = time(at))),
                    }
                }
                @if let Some(until) = secret.former_until().filter(|until| now < *until) {
                    dt { (say!("webhook-previous")) } dd { (say_html!("webhook-previous-until", at = time(until))) }
                }
            }
            @if !secret.is_carried() {
                p.notice.wait { (say!("webhook-waits")) }
            }
            (replace.with(&html! {
                button.quiet type="submit" aria-describedby="webhook" { (say!("webhook-replace")) }
                p.hint { (say!("webhook-replace-hint")) }
            }))
        }
    }
}
