//! Asking another project for a connection.

use gusset_domain::{people::Person, policy::Ruling};
use maud::{Markup, html};

use super::terms::Questions;
use crate::project::{Form, Opened};

/// The section of the project's page: a form, or why there is none. `managers`: who may review RFIs here, where Procore says
/// that.
pub(super) fn section(opened: &Opened<'_>, ruling: &Ruling, managers: Option<&[Person]>) -> Markup {
    let back = opened.path();
    let form = Form {
        action: format!("{}/connections", opened.api()),
        back: &back,
        done: "asked",
    };
    let questions = Questions {
        id: "new",
        other: "the other project",
        managers,
        answers: None,
    };
    let fields = html! {
        label for="new-code" { "The other project's code" }
        input #new-code name="code" inputmode="numeric" autocomplete="off" placeholder="1234 5678" required maxlength="40";
        (questions.shown())
        p.hint { "They answer the same questions when they accept. You can change your answers at any time." }
        button type="submit" { "Request connection" }
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
