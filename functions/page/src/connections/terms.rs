//! The two questions of a connection: what the other side receives, and who reviews the RFIs that they send. Both sides are
//! asked, and may change their answers at any time.

use gusset_adapters::http::{Incoming, Reply};
use gusset_domain::names::shown;
use gusset_domain::{
    connection::{Action, View},
    people::Person,
    send::{SendMode, SendModes, ShortChoice, Tool},
};
use gusset_words::say;
use maud::{Markup, html};

use super::{card::facts, status_badge, story};
use crate::{
    Page,
    project::{Form, Opened, Tab},
};

/// The page: of accepting, while this side may, and else of changing.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str, connection: &str) -> Reply {
    let mut opened = Opened::new(app, incoming, project).await?;
    let view = opened.connection(connection).await?.view;
    let may = |action| view.actions.contains(&action);
    let accepts = may(Action::Accept);
    let title = if accepts {
        say!("terms-connect", name = shown(&view.other.name))
    } else {
        say!("terms-settings", name = shown(&view.other.name))
    };
    let form = if accepts || may(Action::Settle) {
        let managers = app.managers.known(&opened.admin, &mut opened.busy).await?;
        terms(&opened, &view, accepts, managers.as_deref())
    } else {
        html! { p { (say!("terms-none")) } }
    };
    let body = html! {
        div.head {
            div { h1 { (title) } p.company { (shown(&view.other.company_name)) } }
            (status_badge(view.status))
        }
        p { (story(&view)) }
        // What they send is known before it is accepted.
        @if accepts { (facts(&view)) }
        (form)
    };
    Ok(opened.page_within(incoming, &title, Tab::Connections, &body))
}

fn terms(opened: &Opened<'_>, view: &View, accepts: bool, managers: Option<&[Person]>) -> Markup {
    let (verb, done) = if accepts {
        ("/accept", "accepted")
    } else {
        ("", "saved")
    };
    let back = opened.path();
    let form = Form {
        action: format!("{}/connections/{}{verb}", opened.api(), view.id),
        back: &back,
        done,
    };
    let questions = Questions {
        id: "terms",
        other: &shown(&view.other.name),
        managers,
        answers: (!accepts).then_some(view),
    };
    let fields = html! {
        (questions.shown())
        div.actions {
            button type="submit" { @if accepts { (say!("terms-accept")) } @else { (say!("terms-save")) } }
            a.button.quiet href={ (opened.url) (back) } { (say!("terms-cancel")) }
        }
    };
    html! { section { (form.with(&fields)) } }
}

/// The two questions, as fields of a form.
pub(super) struct Questions<'a> {
    /// With what the ids of the fields begin.
    pub(super) id: &'a str,
    /// The other project, as people are told of it.
    pub(super) other: &'a str,
    /// Who may review RFIs. None, where Procore does not say that now.
    pub(super) managers: Option<&'a [Person]>,
    /// The answers so far. None, where there are none: nothing is answered beforehand.
    pub(super) answers: Option<&'a View>,
}

impl Questions<'_> {
    /// Both questions.
    pub(super) fn shown(&self) -> Markup {
        html! { (self.sends()) (self.reviewer()) }
    }

    fn sends(&self) -> Markup {
        let modes = self.answers.map(|view| &view.send);
        let answer = modes.map(ShortChoice::of);
        html! {
            fieldset.ask {
                legend { (say!("terms-sends", other = self.other)) }
                @for short in ShortChoice::ALL {
                    @let field = format!("{}-sends-{}", self.id, short.as_str());
                    div.tick {
                        input id=(field) type="radio" name="sends" value=(short.as_str()) required checked[answer == Some(short)]
                            aria-describedby={ (field) "-hint" };
                        div {
                            label for=(field) { (short.title()) }
                            p.hint id={ (field) "-hint" } { (meaning(short)) }
                        }
                    }
                }
                div.modes { (self.modes(modes)) }
                @if self.answers.is_some_and(|view| !view.other_accepts_rfis) {
                    p.notice.wait { (say!("terms-refused", other = self.other)) }
                }
            }
        }
    }

    /// A mode for each tool, in the place of a short answer. Without an answer so far nothing leaves by itself.
    fn modes(&self, modes: Option<&SendModes>) -> Markup {
        html! {
            @for tool in Tool::ALL {
                @let field = format!("{}-{tool}", self.id);
                @let chosen = modes.map_or(SendMode::Manual, |modes| modes.of(tool));
                div.row {
                    label for=(field) { (tool.title()) }
                    select id=(field) name={ "send." (tool) } {
                        @for (mode, value, words) in tool_modes() {
                            option value=(value) selected[chosen == mode] { (words) }
                        }
                    }
                }
            }
            p.hint {
                (say!("terms-hint"))
            }
        }
    }

    fn reviewer(&self) -> Markup {
        let (field, hint) = (format!("{}-manager", self.id), format!("{}-manager-hint", self.id));
        let managers = self.managers.unwrap_or_default();
        let chosen = self.answers.and_then(|view| view.rfi_manager.as_ref());
        let refused = self.answers.is_some_and(|view| !view.accepts_rfis);
        html! {
            div.ask id={ (self.id) "-reviewer" } data-lacking[self.managers.is_none()] {
                label for=(field) { (say!("terms-reviewer")) }
                select id=(field) name="rfi_manager_id" required aria-describedby=(hint) {
                    option value="" { (say!("terms-reviewer-choose")) }
                    @for person in managers {
                        option value=(person.id) selected[chosen.is_some_and(|it| it.id == person.id)] { (shown(&person.name)) }
                    }
                    // Whoever it is now stays while Procore does not say who else it could be.
                    @if let Some(person) = chosen.filter(|_| managers.is_empty()) {
                        option value=(person.id) selected { (shown(&person.name)) }
                    }
                    @if managers.is_empty() { option value="none" { (say!("terms-reviewer-later")) } }
                    option value="refused" selected[refused] { (say!("terms-reviewer-refuse")) }
                }
                p.hint id=(hint) {
                    @if self.managers.is_none() { (say!("terms-reviewer-unsaid")) " " }
                    @else if managers.is_empty() { (say!("terms-reviewer-nobody")) " " }
                    (say!("terms-reviewer-hint"))
                }
            }
        }
    }
}

/// A tool's modes, with the names that forms and people know them by.
fn tool_modes() -> [(SendMode, &'static str, &'static str); 3] {
    [
        (SendMode::Automatic, "automatic", say!("mode-automatic")),
        (SendMode::Manual, "manual", say!("mode-manual")),
        (SendMode::Off, "off", say!("mode-off")),
    ]
}

/// What a short answer comes to.
fn meaning(short: ShortChoice) -> &'static str {
    match short {
        ShortChoice::Nothing => say!("short-nothing"),
        ShortChoice::Rfis => say!("short-rfis"),
        ShortChoice::Chosen => say!("short-chosen"),
    }
}
