//! How often a person gets emails about a project's items, and the link by which that is chosen.
//!
//! A Connected RFI Manager need be no admin, and opens no page of Gusset's. So each such email has a link that is for its
//! recipient alone: signed, good for [`LINK_LASTS`], and for nothing but this choice.

use std::{fmt, str::FromStr, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gusset_words::say;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{email::EmailAddress, ids::ProjectId, webhook_secret};

/// How long a link works: an email may lie for a while.
pub const LINK_LASTS: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// The hour of the day at which daily emails are sent, in UTC: Gusset does not know in which time zone a project is.
pub const DAILY_AT: i8 = 7;

/// What the link's signature is for, and for nothing else.
const PURPOSE: &str = "gusset: how often emails about items are sent";

/// How often a person gets emails about a project's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// One for each, at once.
    #[default]
    Each,
    /// What an hour brought, in one.
    Hourly,
    /// What a day brought, in one.
    Daily,
    /// None.
    Never,
}

/// When something is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// At once.
    Now,
    /// With all else that comes until then.
    At(Timestamp),
    /// Not at all.
    Never,
}

/// The text is no choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("It is one of each, hourly, daily, never.")]
pub struct ParseCadenceError;

impl Cadence {
    /// Every choice, in the order in which pages list them.
    pub const ALL: [Self; 4] = [Self::Each, Self::Hourly, Self::Daily, Self::Never];

    /// The name in forms and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Never => "never",
        }
    }

    /// The name on pages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Each => say!("cadence-each"),
            Self::Hourly => say!("cadence-hourly"),
            Self::Daily => say!("cadence-daily"),
            Self::Never => say!("cadence-never"),
        }
    }

    /// When what happens now is mailed to somebody who chose this.
    #[must_use]
    pub fn turn(self, now: Timestamp) -> Turn {
        match self {
            Self::Each => Turn::Now,
            Self::Hourly => Turn::At(next_hour(now)),
            Self::Daily => Turn::At(next_morning(now)),
            Self::Never => Turn::Never,
        }
    }
}

fn next_hour(now: Timestamp) -> Timestamp {
    let hour = 60 * 60;
    let next = now.as_second().div_euclid(hour).saturating_add(1).saturating_mul(hour);
    Timestamp::from_second(next).unwrap_or(Timestamp::MAX)
}

fn next_morning(now: Timestamp) -> Timestamp {
    let day = 24 * 60 * 60;
    let morning = i64::from(DAILY_AT) * 60 * 60;
    let days = (now.as_second() - morning).div_euclid(day).saturating_add(1);
    Timestamp::from_second(days.saturating_mul(day).saturating_add(morning)).unwrap_or(Timestamp::MAX)
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Cadence {
    type Err = ParseCadenceError;

    fn from_str(text: &str) -> Result<Self, ParseCadenceError> {
        let found = Self::ALL.into_iter().find(|cadence| cadence.as_str() == text);
        found.ok_or(ParseCadenceError)
    }
}

/// What a link says: whose choice it is, for which project, and until when it can be made.
#[derive(Clone, PartialEq, Eq)]
pub struct CadenceLink {
    /// The project.
    pub project: ProjectId,
    /// Whose choice it is.
    pub email: EmailAddress,
    /// Until when, in Unix seconds.
    pub expires_at: i64,
}

/// Whose it is does not belong in a log.
impl fmt::Debug for CadenceLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CadenceLink of project {}", self.project)
    }
}

/// The text is no link of ours, or works no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This link has expired.")]
pub struct ParseCadenceLinkError;

impl CadenceLink {
    /// The link in an email that is sent now.
    #[must_use]
    pub fn new(project: ProjectId, email: EmailAddress, now: Timestamp) -> Self {
        let lasts = i64::try_from(LINK_LASTS.as_secs()).unwrap_or_default();
        Self {
            project,
            email,
            expires_at: now.as_second().saturating_add(lasts),
        }
    }

    /// The last part of its address.
    #[must_use]
    pub fn expose(&self, master_secret: &[u8]) -> String {
        let said = format!("{}\n{}\n{}", self.project, self.expires_at, self.email);
        let proof = webhook_secret::proof(master_secret, &signed(&said));
        format!("{}.{proof}", URL_SAFE_NO_PAD.encode(said))
    }

    /// Reads one that we have signed, while it works.
    ///
    /// # Errors
    /// [`ParseCadenceLinkError`], whatever is wrong with it.
    pub fn read(text: &str, master_secret: &[u8], now: Timestamp) -> Result<Self, ParseCadenceLinkError> {
        let wrong = ParseCadenceLinkError;
        let (said, proof) = text.split_once('.').ok_or(wrong)?;
        let said = URL_SAFE_NO_PAD.decode(said).map_err(|_| wrong)?;
        let said = String::from_utf8(said).map_err(|_| wrong)?;
        if !webhook_secret::is_proof(master_secret, &signed(&said), proof) {
            return Err(wrong);
        }
        let mut parts = said.splitn(3, '\n');
        let mut part = || parts.next().ok_or(wrong);
        let link = Self {
            project: part()?.parse().map_err(|_| wrong)?,
            expires_at: part()?.parse().map_err(|_| wrong)?,
            email: part()?.parse().map_err(|_| wrong)?,
        };
        (now.as_second() < link.expires_at).then_some(link).ok_or(wrong)
    }
}

/// Begins as nothing else does that is signed with the master secret.
fn signed(said: &str) -> String {
    format!("{PURPOSE}\n{said}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn each_choice_has_its_turn() {
        let now = at("2026-03-02T06:59:59.5Z");
        assert_eq!(Cadence::Each.turn(now), Turn::Now);
        assert_eq!(Cadence::Never.turn(now), Turn::Never);
        for (now, hour, morning) in [
            ("2026-03-02T06:59:59.5Z", "2026-03-02T07:00:00Z", "2026-03-02T07:00:00Z"),
            ("2026-03-02T07:00:00Z", "2026-03-02T08:00:00Z", "2026-03-03T07:00:00Z"),
            ("2026-12-31T23:30:00Z", "2027-01-01T00:00:00Z", "2027-01-01T07:00:00Z"),
        ] {
            assert_eq!(Cadence::Hourly.turn(at(now)), Turn::At(at(hour)), "{now}");
            assert_eq!(Cadence::Daily.turn(at(now)), Turn::At(at(morning)), "{now}");
        }
        for cadence in Cadence::ALL {
            assert_eq!(cadence.as_str().parse(), Ok(cadence));
        }
        assert_eq!("weekly".parse::<Cadence>(), Err(ParseCadenceError));
    }

    #[test]
    fn a_link_says_what_was_signed_until_it_expires_and_nothing_else_does() {
        let now = at("2026-03-02T07:00:00Z");
        let link = CadenceLink::new(ProjectId::new(7).unwrap(), "omar@harbour.example".parse().unwrap(), now);
        let text = link.expose(b"master");
        assert_eq!(CadenceLink::read(&text, b"master", now), Ok(link.clone()));
        let last = Timestamp::from_second(link.expires_at).unwrap();
        for (text, secret, now) in [
            (text.as_str(), b"master", last),
            (text.as_str(), b"others", now),
            ("", b"master", now),
            (".", b"master", now),
            (&text[1..], b"master", now),
            (&text[..text.len() - 1], b"master", now),
        ] {
            assert_eq!(
                CadenceLink::read(text, secret, now),
                Err(ParseCadenceLinkError),
                "{text}"
            );
        }
        let eve = CadenceLink::new(ProjectId::new(7).unwrap(), "eve@evil.example".parse().unwrap(), now);
        let eve = eve.expose(b"guess");
        let mixed = format!("{}.{}", eve.split('.').next().unwrap(), text.split('.').nth(1).unwrap());
        assert_eq!(CadenceLink::read(&mixed, b"master", now), Err(ParseCadenceLinkError));
        assert!(!format!("{link:?}").contains("omar"));
    }
}
