//! Addresses of Procore's own pages.

use gusset_adapters::settings::{self, ConfigError};
use gusset_domain::{
    ids::{ItemId, ProjectId},
    procore_pages,
    send::Tool,
};
use url::Url;

/// Where Procore's pages are.
pub(crate) struct ProcoreLinks(Url);

impl ProcoreLinks {
    /// As the template has it.
    ///
    /// # Errors
    /// When the setting is missing or no address.
    pub(crate) fn from_environment() -> Result<Self, ConfigError> {
        settings::address("PROCORE_WEB_URL").map(Self)
    }

    /// The page of an item: see [`procore_pages::item`].
    pub(crate) fn item(&self, project: ProjectId, tool: Tool, item: ItemId) -> String {
        procore_pages::item(self.0.as_str().trim_end_matches('/'), project, tool, item)
    }
}
