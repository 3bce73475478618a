//! Request parameters in Rails' way: `rfi[question][body]=…` in forms and queries is the same as nested JSON, and
//! numbers and truths may come as text.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::refusal::{FieldErrors, Refusal};
use crate::world::Id;

/// Puts `value` at a bracketed name such as `a[b][]`.
pub(crate) fn insert(root: &mut Map<String, Value>, name: &str, value: Value) {
    let mut keys = name.split('[').map(|part| part.trim_end_matches(']'));
    let Some(first) = keys.next() else { return };
    let keys: Vec<&str> = keys.collect();
    insert_at(root.entry(first.to_owned()).or_insert(Value::Null), &keys, value);
}

fn insert_at(place: &mut Value, keys: &[&str], value: Value) {
    match keys {
        [] => *place = value,
        ["", rest @ ..] => {
            if !place.is_array() {
                *place = Value::Array(Vec::new());
            }
            let Some(list) = place.as_array_mut() else { return };
            match rest {
                // `a[][b]` fills the last element until `b` is taken, as Rack does.
                [key, ..] => {
                    let open = list
                        .last()
                        .is_some_and(|last| last.is_object() && last.get(*key).is_none());
                    if !open {
                        list.push(Value::Object(Map::new()));
                    }
                    if let Some(last) = list.last_mut() {
                        insert_at(last, rest, value);
                    }
                }
                [] => list.push(value),
            }
        }
        [key, rest @ ..] => {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            if let Some(object) = place.as_object_mut() {
                insert_at(object.entry((*key).to_owned()).or_insert(Value::Null), rest, value);
            }
        }
    }
}

/// Parses an urlencoded string.
pub(crate) fn parse_urlencoded(text: &str) -> Value {
    let mut root = Map::new();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        insert(&mut root, &name, Value::String(value.into_owned()));
    }
    Value::Object(root)
}

/// Reads typed fields out of one JSON object and collects every complaint, so that a caller learns of all at once.
pub(crate) struct Fields<'a> {
    values: &'a Value,
    errors: FieldErrors,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(values: &'a Value) -> Self {
        Self {
            values,
            errors: FieldErrors::new(),
        }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        let mut place = self.values;
        for key in name.split('.') {
            place = place.get(key)?;
        }
        (!place.is_null()).then_some(place)
    }

    /// Whether the request names the field at all, be it to clear it.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.values.get(name).is_some()
    }

    pub(crate) fn complain(&mut self, name: &str, complaint: &str) {
        self.errors
            .entry(name.to_owned())
            .or_default()
            .push(complaint.to_owned());
    }

    fn parsed<T>(&mut self, name: &str, complaint: &str, parse: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = self.get(name)?;
        if value.as_str() == Some("") {
            return None;
        }
        let parsed = parse(value);
        if parsed.is_none() {
            self.complain(name, complaint);
        }
        parsed
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.parsed(name, "must be a text", |value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }

    pub(crate) fn required_text(&mut self, name: &str) -> String {
        let text = self.text(name).unwrap_or_default();
        if text.trim().is_empty() && !self.errors.contains_key(name) {
            self.complain(name, "can't be blank");
        }
        text
    }

    pub(crate) fn integer(&mut self, name: &str) -> Option<i64> {
        self.parsed(name, "is not a number", |value| match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        })
    }

    pub(crate) fn id(&mut self, name: &str) -> Option<Id> {
        self.parsed(name, "is not an id", as_id)
    }

    pub(crate) fn ids(&mut self, name: &str) -> Vec<Id> {
        self.parsed(name, "must be a list of ids", |value| match value {
            Value::Array(values) => values.iter().map(as_id).collect(),
            single => as_id(single).map(|id| vec![id]),
        })
        .unwrap_or_default()
    }

    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        self.parsed(name, "must be a list of texts", |value| match value {
            Value::Array(values) => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
            Value::String(text) => Some(vec![text.clone()]),
            _ => None,
        })
        .unwrap_or_default()
    }

    pub(crate) fn decimal(&mut self, name: &str) -> Option<f64> {
        self.parsed(name, "is not a number", |value| match value {
            Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            other => other.as_f64(),
        })
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        self.parsed(name, "must be true or false", |value| match value {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) => match text.as_str() {
                "true" | "1" | "on" => Some(true),
                "false" | "0" | "off" => Some(false),
                _ => None,
            },
            Value::Number(number) => match number.as_i64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            _ => None,
        })
    }

    pub(crate) fn date(&mut self, name: &str) -> Option<Date> {
        self.parsed(name, "is not a date (YYYY-MM-DD)", |value| {
            let text = value.as_str()?;
            text.get(..10).unwrap_or(text).parse().ok()
        })
    }

    pub(crate) fn timestamp(&mut self, name: &str) -> Option<Timestamp> {
        self.parsed(name, "is not an ISO 8601 time", |value| value.as_str()?.parse().ok())
    }

    /// Ends the reading: everything is well, or all the complaints.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Invalid(self.errors))
        }
    }
}

fn as_id(value: &Value) -> Option<Id> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_make_nested_values() {
        let parsed = parse_urlencoded("rfi[question][body]=Why%3F&rfi[ids][]=1&rfi[ids][]=2&page=3");
        assert_eq!(
            parsed,
            json!({"rfi": {"question": {"body": "Why?"}, "ids": ["1", "2"]}, "page": "3"})
        );
    }

    #[test]
    fn brackets_make_lists_of_objects() {
        let parsed =
            parse_urlencoded("segments[][size]=1&segments[][sha256]=a&segments[][size]=2&segments[][sha256]=b");
        assert_eq!(
            parsed,
            json!({"segments": [{"size": "1", "sha256": "a"}, {"size": "2", "sha256": "b"}]})
        );
    }

    #[test]
    fn all_complaints_come_at_once() {
        let values = json!({"due_date": "soon", "private": "perhaps"});
        let mut fields = Fields::of(&values);
        fields.required_text("subject");
        fields.date("due_date");
        fields.boolean("private");
        let Err(Refusal::Invalid(errors)) = fields.finish() else {
            panic!("complaints expected")
        };
        assert_eq!(errors.keys().collect::<Vec<_>>(), ["due_date", "private", "subject"]);
    }
}
