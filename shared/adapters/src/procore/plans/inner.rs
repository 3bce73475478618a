//! What lies within an entry of a list: entries of its own, and what is named by an id or an address. What cannot be read is
//! left out, and of entries it is known then that they are not all.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// Entries within an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inner<T> {
    /// Those that can be read.
    pub(super) all: Vec<T>,
    /// Whether these are all.
    pub(super) whole: bool,
}

/// Nothing is said of them.
impl<T> Default for Inner<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            whole: false,
        }
    }
}

/// Entries of a list within an answer. Not whole where there is no list, or one of them cannot be read.
pub(super) fn entries<'de, D: Deserializer<'de>, T: DeserializeOwned>(field: D) -> Result<Inner<T>, D::Error> {
    let Value::Array(values) = Value::deserialize(field)? else {
        return Ok(Inner::default());
    };
    let count = values.len();
    let read = |value| serde_json::from_value(value).ok();
    let all: Vec<T> = values.into_iter().filter_map(read).collect();
    Ok(Inner {
        whole: all.len() == count,
        all,
    })
}

/// Something of its own, where it can be read.
pub(super) fn readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(field: D) -> Result<Option<T>, D::Error> {
    Value::deserialize(field).map(|value| serde_json::from_value(value).ok())
}

/// The id of something, or an id.
pub(super) fn id<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u64>, D::Error> {
    let value = Value::deserialize(field)?;
    Ok(as_id(value.get("id").unwrap_or(&value)))
}

/// An id, be it as text.
pub(super) fn as_id(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The address of something.
pub(super) fn url<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(field)?;
    let url = value.get("url").and_then(Value::as_str).map(str::trim);
    Ok(url.filter(|url| !url.is_empty()).map(str::to_owned))
}

/// Only what is said not to be so.
pub(super) fn falsehood<'de, D: Deserializer<'de>>(field: D) -> Result<bool, D::Error> {
    Value::deserialize(field).map(|value| value == Value::Bool(false))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Deserialize)]
    struct Answer {
        #[serde(default, deserialize_with = "entries")]
        entries: Inner<u64>,
        #[serde(default, deserialize_with = "readable")]
        own: Option<Vec<u64>>,
        #[serde(default, deserialize_with = "id")]
        id: Option<u64>,
        #[serde(default, deserialize_with = "url")]
        url: Option<String>,
        #[serde(default, deserialize_with = "falsehood")]
        denied: bool,
    }

    fn read(answer: Value) -> Answer {
        serde_json::from_value(answer).unwrap()
    }

    #[test]
    fn what_can_be_read_is_read_and_what_cannot_makes_it_less_than_whole() {
        let whole =
            read(json!({"entries": [1, 2], "own": [3], "id": {"id": "7"}, "url": {"url": " a "}, "denied": false}));
        assert_eq!((whole.entries.all, whole.entries.whole), (vec![1, 2], true));
        assert_eq!(
            (whole.own, whole.id, whole.url.as_deref()),
            (Some(vec![3]), Some(7), Some("a"))
        );
        assert!(whole.denied);
        for odd in [json!(null), json!("x"), json!(7.5), json!([1, "x"]), json!({"a": 1})] {
            let answer = read(json!({"entries": odd, "own": odd, "id": odd, "url": odd, "denied": odd}));
            assert!(!answer.entries.whole && answer.entries.all.len() < 2);
            assert!(answer.own.is_none() && answer.id.is_none() && answer.url.is_none() && !answer.denied);
        }
        assert!(!read(json!({})).entries.whole);
    }
}
