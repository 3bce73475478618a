//! A project's service accounts. Each connected side of a connection has one.

use gusset_domain::names::shown;
use gusset_domain::{
    connection::{Action, Connection, View},
    service_account::ServiceAccount,
};
use gusset_words::{say, say_html};
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
            h2 { (say!("accounts")) }
            p {
                @let api = html! { a href={ (opened.url) "/openapi.json" } { (say!("accounts-api")) } };
                (say_html!("accounts-what", api = api))
            }
            noscript { p.notice.wait { (say!("accounts-script")) } }
            @if views.is_empty() { p { (say!("accounts-none")) } }
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
            p.company { (say!("account-for", name = shown(&view.other.name), company = shown(&view.other.company_name))) }
            dl.facts {
                dt { (say!("account-id")) } dd { code { (account.id) } }
                dt { (say!("account-secret")) }
                dd data-secret {
                    @match account.secret_made_at {
                        Some(at) => (say_html!("account-made", at = time(at))),
                        None => (say!("account-no-secret")),
                    }
                }
                dt { (say!("account-used")) }
                dd { @match account.last_used_at { Some(at) => (time(at)), None => (say!("account-unused")) } }
            }
            div.scripted {
                @if account.secret_made_at.is_some() {
                    details {
                        summary aria-describedby=(id) { (say!("account-rotate")) }
                        p {
                            (say!("account-rotate-what"))
                        }
                        (rotate(say!("account-rotate-it"), "grave"))
                    }
                } @else {
                    (rotate(say!("account-make-secret"), "quiet"))
                }
                details {
                    summary aria-describedby=(id) { (say!("account-rename")) }
                    (scripted(&api, "do", "PATCH", &format!("{back}?done=saved"), &html! {
                        label for=(rename) { (say!("account-name")) }
                        input id=(rename) name="name" required maxlength="100" value=(account.name.as_str());
                        button type="submit" { (say!("account-save")) }
                    }))
                }
                details {
                    summary aria-describedby=(id) { (say!("account-delete")) }
                    p { (say!("account-delete-what")) }
                    (scripted(&api, "do", "DELETE", &format!("{back}?done=deleted"), &html! {
                        button.grave type="submit" aria-describedby=(id) { (say!("account-delete-it")) }
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
            h3 id=(id) { (say!("account-missing")) }
            p.company { (say!("account-for", name = shown(&view.other.name), company = shown(&view.other.company_name))) }
            @for words in &view.waiting { p.notice.wait { (words) "." } }
            @if view.actions.contains(&Action::MakeServiceAccount) {
                div.scripted {
                    (scripted(&api, "secret", "POST", &path(opened), &html! {
                        input type="hidden" name="connection" value=(view.id);
                        button type="submit" aria-describedby=(id) { (say!("account-again")) }
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
