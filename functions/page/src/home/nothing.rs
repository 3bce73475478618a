//! What is said to whoever has no project here, and what to do about it.

use gusset_adapters::procore::Company;
use gusset_domain::names::shown;
use gusset_words::say;
use maud::{Markup, html};

use super::gather::Gathered;

/// Why there is no project.
pub(super) fn section(contact: &str, gathered: &Gathered) -> Markup {
    let without = &gathered.seen.without_app;
    html! {
        @if gathered.seen.has_company {
            @if without.is_empty() {
                p { (say!("nothing")) }
            } @else {
                section {
                    h2 {
                        @match without.as_slice() {
                            [one] => (say!("nothing-installed", name = shown(&one.name))),
                            _ => (say!("nothing-installed-any")),
                        }
                    }
                    (lines(contact, without))
                }
            }
        } @else {
            p { (say!("nothing-company")) }
        }
    }
}

/// The companies that have not installed Gusset, below the projects of those that have.
pub(super) fn without_app(contact: &str, gathered: &Gathered) -> Markup {
    let without = &gathered.seen.without_app;
    html! {
        @if !gathered.is_empty() && !without.is_empty() {
            details #without-app {
                summary { (say!("nothing-missing")) }
                p {
                    @let names: Vec<String> = without.iter().map(|company| shown(&company.name)).collect();
                    (say!("nothing-missing-why", count = without.len(), names = names.join(", ")))
                }
                (lines(contact, without))
            }
        }
    }
}

/// Two lines for whoever administers a company in Procore.
fn lines(contact: &str, without: &[Company]) -> Markup {
    let names: Vec<String> = without.iter().map(|company| shown(&company.name)).collect();
    let install = say!("nothing-install", companies = names.join(say!("nothing-install-and")));
    let permit = say!("nothing-permit", contact = contact);
    html! {
        p { (say!("nothing-lines")) }
        p.lines #install-lines { (install) br; (permit) }
        div.actions {
            button.scripted.quiet type="button" data-copy={ (install) "\n" (permit) } data-copies="install-lines" { (say!("nothing-copy")) }
        }
    }
}
