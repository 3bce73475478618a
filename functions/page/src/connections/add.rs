//! Asking another project for a connection.

use gusset_domain::policy::Ruling;
use maud::{Markup, html};

use super::terms::send_modes;
use crate::project::{Form, Opened};

/// The section of the project's page: a form, or why there is none.
pub(super) fn section(opened: &Opened<'_>, ruling: &Ruling) -> Markup {
    let back = opened.path();
    let form = Form {
        action: format!("{}/connections", opened.api()),
        back: &back,
        done: "asked",
    };
    let fields = html! {
        label for="new-code" { "The other project's code" }
        input #new-code name="code" inputmode="numeric" autocomplete="off" placeholder="1234 5678" required maxlength="40";
        p.hint {
            "Once they accept, your project sends each new RFI, working-hours entry and note by itself. You can change that at \
             any time."
        }
        details #choose {
            summary { "Choose what your project sends" }
            (send_modes("new", None))
        }
        button type="submit" { "Ask to connect" }
    };
    html! {
        section {
            h2 { "Add New Connection" }
            @match &ruling.reason {
                Some(reason) => div.notice.wait { p { (reason) } },
                None => (form.with(&fields)),
            }
        }
    }
}
