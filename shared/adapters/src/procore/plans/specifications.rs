//! The specification book: its divisions, the sections in them, and the revisions of those.

use std::collections::{BTreeMap, HashMap};

use gusset_domain::ids::{CompanyId, ProjectId};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;

use super::{
    super::{Authority, Procore, ProcoreError},
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
    /// list has more than a hundred entries.
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
        let divisions = self.list::<Division>(authority, Some(company), divisions_path, &of_project);
        let Some(divisions) = open(divisions.await)? else {
            return Ok(Listed::ToolClosed);
        };
        let mut all_there = true;
        let mut sections: BTreeMap<u64, SectionListed> = BTreeMap::new();
        for division in divisions {
            let path = "/rest/v1.0/specification_section_revisions";
            let query = [
                ("project_id", project.to_string()),
                ("specification_section_division_id", division.id.to_string()),
                ("all_revisions", "true".to_owned()),
            ];
            let revisions = open(self.list::<Revision>(authority, Some(company), path, &query).await)?;
            all_there &= revisions.is_some();
            let parts = [division.number, division.description];
            let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
            let name = Some(name).filter(|name| !name.is_empty());
            for revision in revisions.into_iter().flatten() {
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
        let named = open(self.list::<Section>(authority, Some(company), path, &of_project).await)?;
        all_there &= named.is_some();
        let mut named: HashMap<u64, Section> = named.into_iter().flatten().map(|one| (one.id, one)).collect();
        let sections = sections.into_values().map(|section| {
            let named = named.remove(&section.id);
            complete(section, named)
        });
        let sections = sections.collect();
        // What was closed or gone meanwhile may have been all of it.
        if !all_there {
            let again = self.list::<Division>(authority, Some(company), divisions_path, &of_project);
            if open(again.await)?.is_none() {
                return Ok(Listed::ToolClosed);
            }
        }
        Ok(Listed::Whole(sections))
    }

    /// A section's revision as it is now, with an address that works now. One call.
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
        let found: Revision = self.get(authority, Some(company), &path, &query).await?;
        Ok(found.into())
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
