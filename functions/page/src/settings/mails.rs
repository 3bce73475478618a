//! Who gets a project's mails.

use gusset_adapters::table::recipients::Recipients;
use gusset_domain::email::EmailAddress;
use maud::{Markup, html};

use super::accounts::form;
use crate::{connections::opening, project::Opened};

/// The section of the settings.
pub(super) fn section(opened: &Opened<'_>, recipients: &Recipients) -> Markup {
    let addresses = recipients.listed();
    let lines: Vec<&str> = addresses.iter().map(EmailAddress::as_str).collect();
    let me = opened.admin.who.person().id;
    let gets_none = recipients.chosen.is_none() && recipients.opened.iter().all(|opener| opener.person.id != me);
    let fields = html! {
        label for="recipients" { "E-mail addresses, one a line" }
        textarea #recipients name="recipients" rows="4" aria-describedby="recipients-hint" { (lines.join("\n")) }
        p #recipients-hint.hint {
            "Addresses that are nobody's in the project's directory are asked first. Leave it empty to write to the admins who \
             have opened the project here."
        }
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
                ul {
                    @for address in &addresses {
                        li {
                            (address)
                            @if !recipients.may_be_written_to(address) { " " span.hint { "was asked, and has not answered yet" } }
                        }
                    }
                }
            }
            @if gets_none {
                (opening(&opened.url, opened.project().id, &html! { button.quiet type="submit" { "Get these emails" } }))
            }
            details {
                summary { "Change who gets them" }
                (form(opened, format!("{}/notifications", opened.api()), &fields))
            }
        }
    }
}
