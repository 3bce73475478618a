//! People, and the directory users that service accounts are.

use super::Id;

/// Somebody with a login.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: Id,
    pub(crate) login: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) job_title: Option<String>,
    /// The company whose service account this is; such a user cannot sign in.
    pub(crate) serves: Option<Id>,
}

impl Person {
    pub(crate) fn new(id: Id, login: &str, name: &str) -> Self {
        let (first_name, last_name) = name.split_once(' ').unwrap_or((name, ""));
        Self {
            id,
            login: login.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            job_title: None,
            serves: None,
        }
    }

    pub(crate) fn titled(mut self, job_title: &str) -> Self {
        self.job_title = Some(job_title.to_owned());
        self
    }

    pub(crate) fn serving(mut self, company_id: Id) -> Self {
        self.serves = Some(company_id);
        self
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    pub(crate) fn initials(&self) -> String {
        [&self.first_name, &self.last_name]
            .iter()
            .filter_map(|name| name.chars().next())
            .collect()
    }
}
