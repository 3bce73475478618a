//! A project's recent items, and one of them, as a signed-in person sees them.

use gusset_domain::{
    ids::{CompanyId, ItemId, ProjectId},
    items::Item,
    people::Project,
    send::Tool,
};
use jiff::{Timestamp, tz::TimeZone};

use super::{
    Authority, Procore, ProcoreError,
    daily_logs::{NOTES, NoteAnswer, WORKING_HOURS, WorkingHoursAnswer},
    rfis::RfiAnswer,
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
        let (company, id) = (Some(project.company_id), project.id);
        // Days are the project's own: somewhere on earth it is tomorrow already.
        let tomorrow = now
            .saturating_add(std::time::Duration::from_secs(86_400))
            .unwrap_or(now);
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date().to_string();
        let days = [("start_date", day(since)), ("end_date", day(tomorrow))];
        Ok(match tool {
            Tool::Rfis => {
                let query = [("filters[created_at]", format!("{since}...{tomorrow}"))];
                let found: Vec<RfiAnswer> = self.list(authority, company, &path(id, RFIS), &query).await?;
                found.into_iter().map(|answer| Item::Rfi(answer.into())).collect()
            }
            Tool::WorkingHours => {
                let found: Vec<WorkingHoursAnswer> =
                    self.list(authority, company, &path(id, WORKING_HOURS), &days).await?;
                let item = |answer: WorkingHoursAnswer| Item::WorkingHours(answer.into());
                found.into_iter().map(item).collect()
            }
            Tool::Notes => {
                let found: Vec<NoteAnswer> = self.list(authority, company, &path(id, NOTES), &days).await?;
                found.into_iter().map(|answer| Item::Note(answer.into())).collect()
            }
        })
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
        let company = Some(company);
        let path = |kind| format!("{}/{item}", path(project, kind));
        Ok(match tool {
            Tool::Rfis => {
                let answer: RfiAnswer = self.get(authority, company, &path(RFIS), &[]).await?;
                Item::Rfi(answer.into())
            }
            Tool::WorkingHours => {
                let answer: WorkingHoursAnswer = self.get(authority, company, &path(WORKING_HOURS), &[]).await?;
                Item::WorkingHours(answer.into())
            }
            Tool::Notes => {
                let answer: NoteAnswer = self.get(authority, company, &path(NOTES), &[]).await?;
                Item::Note(answer.into())
            }
        })
    }
}

fn path(project: ProjectId, kind: &str) -> String {
    format!("/rest/v1.0/projects/{project}/{kind}")
}
