//! Bid packages: what bids are asked for, and until when.

use jiff::Timestamp;
use serde_json::Value;

use super::super::{Actor, Id, Level, Tool, World};
use crate::params::Fields;
use crate::refusal::Refusal;

/// Work that is put out to tender.
#[derive(Debug, Clone)]
pub(crate) struct BidPackage {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    /// From 1, in the project.
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) bid_due_date: Option<Timestamp>,
    pub(crate) submitted_bids_count: u64,
    /// Whether bids are still taken.
    pub(crate) open: bool,
}

impl World {
    pub(crate) fn create_bid_package(&mut self, actor: &Actor, project_id: Id, values: &Value) -> Result<Id, Refusal> {
        self.require(actor.person_id, project_id, Tool::Bidding, Level::Admin)?;
        self.require_active(project_id)?;
        let mut fields = Fields::of(values);
        let (title, due) = (fields.required_text("title"), due(&mut fields));
        fields.finish()?;
        Ok(self.add_bid_package(project_id, &title, due))
    }

    /// Sets the due date, or takes it away, and the title. No webhook tells of bid packages.
    pub(crate) fn update_bid_package(
        &mut self,
        actor: &Actor,
        project_id: Id,
        id: Id,
        values: &Value,
    ) -> Result<(), Refusal> {
        self.require(actor.person_id, project_id, Tool::Bidding, Level::Admin)?;
        self.require_active(project_id)?;
        let mut fields = Fields::of(values);
        let (title, due, names_due) = (fields.text("title"), due(&mut fields), fields.names("bid_due_date"));
        let open = fields.boolean("open");
        fields.finish()?;
        let package = self.plans.bid_packages.get_mut(&id);
        let package = package
            .filter(|package| package.project_id == project_id)
            .ok_or(Refusal::NotFound)?;
        package.open = open.unwrap_or(package.open);
        package.title = title.unwrap_or_else(|| package.title.clone());
        if names_due {
            package.bid_due_date = due;
        }
        Ok(())
    }

    pub(crate) fn delete_bid_package(&mut self, actor: &Actor, project_id: Id, id: Id) -> Result<(), Refusal> {
        self.require(actor.person_id, project_id, Tool::Bidding, Level::Admin)?;
        self.require_active(project_id)?;
        let package = self.plans.bid_packages.get(&id);
        package
            .filter(|package| package.project_id == project_id)
            .ok_or(Refusal::NotFound)?;
        self.plans.bid_packages.remove(&id);
        Ok(())
    }

    pub(super) fn add_bid_package(&mut self, project_id: Id, title: &str, bid_due_date: Option<Timestamp>) -> Id {
        let id = self.new_id();
        let packages = self.plans.bid_packages.values();
        let last = packages
            .filter(|package| package.project_id == project_id)
            .map(|package| package.number)
            .max();
        self.plans.bid_packages.insert(
            id,
            BidPackage {
                id,
                project_id,
                number: last.unwrap_or_default() + 1,
                title: title.to_owned(),
                bid_due_date,
                submitted_bids_count: 0,
                open: true,
            },
        );
        id
    }
}

/// A time, or what a browser's field for one sends, which has no zone: UTC.
fn due(fields: &mut Fields<'_>) -> Option<Timestamp> {
    let text = fields.text("bid_due_date")?;
    let text = text.trim();
    let parsed = text.parse().or_else(|_| format!("{text}:00Z").parse());
    if parsed.is_err() {
        fields.complain("bid_due_date", "is not an ISO 8601 time");
    }
    parsed.ok()
}
