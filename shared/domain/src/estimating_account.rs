//! Estimating accounts: signing in by a link that is mailed, and the address of an account's calendar.
//!
//! Whoever has the mail alone is not let in: programs that look for malice in mails open links and press buttons, and who
//! types another's address could have that person press the button. So a link works by itself in the browser that asked
//! for it; anywhere else it takes the code that the page shows there.

use gusset_words::say;
use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use uuid::Uuid;

use crate::{
    ids::AccountId,
    limit::Limit,
    notification::{Letter, Mail},
};

/// How long a link that signs in is good.
pub const LINK_LASTS: Duration = Duration::from_secs(15 * 60);

/// How long one stays signed in.
pub const SESSION_LASTS: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How many codes may be tried with one link, of a million that there are.
pub const CODE_TRIES: u32 = 5;

/// The six digits that the page shows where a link was asked for, and that the link takes anywhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkCode(u32);

/// The text is not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", say!("link-no-code"))]
pub struct NotALinkCode;

/// How many codes there are.
const CODES: u64 = 1_000_000;

impl LinkCode {
    /// The code of the browser that has a secret of ours.
    #[must_use]
    pub fn of_browser(secret: &str) -> Self {
        let tag = hmac::sign(&key(secret.as_bytes()), b"code of a link that signs in");
        let number = tag
            .as_ref()
            .iter()
            .take(8)
            .fold(0, |number, byte| (number << 8) | u64::from(*byte));
        Self(u32::try_from(number % CODES).unwrap_or_default())
    }

    /// The digits as people read them: `123 456`.
    #[must_use]
    pub fn spaced(self) -> String {
        format!("{:03} {:03}", self.0 / 1_000, self.0 % 1_000)
    }
}

impl fmt::Display for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl FromStr for LinkCode {
    type Err = NotALinkCode;

    /// With spaces and dashes wherever somebody has put them.
    fn from_str(text: &str) -> Result<Self, NotALinkCode> {
        let digits: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .take(7)
            .collect();
        let are_six = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| are_six);
        number.map(Self).ok_or(NotALinkCode)
    }
}

/// How many links may be sent to one mailbox.
pub const LINKS_TO_MAILBOX: Limit = Limit::an_hour(5);

/// How many links may be asked for from one [`network`].
pub const LINKS_FROM_NETWORK: Limit = Limit::an_hour(30);

/// What an address on the internet is counted by: IPv4 as it is; of IPv6 the first 64 bits, as whoever has one such
/// address has all of them.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The mail with a link that signs in. `public_url` is where people reach Gusset, without a slash at the end.
#[must_use]
pub fn sign_in_mail(token: &str, public_url: &str) -> Mail {
    let letter = Letter {
        subject: say!("email-sign-in-subject").to_owned(),
        paragraphs: vec![
            say!("email-sign-in", address = public_url),
            say!("email-sign-in-how", minutes = LINK_LASTS.as_secs() / 60),
            say!("email-sign-in-not").to_owned(),
        ],
        sections: Vec::new(),
        invitation: say!("email-sign-in-link"),
    };
    letter.mail(&format!("{public_url}/sign-in/{token}"), say!("email-sign-in-footer"))
}

/// Bytes of a calendar's token that prove it: of 256 bits, 128 are enough that nobody finds them.
const PROOF: usize = 16;

/// The last part of an account's calendar's address, which is all that a calendar program shows to be let in.
///
/// It is derived from the master secret, so that nothing secret is stored and it can be shown again. Another generation
/// has another token, and the former one stops.
#[derive(Clone, PartialEq, Eq)]
pub struct CalendarToken {
    account: AccountId,
    proof: [u8; PROOF],
}

impl fmt::Debug for CalendarToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CalendarToken of {}", self.account)
    }
}

/// The text is not a calendar's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This is no calendar's address.")]
pub struct NotACalendarToken;

impl CalendarToken {
    /// The token of an account's calendar.
    #[must_use]
    pub fn new(master_secret: &[u8], account: AccountId, generation: u64) -> Self {
        let tag = hmac::sign(&key(master_secret), &signed(account, generation));
        let mut proof = [0; PROOF];
        for (proof, byte) in proof.iter_mut().zip(tag.as_ref()) {
            *proof = *byte;
        }
        Self { account, proof }
    }

    /// The account that it claims to be of. Whether it is, [`Self::is_genuine`] says.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Whether it is the token of its account's calendar in a generation. Takes the same time wherever they differ.
    #[must_use]
    pub fn is_genuine(&self, master_secret: &[u8], generation: u64) -> bool {
        let key = key(master_secret);
        let genuine = Self::new(master_secret, self.account, generation);
        hmac::verify(&key, &self.proof, hmac::sign(&key, &genuine.proof).as_ref()).is_ok()
    }

    /// The token as it stands in the address.
    #[must_use]
    pub fn expose(&self) -> String {
        let mut bytes = self.account.0.as_bytes().to_vec();
        bytes.extend(self.proof);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl FromStr for CalendarToken {
    type Err = NotACalendarToken;

    fn from_str(text: &str) -> Result<Self, NotACalendarToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotACalendarToken)?;
        let (account, proof) = bytes.split_first_chunk().ok_or(NotACalendarToken)?;
        Ok(Self {
            account: AccountId(Uuid::from_bytes(*account)),
            proof: proof.try_into().map_err(|_| NotACalendarToken)?,
        })
    }
}

fn key(master_secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, master_secret)
}

/// Begins as nothing else does that is signed with the master secret.
fn signed(account: AccountId, generation: u64) -> Vec<u8> {
    let mut text = b"calendar".to_vec();
    text.extend(account.0.as_bytes());
    text.extend(generation.to_be_bytes());
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_mail_in_words() {
        let mail = sign_in_mail("c2VjcmV0", "https://gusset.example");
        insta::assert_snapshot!(format!(
            "Subject: {}\n\n{}\n==========\n{}",
            mail.subject, mail.text, mail.html
        ));
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code: LinkCode = "004217".parse().unwrap();
        assert_eq!(
            (code.to_string().as_str(), code.spaced().as_str()),
            ("004217", "004 217")
        );
        for typed in ["004 217", " 004-217 ", "0 0 4 2 1 7", "004\u{a0}217"] {
            assert_eq!(typed.parse(), Ok(code), "{typed:?}");
        }
        for wrong in [
            "",
            "4217",
            "0042177",
            "00421x",
            "００４２１７",
            "+04217",
            &"1".repeat(100_000),
        ] {
            assert_eq!(wrong.parse::<LinkCode>(), Err(NotALinkCode), "{wrong:.20}");
        }
    }

    #[test]
    fn neighbours_in_one_ipv6_network_are_counted_together_and_ipv4_addresses_apart() {
        let network = |address: &str| network(address.parse().unwrap());
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2::"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::"), network("2001:db8:1:3::"));
    }

    #[test]
    fn what_is_not_a_calendars_token_is_refused() {
        let token = CalendarToken::new(b"secret", AccountId(Uuid::nil()), 0).expose();
        let shorter = &token[..token.len() - 1];
        for text in [
            "",
            "x",
            "a b",
            shorter,
            &format!("{token}A"),
            &format!("{token}="),
            &format!("{token}.ics"),
        ] {
            assert_eq!(text.parse::<CalendarToken>(), Err(NotACalendarToken), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_calendars_token_is_good_for_its_account_generation_and_secret_alone(
            id: u128, other: u128, generation: u64, later: u64, bit in 0_usize..128
        ) {
            let account = AccountId(Uuid::from_u128(id));
            let token = CalendarToken::new(b"secret", account, generation);
            let text = token.expose();
            prop_assert_eq!(text.len(), 43);
            let read: CalendarToken = text.parse().unwrap();
            prop_assert_eq!(read.account(), account);
            prop_assert!(read.is_genuine(b"secret", generation));
            prop_assert!(!read.is_genuine(b"another", generation));
            prop_assert_eq!(read.is_genuine(b"secret", later), later == generation);
            let of_another = CalendarToken { account: AccountId(Uuid::from_u128(other)), ..read.clone() };
            prop_assert_eq!(of_another.is_genuine(b"secret", generation), other == id);
            let mut forged = read;
            forged.proof[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!forged.is_genuine(b"secret", generation));
        }

        #[test]
        fn a_browsers_code_is_six_digits_and_read_back(secret: String) {
            let code = LinkCode::of_browser(&secret);
            prop_assert_eq!(code.to_string().len(), 6);
            prop_assert_eq!(code.spaced().parse(), Ok(code));
            prop_assert_eq!(LinkCode::of_browser(&secret), code);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text: String) {
            let _ = text.parse::<LinkCode>();
            let _ = text.parse::<CalendarToken>();
        }
    }
}
