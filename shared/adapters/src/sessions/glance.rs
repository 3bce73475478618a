//! A person's projects at a glance: which there are, and of which the person is an admin. For a page that lists them, and lets
//! nobody do anything.

use std::collections::BTreeMap;

use futures_util::future::{FutureExt, try_join_all};
use gusset_domain::{
    admin::{AccessLevel, AdminAccess, REMEMBERED_FOR},
    ids::{CompanyId, ProjectId},
    pacing::Share,
    people::Project,
};
use jiff::Timestamp;

use super::{Busy, SignedIn};
use crate::{
    http::Problem,
    procore::{Authority, Company, Listing, ProcoreError},
    table::sessions::{CompanyListed, Listed},
};

/// How old a list may be that a page's script asks for again, in seconds: a new project may be missing for so long.
const LISTED_FOR: i64 = 10 * 60;

/// A person's active projects.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The projects.
    pub projects: Vec<Project>,
    /// The companies that have not installed our app.
    pub without_app: Vec<Company>,
    /// Whether the person is in any company.
    pub has_company: bool,
    /// While Procore does not answer: they may be others by now.
    pub busy: Option<Busy>,
}

impl From<Listed> for Seen {
    fn from(listed: Listed) -> Self {
        let projects = listed
            .companies
            .into_iter()
            .flat_map(|CompanyListed { company, projects }| {
                projects.into_iter().map(move |(id, name)| Project {
                    id,
                    name,
                    company_id: company.id,
                    company_name: company.name.clone(),
                })
            });
        Self {
            projects: projects.collect(),
            without_app: listed.without_app,
            has_company: listed.has_company,
            busy: None,
        }
    }
}

impl SignedIn<'_> {
    /// The person's active projects, as Procore lists them now, or did within the last minute; for a page that follows what happens
    /// (`follows`), within the last ten. One call for the person's companies and one for each of them. Where Procore does
    /// not answer, they are those that it listed last.
    ///
    /// # Errors
    /// As [`Self::heard`].
    pub async fn seen_projects(&self, follows: bool) -> Result<Seen, Problem> {
        let now = Timestamp::now();
        let last = self.sessions.table.listed(&self.hash).await?;
        let good_for = if follows {
            LISTED_FOR
        } else {
            i64::try_from(REMEMBERED_FOR.as_secs()).unwrap_or_default()
        };
        let is_recent = |listed: &Listed| (0..good_for).contains(&(now.as_second() - listed.asked_at.as_second()));
        if let Some(recent) = last.as_ref().filter(|listed| is_recent(listed)) {
            return Ok(recent.clone().into());
        }
        let asked = self.list_by_procore().await;
        match (asked, last) {
            (Err(problem), last) => {
                let last = last.ok_or_else(|| problem.clone())?;
                let busy = Busy::of(&problem, Some(last.asked_at)).ok_or(problem)?;
                Ok(Seen {
                    busy: Some(busy),
                    ..last.into()
                })
            }
            (Ok(listing), _) => {
                self.remember_companies(&listing.projects).await?;
                let listed = grouped(listing, now);
                // Without it, the next visit asks once more.
                if let Err(error) = self.sessions.table.remember_listed(&self.hash, &listed).await {
                    tracing::warn!(%error, "a person's list of projects was not kept");
                }
                Ok(listed.into())
            }
        }
    }

    async fn list_by_procore(&self) -> Result<Listing, Problem> {
        let authority = Authority::Glance(self.token().await?, Share::Whole);
        self.heard(self.sessions.procore.projects(authority).await).await
    }

    /// What Procore last said of the person's access to a project, however long ago.
    #[must_use]
    pub fn known_access(&self, project: ProjectId) -> Option<AdminAccess> {
        self.session.access_to(project)
    }

    /// Asks Procore about the person's access to some of the projects that it lists, and remembers what it says. Of a company's
    /// window, half of what is left stays to others, and where half is used up already nothing is asked: what is not
    /// answered is left for another visit. One call for each answer.
    ///
    /// # Errors
    /// 401 when Procore does not accept the person's token any more.
    pub async fn ask_at_a_glance(
        &self,
        due: impl IntoIterator<Item = &Project>,
    ) -> Result<Vec<(ProjectId, AdminAccess)>, Problem> {
        let mut by_company: BTreeMap<CompanyId, Vec<ProjectId>> = BTreeMap::new();
        for project in due {
            by_company.entry(project.company_id).or_default().push(project.id);
        }
        if by_company.is_empty() {
            return Ok(Vec::new());
        }
        // Opened once, before many would at a time.
        self.token().await?;
        let asked = by_company
            .into_iter()
            .map(|(company, projects)| self.ask_company(company, projects).boxed());
        let answered = try_join_all(asked.collect::<Vec<_>>()).await?;
        Ok(answered.into_iter().flatten().collect())
    }

    async fn ask_company(
        &self,
        company: CompanyId,
        projects: Vec<ProjectId>,
    ) -> Result<Vec<(ProjectId, AdminAccess)>, Problem> {
        let half = || self.sessions.procore.half_of_rest(company);
        let (mut answered, mut left) = (Vec::new(), projects);
        if half().is_none() && !left.is_empty() {
            // How much is left is said with the first answer.
            answered.extend(self.ask_one(company, left.remove(0)).await?);
        }
        left.truncate(half().map_or(0, |half| usize::try_from(half).unwrap_or(usize::MAX)));
        let asked = left.into_iter().map(|project| self.ask_one(company, project).boxed());
        let answers = try_join_all(asked.collect::<Vec<_>>()).await?;
        answered.extend(answers.into_iter().flatten());
        Ok(answered)
    }

    /// Asks about one project. None where Procore says nothing of it now.
    async fn ask_one(
        &self,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Option<(ProjectId, AdminAccess)>, Problem> {
        let now = Timestamp::now();
        let authority = Authority::Glance(self.token().await?, Share::Half);
        let level = match self.sessions.procore.admin_access(authority, company, project).await {
            Ok(level) => level,
            Err(ProcoreError::Forbidden(_) | ProcoreError::NotFound) => AccessLevel::Outside,
            Err(error @ ProcoreError::Unauthorized) => return self.heard(Err(error)).await,
            Err(error) => {
                tracing::info!(%error, %project, "a right was not confirmed");
                return Ok(None);
            }
        };
        Ok(Some((project, self.remember(project, level, now).await?)))
    }
}

fn grouped(listing: Listing, asked_at: Timestamp) -> Listed {
    let mut companies: Vec<CompanyListed> = Vec::new();
    for Project {
        id,
        name,
        company_id,
        company_name,
    } in listing.projects.into_iter().filter(|it| it.active).map(|it| it.project)
    {
        match companies.iter_mut().find(|it| it.company.id == company_id) {
            Some(known) => known.projects.push((id, name)),
            None => companies.push(CompanyListed {
                company: Company {
                    id: company_id,
                    name: company_name,
                },
                projects: vec![(id, name)],
            }),
        }
    }
    Listed {
        companies,
        without_app: listing.without_app,
        has_company: listing.has_company,
        asked_at,
    }
}
