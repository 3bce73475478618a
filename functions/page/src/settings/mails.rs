//! Who gets a project's mails.

use gusset_adapters::table::recipients::Recipients;
use maud::{Markup, html};

use super::accounts::form;
use crate::project::Opened;

/// The section of the settings.
pub(super) fn section(opened: &Opened<'_>, recipients: &Recipients) -> Markup {
    let addresses = recipients.addresses();
    let lines: Vec<&str> = addresses.iter().map(|address| address.as_str()).collect();
    let fields = html! {
        label for="recipients" { "E-mail addresses, one a line" }
        textarea #recipients name="recipients" rows="4" aria-describedby="recipients-hint" { (lines.join("\n")) }
        p #recipients-hint.hint { "Leave it empty to write to the admins who have opened the project here." }
        button type="submit" { "Save" }
    };
    html! {
        section {
            h2 { "Mails" }
            @if recipients.chosen.is_some() {
                p { "The people on this list get the mails about the project's connections." }
            } @else {
                p { "The admins who have opened the project here get the mails about its connections." }
            }
            @if lines.is_empty() {
                p { "Nobody gets them at the moment." }
            } @else {
                ul { @for line in &lines { li { (line) } } }
            }
            details {
                summary { "Change who gets them" }
                (form(opened, format!("{}/notifications", opened.api()), &fields))
            }
        }
    }
}
