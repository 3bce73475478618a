//! E-mail addresses, as far as one can tell by looking at them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The most bytes of an address that mail servers pass on (RFC 5321).
const LONGEST: usize = 254;

/// The most bytes before the `@`.
const LONGEST_LOCAL_PART: usize = 64;

/// An e-mail address: one, bare, in ASCII. It can stand in a mail's header as it is and be nothing but an address there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EmailAddress(String);

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("An e-mail address such as gina@harbour.example is expected.")]
pub struct NotAnEmailAddress;

impl EmailAddress {
    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one mailbox have in common. No server that people use tells upper from lower case.
    #[must_use]
    pub fn mailbox(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for EmailAddress {
    type Err = NotAnEmailAddress;

    fn from_str(text: &str) -> Result<Self, NotAnEmailAddress> {
        let (local, domain) = text.split_once('@').ok_or(NotAnEmailAddress)?;
        // What would need quotes is left out: nobody has it, and in a header it could pass for something else.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
        let local_fits = !local.is_empty() && local.len() <= LONGEST_LOCAL_PART && local.bytes().all(plain);
        let label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let domain_fits = domain.contains('.') && domain.split('.').all(label);
        if text.len() <= LONGEST && local_fits && domain_fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnEmailAddress)
        }
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = NotAnEmailAddress;

    fn try_from(text: String) -> Result<Self, NotAnEmailAddress> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_that_people_have_are_taken() {
        for address in ["gina@harbour.example", "s.o'neil+site@mail.south-side.example", "A@b.c"] {
            assert_eq!(address.parse::<EmailAddress>().unwrap().as_str(), address);
        }
    }

    #[test]
    fn what_is_not_one_address_is_refused() {
        let long = format!("{}@harbour.example", "x".repeat(65));
        let longer = format!("gina@{}.example", "x".repeat(250));
        for text in [
            "",
            "@",
            "gina",
            "gina@",
            "@harbour.example",
            "gina@harbour",
            "gina@@harbour.example",
            "a@b.c@d.e",
            "gina@harbour.example, eve@evil.example",
            "gina @harbour.example",
            "gina@harbour.example\r\nBcc: eve@evil.example",
            "Gina <gina@harbour.example>",
            "\"gina\"@harbour.example",
            "gina@-harbour.example",
            "gina@harbour..example",
            "gïna@harbour.example",
            long.as_str(),
            longer.as_str(),
        ] {
            assert!(text.parse::<EmailAddress>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn an_address_cannot_leave_its_header(text: String) {
            if let Ok(address) = text.parse::<EmailAddress>() {
                prop_assert!(!address.as_str().contains(|c: char| c.is_control() || c.is_whitespace() || "<>,;:\"()".contains(c)));
            }
        }
    }
}
