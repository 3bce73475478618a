//! The front page: asking for a link that signs in, or where one goes from there.

use gusset_adapters::{
    accounts::code_of_browser,
    html::Viewer,
    http::{Answer, Incoming, Reply},
};
use gusset_domain::estimating_account::LINK_LASTS;
use gusset_words::say;
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
        h1 { (say!("plans-front")) }
        p { (say!("plans-front-lead")) }
        ul.cards {
            li {
                a href={ (url) (INTEGRATIONS) } {
                    (say!("plans-front-integrations")) " " span.company { (say!("plans-front-integrations-what")) }
                }
            }
            li {
                a href={ (url) (CALENDAR) } {
                    (say!("plans-front-calendar")) " " span.company { (say!("plans-front-calendar-what")) }
                }
            }
        }
    };
    opened.page(incoming, say!("plans-front"), Tab::Front, &body)
}

fn sign_in(incoming: &Incoming) -> Answer {
    let url = incoming.public_url();
    let form = Form {
        action: format!("{url}/api/sign-in"),
        back: FRONT,
        done: "link",
    };
    let fields = html! {
        label for="email" { (say!("plans-sign-in-email")) }
        // Of another type, browsers would refuse what Gusset takes: a pasted "Max <max@bidders.example>".
        input #email type="text" inputmode="email" name="email" required maxlength="1024" autocomplete="email"
            autocapitalize="none" spellcheck="false" aria-describedby="email-hint";
        p #email-hint.hint {
            (say!("plans-sign-in-hint", minutes = LINK_LASTS.as_secs() / 60))
        }
        button type="submit" { (say!("plans-sign-in-send")) }
    };
    let body = html! {
        h1 { (say!("plans-sign-in-title")) }
        p {
            (say!("plans-sign-in-lead"))
        }
        ul {
            li { (say!("plans-sign-in-fresh")) }
            li { (say!("plans-sign-in-yours")) }
            li { (say!("plans-sign-in-unchanged")) }
        }
        @if let Some(code) = code_of_browser(incoming) {
            section {
                h2 { (say!("plans-sign-in-code")) }
                p { strong { (code.spaced()) } }
                p { (say!("plans-sign-in-code-what")) }
            }
        }
        section {
            h2 { (say!("plans-sign-in")) }
            (form.with(&fields))
        }
    };
    let said = Said::of(incoming);
    framed(
        incoming,
        said.as_ref(),
        say!("plans-front"),
        Viewer::Nobody,
        &html! {},
        &body,
    )
}
