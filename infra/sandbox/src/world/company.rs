//! Companies, and the apps that they installed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Id, Member, Person, World};

/// An app in Procore's marketplace.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) name: String,
}

/// An app's presence in one company.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    /// The directory user that client credentials act as.
    pub(crate) service_account: Id,
    /// The projects that the company's admins let it into.
    pub(crate) permitted_projects: BTreeSet<Id>,
}

/// A Procore account.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) members: BTreeMap<Id, Member>,
    /// By client id.
    pub(crate) installations: BTreeMap<String, Installation>,
    /// Whether it answers 403, and not 401, to an app that it has not installed.
    pub(crate) forbids_unknown_apps: bool,
}

impl Company {
    pub(crate) fn has_installed(&self, client_id: &str) -> bool {
        self.installations.contains_key(client_id)
    }
}

impl World {
    /// Installs an app, or changes the projects it may enter. The directory user outlives an uninstallation, as what
    /// it wrote names it.
    pub(crate) fn install(&mut self, company_id: Id, client_id: &str, permitted: BTreeSet<Id>) -> Option<Id> {
        let name = format!("{} (service account)", self.applications.get(client_id)?.name);
        let login = format!("{client_id}@{company_id}.service.example");
        let service_account = match self.person_by_login(&login) {
            Some(person) => person.id,
            None => {
                let id = self.new_id();
                let person = Person::new(id, &login, &name).serving(company_id);
                self.people.insert(id, person);
                id
            }
        };
        let company = self.companies.get_mut(&company_id)?;
        let installation = Installation {
            service_account,
            permitted_projects: permitted.clone(),
        };
        company.installations.insert(client_id.to_owned(), installation);
        for project in self
            .projects
            .values_mut()
            .filter(|project| project.company_id == company_id)
        {
            if permitted.contains(&project.id) {
                project
                    .members
                    .entry(service_account)
                    .or_insert_with(Member::service_account);
            } else {
                project.members.remove(&service_account);
            }
        }
        Some(service_account)
    }

    pub(crate) fn uninstall(&mut self, company_id: Id, client_id: &str) {
        let Some(company) = self.companies.get_mut(&company_id) else {
            return;
        };
        let Some(installation) = company.installations.remove(client_id) else {
            return;
        };
        for project in self
            .projects
            .values_mut()
            .filter(|project| project.company_id == company_id)
        {
            project.members.remove(&installation.service_account);
        }
    }
}
