//! Addresses of Procore's own pages. `base` is where these are, without a slash at the end.

use crate::{
    ids::{ItemId, ProjectId},
    send::Tool,
};

/// The page of an item. Procore has pages for RFIs; a Site Diary entry is shown with its project's whole diary.
#[must_use]
pub fn item(base: &str, project: ProjectId, tool: Tool, item: ItemId) -> String {
    match tool {
        Tool::Rfis => format!("{base}/{project}/project/rfi/show/{item}"),
        Tool::WorkingHours | Tool::Notes => format!("{base}/{project}/project/daily_log"),
    }
}

/// The page with a project's RFIs.
#[must_use]
pub fn rfis(base: &str, project: ProjectId) -> String {
    format!("{base}/{project}/project/rfi/list")
}
