//! RFIs.

use std::str::FromStr;

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{
    Decimal, Picture, Prepared, StaysHere, Unreadable,
    attachment::{self, Attachment, Missing, SkipReason, UploadId},
    is_older,
};
use crate::{
    ids::{ItemId, LocationId, SpecificationSectionId, UserId},
    marker::{self, Reference},
    names,
    people::Project,
    rich_text, text,
};

/// Whether something has an impact, in Procore's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// Yes, and the value says how much.
    YesKnown,
    /// Yes, how much is not known.
    YesUnknown,
    /// No.
    NoImpact,
    /// It is to be determined.
    Tbd,
    /// The question does not apply.
    #[serde(rename = "n_a")]
    NotApplicable,
}

/// The text is none of Procore's words for an impact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of impact")]
pub struct ParseImpactError;

impl FromStr for Impact {
    type Err = ParseImpactError;

    fn from_str(text: &str) -> Result<Self, ParseImpactError> {
        Ok(match text.trim().to_ascii_lowercase().as_str() {
            "yes_known" => Self::YesKnown,
            "yes_unknown" => Self::YesUnknown,
            // The second ones are of Procore's former documentation.
            "no_impact" | "no" => Self::NoImpact,
            "tbd" => Self::Tbd,
            "n_a" | "n/a" => Self::NotApplicable,
            _ => return Err(ParseImpactError),
        })
    }
}

impl Impact {
    /// The word for people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::YesKnown => "yes, known",
            Self::YesUnknown => "yes, unknown",
            Self::NoImpact => "no impact",
            Self::Tbd => "to be determined",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// What an RFI may cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CostImpact {
    /// Whether it costs anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Impact>,
    /// In the currency of the source project. Procore takes it as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
}

/// How long an RFI may delay the work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ScheduleImpact {
    /// Whether it delays anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Impact>,
    /// In days. Procore takes it as a number.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "Decimal::as_number")]
    pub value: Option<Decimal>,
}

/// That an RFI is a revision of an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revision {
    /// Which one, where Procore says so: `1` is the first.
    pub number: Option<String>,
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
    pub cost_impact: Option<Box<CostImpact>>,
    /// How long it may delay the work.
    pub schedule_impact: Option<Box<ScheduleImpact>>,
    /// The location's path.
    pub location: Option<String>,
    /// The number of the drawing it is about.
    pub drawing_number: Option<String>,
    /// The specification section it is about.
    pub specification_section: Option<Section>,
    /// What is attached to the question, and the pictures in it that Procore keeps.
    pub attachments: Vec<Attachment>,
    /// The pictures in the question, in the order of the text.
    pub pictures: Vec<Picture>,
    /// What earlier RFI it revises.
    pub revision: Option<Revision>,
    /// Its page in its source project, to which its links are relative.
    pub link: Option<String>,
    /// What else Procore names, and the other project may not have: parties and the cost code, each with its kind.
    pub named: Vec<(&'static str, String)>,
    /// Fields that cannot be read.
    pub unreadable: Vec<Unreadable>,
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
    #[serde(skip_serializing_if = "is_public")]
    private: bool,
    rfi_manager_id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_impact: Option<Box<CostImpact>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_impact: Option<Box<ScheduleImpact>>,
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a field by reference")]
fn is_public(private: &bool) -> bool {
    !*private
}

impl Rfi {
    /// Whether the RFI is sent without anybody picking it, over a connection that exists since `connected_since`.
    pub(super) fn travels_by_itself(&self, connected_since: Timestamp) -> Result<(), StaysHere> {
        if self.deleted {
            Err(StaysHere::Deleted)
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

    /// The reference that a marker in the question carries.
    pub(super) fn marker(&self) -> Option<Reference> {
        marker::find(&self.question_plain).or_else(|| marker::find(&text::html_to_plain(&self.question_rich)))
    }

    /// The question as plain text.
    pub(super) fn plain_question(&self) -> String {
        if self.question_rich.trim().is_empty() {
            self.question_plain.clone()
        } else {
            text::html_to_plain(&self.question_rich)
        }
    }

    /// The RFI as it is created on the other side: a draft, for the Connected RFI Manager to review and number.
    pub(super) fn copy(&self, from: &Project, rfi_manager: UserId, reference: &Reference, ready: &Prepared) -> RfiCopy {
        RfiCopy {
            subject: self.named_subject(),
            draft: true,
            private: self.private,
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
    pub(crate) fn named_subject(&self) -> String {
        let subject = if self.subject.trim().is_empty() {
            self.numbered()
        } else {
            self.subject.clone()
        };
        match &self.revision {
            Some(Revision { number: Some(number) }) => format!("Revision {number} of {subject}"),
            Some(Revision { number: None }) => format!("Revision of {subject}"),
            None => subject,
        }
    }

    /// The pictures in the question that stay behind, because Procore does not keep them.
    pub(super) fn pictures_left_behind(&self) -> Vec<Missing> {
        let elsewhere = self.pictures.iter().filter(|picture| !picture.is_attached);
        elsewhere
            .map(|picture| Missing {
                name: picture.name.clone(),
                why: SkipReason::Elsewhere,
            })
            .collect()
    }

    /// Whether the question is too long, or nests too deep, for its formatting to be copied.
    pub(super) fn loses_formatting(&self) -> bool {
        rich_text::is_too_much(&self.question_rich)
    }

    /// The question as HTML that acts on nobody, with the names of its pictures in their places.
    fn question(&self) -> String {
        let plain = text::plain_to_html(&self.question_plain);
        if self.question_rich.trim().is_empty() {
            return format!("<p>{plain}</p>");
        }
        let names: Vec<String> = self.pictures.iter().map(|it| format!("Picture: {}", it.name)).collect();
        let question = rich_text::harmless(&self.question_rich, self.link.as_deref(), &names);
        // Where the formatting is lost, Procore's own plain text has kept more of the lines.
        if question.is_flattened && !plain.is_empty() {
            plain
        } else {
            question.html
        }
    }

    fn numbered(&self) -> String {
        let number = self.number.as_ref();
        number.map_or_else(|| "RFI".to_owned(), |number| format!("RFI #{number}"))
    }

    /// The question, then what the other project has no place for, then the marker.
    fn body(&self, from: &Project, reference: &Reference, ready: &Prepared) -> String {
        let question = self.question();
        let location = self.location.as_ref().filter(|_| ready.location.is_none());
        let section = self.specification_section.as_ref();
        let section = section.filter(|_| ready.specification_section.is_none());
        let section = section.map(|section| format!("{} {}", section.number, section.title));
        let places = [("Location", location), ("Specification section", section.as_ref())];
        let places = places
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?.trim())))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| ready.place_line(name, value));
        let named = self
            .named
            .iter()
            .map(|(name, value)| (name, value.trim()))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}: {value}"));
        let flattened = self
            .loses_formatting()
            .then(|| "The formatting of the question was too much to be copied; the text is whole".to_owned());
        let kept: String = places
            .chain(named)
            .chain(self.unreadable.iter().map(ToString::to_string))
            .chain(flattened)
            .chain(attachment::lines(&self.pictures_left_behind()))
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
            .map_or(number.clone(), |author| format!("{number} by {}", names::shown(author)));
        let marker = text::escape(&text::one_line(&marker::line(from, &what, reference), 2_000));
        format!("{question}{kept}<p>{marker}</p>")
    }
}

impl RfiCopy {
    /// The names of the fields that were sent and that the copy, as its project shows it, does not have.
    pub(super) fn not_shown_in(&self, arrived: &Rfi) -> Vec<&'static str> {
        let same_text = |sent: &Option<String>, shown: &Option<String>| {
            sent.as_ref()
                .is_none_or(|sent| shown.as_ref().is_some_and(|shown| shown.trim() == sent.trim()))
        };
        let same_value = |sent: &Option<Decimal>, shown: Option<&Decimal>| {
            sent.as_ref()
                .is_none_or(|sent| shown.is_some_and(|shown| shown.equals(sent)))
        };
        let cost = self.cost_impact.as_ref().is_none_or(|sent| {
            let shown = arrived.cost_impact.as_ref();
            (sent.status.is_none() || sent.status == shown.and_then(|shown| shown.status))
                && same_value(&sent.value, shown.and_then(|shown| shown.value.as_ref()))
        });
        let schedule = self.schedule_impact.as_ref().is_none_or(|sent| {
            let shown = arrived.schedule_impact.as_ref();
            (sent.status.is_none() || sent.status == shown.and_then(|shown| shown.status))
                && same_value(&sent.value, shown.and_then(|shown| shown.value.as_ref()))
        });
        let question = [&arrived.question_plain, &arrived.question_rich];
        let is_there = [
            ("Subject", self.subject.trim() == arrived.subject.trim()),
            ("Question", question.into_iter().any(|text| !text.trim().is_empty())),
            ("Due date", self.due_date.is_none() || self.due_date == arrived.due_date),
            ("Reference", same_text(&self.reference, &arrived.reference)),
            ("Cost impact", cost),
            ("Schedule impact", schedule),
            (
                "Drawing number",
                same_text(&self.drawing_number, &arrived.drawing_number),
            ),
            ("Location", self.location_id.is_none() || arrived.location.is_some()),
            (
                "Specification section",
                self.specification_section_id.is_none() || arrived.specification_section.is_some(),
            ),
        ];
        is_there
            .into_iter()
            .filter_map(|(field, is_there)| (!is_there).then_some(field))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        ids::{CompanyId, ProjectId},
        items::attachment::FileName,
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
            cost_impact: Some(Box::new(CostImpact {
                status: Some(Impact::Tbd),
                value: Some("1200.00".parse().unwrap()),
            })),
            schedule_impact: Some(Box::new(ScheduleImpact {
                status: Some(Impact::YesKnown),
                value: Some("3".parse().unwrap()),
            })),
            location: Some("Level 2 > Lobby".to_owned()),
            drawing_number: Some("E-201".to_owned()),
            specification_section: Some(Section {
                number: "26 05 33".to_owned(),
                title: "Raceways".to_owned(),
            }),
            attachments: vec![Attachment {
                name: "photo & sketch.jpg".to_owned(),
                address: None,
                is_picture: false,
            }],
            pictures: Vec::new(),
            revision: None,
            link: None,
            named: vec![("Received from", "Volt Ltd".to_owned())],
            unreadable: vec![Unreadable::new("Due date", Some("next week"))],
        }
    }

    /// One attachment came along, one did not.
    fn ready() -> Prepared {
        Prepared {
            uploads: vec![UploadId::new("a5b2c".to_owned())],
            missing: vec![Missing {
                name: FileName::nearest("photo & sketch.jpg"),
                why: SkipReason::Gone,
            }],
            ..Prepared::default()
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
        let ready = Prepared {
            location: LocationId::new(41),
            specification_section: SpecificationSectionId::new(42),
            ..Prepared::default()
        };
        let bare = Rfi {
            named: Vec::new(),
            unreadable: Vec::new(),
            ..rfi()
        };
        let copy = bare.copy(&from(), UserId::new(7).unwrap(), &reference(), &ready);
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
        let copy = bare.copy(&from(), UserId::new(7).unwrap(), &reference(), &Prepared::default());
        assert_eq!(copy.subject, "RFI #12");
        assert!(copy.question.body.contains("Sent from"), "{}", copy.question.body);
    }

    #[test]
    fn a_revision_says_of_what() {
        let revision = |number: Option<&str>| Rfi {
            revision: Some(Revision {
                number: number.map(str::to_owned),
            }),
            ..rfi()
        };
        assert_eq!(
            revision(Some("1")).named_subject(),
            "Revision 1 of Conduit clashes with beam B4"
        );
        let unnamed = Rfi {
            subject: String::new(),
            ..revision(None)
        };
        assert_eq!(unnamed.named_subject(), "Revision of RFI #12");
    }

    #[test]
    fn a_question_that_is_a_picture_is_not_empty() {
        let picture = |name: &str, is_attached| Picture {
            name: FileName::nearest(name),
            is_attached,
        };
        let rfi = Rfi {
            question_rich: "<p><img src=a><img src=b></p>".to_owned(),
            question_plain: String::new(),
            pictures: vec![picture("wall.png", true), picture("logo.gif", false)],
            ..rfi()
        };
        let copy = rfi.copy(&from(), UserId::new(7).unwrap(), &reference(), &Prepared::default());
        let body = &copy.question.body;
        assert!(
            body.starts_with("<p>[Picture: wall.png][Picture: logo.gif]</p>"),
            "{body}"
        );
        assert!(
            body.contains("<li>logo.gif did not come along: it is not kept in Procore</li>"),
            "{body}"
        );
        assert!(!body.contains("wall.png did not"), "{body}");
    }

    #[test]
    fn what_a_copy_does_not_show_is_named() {
        let copy = rfi().copy(&from(), UserId::new(7).unwrap(), &reference(), &Prepared::default());
        // Procore writes amounts in its own way.
        let shown = Rfi {
            cost_impact: Some(Box::new(CostImpact {
                status: Some(Impact::Tbd),
                value: Some("1200".parse().unwrap()),
            })),
            ..rfi()
        };
        assert_eq!(copy.not_shown_in(&shown), Vec::<&str>::new());
        let bare = Rfi {
            due_date: None,
            cost_impact: None,
            drawing_number: None,
            question_plain: String::new(),
            question_rich: " ".to_owned(),
            ..rfi()
        };
        assert_eq!(
            copy.not_shown_in(&bare),
            ["Question", "Due date", "Cost impact", "Drawing number"]
        );
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
        fn a_copy_of_anything_carries_its_reference(plain: String, rich: String, name: String, author: String) {
            let source = Rfi { question_plain: plain, question_rich: rich, author: Some(author), ..rfi() };
            let copy = source.copy(&Project { name, ..from() }, UserId::new(7).unwrap(), &reference(), &ready());
            let arrived = Rfi { question_plain: String::new(), question_rich: copy.question.body, ..rfi() };
            prop_assert_eq!(arrived.marker(), Some(reference()));
            prop_assert!(crate::items::Item::Rfi(arrived).mentions(&reference()));
        }
    }
}
