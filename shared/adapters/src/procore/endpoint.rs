//! Where a call goes. Procore refuses a call to a company's endpoint that does not carry the company's id, a person's as well as
//! the service account's; two endpoints alone are no company's.

use gusset_domain::ids::CompanyId;

/// An endpoint, and the company that a call to it concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Endpoint<'a> {
    company: Option<CompanyId>,
    path: &'a str,
}

impl<'a> Endpoint<'a> {
    /// Who the token belongs to, without a name: Procore gives names with a company only.
    pub(super) const ME: Endpoint<'static> = Endpoint {
        company: None,
        path: ME,
    };

    /// The companies in whose accounts a person is.
    pub(super) const COMPANIES: Endpoint<'static> = Endpoint {
        company: None,
        path: "/rest/v1.0/companies",
    };

    /// A company's endpoint. The call carries the company's id.
    pub(super) const fn of(company: CompanyId, path: &'a str) -> Self {
        Self {
            company: Some(company),
            path,
        }
    }

    /// Who the token belongs to, as a company knows the person.
    pub(super) const fn me_in(company: CompanyId) -> Endpoint<'static> {
        Endpoint {
            company: Some(company),
            path: ME,
        }
    }

    pub(super) const fn company(self) -> Option<CompanyId> {
        self.company
    }

    pub(super) const fn path(self) -> &'a str {
        self.path
    }
}

const ME: &str = "/rest/v1.0/me";
