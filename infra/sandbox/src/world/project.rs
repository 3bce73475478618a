//! Projects, with the small lists that entries point to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Id, Member, World, now};
use crate::refusal::Refusal;

/// A node of a project's location tree.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pub(crate) id: Id,
    pub(crate) node_name: String,
    pub(crate) parent_id: Option<Id>,
    pub(crate) created_at: Timestamp,
}

/// A company in a project's directory.
#[derive(Debug, Clone)]
pub(crate) struct Vendor {
    pub(crate) id: Id,
    pub(crate) name: String,
}

/// A section of the project's specifications.
#[derive(Debug, Clone)]
pub(crate) struct SpecificationSection {
    pub(crate) id: Id,
    pub(crate) number: String,
    pub(crate) description: String,
}

/// A construction project.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) id: Id,
    pub(crate) company_id: Id,
    pub(crate) name: String,
    pub(crate) active: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) members: BTreeMap<Id, Member>,
    pub(crate) locations: BTreeMap<Id, Location>,
    pub(crate) vendors: BTreeMap<Id, Vendor>,
    pub(crate) specification_sections: BTreeMap<Id, SpecificationSection>,
    /// Endings of file names that uploads may not have, in lower case and without the dot.
    pub(crate) refused_file_types: Vec<String>,
    /// The most entries that a page of its lists has, where that is less than usual.
    pub(crate) largest_page: Option<usize>,
    /// Days of the Site Diary that are marked complete: nothing can be written into them.
    pub(crate) completed_days: BTreeSet<Date>,
}

impl Project {
    pub(crate) fn new(id: Id, company_id: Id, name: &str) -> Self {
        Self {
            id,
            company_id,
            name: name.to_owned(),
            active: true,
            created_at: now(),
            updated_at: now(),
            members: BTreeMap::new(),
            locations: BTreeMap::new(),
            vendors: BTreeMap::new(),
            specification_sections: BTreeMap::new(),
            refused_file_types: Vec::new(),
            largest_page: None,
            completed_days: BTreeSet::new(),
        }
    }

    /// A location's path of names, as Procore writes it.
    pub(crate) fn location_name(&self, id: Id) -> String {
        let mut names = Vec::new();
        let mut place = self.locations.get(&id);
        while let Some(location) = place {
            names.push(location.node_name.as_str());
            place = location.parent_id.and_then(|parent| self.locations.get(&parent));
        }
        names.reverse();
        names.join(" > ")
    }
}

impl World {
    /// The location at a path of names, made where it is missing.
    pub(crate) fn location_at(&mut self, project_id: Id, path: &[String]) -> Result<Option<Id>, Refusal> {
        let mut parent_id = None;
        for name in path.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            let project = self.project(project_id)?;
            let known = project
                .locations
                .values()
                .find(|location| location.parent_id == parent_id && location.node_name == name)
                .map(|location| location.id);
            let id = match known {
                Some(id) => id,
                None => {
                    let id = self.new_id();
                    let location = Location {
                        id,
                        node_name: name.to_owned(),
                        parent_id,
                        created_at: now(),
                    };
                    if let Some(project) = self.projects.get_mut(&project_id) {
                        project.locations.insert(id, location);
                    }
                    id
                }
            };
            parent_id = Some(id);
        }
        Ok(parent_id)
    }

    /// A location named by `location_id`, which has to be the project's.
    pub(crate) fn checked_location(&self, project_id: Id, id: Option<Id>) -> Result<Option<Id>, Refusal> {
        match id {
            Some(id) if !self.project(project_id)?.locations.contains_key(&id) => {
                Err(Refusal::invalid("location_id", "does not exist in this project"))
            }
            id => Ok(id),
        }
    }
}
