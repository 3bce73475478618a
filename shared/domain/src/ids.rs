//! Identifiers. Procore's are positive integers; ours are UUIDs that sort by time.

use std::{fmt, num::NonZeroU64, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text was not an identifier of the kind that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{expected}")]
pub struct NotAnId {
    expected: &'static str,
}

macro_rules! procore_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(NonZeroU64);

        impl $name {
            /// The id, unless it is one that Procore never gives: zero, or beyond a signed 64-bit integer.
            #[must_use]
            pub fn new(id: u64) -> Option<Self> {
                if i64::try_from(id).is_err() {
                    return None;
                }
                NonZeroU64::new(id).map(Self)
            }

            /// The id as a plain number, from 1 to `i64::MAX`.
            #[must_use]
            pub fn get(self) -> u64 {
                self.0.get()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                // Only digits: `u64::from_str` would also take a leading "+", which Procore never writes.
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                digits
                    .then(|| text.parse().ok().and_then(Self::new))
                    .flatten()
                    .ok_or(NotAnId { expected: concat!(stringify!($name), ": a positive whole number is expected") })
            }
        }
    };
}

procore_id!(
    /// A project in Procore.
    ProjectId
);
procore_id!(
    /// A company's account in Procore.
    CompanyId
);
procore_id!(
    /// A person's login in Procore (`id` of `/me` and of a project's users).
    UserId
);
procore_id!(
    /// An RFI, manpower log or notes log in Procore. Unique within its tool only.
    ItemId
);
procore_id!(
    /// A location in a Procore project.
    LocationId
);
procore_id!(
    /// A section of the specifications in a Procore project.
    SpecificationSectionId
);

/// A webhook hook in Procore. A text in v2.0, of which nothing is promised; a number in v1.0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HookId(String);

impl HookId {
    /// Returns the id, unless it could lead to another endpoint when it stands in a path.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (!id.is_empty() && id.len() <= 100 && id.bytes().all(is_part)).then(|| Self(id.to_owned()))
    }
}

impl fmt::Display for HookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! own_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                // One spelling only, so that one thing has one address.
                Uuid::try_parse(text)
                    .ok()
                    .filter(|id| id.hyphenated().to_string() == text)
                    .map(Self)
                    .ok_or(NotAnId {
                        expected: concat!(stringify!($name), ": a lower-case UUID with hyphens is expected"),
                    })
            }
        }
    };
}

own_id!(
    /// A connection. Sorts by the time at which it was asked for (UUID version 7).
    ConnectionId
);
own_id!(
    /// An estimating account. Sorts by the time at which it was made (UUID version 7).
    AccountId
);
own_id!(
    /// One run of a sync of plans, through all projects of a login (UUID version 7).
    RunId
);

/// Two projects, whichever of them is named first. Everything that ever crossed between them is kept under it, whatever
/// connections they had. Written as the lower id, `#` and the higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    low: ProjectId,
    high: ProjectId,
}

impl Pair {
    /// The pair of two projects.
    #[must_use]
    pub fn of(one: ProjectId, other: ProjectId) -> Self {
        Self {
            low: one.min(other),
            high: one.max(other),
        }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.low, self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_the_same_from_both_of_its_projects() {
        let (one, other) = (ProjectId::new(9).unwrap(), ProjectId::new(10).unwrap());
        assert_eq!(Pair::of(one, other), Pair::of(other, one));
        assert_eq!(Pair::of(other, one).to_string(), "9#10");
    }

    #[test]
    fn only_a_positive_whole_number_is_a_procore_id() {
        assert_eq!("20001".parse::<ProjectId>().unwrap().get(), 20001);
        for text in [
            "",
            "0",
            "-1",
            "+1",
            "1.0",
            " 1",
            "x",
            "99999999999999999999",
            "9223372036854775808",
        ] {
            assert!(text.parse::<ProjectId>().is_err(), "{text:?}");
        }
    }
}
