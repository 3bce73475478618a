//! What is said to whoever has no project here, and what to do about it.

use gusset_adapters::procore::Company;
use gusset_domain::names::shown;
use maud::{Markup, html};

use super::gather::Gathered;

/// Why there is no project.
pub(super) fn section(contact: &str, gathered: &Gathered) -> Markup {
    let without = &gathered.seen.without_app;
    html! {
        @if gathered.seen.has_company {
            @if without.is_empty() {
                p { "You have no active project in Procore. Once somebody adds you to one, it is listed here." }
            } @else {
                section {
                    h2 {
                        @match without.as_slice() {
                            [one] => { (shown(&one.name)) " has not installed Gusset in Procore" },
                            _ => "Your companies have not installed Gusset in Procore",
                        }
                    }
                    (lines(contact, without))
                }
            }
        } @else {
            p { "Your Procore login is in no company yet. Once a company adds you to its directory, its projects are listed here." }
        }
    }
}

/// The companies that have not installed Gusset, below the projects of those that have.
pub(super) fn without_app(contact: &str, gathered: &Gathered) -> Markup {
    let without = &gathered.seen.without_app;
    html! {
        @if !gathered.is_empty() && !without.is_empty() {
            details #without-app {
                summary { "Is a project missing?" }
                p {
                    @for (place, company) in without.iter().enumerate() { @if place > 0 { ", " } (shown(&company.name)) }
                    @if without.len() == 1 { " has" } @else { " have" } " not installed Gusset in Procore."
                }
                (lines(contact, without))
            }
        }
    }
}

/// Two lines for whoever administers a company in Procore.
fn lines(contact: &str, without: &[Company]) -> Markup {
    let names: Vec<String> = without.iter().map(|company| shown(&company.name)).collect();
    let install = format!(
        "Please install the app Gusset in {}'s Procore account, under App Management.",
        names.join("'s and ")
    );
    let permit = format!("Then permit it our projects there. Questions: {contact}");
    html! {
        p { "Send these two lines to your Procore admin:" }
        p.lines #install-lines { (install) br; (permit) }
        div.actions {
            button.scripted.quiet type="button" data-copy={ (install) "\n" (permit) } data-copies="install-lines" { "Copy the lines" }
        }
    }
}
