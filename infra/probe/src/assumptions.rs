//! What Gusset assumes of Procore, and the judging of what was found.

use serde_json::Value;

/// One thing that Gusset relies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumption {
    /// Unique among the assumptions.
    pub name: &'static str,
    /// What the reference says.
    pub expected: &'static str,
    /// What a difference would mean for Gusset.
    pub consequence: &'static str,
}

/// An answer of Procore's, as far as it is judged.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Null where the answer was no JSON.
    pub body: Value,
}

impl Answer {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Whether an answer is as assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As assumed.
    Same,
    /// Otherwise: what was found, without contents.
    Differs(String),
}

fn verdict(same: bool, found: impl Into<String>) -> Verdict {
    if same {
        Verdict::Same
    } else {
        Verdict::Differs(found.into())
    }
}

/// A token's life is 5,400 seconds.
#[must_use]
pub fn token_life(answer: &Answer) -> Verdict {
    let life = answer.body["expires_in"].as_u64();
    verdict(
        life == Some(5_400),
        format!("{life:?} seconds, status {}", answer.status),
    )
}

/// A wrong secret is `invalid_client`, with 400 or 401.
#[must_use]
pub fn wrong_secret(answer: &Answer) -> Verdict {
    let same = matches!(answer.status, 400 | 401) && answer.body["error"] == "invalid_client";
    verdict(same, format!("status {}, another `error`", answer.status))
}

/// The call was refused with 4xx.
#[must_use]
pub fn refused(answer: &Answer) -> Verdict {
    verdict((400..500).contains(&answer.status), format!("status {}", answer.status))
}

/// The call was refused with 401 or 403.
#[must_use]
pub fn not_connected(answer: &Answer) -> Verdict {
    verdict(matches!(answer.status, 401 | 403), format!("status {}", answer.status))
}

/// The call succeeded with JSON.
#[must_use]
pub fn answered(answer: &Answer) -> Verdict {
    verdict(
        answer.status == 200 && !answer.body.is_null(),
        format!("status {}", answer.status),
    )
}

/// A list of v1 with a `Total`.
#[must_use]
pub fn list_with_total(answer: &Answer) -> Verdict {
    let total = answer.header("total").and_then(|text| text.parse::<u64>().ok());
    let same = answer.status == 200 && answer.body.is_array() && total.is_some();
    verdict(same, format!("status {}, total {total:?}", answer.status))
}

/// A list of v1, paged or not.
#[must_use]
pub fn list(answer: &Answer) -> Verdict {
    verdict(
        answer.status == 200 && answer.body.is_array(),
        format!("status {}", answer.status),
    )
}

/// A list of v2, in `data`.
#[must_use]
pub fn wrapped_list(answer: &Answer) -> Verdict {
    let same = answer.status == 200 && answer.body["data"].is_array();
    verdict(same, format!("status {}", answer.status))
}

/// The three headers of the limits, all numbers.
#[must_use]
pub fn limits(answer: &Answer) -> Verdict {
    let missing: Vec<&str> = ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"]
        .into_iter()
        .filter(|name| answer.header(name).is_none_or(|value| value.parse::<u64>().is_err()))
        .collect();
    verdict(
        missing.is_empty(),
        format!("missing or no number: {}", missing.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: Value) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            body,
        }
    }

    #[test]
    fn a_wrong_secret_is_told_by_its_word() {
        assert_eq!(
            wrong_secret(&answer(401, json!({ "error": "invalid_client" }))),
            Verdict::Same
        );
        assert_ne!(wrong_secret(&answer(400, json!({ "error": "other" }))), Verdict::Same);
    }

    #[test]
    fn a_list_without_a_total_differs() {
        let mut list = answer(200, json!([]));
        assert_ne!(list_with_total(&list), Verdict::Same);
        list.headers.push(("total".to_owned(), "0".to_owned()));
        assert_eq!(list_with_total(&list), Verdict::Same);
    }

    #[test]
    fn another_life_of_a_token_differs() {
        assert_eq!(token_life(&answer(200, json!({ "expires_in": 5400 }))), Verdict::Same);
        assert_ne!(token_life(&answer(200, json!({ "expires_in": 7200 }))), Verdict::Same);
    }
}
