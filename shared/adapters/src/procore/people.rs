//! People, companies, projects, and what people may do in them.

use futures_util::{
    future::FutureExt,
    stream::{self, StreamExt},
};
use gusset_domain::{
    admin::AccessLevel,
    email::EmailAddress,
    ids::{CompanyId, ProjectId, UserId},
    people::{Person, Project, RfiManager},
};
use serde::{Deserialize, Serialize};

use super::{Authority, Procore, ProcoreError, endpoint::Endpoint};

/// How many of a person's companies are asked for the person's name, at most.
const MAX_ASKED_FOR_A_NAME: usize = 3;

/// How many of a person's companies are asked for their projects at a time.
const COMPANIES_AT_ONCE: usize = 4;

/// Who a token belongs to.
#[derive(Debug, Clone, Deserialize)]
pub struct Me {
    /// The login's id.
    pub id: UserId,
    /// An e-mail address.
    #[serde(default)]
    pub login: String,
    /// The person's name.
    #[serde(default)]
    pub name: String,
}

/// A project that a person can see, and whether it is still active.
#[derive(Debug, Clone)]
pub struct Visible {
    /// The project.
    pub project: Project,
    /// Whether Procore still counts it as active.
    pub active: bool,
}

/// What a person can see.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The projects.
    pub projects: Vec<Visible>,
    /// The companies that have not installed our app, and so show it none of theirs.
    pub without_app: Vec<Company>,
    /// Whether the person is in any company.
    pub has_company: bool,
}

/// A company whose account a person is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Its id in Procore.
    pub id: CompanyId,
    /// Its name.
    #[serde(default)]
    pub name: String,
}

#[derive(Deserialize)]
struct ProjectAnswer {
    id: ProjectId,
    #[serde(default)]
    name: String,
    company: Option<Company>,
    active: Option<bool>,
}

#[derive(Deserialize)]
struct Permissions {
    #[serde(default)]
    tools: Vec<ToolAnswer>,
}

#[derive(Deserialize)]
struct ToolAnswer {
    #[serde(default)]
    name: String,
    user_access_level: Option<Level>,
}

#[derive(Deserialize)]
struct Level {
    id: Option<i64>,
}

#[derive(Deserialize)]
struct Named {
    id: UserId,
    #[serde(default)]
    name: String,
    #[serde(default)]
    login: String,
}

#[derive(Deserialize)]
struct User {
    id: UserId,
    #[serde(default)]
    name: String,
    #[serde(default)]
    login: Option<String>,
    #[serde(default)]
    email_address: Option<String>,
    permission_template: Option<Template>,
}

#[derive(Deserialize)]
struct Template {
    #[serde(default)]
    name: String,
}

impl Procore {
    /// Who a person's token belongs to.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn me(&self, authority: Authority<'_>) -> Result<Me, ProcoreError> {
        self.get(authority, Endpoint::ME, &[]).await
    }

    /// Who a token belongs to, with the name that a company knows the person by.
    ///
    /// # Errors
    /// [`ProcoreError::Forbidden`], when the company has not installed our app.
    pub async fn me_in(&self, authority: Authority<'_>, company: CompanyId) -> Result<Me, ProcoreError> {
        let query = [("company_id", company.to_string())];
        self.get(authority, Endpoint::me_in(company), &query).await
    }

    /// The same, with the name that the first of the person's companies gives which gives one. One call where Procore tells the name
    /// at once; else one for the companies and one for each that is asked. Without any name it is empty.
    ///
    /// # Errors
    /// [`ProcoreError`], where Procore does not even say who it is.
    pub async fn me_by_name(&self, authority: Authority<'_>) -> Result<Me, ProcoreError> {
        let me = self.me(authority).await?;
        if !me.name.is_empty() {
            return Ok(me);
        }
        let companies = match self.companies(authority).await {
            Ok(companies) => companies,
            Err(error) => {
                tracing::warn!(%error, "a person's name is not known");
                return Ok(me);
            }
        };
        for company in companies.iter().take(MAX_ASKED_FOR_A_NAME) {
            match self.me_in(authority, company.id).await {
                Ok(named) if named.id == me.id && !named.name.is_empty() => return Ok(named),
                // Not in this company's words: the app may not be installed there.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(me)
    }

    /// A person's access to a project's Admin tool. A tool that is not listed is hidden from that person.
    ///
    /// # Errors
    /// [`ProcoreError::Forbidden`] or [`ProcoreError::NotFound`], when the person may not even see the project.
    pub async fn admin_access(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<AccessLevel, ProcoreError> {
        let query = [("project_id", project.to_string())];
        self.admin_level(authority, company, &query).await
    }

    /// A person's access to a company's Admin tool. A tool that is not listed is hidden from that person. One call.
    ///
    /// # Errors
    /// [`ProcoreError::Forbidden`], when the company has not installed our app, or [`ProcoreError::NotFound`], when the
    /// person is not in it.
    pub async fn company_admin_access(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
    ) -> Result<AccessLevel, ProcoreError> {
        let query = [("company_id", company.to_string())];
        self.admin_level(authority, company, &query).await
    }

    async fn admin_level(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        query: &[(&str, String)],
    ) -> Result<AccessLevel, ProcoreError> {
        let endpoint = Endpoint::of(company, "/rest/v1.0/settings/permissions");
        let answer: Permissions = self.get(authority, endpoint, query).await?;
        let admin = answer.tools.into_iter().find(|tool| tool.name == "admin");
        let level = admin.and_then(|tool| tool.user_access_level).and_then(|level| level.id);
        Ok(level.map_or(AccessLevel::None, AccessLevel::from_procore))
    }

    /// A project's names.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn project(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Visible, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}");
        let query = [("company_id", company.to_string())];
        let answer: ProjectAnswer = self.get(authority, Endpoint::of(company, &path), &query).await?;
        visible(answer, None)
    }

    /// The companies whose accounts a person is in. One call for each hundred.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn companies(&self, authority: Authority<'_>) -> Result<Vec<Company>, ProcoreError> {
        self.list(authority, Endpoint::COMPANIES, &[]).await
    }

    /// The projects of a company that a person can see, closed ones too. One call for each 2,000.
    ///
    /// # Errors
    /// [`ProcoreError::Forbidden`], when the company has not installed our app.
    pub async fn projects_of(&self, authority: Authority<'_>, company: &Company) -> Result<Vec<Visible>, ProcoreError> {
        let query = [
            ("company_id", company.id.to_string()),
            ("filters[by_status]", "All".to_owned()),
        ];
        let found: Vec<ProjectAnswer> = self
            .list(authority, Endpoint::of(company.id, "/rest/v1.0/projects"), &query)
            .await?;
        found.into_iter().map(|answer| visible(answer, Some(company))).collect()
    }

    /// The projects that a person can see, in all companies, closed ones too, and the companies that do not show theirs to our
    /// app. One call for the companies, and one for each of them, a few at a time.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn projects(&self, authority: Authority<'_>) -> Result<Listing, ProcoreError> {
        let companies = self.companies(authority).await?;
        let asked = companies
            .iter()
            .map(|company| self.projects_of(authority, company).boxed());
        // Collected before they are awaited: a closure over references would not be known to be `Send`.
        let asked: Vec<_> = asked.collect();
        let answers: Vec<_> = stream::iter(asked).buffered(COMPANIES_AT_ONCE).collect().await;
        let mut listing = Listing {
            has_company: !companies.is_empty(),
            ..Listing::default()
        };
        for (company, answer) in companies.into_iter().zip(answers) {
            match answer {
                Ok(found) => listing.projects.extend(found),
                // A company without our app refuses its projects; the person's others are still of use.
                Err(ProcoreError::Forbidden(_)) => listing.without_app.push(company),
                Err(ProcoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(listing)
    }

    /// Who is an admin of a project, going by the names of permission templates in its directory: the nearest that Procore
    /// tells to somebody who is none. Not for deciding what anybody may do.
    ///
    /// # Errors
    /// [`ProcoreError::Forbidden`], when the directory is closed to that person.
    pub async fn likely_admins(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Vec<Person>, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/users");
        let found: Vec<User> = self.list(authority, Endpoint::of(company, &path), &[]).await?;
        let is_admin = |user: &User| {
            let template = user.permission_template.as_ref();
            template.is_some_and(|template| template.name.to_lowercase().contains("admin"))
        };
        let person = |user: User| Person {
            id: user.id,
            name: user.name,
        };
        Ok(found.into_iter().filter(is_admin).map(person).collect())
    }

    /// The addresses of the people in a project's directory.
    ///
    /// # Errors
    /// [`ProcoreError::Forbidden`], when the directory is closed to that person.
    pub async fn addresses_in_project(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Vec<EmailAddress>, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/users");
        let found: Vec<User> = self.list(authority, Endpoint::of(company, &path), &[]).await?;
        let texts = found.into_iter().flat_map(|user| [user.login, user.email_address]);
        Ok(texts.flatten().filter_map(|text| text.parse().ok()).collect())
    }

    /// Who may be the manager of an RFI in a project.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn potential_rfi_managers(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Vec<RfiManager>, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/rfis/potential_rfi_managers");
        let found: Vec<Named> = self.list(authority, Endpoint::of(company, &path), &[]).await?;
        let manager = |named: Named| RfiManager {
            email: named.login.parse().ok(),
            person: Person {
                id: named.id,
                name: if named.name.is_empty() { named.login } else { named.name },
            },
        };
        Ok(found.into_iter().map(manager).collect())
    }
}

fn visible(answer: ProjectAnswer, of: Option<&Company>) -> Result<Visible, ProcoreError> {
    let company = answer.company.as_ref().or(of).ok_or_else(|| ProcoreError::Unexpected {
        status: 200,
        said: format!("project {} comes without its company", answer.id),
    })?;
    let project = Project {
        id: answer.id,
        name: answer.name,
        company_id: company.id,
        company_name: company.name.clone(),
    };
    Ok(Visible {
        project,
        active: answer.active.unwrap_or(true),
    })
}
