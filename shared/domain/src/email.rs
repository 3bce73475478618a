//! E-mail addresses, as far as one can tell by looking at them.

use std::{fmt, str::FromStr};

use gusset_words::say;
use serde::{Deserialize, Serialize};
use url::Host;

/// The most bytes of what somebody types or pastes for an address.
const LONGEST_TYPED: usize = 1_024;

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
#[error("{}", say!("problem-bad-field-detail-email"))]
pub struct NotAnEmailAddress;

impl EmailAddress {
    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads an address as people type and paste it: with invisible letters around it, behind `mailto:`, behind a name as in
    /// `Max <max@bidders.example>`, and at a domain with letters beyond ASCII, whose ASCII name is taken.
    ///
    /// # Errors
    /// [`NotAnEmailAddress`], where it is none, or more than one.
    pub fn typed(text: &str) -> Result<Self, NotAnEmailAddress> {
        if text.len() > LONGEST_TYPED {
            return Err(NotAnEmailAddress);
        }
        let mut text = bare(text);
        if let Some((name, address)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            // A name with an address in it could be the one that is meant.
            if name.contains(['@', '<', '>']) {
                return Err(NotAnEmailAddress);
            }
            text = bare(address);
        }
        if let Some(scheme) = text
            .get(..MAILTO.len())
            .filter(|start| start.eq_ignore_ascii_case(MAILTO))
        {
            let address = &text[scheme.len()..];
            text = bare(address.split('?').next().unwrap_or_default());
        }
        let (local, domain) = text.split_once('@').ok_or(NotAnEmailAddress)?;
        if domain.is_ascii() {
            return text.parse();
        }
        // Nothing that the reader of hosts would take for something else, such as an escape.
        let plain = |letter: char| letter.is_alphanumeric() || !letter.is_ascii() || matches!(letter, '-' | '.');
        if text.len() > LONGEST || !domain.chars().all(plain) {
            return Err(NotAnEmailAddress);
        }
        match Host::parse(domain) {
            Ok(Host::Domain(ascii)) => format!("{local}@{ascii}").parse(),
            _ => Err(NotAnEmailAddress),
        }
    }

    /// What two spellings of one mailbox have in common. No server that people use tells upper from lower case.
    #[must_use]
    pub fn mailbox(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// What links to an address begin with.
const MAILTO: &str = "mailto:";

/// A text without the spaces and invisible letters around it, which come along when it is copied.
fn bare(text: &str) -> &str {
    text.trim_matches(|letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}')
    })
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
    fn addresses_are_taken_as_people_paste_them() {
        for (typed, address) in [
            ("max@müller.de", "max@xn--mller-kva.de"),
            ("max@MÜLLER.de", "max@xn--mller-kva.de"),
            ("Max.Q@bidders.example", "Max.Q@bidders.example"),
            ("\u{200b}max@bidders.example\u{200b}", "max@bidders.example"),
            ("\u{feff} max@bidders.example\r\n", "max@bidders.example"),
            ("MAILTO:max@bidders.example", "max@bidders.example"),
            ("mailto:max@bidders.example?subject=Bids", "max@bidders.example"),
            ("Max <max@bidders.example>", "max@bidders.example"),
            ("\"Müller, Max\" <max@müller.de>", "max@xn--mller-kva.de"),
            ("<mailto:max@bidders.example>", "max@bidders.example"),
            ("max@例え.jp", "max@xn--r8jz45g.jp"),
        ] {
            let read = EmailAddress::typed(typed);
            assert_eq!(read.as_ref().map(EmailAddress::as_str), Ok(address), "{typed:?}");
        }
    }

    #[test]
    fn what_could_be_another_address_than_it_seems_is_refused() {
        for typed in [
            "",
            "<>",
            "Max <>",
            "max@bidders.example <eve@evil.example>",
            "Max <max@bidders.example> <eve@evil.example>",
            "Max <max@bidders.example>, Eve <eve@evil.example>",
            "max@bidders.example\u{200b}@evil.example",
            "max\u{200b}@bidders.example",
            "müller@bidders.example",
            "max@müller.de/evil.example",
            "max@müller.de%2eevil",
            "max@müller",
            "max@\u{202e}müller.de, eve@evil.example",
            "mailto:max@bidders.example,eve@evil.example",
            &format!("max@{}.de", "ü".repeat(700)),
        ] {
            assert!(EmailAddress::typed(typed).is_err(), "{typed:?}");
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
            for address in [text.parse::<EmailAddress>(), EmailAddress::typed(&text)].into_iter().flatten() {
                prop_assert!(!address.as_str().contains(|c: char| c.is_control() || c.is_whitespace() || "<>,;:\"()".contains(c)));
            }
        }
    }
}
