//! RFIs: reading one, creating a copy, and looking for a copy by its marker.

use gusset_domain::{
    ids::{CompanyId, ItemId, ProjectId},
    items::{self, CostImpact, Item, Rfi, RfiCopy, ScheduleImpact},
    marker::Reference,
    sweep::Listed,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{
    Authority, Procore, ProcoreError,
    shapes::{Attachment, Author, Created},
};

#[derive(Deserialize)]
pub(super) struct RfiAnswer {
    id: ItemId,
    #[serde(default)]
    subject: Option<String>,
    full_number: Option<String>,
    number: Option<String>,
    status: Option<String>,
    draft: Option<bool>,
    private: Option<bool>,
    deleted: Option<bool>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    initiated_at: Option<Timestamp>,
    created_by: Option<Author>,
    due_date: Option<Date>,
    reference: Option<String>,
    cost_impact: Option<CostAnswer>,
    schedule_impact: Option<ScheduleAnswer>,
    location: Option<Location>,
    drawing_number: Option<String>,
    specification_section: Option<Section>,
    #[serde(default)]
    questions: Vec<Question>,
}

#[derive(Deserialize)]
struct CostAnswer {
    status: Option<String>,
    value: Option<serde_json::Number>,
}

#[derive(Deserialize)]
struct ScheduleAnswer {
    status: Option<String>,
    value: Option<i64>,
}

#[derive(Deserialize)]
struct Location {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Section {
    number: Option<String>,
    description: Option<String>,
}

#[derive(Deserialize)]
struct Question {
    plain_text_body: Option<String>,
    rich_text_body: Option<String>,
    /// Lists give the question under this name.
    body: Option<String>,
    #[serde(default)]
    attachments: Vec<Attachment>,
}

#[derive(Serialize)]
struct Create<'a> {
    rfi: &'a RfiCopy,
}

impl Procore {
    /// An RFI, as our service account sees it.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn rfi(&self, company: CompanyId, project: ProjectId, item: ItemId) -> Result<Rfi, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/rfis/{item}");
        let answer: RfiAnswer = self.get(Authority::ServiceAccount, Some(company), &path, &[]).await?;
        Ok(answer.into())
    }

    /// The RFIs of a project that were created or changed since `since`, as far as a list shows them. One call for each
    /// hundred of them, and one for none.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn rfis_since(
        &self,
        company: CompanyId,
        project: ProjectId,
        since: Timestamp,
    ) -> Result<Vec<Listed>, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/rfis");
        let query = [
            ("filters[updated_at]", until_tomorrow(since)),
            // What is changed while the pages are read would move in a list by time of change, and push others off a page.
            ("sort[attribute]", "created_at".to_owned()),
            ("sort[direction]", "asc".to_owned()),
        ];
        let answers: Vec<RfiAnswer> = self
            .list(Authority::ServiceAccount, Some(company), &path, &query)
            .await?;
        let listed = |answer: RfiAnswer| Listed {
            changed_at: answer.updated_at,
            item: Item::Rfi(answer.into()),
        };
        Ok(answers.into_iter().map(listed).collect())
    }

    /// Creates a copy of an RFI.
    ///
    /// # Errors
    /// [`ProcoreError`]; see [`ProcoreError::may_have_happened`].
    pub async fn create_rfi(
        &self,
        company: CompanyId,
        project: ProjectId,
        copy: &RfiCopy,
    ) -> Result<ItemId, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/rfis");
        let created: Created = self
            .post(Authority::ServiceAccount, company, &path, &Create { rfi: copy })
            .await?;
        Ok(created.id)
    }

    /// Looks for a copy by the marker in its question, among the RFIs created in a project since `since`.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn find_rfi(
        &self,
        company: CompanyId,
        project: ProjectId,
        reference: &Reference,
        since: Timestamp,
    ) -> Result<Option<ItemId>, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/rfis");
        let query = [("filters[created_at]", until_tomorrow(since))];
        let found: Vec<RfiAnswer> = self
            .list(Authority::ServiceAccount, Some(company), &path, &query)
            .await?;
        let carries = |rfi: &RfiAnswer| {
            rfi.questions.iter().any(|question| {
                [&question.body, &question.rich_text_body, &question.plain_text_body]
                    .into_iter()
                    .flatten()
                    .any(|text| text.contains(reference.as_str()))
            })
        };
        Ok(found.iter().find(|rfi| carries(rfi)).map(|rfi| rfi.id))
    }
}

/// A range of time that is open at its end, for Procore's filters: its clock may be ahead of ours.
fn until_tomorrow(since: Timestamp) -> String {
    let tomorrow = Timestamp::now()
        .saturating_add(std::time::Duration::from_secs(86_400))
        .unwrap_or(since);
    format!("{since}...{tomorrow}")
}

impl From<RfiAnswer> for Rfi {
    fn from(answer: RfiAnswer) -> Self {
        let draft = answer.draft.unwrap_or(false) || answer.status.as_deref() == Some("draft");
        let question = answer.questions.into_iter().next();
        let (plain, rich, attachments) = match question {
            Some(question) => (
                question
                    .plain_text_body
                    .or_else(|| question.body.clone())
                    .unwrap_or_default(),
                question.rich_text_body.or(question.body).unwrap_or_default(),
                question.attachments.into_iter().map(Into::into).collect(),
            ),
            None => Default::default(),
        };
        let section = answer.specification_section.map(|section| items::Section {
            number: section.number.unwrap_or_default(),
            title: section.description.unwrap_or_default(),
        });
        Self {
            id: answer.id,
            number: answer.full_number.or(answer.number).filter(|number| !number.is_empty()),
            subject: answer.subject.unwrap_or_default(),
            question_rich: rich,
            question_plain: plain,
            draft,
            private: answer.private.unwrap_or(false),
            deleted: answer.deleted.unwrap_or(false),
            opened_at: answer.initiated_at.or(answer.created_at),
            author_id: answer.created_by.as_ref().and_then(|by| by.id),
            author: answer.created_by.and_then(|by| by.name),
            due_date: answer.due_date,
            reference: answer.reference.filter(|reference| !reference.is_empty()),
            cost_impact: answer.cost_impact.map(|cost| CostImpact {
                status: cost.status,
                value: cost.value,
            }),
            schedule_impact: answer.schedule_impact.map(|delay| ScheduleImpact {
                status: delay.status,
                value: delay.value,
            }),
            location: answer.location.and_then(|location| location.name),
            drawing_number: answer.drawing_number.filter(|number| !number.is_empty()),
            specification_section: section,
            attachments,
        }
    }
}
