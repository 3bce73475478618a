//! Making whole companies, for the demo data and for the side door.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Company, Id, Level, Member, Person, Project, SpecificationSection, Tool, Vendor, World};

/// A company to be made; everything may be left out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCompany {
    pub(crate) name: Option<String>,
    #[serde(default = "yes")]
    pub(crate) app_installed: bool,
    /// Indexes into `projects`; all of them when left out.
    pub(crate) permitted_projects: Option<Vec<usize>>,
    pub(crate) projects: Option<Vec<NewProject>>,
    pub(crate) people: Option<Vec<NewPerson>>,
}

/// A project to be made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProject {
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) locations: Vec<String>,
    #[serde(default)]
    pub(crate) vendors: Vec<String>,
    #[serde(default)]
    pub(crate) specification_sections: Vec<String>,
}

/// A person to be made, or somebody known to be let in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPerson {
    pub(crate) login: Option<String>,
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) company_admin: bool,
    pub(crate) level: Option<Level>,
    #[serde(default)]
    pub(crate) levels: BTreeMap<Tool, Level>,
    #[serde(default)]
    pub(crate) rfi_manager: bool,
    /// Indexes into `projects`; all of them when left out.
    pub(crate) projects: Option<Vec<usize>>,
}

fn yes() -> bool {
    true
}

impl World {
    /// Makes the company, its projects and its people, and installs the app. Answers with the company's id.
    pub(crate) fn make_company(&mut self, new: NewCompany, client_id: &str) -> Result<MadeCompany, String> {
        let projects = new.projects.unwrap_or_else(|| vec![NewProject::default()]);
        let admin = NewPerson {
            login: None,
            name: Some("Alex Admin".to_owned()),
            company_admin: true,
            level: Some(Level::Admin),
            levels: BTreeMap::new(),
            rfi_manager: false,
            projects: None,
        };
        let people = new.people.unwrap_or_else(|| vec![admin]);
        let asked = people
            .iter()
            .filter_map(|person| person.projects.as_ref())
            .chain(&new.permitted_projects);
        if let Some(index) = asked.flatten().find(|&&index| index >= projects.len()) {
            return Err(format!(
                "projects has no index {index}: it has {} project(s)",
                projects.len()
            ));
        }
        if let Some(login) = people
            .iter()
            .filter_map(|person| person.login.as_ref())
            .find(|login| !login.contains('@'))
        {
            return Err(format!("login {login:?} is not an e-mail address"));
        }

        let company_id = self.new_id();
        self.add_company(
            company_id,
            new.name.as_deref().unwrap_or(&format!("Company {company_id}")),
        );
        let mut project_ids = Vec::with_capacity(projects.len());
        for project in projects {
            let id = self.new_id();
            self.add_project(
                id,
                company_id,
                project.name.as_deref().unwrap_or(&format!("Project {id}")),
            );
            for path in &project.locations {
                let path: Vec<String> = path.split('>').map(|name| name.trim().to_owned()).collect();
                // The project was made just above, so its locations can be.
                let _ = self.location_at(id, &path);
            }
            for name in &project.vendors {
                let vendor_id = self.new_id();
                self.add_vendor(id, vendor_id, name);
            }
            for number in &project.specification_sections {
                let section_id = self.new_id();
                self.add_section(id, section_id, number, &format!("Section {number}"));
            }
            project_ids.push(id);
        }
        let mut person_ids = Vec::with_capacity(people.len());
        for person in people {
            let level = person.level.unwrap_or(Level::Standard);
            let member = Member {
                rfi_manager: person.rfi_manager,
                ..Member::of(level)
            };
            let member = Member {
                levels: member.levels.into_iter().chain(person.levels).collect(),
                ..member
            };
            let id = match person.login.as_deref().and_then(|login| self.person_by_login(login)) {
                Some(known) => known.id,
                None => {
                    let id = self.new_id();
                    let name = person.name.unwrap_or_else(|| format!("Person {id}"));
                    let first = name.split(' ').next().unwrap_or("person").to_lowercase();
                    let login = person
                        .login
                        .unwrap_or_else(|| format!("{first}.{id}@company-{company_id}.example"));
                    self.people.insert(id, Person::new(id, &login, &name));
                    id
                }
            };
            let in_company = if person.company_admin {
                Level::Admin
            } else {
                Level::ReadOnly
            };
            self.add_company_member(company_id, id, Member::of(in_company));
            let indexes = person.projects.unwrap_or_else(|| (0..project_ids.len()).collect());
            for project_id in indexes.into_iter().filter_map(|index| project_ids.get(index)) {
                self.add_member(*project_id, id, member.clone());
            }
            person_ids.push(id);
        }
        if new.app_installed {
            let permitted = match new.permitted_projects {
                Some(indexes) => indexes
                    .into_iter()
                    .filter_map(|index| project_ids.get(index).copied())
                    .collect(),
                None => project_ids.iter().copied().collect(),
            };
            self.install(company_id, client_id, permitted);
        }
        Ok(MadeCompany {
            company_id,
            project_ids,
            person_ids,
        })
    }

    pub(super) fn add_company(&mut self, id: Id, name: &str) {
        let company = Company {
            id,
            name: name.to_owned(),
            members: BTreeMap::new(),
            installations: BTreeMap::new(),
            forbids_unknown_apps: false,
        };
        self.companies.insert(id, company);
    }

    pub(super) fn add_project(&mut self, id: Id, company_id: Id, name: &str) {
        self.projects.insert(id, Project::new(id, company_id, name));
    }

    pub(super) fn add_vendor(&mut self, project_id: Id, id: Id, name: &str) {
        if let Some(project) = self.projects.get_mut(&project_id) {
            project.vendors.insert(
                id,
                Vendor {
                    id,
                    name: name.to_owned(),
                },
            );
        }
    }

    pub(super) fn add_section(&mut self, project_id: Id, id: Id, number: &str, description: &str) {
        if let Some(project) = self.projects.get_mut(&project_id) {
            let (number, description) = (number.to_owned(), description.to_owned());
            project.specification_sections.insert(
                id,
                SpecificationSection {
                    id,
                    number,
                    description,
                },
            );
        }
    }

    pub(super) fn add_company_member(&mut self, company_id: Id, person_id: Id, member: Member) {
        if let Some(company) = self.companies.get_mut(&company_id) {
            company.members.insert(person_id, member);
        }
    }

    pub(super) fn add_member(&mut self, project_id: Id, person_id: Id, member: Member) {
        if let Some(project) = self.projects.get_mut(&project_id) {
            project.members.insert(person_id, member);
        }
    }
}

/// What was made, in the order in which it was asked for.
pub(crate) struct MadeCompany {
    pub(crate) company_id: Id,
    pub(crate) project_ids: Vec<Id>,
    pub(crate) person_ids: Vec<Id>,
}
