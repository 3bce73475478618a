//! Where a delivery stands in the list of its two projects'.

use jiff::Timestamp;

use super::Delivery;
use crate::marker::Reference;

/// Digits of a place's Unix milliseconds: with as many of them always, texts are in the order of time.
const DIGITS: usize = 13;

impl Delivery {
    /// The place in the list: by when it was first tried, and by its reference.
    ///
    /// It is the cursor of the list as well, and people put that into addresses as it is: nothing in it has to be encoded there. A
    /// `#` would end the address, and what is left would be another place in the list.
    #[must_use]
    pub fn place(&self) -> String {
        place_of(self.created_at, &self.reference)
    }
}

/// The place of a delivery that was first heard of then.
pub(crate) fn place_of(created_at: Timestamp, reference: &Reference) -> String {
    let created_at = created_at.as_millisecond().max(0);
    format!("{created_at:0DIGITS$}.{reference}")
}

/// Whether a text is a whole place. What is left of one that was cut short would be another place, from which some deliveries
/// would be left out.
#[must_use]
pub fn is_place(text: &str) -> bool {
    text.split_once('.').is_some_and(|(created_at, reference)| {
        created_at.len() == DIGITS
            && created_at.bytes().all(|byte| byte.is_ascii_digit())
            && reference.parse::<Reference>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_whole_or_none() {
        let whole = "1795545621575.GST-7ZK3M8Q2W9XB";
        assert!(is_place(whole));
        for end in 0..whole.len() {
            assert!(!is_place(&whole[..end]), "{}", &whole[..end]);
        }
        for begin in 1..whole.len() {
            assert!(!is_place(&whole[begin..]), "{}", &whole[begin..]);
        }
        assert!(!is_place("-795545621575.GST-7ZK3M8Q2W9XB"));
    }
}
