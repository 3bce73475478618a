//! Bid packages: when a project's bids are due.

use gusset_domain::ids::{CompanyId, ProjectId};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    super::{Authority, Procore, ProcoreError},
    Listed, lenient, open,
};

/// A bid package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BidPackage {
    /// Its id in Procore.
    pub id: u64,
    /// Its number.
    #[serde(default, deserialize_with = "lenient::text")]
    pub number: Option<String>,
    /// Its title.
    #[serde(default, deserialize_with = "lenient::text")]
    pub title: Option<String>,
    /// When bids are due, if that is set.
    #[serde(default, rename = "bid_due_date", deserialize_with = "lenient::moment")]
    pub due_at: Option<Timestamp>,
}

impl Procore {
    /// A project's bid packages, closed ones as well: a bid stays in the calendar. One call for each thousand.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn bid_packages(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Listed<BidPackage>, ProcoreError> {
        let path = format!("/rest/v1.1/projects/{project}/bid_packages");
        let query = [("view", "all".to_owned())];
        let found = open(self.entries(authority, company, &path, &query).await)?;
        Ok(found.map_or(Listed::ToolClosed, |found| Listed::of(found.all, found.whole)))
    }
}
