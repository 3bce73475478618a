//! The files of Site Diary entries. Procore documents one way only: a form in parts that changes an entry, with the file in it.

use gusset_domain::{
    ids::{CompanyId, ItemId, ProjectId},
    items::{Entry, Item, attachment::FileName},
    send::Tool,
};
use reqwest::{
    Body, Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    AccessToken, Authority, Fetched, FileError, Procore, ProcoreError,
    daily_logs::{NOTES, WORKING_HOURS, read_note, read_working_hours},
    endpoint::Endpoint,
    files::{in_time, of_api},
    json,
    shapes::not_an_item,
};

/// What Procore calls a kind of entry, in paths and in bodies, and its comment.
struct Kind {
    path: &'static str,
    key: &'static str,
    comment: &'static str,
}

impl Kind {
    /// None for RFIs, which are no entries.
    fn of(entry: &Item) -> Option<(Self, &Entry)> {
        match entry {
            Item::Rfi(_) => None,
            Item::WorkingHours(hours) => {
                let kind = Self {
                    path: WORKING_HOURS,
                    key: "manpower_log",
                    comment: "notes",
                };
                Some((kind, &hours.entry))
            }
            Item::Note(note) => {
                let kind = Self {
                    path: NOTES,
                    key: "notes_log",
                    comment: "comment",
                };
                Some((kind, &note.entry))
            }
        }
    }

    fn path(&self, project: ProjectId, entry: ItemId) -> String {
        format!("/rest/v1.0/projects/{project}/{}/{entry}", self.path)
    }
}

fn no_entry() -> ProcoreError {
    ProcoreError::Invalid("files are added to Site Diary entries alone".to_owned())
}

fn read(tool: Tool, answer: &Value, asked: ItemId) -> Result<Item, ProcoreError> {
    let item = match tool {
        Tool::Rfis => None,
        Tool::WorkingHours => read_working_hours(answer, Some(asked)).map(Item::WorkingHours),
        Tool::Notes => read_note(answer, Some(asked)).map(Item::Note),
    };
    item.ok_or_else(|| not_an_item(200))
}

impl Procore {
    /// Adds a file to a Site Diary entry under a name, until `until`, and gives the entry as Procore shows it then. `entry` is
    /// how it was shown last. One call, which carries the file: it is read from where it is spooled as it is sent.
    ///
    /// # Errors
    /// [`FileError`]. After [`FileError::Passing`], and after [`FileError::Procore`] with what may have happened, the entry may
    /// have the file.
    pub async fn add_file(
        &self,
        authority: Authority<'_>,
        (company, project): (CompanyId, ProjectId),
        entry: &Item,
        name: &FileName,
        fetched: &Fetched,
        until: Instant,
    ) -> Result<Item, FileError> {
        let (kind, shown) = Kind::of(entry).ok_or_else(|| of_api(no_entry()))?;
        let path = kind.path(project, entry.id());
        let endpoint = Endpoint::of(company, &path);
        let whole = until.saturating_duration_since(Instant::now());
        let build = |token: &AccessToken| {
            let part = || {
                let body = Body::wrap(fetched.file.whole());
                Part::stream_with_length(body, fetched.file.size()).file_name(name.as_str().to_owned())
            };
            let file = part().mime_str(&fetched.content_type).unwrap_or_else(|_| part());
            // Procore takes no change of an entry that says nothing of it: its day stays as it is.
            let form = Form::new().percent_encode_noop();
            let form = match shown.date {
                Some(date) => form.text(format!("{}[date]", kind.key), date.to_string()),
                None => form,
            };
            self.request(Method::PATCH, endpoint, token)
                .timeout(whole)
                .multipart(form.part("attachments[]", file))
        };
        let adding = async {
            let response = self.authorized(authority, endpoint, build).await?;
            read(entry.tool(), &json(response).await?, entry.id())
        };
        in_time(until, whole, adding).await?.map_err(of_api)
    }

    /// Writes the comment of a Site Diary entry, and gives the entry as Procore shows it then. One call.
    ///
    /// # Errors
    /// [`ProcoreError`]. Doing it again completes it.
    pub async fn write_comment(
        &self,
        authority: Authority<'_>,
        (company, project): (CompanyId, ProjectId),
        entry: &Item,
        comment: &str,
    ) -> Result<Item, ProcoreError> {
        let (kind, _) = Kind::of(entry).ok_or_else(no_entry)?;
        let body = json!({kind.key: {kind.comment: comment}});
        let path = kind.path(project, entry.id());
        let response = self
            .call(authority, Method::PATCH, Endpoint::of(company, &path), &[], Some(&body))
            .await?;
        read(entry.tool(), &json(response).await?, entry.id())
    }
}
