//! One plan in the list.

use std::collections::HashMap;

use gusset_domain::{
    plans::{Copy, Plan, PlanId, PlanKind, Revision, RevisionId},
    text::one_line,
};
use gusset_words::{say, say_html};
use maud::{Markup, html};
use url::Url;

use crate::{
    live,
    project::Form,
    time::{day, time},
    words::size,
};

/// The most that is kept of a label and of a note, in characters; the API says so as well.
const LONGEST: (u32, u32) = (60, 4_000);

/// What every card of a page needs.
pub(super) struct Cards<'a> {
    /// Where Gusset is.
    pub(super) url: &'a str,
    /// The page that forms come back to.
    pub(super) back: String,
    /// Links to the plans' pictures.
    pub(super) pictures: HashMap<PlanId, Url>,
}

/// The sign that a name cannot be changed here.
pub(super) fn lock() -> Markup {
    html! {
        svg.lock viewBox="0 0 12 14" aria-hidden="true" {
            path d="M3 6V4a3 3 0 0 1 6 0v2h1v7H2V6zm1.5 0h3V4a1.5 1.5 0 0 0-3 0z" {}
        }
    }
}

/// What a card is made from: all but its signed links.
pub(super) fn made_of(plan: &Plan) -> String {
    serde_json::to_string(plan).unwrap_or_default()
}

impl Cards<'_> {
    /// The plan, its revisions and its marks.
    pub(super) fn card(&self, plan: &Plan) -> Markup {
        let id = format!("plan-{}", plan.id);
        let name = plan.name();
        let current = plan.current();
        let says = match current {
            Some((_, revision)) if !revision.number.is_empty() => {
                say!("plan-says", name = name.as_str(), number = revision.number.as_str())
            }
            _ => name.clone(),
        };
        let file = format!("{}/api/account/plans/{}/file", self.url, plan.id);
        let is_here = current.is_some_and(|(_, revision)| revision.file().is_some());
        let body = html! {
            div.plan {
                (self.picture(plan, is_here.then_some(&file)))
                div.about {
                    h3 id={ "name-" (plan.id) } tabindex="-1" {
                        @if is_here { a href={ (file) "?show=1" } { (name) } } @else { (name) }
                    }
                    @if let Some((_, revision)) = current { (facts(plan, revision)) }
                    (marks(plan))
                    @if let Some(note) = &plan.own.note { p.note { (note) } }
                }
                @if is_here { a.button.quiet.get href=(file) download aria-describedby={ "name-" (plan.id) } { (say!("plan-download")) } }
                div.more {
                    (former(plan, &file, current.map(|(id, _)| id)))
                    (self.own(plan, &id))
                }
            }
        };
        live::part_made_of(&id, &says, &made_of(plan), &body)
    }

    fn picture(&self, plan: &Plan, file: Option<&String>) -> Markup {
        let picture = html! {
            @match self.pictures.get(&plan.id) {
                Some(picture) => img src=(picture) alt="" width="132" height="102" loading="lazy" decoding="async";,
                None => span.nothing { (ending(plan)) },
            }
        };
        html! {
            @match file {
                // The name leads there as well.
                Some(file) => a.thumb href={ (file) "?show=1" } tabindex="-1" aria-hidden="true" { (picture) },
                None => span.thumb aria-hidden="true" { (picture) },
            }
        }
    }

    fn own(&self, plan: &Plan, id: &str) -> Markup {
        let form = Form {
            action: format!("{}/api/account/plans/{}", self.url, plan.id),
            back: &format!("{}#{id}", self.back),
            done: "saved",
        };
        let (label, note) = (plan.own.label.as_deref(), plan.own.note.as_deref());
        let (longest_label, longest_note) = LONGEST;
        let fields = html! {
            p.hint { (lock()) " " (say!("plan-name-locked", name = plan.name())) }
            label for={ "label-" (plan.id) } { (say!("plan-label")) }
            input id={ "label-" (plan.id) } name="label" maxlength=(longest_label) value=[label] autocomplete="off";
            label for={ "note-" (plan.id) } { (say!("plan-note")) }
            textarea id={ "note-" (plan.id) } name="note" rows="3" maxlength=(longest_note) { (note.unwrap_or_default()) }
            button type="submit" { (say!("plan-save")) }
        };
        html! {
            details id={ "own-" (plan.id) } {
                summary aria-describedby={ "name-" (plan.id) } { (say!("plan-own")) }
                (form.with(&fields))
            }
        }
    }
}

fn ending(plan: &Plan) -> String {
    let file = plan
        .current()
        .map(|(_, revision)| revision.file_name.as_str())
        .unwrap_or_default();
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    one_line(ending, 5).to_uppercase()
}

fn facts(plan: &Plan, revision: &Revision) -> Markup {
    let mut facts = Vec::new();
    if !revision.number.is_empty() {
        let number = one_line(&revision.number, 30);
        facts.push(match plan.id.kind {
            PlanKind::Document => say!("plan-version", number = number),
            PlanKind::Drawing | PlanKind::Specification => say!("plan-revision", number = number),
        });
    }
    facts.extend(revision.issued.or(revision.received).map(day));
    facts.extend(revision.set.as_deref().map(|set| one_line(set, 60)));
    // The other kinds are grouped by their places.
    if plan.id.kind == PlanKind::Drawing {
        facts.extend(plan.details.place.first().map(|area| one_line(area, 60)));
    }
    facts.extend(revision.file().map(|file| size(file.size)));
    html! { p.facts-line { (facts.join(" · ")) } }
}

fn marks(plan: &Plan) -> Markup {
    let copy = plan.current().map(|(_, revision)| &revision.copy);
    html! {
        @if plan.own.label.is_some() || plan.details.obsolete || plan.gone_since.is_some() || !matches!(copy, Some(Copy::Stored(_))) {
            p.marks {
                @if let Some(label) = &plan.own.label { span.badge.new { (label) } }
                @if plan.details.obsolete { span.badge.wait { (say!("plan-obsolete")) } }
                @if plan.gone_since.is_some() { span.badge.wait { (say!("plan-gone")) } }
                @match copy {
                    Some(Copy::Waiting { kept, .. }) => {
                        span.badge { (say!("plan-copying")) }
                        @if kept.is_some() { span.hint { (say!("plan-copying-kept")) } }
                    }
                    Some(Copy::Failed { .. }) => span.badge.bad { (say!("plan-failed")) },
                    Some(Copy::NotOffered) | None => span.badge { (say!("plan-no-file")) },
                    Some(Copy::Stored(_)) => {}
                }
            }
        }
        @if let Some(at) = plan.gone_since { p.hint { (say_html!("plan-gone-since", at = time(at))) } }
        @if let Some(Copy::Failed { reason, kept, .. }) = copy {
            p.hint { (reason) @if kept.is_some() { " " (say!("plan-failed-kept")) } }
        }
    }
}

/// The revisions that hold no more, the latest first.
fn former(plan: &Plan, file: &str, current: Option<RevisionId>) -> Markup {
    let former: Vec<_> = plan
        .revisions
        .iter()
        .rev()
        .filter(|(id, _)| Some(**id) != current)
        .collect();
    html! {
        @if !former.is_empty() {
            details id={ "former-" (plan.id) } {
                summary aria-describedby={ "name-" (plan.id) } {
                    @if plan.id.kind == PlanKind::Document {
                        (say!("plan-previous-versions", count = former.len()))
                    } @else {
                        (say!("plan-previous-revisions", count = former.len()))
                    }
                }
                ul.plain.former {
                    @for (id, revision) in &former {
                        li {
                            span { (facts(plan, revision)) (state(&revision.copy)) }
                            @if revision.file().is_some() {
                                a href={ (file) "?revision=" (id) } download { (say!("plan-download")) span.unseen { " " (say!("plan-download-which", number = revision.number.as_str(), name = plan.name())) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn state(copy: &Copy) -> Markup {
    html! {
        @match copy {
            Copy::Waiting { .. } => p.hint { (say!("plan-former-copying")) },
            Copy::Failed { reason, .. } => p.hint { (say!("plan-former-failed", reason = reason.as_str())) },
            Copy::NotOffered => p.hint { (say!("plan-former-no-file")) },
            Copy::Stored(_) => {},
        }
    }
}
