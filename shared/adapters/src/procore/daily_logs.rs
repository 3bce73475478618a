//! The Site Diary, Procore's daily log: working hours (manpower logs) and notes (notes logs).

use gusset_domain::{
    ids::{CompanyId, ItemId, ProjectId},
    items::{Entry, Item, Note, NoteCopy, WorkingHours, WorkingHoursCopy},
    marker::Reference,
    sweep::Listed,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use super::{
    Authority, Procore, ProcoreError,
    shapes::{Attachment, Author, Created, Named},
};

/// What both kinds of entry have.
#[derive(Deserialize)]
struct EntryAnswer {
    id: ItemId,
    date: Option<Date>,
    created_at: Option<Timestamp>,
    deleted_at: Option<Timestamp>,
    created_by: Option<Author>,
    location: Option<Named>,
    /// A manpower log's comment.
    notes: Option<String>,
    /// A notes log's comment.
    comment: Option<String>,
    #[serde(default)]
    attachments: Vec<Attachment>,
}

#[derive(Deserialize)]
pub(super) struct WorkingHoursAnswer {
    #[serde(flatten)]
    entry: EntryAnswer,
    num_workers: Option<u64>,
    num_hours: Option<Hours>,
    vendor: Option<Named>,
    contact: Option<Named>,
    trade: Option<Named>,
    cost_code: Option<Named>,
}

/// Procore documents a text; numbers are seen as well.
#[derive(Deserialize)]
#[serde(untagged)]
enum Hours {
    Text(String),
    Number(serde_json::Number),
}

#[derive(Deserialize)]
pub(super) struct NoteAnswer {
    #[serde(flatten)]
    entry: EntryAnswer,
    is_issue_day: Option<bool>,
}

pub(super) const WORKING_HOURS: &str = "manpower_logs";
pub(super) const NOTES: &str = "notes_logs";

impl Procore {
    /// A working-hours entry, as our service account sees it.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn working_hours(
        &self,
        company: CompanyId,
        project: ProjectId,
        item: ItemId,
    ) -> Result<WorkingHours, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/{WORKING_HOURS}/{item}");
        let answer: WorkingHoursAnswer = self.get(Authority::ServiceAccount, Some(company), &path, &[]).await?;
        Ok(answer.into())
    }

    /// The working-hours entries about some days, the first and the last included. One call for each hundred of them, and
    /// one for none.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn working_hours_of(
        &self,
        company: CompanyId,
        project: ProjectId,
        days: (Date, Date),
    ) -> Result<Vec<Listed>, ProcoreError> {
        let answers: Vec<WorkingHoursAnswer> = self.entries_of(company, project, WORKING_HOURS, days).await?;
        let listed = |answer: WorkingHoursAnswer| Listed {
            changed_at: answer.entry.created_at,
            item: Item::WorkingHours(answer.into()),
        };
        Ok(answers.into_iter().map(listed).collect())
    }

    /// A note, as our service account sees it.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn note(&self, company: CompanyId, project: ProjectId, item: ItemId) -> Result<Note, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/{NOTES}/{item}");
        let answer: NoteAnswer = self.get(Authority::ServiceAccount, Some(company), &path, &[]).await?;
        Ok(answer.into())
    }

    /// The notes about some days, the first and the last included. One call for each hundred of them, and one for none.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn notes_of(
        &self,
        company: CompanyId,
        project: ProjectId,
        days: (Date, Date),
    ) -> Result<Vec<Listed>, ProcoreError> {
        let answers: Vec<NoteAnswer> = self.entries_of(company, project, NOTES, days).await?;
        let listed = |answer: NoteAnswer| Listed {
            changed_at: answer.entry.created_at,
            item: Item::Note(answer.into()),
        };
        Ok(answers.into_iter().map(listed).collect())
    }

    async fn entries_of<T: DeserializeOwned>(
        &self,
        company: CompanyId,
        project: ProjectId,
        kind: &str,
        (first, last): (Date, Date),
    ) -> Result<Vec<T>, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/{kind}");
        let query = [("start_date", first.to_string()), ("end_date", last.to_string())];
        self.list(Authority::ServiceAccount, Some(company), &path, &query).await
    }

    /// Creates a copy of a working-hours entry.
    ///
    /// # Errors
    /// [`ProcoreError`]; see [`ProcoreError::may_have_happened`].
    pub async fn create_working_hours(
        &self,
        company: CompanyId,
        project: ProjectId,
        copy: &WorkingHoursCopy,
    ) -> Result<ItemId, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/{WORKING_HOURS}");
        let body = json!({"manpower_log": copy});
        let created: Created = self.post(Authority::ServiceAccount, company, &path, &body).await?;
        Ok(created.id)
    }

    /// Creates a copy of a note.
    ///
    /// # Errors
    /// [`ProcoreError`]; see [`ProcoreError::may_have_happened`].
    pub async fn create_note(
        &self,
        company: CompanyId,
        project: ProjectId,
        copy: &NoteCopy,
    ) -> Result<ItemId, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/{NOTES}");
        let created: Created = self
            .post(Authority::ServiceAccount, company, &path, &json!({"notes_log": copy}))
            .await?;
        Ok(created.id)
    }

    /// Looks for a copy of a working-hours entry by the marker in its comment, among the entries about some
    /// days, the first and the last included.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn find_working_hours(
        &self,
        company: CompanyId,
        project: ProjectId,
        reference: &Reference,
        days: (Date, Date),
    ) -> Result<Option<ItemId>, ProcoreError> {
        self.find_entry(company, project, WORKING_HOURS, reference, days).await
    }

    /// Looks for a copy of a note by the marker in its comment, among the entries about some
    /// days, the first and the last included.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn find_note(
        &self,
        company: CompanyId,
        project: ProjectId,
        reference: &Reference,
        days: (Date, Date),
    ) -> Result<Option<ItemId>, ProcoreError> {
        self.find_entry(company, project, NOTES, reference, days).await
    }

    async fn find_entry(
        &self,
        company: CompanyId,
        project: ProjectId,
        kind: &str,
        reference: &Reference,
        days: (Date, Date),
    ) -> Result<Option<ItemId>, ProcoreError> {
        let found: Vec<EntryAnswer> = self.entries_of(company, project, kind, days).await?;
        let carries = |entry: &&EntryAnswer| {
            [&entry.notes, &entry.comment]
                .into_iter()
                .flatten()
                .any(|text| text.contains(reference.as_str()))
        };
        Ok(found.iter().find(carries).map(|entry| entry.id))
    }
}

impl From<WorkingHoursAnswer> for WorkingHours {
    fn from(answer: WorkingHoursAnswer) -> Self {
        let named = [
            ("Company", answer.vendor),
            ("Contact", answer.contact),
            ("Trade", answer.trade),
            ("Cost code", answer.cost_code),
        ];
        let named = named.into_iter().filter_map(|(kind, named)| Some((kind, named?.name?)));
        Self {
            workers: answer.num_workers,
            hours: answer.num_hours.map(|hours| match hours {
                Hours::Text(text) => text,
                Hours::Number(number) => number.to_string(),
            }),
            named: named.collect(),
            entry: answer.entry.into(),
        }
    }
}

impl From<NoteAnswer> for Note {
    fn from(answer: NoteAnswer) -> Self {
        Self {
            is_issue_day: answer.is_issue_day.unwrap_or(false),
            entry: answer.entry.into(),
        }
    }
}

impl From<EntryAnswer> for Entry {
    fn from(answer: EntryAnswer) -> Self {
        Self {
            id: answer.id,
            date: answer.date,
            comment: answer.notes.or(answer.comment).unwrap_or_default(),
            created_at: answer.created_at,
            author_id: answer.created_by.as_ref().and_then(|by| by.id),
            author: answer.created_by.and_then(|by| by.name),
            deleted: answer.deleted_at.is_some(),
            location: answer.location.and_then(|location| location.name),
            attachments: answer.attachments.into_iter().map(Into::into).collect(),
        }
    }
}
