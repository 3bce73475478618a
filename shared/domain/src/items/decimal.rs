//! Decimal numbers as Procore writes them: some as numbers, some as text, such as a cost of `"12039.55"`.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// The most digits of a number. Longer ones are no amount of anything on a construction site.
const MAX_DIGITS: usize = 30;

/// A decimal number, exactly as it was written: never a binary fraction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    /// Without leading zeros. Empty for 0.
    whole: String,
    /// As it was written, with its zeros at the end.
    fraction: String,
}

/// The text is no decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number")]
pub struct ParseDecimalError;

impl Decimal {
    /// Whether both are the same amount, however many zeros are written.
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        let amount = |number: &Self| {
            let fraction = number.fraction.trim_end_matches('0').to_owned();
            let is_zero = number.whole.is_empty() && fraction.is_empty();
            (number.negative && !is_zero, number.whole.clone(), fraction)
        };
        amount(self) == amount(other)
    }

    /// Serializes the number as a number, for the fields in which Procore takes no text.
    ///
    /// # Errors
    /// The serializer's.
    pub fn as_number<S: Serializer>(number: &Option<Self>, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(number) = number else {
            return serializer.serialize_none();
        };
        let text = number.to_string();
        match text.parse::<i64>() {
            Ok(whole) => serializer.serialize_i64(whole),
            // At most 30 digits: it is finite.
            Err(_) => serializer.serialize_f64(text.parse().unwrap_or_default()),
        }
    }
}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, ParseDecimalError> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let digits_only = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let count = whole.len() + fraction.len();
        if count == 0 || count > MAX_DIGITS || !digits_only(whole) || !digits_only(fraction) {
            return Err(ParseDecimalError);
        }
        Ok(Self {
            negative,
            whole: whole.trim_start_matches('0').to_owned(),
            fraction: fraction.to_owned(),
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        match self.fraction.as_str() {
            "" => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_kept_as_they_are_written_and_compared_as_amounts() {
        for (text, shown) in [
            ("1200.00", "1200.00"),
            (" 007.50 ", "7.50"),
            (".5", "0.5"),
            ("-3", "-3"),
            ("+2.", "2"),
            ("0", "0"),
        ] {
            assert_eq!(decimal(text).to_string(), shown, "{text}");
        }
        assert!(decimal("1200.00").equals(&decimal("1200")) && decimal("-0").equals(&decimal("0.0")));
        assert!(!decimal("12").equals(&decimal("1.2")) && !decimal("-1").equals(&decimal("1")));
        for text in ["", ".", "1,200.00", "about 5", "1e9", "--1", "½", &"9".repeat(31)] {
            assert_eq!(text.parse::<Decimal>(), Err(ParseDecimalError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_the_same(text in "-?[0-9]{1,20}(\\.[0-9]{0,10})?", other: String) {
            let number = decimal(&text);
            prop_assert_eq!(decimal(&number.to_string()), number.clone());
            prop_assert!(number.equals(&number));
            let _ = other.parse::<Decimal>();
        }
    }
}
