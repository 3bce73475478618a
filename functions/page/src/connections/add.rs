//! Asking another project for a connection.

use gusset_domain::{people::Person, policy::Ruling};
use gusset_words::say;
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
        other: say!("add-other"),
        managers,
        answers: None,
    };
    let fields = html! {
        label for="new-code" { (say!("add-code")) }
        input #new-code name="code" inputmode="numeric" autocomplete="off" placeholder="1234 5678" required maxlength="40";
        (questions.shown())
        p.hint { (say!("add-hint")) }
        button type="submit" { (say!("add-request")) }
    };
    html! {
        section {
            h2 { (say!("add")) }
            @match &ruling.reason {
                Some(reason) => div.notice.wait { p { (reason) } },
                None => (form.with(&fields)),
            }
        }
    }
}
