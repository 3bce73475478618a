//! Who gets a project's mails.

use gusset_adapters::table::recipients::Recipients;
use maud::{Markup, html};

/// The section of the project's page. `fields` is what its form carries besides the list.
pub(crate) fn section(action: &str, fields: &Markup, recipients: &Recipients) -> Markup {
    let addresses = recipients.addresses();
    let lines: Vec<&str> = addresses.iter().map(|address| address.as_str()).collect();
    html! {
        section {
            h2 { "Mails" }
            @if recipients.chosen.is_some() {
                p { "The people on this list get the mails about the project's connections." }
            } @else {
                p { "The admins who have opened this page get the mails about the project's connections." }
            }
            details {
                summary { "Change who gets them" }
                form method="post" action=(action) {
                    (fields)
                    label for="recipients" { "E-mail addresses, one a line. Leave it empty to write to the admins who have opened this page." }
                    textarea id="recipients" name="recipients" rows="4" { (lines.join("\n")) }
                    button type="submit" { "Save" }
                }
            }
        }
    }
}
