//! A project's service accounts. Each connected side of a connection has one.

use gusset_domain::names::shown;
use gusset_domain::{
    connection::{Action, Connection, View},
    service_account::ServiceAccount,
};
use maud::{Markup, html};

use super::path;
use crate::{project::Opened, time::time};

/// The section of the page: an account for each connection, or that it is missing.
pub(super) fn section(opened: &Opened<'_>, connections: &[Connection], accounts: &[ServiceAccount]) -> Markup {
    let mut views: Vec<View> = connections
        .iter()
        .filter(|connection| connection.connected_since().is_some())
        .filter_map(|connection| Some(connection.seen_from(connection.side_of(opened.project().id)?)))
        .collect();
    views.sort_by_key(|view| std::cmp::Reverse(view.id));
    html! {
        section {
            h2 { "Service accounts" }
            p {
                "Each connection acts in your project under a service account. A program of yours can use it, too, to send items \
                 over that connection and to read what became of them: "
                a href={ (opened.url) "/openapi.json" } { "the API" } " says how."
            }
            noscript { p.notice.wait { "Changing service accounts needs JavaScript. Everything else works without it." } }
            @if views.is_empty() { p { "None yet: they come with the first connection." } }
            @for view in &views {
                @match accounts.iter().find(|account| Some(account.id) == view.service_account) {
                    Some(account) => (card(opened, view, account)),
                    None => (missing(opened, view)),
                }
            }
        }
    }
}

fn card(opened: &Opened<'_>, view: &View, account: &ServiceAccount) -> Markup {
    let (api, back) = (
        format!("{}/service-accounts/{}", opened.api(), account.id),
        path(opened),
    );
    let id = format!("account-{}", view.id);
    let rename = format!("rename-{}", view.id);
    let rotate = |words: &str, class: &str| {
        let button = html! { button class=(class) type="submit" aria-describedby=(id) { (words) } };
        scripted(&format!("{api}/rotate"), "secret", "POST", &back, &button)
    };
    html! {
        article {
            h3 id=(id) { (shown(account.name.as_str())) }
            p.company { "For the connection with " (shown(&view.other.name)) " (" (shown(&view.other.company_name)) ")" }
            dl.facts {
                dt { "Client id" } dd { code { (account.id) } }
                dt { "Secret" }
                dd data-secret {
                    @match account.secret_made_at {
                        Some(at) => { "Made " (time(at)) }
                        None => "None yet: programs cannot use the account",
                    }
                }
                dt { "Last used" }
                dd { @match account.last_used_at { Some(at) => (time(at)), None => "Never" } }
            }
            div.scripted {
                @if account.secret_made_at.is_some() {
                    details {
                        summary aria-describedby=(id) { "Rotate secret…" }
                        p {
                            "The current secret and its tokens stop working immediately: a program that uses them stops until it has \
                             the new secret, which is shown once."
                        }
                        (rotate("Rotate secret", "grave"))
                    }
                } @else {
                    (rotate("Make a secret", "quiet"))
                }
                details {
                    summary aria-describedby=(id) { "Rename" }
                    (scripted(&api, "do", "PATCH", &format!("{back}?done=saved"), &html! {
                        label for=(rename) { "New name" }
                        input id=(rename) name="name" required maxlength="100" value=(account.name.as_str());
                        button type="submit" { "Save" }
                    }))
                }
                details {
                    summary aria-describedby=(id) { "Delete…" }
                    p { "Its secret and tokens stop at once, and what arrives over this connection waits until the account is made again." }
                    (scripted(&api, "do", "DELETE", &format!("{back}?done=deleted"), &html! {
                        button.grave type="submit" aria-describedby=(id) { "Delete" }
                    }))
                }
            }
        }
    }
}

fn missing(opened: &Opened<'_>, view: &View) -> Markup {
    let api = format!("{}/service-accounts", opened.api());
    let id = format!("account-{}", view.id);
    html! {
        article {
            h3 id=(id) { "No service account" }
            p.company { "For the connection with " (shown(&view.other.name)) " (" (shown(&view.other.company_name)) ")" }
            @for words in &view.waiting { p.notice.wait { (words) "." } }
            @if view.actions.contains(&Action::MakeServiceAccount) {
                div.scripted {
                    (scripted(&api, "secret", "POST", &path(opened), &html! {
                        input type="hidden" name="connection" value=(view.id);
                        button type="submit" aria-describedby=(id) { "Make it again" }
                    }))
                }
            }
        }
    }
}

/// A form that only the script sends: it uses methods that HTML forms do not know, or its answer is shown once.
fn scripted(action: &str, kind: &str, method: &str, back: &str, fields: &Markup) -> Markup {
    html! {
        form method="post" action=(action) data-form=(kind) data-method=(method) {
            input type="hidden" name="return_to" value=(back);
            (fields)
        }
    }
}
