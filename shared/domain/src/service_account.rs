//! Service accounts: the identity under which a connection acts in one side's project.
//!
//! Accepting a request makes one for each side ([`crate::connection`] says when there is one and when not). Programs of
//! that side's company use it with OAuth's client credentials, to send items over that connection and to read its
//! deliveries. It can do nothing else, and nothing anywhere else.

use std::{fmt, str::FromStr, time::Duration};

use gusset_words::say;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    connection::Side,
    ids::{ConnectionId, ProjectId},
    names::shown,
    people::{Actor, Project},
    text,
};

/// How long a bearer token is good for.
///
/// Longer would be against the product's promise of at most an hour. A token stops earlier, at once, when its account's
/// secret is rotated, when the account is deleted, and when the connection ends.
pub const TOKEN_LASTS: Duration = Duration::from_secs(60 * 60);

/// The most characters of an account's name.
pub const LONGEST_NAME: usize = 100;

const PREFIX: &str = "gsa_";

/// 64 random bits from which an account's id is made. Ids are told apart by them; they protect nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

/// A service account's id, which is its OAuth client id: `gsa_20001_9f86d081884c7d65`.
///
/// It names the project that the account is for, so that the account is found with one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ServiceAccountId {
    project: ProjectId,
    bits: u64,
}

/// The text is not a service account's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A service account's id is gsa_, the project's id, _ and 16 digits or letters from a to f.")]
pub struct NotAServiceAccountId;

impl ServiceAccountId {
    /// An id for an account of a project.
    #[must_use]
    pub fn new(project: ProjectId, seed: Seed) -> Self {
        Self { project, bits: seed.0 }
    }

    /// The project that the account is for.
    #[must_use]
    pub fn project(self) -> ProjectId {
        self.project
    }
}

impl fmt::Display for ServiceAccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}_{:016x}", self.project, self.bits)
    }
}

impl From<ServiceAccountId> for String {
    fn from(id: ServiceAccountId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for ServiceAccountId {
    type Error = NotAServiceAccountId;

    fn try_from(text: String) -> Result<Self, NotAServiceAccountId> {
        text.parse()
    }
}

impl FromStr for ServiceAccountId {
    type Err = NotAServiceAccountId;

    fn from_str(text: &str) -> Result<Self, NotAServiceAccountId> {
        let (project, bits) = text
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once('_'))
            .ok_or(NotAServiceAccountId)?;
        let id = Self {
            project: project.parse().map_err(|_| NotAServiceAccountId)?,
            bits: u64::from_str_radix(bits, 16).map_err(|_| NotAServiceAccountId)?,
        };
        // One spelling only, so that one account has one address.
        (id.to_string() == text).then_some(id).ok_or(NotAServiceAccountId)
    }
}

/// What people call a service account: one line of 1 to [`LONGEST_NAME`] characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AccountName(String);

/// The text cannot be a service account's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", say!("problem-bad-field-detail-account"))]
pub struct NotAName;

impl AccountName {
    /// The name that an account is made with: it says what it connects with.
    #[must_use]
    pub fn after(other: &Project) -> Self {
        let name = format!(
            "Connection with {} ({})",
            shown(&other.name),
            shown(&other.company_name)
        );
        Self(text::one_line(&name, LONGEST_NAME))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> Self {
        name.0
    }
}

impl TryFrom<String> for AccountName {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        text.parse()
    }
}

impl FromStr for AccountName {
    type Err = NotAName;

    /// Takes a name as people type it, with spaces around it or not.
    fn from_str(text: &str) -> Result<Self, NotAName> {
        let name = text.trim();
        // Unicode's own line and paragraph separators are no control characters.
        let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.contains(breaks);
        fits.then(|| Self(name.to_owned())).ok_or(NotAName)
    }
}

/// A side's service account, as its connection remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Holding {
    /// There is none, because nothing is connected yet or any more.
    #[default]
    None,
    /// There is one.
    Made {
        /// Its id.
        id: ServiceAccountId,
        /// By whom it was made, and when. Those that accepting made were made by whoever accepted.
        made: Actor,
    },
    /// It was deleted: what arrives on this side waits until it is made again.
    Deleted {
        /// By whom it was deleted, and when.
        deleted: Actor,
    },
}

impl Holding {
    /// The account's id, where there is one.
    #[must_use]
    pub fn id(&self) -> Option<ServiceAccountId> {
        match self {
            Self::Made { id, .. } => Some(*id),
            Self::None | Self::Deleted { .. } => None,
        }
    }
}

/// A service account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// Its id, which is its OAuth client id.
    pub id: ServiceAccountId,
    /// The connection that it acts for.
    pub connection: ConnectionId,
    /// The side that it acts on.
    pub side: Side,
    /// What people call it.
    pub name: AccountName,
    /// Who made it, and when.
    pub made: Actor,
    /// Counts its secrets. 0: it has none yet, because nobody was there to see one.
    pub secret_version: u64,
    /// When its secret was made.
    pub secret_made_at: Option<Timestamp>,
    /// When it last got a token.
    pub last_used_at: Option<Timestamp>,
}

/// What a bearer token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The account it was given to.
    pub account: ServiceAccountId,
    /// Which of the account's secrets it was given for.
    pub secret_version: u64,
    /// When it stops, in Unix seconds.
    pub expires_at: i64,
}

impl Token {
    /// A token for an account, from now on.
    #[must_use]
    pub fn new(account: &ServiceAccount, now: Timestamp) -> Self {
        Self {
            account: account.id,
            secret_version: account.secret_version,
            expires_at: now.as_second() + i64::try_from(TOKEN_LASTS.as_secs()).unwrap_or_default(),
        }
    }

    /// Whether it is in time. Asked before the account is looked up.
    #[must_use]
    pub fn is_in_time(&self, now: Timestamp) -> bool {
        now.as_second() < self.expires_at
    }

    /// Whether it still speaks for the account as it is now. A secret that may have leaked may have been used already:
    /// rotating it stops the tokens that were got with it as well.
    #[must_use]
    pub fn speaks_for(&self, account: &ServiceAccount) -> bool {
        self.account == account.id && self.secret_version == account.secret_version
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ids::CompanyId;

    proptest! {
        #[test]
        fn an_id_has_one_spelling_and_names_its_project(project in 1_u64..1 << 62, bits: u64) {
            let project = ProjectId::new(project).unwrap();
            let id = ServiceAccountId::new(project, Seed(bits));
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert_eq!(id.project(), project);
        }

        #[test]
        fn no_text_makes_the_readers_panic(text: String) {
            let _ = text.parse::<ServiceAccountId>();
            if let Ok(name) = text.parse::<AccountName>() {
                prop_assert!((1..=LONGEST_NAME).contains(&name.as_str().chars().count()));
            }
        }

        #[test]
        fn the_name_an_account_is_made_with_is_a_name(project: String, company: String) {
            let other = Project {
                id: ProjectId::new(1).unwrap(),
                name: project,
                company_id: CompanyId::new(1).unwrap(),
                company_name: company,
            };
            let name = AccountName::after(&other);
            prop_assert!(name.as_str().starts_with("Connection with"));
            prop_assert!(name.as_str().chars().count() <= LONGEST_NAME);
        }
    }

    #[test]
    fn other_spellings_are_no_ids() {
        for text in [
            "",
            "gsa_",
            "gsa_1",
            "gsa_1_",
            "gsa_1_0",
            "gsa_01_0000000000000001",
            "gsa_0_0000000000000001",
            "gsa_1_000000000000000G",
            "gsa_1_000000000000000A",
            "GSA_1_0000000000000001",
            "gsa_1_+000000000000001",
        ] {
            assert_eq!(text.parse::<ServiceAccountId>(), Err(NotAServiceAccountId), "{text:?}");
        }
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(
            " Nightly export ".parse::<AccountName>().unwrap().as_str(),
            "Nightly export"
        );
        for text in ["", "   ", "a\nb", "a\u{2028}b", "a\u{7}b", &"x".repeat(101)] {
            assert_eq!(text.parse::<AccountName>(), Err(NotAName), "{text:?}");
        }
    }
}
