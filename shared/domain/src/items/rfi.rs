//! RFIs.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{StaysHere, is_older};
use crate::{
    ids::{ItemId, UserId},
    marker::{self, Reference},
    people::Project,
    text,
};

/// What an RFI may cost, in Procore's words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CostImpact {
    /// `yes_known`, `no_impact`, `tbd` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// In the currency of the source project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<serde_json::Number>,
}

/// How long an RFI may delay the work, in Procore's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScheduleImpact {
    /// `yes_known`, `no_impact`, `tbd` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// In days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
}

/// An RFI as it stands in its source project.
#[derive(Debug, Clone, PartialEq)]
pub struct Rfi {
    /// Its id.
    pub id: ItemId,
    /// Its number with prefix, once it has one.
    pub number: Option<String>,
    /// Its subject.
    pub subject: String,
    /// The question as HTML, as its author formatted it.
    pub question_rich: String,
    /// The question as plain text.
    pub question_plain: String,
    /// Whether it is still a draft.
    pub draft: bool,
    /// Whether only some may see it.
    pub private: bool,
    /// Whether it has been deleted.
    pub deleted: bool,
    /// When it was opened, or else created.
    pub opened_at: Option<Timestamp>,
    /// Its author's name.
    pub author: Option<String>,
    /// When an answer is due.
    pub due_date: Option<Date>,
    /// A free reference.
    pub reference: Option<String>,
    /// What it may cost.
    pub cost_impact: Option<CostImpact>,
    /// How long it may delay the work.
    pub schedule_impact: Option<ScheduleImpact>,
    /// The location's path.
    pub location: Option<String>,
    /// The number of the drawing it is about.
    pub drawing_number: Option<String>,
    /// The specification section it is about: number and title.
    pub specification_section: Option<String>,
    /// The file names of what is attached to the question.
    pub attachments: Vec<String>,
}

/// What is created on the other side: the `rfi` of Procore's `POST …/rfis`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RfiCopy {
    subject: String,
    draft: bool,
    rfi_manager_id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_impact: Option<CostImpact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_impact: Option<ScheduleImpact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawing_number: Option<String>,
    question: Question,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Question {
    body: String,
}

impl Rfi {
    /// Whether the RFI is sent without anybody picking it, over a connection that exists since `connected_since`.
    pub(super) fn travels_by_itself(&self, connected_since: Timestamp) -> Result<(), StaysHere> {
        if self.deleted {
            Err(StaysHere::Deleted)
        } else if self.is_copy() {
            Err(StaysHere::Copy)
        } else if self.draft {
            Err(StaysHere::Draft)
        } else if self.private {
            Err(StaysHere::Private)
        } else if is_older(self.opened_at, connected_since) {
            Err(StaysHere::OlderThanConnection)
        } else {
            Ok(())
        }
    }

    /// The reference that the question's marker carries, where the RFI is a copy.
    pub(super) fn marker(&self) -> Option<Reference> {
        marker::find(&self.question_plain).or_else(|| marker::find(&text::html_to_plain(&self.question_rich)))
    }

    /// Whether the question carries a copy's marker.
    #[must_use]
    pub fn is_copy(&self) -> bool {
        self.marker().is_some()
    }

    /// The RFI as it is created on the other side: a draft, for the Connected RFI Manager to review and number.
    #[must_use]
    pub fn copy(&self, from: &Project, rfi_manager: UserId, reference: &Reference) -> RfiCopy {
        RfiCopy {
            subject: self.subject.clone(),
            draft: true,
            rfi_manager_id: rfi_manager,
            due_date: self.due_date,
            reference: self.reference.clone(),
            cost_impact: self.cost_impact.clone(),
            schedule_impact: self.schedule_impact.clone(),
            drawing_number: self.drawing_number.clone(),
            question: Question {
                body: self.body(from, reference),
            },
        }
    }

    /// The question, then what the other project has no place for, then the marker.
    fn body(&self, from: &Project, reference: &Reference) -> String {
        let question = if self.question_rich.trim().is_empty() {
            format!("<p>{}</p>", text::plain_to_html(&self.question_plain))
        } else {
            text::harmless(&self.question_rich)
        };
        let mut kept = String::new();
        let attachments = (!self.attachments.is_empty()).then(|| self.attachments.join(", "));
        for (name, value) in [
            ("Location", &self.location),
            ("Specification section", &self.specification_section),
            ("Attachments that stayed in the source project", &attachments),
        ] {
            if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
                kept.push_str(&format!("<li>{name}: {}</li>", text::escape(value)));
            }
        }
        if !kept.is_empty() {
            kept = format!("<ul>{kept}</ul>");
        }
        let number = self
            .number
            .as_ref()
            .map_or_else(|| "RFI".to_owned(), |number| format!("RFI #{number}"));
        let what = self
            .author
            .as_ref()
            .map_or(number.clone(), |author| format!("{number} by {author}"));
        let marker = text::escape(&text::one_line(&marker::line(from, &what, reference), 2_000));
        format!("{question}{kept}<p>{marker}</p>")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        connection::Side,
        ids::{CompanyId, ConnectionId, ProjectId},
        send::Tool,
    };

    fn rfi() -> Rfi {
        Rfi {
            id: ItemId::new(501).unwrap(),
            number: Some("12".to_owned()),
            subject: "Conduit clashes with beam B4".to_owned(),
            question_rich: "<p>Which <b>route</b>?<script>alert(1)</script></p>".to_owned(),
            question_plain: "Which route?".to_owned(),
            draft: false,
            private: false,
            deleted: false,
            opened_at: Some(Timestamp::from_second(100).unwrap()),
            author: Some("Sam Ortiz".to_owned()),
            due_date: Some(Date::constant(2026, 12, 1)),
            reference: Some("E-201".to_owned()),
            cost_impact: Some(CostImpact {
                status: Some("tbd".to_owned()),
                value: None,
            }),
            schedule_impact: Some(ScheduleImpact {
                status: Some("yes_known".to_owned()),
                value: Some(3),
            }),
            location: Some("Level 2 > Lobby".to_owned()),
            drawing_number: Some("E-201".to_owned()),
            specification_section: Some("26 05 33 Raceways".to_owned()),
            attachments: vec!["photo <1>.jpg".to_owned()],
        }
    }

    fn from() -> Project {
        Project {
            id: ProjectId::new(30001).unwrap(),
            name: "Pier 9 <Electrical>".to_owned(),
            company_id: CompanyId::new(1002).unwrap(),
            company_name: "Southside & Sons".to_owned(),
        }
    }

    fn reference() -> Reference {
        Reference::of(ConnectionId(Uuid::nil()), Side::Recipient, Tool::Rfis, rfi().id)
    }

    #[test]
    fn a_copy_is_a_draft_for_the_connected_rfi_manager_and_keeps_the_rest_as_text() {
        insta::assert_json_snapshot!(rfi().copy(&from(), UserId::new(7).unwrap(), &reference()));
    }

    #[test]
    fn drafts_private_deleted_and_older_rfis_stay_until_a_person_sends_them() {
        let since = Timestamp::from_second(50).unwrap();
        assert_eq!(rfi().travels_by_itself(since), Ok(()));
        let clocks_apart = Timestamp::from_second(160).unwrap();
        assert_eq!(rfi().travels_by_itself(clocks_apart), Ok(()));
        assert_eq!(
            Rfi { draft: true, ..rfi() }.travels_by_itself(since),
            Err(StaysHere::Draft)
        );
        assert_eq!(
            Rfi { private: true, ..rfi() }.travels_by_itself(since),
            Err(StaysHere::Private)
        );
        assert_eq!(
            Rfi { deleted: true, ..rfi() }.travels_by_itself(since),
            Err(StaysHere::Deleted)
        );
        let later = Timestamp::from_second(161).unwrap();
        assert_eq!(rfi().travels_by_itself(later), Err(StaysHere::OlderThanConnection));
    }

    proptest! {
        #[test]
        fn a_copy_of_anything_is_known_as_a_copy(plain: String, rich: String, name: String, author: String) {
            let source = Rfi { question_plain: plain, question_rich: rich, author: Some(author), ..rfi() };
            let copy = source.copy(&Project { name, ..from() }, UserId::new(7).unwrap(), &reference());
            let arrived = Rfi { question_plain: String::new(), question_rich: copy.question.body, ..rfi() };
            prop_assert!(arrived.is_copy());
            prop_assert_eq!(arrived.travels_by_itself(Timestamp::MIN), Err(StaysHere::Copy));
        }
    }
}
