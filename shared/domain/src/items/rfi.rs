//! RFIs.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{
    MadeReady, StaysHere,
    attachment::{self, Attachment, UploadId},
    is_older,
};
use crate::{
    ids::{ItemId, LocationId, SpecificationSectionId, UserId},
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
    /// Its author.
    pub author_id: Option<UserId>,
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
    /// The specification section it is about.
    pub specification_section: Option<Section>,
    /// What is attached to the question.
    pub attachments: Vec<Attachment>,
}

/// A section of the source project's specifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its number, for example `26 05 33`.
    pub number: String,
    /// Its title.
    pub title: String,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<LocationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    specification_section_id: Option<SpecificationSectionId>,
    question: Question,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Question {
    body: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    upload_ids: Vec<UploadId>,
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
    pub(super) fn copy(
        &self,
        from: &Project,
        rfi_manager: UserId,
        reference: &Reference,
        ready: &MadeReady,
    ) -> RfiCopy {
        RfiCopy {
            subject: self.named_subject(),
            draft: true,
            rfi_manager_id: rfi_manager,
            due_date: self.due_date,
            reference: self.reference.clone(),
            cost_impact: self.cost_impact.clone(),
            schedule_impact: self.schedule_impact.clone(),
            drawing_number: self.drawing_number.clone(),
            location_id: ready.location,
            specification_section_id: ready.specification_section,
            question: Question {
                body: self.body(from, reference, ready),
                upload_ids: ready.uploads.clone(),
            },
        }
    }

    /// The subject. Procore takes no RFI without one, and what arrives is known by it.
    fn named_subject(&self) -> String {
        if self.subject.trim().is_empty() {
            self.numbered()
        } else {
            self.subject.clone()
        }
    }

    fn numbered(&self) -> String {
        let number = self.number.as_ref();
        number.map_or_else(|| "RFI".to_owned(), |number| format!("RFI #{number}"))
    }

    /// The question, then what the other project has no place for, then the marker.
    fn body(&self, from: &Project, reference: &Reference, ready: &MadeReady) -> String {
        let question = if self.question_rich.trim().is_empty() {
            format!("<p>{}</p>", text::plain_to_html(&self.question_plain))
        } else {
            text::harmless(&self.question_rich)
        };
        let location = self.location.as_ref().filter(|_| ready.location.is_none());
        let section = self.specification_section.as_ref();
        let section = section.filter(|_| ready.specification_section.is_none());
        let section = section.map(|section| format!("{} {}", section.number, section.title));
        let named = [("Location", location), ("Specification section", section.as_ref())];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?.trim())))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}: {value}"));
        let kept: String = named
            .chain(attachment::lines(&ready.missing))
            .map(|line| format!("<li>{}</li>", text::escape(&line)))
            .collect();
        let kept = if kept.is_empty() {
            kept
        } else {
            format!("<ul>{kept}</ul>")
        };
        let number = self.numbered();
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

    use super::*;
    use crate::{
        ids::{CompanyId, ProjectId},
        items::attachment::{FileName, Missing, StaysBehind},
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
            author_id: UserId::new(104),
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
            specification_section: Some(Section {
                number: "26 05 33".to_owned(),
                title: "Raceways".to_owned(),
            }),
            attachments: vec![Attachment {
                name: "photo & sketch.jpg".to_owned(),
                address: None,
            }],
        }
    }

    /// One attachment came along, one did not.
    fn ready() -> MadeReady {
        MadeReady {
            uploads: vec![UploadId::new("a5b2c".to_owned())],
            missing: vec![Missing {
                name: FileName::nearest("photo & sketch.jpg"),
                why: StaysBehind::Gone,
            }],
            ..MadeReady::default()
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
        Reference::of(from().id, ProjectId::new(20001).unwrap(), Tool::Rfis, rfi().id, 0)
    }

    #[test]
    fn a_copy_is_a_draft_for_the_connected_rfi_manager_and_keeps_the_rest_as_text() {
        insta::assert_json_snapshot!(rfi().copy(&from(), UserId::new(7).unwrap(), &reference(), &ready()));
    }

    #[test]
    fn what_the_other_project_has_itself_is_not_kept_as_text() {
        let ready = MadeReady {
            location: LocationId::new(41),
            specification_section: SpecificationSectionId::new(42),
            ..MadeReady::default()
        };
        let copy = rfi().copy(&from(), UserId::new(7).unwrap(), &reference(), &ready);
        assert_eq!(
            (copy.location_id, copy.specification_section_id),
            (ready.location, ready.specification_section)
        );
        assert!(!copy.question.body.contains("<ul>"), "{}", copy.question.body);
    }

    #[test]
    fn an_rfi_without_a_subject_or_a_question_can_be_created_all_the_same() {
        let bare = Rfi {
            subject: " ".to_owned(),
            question_rich: String::new(),
            question_plain: String::new(),
            ..rfi()
        };
        let copy = bare.copy(&from(), UserId::new(7).unwrap(), &reference(), &MadeReady::default());
        assert_eq!(copy.subject, "RFI #12");
        assert!(copy.question.body.contains("Sent from"), "{}", copy.question.body);
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
            let copy = source.copy(&Project { name, ..from() }, UserId::new(7).unwrap(), &reference(), &ready());
            let arrived = Rfi { question_plain: String::new(), question_rich: copy.question.body, ..rfi() };
            prop_assert!(arrived.is_copy());
            prop_assert_eq!(arrived.travels_by_itself(Timestamp::MIN), Err(StaysHere::Copy));
        }
    }
}
