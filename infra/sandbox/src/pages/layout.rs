//! The frame of every page, and its style.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::world::Person;

const STYLE: &str = include_str!("style.css");

/// A whole page.
pub(crate) fn layout(title: &str, signed_in: Option<&Person>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Procore sandbox" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    a.home href="/" { "Procore " span { "sandbox" } }
                    @if let Some(person) = signed_in {
                        nav {
                            a href="/profile/apps" { (person.name()) }
                            form method="post" action="/sign-out" { button.quiet { "Sign out" } }
                        }
                    }
                }
                main { (content) }
            }
        }
    }
}
