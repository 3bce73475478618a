//! A project's connection code: eight digits that a collaborator types to ask for a connection.

use std::{fmt, str::FromStr};

use gusset_words::say;
use serde::{Deserialize, Serialize};

use crate::limit::Limit;

/// How many codes that do not exist may be typed by a user, and from a project.
pub const MISSES: Limit = Limit::an_hour(10);

const SMALLEST: u32 = 10_000_000;
const LARGEST: u32 = 99_999_999;

/// An 8-digit code, shown as `1234 5678`. The first digit is never zero, so that it survives a spreadsheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ConnectionCode(u32);

/// The text is not a connection code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", say!("problem-bad-field-detail-code"))]
pub struct NotACode;

impl ConnectionCode {
    /// Makes a code from 64 random bits. Every code is equally likely, to within one part in 10^11.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        let span = u64::from(LARGEST - SMALLEST) + 1;
        // The remainder is below 9 * 10^7, so it fits.
        Self(SMALLEST + u32::try_from(random % span).unwrap_or_default())
    }

    /// The eight digits without the space, as they are stored.
    #[must_use]
    pub fn digits(self) -> String {
        self.0.to_string()
    }
}

impl fmt::Display for ConnectionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04} {:04}", self.0 / 10_000, self.0 % 10_000)
    }
}

impl From<ConnectionCode> for String {
    fn from(code: ConnectionCode) -> Self {
        code.digits()
    }
}

impl TryFrom<String> for ConnectionCode {
    type Error = NotACode;

    fn try_from(text: String) -> Result<Self, NotACode> {
        text.parse()
    }
}

impl FromStr for ConnectionCode {
    type Err = NotACode;

    /// Takes the digits as people write them: with or without spaces or hyphens between and around them.
    fn from_str(text: &str) -> Result<Self, NotACode> {
        let mut number = 0_u32;
        for (place, character) in text.chars().filter(|c| !c.is_whitespace() && *c != '-').enumerate() {
            let digit = character.to_digit(10).filter(|_| place < 8).ok_or(NotACode)?;
            number = number * 10 + digit;
        }
        if (SMALLEST..=LARGEST).contains(&number) {
            Ok(Self(number))
        } else {
            Err(NotACode)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_code_survives_being_shown_and_typed(random: u64) {
            let code = ConnectionCode::from_random(random);
            prop_assert_eq!(code.to_string().parse(), Ok(code));
            prop_assert_eq!(code.digits().parse(), Ok(code));
            prop_assert_eq!(format!("  {} ", code.to_string().replace(' ', "\u{a0}")).parse(), Ok(code));
            prop_assert_eq!(code.to_string().len(), 9);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text: String) {
            let _ = text.parse::<ConnectionCode>();
        }
    }

    #[test]
    fn what_is_not_eight_digits_is_refused() {
        for text in [
            "",
            "1234567",
            "123456789",
            "1234 567x",
            "0123 4567",
            "１２３４５６７８",
            "99999999999999999999",
        ] {
            assert_eq!(text.parse::<ConnectionCode>(), Err(NotACode), "{text:?}");
        }
    }
}
