//! A project's recent items, and one of them, as a signed-in person sees them.

use gusset_domain::{
    ids::{CompanyId, ItemId, ProjectId},
    items::Item,
    people::Project,
    send::Tool,
};
use jiff::{Timestamp, tz::TimeZone};
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
    /// A tool's items since `since`, in Procore's order: RFIs by when they were created, Site Diary entries by the day
    /// that they are about. An RFI comes without what lists leave out, such as its attachments.
    ///
    /// # Errors
    /// [`ProcoreError::Forbidden`], when the tool is closed to that person.
    pub async fn recent_items(
        &self,
        authority: Authority<'_>,
        project: &Project,
        tool: Tool,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Item>, ProcoreError> {
        let (company, id) = (project.company_id, project.id);
        // Days are the project's own: somewhere on earth it is tomorrow already.
        let tomorrow = now
            .saturating_add(std::time::Duration::from_secs(86_400))
            .unwrap_or(now);
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date().to_string();
        let mut days = vec![("start_date", day(since)), ("end_date", day(tomorrow))];
        // What waits for approval is shown as such.
        days.extend(Approval::Any.filter());
        let (kind, query) = match tool {
            Tool::Rfis => (RFIS, vec![("filters[created_at]", format!("{since}...{tomorrow}"))]),
            Tool::WorkingHours => (WORKING_HOURS, days),
            Tool::Notes => (NOTES, days),
        };
        let path = path(id, kind);
        let found: Vec<Value> = self.list(authority, Endpoint::of(company, &path), &query).await?;
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

fn path(project: ProjectId, kind: &str) -> String {
    format!("/rest/v1.0/projects/{project}/{kind}")
}
