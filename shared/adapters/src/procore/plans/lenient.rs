//! Fields of answers that may be missing, or be written in another way than documented: then they are nothing, instead of
//! making the whole listing unreadable.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text that is not blank, or a number as text.
pub(super) fn text<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    Value::deserialize(field).map(|value| as_text(&value))
}

/// A text, or the name of something.
pub(super) fn name<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(field)?;
    Ok(as_text(value.get("name").unwrap_or(&value)))
}

/// A whole number, be it as text.
pub(super) fn number<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(field)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// Only what is said to be so.
pub(super) fn truth<'de, D: Deserializer<'de>>(field: D) -> Result<bool, D::Error> {
    Value::deserialize(field).map(|value| value == Value::Bool(true))
}

/// A day, or the day of a time.
pub(super) fn day<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Date>, D::Error> {
    let text = text(field)?;
    Ok(text.and_then(|text| text.get(..10)?.parse().ok()))
}

/// A moment.
pub(super) fn moment<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(text(field)?.and_then(|text| text.parse().ok()))
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Answer {
        #[serde(default, deserialize_with = "text")]
        text: Option<String>,
        #[serde(default, deserialize_with = "name")]
        name: Option<String>,
        #[serde(default, deserialize_with = "number")]
        number: Option<u64>,
        #[serde(default, deserialize_with = "truth")]
        truth: bool,
        #[serde(default, deserialize_with = "day")]
        day: Option<Date>,
        #[serde(default, deserialize_with = "moment")]
        moment: Option<Timestamp>,
    }

    fn read(answer: Value) -> Answer {
        serde_json::from_value(answer).unwrap()
    }

    #[test]
    fn what_is_said_is_read_however_it_is_written() {
        for (text, name, number) in [
            (json!(" 2 "), json!("Tower"), json!("17")),
            (json!(2), json!({"id": 1, "name": "Tower"}), json!(17)),
        ] {
            let answer = read(json!({
                "text": text, "name": name, "number": number, "truth": true,
                "day": "2026-03-02", "moment": "2026-03-02T10:00:00Z",
            }));
            assert_eq!(answer.text.as_deref(), Some("2"));
            assert_eq!(answer.name.as_deref(), Some("Tower"));
            assert_eq!((answer.number, answer.truth), (Some(17), true));
            assert_eq!(answer.day, Some(Date::constant(2026, 3, 2)));
            assert_eq!(answer.moment.unwrap().as_second(), 1_772_445_600);
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_a_listing_unreadable(text: String, number: f64) {
            for odd in [json!(null), json!(text), json!(number), json!([text]), json!({"name": [number]}), json!({"a": text})] {
                let answer = read(json!({
                    "text": odd, "name": odd, "number": odd, "truth": odd, "day": odd, "moment": odd,
                }));
                prop_assert!(!answer.truth);
                prop_assert!(answer.text.is_none_or(|text| !text.trim().is_empty()));
            }
            let nothing = read(json!({}));
            prop_assert!(nothing.name.is_none() && nothing.number.is_none() && nothing.day.is_none() && nothing.moment.is_none());
        }
    }
}
