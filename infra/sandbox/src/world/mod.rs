//! What is true in the sandbox: companies, their projects and people, and what those projects hold.
//!
//! The state sits behind one lock that is never held across an await. Whatever changes a project's contents ends in
//! [`World::record`], which is the only place that webhooks start from.

mod company;
mod daily_log;
mod demo;
mod journal;
mod making;
mod permission;
mod person;
pub(crate) mod plans;
mod project;
mod rfi;
mod upload;

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

pub(crate) use company::{Application, Company};
pub(crate) use daily_log::{DailyLog, DailyLogKind, Entry};
pub(crate) use journal::{Actor, Change, Resource};
pub(crate) use making::NewCompany;
pub(crate) use permission::{Level, Member, Tool};
pub(crate) use person::Person;
pub(crate) use plans::Plans;
pub(crate) use project::{Location, Project, SpecificationSection, Vendor};
pub(crate) use rfi::{Impact, Reply, Rfi, RfiStatus};
pub(crate) use upload::{Segment, Upload, UploadStatus};

use crate::files::{StorageLinks, StoredFile};
use crate::oauth::Grants;
use crate::refusal::Refusal;
use crate::webhooks::Webhooks;

/// Procore's ids are positive integers.
pub(crate) type Id = u64;

/// Everything the sandbox knows, bar the log of calls, the faults and the limits.
pub(crate) struct World {
    pub(crate) companies: BTreeMap<Id, Company>,
    pub(crate) projects: BTreeMap<Id, Project>,
    pub(crate) people: BTreeMap<Id, Person>,
    pub(crate) applications: BTreeMap<String, Application>,
    pub(crate) rfis: BTreeMap<Id, Rfi>,
    pub(crate) daily_logs: BTreeMap<Id, DailyLog>,
    pub(crate) plans: Plans,
    pub(crate) uploads: BTreeMap<Uuid, Upload>,
    pub(crate) files: BTreeMap<Id, StoredFile>,
    pub(crate) storage_links: StorageLinks,
    pub(crate) grants: Grants,
    pub(crate) webhooks: Webhooks,
    next_id: Id,
}

impl World {
    /// The demo data, whose first free id is at least `first_id`: ids are never given twice, not even after a reset.
    pub(crate) fn demo(first_id: Id) -> Self {
        let mut world = Self {
            companies: BTreeMap::new(),
            projects: BTreeMap::new(),
            people: BTreeMap::new(),
            applications: BTreeMap::new(),
            rfis: BTreeMap::new(),
            daily_logs: BTreeMap::new(),
            plans: Plans::default(),
            uploads: BTreeMap::new(),
            files: BTreeMap::new(),
            storage_links: StorageLinks::default(),
            grants: Grants::default(),
            webhooks: Webhooks::default(),
            next_id: first_id,
        };
        demo::fill(&mut world);
        world
    }

    /// Puts the demo data back.
    pub(crate) fn reset(&mut self) {
        let webhooks = self.webhooks.fresh();
        *self = Self::demo(self.next_id);
        self.webhooks = webhooks;
    }

    /// An id that nothing else has.
    pub(crate) fn new_id(&mut self) -> Id {
        self.next_id += 1;
        self.next_id
    }

    /// Does something whose new ids begin at `first`, and goes on numbering as before.
    fn numbering_from(&mut self, first: Id, act: impl FnOnce(&mut Self)) {
        let next_id = std::mem::replace(&mut self.next_id, first);
        act(self);
        self.next_id = next_id;
    }

    pub(crate) fn person_by_login(&self, login: &str) -> Option<&Person> {
        self.people
            .values()
            .find(|person| person.login.eq_ignore_ascii_case(login))
    }

    pub(crate) fn person(&self, id: Id) -> Result<&Person, Refusal> {
        self.people.get(&id).ok_or(Refusal::NotFound)
    }

    pub(crate) fn project(&self, id: Id) -> Result<&Project, Refusal> {
        self.projects.get(&id).ok_or(Refusal::NotFound)
    }

    pub(crate) fn company(&self, id: Id) -> Result<&Company, Refusal> {
        self.companies.get(&id).ok_or(Refusal::NotFound)
    }

    /// The projects of a company, in the order of their ids.
    pub(crate) fn projects_of(&self, company_id: Id) -> impl Iterator<Item = &Project> {
        self.projects
            .values()
            .filter(move |project| project.company_id == company_id)
    }
}

/// The present second: Procore's records carry no finer time.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// Today, in the demo projects' time zone (UTC).
pub(crate) fn today() -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now()).date()
}
