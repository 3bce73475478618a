//! The plans of a campaign, as they are in Procore, and how they change meanwhile.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use fastrand::Rng;
use gusset_tests::{Company, PlanFile, Project, Stand, Tally};
use reqwest::Method;
use serde_json::{Value, json};

/// A large PDF, in bytes: more than is sent in one piece anywhere.
const LARGE: u64 = 20 * 1024 * 1024;

/// Sheets of which revisions are published and that are deleted, and as many sections and documents, in each project.
const LIVELY: usize = 8;

/// Plans that are deleted in each project, at most. Where more than these are gone at once, and more than a tenth, the person is
/// told first and an hour has to pass before they count as gone.
const MAX_DELETED: usize = 5;

/// What something of a project's is called in Procore, and by the side door.
const KINDS: [&str; 3] = ["drawing", "specification_section", "file"];

/// Companies with plans.
pub(crate) struct Books {
    stand: Stand,
    chance: Rng,
    pub(crate) companies: [Company; 2],
    /// Ids of what may change still: its company, project, kind and the number in its name.
    lively: Vec<(usize, usize, usize, usize)>,
    /// How many were deleted, by company and project.
    gone: BTreeMap<(usize, usize), usize>,
    /// The files of what was deleted, as they were just before.
    pub(crate) deleted: Vec<PlanFile>,
    changes: Tally,
}

impl Books {
    pub(crate) async fn new(stand: &Stand, sheets: u64, chance: Rng) -> Self {
        let company = async |name: &str, projects: usize| {
            let names: Vec<Value> = (1..=projects).map(|n| json!({"name": format!("{name} {n}")})).collect();
            let admin = json!({"name": format!("{name} admin"), "level": "admin", "company_admin": true,
                "levels": {"webhooks_api": "standard"}});
            let company = json!({"name": name, "projects": names, "people": [admin]});
            stand.make_company(company).await
        };
        let companies = [company("Harbour", 2).await, company("South", 1).await];
        let mut books = Self {
            stand: stand.clone(),
            chance,
            companies,
            lively: Vec::new(),
            gone: BTreeMap::new(),
            deleted: Vec::new(),
            changes: Tally::default(),
        };
        for (company, project, share) in [(0, 0, 5), (0, 1, 2), (1, 0, 3)] {
            let count = sheets * share / 10;
            stand
                .add_sheets(&books.companies[company].projects[project], count)
                .await;
            for kind in 0..KINDS.len() {
                for number in 0..LIVELY {
                    books.publish(company, project, kind, number).await;
                    books.lively.push((company, project, kind, number));
                    if number.is_multiple_of(2) {
                        books.publish(company, project, kind, number).await;
                    }
                }
            }
        }
        let large = json!({"name": "Survey of the site.pdf", "folder": "03 Reports", "size": LARGE});
        let company = &books.companies[1];
        stand.publish(company, company.project(), "file", large).await;
        books.changes = Tally::default();
        books
    }

    /// All projects, with the companies that they are in.
    pub(crate) fn projects(&self) -> impl Iterator<Item = (&Company, &Project)> {
        let of = |company: &'_ Company| company.projects.len();
        let pairs = self
            .companies
            .iter()
            .flat_map(move |company| (0..of(company)).map(move |at| (company, at)));
        pairs.map(|(company, at)| (company, &company.projects[at]))
    }

    /// Publishes the first or the next revision of something.
    async fn publish(&mut self, company: usize, project: usize, kind: usize, number: usize) {
        let plan = match KINDS[kind] {
            "drawing" => {
                json!({"number": format!("Z-{number:03}"), "title": format!("Detail {number}"), "area": "Tower",
                "discipline": "Architectural", "size": 16_384 + self.chance.u64(..20_000)})
            }
            "specification_section" => {
                json!({"number": format!("09 {number:02} 00"), "description": format!("Finish {number}")})
            }
            _ => {
                let folder = if number.is_multiple_of(3) {
                    "01 Contract"
                } else {
                    "03 Reports > Soil"
                };
                json!({"name": format!("Report {number}.pdf"), "folder": folder, "size": 16_384 + self.chance.u64(..60_000)})
            }
        };
        let company = &self.companies[company];
        self.stand
            .publish(company, &company.projects[project], KINDS[kind], plan)
            .await;
        self.changes.count("published", 1);
    }

    /// Something changes in Procore: sheets are there of which nobody was told, a next revision is published, or a plan is
    /// deleted.
    pub(crate) async fn change(&mut self) {
        if self.chance.u8(..4) == 0 {
            let projects: Vec<_> = self.projects().map(|(_, project)| project.clone()).collect();
            let project = self.chance.choice(&projects).unwrap();
            self.stand.add_sheets(project, self.chance.u64(1..8)).await;
            self.changes.count("added", 1);
            return;
        }
        if self.chance.u8(..4) == 0 && self.delete().await {
            return;
        }
        let &(company, project, kind, number) = self.chance.choice(&self.lively).unwrap();
        self.publish(company, project, kind, number).await;
    }

    /// Those of what may change still that may be deleted.
    fn deletable(&self) -> Vec<usize> {
        let gone = |company, project| self.gone.get(&(company, project)).copied().unwrap_or_default();
        let may_be = |(_, (company, project, ..)): &(usize, &(usize, usize, usize, usize))| {
            gone(*company, *project) < MAX_DELETED
        };
        let lively = self.lively.iter().enumerate().filter(may_be);
        lively.map(|(place, _)| place).collect()
    }

    /// Deletes a plan, whichever chance says, while any may be deleted. Returns whether one was.
    pub(crate) async fn delete(&mut self) -> bool {
        let deletable = self.deletable();
        let Some(place) = self.chance.choice(&deletable).copied() else {
            return false;
        };
        let (company, project, kind, number) = self.lively.swap_remove(place);
        *self.gone.entry((company, project)).or_default() += 1;
        let company = &self.companies[company];
        let project = &company.projects[project];
        let published = self.stand.published(project).await;
        let (list, name, id) = match KINDS[kind] {
            "drawing" => ("drawing_revisions", format!("Z-{number:03}"), "drawing_id"),
            "specification_section" => (
                "specification_section_revisions",
                format!("09 {number:02} 00"),
                "specification_section_id",
            ),
            _ => ("files", format!("Report {number}.pdf"), "id"),
        };
        let is_it = |plan: &&Value| plan["number"] == name.as_str() || plan["name"] == name.as_str();
        let plan = published[list].as_array().unwrap().iter().find(is_it).unwrap();
        let id = plan[id].as_u64().unwrap();
        let files = self.stand.published_files(project).await;
        let ending = format!("-{id}");
        self.deleted
            .extend(files.into_iter().filter(|file| file.plan.ends_with(&ending)));
        let path = format!("/projects/{}/{}s/{id}", project.id, KINDS[kind]);
        let login = json!({"login": company.people[0].0});
        self.stand.side_door(Method::DELETE, &path, login).await;
        self.changes.count("deleted", 1);
        true
    }

    /// The plans that were deleted.
    pub(crate) fn deleted_plans(&self) -> BTreeSet<&str> {
        self.deleted.iter().map(|file| file.plan.as_str()).collect()
    }

    /// The files that should be here of a project, each once: what was deleted apart.
    pub(crate) async fn files(&self, project: &Project) -> Vec<PlanFile> {
        let deleted = self.deleted_plans();
        let mut files = self.stand.published_files(project).await;
        files.retain(|file| !deleted.contains(file.plan.as_str()));
        files
    }

    /// Waits until Procore has told of all changes.
    pub(crate) async fn are_told_of(&self) {
        for (_, project) in self.projects() {
            self.stand.settled_events(project).await;
        }
    }
}

/// What changed so far.
impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Procore: {}", self.changes)
    }
}
