//! What an answer looks like without what it says.

use serde_json::{Map, Value, json};

/// The names and types of `value`: a list is the shape of its first element. Nothing of its contents remains but the
/// names of its fields.
#[must_use]
pub fn shape(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("boolean"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("text"),
        Value::Array(items) => Value::Array(items.first().map(shape).into_iter().collect()),
        Value::Object(fields) => {
            let named = fields.iter().map(|(name, value)| (name.clone(), shape(value)));
            Value::Object(named.collect::<Map<_, _>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_says_nothing_of_the_contents() {
        let answer = json!([{ "id": 7, "subject": "Secret", "draft": true, "due": null }]);
        assert_eq!(
            shape(&answer),
            json!([{ "id": "number", "subject": "text", "draft": "boolean", "due": "null" }])
        );
    }
}
