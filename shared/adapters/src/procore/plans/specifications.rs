//! The specification book: its divisions, the sections in them, and the revisions of those.

use std::collections::{BTreeMap, HashMap};

use gusset_domain::ids::{CompanyId, ProjectId};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;

use super::{
    super::{Authority, Procore, ProcoreError, endpoint::Endpoint},
    Listed, RevisionListed, lenient, open,
};

/// A section of the specifications, with all its revisions. It has at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionListed {
    /// Its id in Procore.
    pub id: u64,
    /// Its number: `03 30 00`.
    pub number: Option<String>,
    /// What it is about.
    pub title: Option<String>,
    /// The division that it is in, by number and name.
    pub division: Option<String>,
    /// Which of the revisions is the current one.
    pub current: Option<u64>,
    /// All of them, the oldest first.
    pub revisions: Vec<RevisionListed>,
}

#[derive(Deserialize)]
struct Division {
    id: u64,
    #[serde(default, deserialize_with = "lenient::text")]
    number: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    description: Option<String>,
}

#[derive(Deserialize)]
struct Section {
    id: u64,
    #[serde(default, deserialize_with = "lenient::text")]
    number: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    current_revision_id: Option<u64>,
}

#[derive(Deserialize)]
struct Revision {
    id: u64,
    #[serde(default, deserialize_with = "lenient::number")]
    specification_section_id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    number: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    url: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    revision: Option<String>,
    #[serde(default, deserialize_with = "lenient::day")]
    issued_date: Option<Date>,
    #[serde(default, deserialize_with = "lenient::day")]
    received_date: Option<Date>,
    #[serde(default, deserialize_with = "lenient::moment")]
    updated_at: Option<Timestamp>,
}

/// A revision as it is shown alone: in other words than in the list.
#[derive(Deserialize)]
struct RevisionAlone {
    #[serde(default, deserialize_with = "lenient::text")]
    url: Option<String>,
}

impl From<Revision> for RevisionListed {
    fn from(answer: Revision) -> Self {
        Self {
            id: answer.id,
            number: answer.revision,
            issued_on: answer.issued_date,
            received_on: answer.received_date,
            address: answer.url,
            changed_at: answer.updated_at,
            ..Self::default()
        }
    }
}

impl Procore {
    /// A project's specifications. A call for the divisions, one for the sections, and one for each division: more where a
    /// list has more than a thousand entries.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn specifications(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Listed<SectionListed>, ProcoreError> {
        let of_project = [("project_id", project.to_string())];
        let divisions_path = "/rest/v1.0/specification_section_divisions";
        let divisions = self.entries::<Division>(authority, company, divisions_path, &of_project);
        let Some(divisions) = open(divisions.await)? else {
            return Ok(Listed::ToolClosed);
        };
        let mut whole = divisions.whole;
        let mut sections: BTreeMap<u64, SectionListed> = BTreeMap::new();
        for division in divisions.all {
            let path = "/rest/v1.0/specification_section_revisions";
            let query = [
                ("project_id", project.to_string()),
                ("specification_section_division_id", division.id.to_string()),
                ("all_revisions", "true".to_owned()),
            ];
            let revisions = open(self.entries::<Revision>(authority, company, path, &query).await)?;
            // What was closed or deleted just now is not known to be gone: the next listing says which.
            whole &= revisions.as_ref().is_some_and(|revisions| revisions.whole);
            let parts = [division.number, division.description];
            let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
            let name = Some(name).filter(|name| !name.is_empty());
            for revision in revisions.into_iter().flat_map(|revisions| revisions.all) {
                let Some(id) = revision.specification_section_id else {
                    continue;
                };
                let section = sections.entry(id).or_insert_with(|| SectionListed {
                    id,
                    number: None,
                    title: None,
                    division: name.clone(),
                    current: None,
                    revisions: Vec::new(),
                });
                // Where the section itself is not listed, its revisions say what it is called.
                section.number = section.number.take().or_else(|| revision.number.clone());
                section.title = section.title.take().or_else(|| revision.description.clone());
                section.revisions.push(revision.into());
            }
        }
        let path = "/rest/v1.0/specification_sections";
        let named = open(self.entries::<Section>(authority, company, path, &of_project).await)?;
        let named = named.into_iter().flat_map(|named| named.all);
        let mut named: HashMap<u64, Section> = named.map(|one| (one.id, one)).collect();
        let sections = sections.into_values().map(|section| {
            let named = named.remove(&section.id);
            complete(section, named)
        });
        let sections = sections.collect();
        Ok(Listed::of(sections, whole))
    }

    /// A section's revision with an address that works now, and nothing else: Procore shows a revision alone in other words than in
    /// its list. One call.
    ///
    /// # Errors
    /// [`ProcoreError::NotFound`], when it is gone.
    pub async fn specification_revision(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
        revision: u64,
    ) -> Result<RevisionListed, ProcoreError> {
        let path = format!("/rest/v1.0/specification_section_revisions/{revision}");
        let query = [("project_id", project.to_string())];
        let found: RevisionAlone = self.get(authority, Endpoint::of(company, &path), &query).await?;
        Ok(RevisionListed {
            id: revision,
            address: found.url,
            ..RevisionListed::default()
        })
    }
}

/// A section with what the list of sections says of it. Its current revision is one of those that are listed: where that
/// list names another one, or none, it is the one that was issued last.
fn complete(mut section: SectionListed, named: Option<Section>) -> SectionListed {
    section.revisions.sort_by_key(|revision| revision.id);
    section.revisions.dedup_by_key(|revision| revision.id);
    let said = named.as_ref().and_then(|named| named.current_revision_id);
    let said = said.filter(|said| section.revisions.iter().any(|revision| revision.id == *said));
    let last = section
        .revisions
        .iter()
        .max_by_key(|revision| (revision.issued_on, revision.id));
    section.current = said.or(last.map(|last| last.id));
    if let Some(named) = named {
        section.number = named.number.or(section.number);
        section.title = named.description.or(section.title);
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_revision_is_a_listed_one() {
        let section = |revisions: &[(u64, i8)]| SectionListed {
            id: 1,
            number: None,
            title: None,
            division: None,
            current: None,
            revisions: revisions
                .iter()
                .map(|(id, month)| RevisionListed {
                    id: *id,
                    issued_on: Date::new(2026, *month, 1).ok(),
                    ..RevisionListed::default()
                })
                .collect(),
        };
        let named = |current| {
            Some(Section {
                id: 1,
                number: None,
                description: None,
                current_revision_id: current,
            })
        };
        for (named, expected) in [(named(Some(8)), 8), (named(Some(10)), 7), (named(None), 7), (None, 7)] {
            let found = complete(section(&[(9, 2), (7, 3), (8, 1)]), named);
            let ids: Vec<u64> = found.revisions.iter().map(|revision| revision.id).collect();
            assert_eq!((found.current, ids), (Some(expected), vec![7, 8, 9]));
        }
    }
}
