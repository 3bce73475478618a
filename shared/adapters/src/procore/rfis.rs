//! RFIs: reading one, creating a copy, and looking for a copy by its marker.

use gusset_domain::{
    delivery::Search,
    ids::{CompanyId, ItemId, ProjectId, UserId},
    items::{
        CostImpact, Decimal, Impact, Item, Picture, Revision, Rfi, RfiCopy, ScheduleImpact, Section,
        attachment::{Attachment, FileName},
    },
    rich_text,
    sweep::Listed,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::{
    Authority, List, Procore, ProcoreError, Work,
    endpoint::Endpoint,
    hosts::Hosts,
    lenient::{Fields, Odd, Reading, as_day, as_decimal, as_id, as_moment, as_name, as_text, as_truth, as_written},
    shapes::{attachments, created, item_id, not_an_item},
};

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
        let answer: Value = self
            .get(Authority::ServiceAccount, Endpoint::of(company, &path), &[])
            .await?;
        read_rfi(&self.hosts, &answer, Some(item)).ok_or_else(|| not_an_item(200))
    }

    /// The RFIs of a project that were created or changed since `since`, as far as a list shows them. One call for each
    /// 2,000 of them, and one for none.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn rfis_since(
        &self,
        work: Work<'_>,
        company: CompanyId,
        project: ProjectId,
        since: Timestamp,
    ) -> Result<List<Listed>, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/rfis");
        let query = [
            ("filters[updated_at]", until_tomorrow(since)),
            // What is changed while the pages are read would move in a list by time of change, and push others off a page.
            ("sort[attribute]", "created_at".to_owned()),
            ("sort[direction]", "asc".to_owned()),
        ];
        self.readable_list(work, company, &path, &query, |answer| listed(&self.hosts, answer))
            .await
    }

    /// Creates a copy of an RFI, and gives it as Procore shows it.
    ///
    /// # Errors
    /// [`ProcoreError`]; see [`ProcoreError::may_have_happened`].
    pub async fn create_rfi(
        &self,
        company: CompanyId,
        project: ProjectId,
        copy: &RfiCopy,
    ) -> Result<Rfi, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/rfis");
        let answer: Value = self
            .post(
                Authority::ServiceAccount,
                Endpoint::of(company, &path),
                &Create { rfi: copy },
            )
            .await?;
        created(read_rfi(&self.hosts, &answer, None))
    }

    /// Looks for a copy among the RFIs created in a project since its search begins.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn find_rfi(
        &self,
        work: Work<'_>,
        company: CompanyId,
        project: ProjectId,
        search: &mut Search<'_>,
    ) -> Result<Option<ItemId>, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/rfis");
        let query = [("filters[created_at]", until_tomorrow(search.since()))];
        let list = self
            .readable_list(work, company, &path, &query, |answer| listed(&self.hosts, answer))
            .await?;
        list.searched(search)
    }
}

fn listed(hosts: &Hosts, answer: &Value) -> Option<Listed> {
    Some(Listed {
        changed_at: Fields::of(answer)?.quiet("updated_at", as_moment),
        item: Item::Rfi(read_rfi(hosts, answer, None)?),
    })
}

/// Reads an RFI as an answer shows it, be it alone or in a list. None where it is no RFI, or has no id and none was
/// `asked` for.
pub(super) fn read_rfi(hosts: &Hosts, answer: &Value, asked: Option<ItemId>) -> Option<Rfi> {
    let mut fields = Fields::of(answer)?;
    let id = item_id(&fields, asked)?;
    let status = fields.quiet("status", as_text).unwrap_or_default();
    let number = fields.quiet("full_number", as_text);
    let number = number.or_else(|| fields.told("number", "Number", as_text));
    let question = Question::of(&mut fields);
    let link = fields.quiet("link", as_text);
    let mut files = question.attachments;
    let pictures = pictures(hosts, &question.rich, link.as_deref(), &mut files);
    let creator = fields.get("created_by");
    Some(Rfi {
        id,
        number,
        subject: fields.told("subject", "Subject", as_written).unwrap_or_default(),
        question_rich: question.rich,
        question_plain: question.plain,
        draft: fields.quiet("draft", as_truth).unwrap_or(false) || matches!(status.as_str(), "draft" | "closed_draft"),
        // What may be private is not published.
        private: fields
            .get("private")
            .is_some_and(|said| as_truth(said).unwrap_or(Some(true)).unwrap_or(false)),
        deleted: fields.quiet("deleted", as_truth).unwrap_or(false),
        opened_at: fields
            .quiet("initiated_at", as_moment)
            .or_else(|| fields.quiet("created_at", as_moment)),
        author: creator.and_then(|by| as_name(by).unwrap_or_default()),
        author_id: creator
            .and_then(Fields::of)
            .and_then(|by| by.quiet("id", as_id(UserId::new))),
        due_date: fields.told("due_date", "Due date", as_day),
        reference: fields.told("reference", "Reference", as_text),
        cost_impact: impact(&mut fields, "cost_impact", "Cost impact")
            .map(|(status, value)| Box::new(CostImpact { status, value })),
        schedule_impact: impact(&mut fields, "schedule_impact", "Schedule impact")
            .map(|(status, value)| Box::new(ScheduleImpact { status, value })),
        location: fields.told("location", "Location", as_name),
        drawing_number: fields.told("drawing_number", "Drawing number", as_text),
        specification_section: fields.told("specification_section", "Specification section", as_section),
        attachments: files,
        pictures,
        revision: revision(&fields),
        link,
        named: NAMED
            .iter()
            .filter_map(|(name, title)| Some((*title, fields.told(name, title, as_name)?)))
            .collect(),
        unreadable: fields.unreadable(),
    })
}

/// The pictures of a text. Those that Procore keeps are added to the attachments, each once.
///
/// Their addresses are their author's words. Only files are fetched from Procore's own hosts, never what its API would
/// tell Gusset and not that author; and what turns out to be no picture stays behind.
fn pictures(hosts: &Hosts, rich: &str, link: Option<&str>, files: &mut Vec<Attachment>) -> Vec<Picture> {
    let base = link.and_then(|link| Url::parse(link).ok());
    let mut pictures = Vec::new();
    for (number, shown) in (1..).zip(rich_text::pictures(rich)) {
        let url = match &base {
            Some(base) => base.join(&shown.address),
            None => Url::parse(&shown.address),
        };
        let url = url.ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let in_path = url.as_ref().and_then(|url| url.path_segments()?.next_back());
        let has_ending = |name: &&str| name.contains('.');
        let called = Some(shown.called.as_str()).filter(|called| !called.is_empty());
        let name = in_path
            .filter(has_ending)
            .or(called)
            .map_or_else(|| format!("picture {number}.png"), percent_decoded);
        let kept = url.filter(|url| hosts.is_procore(url) && is_of_files(url));
        if let Some(url) = &kept
            && !files.iter().any(|file| file.address.as_deref() == Some(url.as_str()))
        {
            files.push(Attachment {
                name: name.clone(),
                address: Some(url.to_string()),
                is_picture: true,
            });
        }
        pictures.push(Picture {
            name: FileName::nearest(&name),
            is_attached: kept.is_some(),
        });
    }
    pictures
}

/// What else an RFI names, and what that is called.
const NAMED: [(&str, &str); 3] = [
    ("received_from", "Received from"),
    ("responsible_contractor", "Responsible contractor"),
    ("cost_code", "Cost code"),
];

/// What is asked.
#[derive(Default)]
struct Question {
    plain: String,
    rich: String,
    attachments: Vec<Attachment>,
}

impl Question {
    /// The first of an answer's questions. An RFI has one.
    fn of(fields: &mut Fields<'_>) -> Self {
        let Some(value) = fields.get("questions") else {
            if fields.has("questions") {
                fields.cannot_read("Question", &Value::Null);
            }
            return Self::default();
        };
        let first = match value {
            Value::Array(questions) => questions
                .iter()
                .find(|question| question.is_object() || question.is_string()),
            Value::Object(_) | Value::String(_) => Some(value),
            _ => None,
        };
        let is_empty = value.as_array().is_some_and(Vec::is_empty);
        let Some(first) = first else {
            if !is_empty {
                fields.cannot_read("Question", value);
            }
            return Self::default();
        };
        let Some(mut question) = Fields::of(first) else {
            let text = first.as_str().unwrap_or_default().to_owned();
            return Self {
                plain: rich_text::plain(&text),
                rich: text,
                attachments: Vec::new(),
            };
        };
        // Lists give the question as its body.
        let body = question.quiet("body", as_written);
        let rich = question.quiet("rich_text_body", as_written).or_else(|| body.clone());
        let plain = question.quiet("plain_text_body", as_written).or(body);
        let is_odd = |name: &str| question.get(name).is_some_and(|text| as_written(text).is_err());
        let odd = ["body", "rich_text_body", "plain_text_body"].into_iter().any(is_odd);
        let attachments = attachments(&mut question, "attachments");
        for unreadable in question.unreadable() {
            fields.cannot_read(unreadable.field, &unreadable.said.map_or(Value::Null, Value::String));
        }
        if rich.is_none() && plain.is_none() && odd {
            fields.cannot_read("Question", &Value::Null);
        }
        Self {
            plain: plain.unwrap_or_default(),
            rich: rich.unwrap_or_default(),
            attachments,
        }
    }
}

fn impact(fields: &mut Fields<'_>, name: &str, title: &'static str) -> Option<(Option<Impact>, Option<Decimal>)> {
    let value = fields.get(name)?;
    let as_impact = |value: &Value| -> Reading<Impact> {
        let Some(text) = as_text(value)? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| Odd)
    };
    let Some(mut inner) = Fields::of(value) else {
        if value.as_str() != Some("") {
            fields.cannot_read(title, value);
        }
        return None;
    };
    let read = (
        inner.told("status", title, as_impact),
        inner.told("value", title, as_decimal),
    );
    for unreadable in inner.unreadable() {
        fields.cannot_read(title, &unreadable.said.map_or(Value::Null, Value::String));
    }
    (read.0.is_some() || read.1.is_some()).then_some(read)
}

/// A section by its number, be it that alone.
fn as_section(value: &Value) -> Reading<Section> {
    let Some(fields) = Fields::of(value) else {
        return Ok(as_text(value)?.map(|number| Section {
            number,
            title: String::new(),
        }));
    };
    let number = fields.quiet("number", as_text);
    let title = fields.quiet("description", as_text);
    match (number, title) {
        (None, None) if fields.get("id").is_none() => Ok(None),
        (None, None) => Err(Odd),
        (number, title) => Ok(Some(Section {
            number: number.unwrap_or_default(),
            title: title.unwrap_or_default(),
        })),
    }
}

/// A revision is an RFI with a header of an earlier one.
fn revision(fields: &Fields<'_>) -> Option<Revision> {
    fields.quiet("source_rfi_header_id", as_id(ItemId::new))?;
    let number = fields.quiet("revision", as_text);
    Some(Revision {
        number: number.filter(|number| number != "0"),
    })
}

/// Whether an address on Procore's hosts is one of files, and not of its API or its sign-in.
fn is_of_files(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    !["/rest/", "/oauth/", "/vapid/", "/webhooks/"]
        .iter()
        .any(|closed| path.starts_with(closed))
}

fn percent_decoded(name: &str) -> String {
    // A form's text is decoded in the same way, but for its `+`.
    let encoded = format!("n={}", name.replace('+', "%2B").replace('&', "%26"));
    let mut decoded = url::form_urlencoded::parse(encoded.as_bytes());
    decoded.next().map_or_else(String::new, |(_, name)| name.into_owned())
}

/// A range of time that is open at its end, for Procore's filters, in whole seconds: its clock may be ahead of ours. It is the same
/// for a whole day, so that a list that goes on later is the same list.
fn until_tomorrow(since: Timestamp) -> String {
    const DAY: i64 = 86_400;
    let day = Timestamp::now().as_second().div_euclid(DAY);
    let end = Timestamp::from_second((day + 2) * DAY).unwrap_or(Timestamp::MAX);
    let since = Timestamp::from_second(since.as_second()).unwrap_or(since);
    format!("{since}...{end}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::procore::{hosts::tests::production, lenient::tests::any_json};

    fn read(answer: &Value) -> Option<Rfi> {
        read_rfi(&production(), answer, ItemId::new(501))
    }

    fn answer() -> Value {
        json!({
            "id": 501, "subject": "Beam", "number": "12", "full_number": "E-12", "status": "open", "draft": false, "private": false,
            "deleted": false, "created_at": "2026-11-20T10:00:00Z", "updated_at": "2026-11-21T10:00:00Z",
            "initiated_at": "2026-11-20T11:00:00Z", "created_by": {"id": 104, "name": "Sam", "login": "sam@x.example"},
            "due_date": "2026-12-01", "reference": "E-201", "drawing_number": "A-101", "link": "https://app.procore.com/1/project/rfi/show/501",
            "cost_impact": {"status": "yes_known", "value": "1200.00"}, "schedule_impact": {"status": "tbd", "value": 1.5},
            "location": {"id": 7, "name": "Roof"}, "specification_section": {"id": 8, "number": "03 30 00", "description": "Concrete"},
            "received_from": {"id": 9, "name": "Volt"}, "responsible_contractor": {"id": 10, "name": "Amp"}, "cost_code": null,
            "source_rfi_header_id": 400, "revision": "1",
            "questions": [{"id": 11, "plain_text_body": "Which?", "rich_text_body": "<p>Which?</p>",
                           "attachments": [{"id": 12, "name": "a.pdf", "filename": "a.pdf", "url": "https://api.procore.com/files/12"}]}],
        })
    }

    /// An RFI without the fields of it that come from one field of the answer.
    fn without(mut rfi: Rfi, field: &str) -> Rfi {
        let bare = read(&json!({"id": 501})).unwrap();
        match field {
            "id" => rfi.id = bare.id,
            "subject" => rfi.subject = bare.subject,
            "number" | "full_number" => rfi.number = bare.number,
            "status" | "draft" => rfi.draft = bare.draft,
            "private" => rfi.private = bare.private,
            "deleted" => rfi.deleted = bare.deleted,
            "created_at" | "initiated_at" => rfi.opened_at = bare.opened_at,
            "created_by" => (rfi.author, rfi.author_id) = (bare.author, bare.author_id),
            "due_date" => rfi.due_date = bare.due_date,
            "reference" => rfi.reference = bare.reference,
            "drawing_number" => rfi.drawing_number = bare.drawing_number,
            "link" => rfi.link = bare.link,
            "cost_impact" => rfi.cost_impact = bare.cost_impact,
            "schedule_impact" => rfi.schedule_impact = bare.schedule_impact,
            "location" => rfi.location = bare.location,
            "specification_section" => rfi.specification_section = bare.specification_section,
            "received_from" | "responsible_contractor" | "cost_code" => rfi.named = bare.named,
            "source_rfi_header_id" | "revision" => rfi.revision = bare.revision,
            "questions" => {
                (rfi.question_rich, rfi.question_plain) = (bare.question_rich, bare.question_plain);
                (rfi.attachments, rfi.pictures) = (bare.attachments, bare.pictures);
            }
            _ => {}
        }
        rfi.unreadable.clear();
        rfi
    }

    proptest! {
        #[test]
        fn anything_in_any_field_leaves_the_others_as_they_were(odd in any_json(), within in any::<prop::sample::Index>(), deep: bool) {
            let plain = read(&answer()).unwrap();
            prop_assert!(plain.unreadable.is_empty());
            let fields: Vec<String> = answer().as_object().unwrap().keys().cloned().collect();
            let field = within.get(&fields);
            let mut changed = answer();
            match &mut changed[field] {
                // One level further in: a question's text, an impact's value, a creator's name.
                Value::Object(inner) if deep => {
                    let key = inner.keys().next_back().unwrap().clone();
                    inner[&key] = odd;
                }
                Value::Array(questions) if deep => questions[0]["attachments"] = odd,
                place => *place = odd,
            }
            let read = read(&changed);
            prop_assert!(read.is_some(), "{changed}");
            prop_assert_eq!(without(read.unwrap(), field), without(plain, field));
        }
    }

    #[test]
    fn nothing_that_is_no_item_is_read_as_one() {
        for answer in [json!(null), json!([]), json!({}), json!("rfi"), json!({"errors": "x"})] {
            assert!(read(&answer).is_none(), "{answer}");
        }
        let nobody_asked = |id: Value| read_rfi(&production(), &json!({"id": id, "subject": "x"}), None);
        assert!(nobody_asked(json!(0)).is_none() && nobody_asked(json!("x")).is_none());
        assert!(nobody_asked(json!("17")).is_some());
    }

    #[test]
    fn what_may_be_private_is_private() {
        for (said, private) in [
            (json!(true), true),
            (json!("true"), true),
            (json!("perhaps"), true),
            (json!(null), false),
            (json!(0), false),
        ] {
            let mut answer = answer();
            answer["private"] = said.clone();
            assert_eq!(read(&answer).unwrap().private, private, "{said}");
        }
    }

    #[test]
    fn only_files_on_procores_own_hosts_are_pictures_that_come_along() {
        let mut answer = answer();
        answer["questions"][0]["rich_text_body"] = json!(
            "<img src='/files/9/wall%20a.png'><img src='https://api.procore.com/rest/v1.0/webhooks/hooks'>\
             <img src='https://api.procore.com/oauth/token/info'><img src='https://evil.example/a.png'><img src='https://api.procore.com/files/12'>"
        );
        let rfi = read(&answer).unwrap();
        let came: Vec<bool> = rfi.pictures.iter().map(|picture| picture.is_attached).collect();
        assert_eq!(came, [true, false, false, false, true]);
        let files: Vec<&str> = rfi.attachments.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(
            files,
            ["a.pdf", "wall a.png"],
            "what is attached already is not attached twice"
        );
        assert_eq!(
            rfi.attachments[1].address.as_deref(),
            Some("https://app.procore.com/files/9/wall%20a.png")
        );
    }
}
