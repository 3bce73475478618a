//! Which of a project's plans are shown: a kind, a group within it, what is searched for, and a page of these.

use gusset_adapters::http::Incoming;
use gusset_domain::{
    ids::ProjectId,
    plans::{Plan, PlanKind, order},
};
use gusset_words::say;
use maud::{Markup, html};

use crate::{live, url_encoded, words::number};

/// Plans on a page.
const ON_A_PAGE: usize = 100;

/// What is asked for.
pub(super) struct Asked {
    project: Option<ProjectId>,
    pub(super) kind: PlanKind,
    /// A discipline, division or folder.
    group: String,
    pub(super) search: String,
    /// From 1 on.
    pub(super) page: usize,
}

/// What is shown of it.
pub(super) struct Shown<'a> {
    pub(super) groups: Vec<Group<'a>>,
    /// The groups of the kind, and how many plans are in each, whatever is searched for.
    choices: Vec<(String, usize)>,
    /// Plans that are found.
    pub(super) all: usize,
    first: usize,
    pub(super) searched: bool,
}

/// Plans that belong together, as far as they are on the page.
pub(super) struct Group<'a> {
    pub(super) title: String,
    pub(super) plans: Vec<&'a Plan>,
    /// How many there are, on all pages.
    pub(super) all: usize,
}

/// A kind's name.
pub(super) fn title(kind: PlanKind) -> &'static str {
    match kind {
        PlanKind::Drawing => say!("kind-drawings"),
        PlanKind::Specification => say!("kind-specifications"),
        PlanKind::Document => say!("kind-documents"),
    }
}

/// What plans of a kind are grouped by.
fn grouped_by(kind: PlanKind) -> (&'static str, &'static str) {
    match kind {
        PlanKind::Drawing => (say!("group-by-discipline"), say!("group-by-disciplines")),
        PlanKind::Specification => (say!("group-by-division"), say!("group-by-divisions")),
        PlanKind::Document => (say!("group-by-folder"), say!("group-by-folders")),
    }
}

/// The group that a plan is in.
fn group_of(plan: &Plan) -> String {
    match (own_group(plan), plan.id.kind) {
        (Some(group), _) => group,
        (None, PlanKind::Drawing) => say!("group-by-no-discipline").to_owned(),
        (None, PlanKind::Specification) => say!("group-by-no-division").to_owned(),
        (None, PlanKind::Document) => say!("group-by-no-folder").to_owned(),
    }
}

/// The group that Procore has it in.
fn own_group(plan: &Plan) -> Option<String> {
    let group = match plan.id.kind {
        PlanKind::Drawing => plan.details.discipline.clone().unwrap_or_default(),
        PlanKind::Specification | PlanKind::Document => plan.details.place.join(" / "),
    };
    (!group.trim().is_empty()).then_some(group)
}

impl Asked {
    /// What the query says. Anything that makes no sense is left out; without a kind, it is the first of which there are any.
    pub(super) fn of(incoming: &Incoming, plans: &[Plan]) -> Self {
        let wanted = incoming.query("kind").and_then(|kind| kind.parse().ok());
        let has = |kind: &PlanKind| plans.iter().any(|plan| plan.id.kind == *kind);
        let kind = wanted.or_else(|| PlanKind::ALL.into_iter().find(has));
        let text = |name| {
            incoming
                .query(name)
                .unwrap_or_default()
                .trim()
                .chars()
                .take(200)
                .collect()
        };
        let page = incoming.query("page").and_then(|page| page.parse().ok());
        Self {
            project: incoming
                .path()
                .split('/')
                .nth(3)
                .and_then(|project| project.parse().ok()),
            kind: kind.unwrap_or(PlanKind::Drawing),
            group: text("discipline"),
            search: text("q"),
            page: page.filter(|page| *page > 0).unwrap_or(1),
        }
    }

    /// The query that says the same, for a page.
    pub(super) fn query(&self, page: usize) -> Vec<String> {
        let mut query = vec![format!("kind={}", self.kind.as_str())];
        for (name, text) in [("discipline", &self.group), ("q", &self.search)] {
            if !text.is_empty() {
                query.push(format!("{name}={}", url_encoded(text)));
            }
        }
        if page > 1 {
            query.push(format!("page={page}"));
        }
        query
    }

    fn base(&self) -> String {
        let project = self.project.map(|project| project.to_string()).unwrap_or_default();
        format!("/estimating/projects/{project}")
    }

    /// The path and query of a page of the same.
    pub(super) fn path(&self, page: usize) -> String {
        format!("{}?{}", self.base(), self.query(page).join("&"))
    }

    /// The path and query of all plans of a kind.
    pub(super) fn of_kind(&self, kind: PlanKind) -> String {
        format!("{}?kind={}", self.base(), kind.as_str())
    }

    fn finds(&self, plan: &Plan) -> bool {
        let own = [plan.own.label.as_deref(), plan.own.note.as_deref()];
        let hay = [plan.name(), own.into_iter().flatten().collect::<Vec<_>>().join("\n")]
            .join("\n")
            .to_lowercase();
        self.search
            .split_whitespace()
            .all(|word| hay.contains(&word.to_lowercase()))
    }
}

impl<'a> Shown<'a> {
    /// Of a project's plans, those that are asked for.
    pub(super) fn of(plans: &'a [Plan], asked: &Asked) -> Self {
        let mut sorted: Vec<(String, &Plan)> = plans
            .iter()
            .filter(|plan| plan.id.kind == asked.kind)
            .map(|plan| (group_of(plan), plan))
            .collect();
        sorted.sort_by(|(group, plan), (other_group, other)| {
            // What belongs to no group comes last.
            (own_group(plan).is_none().cmp(&own_group(other).is_none()))
                .then_with(|| order::natural(group, other_group))
                .then_with(|| order::natural(&plan.name(), &other.name()))
                .then_with(|| plan.id.cmp(&other.id))
        });
        let choices = counted(&sorted);
        sorted.retain(|(group, plan)| (asked.group.is_empty() || *group == asked.group) && asked.finds(plan));
        let found = counted(&sorted);
        let (all, first) = (sorted.len(), (asked.page - 1).saturating_mul(ON_A_PAGE));
        let mut groups: Vec<Group> = Vec::new();
        for (title, plan) in sorted.into_iter().skip(first).take(ON_A_PAGE) {
            match groups.last_mut().filter(|group| group.title == title) {
                Some(group) => group.plans.push(plan),
                None => groups.push(Group {
                    all: found
                        .iter()
                        .find(|(group, _)| *group == title)
                        .map_or(0, |(_, all)| *all),
                    title,
                    plans: vec![plan],
                }),
            }
        }
        Self {
            groups,
            choices,
            all,
            first,
            searched: !asked.group.is_empty() || !asked.search.is_empty(),
        }
    }

    /// The plans on the page.
    pub(super) fn plans(&self) -> impl Iterator<Item = &'a Plan> {
        self.groups.iter().flat_map(|group| group.plans.iter().copied())
    }

    /// What tells it from what was shown before.
    pub(super) fn made_of(&self) -> String {
        let groups = self.groups.iter().map(|group| format!("{}{}", group.title, group.all));
        let plans = self.plans().map(|plan| live::fingerprint(&super::card::made_of(plan)));
        groups.chain(plans).collect()
    }
}

fn counted(sorted: &[(String, &Plan)]) -> Vec<(String, usize)> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for (group, _) in sorted {
        match counted.last_mut().filter(|(last, _)| last == group) {
            Some((_, count)) => *count += 1,
            None => counted.push((group.clone(), 1)),
        }
    }
    counted
}

/// The form by which one finds a plan.
pub(super) fn filters(url: &str, asked: &Asked, shown: &Shown<'_>) -> Markup {
    let (label, every) = grouped_by(asked.kind);
    html! {
        form.filters.find method="get" action={ (url) (asked.base()) } role="search" {
            input type="hidden" name="kind" value=(asked.kind.as_str());
            div {
                label for="q" { (say!("plans-search")) }
                input #q type="search" name="q" value=(asked.search) maxlength="100" placeholder=(say!("plans-search-hint"));
            }
            div {
                label for="discipline" { (label) }
                select #discipline name="discipline" {
                    option value="" { (every) }
                    @for (group, count) in &shown.choices {
                        option value=(group) selected[*group == asked.group] { (say!("plans-choice", group = group.as_str(), count = *count)) }
                    }
                }
            }
            button.quiet type="submit" { (say!("plans-show")) }
        }
    }
}

/// The ways to other pages of the same.
pub(super) fn pages(url: &str, asked: &Asked, shown: &Shown<'_>) -> Markup {
    let last = shown.all.div_ceil(ON_A_PAGE).max(1);
    let to = shown.all.min(shown.first + ON_A_PAGE);
    html! {
        @if last > 1 || asked.page > 1 {
            nav.pages aria-label=(say!("plans-pages")) {
                @if asked.page > 1 { a.button.quiet rel="prev" href={ (url) (asked.path((asked.page - 1).min(last))) } { (say!("plans-page-back")) } }
                @if shown.first < to {
                    span { (say!("plans-page", from = number(shown.first as u64 + 1), to = number(to as u64), all = number(shown.all as u64))) }
                }
                @if asked.page < last { a.button.quiet rel="next" href={ (url) (asked.path(asked.page + 1)) } { (say!("plans-page-next")) } }
            }
        }
    }
}
