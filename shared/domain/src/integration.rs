//! An estimating account's link to one Procore login.

use std::collections::BTreeSet;

use gusset_words::say;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    admin::AccessLevel,
    ids::{CompanyId, UserId},
};

/// A login in Procore, as `/me` tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Its id.
    pub user: UserId,
    /// The person's name.
    pub name: String,
    /// What the person signs in with: an e-mail address.
    pub login: String,
}

/// Why an integration is disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The person of the account disconnected it.
    ByPerson,
    /// Procore does not accept the access any more: it was revoked there.
    Revoked,
    /// Procore gave new tokens that never reached our records, and the old ones are dead since.
    TokensLost,
}

impl Why {
    /// The reason, in words for the person of the account.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ByPerson => say!("access-by-person"),
            Self::Revoked => say!("access-revoked"),
            Self::TokensLost => say!("access-lost"),
        }
    }
}

/// Whether an integration works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// It does.
    Connected,
    /// It does not, since a moment and for a reason.
    Disconnected {
        /// Since when.
        ended_at: Timestamp,
        /// Why.
        why: Why,
    },
}

/// The link, without its tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// The login on whose authority plans are read.
    pub login: Login,
    /// When that login was connected.
    pub connected_at: Timestamp,
    /// Whether it still is.
    #[serde(flatten)]
    pub status: Status,
}

impl Integration {
    /// A login that was connected just now.
    #[must_use]
    pub fn begin(login: Login, now: Timestamp) -> Self {
        Self {
            login,
            connected_at: now,
            status: Status::Connected,
        }
    }

    /// Whether it works.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.status == Status::Connected
    }

    /// The integration after it ended, unless it has ended before: the first reason stays.
    #[must_use]
    pub fn ended(&self, why: Why, now: Timestamp) -> Option<Self> {
        self.is_connected().then(|| Self {
            status: Status::Disconnected { ended_at: now, why },
            ..self.clone()
        })
    }

    /// Whether projects of a login receive updates.
    #[must_use]
    pub fn serves(&self, login: UserId) -> bool {
        self.is_connected() && self.login.user == login
    }
}

/// Why a login cannot be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotConnected {
    /// It is in no company.
    #[error("{}", say!("problem-not-a-company-admin-detail-no-company"))]
    NoCompany,
    /// It is an admin of none.
    #[error("{}", say!("problem-not-a-company-admin-detail"))]
    NoAdmin,
}

/// The companies in which a login is an admin, if it may be connected: it takes one.
///
/// # Errors
/// [`NotConnected`], in words for the person.
pub fn companies_administered(
    levels: impl IntoIterator<Item = (CompanyId, AccessLevel)>,
) -> Result<BTreeSet<CompanyId>, NotConnected> {
    let mut any = false;
    let mut administered = BTreeSet::new();
    for (company, level) in levels {
        any = true;
        if level == AccessLevel::Admin {
            administered.insert(company);
        }
    }
    match (administered.is_empty(), any) {
        (false, _) => Ok(administered),
        (true, true) => Err(NotConnected::NoAdmin),
        (true, false) => Err(NotConnected::NoCompany),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integration() -> Integration {
        let login = Login {
            user: UserId::new(101).unwrap(),
            name: "Gina Castellano".to_owned(),
            login: "gina.admin@harbour.example".to_owned(),
        };
        Integration::begin(login, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_first_reason_for_an_end_stays() {
        let now = Timestamp::from_second(60).unwrap();
        let ended = integration().ended(Why::Revoked, now).unwrap();
        assert_eq!(
            ended.status,
            Status::Disconnected {
                ended_at: now,
                why: Why::Revoked
            }
        );
        assert_eq!(ended.ended(Why::ByPerson, now), None);
    }

    #[test]
    fn only_the_connected_login_serves_its_projects() {
        let (gina, omar) = (UserId::new(101).unwrap(), UserId::new(102).unwrap());
        assert!(integration().serves(gina));
        assert!(!integration().serves(omar));
        let ended = integration().ended(Why::ByPerson, Timestamp::UNIX_EPOCH).unwrap();
        assert!(!ended.serves(gina));
    }

    #[test]
    fn one_company_to_administer_is_enough_and_none_is_refused() {
        let company = |id| CompanyId::new(id).unwrap();
        let levels = [(company(1), AccessLevel::Standard), (company(2), AccessLevel::Admin)];
        assert_eq!(companies_administered(levels).unwrap(), BTreeSet::from([company(2)]));
        assert_eq!(
            companies_administered([(company(1), AccessLevel::Standard)]),
            Err(NotConnected::NoAdmin)
        );
        assert_eq!(companies_administered([]), Err(NotConnected::NoCompany));
    }
}
