//! Why a form did not do what it was to do, on its way to the page with the form.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gusset_domain::text::shortened;
use serde::{Deserialize, Serialize};

use super::{Cookie, Incoming, Problem};

/// Holds the words: in a cookie nobody else can put any.
const COOKIE: &str = "gusset_notice";

/// How long the page may take to be asked for.
const LASTS: Duration = Duration::from_secs(60);

/// The most bytes of the cookie's value. API Gateway takes 10,240 of all headers together, browsers 4,096 of a cookie.
const MAX_BYTES: usize = 960;

/// What is said on top of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// A few words.
    pub title: String,
    /// What is wrong, and what to do about it.
    pub detail: String,
}

impl Notice {
    /// What a request brings along.
    #[must_use]
    pub fn of(incoming: &Incoming) -> Option<Self> {
        let words = URL_SAFE_NO_PAD.decode(incoming.cookie(COOKIE)?).ok()?;
        serde_json::from_slice(&words).ok()
    }

    /// Takes it out of the browser: it is said only once.
    #[must_use]
    pub fn said(incoming: &Incoming) -> Cookie {
        Cookie::gone(COOKIE, incoming)
    }

    /// The cookie that carries a problem's words to the page. What is too long for it is left out of the middle.
    #[must_use]
    pub(super) fn cookie(problem: &Problem, incoming: &Incoming) -> Cookie {
        Cookie::new(COOKIE, value(&problem.title, &problem.detail), LASTS, incoming)
    }
}

fn value(title: &str, detail: &str) -> String {
    // How many bytes a letter takes, in UTF-8 or escaped, is seen when it is written.
    let mut most = MAX_BYTES;
    loop {
        let words = Notice {
            title: shortened(title, most.min(80)),
            detail: shortened(detail, most),
        };
        let value = URL_SAFE_NO_PAD.encode(serde_json::json!(words).to_string());
        if value.len() <= MAX_BYTES {
            return value;
        }
        most /= 2;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(value: &str) -> Notice {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).unwrap()).unwrap()
    }

    #[test]
    fn what_fits_is_said_as_it_is() {
        let (title, detail) = ("Please check this field", "limit is a whole number from 1 to 100.");
        let notice = read(&value(title, detail));
        assert_eq!((notice.title.as_str(), notice.detail.as_str()), (title, detail));
    }

    #[test]
    fn what_does_not_fit_keeps_its_beginning_and_its_end() {
        let detail = format!("unknown field `{}`, expected `code`", "x".repeat(20_000));
        let notice = read(&value("Title", &detail));
        assert!(notice.detail.starts_with("unknown field `xxx") && notice.detail.ends_with("expected `code`"));
    }

    proptest! {
        #[test]
        fn no_words_make_the_cookie_larger_than_it_may_be(title in ".{0,3000}", detail in "[\\x00-\\x{10ffff}]{0,3000}") {
            let value = value(&title, &detail);
            prop_assert!(value.len() <= MAX_BYTES);
            read(&value);
        }
    }
}
