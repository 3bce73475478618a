//! The secret that a project's webhooks carry.

use gusset_domain::webhook_secret::WebhookSecret;
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
            h2 #webhook { "Webhook" }
            p {
                "Procore tells Gusset of new items by a webhook that carries a secret of this project. Replace the secret if \
                 somebody who should not know it has seen the webhook's headers."
            }
            dl.facts {
                dt { "Secret" }
                dd {
                    @match (secret.replaced_at, &secret.replaced_by) {
                        (None, _) => "Never replaced",
                        (Some(at), Some(person)) => { "Replaced " (time(at)) " by " (person.name) }
                        (Some(at), None) => { "Replaced " (time(at)) " by the operator" }
                    }
                }
                @if let Some(until) = secret.former_until().filter(|until| now < *until) {
                    dt { "Previous secret" } dd { "Works until " (time(until)) }
                }
            }
            @if !secret.is_carried() {
                p.notice.wait { "Procore does not have the new secret yet. Gusset tries again within 15 minutes." }
            }
            (replace.with(&html! {
                button.quiet type="submit" aria-describedby="webhook" { "Replace webhook secret" }
                p.hint { "The previous secret works for one more hour, so that nothing on its way is lost." }
            }))
        }
    }
}
