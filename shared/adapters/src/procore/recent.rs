//! A project's items, and one of them, as a signed-in person sees them.

use gusset_domain::{
    ids::{CompanyId, ItemId, ProjectId},
    items::Item,
    offered::Stretch,
    people::Project,
    send::Tool,
};
use serde_json::Value;

use super::{
    Authority, Procore, ProcoreError,
    daily_logs::{Approval, NOTES, WORKING_HOURS, read_note, read_working_hours},
    endpoint::Endpoint,
    rfis::read_rfi,
    shapes::not_an_item,
};

const RFIS: &str = "rfis";

impl Procore {
    /// A tool's items, in Procore's order: RFIs by when they were created, Site Diary entries by the day that they are about. An
    /// RFI comes without what lists leave out, such as its attachments.
    ///
    /// # Errors
    /// [`ProcoreError::Forbidden`], when the tool is closed to that person.
    pub async fn items_in(
        &self,
        authority: Authority<'_>,
        project: &Project,
        tool: Tool,
        stretch: Stretch,
    ) -> Result<Vec<Item>, ProcoreError> {
        let (kind, query) = match (tool, stretch) {
            (Tool::Rfis, Stretch::Everything) => (RFIS, Vec::new()),
            (Tool::Rfis, Stretch::Days(first, last)) => (
                RFIS,
                vec![("filters[created_at]", format!("{first}T00:00:00Z...{last}T23:59:59Z"))],
            ),
            (Tool::WorkingHours, stretch) => (WORKING_HOURS, days(stretch)),
            (Tool::Notes, stretch) => (NOTES, days(stretch)),
        };
        let path = path(project.id, kind);
        let endpoint = Endpoint::of(project.company_id, &path);
        let found: Vec<Value> = self.list(authority, endpoint, &query).await?;
        Ok(self.readable(&path, &found, |answer| self.read_item(tool, answer, None)))
    }

    /// One item, whole.
    ///
    /// # Errors
    /// [`ProcoreError::NotFound`], when it is not there or that person may not see it.
    pub async fn item(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
        tool: Tool,
        item: ItemId,
    ) -> Result<Item, ProcoreError> {
        let kind = match tool {
            Tool::Rfis => RFIS,
            Tool::WorkingHours => WORKING_HOURS,
            Tool::Notes => NOTES,
        };
        let path = format!("{}/{item}", path(project, kind));
        let answer: Value = self.get(authority, Endpoint::of(company, &path), &[]).await?;
        self.read_item(tool, &answer, Some(item))
            .ok_or_else(|| not_an_item(200))
    }

    fn read_item(&self, tool: Tool, answer: &Value, asked: Option<ItemId>) -> Option<Item> {
        Some(match tool {
            Tool::Rfis => Item::Rfi(read_rfi(&self.hosts, answer, asked)?),
            Tool::WorkingHours => Item::WorkingHours(read_working_hours(answer, asked)?),
            Tool::Notes => Item::Note(read_note(answer, asked)?),
        })
    }
}

/// What a list of Site Diary entries is asked for. What waits for approval is shown as such.
fn days(stretch: Stretch) -> Vec<(&'static str, String)> {
    let days = match stretch {
        Stretch::Everything => Vec::new(),
        Stretch::Days(first, last) => vec![("start_date", first.to_string()), ("end_date", last.to_string())],
    };
    days.into_iter().chain(Approval::Any.filter()).collect()
}

fn path(project: ProjectId, kind: &str) -> String {
    format!("/rest/v1.0/projects/{project}/{kind}")
}
