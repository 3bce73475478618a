//! What a project calls its places: its locations, and the sections of its specifications.

use gusset_domain::{
    ids::{CompanyId, LocationId, ProjectId, SpecificationSectionId},
    items::place::{Location, SpecificationSection},
};
use serde::Deserialize;

use super::{Authority, Procore, ProcoreError, Work, endpoint::Endpoint};

#[derive(Deserialize)]
struct LocationAnswer {
    id: LocationId,
    /// The full path.
    name: Option<String>,
}

#[derive(Deserialize)]
struct SectionAnswer {
    id: SpecificationSectionId,
    number: Option<String>,
}

impl Procore {
    /// All locations of a project.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn locations(
        &self,
        work: Work<'_>,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Vec<Location>, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/locations");
        let all: Vec<LocationAnswer> = self
            .list(Authority::Work(work), Endpoint::of(company, &path), &[])
            .await?;
        let named = all.into_iter().filter_map(|one| {
            Some(Location {
                id: one.id,
                path: one.name?,
            })
        });
        Ok(named.collect())
    }

    /// All sections of a project's specifications.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn specification_sections(
        &self,
        work: Work<'_>,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Vec<SpecificationSection>, ProcoreError> {
        let query = [("project_id", project.to_string())];
        let path = "/rest/v1.0/specification_sections";
        let all: Vec<SectionAnswer> = self
            .list(Authority::Work(work), Endpoint::of(company, path), &query)
            .await?;
        let numbered = all.into_iter().filter_map(|one| {
            Some(SpecificationSection {
                id: one.id,
                number: one.number?,
            })
        });
        Ok(numbered.collect())
    }
}
