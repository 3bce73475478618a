//! Reads fields of answers that may be missing, or be written in another way than documented.
//!
//! One odd field never makes an answer unreadable, and one odd entry never a list. What [`Fields`] cannot read it leaves out and
//! remembers, for the copy to say so. Fields that nobody is told of are read by serde with the functions further below.

use gusset_domain::items::{Decimal, Unreadable};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A value that is not what its field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Odd;

/// What a value says, if anything.
pub(super) type Reading<T> = Result<Option<T>, Odd>;

/// The fields of one object.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    unreadable: Vec<Unreadable>,
}

impl<'a> Fields<'a> {
    /// The fields of a value, where it is an object.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(|object| Self {
            object,
            unreadable: Vec::new(),
        })
    }

    /// Whether the object has such a field, be it `null`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// A field as it stands there. `null` is as good as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Reads a field that people know as `title`. What cannot be read is remembered.
    pub(super) fn told<T>(
        &mut self,
        name: &str,
        title: &'static str,
        read: impl Fn(&'a Value) -> Reading<T>,
    ) -> Option<T> {
        let value = self.get(name)?;
        match read(value) {
            Ok(found) => found,
            Err(Odd) => {
                self.cannot_read(title, value);
                None
            }
        }
    }

    /// Reads a field of which nobody needs to know: what cannot be read is nothing.
    pub(super) fn quiet<T>(&self, name: &str, read: impl Fn(&'a Value) -> Reading<T>) -> Option<T> {
        read(self.get(name)?).unwrap_or_default()
    }

    /// Remembers that a field cannot be read, once.
    pub(super) fn cannot_read(&mut self, title: &'static str, value: &Value) {
        if self.unreadable.iter().any(|known| known.field == title) {
            return;
        }
        let said = match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        self.unreadable.push(Unreadable::new(title, said.as_deref()));
    }

    /// What could not be read.
    pub(super) fn unreadable(self) -> Vec<Unreadable> {
        self.unreadable
    }
}

/// A text as it was written, or a number as text. Blank ones are nothing.
pub(super) fn as_written(value: &Value) -> Reading<String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(Odd),
    }
}

/// A text without spaces around it, or a number as text. Blank ones are nothing.
pub(super) fn as_text(value: &Value) -> Reading<String> {
    as_written(value).map(|text| text.map(|text| text.trim().to_owned()))
}

/// A text, or the name of something.
pub(super) fn as_name(value: &Value) -> Reading<String> {
    let Value::Object(object) = value else {
        return as_text(value);
    };
    if object.is_empty() {
        return Ok(None);
    }
    let names = ["name", "node_name", "label", "login"].into_iter();
    let mut found = names.filter_map(|name| as_text(object.get(name)?).ok().flatten());
    // Something is named, and not by a name.
    found.next().map(Some).ok_or(Odd)
}

/// A whole number, be it as text or with zeros behind its point. Negative ones are odd.
pub(super) fn as_count(value: &Value) -> Reading<u64> {
    let Some(number) = as_decimal(value)? else {
        return Ok(None);
    };
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_whole = fraction.bytes().all(|digit| digit == b'0');
    let whole = whole.parse().ok().filter(|_| is_whole);
    whole.map(Some).ok_or(Odd)
}

/// A decimal number, be it as text.
pub(super) fn as_decimal(value: &Value) -> Reading<Decimal> {
    let text = match value {
        Value::Number(number) => match number.as_f64().filter(|_| !number.is_i64() && !number.is_u64()) {
            // Without an exponent, whatever its size.
            Some(float) => float.to_string(),
            None => number.to_string(),
        },
        other => match as_text(other)? {
            Some(text) => text,
            None => return Ok(None),
        },
    };
    text.parse().map(Some).map_err(|_| Odd)
}

/// Yes or no, be it as text or number.
pub(super) fn as_truth(value: &Value) -> Reading<bool> {
    match value {
        Value::Bool(truth) => Ok(Some(*truth)),
        other => match as_text(other)?.map(|text| text.to_ascii_lowercase()).as_deref() {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(Odd),
        },
    }
}

/// A day, or the day of a time where that was written.
pub(super) fn as_day(value: &Value) -> Reading<Date> {
    let Some(text) = as_text(value)? else {
        return Ok(None);
    };
    let (day, time) = text.split_at_checked(10).ok_or(Odd)?;
    if !time.is_empty() && !time.starts_with(['T', ' ']) {
        return Err(Odd);
    }
    day.parse().map(Some).map_err(|_| Odd)
}

/// A moment. A time without a zone, and a day without a time, are UTC.
pub(super) fn as_moment(value: &Value) -> Reading<Timestamp> {
    let Some(text) = as_text(value)? else {
        return Ok(None);
    };
    if let Ok(moment) = text.parse() {
        return Ok(Some(moment));
    }
    let local: DateTime = text.parse().map_err(|_| Odd)?;
    let zoned = local.to_zoned(TimeZone::UTC).map_err(|_| Odd)?;
    Ok(Some(zoned.timestamp()))
}

/// An id, be it as text. 0 is nobody's.
pub(super) fn as_id<T>(new: impl Fn(u64) -> Option<T>) -> impl Fn(&Value) -> Reading<T> {
    move |value| Ok(as_count(value)?.and_then(&new))
}

/// The entries of a list. One entry that stands there without a list around it is a list.
pub(super) fn as_list(value: &Value) -> Reading<&[Value]> {
    match value {
        Value::Null => Ok(None),
        Value::Array(entries) => Ok(Some(entries)),
        Value::Object(object) if object.is_empty() => Ok(None),
        Value::Object(_) => Ok(Some(std::slice::from_ref(value))),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Err(Odd),
    }
}

// For fields of which nobody is told, in structs that serde reads.

/// A text that is not blank, or a number as text.
pub(super) fn text<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    quietly(field, as_text)
}

/// A text, or the name of something.
pub(super) fn name<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    quietly(field, as_name)
}

/// A whole number, be it as text.
pub(super) fn number<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u64>, D::Error> {
    quietly(field, as_count)
}

/// Only what is said to be so.
pub(super) fn truth<'de, D: Deserializer<'de>>(field: D) -> Result<bool, D::Error> {
    quietly(field, as_truth).map(|truth| truth == Some(true))
}

/// A day, or the day of a time.
pub(super) fn day<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Date>, D::Error> {
    quietly(field, as_day)
}

/// A moment.
pub(super) fn moment<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Timestamp>, D::Error> {
    quietly(field, as_moment)
}

fn quietly<'de, D: Deserializer<'de>, T>(field: D, read: impl Fn(&Value) -> Reading<T>) -> Result<Option<T>, D::Error> {
    Value::deserialize(field).map(|value| read(&value).unwrap_or_default())
}

#[cfg(test)]
pub(super) mod tests {
    use gusset_domain::ids::UserId;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Any JSON, and what looks like something.
    pub(in crate::procore) fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(|truth| json!(truth)),
            any::<i64>().prop_map(|number| json!(number)),
            any::<f64>().prop_map(|number| json!(number)),
            any::<String>().prop_map(|text| json!(text)),
            "[0-9T:Z.,€ -]{0,20}".prop_map(|text| json!(text)),
            Just(json!({"id": 0})),
            Just(json!("2026-12-01T00:00:00Z")),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(|list| json!(list)),
                proptest::collection::btree_map("id|name|value|status|url|[a-z]{1,4}", inner, 0..3)
                    .prop_map(|map| json!(map)),
            ]
        })
    }

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

    #[test]
    fn each_way_of_writing_a_value_is_the_value() {
        for (value, count) in [
            (json!(4), Ok(Some(4))),
            (json!("4"), Ok(Some(4))),
            (json!(4.0), Ok(Some(4))),
            (json!(" 4.00 "), Ok(Some(4))),
            (json!(""), Ok(None)),
            (json!(4.5), Err(Odd)),
            (json!(-1), Err(Odd)),
            (json!([4]), Err(Odd)),
        ] {
            assert_eq!(as_count(&value), count, "{value}");
        }
        for (value, amount) in [
            (json!("1200.00"), "1200.00"),
            (json!(1.5), "1.5"),
            (json!(1e20), "100000000000000000000"),
        ] {
            assert_eq!(as_decimal(&value).unwrap().unwrap().to_string(), amount, "{value}");
        }
        let day = Date::constant(2026, 12, 1);
        for value in ["2026-12-01", "2026-12-01T00:00:00Z", "2026-12-01 10:00:00 -1000"] {
            assert_eq!(as_day(&json!(value)), Ok(Some(day)), "{value}");
        }
        for value in [
            json!("12/01/2026"),
            json!("2026-12-011"),
            json!("2026-13-01"),
            json!(20261201),
        ] {
            assert_eq!(as_day(&value), Err(Odd), "{value}");
        }
        for (value, second) in [("2026-03-02T10:00:00", 1_772_445_600), ("2026-03-02", 1_772_409_600)] {
            assert_eq!(
                as_moment(&json!(value)).unwrap().unwrap().as_second(),
                second,
                "{value}"
            );
        }
        assert_eq!(as_id(UserId::new)(&json!({"id": 0})), Err(Odd));
        assert_eq!(as_id(UserId::new)(&json!(0)), Ok(None));
        assert_eq!(as_id(UserId::new)(&json!("17")), Ok(UserId::new(17)));
        assert_eq!(as_name(&json!({"id": 5})), Err(Odd));
    }

    #[test]
    fn what_cannot_be_read_is_remembered_with_what_stood_there() {
        let answer = json!({"date": "soon", "hours": {"a": 1}, "workers": null, "name": "Volt"});
        let mut fields = Fields::of(&answer).unwrap();
        assert_eq!(fields.told("date", "Day", as_day), None);
        assert_eq!(fields.told("hours", "Hours", as_decimal), None);
        assert_eq!(fields.told("workers", "Workers", as_count), None);
        assert_eq!(fields.told("name", "Company", as_name).as_deref(), Some("Volt"));
        let said: Vec<String> = fields.unreadable().iter().map(ToString::to_string).collect();
        assert_eq!(said, ["Day could not be read: soon", "Hours could not be read"]);
    }

    proptest! {
        #[test]
        fn nothing_makes_a_listing_unreadable(text: String, number: f64) {
            for odd in [json!(null), json!(text), json!(number), json!([text]), json!({"name": [number]}), json!({"a": text})] {
                let answer = read(json!({
                    "text": odd, "name": odd, "number": odd, "truth": odd, "day": odd, "moment": odd,
                }));
                prop_assert!(answer.text.is_none_or(|text| !text.trim().is_empty()));
            }
            let nothing = read(json!({}));
            prop_assert!(nothing.name.is_none() && nothing.number.is_none() && nothing.day.is_none() && nothing.moment.is_none());
        }
    }
}
