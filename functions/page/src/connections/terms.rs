//! The two questions of a connection: what the other side receives, and who reviews the RFIs that they send. Both sides are
//! asked, and may change their answers at any time.

use gusset_adapters::http::{Incoming, Reply};
use gusset_domain::names::shown;
use gusset_domain::{
    connection::{Action, View},
    people::Person,
    send::{SendMode, SendModes, ShortChoice, Tool},
};
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
        format!("Connect with {}", shown(&view.other.name))
    } else {
        format!("Settings for {}", shown(&view.other.name))
    };
    let form = if accepts || may(Action::Settle) {
        let managers = app.managers.known(&opened.admin, &mut opened.busy).await?;
        terms(&opened, &view, accepts, managers.as_deref())
    } else {
        html! { p { "There is nothing to choose here any more." } }
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
            button type="submit" { @if accepts { "Accept" } @else { "Save" } }
            a.button.quiet href={ (opened.url) (back) } { "Cancel" }
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
                legend { "What should " (self.other) " receive from you?" }
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
                    p.notice.wait { (self.other) " does not accept RFIs: yours stay in your project." }
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
                        @for (mode, value, words) in MODES {
                            option value=(value) selected[chosen == mode] { (words) }
                        }
                    }
                }
            }
            p.hint {
                "Automatically means what is new from now on. An entry of the Site Diary is found up to 60 days after its day, an \
                 RFI up to a week after it was opened, even if Procore never tells of it; older ones can be sent by hand. Files \
                 above the largest size that this Gusset takes (usually 400 MB) stay behind, and the copy names them."
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
                label for=(field) { "Who reviews RFIs from them?" }
                select id=(field) name="rfi_manager_id" required aria-describedby=(hint) {
                    option value="" { "Please choose" }
                    @for person in managers {
                        option value=(person.id) selected[chosen.is_some_and(|it| it.id == person.id)] { (shown(&person.name)) }
                    }
                    // Whoever it is now stays while Procore does not say who else it could be.
                    @if let Some(person) = chosen.filter(|_| managers.is_empty()) {
                        option value=(person.id) selected { (shown(&person.name)) }
                    }
                    @if managers.is_empty() { option value="none" { "Choose a person later: their RFIs wait" } }
                    option value="refused" selected[refused] { "We don't accept RFIs" }
                }
                p.hint id=(hint) {
                    @if self.managers.is_none() { "Procore did not say who can be a manager of RFIs here. You can choose a person later. " }
                    @else if managers.is_empty() { "Procore names nobody here who can be a manager of RFIs. You can choose a person later. " }
                    "RFIs that arrive are drafts with this person as their RFI manager, who gets an email about each."
                }
            }
        }
    }
}

/// A tool's modes, with the names that forms and people know them by.
const MODES: [(SendMode, &str, &str); 3] = [
    (SendMode::Automatic, "automatic", "Automatically: every new one"),
    (SendMode::Manual, "manual", "Only when someone sends it"),
    (SendMode::Off, "off", "Never"),
];

/// What a short answer comes to.
fn meaning(short: ShortChoice) -> &'static str {
    match short {
        ShortChoice::Nothing => "You send what you choose, item by item.",
        ShortChoice::Rfis => {
            "RFIs are sent when they are opened. Working hours and notes only when someone sends them."
        }
        ShortChoice::Chosen => "Set RFIs, working hours and notes one by one.",
    }
}
