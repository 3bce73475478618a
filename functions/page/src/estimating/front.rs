//! The front page: asking for a link that signs in, or where one goes from there.

use gusset_adapters::{
    accounts::code_of_browser,
    html::Viewer,
    http::{Answer, Incoming, Reply},
};
use gusset_domain::estimating_account::LINK_LASTS;
use maud::html;

use super::{CALENDAR, FRONT, INTEGRATIONS, Opened, Tab, framed};
use crate::{Page, done::Said, project::Form};

/// The page.
pub(crate) async fn page(app: &Page, incoming: &Incoming) -> Reply {
    match Opened::new(app, incoming).await {
        Ok(opened) => Ok(account(incoming, &opened)),
        Err(problem) if problem.status == 401 => Ok(sign_in(incoming)),
        Err(problem) => Err(problem),
    }
}

fn account(incoming: &Incoming, opened: &Opened) -> Answer {
    let url = &opened.url;
    let body = html! {
        h1 { "Plan sync" }
        p { "Connect your Procore account once, and the plans of your projects come here and stay current." }
        ul.cards {
            li {
                a href={ (url) (INTEGRATIONS) } {
                    "App Integrations " span.company { "Connect Procore, and see what is synced" }
                }
            }
            li {
                a href={ (url) (CALENDAR) } {
                    "Bid Calendar " span.company { "Your projects, when their bids are due, and their plans" }
                }
            }
        }
    };
    opened.page(incoming, "Plan sync", Tab::Front, &body)
}

fn sign_in(incoming: &Incoming) -> Answer {
    let url = incoming.public_url();
    let form = Form {
        action: format!("{url}/api/sign-in"),
        back: FRONT,
        done: "link",
    };
    let fields = html! {
        label for="email" { "Your e-mail address" }
        // Of another type, browsers would refuse what Gusset takes: a pasted "Max <max@bidders.example>".
        input #email type="text" inputmode="email" name="email" required maxlength="1024" autocomplete="email"
            autocapitalize="none" spellcheck="false" aria-describedby="email-hint";
        p #email-hint.hint {
            "You get a link that signs you in. It is good for " (LINK_LASTS.as_secs() / 60) " minutes. There is no password, and your "
            "account is made when you sign in for the first time."
        }
        button type="submit" { "Send me a link" }
    };
    let body = html! {
        h1 { "Keep plans in sync" }
        p {
            "For estimators: connect your Procore account once. The drawings, specifications and documents of every project that \
             you are invited to come into your bid calendar, and stay current."
        }
        ul {
            li { "A new revision in Procore is here within minutes, and the former ones stay." }
            li { "What was synced stays yours, even when the access in Procore ends." }
            li { "No project in Procore is changed by it." }
        }
        @if let Some(code) = code_of_browser(incoming) {
            section {
                h2 { "Your code" }
                p { strong { (code.spaced()) } }
                p { "Open the link from the email in this browser. In another browser, or on your phone, it asks for this code." }
            }
        }
        section {
            h2 { "Sign in" }
            (form.with(&fields))
        }
    };
    let said = Said::of(incoming);
    framed(incoming, said.as_ref(), "Plan sync", Viewer::Nobody, &html! {}, &body)
}
