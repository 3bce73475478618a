//! What an answer looks like without what it says.

use serde_json::{Map, Value, json};

/// The names and types of `value`. A list has the shapes of its elements, each once. Nothing of the contents remains but the
/// names of fields.
#[must_use]
pub fn shape(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("bool"),
        Value::Number(number) if number.is_f64() => json!("number"),
        Value::Number(_) => json!("int"),
        Value::String(_) => json!("str"),
        Value::Array(entries) => {
            let mut shapes: Vec<Value> = Vec::new();
            for shape in entries.iter().map(shape) {
                if !shapes.contains(&shape) {
                    shapes.push(shape);
                }
            }
            Value::Array(shapes)
        }
        Value::Object(fields) => {
            let shapes = fields.iter().map(|(name, value)| (name.clone(), shape(value)));
            Value::Object(shapes.collect::<Map<_, _>>())
        }
    }
}

/// A difference from the contract without the value that differs. None where an answer merely has more than is described.
#[must_use]
pub fn without_contents(difference: &str) -> Option<String> {
    if difference.ends_with("is not described") && !difference.starts_with("the answer's status") {
        return None;
    }
    // `the answer.id is "7", not a whole number`: the place comes first, and what was expected last.
    let told = difference.split_once(" is ").and_then(|(place, rest)| {
        let (_, expected) = rest.rsplit_once(", not ")?;
        Some(format!("{place} is not {expected}"))
    });
    Some(told.unwrap_or_else(|| difference.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_says_nothing_of_the_contents() {
        let answer = json!([{"id": 7, "subject": "Secret", "draft": true, "due": null}, {"id": 8, "subject": "", "draft": false, "due": null}]);
        assert_eq!(
            shape(&answer),
            json!([{"id": "int", "subject": "str", "draft": "bool", "due": "null"}])
        );
        assert_eq!(shape(&json!([1, 1.5, 2])), json!(["int", "number"]));
    }

    #[test]
    fn a_difference_is_told_without_the_value() {
        let told = |text| without_contents(text);
        assert_eq!(
            told(r#"the answer.name is "A, not B is C", not a whole number"#).unwrap(),
            "the answer.name is not a whole number"
        );
        assert_eq!(told("the answer.id is required").unwrap(), "the answer.id is required");
        assert_eq!(told("the answer.ball_color is not described"), None);
        assert!(told("the answer's status 202 is not described").is_some());
    }
}
