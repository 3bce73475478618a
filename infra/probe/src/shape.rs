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
}
